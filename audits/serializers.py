"""How the API shows audits and what belongs to them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from attachments.models import Attachment
from audits import actions
from audits.models import Audit
from audits.records import Auditor, FileKind, Meeting, RequirementVersion, TeamMember
from audits.snapshot import in_words
from audits.views import leader_reason
from customers.models import AuditKind, Customer
from notices.models import Notice
from workflow.schema import (
    ChangeSerializer,
)


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    class Meta:
        model = Customer
        fields = ["code", "name", "name_en", "reception", "contain_hours", "analyse_hours", "close_days", "to_check"]


class KindSerializer(serializers.ModelSerializer[AuditKind]):
    class Meta:
        model = AuditKind
        fields = ["code", "name", "name_en"]


class AuditSerializer(serializers.ModelSerializer[Audit]):
    """An audit as lists show it. `customer` is a code (null while only a name is known: `customer_name`)."""

    customer = serializers.CharField(source="customer.code", default=None, allow_null=True)
    customer_name = serializers.CharField(source="customer_label", allow_blank=True)
    kind = serializers.CharField(source="kind.code", default=None, allow_null=True)
    leader = serializers.CharField(source="leader.username", default=None, allow_null=True)
    lead_escort = serializers.CharField(source="lead_escort.username", default=None, allow_null=True)
    sites = serializers.SerializerMethodField()
    state = serializers.CharField()
    deviation = serializers.CharField(allow_blank=True)
    result = serializers.CharField(allow_blank=True)

    class Meta:
        model = Audit
        fields = [
            "number",
            "state",
            "version",
            "customer",
            "customer_name",
            "kind",
            "mode",
            "regular",
            "sudden",
            "planned_start",
            "planned_end",
            "first_planned_start",
            "deviation",
            "actual_start",
            "actual_end",
            "closed_at",
            "leader",
            "lead_escort",
            "sites",
            "scope",
            "result",
            "score",
            "received_at",
            "created_at",
        ]

    def get_sites(self, audit: Audit) -> list[str]:
        return [place.site.code for place in audit.places.all()]


class PlaceSerializer(serializers.Serializer[Any]):
    site = serializers.CharField(source="site.code")
    contact = serializers.CharField(source="contact.username")


class TeamSerializer(serializers.ModelSerializer[TeamMember]):
    """A duty of a person, under the names that naming the team takes; `person` and `outside_pool_reason` say the same."""

    user = serializers.CharField(source="user.username")
    reason = serializers.CharField(source="outside_pool_reason", allow_blank=True)
    person = serializers.CharField(source="user.username")

    class Meta:
        model = TeamMember
        fields = ["user", "duty", "reason", "person", "outside_pool_reason"]


class AuditorSerializer(serializers.ModelSerializer[Auditor]):
    class Meta:
        model = Auditor
        fields = ["name", "position", "speciality", "language"]


class AuditDetailSerializer(AuditSerializer):
    """Everything that the audit's page shows of the requirement, the team and the way it went."""

    places = PlaceSerializer(many=True)
    team = TeamSerializer(many=True)
    auditors = AuditorSerializer(many=True)
    documents = serializers.SerializerMethodField()
    heard_as = serializers.SerializerMethodField()
    passed_on_by = serializers.CharField(source="passed_on_by.username", default=None, allow_null=True)
    leader_reason = serializers.SerializerMethodField()
    retrospective = serializers.DictField(child=serializers.CharField(allow_blank=True))
    turn = serializers.SerializerMethodField()
    checklist = serializers.CharField(allow_blank=True)

    class Meta(AuditSerializer.Meta):
        fields = [
            *AuditSerializer.Meta.fields,
            "origin",
            "division",
            "product",
            "customer_contact",
            "criteria",
            "agenda",
            "departments",
            "headcount",
            "checklist",
            "checklist_follow_up",
            "special_demands",
            "logistics",
            "places",
            "team",
            "auditors",
            "documents",
            "heard_as",
            "lead_note",
            "passed_on_by",
            "leader_reason",
            "confirmed_version",
            "remark",
            "retrospective",
            "turn",
        ]

    def get_heard_as(self, audit: Audit) -> str:
        """The customer's name as the lead told it."""
        return audit.customer_name

    def get_documents(self, audit: Audit) -> list[str]:
        return [document.item for document in audit.documents.all()]

    def get_leader_reason(self, audit: Audit) -> str:
        return leader_reason(audit)

    def get_turn(self, audit: Audit) -> list[str]:
        """Who can take the next step."""
        return [person.username for person in actions.whose_turn(audit)]


class VersionSerializer(serializers.ModelSerializer[RequirementVersion]):
    by = serializers.CharField(source="by.username")
    snapshot = serializers.JSONField()
    changes = serializers.SerializerMethodField()

    class Meta:
        model = RequirementVersion
        fields = ["number", "by", "at", "snapshot", "changes"]

    @extend_schema(responses=ChangeSerializer(many=True))
    def get_changes(self, version: RequirementVersion) -> list[dict[str, str]]:
        return in_words(version.changes)


class MeetingSerializer(serializers.ModelSerializer[Meeting]):
    recorded_by = serializers.CharField(source="recorded_by.username")

    class Meta:
        model = Meeting
        fields = ["kind", "held_at", "entered_at", "minutes", "attendees", "recorded_by"]


class FileSerializer(serializers.ModelSerializer[Attachment]):
    uploaded_by = serializers.CharField(source="uploaded_by.username")
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Attachment
        fields = [
            "id",
            "kind",
            "caption",
            "name",
            "content_type",
            "size",
            "sha256",
            "uploaded_by",
            "uploaded_at",
            "url",
        ]


class ReceiptSerializer(serializers.ModelSerializer[Notice]):
    """To whom the audit notice went and who acknowledged it; `current` is false for one that was overtaken."""

    person = serializers.CharField(source="recipient.username")
    sent_at = serializers.DateTimeField(source="created_at")
    current = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = ["person", "sent_at", "answered_at", "current", "message"]

    def get_current(self, notice: Notice) -> bool:
        return notice.pk in self.context["current"]

    def get_message(self, notice: Notice) -> str:
        return str(notice.facts.get("message", ""))


class FileBody(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=FileKind.choices)
    caption = serializers.CharField(required=False, max_length=200)
    files = serializers.ListField(child=serializers.FileField())


class LeadSerializer(serializers.ModelSerializer[Audit]):
    """A lead one passed on, and what became of it."""

    customer_name = serializers.CharField()
    state = serializers.CharField()

    class Meta:
        model = Audit
        fields = ["number", "state", "customer_name", "lead_note", "created_at"]


class LeadBody(serializers.Serializer[Any]):
    customer_name = serializers.CharField(max_length=120)
    note = serializers.CharField(max_length=2000)


class PlanRowSerializer(serializers.Serializer[Any]):
    """One audit in the plan of a month: first plan, present plan, actual days, deviation in days with its reason."""

    number = serializers.CharField(source="audit.number")
    customer = serializers.CharField(source="audit.customer_label", allow_blank=True)
    state = serializers.CharField(source="audit.state")
    sudden = serializers.BooleanField(source="audit.sudden")
    first_planned = serializers.DateField(source="planned", allow_null=True)
    planned_start = serializers.DateField(source="now_planned", allow_null=True)
    planned_end = serializers.DateField(source="audit.planned_end", allow_null=True)
    actual_start = serializers.DateField(source="actual", allow_null=True)
    actual_end = serializers.DateField(allow_null=True)
    deviation_days = serializers.IntegerField(source="deviation", allow_null=True)
    deviation_reason = serializers.CharField(source="audit.deviation", allow_blank=True)
