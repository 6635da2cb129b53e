"""Exemptions become records beside their finding: a state, a number and clocks of their own."""

from typing import Any

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

#: What was decided until now → where it stands.
STATES = {"approved": "approved", "refused": "refused", "lapsed": "lapsed", "ended": "ended"}
#: What carried a finding at some time.
GRANTED = ["approved", "replaced", "ended"]


def number_and_stand(apps: Any, editor: Any) -> None:
    """Each gets its number and its state; of several approved in one round the last one carries it."""
    exemptions = apps.get_model("findings", "Exemption").objects
    counted: dict[int, int] = {}
    carrying: dict[tuple[int, int], int] = {}
    for row in exemptions.select_related("finding").order_by("applied_at", "id"):
        counted[row.finding_id] = n = counted.get(row.finding_id, 0) + 1
        state = STATES.get(row.outcome, "applied" if row.leader_by_id is None else "endorsed")
        exemptions.filter(pk=row.pk).update(number=f"{row.finding.number}-E{n}", state=state)
        if state == "approved":
            before = carrying.get((row.finding_id, row.cycle))
            exemptions.filter(pk=before).update(state="replaced")
            carrying[row.finding_id, row.cycle] = row.pk


def bring_clocks(apps: Any, editor: Any) -> None:
    """The clocks of decision and review stand with the exemption, no longer with its finding."""
    exemptions, deadlines = apps.get_model("findings", "Exemption"), apps.get_model("clocks", "Deadline")
    types = apps.get_model("contenttypes", "ContentType").objects
    finding = types.filter(app_label="findings", model="finding").first()
    if finding is None:
        return
    kind, _made = types.get_or_create(app_label="findings", model="exemption")
    rows = deadlines.objects.filter(subject_type=finding, step__in=["exemption", "exemption_review"])
    for row in rows.order_by("id"):
        asked = exemptions.objects.filter(finding_id=row.subject_id)
        if row.step == "exemption":
            asked = asked.filter(pk=int(row.part))
        elif row.answered_at is None and row.stopped_at is None and asked.filter(state="approved").exists():
            # It went on when a renewal was approved: now it is the review of the one that carries the round.
            asked = asked.filter(state="approved").order_by("-applied_at", "-id")
        else:
            asked = asked.filter(applied_at__lte=row.started_at, state__in=GRANTED).order_by("-applied_at", "-id")
        own = asked.values_list("pk", flat=True).first()
        if own is not None:
            deadlines.objects.filter(pk=row.pk).update(subject_type=kind, subject_id=own, part="")


CHOICES = [
    ("applied", "Waits for a decision"),
    ("endorsed", "Approved by the Leader, waits for management"),
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("ended", "Ended at its review"),
    ("replaced", "Replaced by a later one"),
    ("lapsed", "Lapsed: the finding moved on"),
]


def _person(called: str, **more: Any) -> Any:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        verbose_name=called,
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0005_dispute_policies"),
        ("clocks", "0003_dispute_hours"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "exemption", "number", models.CharField(default="", max_length=40, verbose_name="Number"), False
        ),
        migrations.AddField(
            "exemption",
            "state",
            django_fsm.FSMField(
                choices=CHOICES, default="applied", max_length=10, protected=True, verbose_name="State"
            ),
        ),
        migrations.AddField("exemption", "version", models.PositiveIntegerField(default=0, editable=False)),
        migrations.RemoveConstraint("exemption", "one_pending_exemption"),
        migrations.RunPython(number_and_stand),
        migrations.RunPython(bring_clocks),
        migrations.AlterField(
            "exemption", "number", models.CharField(max_length=40, unique=True, verbose_name="Number")
        ),
        migrations.RemoveField("exemption", "outcome"),
        migrations.AlterModelOptions(
            "exemption",
            {"ordering": ["-applied_at", "-id"], "verbose_name": "exemption", "verbose_name_plural": "exemptions"},
        ),
        migrations.AlterField("exemption", "applied_at", models.DateTimeField(verbose_name="Applied for")),
        migrations.AlterField("exemption", "applied_by", _person("Applied for by")),
        migrations.AlterField(
            "exemption", "decision_note", models.TextField(blank=True, verbose_name="Why it was decided so")
        ),
        migrations.AlterField("exemption", "leader_at", models.DateTimeField(null=True, verbose_name="Leader decided")),
        migrations.AlterField("exemption", "leader_by", _person("Leader", null=True)),
        migrations.AlterField(
            "exemption", "top_at", models.DateTimeField(null=True, verbose_name="Management decided")
        ),
        migrations.AlterField("exemption", "top_by", _person("Management", null=True)),
        migrations.AddConstraint(
            "exemption",
            models.CheckConstraint(
                condition=models.Q(state__in=[state for state, _label in CHOICES]), name="exemption_state_known"
            ),
        ),
        migrations.AddConstraint(
            "exemption",
            models.UniqueConstraint(
                condition=models.Q(state__in=["applied", "endorsed"]), fields=["finding"], name="one_pending_exemption"
            ),
        ),
    ]
