from django.db import migrations

from workflow.immutable import append_only


class Migration(migrations.Migration):
    dependencies = [("findings", "0002_initial")]
    operations = [append_only("findings_findingevent")]
