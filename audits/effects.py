"""What else a move of an audit does: database rows only, in the order of the table."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from audits.models import Audit, AuditPlace, DocumentRequest, Meeting, RequirementVersion, TeamMember
from audits.snapshot import differences, snapshot
from audits.states import ACKNOWLEDGING
from notices import actions as notices
from notices.models import Notice
from people.models import StandingRole, User
from workflow import moment
from workflow.door import Effect, Step
from workflow.trail import plain

Role = StandingRole.Role


def _facts(audit: Audit, **more: Any) -> dict[str, Any]:
    """What a notice says of an audit: facts, names in both languages; the sentence is made when it is read."""
    customer: Any = audit.customer.in_both() if audit.customer else audit.customer_name
    start, end = (str(day or "") for day in (audit.planned_start, audit.planned_end))
    return {"number": audit.number, "customer": customer, "start": start, "end": end, **more}


def _tell(step: Step, kind: str, people: Any, key: str = "", /, *, needs_answer: bool = False, **more: Any) -> None:
    audit = step.subject
    notices.tell(
        {person for person in people if person is not None and person != step.by},
        kind,
        # The version is part of it: a post that goes there and back is told each time.
        f"{audit.number}:{step.move}:{key}{audit.version}",
        url=audit.get_absolute_url(),
        facts=_facts(audit, by=step.by.in_both(), **more),
        needs_answer=needs_answer,
        topic=topic(audit) if kind == "audit_notice" else "",
    )


def topic(audit: Audit) -> str:
    """What the notices of one audit that ask for a receipt carry, so that they are found by an index."""
    return f"notice:{audit.number}"


def save_rows(step: Step) -> None:
    """The rows below the request form: sites with their contacts, the customer's auditors, the document list."""
    audit, facts = step.subject, step.facts
    if "sites" in facts:
        kept = {place.site_id for place in audit.places.all()}
        wanted = {site.pk: site for site in facts["sites"]}
        audit.places.exclude(site_id__in=wanted).delete()
        AuditPlace.objects.bulk_create(
            AuditPlace(audit=audit, site=site, contact_id=site.contact_id)
            for pk, site in wanted.items()
            if pk not in kept
        )
    if "auditors" in facts:
        audit.auditors.all().delete()
        audit.auditors.bulk_create([audit.auditors.model(audit=audit, **row) for row in facts["auditors"]])
    if "documents" in facts:
        audit.documents.all().delete()
        DocumentRequest.objects.bulk_create(DocumentRequest(audit=audit, item=item) for item in facts["documents"])


def save_team(step: Step) -> None:
    audit = step.subject
    audit.team.all().delete()
    TeamMember.objects.bulk_create(
        TeamMember(audit=audit, user=member["user"], duty=member["duty"], outside_pool_reason=member["reason"])
        for member in step.facts.get("team", [])
    )


def save_meeting(step: Step) -> None:
    kinds = {"start": Meeting.Kind.OPENING, "hold_closing": Meeting.Kind.CLOSING}
    facts = step.facts
    if not (facts.get("minutes") or facts.get("attendees")):
        return
    Meeting.objects.create(
        audit=step.subject,
        kind=kinds.get(step.move) or facts["kind"],
        held_at=step.at,
        entered_at=moment.now(),
        minutes=facts.get("minutes", ""),
        attendees=facts.get("attendees", ""),
        recorded_by=step.by,
    )


def keep_version(step: Step) -> None:
    """After the first confirmation every change of the requirement is a version with its differences (A10)."""
    if step.subject.confirmed_version:
        _version(step)


def keep_first_version(step: Step) -> None:
    """A sudden audit is confirmed by its beginning: what is filled in later shows as changes."""
    _version(step)


def _version(step: Step) -> None:
    audit = step.subject
    now_is = plain(snapshot(audit))
    last = audit.versions.first()
    changes = differences(last.snapshot, now_is) if last else []
    if last and not changes:
        return
    number = last.number + 1 if last else 1
    RequirementVersion.objects.create(
        audit=audit, number=number, snapshot=now_is, changes=changes, by=step.by, at=moment.now()
    )
    Audit.objects.filter(pk=audit.pk).update(confirmed_version=number)
    audit.confirmed_version = number
    if last:
        _tell(
            step,
            "audit_changed",
            everyone_concerned(audit),
            f"v{number}",
            version=number,
            changes=changes,
            reason=step.facts.get("reason", ""),
        )


def everyone_concerned(audit: Audit) -> set[User]:
    """Leader, lead escort, team, site contacts and the market staff who entered the request."""
    people = {audit.leader, audit.lead_escort}
    people |= {member.user for member in audit.team.select_related("user")}
    people |= {place.contact for place in audit.places.select_related("contact")}
    first = audit.events.filter(move="draft").select_related("by").first()
    people.add(first.by if first else None)
    return {person for person in people if person is not None and person.is_active}


def tell_market(step: Step) -> None:
    _tell(step, "audit_lead", User.objects.holding(Role.MARKET), heard=step.subject.lead_note[:300])


def tell_origin(step: Step) -> None:
    """Whoever passed on the lead hears what became of it."""
    _tell(
        step,
        "audit_lead_taken",
        [step.subject.passed_on_by],
        cancelled=step.move == "cancel",
        reason=step.facts.get("reason", ""),
    )


def tell_leader(step: Step) -> None:
    _tell(step, "audit_appointed", [step.subject.leader], reason=step.facts.get("reason", ""))


def tell_leader_replaced(step: Step) -> None:
    """The new Leader, and everyone else who has to know whom to ask now."""
    audit = step.subject
    _tell(step, "audit_appointed", [audit.leader], "leader", reason=step.facts["reason"])
    _tell(
        step,
        "audit_hands",
        everyone_concerned(audit) - {audit.leader},
        "others",
        leader=audit.leader.in_both(),
        reason=step.facts["reason"],
    )


def tell_escort_replaced(step: Step) -> None:
    audit = step.subject
    _tell(step, "audit_team", [audit.lead_escort], "escort")
    _tell(
        step,
        "audit_hands",
        everyone_concerned(audit) - {audit.lead_escort},
        "others",
        lead_escort=audit.lead_escort.in_both(),
        reason=step.facts["reason"],
    )


def tell_declined(step: Step) -> None:
    _tell(step, "audit_declined", User.objects.holding(Role.MARKET), reason=step.facts["reason"])


def tell_team(step: Step) -> None:
    audit = step.subject
    people = {audit.lead_escort, *(member.user for member in audit.team.select_related("user"))}
    _tell(step, "audit_team", people)


def tell_sudden(step: Step) -> None:
    """The customer is in the house: lead escort, team, and the contacts of the sites hear of it at once."""
    _tell(step, "audit_sudden", everyone_concerned(step.subject), sites=_sites(step.subject))


def send_notice(step: Step) -> None:
    """The audit notice (domain §2.4), to be acknowledged by everyone it names; an older one asks for nothing any more."""
    _notify(step, everyone_concerned(step.subject), step.facts.get("message", ""))


def notify_changed(step: Step) -> None:
    """New dates after the notice: it goes out anew, says what changed, and everyone acknowledges again."""
    sent = _sent_before(step)
    if step.subject.state in ACKNOWLEDGING and sent is not None:
        _notify(step, everyone_concerned(step.subject), sent.facts.get("message", ""), reason=step.facts["reason"])


def notify_joined(step: Step) -> None:
    """Whoever joins once the notice is out gets it too, to be acknowledged like everyone else's."""
    audit, sent = step.subject, _sent(step.subject)
    if audit.state not in ACKNOWLEDGING or sent is None:
        return
    concerned = list(concerned_after(step))
    silent = current_notices(audit).filter(answered_at=None)
    silent.exclude(recipient_id__in=concerned).update(needs_answer=False)
    # Whoever left and comes back is asked with the notice they have.
    silent.filter(recipient_id__in=concerned).update(needs_answer=True)
    have = set(current_notices(audit).values_list("recipient_id", flat=True)) | {sent.by_id}
    joined = [person for pk, person in concerned_after(step).items() if pk not in have]
    first = audit.events.filter(move="send_notice").order_by("-position").first()
    _notify(step, joined, (first or sent).facts.get("message", ""), anew=False)


def _sent(audit: Audit) -> Any:
    """When the notice that counts now was sent: the event, or None."""
    sending = audit.events.filter(Q(move="send_notice") | Q(move="reschedule", target__in=ACKNOWLEDGING))
    last = sending.order_by("-position").first()
    if last is not None and audit.events.filter(move="postpone", position__gt=last.position).exists():
        # Overtaken: after a postponement there is no notice until one is sent anew.
        return None
    return last if last is not None and audit.events.filter(move="send_notice").exists() else None


def _sent_before(step: Step) -> Any:
    """The notice that went out before this move."""
    return step.subject.events.filter(move="send_notice").order_by("-position").first()


def _sites(audit: Audit) -> list[dict[str, str]]:
    return [place.site.in_both() for place in audit.places.select_related("site")]


def _notify(step: Step, people: Iterable[User], message: str, *, anew: bool = True, reason: str = "") -> None:
    audit = step.subject
    if anew:
        # The older notice is history: nobody is asked to acknowledge dates that do not hold.
        stop_asking(step)
    _tell(
        step,
        "audit_notice",
        people,
        needs_answer=True,
        message=message,
        scope=audit.scope,
        kind=audit.kind.in_both() if audit.kind else "",
        sites=_sites(audit),
        reason=reason,
        lead_escort=audit.lead_escort.in_both() if audit.lead_escort else "",
        leader=audit.leader.in_both() if audit.leader else "",
    )


def stop_asking(step: Step) -> None:
    """From here on nobody is asked to acknowledge any more; who never did stays to be seen in the receipts."""
    notice_rows(step.subject).filter(answered_at=None).update(needs_answer=False)


def notice_rows(audit: Audit) -> QuerySet[Notice]:
    """The notices of this audit, to whomever they went, with their receipts."""
    return Notice.objects.filter(topic=topic(audit))


def current_notices(audit: Audit) -> QuerySet[Notice]:
    """Those of the notice that counts now, not of one sent before the dates were changed."""
    sent = _sent(audit)
    return notice_rows(audit).filter(created_at__gte=sent.at) if sent else Notice.objects.none()


def asked(step: Step) -> list[int]:
    """Ids of the people who have the notice, are still concerned after the move, and have not acknowledged it yet."""
    if step.subject.state not in ACKNOWLEDGING:
        return []
    silent = current_notices(step.subject).filter(answered_at=None, recipient_id__in=list(concerned_after(step)))
    return list(silent.order_by("recipient_id").values_list("recipient_id", flat=True).distinct())


def concerned_after(step: Step) -> dict[int, User]:
    """Everyone concerned once the move has saved its rows, by id; looked up once, for every move reads its record anew."""
    kept = vars(step.subject)
    if "_concerned_after" not in kept:
        kept["_concerned_after"] = {person.pk: person for person in everyone_concerned(step.subject)}
    found: dict[int, User] = kept["_concerned_after"]
    return found


def tell_postponed(step: Step) -> None:
    """What, which days, why, and what to do now."""
    _tell(
        step,
        "audit_postponed",
        everyone_concerned(step.subject),
        reason=step.facts["reason"],
        deviation=step.facts["deviation"],
    )


def tell_resumed(step: Step) -> None:
    _tell(step, "audit_resumed", everyone_concerned(step.subject))


def tell_cancelled(step: Step) -> None:
    _tell(step, "audit_cancelled", everyone_concerned(step.subject), reason=step.facts["reason"])


def tell_result(step: Step) -> None:
    _tell(step, "audit_result", everyone_concerned(step.subject), result=step.subject.result, score=step.subject.score)


def tell_moved_on(step: Step) -> None:
    _tell(
        step,
        "audit_moved",
        {step.subject.leader} | set(User.objects.holding(Role.MARKET)),
        state=str(step.subject.state),
    )


EFFECTS: dict[str, tuple[Effect, ...]] = {
    "draft": (save_rows, tell_origin),
    "revise": (save_rows, keep_version, notify_joined),
    "reschedule": (keep_version, notify_changed),
    "appoint_leader": (tell_leader, notify_joined),
    "replace_leader": (tell_leader_replaced, notify_joined),
    "decline": (tell_declined,),
    "name_team": (save_team, tell_team),
    "change_team": (save_team, tell_team, notify_joined),
    "replace_lead_escort": (tell_escort_replaced, notify_joined),
    "confirm": (keep_version,),
    "send_notice": (send_notice,),
    "start": (save_meeting,),
    "start_sudden": (keep_first_version, tell_sudden),
    "record_meeting": (save_meeting,),
    "hold_closing": (save_meeting, stop_asking),
    "record_result": (tell_result,),
    "begin_closure": (tell_moved_on,),
    "close": (tell_moved_on,),
    "review": (tell_moved_on,),
    "archive": (),
    "postpone": (stop_asking, tell_postponed),
    "resume": (keep_version, tell_resumed),
    "cancel": (stop_asking, tell_cancelled, tell_origin),
}
