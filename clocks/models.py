"""What the engine keeps: policies, clocks, the rungs that fired, and when its jobs last came to their end."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from clocks.deadlines import Deadline as Deadline, DueChange as DueChange
from clocks.policy import Policy as Policy, PolicyRung as PolicyRung, PolicyStep as PolicyStep

USER = settings.AUTH_USER_MODEL


class Escalation(models.Model):
    """One rung of one clock that fired: when it was due to fire, and when the sweep came to it."""

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="escalations")
    cycle = models.PositiveSmallIntegerField()
    rung = models.PositiveIntegerField()
    level = models.CharField(max_length=5)
    #: Who owed the clock when the rung was due to fire, whoever owes it by the time the sweep comes.
    owed = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    breached_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    told = models.JSONField(default=list, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["breached_at", "id"]
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        constraints = [models.UniqueConstraint(fields=["deadline", "cycle", "rung"], name="rung_fires_once")]


class Heartbeat(models.Model):
    """When a periodic job last came to its end."""

    job = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    counts = models.JSONField(default=dict)
