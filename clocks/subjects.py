"""The kinds of records that can have clocks. The engine reaches a record only through the adapter that its app registers here."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lib.prepared import Among, Prepared
from people.models import Unit
from workflow.fsm import Child

Label = Promise | str
#: Who holds which post around a clock: (post, person's id), such as (("leader", 12), …). Hashable, for ladders are resolved once.
Posts = tuple[tuple[str, int | None], ...]

#: Whom a rung may name for a clock of any kind.
EVERYWHERE: dict[str, Label] = {
    "owner": _("Who owes it"),
    "superior": _("Superior"),
    "process_owner": _("Process owner"),
    "management": _("Management"),
    "management_weekly": _("Management, in the weekly sum"),
}


class Around(Protocol):
    """What the sweep reads of one record, for every clock of it: light, and without a model instance."""

    @property
    def number(self) -> str: ...

    @property
    def url(self) -> str: ...

    def posts(self, owes: int | None) -> Posts:
        """Who stands around a clock that this person owes."""

    def facts(self) -> dict[str, Any]:
        """What a notice says of it: `what` and `site`, each a text or one per language."""


class Nothing(NamedTuple):
    """Around a clock of the engine itself there is nothing."""

    number: str = ""
    url: str = ""

    def posts(self, owes: int | None) -> Posts:
        return ()

    def facts(self) -> dict[str, Any]:
        return {"what": {"zh": "", "en": ""}, "site": ""}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One kind of record: what it is called, by which rules its clocks run, who stands around it, who may see it."""

    #: What a policy says that it covers; also the name of its filter in the API.
    key: str
    #: What the records are called, several of them.
    label: Label
    model: type[Model]
    #: Whose time zone and calendar count.
    unit: Callable[[Any], Unit | None]
    #: What a policy may be narrowed by, and the lookup that leads to it from the record.
    scope: Mapping[str, str] = field(default_factory=dict)
    #: The choices of what a policy says in this kind of record's own words: `grade`, `source`, `exemption`.
    choices: Mapping[str, Collection[tuple[str, Label]]] = field(default_factory=dict)
    #: The posts that a ladder may name besides those everywhere.
    posts: Mapping[str, Label] = field(default_factory=dict)
    #: What the sweep has to know of these records, by id; one statement however many.
    around: Callable[[set[int]], Mapping[int, Around]]
    #: What rows of clocks show and link: the records with what `about`, `unit`, `scope` and `names` read.
    rows: Callable[[], QuerySet[Any]]
    #: The records that this person may see.
    visible_to: Callable[[Any], QuerySet[Any]]
    #: One line of what it is about.
    about: Callable[[Any], str]
    #: Its own number, under `key`, and its parents': as the API calls them, with the lookup that leads to each.
    names: Mapping[str, str]
    #: The key of the policies that hold for it; empty: its own.
    covers: str = ""
    #: The kind of record it stands beside, and the field that leads there.
    parent: "Subject | None" = None
    parent_field: str = ""
    #: Its page.
    url: Callable[[Any], str] = lambda record: record.get_absolute_url()

    @property
    def policy(self) -> str:
        """What the policies that hold for these records say they cover."""
        return self.covers or self.key

    def scope_of(self, record: Any) -> dict[str, Any]:
        """What decides which policy holds for the record, as keywords of `policy.choose`."""
        return {name: _walk(record, path) for name, path in self.scope.items()}

    def number_of(self, record: Any) -> str:
        return str(_walk(record, self.names[self.key]))

    def names_of(self, record: Any) -> dict[str, str]:
        """Its own number and its parents', such as {"finding": "F-2611-003", "audit": "CA-2611-001"}."""
        return {name: _walk(record, path) for name, path in self.names.items()}

    def type(self) -> ContentType:
        return ContentType.objects.get_for_model(self.model)

    def clocks_of(self, **lookups: Any) -> Q:
        """The clocks of those of these records that match."""
        return self.clocks_among(self.model._default_manager.filter(**lookups))

    def clocks_among(self, records: "QuerySet[Any]") -> Q:
        return Q(subject_type=self.type(), subject_id__in=records.values("pk"))


def _walk(record: Any, path: str) -> Any:
    for name in path.split("__"):
        record = getattr(record, name)
    return record


class Beside(NamedTuple):
    """What the sweep reads of a small record: its number, and its parent's surroundings."""

    number: str
    parent: Around

    @property
    def url(self) -> str:
        return self.parent.url

    def posts(self, owes: int | None) -> Posts:
        return self.parent.posts(owes)

    def facts(self) -> dict[str, Any]:
        return self.parent.facts()


def beside(parent: Subject, model: type[Child], *, related: tuple[str, ...]) -> Subject:
    """The adapter of small records beside others: place, people and policies are the parent's. They have a `number`."""
    key, way = str(model._meta.model_name), model.parent_field
    rows = Prepared(
        lambda: model._default_manager.filter(Among("pk", "ids")).order_by().values_list("pk", "number", way)
    )

    def around(ids: set[int]) -> Mapping[int, Around]:
        found = rows.rows(ids=ids)
        parents = parent.around({parent_id for _pk, _number, parent_id in found})
        return {pk: Beside(number, parents[parent_id]) for pk, number, parent_id in found}

    return Subject(
        key=key,
        label=model._meta.verbose_name_plural or key,
        model=model,
        covers=parent.policy,
        parent=parent,
        parent_field=way,
        unit=lambda record: parent.unit(record.parent),
        scope={name: f"{way}__{lookup}" for name, lookup in parent.scope.items()},
        posts=parent.posts,
        around=around,
        rows=lambda: model._default_manager.select_related(*related),
        visible_to=lambda user: model._default_manager.filter(
            **{f"{way}__in": parent.visible_to(user).order_by().values("pk")}
        ),
        about=lambda record: parent.about(record.parent),
        names={key: "number"} | {name: f"{way}__{lookup}" for name, lookup in parent.names.items()},
    )


SUBJECTS: dict[str, Subject] = {}


def register(subject: Subject) -> Subject:
    """Make a kind of record known. Raises ValueError when its key or its model is taken."""
    if subject.key in SUBJECTS or any(kind.model is subject.model for kind in SUBJECTS.values()):
        raise ValueError(f"{subject.key} is registered already")
    SUBJECTS[subject.key] = subject
    return subject


def of(record: Any) -> Subject:
    """The adapter of this record. Raises LookupError when clocks do not know such records."""
    return of_model(type(record))


def of_model(model: type[Model]) -> Subject:
    """The adapter of records of this model. Raises LookupError."""
    for subject in SUBJECTS.values():
        if issubclass(model, subject.model):
            return subject
    raise LookupError(f"no clocks are known for {model.__name__}")


def of_type(content_type: int) -> Subject | None:
    """The adapter of the records of this content type, by its id."""
    return next((kind for kind in SUBJECTS.values() if kind.type().pk == content_type), None)


def label(key: str) -> Label:
    """What a policy covers, in words; the key itself where its app is gone."""
    return SUBJECTS[key].label if key in SUBJECTS else key


def choices(name: str) -> list[tuple[str, Label]]:
    """What may be chosen for a policy's `grade`, `source` or `exemption`."""
    return [pair for subject in SUBJECTS.values() for pair in subject.choices.get(name, ())]


def choice_label(name: str, value: str) -> str:
    """Such a value in words; itself where nobody knows it any more, nothing for nothing."""
    return str(dict(choices(name)).get(value, value))


def names() -> list[str]:
    """What records are called by, in the API: `audit`, `finding` …"""
    return list(dict.fromkeys(name for subject in SUBJECTS.values() for name in subject.names))


def named(name: str, number: str) -> Q:
    """The clocks of the records that carry this number under this name, their own or a parent's."""
    meant = Q(pk__in=[])
    for subject in SUBJECTS.values():
        if name in subject.names:
            meant |= subject.clocks_of(**{subject.names[name]: number})
    return meant


def recipients() -> dict[str, Label]:
    """Whom a rung may name, with what they are called."""
    return EVERYWHERE | {key: name for subject in SUBJECTS.values() for key, name in subject.posts.items()}


def prefetch() -> "GenericPrefetch[Any, Any, Any]":
    """Loads the records of clocks: one statement for each kind of record."""
    return GenericPrefetch("subject", [kind.rows() for kind in SUBJECTS.values()])


def around_them(model: type[Model], records: "QuerySet[Any]") -> Q:
    """The clocks of these records and of what stands beside them."""
    own = of_model(model)
    found = own.clocks_among(records)
    for subject in SUBJECTS.values():
        if subject.parent is own:
            found |= subject.clocks_of(**{f"{subject.parent_field}__in": records.values("pk")})
    return found


def seen_by(user: Any) -> Q:
    """The clocks of the records that this person may see."""
    seen = Q(pk__in=[])
    for subject in SUBJECTS.values():
        seen |= subject.clocks_among(subject.visible_to(user))
    return seen
