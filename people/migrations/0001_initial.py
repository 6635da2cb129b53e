import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import people.models
import people.queries
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('name', models.CharField(max_length=60, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=60, verbose_name='English name')),
                ('title', models.CharField(blank=True, max_length=60, verbose_name='Position')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, 'Operator'), (2, 'Technician'), (3, 'Engineer'), (4, 'Section head'), (5, 'Manager'), (6, 'Director'), (7, 'Vice president')], default=3, verbose_name='Level')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='Phone')),
                ('language', models.CharField(choices=[('zh-hans', 'Chinese'), ('en', 'English')], default='zh-hans', max_length=10, verbose_name='Language')),
                ('quiet_from', models.TimeField(blank=True, null=True, verbose_name='No reminders from')),
                ('quiet_to', models.TimeField(blank=True, help_text="In your unit's time zone. Escalations are sent at any hour; reminders wait until then.", null=True, verbose_name='until')),
                ('email_confirmed', models.BooleanField(default=True, editable=False, verbose_name='E-mail confirmed')),
                ('twin', models.BooleanField(default=False, editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('superior', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to=settings.AUTH_USER_MODEL, verbose_name='Superior')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'ordering': ['name', 'id'],
            },
            managers=[
                ('objects', people.queries.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='What it is for')),
                ('scope', models.CharField(choices=[('read', 'Read only'), ('write', 'Read and act')], default='read', max_length=5, verbose_name='May')),
                ('start', models.CharField(max_length=8)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('password_mark', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(verbose_name='Made')),
                ('expires_at', models.DateTimeField(verbose_name='Ends')),
                ('last_used_at', models.DateTimeField(null=True, verbose_name='Last used')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.CharField(max_length=20, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9._-]+$', 'Only letters, digits, dots, dashes and underscores.')], verbose_name='Code')),
                ('kind', models.CharField(choices=[('group', 'Group'), ('branch', 'Branch company'), ('factory', 'Factory'), ('department', 'Department')], max_length=12, verbose_name='Kind')),
                ('path', models.CharField(db_index=True, default='', editable=False, max_length=200)),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=40, validators=[people.models.is_a_zone], verbose_name='Time zone')),
                ('head', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='heads', to=settings.AUTH_USER_MODEL, verbose_name='Head')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='people.unit', verbose_name='Belongs to')),
            ],
            options={
                'verbose_name': 'unit',
                'verbose_name_plural': 'units',
                'ordering': ['path'],
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.CharField(max_length=20, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9._-]+$', 'Only letters, digits, dots, dashes and underscores.')], verbose_name='Code')),
                ('twin', models.BooleanField(default=False, editable=False)),
                ('closure_manager', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closes_for', to=settings.AUTH_USER_MODEL, verbose_name='Closure manager')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_of', to=settings.AUTH_USER_MODEL, verbose_name='Audited-area contact')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers_for', to=settings.AUTH_USER_MODEL, verbose_name='Answers for it')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='people.unit', verbose_name='Unit')),
            ],
            options={
                'verbose_name': 'site',
                'verbose_name_plural': 'sites',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('group', 'Group'), ('branch', 'Branch company'), ('factory', 'Factory'), ('department', 'Department')], max_length=12, verbose_name='Level')),
                ('document_number', models.CharField(max_length=40, verbose_name='Appointment letter no.')),
                ('valid_from', models.DateField(verbose_name='Valid from')),
                ('valid_to', models.DateField(verbose_name='Valid to')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='people.unit', verbose_name='Unit')),
            ],
            options={
                'verbose_name': 'appointment',
                'verbose_name_plural': 'appointments',
                'ordering': ['-valid_from', 'id'],
            },
        ),
        migrations.AddField(
            model_name='user',
            name='unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='people.unit', verbose_name='Unit'),
        ),
        migrations.CreateModel(
            name='Deputy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='From')),
                ('ends_on', models.DateField(verbose_name='To')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='Reason')),
                ('deputy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stands_in_for', to=settings.AUTH_USER_MODEL, verbose_name='Deputy')),
                ('principal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputies', to=settings.AUTH_USER_MODEL, verbose_name='Absent person')),
            ],
            options={
                'verbose_name': 'deputy',
                'verbose_name_plural': 'deputies',
                'ordering': ['-starts_on', '-id'],
                'indexes': [models.Index(fields=['deputy', 'starts_on', 'ends_on'], name='deputy_now')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='deputy_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('principal', models.F('deputy')), _negated=True), name='deputy_is_another_person')],
            },
        ),
        migrations.CreateModel(
            name='StandingRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('market', 'Market staff'), ('contact', 'Non-market customer contact'), ('leader', 'Leader'), ('escort', 'Lead escort pool'), ('closure', 'Closure manager'), ('system_office', 'Management-system office'), ('top', 'Top management'), ('process_owner', 'Process owner'), ('admin', 'System administrator')], max_length=15, verbose_name='Role')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standing_roles', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
            ],
            options={
                'verbose_name': 'standing role',
                'verbose_name_plural': 'standing roles',
                'ordering': ['role', 'user'],
                'constraints': [models.UniqueConstraint(fields=('user', 'role'), name='one_role_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['group', 'branch', 'factory', 'department'])), name='unit_kind'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__gte', models.F('valid_from'))), name='appointment_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.UniqueConstraint(fields=('user', 'unit', 'document_number'), name='appointed_once_per_letter'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('superior', models.F('id')), _negated=True), name='user_not_own_superior'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_to', None)), models.Q(('quiet_from__isnull', False), ('quiet_to__isnull', False), models.Q(('quiet_from', models.F('quiet_to')), _negated=True)), _connector='OR'), name='quiet_hours_have_two_ends'),
        ),
    ]
