"""How people and sites are found."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from people.models import Site, Unit, User
from search.sources import Source, Text, names, register


def names_of(thing: Any) -> tuple[str, ...]:
    """Everything a person, customer, site or unit may be called: both names, code, pinyin and its initials."""
    return tuple(filter(None, (thing.name, thing.name_en, getattr(thing, "code", ""), thing.pinyin)))


def _person(person: User) -> Text:
    unit = names_of(person.unit) if person.unit else ()
    return Text(
        person.name or person.username, (person.name_en, person.username, person.pinyin), (), (person.title, *unit)
    )


def _site(site: Site) -> Text:
    return Text(site.name, names_of(site), (), names_of(site.unit))


def _post(person: User) -> str:
    """Position and unit; no address and no telephone number, as everywhere else."""
    return " · ".join(str(part) for part in (person.title, person.unit) if part)


register(
    Source(
        kind="person",
        label=_("People"),
        model=User,
        watched=frozenset({"name", "name_en", "username", "title", "unit", "is_active"}),
        rows=lambda keys: User.objects.filter(pk__in=keys, is_active=True).select_related("unit"),
        text=_person,
        visible=lambda _user: User.objects.at_work(),
        shown=lambda keys: User.objects.filter(pk__in=keys).select_related("unit"),
        link=lambda person: f"{reverse('findings:list')}?{urlencode({'owner': person.username})}",
        about=_post,
    )
)
register(
    Source(
        kind="site",
        label=_("Sites"),
        model=Site,
        rows=lambda keys: Site.objects.filter(pk__in=keys).select_related("unit"),
        text=_site,
        visible=lambda _user: Site.objects.all(),
        shown=lambda keys: Site.objects.filter(pk__in=keys).select_related("unit"),
        link=lambda site: f"{reverse('findings:list')}?site={site.code}",
        about=lambda site: str(site.unit),
    )
)


names(Unit, "person", lambda unit: User.objects.filter(unit=unit))
names(Unit, "site", lambda unit: Site.objects.filter(unit=unit))
