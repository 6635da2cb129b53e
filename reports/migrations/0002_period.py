from django.db import migrations, models


class Migration(migrations.Migration):
    """A report may be about any period: its name stands where the month's did. A published month keeps its name and hash."""

    dependencies = [("reports", "0001_initial")]

    operations = [
        migrations.RenameField("publication", "month", "period"),
        migrations.AlterField(
            "publication", "period", models.CharField(max_length=22, unique=True, verbose_name="Period")
        ),
        migrations.AlterModelOptions(
            "publication",
            {
                "ordering": ["-period"],
                "verbose_name": "published report",
                "verbose_name_plural": "published reports",
            },
        ),
    ]
