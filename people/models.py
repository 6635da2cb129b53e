"""Who works here: users, the organisation tree, sites, standing roles, appointments, deputies, tokens of programs."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, gettext_lazy as _, pgettext_lazy

from lib import moment, pinyin
from people.naming import Sought, in_an_address, mark_twins
from people.queries import DeputyQuerySet, UserManager
from search.searchable import Searchable


def is_a_zone(name: str) -> None:
    """Raises ValidationError for a time zone that this machine does not know."""
    # "localtime" and its like mean something else on every machine.
    if name not in available_timezones() or ("/" not in name and name != "UTC"):
        raise ValidationError(
            _("“%(name)s” is no time zone: give one such as Asia/Shanghai or America/Mexico_City."),
            params={"name": name},
        )


class Unit(Sought):
    """One node of the organisation tree; `path` holds the ids from the root down, "/1/4/"."""

    class Kind(models.TextChoices):
        GROUP = "group", _("Group")
        BRANCH = "branch", _("Branch company")
        FACTORY = "factory", _("Factory")
        DEPARTMENT = "department", _("Department")

    code = models.CharField(_("Code"), max_length=20, unique=True, validators=[in_an_address])
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Belongs to")
    )
    path = models.CharField(max_length=200, editable=False, default="", db_index=True)
    head = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="heads", verbose_name=_("Head")
    )
    time_zone = models.CharField(_("Time zone"), max_length=40, default="Asia/Shanghai", validators=[is_a_zone])

    class Meta:
        ordering = ["path"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["group", "branch", "factory", "department"]), name="unit_kind")
        ]

    def clean(self) -> None:
        """A unit does not lie below itself: every walk up the tree has to come to an end."""
        if self.pk and self.parent_id and self._lies_below_itself():
            raise ValidationError({"parent": _("This unit lies below %(unit)s itself.") % {"unit": self}})

    def _lies_below_itself(self) -> bool:
        parents = dict(Unit.objects.values_list("pk", "parent"))
        seen, step = set(), self.parent_id
        while step is not None and step not in seen:
            if step == self.pk:
                return True
            seen.add(step)
            step = parents.get(step)
        return False

    def save(self, *args: object, **kwargs: object) -> None:
        """Raises ValidationError for a unit below itself. The paths of everything below follow."""
        self.clean()
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != self.path:
            before, self.path = self.path, path
            type(self).objects.filter(pk=self.pk).update(path=path)
            below = type(self).objects.filter(path__startswith=before).exclude(pk=self.pk) if before else []
            for unit in below:
                type(self).objects.filter(pk=unit.pk).update(path=path + unit.path.removeprefix(before))

    def ancestor_ids(self) -> list[int]:
        """Ids from the root down to this unit."""
        return [int(part) for part in self.path.split("/") if part]

    def zone(self) -> ZoneInfo:
        """The unit's time zone; the group's where the row names none that this machine knows."""
        return moment.zone_of(self.time_zone)


class Theme(models.TextChoices):
    """How bright the pages are; "auto" follows the device."""

    AUTO = "auto", _("As the device")
    LIGHT = "light", pgettext_lazy("pages", "Light")
    DARK = "dark", pgettext_lazy("pages", "Dark")


class User(Searchable, AbstractUser):
    """A person with an account. `level` decides who may own a finding: engineer or above (procedure §4)."""

    class Level(models.IntegerChoices):
        OPERATOR = 1, _("Operator")
        TECHNICIAN = 2, _("Technician")
        ENGINEER = 3, _("Engineer")
        SUPERVISOR = 4, _("Section head")
        MANAGER = 5, _("Manager")
        DIRECTOR = 6, _("Director")
        EXECUTIVE = 7, _("Vice president")

    name = models.CharField(_("Name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    title = models.CharField(_("Position"), max_length=60, blank=True)
    level = models.PositiveSmallIntegerField(_("Level"), choices=Level.choices, default=Level.ENGINEER)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("Unit")
    )
    superior = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("Superior")
    )
    phone = models.CharField(_("Phone"), max_length=30, blank=True)
    language = models.CharField(
        _("Language"), max_length=10, default="zh-hans", choices=[("zh-hans", _("Chinese")), ("en", _("English"))]
    )
    quiet_from = models.TimeField(_("No reminders from"), null=True, blank=True)
    quiet_to = models.TimeField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("In your unit's time zone. Escalations are sent at any hour; reminders wait until then."),
    )

    #: False after somebody else changed the address, until the person (or who stands above) confirms it: until then no
    #: password is reset through it.
    email_confirmed = models.BooleanField(_("E-mail confirmed"), default=True, editable=False)
    #: Who entered the address: another one than who confirms it.
    email_set_by = models.ForeignKey("self", models.SET_NULL, null=True, editable=False, related_name="+")
    twin = models.BooleanField(default=False, editable=False)
    pinyin = models.CharField(max_length=pinyin.LONGEST, blank=True, editable=False)
    theme = models.CharField(_("Brightness"), max_length=5, default=Theme.AUTO, choices=Theme.choices)

    objects = UserManager()  # type: ignore[misc]

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=~Q(superior=F("id")), name="user_not_own_superior"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | (Q(quiet_from__isnull=False, quiet_to__isnull=False) & ~Q(quiet_from=F("quiet_to"))),
                name="quiet_hours_have_two_ends",
            ),
        ]

    def __str__(self) -> str:
        english = (get_language() or "").startswith("en")
        said = (self.name_en if english else "") or self.name or self.username
        return f"{said} ({self.username})" if self.twin else said

    def save(self, *args: object, **kwargs: object) -> None:
        self.pinyin = pinyin.readings(self.name)
        super().save(*args, **kwargs)
        if kwargs.get("update_fields") is None:
            mark_twins(self)

    def clean(self) -> None:
        """Nobody stands above themselves, over however many steps."""
        super().clean()
        above, seen, step = dict(User.objects.values_list("pk", "superior")), set(), self.superior_id
        while step is not None and step not in seen:
            if step == self.pk:
                raise ValidationError({"superior": _("This person reports to %(person)s.") % {"person": self}})
            seen.add(step)
            step = above.get(step)

    def in_both(self) -> dict[str, str]:
        """The name as facts keep it, in both languages."""
        said = self.name or self.username
        both = {"zh": said, "en": self.name_en or said}
        return {key: f"{name} ({self.username})" for key, name in both.items()} if self.twin else both

    @property
    def choice_label(self) -> str:
        """The person in a list of people: with position and unit, so that two of one name are told apart."""
        return " · ".join(str(part) for part in (self, self.title, self.unit) if part)

    @property
    def sought_as(self) -> str:
        """What finds the person in a pick list besides what is shown: both names, account, pinyin and its initials."""
        return " ".join(filter(None, (self.name, self.name_en, self.username, self.pinyin)))

    def get_full_name(self) -> str:
        return str(self)

    def quiet_until(self, now: datetime) -> datetime | None:
        """When the quiet hours that hold at `now` (aware) end, UTC; None outside them."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        zone = self.unit.zone() if self.unit else moment.zone_of(settings.TIME_ZONE)
        wall = now.astimezone(zone)
        inside = (
            self.quiet_from <= wall.time() < self.quiet_to
            if self.quiet_from < self.quiet_to
            else wall.time() >= self.quiet_from or wall.time() < self.quiet_to
        )
        if not inside:
            return None
        day = wall.date() + timedelta(days=wall.time() >= self.quiet_to)
        return datetime.combine(day, self.quiet_to, zone).astimezone(UTC)

    @property
    def may_own_findings(self) -> bool:
        return self.level >= self.Level.ENGINEER


class Site(Sought):
    """A place that can be audited: a workshop, a line, a warehouse. Whoever answers for it owns what is found there."""

    code = models.CharField(_("Code"), max_length=20, unique=True, validators=[in_an_address])
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sites", verbose_name=_("Unit"))
    contact = models.ForeignKey(User, models.PROTECT, related_name="contact_of", verbose_name=_("Audited-area contact"))
    owner = models.ForeignKey(User, models.PROTECT, related_name="answers_for", verbose_name=_("Answers for it"))
    closure_manager = models.ForeignKey(
        User, models.PROTECT, related_name="closes_for", verbose_name=_("Closure manager")
    )

    twin = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("site")
        verbose_name_plural = _("sites")

    def save(self, *args: object, **kwargs: object) -> None:
        super().save(*args, **kwargs)
        mark_twins(self)


class StandingRole(models.Model):
    """A role a person holds until it is taken away; roles held on one audit or finding stand there."""

    class Role(models.TextChoices):
        MARKET = "market", _("Market staff")
        CONTACT = "contact", _("Non-market customer contact")
        LEADER = "leader", _("Leader")
        ESCORT = "escort", _("Lead escort pool")
        CLOSURE = "closure", _("Closure manager")
        SYSTEM_OFFICE = "system_office", _("Management-system office")
        TOP = "top", _("Top management")
        PROCESS_OWNER = "process_owner", _("Process owner")
        ADMIN = "admin", _("System administrator")

    user = models.ForeignKey(User, models.CASCADE, related_name="standing_roles", verbose_name=_("Person"))
    role = models.CharField(_("Role"), max_length=15, choices=Role.choices)

    class Meta:
        ordering = ["role", "user"]
        verbose_name = _("standing role")
        verbose_name_plural = _("standing roles")
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="one_role_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Appointment(models.Model):
    """Membership of the management-system maintenance network by a formal letter (procedure §3)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="appointments", verbose_name=_("Person"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="appointments", verbose_name=_("Unit"))
    level = models.CharField(_("Level"), max_length=12, choices=Unit.Kind.choices)
    document_number = models.CharField(_("Appointment letter no."), max_length=40)
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"))

    class Meta:
        ordering = ["-valid_from", "id"]
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="appointment_ends_after_it_starts"),
            models.UniqueConstraint(fields=["user", "unit", "document_number"], name="appointed_once_per_letter"),
        ]

    def __str__(self) -> str:
        return f"{self.document_number} {self.user}"

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_to


class Deputy(models.Model):
    """Someone who acts for a person who is away; both names are shown on what they do."""

    principal = models.ForeignKey(User, models.CASCADE, related_name="deputies", verbose_name=_("Absent person"))
    deputy = models.ForeignKey(User, models.CASCADE, related_name="stands_in_for", verbose_name=_("Deputy"))
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("To"))
    reason = models.CharField(_("Reason"), max_length=200, blank=True)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        indexes = [models.Index(fields=["deputy", "starts_on", "ends_on"], name="deputy_now")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="deputy_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(principal=F("deputy")), name="deputy_is_another_person"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} ← {self.principal}"

    @property
    def current(self) -> bool:
        return self.starts_on <= moment.today() <= self.ends_on


class ApiToken(models.Model):
    """What a program shows to act in a person's name. Only its hash is kept; it ends, and it ends with the password."""

    class Scope(models.TextChoices):
        READ = "read", _("Read only")
        WRITE = "write", _("Read and act")

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("Person"))
    name = models.CharField(_("What it is for"), max_length=60)
    scope = models.CharField(_("May"), max_length=5, choices=Scope.choices, default=Scope.READ)
    #: The first characters, to tell tokens apart in a list; the rest is nowhere.
    start = models.CharField(max_length=8)
    digest = models.CharField(max_length=64, unique=True)
    #: Changes with the password.
    password_mark = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("Made"))
    expires_at = models.DateTimeField(_("Ends"))
    last_used_at = models.DateTimeField(_("Last used"), null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"
