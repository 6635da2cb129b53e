"""What happens with read-across once it is decided: a machine beside the finding's (domain 3-08)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from attachments import models as attachments
from clocks import actions as clocks
from findings import actions, beside, facts, telling
from findings.holders import LEADER, OWNER
from findings.models import FindingEvent
from findings.read_across import LIVE, ReadAcross, ReadAcrossState as S
from findings.read_across_forms import Done, DoneForm, NewOwner, OwnerForm, Verdict, VerifyForm
from findings.rules import read_across_verifier_id
from findings.states import Purpose
from people import leaving
from people.models import User
from people.rules import stands_in
from workflow import door
from workflow.move import Holder, Move, Moved
from workflow.moves import Moves, by_name


def keep_proof(moved: Moved[ReadAcross, Done]) -> None:
    record = moved.subject
    files = moved.facts.get("files", ())
    attachments.keep(record.finding, files, by=moved.by, kind=Purpose.CLOSE, beside=record)


def tell_done(moved: Moved[ReadAcross, Done]) -> None:
    record = moved.subject
    verifier = read_across_verifier_id(record)
    people = User.objects.filter(pk=verifier) if verifier else telling.management()
    telling.tell_of(moved, "read_across_done", people, place=record.site.in_both(), result=record.result[:200])


def tell_verdict(moved: Moved[ReadAcross, Verdict]) -> None:
    record = moved.subject
    people = [record.owner, record.done_by, record.finding.owner]
    facts_ = {"accept": moved.facts["accept"], "reason": moved.facts.get("reason", "")}
    telling.tell_of(moved, "read_across_verdict", people, place=record.site.in_both(), **facts_)


def tell_new_owner(moved: Moved[ReadAcross, NewOwner]) -> None:
    record = moved.subject
    telling.tell_of(moved, "read_across_opened", [record.owner], place=record.site.in_both(), note=record.note)


_DOER: Holder[ReadAcross] = Holder(ids=lambda row: (row.owner_id, row.site.contact_id), people=lambda row: [row.owner])
_VERIFIER: Holder[ReadAcross] = Holder(
    ids=lambda row: (read_across_verifier_id(row),),
    people=lambda row: list(User.objects.filter(pk=read_across_verifier_id(row) or 0)),
)
_OVER: Holder[ReadAcross] = Holder(
    ids=lambda row: (*OWNER.ids(row.finding), *LEADER.ids(row.finding)), people=lambda row: OWNER.people(row.finding)
)
COMPLETE: Move[ReadAcross, Done] = Move(
    name="complete_read_across",
    label=_("Report read-across done"),
    form=DoneForm,
    facts=Done,
    effects=(keep_proof,),
    tells=(tell_done,),
    acts_for=(_DOER,),
    above="findings/_about_child.html",
)
VERIFY: Move[ReadAcross, Verdict] = Move(
    name="verify_read_across",
    label=_("Verify the read-across"),
    form=VerifyForm,
    facts=Verdict,
    tells=(tell_verdict,),
    acts_for=(_VERIFIER,),
    above="findings/_about_child.html",
)
REPLACE_OWNER: Move[ReadAcross, NewOwner] = Move(
    name="replace_read_across_owner",
    label=_("Name somebody else for the read-across"),
    form=OwnerForm,
    facts=NewOwner,
    tells=(tell_new_owner,),
    acts_for=(_OVER,),
    aside=True,
)
DROP: Move[ReadAcross, facts.Nothing] = beside.follows("drop_read_across", _("The read-across is no longer applicable"))

MACHINE: door.Machine[ReadAcross] = door.Machine(
    ReadAcross,
    FindingEvent,
    "finding",
    {move.name: move for move in (COMPLETE, VERIFY, REPLACE_OWNER, DROP)},
    stands_in,
    watched=("owner",),
    around=("finding__audit", "finding__site", "site", "owner", "done_by"),
    beside=actions.MACHINE,
    ended_by={"withdraw": DROP.name},
    over=(S.VERIFIED, S.DROPPED),
    # Somebody else may have to verify it from then on.
    heeds=("change_manager", "reassign", "replace_action_owner"),
    after=[clocks.turn],
)
MOVES = Moves(MACHINE, by_name(MACHINE))


# What needs people, for whoever leaves --------------------------------------------------------------------------------


def _hand(record: ReadAcross, to: User, by: Any, reason: str) -> None:
    given = NewOwner(owner=to, reason=reason)
    door.perform(MACHINE, record.pk, REPLACE_OWNER, by=by, seen=None, event_at=None, facts=given)


leaving.register(
    leaving.Post(
        "read_across",
        _("Read-across"),
        lambda person: ReadAcross.objects.filter(owner=person, state__in=LIVE).order_by("pk"),
        lambda: User.objects.at_work(),
        _hand,
    )
)
