"""What things are called: names in both languages, namesakes told apart, and what a name is sought by."""

from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, gettext_lazy as _, pgettext_lazy

from lib import pinyin
from search.searchable import Searchable

in_an_address = RegexValidator(r"^[A-Za-z0-9._-]+$", _("Only letters, digits, dots, dashes and underscores."))


class Named(models.Model):
    """A name in Chinese and in English; the page shows the one of its language."""

    #: Whether another row has the same name; then the code stands beside it everywhere (a column where that can be).
    twin: bool = False

    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        said = self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name
        return f"{said} ({self.code})" if self.twin and hasattr(self, "code") else said

    def in_both(self) -> dict[str, str]:
        """The name as facts keep it: in both languages, to be read in the reader's."""
        return {"zh": self.name, "en": self.name_en or self.name}


class SoughtQuerySet(models.QuerySet[Any]):
    def in_use(self, *keep: int | None) -> Self:
        """What may be chosen: everything that is not retired, and the rows with these keys, which were chosen before."""
        return self.filter(Q(retired=False) | Q(pk__in=[key for key in keep if key]))


class Sought(Searchable, Named):
    """Something people look for by name, code, pinyin or its initials."""

    #: Out of use: not to be chosen any more; what was recorded with it stays.
    retired = models.BooleanField(_("Out of use"), default=False, editable=False)
    objects = SoughtQuerySet.as_manager()

    #: How the name is typed by who looks for it, kept by `save`.
    pinyin = models.CharField(max_length=pinyin.LONGEST, blank=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        self.pinyin = pinyin.readings(self.name)
        super().save(*args, **kwargs)

    @property
    def sought_as(self) -> str:
        """What finds the row in a pick list besides its name: code, English name, pinyin."""
        return " ".join(filter(None, (getattr(self, "code", ""), self.name, self.name_en, self.pinyin)))


def mark_twins(row: models.Model) -> None:
    """Note on every row of the model which names are borne by more than one, so that nobody takes one for the other."""
    rows: Any = type(row)._default_manager
    if any(field.name == "retired" for field in row._meta.fields):
        rows = rows.filter(retired=False)
    name = getattr(row, "name", "")
    same = rows.filter(Q(name=name) | (Q(name_en=name) & ~Q(name_en="")))
    if same.count() > 1:
        same.filter(twin=False).update(twin=True)
    for pk, known in rows.filter(twin=True).values_list("pk", "name"):
        if not rows.filter(Q(name=known) | Q(name_en=known)).exclude(pk=pk).exists():
            rows.filter(pk=pk).update(twin=False)
    row.twin = rows.filter(pk=row.pk, twin=True).exists()  # type: ignore[attr-defined]
