"""The states of an audit, in the order of its path (domain §1.5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditState(models.TextChoices):
    LEAD = "lead", _("Lead passed on")
    DRAFTED = "drafted", _("Request drafted")
    LEADER_APPOINTED = "leader_appointed", _("Leader appointed")
    TEAM_NAMED = "team_named", _("Team named")
    CONFIRMED = "confirmed", _("Requirement confirmed")
    NOTIFIED = "notified", _("Notice sent")
    ON_SITE = "on_site", _("Under way on site")
    CLOSING_HELD = "closing_held", _("Closing meeting held")
    IN_CLOSURE = "in_closure", _("In closure")
    CLOSED = "closed", _("Audit closed")
    REVIEWED = "reviewed", _("Retrospective held")
    ARCHIVED = "archived", _("Archived")
    POSTPONED = "postponed", _("Postponed")
    CANCELLED = "cancelled", _("Cancelled")


S = AuditState
#: The straight path, as the stepper shows it.
PATH = (
    S.LEAD,
    S.DRAFTED,
    S.LEADER_APPOINTED,
    S.TEAM_NAMED,
    S.CONFIRMED,
    S.NOTIFIED,
    S.ON_SITE,
    S.CLOSING_HELD,
    S.IN_CLOSURE,
    S.CLOSED,
    S.REVIEWED,
    S.ARCHIVED,
)
BEFORE_THE_DAY = (S.DRAFTED, S.LEADER_APPOINTED, S.TEAM_NAMED, S.CONFIRMED, S.NOTIFIED)
APPOINTED = (S.LEADER_APPOINTED, S.TEAM_NAMED, S.CONFIRMED, S.NOTIFIED)
#: Findings may be recorded from here on, and while the closure runs (the customer's report comes later).
CAPTURING = (S.NOTIFIED, S.ON_SITE, S.CLOSING_HELD, S.IN_CLOSURE)
#: Whoever has the notice is asked to acknowledge it until here; a sudden audit is on site already when it goes out.
ACKNOWLEDGING = (S.NOTIFIED, S.ON_SITE)
