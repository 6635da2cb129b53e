"""Once loaded the default rules; migration 0007 does, with the columns that came since."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("findings", "0003_append_only_trail")]
    operations: list[object] = []
