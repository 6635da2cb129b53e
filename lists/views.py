"""Keeping and dropping views of lists."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lists.forms import SavedViewForm
from lists.models import SavedView
from lists.registry import KEPT


def address(view: SavedView) -> str:
    """Where the view is looked at."""
    return f"{reverse(KEPT[view.register].page)}?{view.query}"


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    form = SavedViewForm(request.POST, user=request.user)
    if form.is_valid():
        view = form.save()
        messages.success(request, _("Kept as “%(name)s”.") % {"name": view.name})
        return redirect(address(view))
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"{label}: {errors.as_text()[2:]}" if label else errors.as_text()[2:])
    kept = KEPT.get(request.POST.get("register", ""))
    query = request.POST.get("query", "")[:1000]
    return redirect(f"{reverse(kept.page)}?{query}" if kept else "/")


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Only whoever keeps it drops it."""
    view = get_object_or_404(SavedView, pk=pk, owner_id=request.user.pk)
    page = KEPT[view.register].page
    view.delete()
    messages.success(request, _("“%(name)s” is no longer kept.") % {"name": view.name})
    return redirect(page)
