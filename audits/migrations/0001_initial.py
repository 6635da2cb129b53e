import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.CharField(max_length=20, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9._-]+$', 'Only letters, digits, dots, dashes and underscores.')], verbose_name='Code')),
            ],
            options={
                'verbose_name': 'kind of audit',
                'verbose_name_plural': 'kinds of audit',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='MonthCounter',
            fields=[
                ('month', models.CharField(max_length=6, primary_key=True, serialize=False)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Audit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='Number')),
                ('state', django_fsm.FSMField(choices=[('lead', 'Lead passed on'), ('drafted', 'Request drafted'), ('leader_appointed', 'Leader appointed'), ('team_named', 'Team named'), ('confirmed', 'Requirement confirmed'), ('notified', 'Notice sent'), ('on_site', 'Under way on site'), ('closing_held', 'Closing meeting held'), ('in_closure', 'In closure'), ('closed', 'Audit closed'), ('reviewed', 'Retrospective held'), ('archived', 'Archived'), ('postponed', 'Postponed'), ('cancelled', 'Cancelled')], default='lead', max_length=20, protected=True, verbose_name='State')),
                ('origin', models.CharField(choices=[('customer', "Customer's notice"), ('market', 'Market staff'), ('lead', 'Lead from non-market staff')], default='customer', max_length=10, verbose_name='Origin')),
                ('customer_name', models.CharField(blank=True, max_length=120, verbose_name='Customer as told')),
                ('lead_note', models.TextField(blank=True, max_length=2000, verbose_name='What was heard')),
                ('mode', models.CharField(choices=[('on_site', 'On site'), ('remote', 'Remote'), ('written', 'In writing')], default='on_site', max_length=10, verbose_name='Mode')),
                ('regular', models.BooleanField(default=True, verbose_name='Regular audit')),
                ('sudden', models.BooleanField(default=False, verbose_name='Sudden')),
                ('division', models.CharField(blank=True, max_length=120, verbose_name="Customer's division / project")),
                ('product', models.CharField(blank=True, max_length=120, verbose_name='Product / model')),
                ('customer_contact', models.CharField(blank=True, max_length=200, verbose_name="Customer's contact")),
                ('criteria', models.CharField(blank=True, max_length=200, verbose_name='Standard or customer document')),
                ('planned_start', models.DateField(null=True, verbose_name='Planned from')),
                ('planned_end', models.DateField(null=True, verbose_name='Planned to')),
                ('first_planned_start', models.DateField(editable=False, null=True, verbose_name='First planned from')),
                ('agenda', models.TextField(blank=True, max_length=5000, verbose_name='Audit schedule')),
                ('scope', models.TextField(blank=True, max_length=3000, verbose_name='Audit scope')),
                ('departments', models.CharField(blank=True, max_length=300, verbose_name='Audited departments')),
                ('headcount', models.PositiveSmallIntegerField(null=True, verbose_name='Number of auditors')),
                ('checklist', models.CharField(blank=True, choices=[('given', 'Received from the customer'), ('not_given', 'Customer gave none')], max_length=10, verbose_name='Checklist')),
                ('checklist_follow_up', models.DateField(null=True, verbose_name='Ask again for the checklist on')),
                ('special_demands', models.TextField(blank=True, max_length=3000, verbose_name='Special demands')),
                ('logistics', models.TextField(blank=True, max_length=3000, verbose_name='Logistics')),
                ('leader_reason', models.CharField(blank=True, max_length=800, verbose_name='Why this Leader')),
                ('matrix_why', models.CharField(blank=True, editable=False, max_length=8)),
                ('confirmed_version', models.PositiveSmallIntegerField(default=0)),
                ('received_at', models.DateTimeField(verbose_name='Received')),
                ('created_at', models.DateTimeField(verbose_name='Entered')),
                ('actual_start', models.DateTimeField(null=True, verbose_name='Started')),
                ('actual_end', models.DateTimeField(null=True, verbose_name='Closing meeting')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='Closed')),
                ('result', models.CharField(blank=True, choices=[('passed', 'Passed'), ('conditional', 'Passed with conditions'), ('failed', 'Failed'), ('pending', 'Result comes later')], max_length=12, verbose_name='Result')),
                ('score', models.CharField(blank=True, max_length=40, verbose_name='Score / grade')),
                ('retrospective', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='Retrospective')),
                ('resume_state', models.CharField(blank=True, editable=False, max_length=20)),
                ('deviation', models.CharField(blank=True, choices=[('customer', 'Customer changed the date'), ('not_ready', 'We were not ready'), ('sudden', 'Became a sudden audit'), ('entry', 'Wrongly entered'), ('other', 'Other reason')], max_length=10, verbose_name='Reason for the deviation')),
                ('remark', models.CharField(blank=True, max_length=500, verbose_name='Remark')),
                ('lead_escort', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='escorted_audits', to=settings.AUTH_USER_MODEL, verbose_name='Lead escort')),
                ('leader', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led_audits', to=settings.AUTH_USER_MODEL, verbose_name='Leader')),
                ('passed_on_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to=settings.AUTH_USER_MODEL, verbose_name='Passed on by')),
                ('kind', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='audits.auditkind', verbose_name='Kind of audit')),
            ],
            options={
                'verbose_name': 'audit',
                'verbose_name_plural': 'audits',
            },
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
        migrations.CreateModel(
            name='AuditFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('notice', "Customer's notice"), ('report', "Customer's report"), ('signed', 'Signed list or attendance'), ('minutes', 'Minutes'), ('other', 'Other file')], default='other', max_length=8, verbose_name='What it is')),
                ('caption', models.CharField(blank=True, max_length=200, verbose_name='Caption')),
                ('file', models.FileField(max_length=120, upload_to='')),
                ('name', models.CharField(max_length=120)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('uploaded_at', models.DateTimeField()),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='audits.audit')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Auditor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='Name')),
                ('position', models.CharField(blank=True, max_length=60, verbose_name='Position')),
                ('speciality', models.CharField(blank=True, max_length=60, verbose_name='Speciality')),
                ('language', models.CharField(blank=True, max_length=40, verbose_name='Language')),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='auditors', to='audits.audit')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.CharField(max_length=20, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9._-]+$', 'Only letters, digits, dots, dashes and underscores.')], verbose_name='Code')),
                ('reception', models.CharField(choices=[('A', 'A'), ('B', 'B'), ('C', 'C')], default='B', max_length=1, verbose_name='Reception level')),
                ('contain_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Containment within (hours)')),
                ('analyse_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Root cause within (hours)')),
                ('close_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Closed within (days)')),
                ('to_check', models.BooleanField(default=False, verbose_name='To be checked')),
                ('twin', models.BooleanField(default=False, editable=False)),
                ('entered_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Entered by')),
            ],
            options={
                'verbose_name': 'customer',
                'verbose_name_plural': 'customers',
                'ordering': ['code'],
            },
        ),
        migrations.AddField(
            model_name='audit',
            name='customer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='audits.customer', verbose_name='Customer'),
        ),
        migrations.CreateModel(
            name='DocumentRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(max_length=200, verbose_name='Document')),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='audits.audit')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='MatrixRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leader_post', models.CharField(max_length=60, verbose_name="Leader's post")),
                ('order', models.PositiveSmallIntegerField(default=1, verbose_name='Order')),
                ('valid_from', models.DateField(verbose_name='Valid from')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='audits.customer', verbose_name='Customer')),
                ('deputy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Deputy')),
                ('kind', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='audits.auditkind', verbose_name='Kind of audit')),
                ('lead_unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='people.unit', verbose_name='Leading department')),
                ('leader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matrix_rows', to=settings.AUTH_USER_MODEL, verbose_name='Leader')),
            ],
            options={
                'verbose_name': 'lead-department row',
                'verbose_name_plural': 'lead-department matrix',
                'ordering': ['order', 'id'],
            },
        ),
        migrations.AddField(
            model_name='audit',
            name='matrix_row',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='audits.matrixrow'),
        ),
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('preparation', 'Preparation meeting'), ('opening', 'Opening meeting'), ('daily', 'Daily wrap-up'), ('closing', 'Closing meeting')], max_length=12, verbose_name='Meeting')),
                ('held_at', models.DateTimeField(verbose_name='Held')),
                ('entered_at', models.DateTimeField(verbose_name='Entered')),
                ('minutes', models.TextField(blank=True, max_length=5000, verbose_name='Minutes')),
                ('attendees', models.TextField(blank=True, max_length=2000, verbose_name='Attendance')),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='meetings', to='audits.audit')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Recorded by')),
            ],
            options={
                'ordering': ['held_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RequirementVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('snapshot', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('changes', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('at', models.DateTimeField()),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='audits.audit')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='TeamMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(choices=[('scribe', 'Scribe'), ('liaison', 'Liaison'), ('documents', 'Documents'), ('guide', 'Guide')], max_length=10, verbose_name='Duty')),
                ('outside_pool_reason', models.CharField(blank=True, max_length=200, verbose_name='Why from outside the network')),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='team', to='audits.audit')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='audit_duties', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('move', models.CharField(max_length=40)),
                ('source', models.CharField(blank=True, max_length=30)),
                ('target', models.CharField(blank=True, max_length=30)),
                ('at', models.DateTimeField()),
                ('event_at', models.DateTimeField()),
                ('facts', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('before', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='audits.audit')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='By')),
                ('on_behalf_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('audit', 'position'), name='audit_trail_in_order')],
            },
        ),
        migrations.CreateModel(
            name='AuditPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='audits.audit')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Contact')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='audited', to='people.site', verbose_name='Site')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('audit', 'site'), name='audit_site_once')],
            },
        ),
        migrations.AddIndex(
            model_name='audit',
            index=models.Index(fields=['-created_at', '-id'], name='audit_list'),
        ),
        migrations.AddIndex(
            model_name='audit',
            index=models.Index(fields=['state', '-created_at'], name='audit_by_state'),
        ),
        migrations.AddIndex(
            model_name='audit',
            index=models.Index(fields=['planned_start'], name='audit_by_plan'),
        ),
        migrations.AddConstraint(
            model_name='audit',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['lead', 'drafted', 'leader_appointed', 'team_named', 'confirmed', 'notified', 'on_site', 'closing_held', 'in_closure', 'closed', 'reviewed', 'archived', 'postponed', 'cancelled'])), name='audit_state_known'),
        ),
        migrations.AddConstraint(
            model_name='audit',
            constraint=models.CheckConstraint(condition=models.Q(('planned_end__gte', models.F('planned_start')), ('planned_end', None), _connector='OR'), name='audit_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='requirementversion',
            constraint=models.UniqueConstraint(fields=('audit', 'number'), name='requirement_version_once'),
        ),
        migrations.AddConstraint(
            model_name='teammember',
            constraint=models.UniqueConstraint(fields=('audit', 'user', 'duty'), name='team_duty_once'),
        ),
    ]
