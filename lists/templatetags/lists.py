"""The tabs above a list: what everybody has, what one keeps, what is shared with one."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import Case, When
from django.urls import reverse

from lib.listing import Listing, sane
from lists.forms import SavedViewForm
from lists.models import SavedView
from lists.registry import KEPT

register = template.Library()
MOST = 40


@dataclass(frozen=True)
class Tab:
    """One view of a list. `drop` is set where it is one's own."""

    label: str
    url: str
    current: bool
    shared: bool = False
    drop: int | None = None


@register.inclusion_tag("lists/tabs.html", takes_context=True)
def list_tabs(context: Any, listing: Listing) -> dict[str, Any]:
    """The tabs of this list, and the form that keeps it as it stands."""
    request, kept = context["request"], KEPT[listing.register.name]
    page = reverse(kept.page)

    def tab(label: Any, query: str, **more: Any) -> Tab:
        return Tab(str(label), f"{page}?{query}" if query else page, query == listing.query, **more)

    presets = [tab(one.label, sane(listing.register, kept.filters, one.query)) for one in listing.register.presets]
    views = SavedView.objects.visible_to(request.user).filter(register=listing.register.name)
    # One's own first: nobody's shared views push them off.
    views = views.annotate(other=Case(When(owner_id=request.user.pk, then=0), default=1)).order_by("other", "name")[
        :MOST
    ]
    own = [
        tab(view.name, view.query, shared=view.is_shared, drop=view.pk if view.owner_id == request.user.pk else None)
        for view in views
    ]
    form = SavedViewForm(
        user=request.user, initial={"register": listing.register.name, "query": listing.query}, auto_id="id_view_%s"
    )
    return {
        "tabs": [*presets, *own],
        "form": form,
        "listing": listing,
        "csrf_token": context.get("csrf_token"),
    }
