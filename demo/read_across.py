"""How a finding of the demo is carried over to other sites: most of it done and verified, some sent back, some left open."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from findings.read_across import ReadAcrossState
from findings.read_across_moves import MOVES
from findings.rules import read_across_verifier_id
from people.models import User

if TYPE_CHECKING:
    from demo.findings import Story


def carry_over(story: "Story") -> None:
    """Whoever was named reports it done with a photo, one in seven leaves it."""
    today = timezone.localdate(story.play.now)
    for record in story.row().read_across.filter(state=ReadAcrossState.OPEN).select_related("owner"):
        if story.rng.random() < 0.15:
            continue
        MOVES.perform(
            record.pk,
            "complete_read_across",
            by=story.play.fresh(record.owner),
            seen=None,
            event_at=None,
            done_on=today - timedelta(days=1),
            result="已按同样方法排查并整改，附现场照片",
            files=story.files("across"),
        )


def verify(story: "Story") -> None:
    """Whoever verifies the finding looks at it, unless they did it themselves."""
    finding = story.row()
    for record in finding.read_across.filter(state=ReadAcrossState.DONE).select_related("finding__audit"):
        verifier = User.objects.filter(pk=read_across_verifier_id(record) or 0).first()
        if verifier is None:
            continue
        accept = story.rng.random() < 0.9
        MOVES.perform(
            record.pk,
            "verify_read_across",
            by=story.play.fresh(verifier),
            seen=None,
            event_at=None,
            accept=accept,
            reason="" if accept else "只有通知，没有现场整改的照片",
        )
