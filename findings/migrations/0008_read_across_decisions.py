"""What a revision says of each site gets the name it has: a decision. Read-across itself comes after it."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def bring(apps: Any, editor: Any) -> None:
    """A table of its own, not a renamed one: the names of its indexes would stand in the way of those to come."""
    old, new = (apps.get_model("findings", name) for name in ("ReadAcross", "ReadAcrossDecision"))
    columns = ("submission_id", "site_id", "applies", "note")
    new.objects.bulk_create(new(**row) for row in old.objects.order_by("id").values(*columns))


class Migration(migrations.Migration):
    dependencies = [("findings", "0007_evidence"), ("people", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="ReadAcrossDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("applies", models.BooleanField()),
                ("note", models.CharField(max_length=300)),
                (
                    "site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.site"),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="read_across",
                        to="findings.submission",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.RunPython(bring),
        migrations.DeleteModel("ReadAcross"),
    ]
