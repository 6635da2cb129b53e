"""Keeping, retiring, joining and deleting master records; who did it stands in their history."""

from typing import Any

from auditlog.context import set_actor
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from masterdata.registry import MERGING, Table
from search.index import mark_all
from search.sources import NAMED_BY


@transaction.atomic
def save(form: Any, by: Any) -> Any:
    """Save the valid form as `by`."""
    with set_actor(by):
        return form.save()


@transaction.atomic
def retire(row: Any, by: Any, *, retired: bool = True) -> None:
    """Take the row out of what can be chosen, or back; what was recorded with it stays as it is."""
    with set_actor(by):
        row.retired = retired
        row.save()


def delete(row: Any, by: Any) -> None:
    """Delete a row that nothing refers to. Raises ValidationError saying what does."""
    try:
        with transaction.atomic(), set_actor(by):
            row.delete()
    except ProtectedError as error:
        used = "、".join(sorted({str(other._meta.verbose_name) for other in error.protected_objects}))
        raise ValidationError(_("This is used by: %(used)s.") % {"used": used}) from error


@transaction.atomic
def merge(table: Table, row: Any, into: Any, by: Any) -> int:
    """`row` turns out to be `into`: what refers to it refers to that one, and the row is retired. Returns how many followed.

    Raises ValidationError for a row that something else still needs as its own.
    """
    if row.pk == into.pk:
        raise ValidationError(_("This is the same one."))
    # Both locked, in the order of their keys: what one of two people joins away is no target for the other.
    now = {
        one.pk: one
        for one in type(row)._default_manager.select_for_update().filter(pk__in=[row.pk, into.pk]).order_by("pk")
    }
    if now[row.pk].retired or now[into.pk].retired:
        raise ValidationError(_("This one is out of use."))
    count = sum(follow(row, into, by) for follow in MERGING)
    for relation in row._meta.related_objects:
        rows = relation.related_model._base_manager.filter(**{relation.field.name: row})
        if relation.name not in table.merges:
            if rows.exists():
                what = relation.related_model._meta.verbose_name_plural
                raise ValidationError(_("It has %(what)s of its own: end or move these first.") % {"what": what})
            continue
        count += rows.update(**{relation.field.name: into})
    for kind, named in NAMED_BY.get(type(row), ()):
        mark_all(kind, named(into))
    with set_actor(by):
        LogEntry.objects.log_create(
            row, force_log=True, action=LogEntry.Action.UPDATE, changes={"merged": [str(row), str(into)]}
        )
        LogEntry.objects.log_create(
            into, force_log=True, action=LogEntry.Action.UPDATE, changes={"joined": ["", str(row)]}
        )
        row.retired = True
        if hasattr(row, "merged_into_id"):
            row.merged_into = into
        row.save()
    return count


def history(row: Any) -> Any:
    """Who changed what of the row, the newest first."""
    return LogEntry.objects.get_for_object(row).select_related("actor").order_by("-timestamp", "-pk")
