"""What else a move of an audit does: database rows only, in the order of the table."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from audits.models import Audit, AuditPlace, DocumentRequest, Meeting, RequirementVersion, TeamMember
from audits.snapshot import differences, snapshot
from audits.states import AuditState
from notices import actions as notices
from notices.models import Notice
from people.models import StandingRole, User
from workflow import moment
from workflow.door import Effect, Step
from workflow.trail import plain

Role = StandingRole.Role


def _facts(audit: Audit, **more: Any) -> dict[str, Any]:
    return {"number": audit.number, "customer": audit.customer_label, "start": str(audit.planned_start or ""), **more}


def _tell(step: Step, kind: str, people: Any, key: str = "", /, *, needs_answer: bool = False, **more: Any) -> None:
    audit = step.subject
    notices.tell(
        {person for person in people if person is not None and person != step.by},
        kind,
        f"{audit.number}:{step.move}:{key or audit.version}",
        url=audit.get_absolute_url(),
        facts=_facts(audit, by=str(step.by), **more),
        needs_answer=needs_answer,
    )


def save_rows(step: Step) -> None:
    """The rows below the request form: sites with their contacts, the customer's auditors, the document list."""
    audit, facts = step.subject, step.facts
    if "sites" in facts:
        kept = {place.site_id for place in audit.places.all()}
        wanted = {site.pk: site for site in facts["sites"]}
        audit.places.exclude(site_id__in=wanted).delete()
        AuditPlace.objects.bulk_create(
            AuditPlace(audit=audit, site=site, contact_id=site.contact_id)
            for pk, site in wanted.items() if pk not in kept
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
    audit = step.subject
    if not audit.confirmed_version:
        return
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
    if last:
        _tell(step, "audit_changed", everyone_concerned(audit), f"v{number}", version=number)


def everyone_concerned(audit: Audit) -> set[User]:
    """Leader, lead escort, team, site contacts and the market staff who entered the request."""
    people = {audit.leader, audit.lead_escort}
    people |= {member.user for member in audit.team.select_related("user")}
    people |= {place.contact for place in audit.places.select_related("contact")}
    first = audit.events.filter(move="draft").select_related("by").first()
    people.add(first.by if first else None)
    return {person for person in people if person is not None}


def tell_market(step: Step) -> None:
    _tell(step, "audit_lead", User.objects.holding(Role.MARKET))


def tell_origin(step: Step) -> None:
    _tell(step, "audit_lead_taken", [step.subject.passed_on_by])


def tell_leader(step: Step) -> None:
    _tell(step, "audit_appointed", [step.subject.leader], reason=step.facts.get("reason", ""))


def tell_declined(step: Step) -> None:
    _tell(step, "audit_declined", User.objects.holding(Role.MARKET), reason=step.facts["reason"])


def tell_team(step: Step) -> None:
    audit = step.subject
    people = {audit.lead_escort, *(member.user for member in audit.team.select_related("user"))}
    _tell(step, "audit_team", people)


def send_notice(step: Step) -> None:
    """The audit notice (domain §2.4), to be acknowledged by everyone it names."""
    _notify(step, everyone_concerned(step.subject), step.facts.get("message", ""))


def notify_joined(step: Step) -> None:
    """Whoever joins once the notice is out gets it too, to be acknowledged like everyone else's."""
    audit, sent = step.subject, _sent(step.subject)
    if audit.state != AuditState.NOTIFIED or sent is None:
        return
    have = set(current_notices(audit).values_list("recipient_id", flat=True)) | {sent.by_id}
    joined = [person for pk, person in concerned_after(step).items() if pk not in have]
    _notify(step, joined, sent.facts.get("message", ""))


def _sent(audit: Audit) -> Any:
    """When the notice that counts now was sent: the event, or None."""
    return audit.events.filter(move="send_notice").order_by("-position").first()


def _notify(step: Step, people: Iterable[User], message: str) -> None:
    audit = step.subject
    _tell(
        step, "audit_notice", people, needs_answer=True,
        message=message, scope=audit.scope, kind=str(audit.kind or ""),
        end=str(audit.planned_end or ""), sites=[str(place.site) for place in audit.places.select_related("site")],
        lead_escort=str(audit.lead_escort or ""), leader=str(audit.leader or ""),
    )


def notice_rows(audit: Audit) -> QuerySet[Notice]:
    """The notices of this audit, to whomever they went, with their receipts."""
    return Notice.objects.filter(kind="audit_notice", key__startswith=f"{audit.number}:")


def current_notices(audit: Audit) -> QuerySet[Notice]:
    """Those of the notice that counts now, not of one sent before the audit was put off."""
    sent = _sent(audit)
    return notice_rows(audit).filter(created_at__gte=sent.at) if sent else Notice.objects.none()


def asked(step: Step) -> list[int]:
    """Ids of the people who have the notice, are still concerned after the move, and have not acknowledged it yet."""
    if step.subject.state != AuditState.NOTIFIED:
        return []
    silent = current_notices(step.subject).filter(answered_at=None, recipient_id__in=list(concerned_after(step)))
    return list(silent.order_by("recipient_id").values_list("recipient_id", flat=True))


def concerned_after(step: Step) -> dict[int, User]:
    """Everyone concerned once the move has saved its rows, by id; looked up once, for every move reads its record anew."""
    kept = vars(step.subject)
    if "_concerned_after" not in kept:
        kept["_concerned_after"] = {person.pk: person for person in everyone_concerned(step.subject)}
    found: dict[int, User] = kept["_concerned_after"]
    return found


def tell_paused(step: Step) -> None:
    _tell(step, "audit_paused", everyone_concerned(step.subject), reason=step.facts.get("reason", ""))


def tell_moved_on(step: Step) -> None:
    _tell(step, "audit_moved", {step.subject.leader} | set(User.objects.holding(Role.MARKET)),
          state=str(step.subject.get_state_display()))


EFFECTS: dict[str, tuple[Effect, ...]] = {
    "draft": (save_rows, tell_origin),
    "revise": (save_rows, keep_version, notify_joined),
    "appoint_leader": (tell_leader, notify_joined),
    "decline": (tell_declined,),
    "name_team": (save_team, tell_team),
    "change_team": (save_team, tell_team, notify_joined),
    "confirm": (keep_version,),
    "send_notice": (send_notice,),
    "start": (save_meeting,),
    "start_sudden": (tell_team,),
    "record_meeting": (save_meeting,),
    "hold_closing": (save_meeting,),
    "begin_closure": (tell_moved_on,),
    "close": (tell_moved_on,),
    "review": (tell_moved_on,),
    "archive": (),
    "postpone": (tell_paused,),
    "resume": (tell_paused,),
    "cancel": (tell_paused, tell_origin),
}
