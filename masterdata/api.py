"""Master data over the API: the same forms, the same rights, the same history as on the pages."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from lib.parsing import flat, refused
from masterdata import actions
from masterdata.registry import Table
from masterdata.views import found, lines, row_of, table_for
from workflow.moves import coded, filled, know
from workflow.schema import ACTS, READS

MOST = 500
TABLE = OpenApiParameter("table", str, OpenApiParameter.PATH, description="units, sites, people, customers, kinds …")
CODE = OpenApiParameter("code", str, OpenApiParameter.PATH, description="What the row is known by.")
ROW = {"type": "object", "additionalProperties": True}


class ChangeSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True)
    created = serializers.BooleanField()
    changes = serializers.ListField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))


@extend_schema(parameters=[TABLE])
class MasterDataViewSet(viewsets.ViewSet):
    """Tables of master data, for whoever keeps them. A row is an object of the fields of its form; rows it refers to are
    named by their codes.
    """

    lookup_field = "code"
    lookup_value_regex = "[^/]+"

    def _said(self, table: Table, row: Any) -> dict[str, Any]:
        form = table.form(instance=row, by=self.request.user)
        values = {name: _value(field, form, row, name) for name, field in form.fields.items()}
        key = {"id": row.pk} if table.code == "pk" else {}
        return key | values | ({"retired": row.retired} if table.retires else {})

    @extend_schema(
        parameters=[OpenApiParameter("q", str), OpenApiParameter("retired", str)], responses={200: ROW, **READS}
    )
    def list(self, request: Request, table: str) -> Response:
        """The first rows that fit `q`; with retired=1 also what is out of use."""
        kept = table_for(request.user, table)
        rows = found(kept, request.query_params)[1]
        shown = [self._said(kept, row) for row in rows.order_by(*kept.register.order)[:MOST]]
        return Response({"count": rows.order_by().count(), "results": shown})

    @extend_schema(parameters=[CODE], responses={200: ROW, **READS})
    def retrieve(self, request: Request, table: str, code: str) -> Response:
        kept = table_for(request.user, table)
        return Response(self._said(kept, row_of(kept, code)))

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: ROW, **ACTS})
    def create(self, request: Request, table: str) -> Response:
        kept = table_for(request.user, table)
        row = self._keep(kept, None, request)
        return Response(self._said(kept, row), status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[CODE], request=OpenApiTypes.OBJECT, responses={200: ROW, **ACTS})
    def partial_update(self, request: Request, table: str, code: str) -> Response:
        """What is not sent stays as it is; `retired` takes a row out of use, or back."""
        kept = table_for(request.user, table)
        return Response(self._said(kept, self._keep(kept, row_of(kept, code), request)))

    def _keep(self, table: Table, row: Any, request: Request) -> Any:
        if row is not None and not table.may_edit(request.user, row):
            raise PermissionDenied
        data, blank = flat(request.data).copy(), table.form(instance=row, by=request.user)
        retired = data.pop("retired", [None])[-1] if table.retires and row is not None else None
        if retired not in {None, "True", "true", "False", "false"}:
            raise serializers.ValidationError({"retired": ["true / false"]})
        know(blank, data)
        kept = row if row is not None and not data else self._saved(table, row, data, blank)
        if retired is not None:
            actions.retire(kept, request.user, retired=retired.lower() == "true")
        return table.rows().get(pk=kept.pk)

    def _saved(self, table: Table, row: Any, data: Any, blank: Any) -> Any:
        data = coded(blank, data)
        if row is not None:
            data = filled(blank, data, {})
        form = table.form(data, instance=row, by=self.request.user)
        if not form.is_valid():
            raise refused(form)
        return actions.save(form, self.request.user)

    @extend_schema(parameters=[CODE], responses={200: ChangeSerializer(many=True), **READS})
    @action(detail=True, methods=["get"])
    def history(self, request: Request, table: str, code: str) -> Response:
        """Who changed what, the newest first: [field, before, after]."""
        kept = table_for(request.user, table)
        said = [
            {
                "at": line.at,
                "by": line.by.username if line.by else None,
                "created": line.created,
                "changes": [list(change) for change in line.changes],
            }
            for line in lines(row_of(kept, code))
        ]
        return Response(ChangeSerializer(said, many=True).data)


def _value(field: Any, form: Any, row: Any, name: str) -> Any:
    """The field's value as a program says it: rows by their code."""
    value = getattr(row, name) if hasattr(row, name) else form.initial.get(name)
    return getattr(value, field.code) if isinstance(value, Model) else value
