from django.db import migrations

from workflow.immutable import append_only


class Migration(migrations.Migration):
    dependencies = [("audits", "0002_initial")]
    operations = [append_only("audits_auditevent")]
