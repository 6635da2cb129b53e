"""Lists inside a form: any number of rows, each with its own fields, its own errors, and its name in the API.

A form says which lists it has (`WithRows.lists`); each is a Django formset under the list's name, so that a page sends
`auditors-0-name`, and a program sends `{"auditors": [{"name": …}]}`. A row in which nothing is filled in is no row.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.forms.utils import ErrorDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lib.row_data import as_posted, completed, sent

Label = Promise | str
#: So many rows are looked at beyond those a list may have: enough to say that there are too many.
BEYOND = 20


class RowForm(forms.Form):
    """One row. `whole` is the form it belongs to."""

    #: What only says which row it is, or starts with a value: alone it fills in nothing.
    keys: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, whole: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole = whole
        self.prepare()

    def prepare(self) -> None:
        """Choices and starting values that depend on the record or the person."""

    def title(self, number: int) -> str:
        """What the row is called in an error."""
        return str(number)

    def has_changed(self) -> bool:
        """Whether anything is filled in."""
        return any(_given(self[name].data) for name in self.fields if name not in self.keys)

    @property
    def visible(self) -> list[Any]:
        return list(self.visible_fields())

    @property
    def place(self) -> str:
        """What its button sends: the list and its place in it."""
        return f"{self.prefix}".replace("-", ":")


def _given(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """One list of a form."""

    form: type[RowForm]
    label: Label
    #: What the button for one more row says.
    add: Label = ""
    most: int = 60
    #: Rows offered empty behind those that are there.
    blank: int = 1
    #: Every row stands for something the record has (an action, a site): none is added or removed. The field that says for which.
    fixed: str = ""
    #: It is never empty: what has to be in it the form says itself.
    needed: bool = False


class RowSet(BaseFormSet):
    """The rows of one list, as sent or as they are."""

    rows: Rows
    whole: Any
    renderer: Any
    prefix: str

    def __init__(self, data: Any, files: Any, *, rows: Rows, whole: Any, **kwargs: Any) -> None:
        self.rows, self.whole = rows, whole
        super().__init__(data, files, form_kwargs={"whole": whole}, **kwargs)

    # How many rows there are is seen from the rows themselves: a count that was not sent, or lies, changes nothing.

    def total_form_count(self) -> int:
        if self.is_bound:
            return min(sent(self.prefix, self.data, self.files), self.absolute_max)
        return len(self.initial or []) + (0 if self.rows.fixed else self.rows.blank)

    def initial_form_count(self) -> int:
        return 0 if self.is_bound else len(self.initial or [])

    @cached_property
    def management_form(self) -> Any:
        counts = {"TOTAL_FORMS": self.total_form_count(), "INITIAL_FORMS": self.initial_form_count()}
        limits = {"MIN_NUM_FORMS": self.min_num, "MAX_NUM_FORMS": self.max_num}
        return forms.formsets.ManagementForm(
            auto_id=self.auto_id, prefix=self.prefix, initial=counts | limits, renderer=self.renderer
        )

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        return super()._construct_form(i, **kwargs, empty_permitted=not self.rows.fixed)  # type: ignore[misc]

    @cached_property
    def blank_row(self) -> Any:
        """A row in which nothing is filled in, made once: it may hold everybody there is to choose from."""
        return self.empty_form

    @property
    def shown(self) -> list[Any]:
        """The rows a page draws: of those that were sent not the gaps that taken-away rows have left."""
        if not self.is_bound:
            return list(self.forms)
        starts = {key.rsplit("-", 1)[0] for source in (self.data, self.files) for key in source or ()}
        return [row for row in self.forms if row.prefix in starts]

    def full_clean(self) -> None:
        """Each row by itself, and that there are not too many."""
        self._errors: list[Any] = []
        self._non_form_errors = self.error_class(error_class="nonform", renderer=self.renderer)
        if not self.is_bound:
            return
        self._errors = [row.errors for row in self.forms]
        self._refuse_twice()
        if len(self.kept) > self.max_num or sent(self.prefix, self.data, self.files) > self.absolute_max:
            said = _("At most %(most)s rows.") % {"most": self.max_num}
            self._non_form_errors.append(said)

    def _refuse_twice(self) -> None:
        """Of a list in which each row stands for something, no two for the same."""
        seen = set()
        for row in self.forms if self.rows.fixed else ():
            key = row[self.rows.fixed].data
            if key in seen and self.rows.fixed not in row.errors:
                row.add_error(self.rows.fixed, _("This is here twice."))
            seen.add(key)

    @property
    def whole_errors(self) -> list[str]:
        """What the form says of the list as a whole, its own sentences aside."""
        own = set(self.non_form_errors())
        return (
            [str(error) for error in self.whole.errors.get(self.prefix, ()) if error not in own]
            if self.is_bound
            else []
        )

    @property
    def kept(self) -> list[Any]:
        """The rows in which something is filled in."""
        return [row for row in self.forms if self.rows.fixed or row.has_changed()]

    def numbered(self) -> Iterator[tuple[int, Any]]:
        yield from enumerate(self.forms, 1)

    @property
    def posted(self) -> list[dict[str, list[str]]]:
        """The filled-in rows as a browser would send them, files aside."""
        if not self.is_bound:
            return [_as_posted(row) for row in self.forms[: self.initial_form_count()]]
        return [_as_sent(row) for row in self.kept]


def _names(row: Any) -> list[str]:
    return [name for name, field in row.fields.items() if not isinstance(field, forms.FileField)]


def _as_sent(row: Any) -> dict[str, list[str]]:
    return {name: row.data.getlist(row.add_prefix(name)) for name in _names(row)}


def _as_posted(row: Any) -> dict[str, list[str]]:
    return {name: as_posted(row[name]) for name in _names(row)}


@cache
def _set_of(rows: Rows) -> type[RowSet]:
    return formset_factory(rows.form, formset=RowSet, extra=0, max_num=rows.most, absolute_max=rows.most + BEYOND)  # type: ignore[return-value]


class RowError(NamedTuple):
    """One thing wrong in a list, for the head of the page: where it is, what that is called, what is wrong."""

    anchor: str
    label: str
    sentence: str


class WithRows(forms.Form):
    """A form with lists. Its cleaned data have each list's rows under its name, as a list of cleaned data."""

    lists: ClassVar[Mapping[str, Rows]] = {}
    #: Sends along what the lists were, so that a late form overwrites only those its writer touched.
    remembers = False

    def rows_now(self, name: str) -> list[dict[str, Any]]:
        """What the list starts with: one dict of initial values for each row."""
        return []

    @cached_property
    def _start(self) -> dict[str, list[dict[str, Any]]]:
        """What each list starts with, asked once."""
        return {name: self.rows_now(name) for name in self.lists}

    def _set(self, name: str, data: Any, files: Any) -> RowSet:
        rows, start = self.lists[name], self._start[name]
        data = completed(name, rows, data, start) if data is not None and rows.fixed else data
        return _set_of(rows)(data, files, rows=rows, whole=self, prefix=name, initial=start, auto_id=self.auto_id)

    @cached_property
    def row_sets(self) -> dict[str, RowSet]:
        data, files = (self.data, self.files) if self.is_bound else (None, None)
        return {name: self._set(name, data, files) for name in self.lists}

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name, rows in self.row_sets.items():
            rows.is_valid()
            self.cleaned_data[name] = [row.cleaned_data for row in rows.kept if hasattr(row, "cleaned_data")]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        for name, rows in self.row_sets.items():
            if sentences := rows.non_form_errors():
                self._list_errors(name).extend(sentences)
            for row in rows.forms:
                for field, errors in row.errors.items():
                    self._errors[row.add_prefix(field)] = errors

    def _list_errors(self, name: str) -> Any:
        return self._errors.setdefault(name, self.error_class(renderer=self.renderer))

    def add_list_error(self, name: str, sentence: Any) -> None:
        """What is wrong with a list as a whole."""
        self._list_errors(name).append(str(sentence))

    @property
    def changed_data(self) -> list[str]:
        own: list[str] = super().changed_data
        return [*own, *(name for name in self.lists if self._touched(name))]

    def _touched(self, name: str) -> bool:
        """Whether the sender changed the list from what it was when it was shown."""
        rows = self.row_sets[name]
        if any(isinstance(row[field].data, list) and row[field].data for row in rows.forms for field in _files(row)):
            return True
        seen = self.data.get(f"initial-{name}")
        return rows.posted != (self.seen_before(name) if seen is not None else self._before(name))

    def seen_before(self, name: str) -> list[dict[str, list[str]]]:
        """What the list was when it was shown, as the page remembers it; nothing where it does not."""
        try:
            found = json.loads(self.data.get(f"initial-{name}") or "[]")
        except (ValueError, RecursionError):
            return []
        return found if isinstance(found, list) else []

    def _before(self, name: str) -> list[dict[str, list[str]]]:
        return self._set(name, None, None).posted

    def remembered(self) -> Iterator[tuple[str, str]]:
        """The hidden fields that say what the lists were."""
        for name in self.lists if self.remembers else ():
            seen = self.data.get(f"initial-{name}") if self.is_bound else None
            yield f"initial-{name}", seen or json.dumps(self._before(name), ensure_ascii=False)

    @property
    def row_errors(self) -> list[RowError]:
        """What is wrong in the lists, list by list and row by row."""
        found = []
        for name, rows in self.row_sets.items():
            label = str(rows.rows.label)
            found += [RowError(f"id_{name}", label, str(sentence)) for sentence in self.errors.get(name, ())]
            for number, row in rows.numbered():
                title = f"{label} {row.title(number)}"
                for field, errors in row.errors.items():
                    own = row.fields.get(field)
                    called = f"{title} · {own.label}" if own else title
                    anchor = row[field].id_for_label if own else f"id_{name}"
                    found.append(RowError(anchor, called, str(errors[0])))
        return found

    def as_it_stands(self) -> None:
        """Show what was typed without checking it: somebody only asked for another row."""
        self._errors = ErrorDict()
        for rows in self.row_sets.values():
            rows._errors, rows._non_form_errors = [], rows.error_class(renderer=rows.renderer)
            for row in rows.forms:
                row._errors = ErrorDict()


def _files(row: Any) -> list[str]:
    return [name for name, field in row.fields.items() if isinstance(field, forms.FileField)]
