"""The database itself refuses to change or drop an event of an audit's trail."""

from django.db import migrations

from lib.immutable import append_only


class Migration(migrations.Migration):
    dependencies = [("audits", "0001_initial")]
    operations = [append_only("audits_auditevent")]
