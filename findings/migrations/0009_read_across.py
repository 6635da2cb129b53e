"""Read-across becomes records beside their finding."""

from typing import Any

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

STATES = [
    ("open", "To be done"),
    ("done", "Done, waits for verification"),
    ("verified", "Verified"),
    ("dropped", "No longer applicable"),
]


def _key(to: Any, called: str, *, name: str = "+", **more: Any) -> Any:
    said = {"verbose_name": called} if called else {}
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=name, to=to, **said, **more)


def spread(apps: Any, editor: Any) -> None:
    """What the standing implementation of a finding says applies elsewhere, somebody there has to do. Clocks start with what is
    decided from now on.
    """
    decisions, records = (apps.get_model("findings", name).objects for name in ("ReadAcrossDecision", "ReadAcross"))
    counted: dict[int, int] = {}
    rows = decisions.filter(applies=True, submission__current=True)
    rows = rows.exclude(submission__finding__state__in=["withdrawn", "effective"])
    rows = rows.exclude(submission__verdicts__outcome__in=["returned", "overtaken"])
    seen: set[tuple[int, int]] = set()
    for row in rows.select_related("submission__finding", "site").order_by("id"):
        finding = row.submission.finding
        if (finding.pk, row.site_id) in seen:
            continue
        seen.add((finding.pk, row.site_id))
        counted[finding.pk] = n = counted.get(finding.pk, 0) + 1
        records.create(
            number=f"{finding.number}-R{n}",
            finding=finding,
            cycle=row.submission.cycle,
            site=row.site,
            note=row.note,
            owner_id=row.site.owner_id or finding.owner_id,
            opened_at=row.submission.submitted_at,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0008_read_across_decisions"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ReadAcross",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="Number")),
                ("cycle", models.PositiveSmallIntegerField()),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=STATES, default="open", max_length=10, protected=True, verbose_name="State"
                    ),
                ),
                ("note", models.CharField(max_length=300, verbose_name="What is to be done")),
                ("opened_at", models.DateTimeField(verbose_name="Asked for on")),
                ("done_on", models.DateField(null=True, verbose_name="Done on")),
                ("result", models.TextField(blank=True, max_length=2000, verbose_name="What was done")),
                ("verified_at", models.DateTimeField(null=True, verbose_name="Verified on")),
                ("remark", models.CharField(blank=True, max_length=300, verbose_name="Remark of the reviewer")),
                ("done_by", _key(settings.AUTH_USER_MODEL, "Reported by", null=True)),
                ("finding", _key("findings.finding", "", name="read_across")),
                ("owner", _key(settings.AUTH_USER_MODEL, "Who does it")),
                ("site", _key("people.site", "Site")),
                ("verified_by", _key(settings.AUTH_USER_MODEL, "Verified by", null=True)),
            ],
            options={
                "verbose_name": "read-across",
                "verbose_name_plural": "read-across",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["owner", "state"], name="read_across_by_owner")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(state__in=[state for state, _label in STATES]),
                        name="read_across_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(state__in=["open", "done"]),
                        fields=["finding", "site"],
                        name="one_read_across_per_site",
                    ),
                ],
            },
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
        migrations.RunPython(spread),
    ]
