import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('findings', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('job', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('counts', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cycle', models.PositiveSmallIntegerField()),
                ('rung', models.PositiveIntegerField()),
                ('level', models.CharField(max_length=5)),
                ('breached_at', models.DateTimeField()),
                ('fired_at', models.DateTimeField()),
                ('told', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('deadline', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='escalations', to='findings.deadline')),
                ('owed', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'escalation',
                'verbose_name_plural': 'escalations',
                'ordering': ['breached_at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('deadline', 'cycle', 'rung'), name='rung_fires_once')],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=60, unique=True, verbose_name='Ledger number')),
                ('rule', models.CharField(choices=[('late_contain', 'Containment not in time'), ('late_analyse', 'Root cause not in time'), ('late_close', 'Not closed in time'), ('late_review', 'Not reviewed in time'), ('returned', 'Sent back twice or more')], max_length=14, verbose_name='Rule')),
                ('month', models.CharField(max_length=7, verbose_name='Month')),
                ('breached_at', models.DateTimeField(verbose_name='Breached')),
                ('recorded_at', models.DateTimeField(verbose_name='Recorded')),
                ('facts', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('deadline', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_entries', to='findings.deadline')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ledger_entries', to='findings.finding', verbose_name='Finding')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ledger_entries', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='Unit')),
            ],
            options={
                'verbose_name': 'ledger entry',
                'verbose_name_plural': 'blacklist ledger',
                'ordering': ['-breached_at', '-id'],
                'indexes': [models.Index(fields=['-breached_at', '-id'], name='ledger_list'), models.Index(fields=['month', 'rule'], name='ledger_by_month'), models.Index(fields=['person', '-breached_at'], name='ledger_by_person')],
                'constraints': [models.UniqueConstraint(fields=('deadline', 'breached_at'), name='one_entry_per_breach')],
            },
        ),
    ]
