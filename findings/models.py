"""One finding from draft to proven effective: the record and its state machine (architecture §3)."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from audits.models import Audit
from findings.answers import Countermeasure, Submission, Verdict
from findings.exemptions import Exemption
from findings.queries import FindingQuerySet
from findings.states import AFTER, BEFORE, OPEN, ORDER, Category, FindingState as S, Grade, Source, Step
from people.models import Site
from people.rules import who
from search.searchable import Searchable
from workflow.fsm import Stateful
from workflow.trail import TrailEvent

USER = settings.AUTH_USER_MODEL


class Finding(Searchable, Stateful):
    """One finding. The customer's words and grade stand verbatim beside ours and are locked once it is issued."""

    number = models.CharField(_("Number"), max_length=30, unique=True)
    state = FSMField(_("State"), max_length=16, choices=S.choices, default=S.DRAFT, protected=True)
    audit = models.ForeignKey(Audit, models.PROTECT, related_name="findings", verbose_name=_("Audit"))
    sequence = models.PositiveSmallIntegerField(editable=False)
    source = models.CharField(_("Source"), max_length=14, choices=Source.choices, default=Source.ON_SITE)
    customer_number = models.CharField(_("Customer's number"), max_length=30, blank=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="findings", verbose_name=_("Place found"))
    what = models.TextField(_("What: the problem and the requirement it breaks"), max_length=3000)
    when = models.CharField(_("When it was found"), max_length=200, blank=True)
    where = models.CharField(_("Where: line and station"), max_length=200, blank=True)
    found_by = models.CharField(_("Who found it, who was present"), max_length=200, blank=True)
    why = models.TextField(_("Why it counts: clause or customer's standard"), max_length=2000, blank=True)
    how = models.TextField(_("How it was found or happened"), max_length=2000, blank=True)
    how_much = models.CharField(_("How much: quantity, share, lots"), max_length=300, blank=True)
    customer_words = models.TextField(_("Customer's own words"), max_length=3000, blank=True)
    customer_grade = models.CharField(_("Customer's own grade"), max_length=60, blank=True)
    grade = models.CharField(_("Grade"), max_length=12, choices=Grade.choices, default=Grade.MINOR)
    category = models.CharField(_("5M1E"), max_length=12, choices=Category.choices, blank=True)
    clause = models.CharField(_("Clause"), max_length=60, blank=True)
    product = models.CharField(_("Product / model / lot"), max_length=120, blank=True)
    owner = models.ForeignKey(
        USER, models.PROTECT, related_name="owned_findings", null=True, verbose_name=_("Issue owner")
    )
    closure_manager = models.ForeignKey(
        USER, models.PROTECT, related_name="managed_findings", null=True, verbose_name=_("Closure manager")
    )
    repeat_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repeats", verbose_name=_("Repeat of")
    )
    customer_due_on = models.DateField(_("Customer wants it closed by"), null=True, blank=True)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("Recorded"))
    issued_at = models.DateTimeField(_("Issued (T0)"), null=True)
    closed_at = models.DateTimeField(_("Closed"), null=True)
    customer_closed_at = models.DateTimeField(_("Closed by the customer"), null=True)
    silence_accepted = models.BooleanField(_("Silence accepted"), default=False)
    cycle = models.PositiveSmallIntegerField(default=1, editable=False)

    evidence = GenericRelation(
        "attachments.Attachment",
        object_id_field="subject_id",
        content_type_field="subject_type",
        related_query_name="finding",
    )
    questions = GenericRelation(
        "questions.Message",
        object_id_field="subject_id",
        content_type_field="subject_type",
        related_query_name="finding",
    )
    deadlines = GenericRelation(
        "clocks.Deadline", object_id_field="subject_id", content_type_field="subject_type", related_query_name="finding"
    )

    objects = FindingQuerySet.as_manager()

    #: Who had it until this re-assignment; only while the move is made.
    former_owner: Any = None

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="finding_list"),
            models.Index(fields=["state", "-created_at", "-id"], name="finding_by_state"),
            models.Index(fields=["owner", "state"], name="finding_by_owner"),
            models.Index(fields=["closure_manager", "state"], name="finding_by_manager"),
            models.Index(fields=["issued_at"], name="finding_by_issue"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=S.values), name="finding_state_known"),
            models.UniqueConstraint(fields=["audit", "sequence"], name="finding_sequence_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | (Q(issued_at__isnull=False) & Q(owner__isnull=False)),
                name="issued_finding_has_start_and_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("findings:page", args=[self.number])

    @property
    def is_observation(self) -> bool:
        return self.grade == Grade.OBSERVATION

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @cached_property
    def action_owner_by_id(self) -> dict[int, int]:
        """Who has which action in the current analysis."""
        actions = Countermeasure.objects.filter(submission__finding=self, submission__current=True)
        return dict(actions.values_list("pk", "owner_id"))

    @cached_property
    def action_owner_ids(self) -> frozenset[int]:
        """Who has an action in the current analysis."""
        return frozenset(self.action_owner_by_id.values())

    @cached_property
    def read_across_ids(self) -> frozenset[int]:
        """Who carries it over to another site, and the contacts there."""
        rows = self.read_across.exclude(state="dropped").values_list("owner_id", "site__contact_id")
        return frozenset(person for pair in rows for person in pair if person)

    def forget(self) -> None:
        """What was remembered of the rows beside the finding no longer holds."""
        for name in (
            "submission_rows",
            "action_owner_by_id",
            "action_owner_ids",
            "answerer_ids",
            "pending_exemption",
            "read_across_ids",
        ):
            self.__dict__.pop(name, None)

    def remember(self, submission: "Submission") -> None:
        """The submission just made is the current revision of its step; nobody has judged it yet."""
        rows = self.submission_rows
        self.forget()
        for one in rows:
            one.current = one.current and one.step != submission.step
        submission.verdict_rows = []
        self.submission_rows = [submission, *rows]

    @cached_property
    def answerer_ids(self) -> frozenset[int]:
        """Who wrote a current answer, in their own name or for another."""
        rows = [submission for submission in self.submission_rows if submission.current]
        return frozenset(person for row in rows for person in (row.by_id, row.on_behalf_of_id) if person)

    @cached_property
    def pending_exemption(self) -> "Exemption | None":
        return self.exemptions.waiting().first()

    def current(self, step: str) -> "Submission | None":
        """The latest revision of a step."""
        return next(
            (submission for submission in self.submission_rows if submission.step == step and submission.current),
            None,
        )

    def standing(self, step: str) -> "Submission | None":
        """The latest revision of a step, unless it was sent back or overtaken."""
        found = self.current(step)
        verdict = found.verdict if found else None
        fallen = {Verdict.Outcome.RETURNED, Verdict.Outcome.OVERTAKEN}
        return None if verdict is not None and verdict.outcome in fallen else found

    def awaiting(self) -> list[str]:
        """The steps whose latest revision waits for a verdict."""
        return [str(step) for step in ORDER if (one := self.current(step)) is not None and one.pending]

    def reviewable(self) -> list[str]:
        """The steps that may be sent back now: submitted in this cycle, standing, and not beyond the state."""
        states = [AFTER[step] for step in ORDER]
        if self.state not in states:
            return []
        reached = ORDER[: 1 + states.index(S(self.state))]
        found = [(step, self.standing(step)) for step in reached]
        return [str(step) for step, one in found if one is not None and one.cycle == self.cycle]

    @cached_property
    def submission_rows(self) -> list["Submission"]:
        """All revisions, the newest first, with their verdicts."""
        return list(self.submissions.prefetch_related("verdicts").order_by("-submitted_at", "-id"))

    # Moves. Bodies only assign fields: the door locks, checks, saves, writes the trail and runs the effects.

    def _assign(self, fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            setattr(self, name, value)

    @transition(state, source=S.DRAFT, target=None, permission=who("findings.edit"))
    def edit(self, *, by: Any, at: datetime, fields: dict[str, Any], files: Any = ()) -> None:
        self._assign(fields)

    @transition(state, source=S.DRAFT, target=S.ISSUED, permission=who("findings.issue"))
    def issue(self, *, by: Any, at: datetime, **fields: Any) -> None:
        self._assign(fields)
        self.issued_at = at

    @transition(state, source=S.ISSUED, target=S.CONTAINED, permission=who("findings.submit"))
    def submit_containment(self, *, by: Any, at: datetime, **answer: Any) -> None:
        pass

    @transition(state, source=S.CONTAINED, target=S.ANALYSED, permission=who("findings.submit"))
    def submit_analysis(self, *, by: Any, at: datetime, category: str, **answer: Any) -> None:
        self.category = category

    @transition(state, source=S.ANALYSED, target=S.IMPLEMENTED, permission=who("findings.submit"))
    def submit_implementation(self, *, by: Any, at: datetime, **answer: Any) -> None:
        pass

    @transition(state, source=S.ISSUED, target=S.IMPLEMENTED, permission=who("findings.submit"))
    def answer_observation(self, *, by: Any, at: datetime, **answer: Any) -> None:
        pass

    @transition(
        state,
        source=[S.CONTAINED, S.ANALYSED, S.IMPLEMENTED],
        target=RETURN_VALUE(S.ISSUED, S.CONTAINED, S.ANALYSED),
        permission=who("findings.verify"),
    )
    def send_back(self, *, by: Any, at: datetime, step: str, reason: str) -> str:
        return S.ISSUED if self.is_observation else BEFORE[Step(step)]

    @transition(state, source=[S.CONTAINED, S.ANALYSED, S.IMPLEMENTED], target=None, permission=who("findings.verify"))
    def accept_step(self, *, by: Any, at: datetime, step: str, reason: str = "") -> None:
        pass

    @transition(state, source=S.IMPLEMENTED, target=S.CLOSED, permission=who("findings.verify"))
    def close(self, *, by: Any, at: datetime, verified_how: str, conclusion: str) -> None:
        self.closed_at = at

    @transition(state, source=S.CLOSED, target=S.CUSTOMER_CLOSED, permission=who("findings.close_for_customer"))
    def close_for_customer(
        self, *, by: Any, at: datetime, silence: bool, statement: str, accepted_on: Any = None, files: Any = ()
    ) -> None:
        self.customer_closed_at, self.silence_accepted = at, silence

    @transition(state, source=S.CUSTOMER_CLOSED, target=S.EFFECTIVE, permission=who("findings.verify"))
    def confirm_effective(self, *, by: Any, at: datetime, window: str, evidence: str, files: Any = ()) -> None:
        pass

    @transition(
        state,
        source=[S.CLOSED, S.CUSTOMER_CLOSED, S.EFFECTIVE],
        target=RETURN_VALUE(S.ISSUED, S.ANALYSED),
        permission=who("findings.reopen"),
    )
    def reopen(self, *, by: Any, at: datetime, cause: str, back_to: str, reason: str) -> str:
        self.cycle += 1
        self.closed_at = self.customer_closed_at = None
        self.silence_accepted = False
        return S.ISSUED if self.is_observation else back_to

    @transition(state, source=[S.DRAFT, *OPEN], target=S.WITHDRAWN, permission=who("findings.withdraw"))
    def withdraw(self, *, by: Any, at: datetime, reason: str, files: Any = ()) -> None:
        pass

    @transition(
        state, source=[S.DRAFT, *OPEN, S.CLOSED, S.CUSTOMER_CLOSED], target=None, permission=who("findings.replace")
    )
    def change_manager(self, *, by: Any, at: datetime, closure_manager: Any, reason: str) -> None:
        self.closure_manager = closure_manager

    @transition(state, source=[S.ANALYSED, S.IMPLEMENTED], target=None, permission=who("findings.replace_action_owner"))
    def replace_action_owner(self, *, by: Any, at: datetime, action: Any, owner: Any, reason: str) -> None:
        pass

    @transition(state, source=S.ANALYSED, target=None, permission=who("findings.complete_action"))
    def complete_action(
        self, *, by: Any, at: datetime, action: Any, done_on: Any, remark: str = "", files: Any = ()
    ) -> None:
        pass

    @transition(state, source=list(OPEN), target=None, permission=who("findings.replace"))
    def reassign(self, *, by: Any, at: datetime, owner: Any, reason: str) -> None:
        self.former_owner, self.owner = self.owner, owner

    @transition(state, source=list(OPEN), target=None, permission=who("findings.lead"))
    def regrade(self, *, by: Any, at: datetime, grade: str, reason: str) -> None:
        self.grade = grade

    @transition(state, source=list(OPEN), target=None, permission=who("findings.lead"))
    def leader_review(self, *, by: Any, at: datetime, note: str, repeat_of: Any = None) -> None:
        self.repeat_of = repeat_of or self.repeat_of

    @transition(state, source=S.CUSTOMER_CLOSED, target=None, permission=who("findings.verify"))
    def check_effect(self, *, by: Any, at: datetime, window: str, evidence: str, files: Any = ()) -> None:
        pass


class FindingEvent(TrailEvent):
    """One event of a finding's trail."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="events")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["finding", "position"], name="finding_trail_in_order")]

    def subject_id(self) -> int:
        return self.finding_id

    @classmethod
    def subject_model(cls) -> type[models.Model]:
        return Finding
