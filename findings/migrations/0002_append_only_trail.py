"""The database itself refuses to change or drop an event of a finding's trail."""

from django.db import migrations

from lib.immutable import append_only


class Migration(migrations.Migration):
    dependencies = [("findings", "0001_initial")]
    operations = [append_only("findings_findingevent")]
