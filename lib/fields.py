"""The fields that every form of the product is made of: text that can be stored and printed, dates that make sense, files
known by their content. A test walks over all forms and accepts no others.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from lib import moment
from lib.files import check

#: Years people mean; anything outside is a slip of the pen, and some of it no database can keep.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
MOST_FILES = 12
#: What breaks a line in other programs (a vertical tab in Word and PowerPoint, a form feed, Unicode's own).
BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
#: What no XML (Excel, Word) can carry: control characters, halves of characters, and the "non-characters" of every plane.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)


def are_printable(text: str) -> None:
    """Raises ValidationError naming the first character that cannot be stored or printed."""
    found = UNPRINTABLE.search(text)
    if found is not None:
        code = f"U+{ord(found.group()):04X}"
        raise ValidationError(
            _("The text contains a character that cannot be printed (%(code)s, character %(at)s): delete it."),
            code="unprintable",
            params={"code": code, "at": found.start() + 1},
        )


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", **kwargs)


class TextField(forms.CharField):
    """Text. Line breaks of other programs become line breaks (in one line: spaces); what cannot be printed is refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Django's own validator for U+0000 would say the same a second time.
        self.validators = [
            validator for validator in self.validators if type(validator).__name__ != "ProhibitNullCharactersValidator"
        ]
        self.validators.append(are_printable)

    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        if not isinstance(text, str):
            return text
        text = BREAKS.sub("\n", text)
        return text if isinstance(self.widget, forms.Textarea) else text.replace("\n", " ")


def area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _within(day: date, earliest: date | None, latest: date | None) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Give a date from 2000 to 2100."), code="out_of_reach")
    if earliest is not None and day < earliest:
        raise ValidationError(_("Not before %(day)s."), code="too_early", params={"day": earliest})
    if latest is not None and day > latest:
        raise ValidationError(_("Not after %(day)s."), code="too_late", params={"day": latest})


#: The first and the last day that make sense for a field, asked when the form is checked.
Limit = Callable[[], date | None]


def today() -> date:
    return moment.today()


class DateField(forms.DateField):
    """A day from 2000 to 2100, within the limits that make sense for the field (both ends included)."""

    widget = DateInput

    def __init__(self, *, earliest: Limit | None = None, latest: Limit | None = None, **kwargs: Any) -> None:
        self.earliest, self.latest = earliest, latest
        super().__init__(**kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if isinstance(value, date):
            _within(value, self.earliest() if self.earliest else None, self.latest() if self.latest else None)


class DateTimeField(forms.DateTimeField):
    """A time from 2000 to 2100 in the group's time zone; `past` refuses what has not happened yet."""

    widget = DateTimeInput

    def __init__(self, *, past: bool = False, **kwargs: Any) -> None:
        self.past = past
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except OverflowError as error:
            raise ValidationError(_("Give a date from 2000 to 2100."), code="out_of_reach") from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if isinstance(value, datetime):
            _within(value.date(), None, None)
            if self.past and value > moment.now():
                raise ValidationError(_("This lies in the future."), code="future")


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, each checked by its content; required means at least one."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = [item for item in (data if isinstance(data, list | tuple) else [data]) if item]
        if not uploads and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if any(not hasattr(upload, "read") for upload in uploads):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if len(uploads) > MOST_FILES:
            raise ValidationError(_("At most %(most)s files at once."), params={"most": MOST_FILES})
        files = [super(FilesField, self).clean(upload, initial) for upload in uploads]
        for file in files:
            check(file)
        return files

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Only by files: an empty list is none (the library's field takes it for one)."""
        return bool(data)


def form_field(column: Any, **kwargs: Any) -> Any:
    """The product's field for a model's column: `formfield_callback` of every model form and of the administration."""
    own = {
        models.CharField: TextField,
        models.TextField: TextField,
        models.DateField: DateField,
        models.DateTimeField: DateTimeField,
    }.get(type(column))
    if own is None:
        return column.formfield(**kwargs)
    kwargs.pop("form_class", None)
    return column.formfield(form_class=own, **kwargs)


# Rows and people ----------------------------------------------------------------------------------------------------

#: A key longer than any database keeps is no choice, not an accident.
LONGEST_KEY = 18
#: So many choices are spelt out in the API's description of a move; beyond, the list endpoints name them.
MOST_CHOICES = 500


class _Rows:
    """What the fields below share: a row is chosen on a page by its key, in the API by its code."""

    queryset: Any
    code: str

    def label_from_instance(self, row: Any) -> str:
        return getattr(row, "choice_label", None) or str(row)

    def key_of(self, code: str) -> str:
        """The key of the row with this code. Raises ValidationError where there is none: a number is no code of another row."""
        found = self.queryset.filter(**{self.code: code}).values_list("pk", flat=True).first()
        if found is None:
            raise _no_such(self, code)
        return str(found)

    def coded_choices(self) -> list[dict[str, str]]:
        return [
            {"value": str(getattr(row, self.code)), "label": self.label_from_instance(row)}
            for row in self.queryset.all()[:MOST_CHOICES]
        ]


def _no_such(field: Any, value: Any) -> ValidationError:
    params = {"value": str(value)[:LONGEST_KEY], "pk": str(value)[:LONGEST_KEY]}
    return ValidationError(field.error_messages["invalid_choice"], code="invalid_choice", params=params)


def _check_key(field: forms.ModelChoiceField, value: Any) -> None:
    """A key too long for any column is no choice; a field known by its codes has no keys to look at."""
    if not field.to_field_name and len(str(value)) > LONGEST_KEY:
        raise _no_such(field, value)


class RowSelect(forms.Select):
    """A pick list whose entries carry what they are sought by besides their words: code, pinyin, initials."""

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        sought = getattr(getattr(value, "instance", None), "sought_as", "") or self.sought.get(str(value), "")
        if sought:
            option["attrs"]["data-sought"] = sought
        return option

    #: The same for choices that are no rows, by their value.
    sought: dict[str, str] = {}


class RowField(_Rows, forms.ModelChoiceField):
    """One row of a table, known to programs by `code`."""

    widget = RowSelect

    def __init__(self, queryset: Any, *, code: str = "code", **kwargs: Any) -> None:
        self.code = code
        super().__init__(queryset, **kwargs)

    def to_python(self, value: Any) -> Any:
        if value not in self.empty_values:
            _check_key(self, value)
        return super().to_python(value)


class Chips(forms.CheckboxSelectMultiple):
    """Several of a list, each ticked by itself: nothing is lost by a second click, with a script or without."""

    def __init__(self, attrs: Any = None, **kwargs: Any) -> None:
        super().__init__({"class": "chip"} | (attrs or {}), **kwargs)


class RowsField(_Rows, forms.ModelMultipleChoiceField):
    """Several rows of a table, known to programs by `code`."""

    widget = Chips

    def __init__(self, queryset: Any, *, code: str = "code", **kwargs: Any) -> None:
        self.code = code
        super().__init__(queryset, **kwargs)

    def clean(self, value: Any) -> Any:
        for key in value or []:
            _check_key(self, key)
        return super().clean(value)


class YesNoField(forms.TypedChoiceField):
    """A question answered one way or the other, and not yet answered at first; programs may say true and false."""

    def __init__(self, *, yes: Any, no: Any, ask: bool = True, **kwargs: Any) -> None:
        choices = [*([("", "—")] if ask else []), ("1", yes), ("0", no)]
        super().__init__(choices=choices, coerce=lambda value: value == "1", empty_value=None, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python({"true": "1", "false": "0"}.get(str(value).lower(), value))


class PersonChoice(forms.TypedChoiceField):
    """A person out of a list that several fields of one form share; known to programs by username."""

    widget = RowSelect
    codes: dict[str, str]
    _coded: list[dict[str, str]]

    def __init__(self, people: Any = (), **kwargs: Any) -> None:
        super().__init__(coerce=int, empty_value=None, **kwargs)
        self.offer(people)

    def offer_as(self, other: "PersonChoice") -> None:
        """Choose among the same people as another field does, without going through them again."""
        self.codes, self._coded, self.choices = other.codes, other._coded, other.choices
        self.widget.sought = other.widget.sought

    def offer(self, people: Any) -> None:
        """Choose among these people."""
        self.codes = {person.username: str(person.pk) for person in people}
        self._coded = [{"value": person.username, "label": person.choice_label} for person in people]
        self.choices = [("", "—"), *((person.pk, person.choice_label) for person in people)]
        self.widget.sought = {str(person.pk): person.sought_as for person in people}

    def key_of(self, code: str) -> str:
        """The key of the person with this username. Raises ValidationError where there is none."""
        if code not in self.codes:
            raise _no_such(self, code)
        return self.codes[code]

    def coded_choices(self) -> list[dict[str, str]]:
        return self._coded[:MOST_CHOICES]
