import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audits', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Root',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leg', models.CharField(max_length=10)),
                ('statement', models.CharField(max_length=500)),
                ('category', models.CharField(choices=[('man', 'Man'), ('machine', 'Machine'), ('material', 'Material'), ('method', 'Method'), ('measurement', 'Measurement'), ('environment', 'Environment')], max_length=12)),
                ('verified_by', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Countermeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('text', models.CharField(max_length=500)),
                ('strength', models.CharField(max_length=15)),
                ('due_on', models.DateField()),
                ('documents', models.CharField(blank=True, max_length=200)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to=settings.AUTH_USER_MODEL)),
                ('root', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='actions', to='findings.root')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='ActionReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done_on', models.DateField()),
                ('remark', models.CharField(blank=True, max_length=500)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('action', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='findings.countermeasure')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Deadline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(max_length=24)),
                ('part', models.CharField(blank=True, default='', max_length=24)),
                ('cycle', models.PositiveSmallIntegerField()),
                ('zone', models.CharField(max_length=40)),
                ('owed_before', models.JSONField(null=True)),
                ('started_at', models.DateTimeField()),
                ('base_due_at', models.DateTimeField()),
                ('customer_due_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField()),
                ('original_due_at', models.DateTimeField()),
                ('judged_due_at', models.DateTimeField()),
                ('trace', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('exempted_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('rung', models.PositiveIntegerField(default=0)),
                ('ladder_from', models.PositiveIntegerField(default=0)),
                ('next_alarm_at', models.DateTimeField(null=True)),
                ('audit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deadlines', to='audits.audit')),
                ('owes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'clock',
                'verbose_name_plural': 'clocks',
                'ordering': ['due_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DueChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('paused', 'paused by an approved exemption'), ('resumed', 'resumed: the exemption was ended'), ('policy', 'a changed policy was applied'), ('calendar', 'a changed calendar was applied')], max_length=8)),
                ('at', models.DateTimeField()),
                ('before', models.DateTimeField()),
                ('after', models.DateTimeField()),
                ('kind', models.CharField(blank=True, choices=[('investment', 'Investment'), ('building', 'Building works'), ('relocation', 'Relocation'), ('other', 'Other')], max_length=10)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deadline', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='findings.deadline')),
            ],
            options={
                'verbose_name': 'change of a due time',
                'verbose_name_plural': 'changes of due times',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('number', models.CharField(max_length=30, unique=True, verbose_name='Number')),
                ('state', django_fsm.FSMField(choices=[('draft', 'Draft'), ('issued', 'Issued'), ('contained', 'Containment submitted'), ('analysed', 'Root cause submitted'), ('implemented', 'Awaiting verification'), ('closed', 'Closed internally'), ('customer_closed', 'Closed by the customer'), ('effective', 'Proven effective'), ('withdrawn', 'Withdrawn')], default='draft', max_length=16, protected=True, verbose_name='State')),
                ('sequence', models.PositiveSmallIntegerField(editable=False)),
                ('source', models.CharField(choices=[('on_site', 'Customer, on site'), ('report', "Customer's report"), ('self', 'Self-inspection'), ('effectiveness', 'Effectiveness check')], default='on_site', max_length=14, verbose_name='Source')),
                ('customer_number', models.CharField(blank=True, max_length=30, verbose_name="Customer's number")),
                ('what', models.TextField(max_length=3000, verbose_name='What: the problem and the requirement it breaks')),
                ('when', models.CharField(blank=True, max_length=200, verbose_name='When it was found')),
                ('where', models.CharField(blank=True, max_length=200, verbose_name='Where: line and station')),
                ('found_by', models.CharField(blank=True, max_length=200, verbose_name='Who found it, who was present')),
                ('why', models.TextField(blank=True, max_length=2000, verbose_name="Why it counts: clause or customer's standard")),
                ('how', models.TextField(blank=True, max_length=2000, verbose_name='How it was found or happened')),
                ('how_much', models.CharField(blank=True, max_length=300, verbose_name='How much: quantity, share, lots')),
                ('customer_words', models.TextField(blank=True, max_length=3000, verbose_name="Customer's own words")),
                ('customer_grade', models.CharField(blank=True, max_length=60, verbose_name="Customer's own grade")),
                ('grade', models.CharField(choices=[('critical', 'Critical'), ('major', 'Major'), ('minor', 'Minor'), ('observation', 'Observation')], default='minor', max_length=12, verbose_name='Grade')),
                ('category', models.CharField(blank=True, choices=[('man', 'Man'), ('machine', 'Machine'), ('material', 'Material'), ('method', 'Method'), ('measurement', 'Measurement'), ('environment', 'Environment')], max_length=12, verbose_name='5M1E')),
                ('clause', models.CharField(blank=True, max_length=60, verbose_name='Clause')),
                ('product', models.CharField(blank=True, max_length=120, verbose_name='Product / model / lot')),
                ('customer_due_on', models.DateField(blank=True, null=True, verbose_name='Customer wants it closed by')),
                ('created_at', models.DateTimeField(verbose_name='Recorded')),
                ('issued_at', models.DateTimeField(null=True, verbose_name='Issued (T0)')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='Closed')),
                ('customer_closed_at', models.DateTimeField(null=True, verbose_name='Closed by the customer')),
                ('silence_accepted', models.BooleanField(default=False, verbose_name='Silence accepted')),
                ('cycle', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='audits.audit', verbose_name='Audit')),
                ('closure_manager', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='managed_findings', to=settings.AUTH_USER_MODEL, verbose_name='Closure manager')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='owned_findings', to=settings.AUTH_USER_MODEL, verbose_name='Issue owner')),
                ('repeat_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeats', to='findings.finding', verbose_name='Repeat of')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='people.site', verbose_name='Place found')),
            ],
            options={
                'verbose_name': 'finding',
                'verbose_name_plural': 'findings',
            },
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
        migrations.CreateModel(
            name='Exemption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cycle', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(choices=[('investment', 'Investment'), ('building', 'Building works'), ('relocation', 'Relocation'), ('other', 'Other')], max_length=10, verbose_name='Kind')),
                ('explanation', models.TextField(verbose_name='Why it cannot be done in five days')),
                ('interim_control', models.TextField(verbose_name='Interim control')),
                ('milestones', models.TextField(verbose_name='Milestones')),
                ('new_date', models.DateField(verbose_name='New date')),
                ('applied_at', models.DateTimeField()),
                ('leader_at', models.DateTimeField(null=True)),
                ('top_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('approved', 'Approved'), ('refused', 'Refused'), ('lapsed', 'Lapsed: the finding moved on'), ('ended', 'Ended at its review')], max_length=8)),
                ('decision_note', models.TextField(blank=True)),
                ('applied_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('leader_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('top_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exemptions', to='findings.finding')),
            ],
            options={
                'ordering': ['-applied_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('problem', 'The problem'), ('contain', 'Containment'), ('analyse', 'Root cause'), ('close', 'Implementation'), ('effect', 'Effectiveness'), ('customer', "Customer's statement")], max_length=10, verbose_name='What it shows')),
                ('caption', models.CharField(blank=True, max_length=200, verbose_name='Caption')),
                ('file', models.FileField(max_length=120, upload_to='')),
                ('token', models.CharField(max_length=48, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('uploaded_at', models.DateTimeField()),
                ('action', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='findings.countermeasure')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='findings.finding')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='deadline',
            name='finding',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deadlines', to='findings.finding'),
        ),
        migrations.CreateModel(
            name='FindingEvent',
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
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='By')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='findings.finding')),
                ('on_behalf_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.CharField(max_length=30, verbose_name='Code')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='Version')),
                ('valid_from', models.DateTimeField(blank=True, null=True, verbose_name='Valid from')),
                ('covers', models.CharField(choices=[('finding', 'Findings'), ('audit', 'Audits'), ('system', 'The engine itself')], default='finding', max_length=8, verbose_name='Covers')),
                ('grade', models.CharField(blank=True, choices=[('critical', 'Critical'), ('major', 'Major'), ('minor', 'Minor'), ('observation', 'Observation')], max_length=12, verbose_name='Only for grade')),
                ('source', models.CharField(blank=True, choices=[('on_site', 'Customer, on site'), ('report', "Customer's report"), ('self', 'Self-inspection'), ('effectiveness', 'Effectiveness check')], max_length=14, verbose_name='Only for source')),
                ('prelim_cause', models.CharField(choices=[('off', 'Not asked for'), ('warn', 'Asked for; missing is shown'), ('required', 'Required with the containment')], default='warn', max_length=8, verbose_name='Preliminary cause at 24 h')),
                ('origin', models.CharField(choices=[('issued', 'when the finding is issued'), ('recorded', 'when the finding was recorded'), ('closing', 'when the closing meeting ended')], default='issued', max_length=8, verbose_name='The clocks start')),
                ('close_ends', models.CharField(choices=[('submitted', "the owner's submission, once accepted"), ('closed', 'the internal closure'), ('customer', "the customer's agreement")], default='submitted', max_length=9, verbose_name="What ends the closure's clock")),
                ('exemption_days', models.PositiveSmallIntegerField(default=365, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1095)], verbose_name='Longest exemption (days)')),
                ('exemption_renewals', models.PositiveSmallIntegerField(default=2, verbose_name='Renewals of an exemption')),
                ('exemption_top', models.JSONField(blank=True, default=list, help_text='Such as ["investment", "relocation", "other"].', verbose_name='Exemptions that management decides too')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='audits.customer', verbose_name='Only for customer')),
                ('kind', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='audits.auditkind', verbose_name='Only for kind of audit')),
            ],
            options={
                'verbose_name': 'clock policy',
                'verbose_name_plural': 'clock policies',
                'ordering': ['code', '-version'],
            },
        ),
        migrations.CreateModel(
            name='PolicyStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(max_length=24, verbose_name='Clock')),
                ('amount', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(2000)], verbose_name='Amount')),
                ('unit', models.CharField(choices=[('hours', 'hours'), ('days', 'days'), ('date', 'on the date given')], max_length=5, verbose_name='Unit')),
                ('count', models.CharField(choices=[('wall', 'by wall clock and calendar'), ('working', "in the plant's working time")], default='wall', max_length=7, verbose_name='Counted')),
                ('ends', models.CharField(choices=[('exact', 'to the minute'), ('day', 'at the end of the day')], default='exact', max_length=5, verbose_name='Ends')),
                ('off_holidays', models.BooleanField(default=False, verbose_name='Never due on a day off')),
                ('moved_by', models.JSONField(blank=True, default=list, verbose_name='Moves that may pause it')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='findings.policy')),
            ],
            options={
                'verbose_name': 'policy step',
                'verbose_name_plural': 'policy steps',
                'ordering': ['policy', 'id'],
            },
        ),
        migrations.CreateModel(
            name='PolicyRung',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='Position')),
                ('offset_minutes', models.IntegerField(blank=True, null=True, verbose_name='Minutes from the due time')),
                ('percent', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(1000)], verbose_name='Percent of the time')),
                ('recipients', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='Who is told')),
                ('level', models.CharField(choices=[('amber', 'Reminder'), ('red', 'Escalation')], max_length=5, verbose_name='Level')),
                ('ledger', models.BooleanField(default=False, verbose_name='Enters the ledger')),
                ('repeat_minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='Repeats after (minutes)')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rungs', to='findings.policystep')),
            ],
            options={
                'verbose_name': 'rung',
                'verbose_name_plural': 'rungs',
                'ordering': ['step', 'position'],
            },
        ),
        migrations.AddField(
            model_name='deadline',
            name='policy_step',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='findings.policystep'),
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('contain', 'Containment'), ('analyse', 'Root cause and countermeasures'), ('close', 'Closure'), ('review', 'Review')], max_length=10)),
                ('cycle', models.PositiveSmallIntegerField()),
                ('revision', models.PositiveSmallIntegerField()),
                ('data', models.JSONField(default=dict)),
                ('submitted_at', models.DateTimeField()),
                ('current', models.BooleanField(default=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='findings.finding')),
                ('on_behalf_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['submitted_at', 'id'],
            },
        ),
        migrations.AddField(
            model_name='root',
            name='submission',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roots', to='findings.submission'),
        ),
        migrations.CreateModel(
            name='ReadAcross',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('applies', models.BooleanField()),
                ('note', models.CharField(max_length=300)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.site')),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='read_across', to='findings.submission')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='DocumentChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('old_version', models.CharField(max_length=30)),
                ('new_version', models.CharField(max_length=30)),
                ('released_on', models.DateField()),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='findings.submission')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='countermeasure',
            name='submission',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='actions', to='findings.submission'),
        ),
        migrations.CreateModel(
            name='ActionResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done_on', models.DateField()),
                ('remark', models.CharField(blank=True, max_length=500)),
                ('action', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='findings.countermeasure')),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='results', to='findings.submission')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('accepted', 'Accepted'), ('returned', 'Sent back'), ('overtaken', 'Overtaken by an earlier step sent back')], max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='findings.submission')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Why',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leg', models.CharField(max_length=10)),
                ('position', models.PositiveSmallIntegerField()),
                ('question', models.CharField(max_length=500)),
                ('because', models.CharField(max_length=500)),
                ('proof', models.CharField(blank=True, max_length=300)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='whys', to='findings.submission')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['-created_at', '-id'], name='finding_list'),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['state', '-created_at', '-id'], name='finding_by_state'),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['owner', 'state'], name='finding_by_owner'),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['closure_manager', 'state'], name='finding_by_manager'),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['issued_at'], name='finding_by_issue'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'issued', 'contained', 'analysed', 'implemented', 'closed', 'customer_closed', 'effective', 'withdrawn'])), name='finding_state_known'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.UniqueConstraint(fields=('audit', 'sequence'), name='finding_sequence_once'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'withdrawn']), models.Q(('issued_at__isnull', False), ('owner__isnull', False)), _connector='OR'), name='issued_finding_has_start_and_owner'),
        ),
        migrations.AddConstraint(
            model_name='exemption',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('finding',), name='one_pending_exemption'),
        ),
        migrations.AddConstraint(
            model_name='findingevent',
            constraint=models.UniqueConstraint(fields=('finding', 'position'), name='finding_trail_in_order'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(fields=('code', 'version'), name='policy_version_once'),
        ),
        migrations.AddConstraint(
            model_name='policystep',
            constraint=models.UniqueConstraint(fields=('policy', 'step'), name='policy_step_once'),
        ),
        migrations.AddConstraint(
            model_name='policystep',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('unit', 'date'), _connector='OR'), name='policy_step_takes_time'),
        ),
        migrations.AddConstraint(
            model_name='policyrung',
            constraint=models.UniqueConstraint(fields=('step', 'position'), name='rung_position_once'),
        ),
        migrations.AddConstraint(
            model_name='policyrung',
            constraint=models.CheckConstraint(condition=models.Q(('repeat_minutes', None), ('repeat_minutes__gte', 5), _connector='OR'), name='rung_does_not_race'),
        ),
        migrations.AddConstraint(
            model_name='policyrung',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('offset_minutes', None), ('percent__isnull', False)), models.Q(('offset_minutes__isnull', False), ('percent', None)), _connector='OR'), name='rung_by_offset_or_percent'),
        ),
        migrations.AddIndex(
            model_name='deadline',
            index=models.Index(condition=models.Q(('next_alarm_at__isnull', False)), fields=['next_alarm_at', 'id'], name='alarm_due'),
        ),
        migrations.AddIndex(
            model_name='deadline',
            index=models.Index(fields=['step', 'original_due_at'], name='clock_by_month'),
        ),
        migrations.AddIndex(
            model_name='deadline',
            index=models.Index(condition=models.Q(('answered_at', None), ('stopped_at', None)), fields=['due_at'], name='clock_running_by_due'),
        ),
        migrations.AddIndex(
            model_name='deadline',
            index=models.Index(condition=models.Q(('answered_at', None), ('stopped_at', None)), fields=['owes', 'due_at'], name='clock_owed_by'),
        ),
        migrations.AddConstraint(
            model_name='deadline',
            constraint=models.UniqueConstraint(condition=models.Q(('finding__isnull', False)), fields=('finding', 'step', 'part', 'cycle'), name='one_clock_per_finding'),
        ),
        migrations.AddConstraint(
            model_name='deadline',
            constraint=models.UniqueConstraint(condition=models.Q(('finding', None)), fields=('audit', 'step', 'part', 'cycle'), name='one_clock_per_audit'),
        ),
        migrations.AddConstraint(
            model_name='deadline',
            constraint=models.UniqueConstraint(condition=models.Q(('audit', None), ('finding', None), ('stopped_at', None)), fields=('step',), name='one_clock_of_the_engine'),
        ),
        migrations.AddConstraint(
            model_name='deadline',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('started_at'))), name='due_after_start'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(fields=('finding', 'step', 'revision'), name='revision_once'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(condition=models.Q(('current', True)), fields=('finding', 'step'), name='one_current_revision_per_step'),
        ),
        migrations.AddConstraint(
            model_name='root',
            constraint=models.UniqueConstraint(fields=('submission', 'leg'), name='one_root_per_leg'),
        ),
        migrations.AddIndex(
            model_name='countermeasure',
            index=models.Index(fields=['owner'], name='action_by_owner'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(condition=models.Q(('outcome', 'returned')), fields=['at'], name='verdict_returned_at'),
        ),
        migrations.AddConstraint(
            model_name='why',
            constraint=models.UniqueConstraint(fields=('submission', 'leg', 'position'), name='why_in_order'),
        ),
    ]
