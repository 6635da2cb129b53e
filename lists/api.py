"""Views of lists over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from lib.parsing import flat, refused
from lists.forms import SavedViewForm
from lists.models import SavedView
from workflow.moves import know
from workflow.schema import ACTS, LISTS, READS


class SavedViewSerializer(serializers.ModelSerializer[SavedView]):
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    owner = serializers.CharField(source="owner.username")

    class Meta:
        model = SavedView
        fields = ["id", "register", "name", "query", "role", "unit", "owner"]


class NewViewSerializer(serializers.Serializer[Any]):
    register = serializers.CharField(help_text="findings, audits or ledger")
    name = serializers.CharField(max_length=40)
    query = serializers.CharField(required=False, help_text="The filters as the list takes them: state=open&mine=true")
    role = serializers.CharField(required=False)
    unit = serializers.CharField(required=False)


class SavedViewViewSet(mixins.ListModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[SavedView]):
    """Views of lists one keeps or shares. Posting a name that is there already keeps that view anew."""

    serializer_class = SavedViewSerializer
    queryset = SavedView.objects.none()

    def get_queryset(self) -> Any:
        rows = SavedView.objects.visible_to(self.request.user).select_related("unit", "owner")
        return rows if self.action == "list" else rows.filter(owner_id=self.request.user.pk)

    @extend_schema(responses={200: SavedViewSerializer(many=True), **LISTS})
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The caller's own views and those shared with them."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={204: None, **READS})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Only one's own."""
        return super().destroy(request, *args, **kwargs)

    @extend_schema(request=NewViewSerializer, responses={201: SavedViewSerializer, **ACTS})
    def create(self, request: Request) -> Response:
        data, blank = flat(request.data), SavedViewForm(user=request.user)
        know(blank, data)
        form = SavedViewForm(data, user=request.user)
        if not form.is_valid():
            raise refused(form)
        return Response(SavedViewSerializer(form.save()).data, status=status.HTTP_201_CREATED)
