"""One customer audit from the first lead to the archive."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from audits.master_data import MatrixRow as MatrixRow
from audits.queries import AuditQuerySet
from audits.states import APPOINTED, BEFORE_THE_DAY, AuditState as S
from customers.models import AuditKind, Customer
from people.rules import who
from search.searchable import Searchable
from workflow.fsm import Stateful
from workflow.trail import TrailEvent

USER = settings.AUTH_USER_MODEL


class MonthCounter(models.Model):
    """The last audit number given in a month."""

    month = models.CharField(max_length=6, primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Audit(Searchable, Stateful):
    """One customer audit: the request form (domain §2.1), who hosts it, and where it stands."""

    class Origin(models.TextChoices):
        CUSTOMER = "customer", _("Customer's notice")
        MARKET = "market", _("Market staff")
        LEAD = "lead", _("Lead from non-market staff")

    class Mode(models.TextChoices):
        ON_SITE = "on_site", _("On site")
        REMOTE = "remote", _("Remote")
        WRITTEN = "written", _("In writing")

    class Checklist(models.TextChoices):
        GIVEN = "given", _("Received from the customer")
        NOT_GIVEN = "not_given", _("Customer gave none")

    class Result(models.TextChoices):
        PASSED = "passed", _("Passed")
        CONDITIONAL = "conditional", _("Passed with conditions")
        FAILED = "failed", _("Failed")
        PENDING = "pending", _("Result comes later")

    class Deviation(models.TextChoices):
        CUSTOMER = "customer", _("Customer changed the date")
        NOT_READY = "not_ready", _("We were not ready")
        SUDDEN = "sudden", _("Became a sudden audit")
        ENTRY = "entry", _("Wrongly entered")
        OTHER = "other", _("Other reason")

    number = models.CharField(_("Number"), max_length=20, unique=True)
    state = FSMField(_("State"), max_length=20, choices=S.choices, default=S.LEAD, protected=True)
    origin = models.CharField(_("Origin"), max_length=10, choices=Origin.choices, default=Origin.CUSTOMER)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, verbose_name=_("Customer"))
    customer_name = models.CharField(_("Customer as told"), max_length=120, blank=True)
    lead_note = models.TextField(_("What was heard"), max_length=2000, blank=True)
    passed_on_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="leads", verbose_name=_("Passed on by")
    )
    kind = models.ForeignKey(AuditKind, models.PROTECT, null=True, verbose_name=_("Kind of audit"))
    mode = models.CharField(_("Mode"), max_length=10, choices=Mode.choices, default=Mode.ON_SITE)
    regular = models.BooleanField(_("Regular audit"), default=True)
    sudden = models.BooleanField(_("Sudden"), default=False)
    division = models.CharField(_("Customer's division / project"), max_length=120, blank=True)
    product = models.CharField(_("Product / model"), max_length=120, blank=True)
    customer_contact = models.CharField(_("Customer's contact"), max_length=200, blank=True)
    criteria = models.CharField(_("Standard or customer document"), max_length=200, blank=True)
    planned_start = models.DateField(_("Planned from"), null=True)
    planned_end = models.DateField(_("Planned to"), null=True)
    first_planned_start = models.DateField(_("First planned from"), null=True, editable=False)
    agenda = models.TextField(_("Audit schedule"), max_length=5000, blank=True)
    scope = models.TextField(_("Audit scope"), max_length=3000, blank=True)
    departments = models.CharField(_("Audited departments"), max_length=300, blank=True)
    headcount = models.PositiveSmallIntegerField(_("Number of auditors"), null=True)
    checklist = models.CharField(_("Checklist"), max_length=10, choices=Checklist.choices, blank=True)
    checklist_follow_up = models.DateField(_("Ask again for the checklist on"), null=True)
    special_demands = models.TextField(_("Special demands"), max_length=3000, blank=True)
    logistics = models.TextField(_("Logistics"), max_length=3000, blank=True)
    leader = models.ForeignKey(USER, models.PROTECT, null=True, related_name="led_audits", verbose_name=_("Leader"))
    leader_reason = models.CharField(_("Why this Leader"), max_length=800, blank=True)
    matrix_row = models.ForeignKey(MatrixRow, models.SET_NULL, null=True, related_name="+")
    #: How the row came to propose the Leader (see `audits.matrix`); the sentence is made when it is read.
    matrix_why = models.CharField(max_length=8, blank=True, editable=False)
    lead_escort = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="escorted_audits", verbose_name=_("Lead escort")
    )
    confirmed_version = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(_("Received"))
    created_at = models.DateTimeField(_("Entered"))
    actual_start = models.DateTimeField(_("Started"), null=True)
    actual_end = models.DateTimeField(_("Closing meeting"), null=True)
    closed_at = models.DateTimeField(_("Closed"), null=True)
    result = models.CharField(_("Result"), max_length=12, choices=Result.choices, blank=True)
    score = models.CharField(_("Score / grade"), max_length=40, blank=True)
    retrospective = models.JSONField(_("Retrospective"), default=dict, encoder=DjangoJSONEncoder)
    resume_state = models.CharField(max_length=20, blank=True, editable=False)
    deviation = models.CharField(_("Reason for the deviation"), max_length=10, choices=Deviation.choices, blank=True)
    remark = models.CharField(_("Remark"), max_length=500, blank=True)

    files = GenericRelation(
        "attachments.Attachment",
        object_id_field="subject_id",
        content_type_field="subject_type",
        related_query_name="audit",
    )
    questions = GenericRelation(
        "questions.Message",
        object_id_field="subject_id",
        content_type_field="subject_type",
        related_query_name="audit",
    )
    deadlines = GenericRelation(
        "clocks.Deadline", object_id_field="subject_id", content_type_field="subject_type", related_query_name="audit"
    )

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="audit_list"),
            models.Index(fields=["state", "-created_at"], name="audit_by_state"),
            models.Index(fields=["planned_start"], name="audit_by_plan"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=S.values), name="audit_state_known"),
            models.CheckConstraint(
                condition=Q(planned_end__gte=F("planned_start")) | Q(planned_end=None),
                name="audit_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def site_names(self) -> str:
        """The audited sites as people write them in one cell."""
        return "、".join(str(place.site) for place in self.places.all())

    def get_absolute_url(self) -> str:
        return reverse("audits:page", args=[self.number])

    @property
    def customer_label(self) -> str:
        return str(self.customer) if self.customer else self.customer_name

    # Moves. Bodies only assign fields: the door locks, checks, saves, writes the trail and runs the effects.

    def _assign(self, facts: dict[str, Any]) -> None:
        for name, value in facts.items():
            setattr(self, name, value)

    @transition(state, source=S.LEAD, target=S.DRAFTED, permission=who("audits.draft"))
    def draft(self, *, by: Any, at: datetime, fields: dict[str, Any], **rows: Any) -> None:
        self._assign(fields)
        self._keep_first_plan()

    def _keep_first_plan(self) -> None:
        """The first plan is what plan and actual are held against; a sudden audit has none."""
        if self.first_planned_start is None and not self.sudden:
            self.first_planned_start = self.planned_start

    @transition(
        state, source=[*BEFORE_THE_DAY, S.ON_SITE, S.CLOSING_HELD], target=None, permission=who("audits.revise")
    )
    def revise(self, *, by: Any, at: datetime, fields: dict[str, Any], **rows: Any) -> None:
        self._assign(fields)
        self._keep_first_plan()

    @transition(
        state, source=[*BEFORE_THE_DAY, S.ON_SITE, S.CLOSING_HELD], target=None, permission=who("audits.reschedule")
    )
    def reschedule(
        self,
        *,
        by: Any,
        at: datetime,
        planned_start: Any,
        planned_end: Any,
        mode: str,
        sudden: bool,
        deviation: str,
        reason: str,
    ) -> None:
        self.planned_start, self.planned_end, self.mode, self.sudden = planned_start, planned_end, mode, sudden
        self.deviation, self.remark = deviation, reason
        self._keep_first_plan()

    @transition(state, source=S.DRAFTED, target=S.LEADER_APPOINTED, permission=who("audits.appoint_leader"))
    def appoint_leader(
        self, *, by: Any, at: datetime, leader: Any, reason: str = "", matrix_row: Any = None, matrix_why: str = ""
    ) -> None:
        self._lead(leader, reason, matrix_row, matrix_why)

    def _lead(self, leader: Any, reason: str, matrix_row: Any = None, matrix_why: str = "") -> None:
        self.leader, self.leader_reason, self.matrix_row, self.matrix_why = leader, reason, matrix_row, matrix_why

    @transition(
        state,
        source=[*APPOINTED, S.ON_SITE, S.CLOSING_HELD, S.IN_CLOSURE, S.CLOSED, S.REVIEWED, S.POSTPONED],
        target=None,
        permission=who("audits.replace_leader"),
    )
    def replace_leader(self, *, by: Any, at: datetime, leader: Any, reason: str) -> None:
        self._lead(leader, reason)

    @transition(
        state,
        source=[S.TEAM_NAMED, S.CONFIRMED, S.NOTIFIED, S.ON_SITE, S.CLOSING_HELD, S.IN_CLOSURE, S.CLOSED, S.POSTPONED],
        target=None,
        permission=who("audits.replace_lead_escort"),
    )
    def replace_lead_escort(self, *, by: Any, at: datetime, lead_escort: Any, reason: str) -> None:
        self.lead_escort = lead_escort

    @transition(state, source=S.LEADER_APPOINTED, target=S.DRAFTED, permission=who("audits.decline"))
    def decline(self, *, by: Any, at: datetime, reason: str) -> None:
        self._lead(None, "")

    @transition(state, source=S.LEADER_APPOINTED, target=S.TEAM_NAMED, permission=who("audits.name_team"))
    def name_team(self, *, by: Any, at: datetime, lead_escort: Any, **rows: Any) -> None:
        self.lead_escort = lead_escort

    @transition(
        state,
        source=[S.TEAM_NAMED, S.CONFIRMED, S.NOTIFIED, S.ON_SITE, S.CLOSING_HELD, S.IN_CLOSURE, S.CLOSED],
        target=None,
        permission=who("audits.change_team"),
    )
    def change_team(self, *, by: Any, at: datetime, lead_escort: Any, **rows: Any) -> None:
        self.lead_escort = lead_escort

    @transition(state, source=[S.LEADER_APPOINTED, S.TEAM_NAMED], target=S.CONFIRMED, permission=who("audits.confirm"))
    def confirm(self, *, by: Any, at: datetime, remark: str = "") -> None:
        self.confirmed_version += 1

    # A sudden audit has begun before anybody could be told: its notice follows and moves nothing.
    @transition(state, source=[S.ON_SITE, S.CLOSING_HELD], target=None, permission=who("audits.send_notice"))
    @transition(state, source=S.CONFIRMED, target=S.NOTIFIED, permission=who("audits.send_notice"))
    def send_notice(self, *, by: Any, at: datetime, message: str = "") -> None:
        pass

    @transition(state, source=S.NOTIFIED, target=S.ON_SITE, permission=who("audits.start"))
    def start(self, *, by: Any, at: datetime, minutes: str = "", attendees: str = "") -> None:
        self.actual_start = at

    @transition(
        state,
        source=[S.LEADER_APPOINTED, S.TEAM_NAMED, S.CONFIRMED],
        target=S.ON_SITE,
        permission=who("audits.start_sudden"),
    )
    def start_sudden(self, *, by: Any, at: datetime, lead_escort: Any) -> None:
        self.lead_escort, self.actual_start = lead_escort, at

    @transition(
        state,
        source=[S.NOTIFIED, S.ON_SITE, S.CLOSING_HELD, S.IN_CLOSURE],
        target=None,
        permission=who("audits.record_meeting"),
    )
    def record_meeting(self, *, by: Any, at: datetime, **meeting: Any) -> None:
        pass

    @transition(state, source=S.ON_SITE, target=S.CLOSING_HELD, permission=who("audits.hold_closing"))
    def hold_closing(self, *, by: Any, at: datetime, result: str, score: str = "", **meeting: Any) -> None:
        self.actual_end, self.result, self.score = at, result, score

    @transition(
        state,
        source=[S.CLOSING_HELD, S.IN_CLOSURE, S.CLOSED, S.REVIEWED, S.ARCHIVED],
        target=None,
        permission=who("audits.record_result"),
    )
    def record_result(self, *, by: Any, at: datetime, result: str, score: str = "", remark: str = "") -> None:
        self.result, self.score = result, score

    @transition(state, source=S.CLOSING_HELD, target=S.IN_CLOSURE, permission=who("audits.begin_closure"))
    def begin_closure(self, *, by: Any, at: datetime) -> None:
        pass

    @transition(state, source=S.IN_CLOSURE, target=S.CLOSED, permission=who("audits.close"))
    def close(self, *, by: Any, at: datetime, remark: str = "") -> None:
        self.closed_at = at

    @transition(state, source=S.CLOSED, target=S.REVIEWED, permission=who("audits.review"))
    def review(self, *, by: Any, at: datetime, **retrospective: str) -> None:
        self.retrospective = retrospective

    @transition(state, source=S.REVIEWED, target=S.ARCHIVED, permission=who("audits.archive"))
    def archive(self, *, by: Any, at: datetime) -> None:
        pass

    @transition(state, source=list(BEFORE_THE_DAY), target=S.POSTPONED, permission=who("audits.postpone"))
    def postpone(self, *, by: Any, at: datetime, deviation: str, reason: str) -> None:
        # A notice names the old dates, so after the pause it has to be sent anew.
        self.resume_state = S.CONFIRMED if self.state == S.NOTIFIED else self.state
        self.deviation, self.remark = deviation, reason

    @transition(state, source=S.POSTPONED, target=RETURN_VALUE(S.DRAFTED, *APPOINTED), permission=who("audits.resume"))
    def resume(self, *, by: Any, at: datetime, planned_start: Any, planned_end: Any) -> str:
        self.planned_start, self.planned_end = planned_start, planned_end
        return self.resume_state

    @transition(
        state, source=[S.LEAD, *BEFORE_THE_DAY, S.POSTPONED], target=S.CANCELLED, permission=who("audits.cancel")
    )
    def cancel(self, *, by: Any, at: datetime, reason: str) -> None:
        self.remark = reason


class AuditEvent(TrailEvent):
    """One event of an audit's trail."""

    audit = models.ForeignKey(Audit, models.PROTECT, related_name="events")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["audit", "position"], name="audit_trail_in_order")]

    def subject_id(self) -> int:
        return self.audit_id

    @classmethod
    def subject_model(cls) -> type[models.Model]:
        return Audit
