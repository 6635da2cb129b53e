"""What else a move of an audit does: database rows only, in the order of the table."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from audits import facts
from audits.models import Audit
from audits.records import AuditPlace, DocumentRequest, Meeting, RequirementVersion, TeamMember
from audits.snapshot import differences, snapshot
from audits.states import ACKNOWLEDGING
from lib import moment
from notices import actions as notices
from notices.models import Notice
from people.models import StandingRole, User
from workflow.move import Effect, Moved
from workflow.trail import plain

Role = StandingRole.Role
#: Where an effect reads no fact in particular.
Facts = Mapping[str, Any]


def _facts(audit: Audit, **more: Any) -> dict[str, Any]:
    """What a notice says of an audit: facts, names in both languages; the sentence is made when it is read."""
    customer: Any = audit.customer.in_both() if audit.customer else audit.customer_name
    start, end = (str(day or "") for day in (audit.planned_start, audit.planned_end))
    return {"number": audit.number, "customer": customer, "start": start, "end": end, **more}


def _tell(
    moved: Moved[Audit, Facts], kind: str, people: Any, key: str = "", /, *, needs_answer: bool = False, **more: Any
) -> None:
    audit = moved.subject
    notices.tell(
        {person for person in people if person is not None and person != moved.by},
        kind,
        # The version is part of it: a post that goes there and back is told each time.
        f"{audit.number}:{moved.move}:{key}{audit.version}",
        url=audit.get_absolute_url(),
        facts=_facts(audit, by=moved.by.in_both(), **more),
        needs_answer=needs_answer,
        topic=topic(audit) if kind == "audit_notice" else "",
    )


def topic(audit: Audit) -> str:
    """What the notices of one audit that ask for a receipt carry, so that they are found by an index."""
    return f"notice:{audit.number}"


def save_rows(moved: Moved[Audit, facts.Requirement]) -> None:
    """The rows below the request form: sites with their contacts, the customer's auditors, the document list."""
    audit, facts = moved.subject, moved.facts
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


def save_team(moved: Moved[Audit, facts.Team]) -> None:
    audit = moved.subject
    audit.team.all().delete()
    TeamMember.objects.bulk_create(
        TeamMember(audit=audit, user=member["user"], duty=member["duty"], outside_pool_reason=member["reason"])
        for member in moved.facts.get("team", [])
    )


def save_meeting(kind: Meeting.Kind) -> Effect[Audit, facts.Minutes]:
    """Minutes and attendance of this kind of meeting, where any were given."""

    def save(moved: Moved[Audit, facts.Minutes]) -> None:
        _save_meeting(moved, kind)

    return save


def save_meeting_as_told(moved: Moved[Audit, facts.Meeting]) -> None:
    _save_meeting(moved, moved.facts["kind"])


def _save_meeting(moved: Moved[Audit, facts.Minutes], kind: str) -> None:
    minutes, attendees = moved.facts.get("minutes", ""), moved.facts.get("attendees", "")
    if not (minutes or attendees):
        return
    Meeting.objects.create(
        audit=moved.subject,
        kind=kind,
        held_at=moved.at,
        entered_at=moment.now(),
        minutes=minutes,
        attendees=attendees,
        recorded_by=moved.by,
    )


def keep_version(moved: Moved[Audit, Facts]) -> None:
    """After the first confirmation every change of the requirement is a version with its differences (A10)."""
    if moved.subject.confirmed_version:
        _version(moved)


def keep_first_version(moved: Moved[Audit, Facts]) -> None:
    """A sudden audit is confirmed by its beginning: what is filled in later shows as changes."""
    _version(moved)


def _version(moved: Moved[Audit, Facts]) -> None:
    audit = moved.subject
    now_is = plain(snapshot(audit))
    last = audit.versions.first()
    changes = differences(last.snapshot, now_is) if last else []
    if last and not changes:
        return
    number = last.number + 1 if last else 1
    RequirementVersion.objects.create(
        audit=audit, number=number, snapshot=now_is, changes=changes, by=moved.by, at=moment.now()
    )
    Audit.objects.filter(pk=audit.pk).update(confirmed_version=number)
    audit.confirmed_version = number
    if last:
        _tell(
            moved,
            "audit_changed",
            everyone_concerned(audit),
            f"v{number}",
            version=number,
            changes=changes,
            reason=moved.facts.get("reason", ""),
        )


def everyone_concerned(audit: Audit) -> set[User]:
    """Leader, lead escort, team, site contacts and the market staff who entered the request."""
    people = {audit.leader, audit.lead_escort}
    people |= {member.user for member in audit.team.select_related("user")}
    people |= {place.contact for place in audit.places.select_related("contact")}
    first = audit.events.filter(move="draft").select_related("by").first()
    people.add(first.by if first else None)
    return {person for person in people if person is not None and person.is_active}


def tell_market(moved: Moved[Audit, Facts]) -> None:
    _tell(moved, "audit_lead", User.objects.holding(Role.MARKET), heard=moved.subject.lead_note[:300])


def tell_origin(moved: Moved[Audit, Facts]) -> None:
    """Whoever passed on the lead hears what became of it."""
    _tell(
        moved,
        "audit_lead_taken",
        [moved.subject.passed_on_by],
        cancelled=moved.move == "cancel",
        reason=moved.facts.get("reason", ""),
    )


def tell_leader(moved: Moved[Audit, Facts]) -> None:
    _tell(moved, "audit_appointed", [moved.subject.leader], reason=moved.facts.get("reason", ""))


def tell_leader_replaced(moved: Moved[Audit, facts.NewLeader]) -> None:
    """The new Leader, and everyone else who has to know whom to ask now."""
    audit = moved.subject
    _tell(moved, "audit_appointed", [audit.leader], "leader", reason=moved.facts["reason"])
    _tell(
        moved,
        "audit_hands",
        everyone_concerned(audit) - {audit.leader},
        "others",
        leader=moved.facts["leader"].in_both(),
        reason=moved.facts["reason"],
    )


def tell_escort_replaced(moved: Moved[Audit, facts.NewLeadEscort]) -> None:
    audit = moved.subject
    _tell(moved, "audit_team", [audit.lead_escort], "escort")
    _tell(
        moved,
        "audit_hands",
        everyone_concerned(audit) - {audit.lead_escort},
        "others",
        lead_escort=moved.facts["lead_escort"].in_both(),
        reason=moved.facts["reason"],
    )


def tell_declined(moved: Moved[Audit, facts.Reason]) -> None:
    _tell(moved, "audit_declined", User.objects.holding(Role.MARKET), reason=moved.facts["reason"])


def tell_team(moved: Moved[Audit, Facts]) -> None:
    audit = moved.subject
    people = {audit.lead_escort, *(member.user for member in audit.team.select_related("user"))}
    _tell(moved, "audit_team", people)


def tell_sudden(moved: Moved[Audit, Facts]) -> None:
    """The customer is in the house: lead escort, team, and the contacts of the sites hear of it at once."""
    _tell(moved, "audit_sudden", everyone_concerned(moved.subject), sites=_sites(moved.subject))


def send_notice(moved: Moved[Audit, facts.Message]) -> None:
    """The audit notice (domain §2.4), to be acknowledged by everyone it names; an older one asks for nothing any more."""
    _notify(moved, everyone_concerned(moved.subject), moved.facts.get("message", ""))


def notify_changed(moved: Moved[Audit, facts.Reason]) -> None:
    """New dates after the notice: it goes out anew, says what changed, and everyone acknowledges again."""
    sent = _sent_before(moved)
    if moved.subject.state in ACKNOWLEDGING and sent is not None:
        _notify(moved, everyone_concerned(moved.subject), sent.facts.get("message", ""), reason=moved.facts["reason"])


def notify_joined(moved: Moved[Audit, Facts]) -> None:
    """Whoever joins once the notice is out gets it too, to be acknowledged like everyone else's."""
    audit, sent = moved.subject, _sent(moved.subject)
    if audit.state not in ACKNOWLEDGING or sent is None:
        return
    concerned = list(concerned_after(moved))
    silent = current_notices(audit).filter(answered_at=None)
    silent.exclude(recipient_id__in=concerned).update(needs_answer=False)
    # Whoever left and comes back is asked with the notice they have.
    silent.filter(recipient_id__in=concerned).update(needs_answer=True)
    have = set(current_notices(audit).values_list("recipient_id", flat=True)) | {sent.by_id}
    joined = [person for pk, person in concerned_after(moved).items() if pk not in have]
    first = audit.events.filter(move="send_notice").order_by("-position").first()
    _notify(moved, joined, (first or sent).facts.get("message", ""), anew=False)


def _sent(audit: Audit) -> Any:
    """When the notice that counts now was sent: the event, or None."""
    sending = audit.events.filter(Q(move="send_notice") | Q(move="reschedule", target__in=ACKNOWLEDGING))
    last = sending.order_by("-position").first()
    if last is not None and audit.events.filter(move="postpone", position__gt=last.position).exists():
        # Overtaken: after a postponement there is no notice until one is sent anew.
        return None
    return last if last is not None and audit.events.filter(move="send_notice").exists() else None


def _sent_before(moved: Moved[Audit, Facts]) -> Any:
    """The notice that went out before this move."""
    return moved.subject.events.filter(move="send_notice").order_by("-position").first()


def _sites(audit: Audit) -> list[dict[str, str]]:
    return [place.site.in_both() for place in audit.places.select_related("site")]


def _notify(
    moved: Moved[Audit, Facts], people: Iterable[User], message: str, *, anew: bool = True, reason: str = ""
) -> None:
    audit = moved.subject
    if anew:
        # The older notice is history: nobody is asked to acknowledge dates that do not hold.
        stop_asking(moved)
    _tell(
        moved,
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


def stop_asking(moved: Moved[Audit, Facts]) -> None:
    """From here on nobody is asked to acknowledge any more; who never did stays to be seen in the receipts."""
    notice_rows(moved.subject).filter(answered_at=None).update(needs_answer=False)


def notice_rows(audit: Audit) -> QuerySet[Notice]:
    """The notices of this audit, to whomever they went, with their receipts."""
    return Notice.objects.filter(topic=topic(audit))


def current_notices(audit: Audit) -> QuerySet[Notice]:
    """Those of the notice that counts now, not of one sent before the dates were changed."""
    sent = _sent(audit)
    return notice_rows(audit).filter(created_at__gte=sent.at) if sent else Notice.objects.none()


def asked(moved: Moved[Audit, Facts]) -> list[int]:
    """Ids of the people who have the notice, are still concerned after the move, and have not acknowledged it yet."""
    if moved.subject.state not in ACKNOWLEDGING:
        return []
    silent = current_notices(moved.subject).filter(answered_at=None, recipient_id__in=list(concerned_after(moved)))
    return list(silent.order_by("recipient_id").values_list("recipient_id", flat=True).distinct())


def concerned_after(moved: Moved[Audit, Facts]) -> dict[int, User]:
    """Everyone concerned once the move has saved its rows, by id; looked up once, for every move reads its record anew."""
    kept = vars(moved.subject)
    if "_concerned_after" not in kept:
        kept["_concerned_after"] = {person.pk: person for person in everyone_concerned(moved.subject)}
    found: dict[int, User] = kept["_concerned_after"]
    return found


def tell_postponed(moved: Moved[Audit, facts.Postponement]) -> None:
    """What, which days, why, and what to do now."""
    _tell(
        moved,
        "audit_postponed",
        everyone_concerned(moved.subject),
        reason=moved.facts["reason"],
        deviation=moved.facts["deviation"],
    )


def tell_resumed(moved: Moved[Audit, Facts]) -> None:
    _tell(moved, "audit_resumed", everyone_concerned(moved.subject))


def tell_cancelled(moved: Moved[Audit, facts.Reason]) -> None:
    _tell(moved, "audit_cancelled", everyone_concerned(moved.subject), reason=moved.facts["reason"])


def tell_result(moved: Moved[Audit, Facts]) -> None:
    _tell(
        moved, "audit_result", everyone_concerned(moved.subject), result=moved.subject.result, score=moved.subject.score
    )


def tell_moved_on(moved: Moved[Audit, Facts]) -> None:
    _tell(
        moved,
        "audit_moved",
        {moved.subject.leader} | set(User.objects.holding(Role.MARKET)),
        state=str(moved.subject.state),
    )
