import calendars.models
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='WorkCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.CharField(max_length=20, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9._-]+$', 'Only letters, digits, dots, dashes and underscores.')], verbose_name='Code')),
                ('country', models.CharField(blank=True, help_text='Two letters such as CN; empty: none.', max_length=2, verbose_name='Public holidays of')),
            ],
            options={
                'verbose_name': 'working calendar',
                'verbose_name_plural': 'working calendars',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='PlantCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('steps', models.JSONField(blank=True, default=list, help_text='Such as ["contain", "close"]; empty: all.', verbose_name='Only for the clocks')),
                ('unit', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='plant_calendar', to='people.unit', verbose_name='Unit')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plants', to='calendars.workcalendar', verbose_name='Calendar')),
            ],
            options={
                'verbose_name': "plant's calendar",
                'verbose_name_plural': "plants' calendars",
                'ordering': ['unit'],
            },
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], verbose_name='Weekday')),
                ('begins', models.TimeField(verbose_name='From')),
                ('ends', models.TimeField(verbose_name='To')),
                ('breaks', models.CharField(blank=True, help_text='Such as 12:00-13:00, 17:00-17:30.', max_length=120, validators=[calendars.models.are_ranges], verbose_name='Breaks')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shifts', to='calendars.workcalendar')),
            ],
            options={
                'verbose_name': 'shift',
                'verbose_name_plural': 'shifts',
                'ordering': ['calendar', 'weekday', 'begins'],
                'constraints': [models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='shift_weekday'), models.UniqueConstraint(fields=('calendar', 'weekday', 'begins'), name='shift_begins_once')],
            },
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='Day')),
                ('working', models.BooleanField(default=False, verbose_name='Working day')),
                ('like_weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], default=0, verbose_name='Shifts like on a')),
                ('name', models.CharField(max_length=60, verbose_name='Name')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days', to='calendars.workcalendar')),
            ],
            options={
                'verbose_name': 'special day',
                'verbose_name_plural': 'special days',
                'ordering': ['calendar', 'day'],
                'constraints': [models.UniqueConstraint(fields=('calendar', 'day'), name='special_day_once')],
            },
        ),
    ]
