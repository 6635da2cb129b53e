"""Who and where, by the codes that everything else is written with."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets

from lib.filters import FilterSet, RowFilter, TextFilter, checked
from people.models import Site, StandingRole, Unit, User
from workflow.schema import LISTS


class UnitSerializer(serializers.ModelSerializer[Unit]):
    parent = serializers.CharField(source="parent.code", default=None, allow_null=True)  # type: ignore[assignment]
    head = serializers.CharField(source="head.username", default=None, allow_null=True)

    class Meta:
        model = Unit
        fields = ["code", "name", "name_en", "kind", "parent", "head", "time_zone"]


class SiteSerializer(serializers.ModelSerializer[Site]):
    unit = serializers.CharField(source="unit.code")
    contact = serializers.CharField(source="contact.username")
    owner = serializers.CharField(source="owner.username")
    closure_manager = serializers.CharField(source="closure_manager.username")

    class Meta:
        model = Site
        fields = ["code", "name", "name_en", "unit", "contact", "owner", "closure_manager"]


class PersonSerializer(serializers.ModelSerializer[User]):
    """A colleague as every page shows them; no address and no telephone number."""

    username = serializers.CharField()
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    superior = serializers.CharField(source="superior.username", default=None, allow_null=True)
    roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["username", "name", "name_en", "title", "level", "unit", "superior", "is_active", "roles"]

    def get_roles(self, person: User) -> list[str]:
        return sorted(standing_role.role for standing_role in person.standing_roles.all())


class NamedFilter(FilterSet):
    """Search in what has a code and a name in two languages."""

    q = TextFilter(method="search", label=_("Search"))

    def search(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        text = value.strip()[:100]
        return rows.filter(Q(code__icontains=text) | Q(name__icontains=text) | Q(name_en__icontains=text))


class UnitFilter(NamedFilter):
    class Meta:
        model = Unit
        fields: list[str] = []


class SiteFilter(NamedFilter):
    unit = RowFilter(queryset=Unit.objects.all(), label=_("Unit"))

    class Meta:
        model = Site
        fields: list[str] = []


class PersonFilter(FilterSet):
    q = TextFilter(method="search", label=_("Search"))
    role = filters.ChoiceFilter(choices=StandingRole.Role.choices, field_name="standing_roles__role", label=_("Role"))
    unit = RowFilter(queryset=Unit.objects.all(), label=_("Unit"))

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        text = value.strip()[:100]
        return rows.filter(Q(username__icontains=text) | Q(name__icontains=text) | Q(name_en__icontains=text))


class Reading(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """A list that narrows by its filters, and names those it does not know."""

    filterset_class: type[FilterSet]

    def rows(self) -> Any:
        raise NotImplementedError

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset  # type: ignore[arg-type]
        return checked(
            self.filterset_class(self.request.query_params, queryset=self.rows(), request=self.request),
            self.request.query_params,
        )


@extend_schema(responses={200: UnitSerializer(many=True), **LISTS})
class UnitViewSet(Reading):
    """Units of the organisation."""

    serializer_class = UnitSerializer
    queryset = Unit.objects.none()
    filterset_class = UnitFilter

    def rows(self) -> Any:
        return Unit.objects.select_related("parent", "head")


@extend_schema(responses={200: SiteSerializer(many=True), **LISTS})
class SiteViewSet(Reading):
    """Places that can be audited."""

    serializer_class = SiteSerializer
    queryset = Site.objects.none()
    filterset_class = SiteFilter

    def rows(self) -> Any:
        return Site.objects.select_related("unit", "contact", "owner", "closure_manager")


@extend_schema(responses={200: PersonSerializer(many=True), **LISTS})
class PersonViewSet(Reading):
    """Colleagues, with the roles they hold."""

    serializer_class = PersonSerializer
    queryset = User.objects.none()
    filterset_class = PersonFilter

    def rows(self) -> Any:
        return User.objects.select_related("unit", "superior").prefetch_related("standing_roles")
