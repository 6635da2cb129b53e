"""The base of every model that has a state."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django_fsm import ConcurrentTransitionMixin

from workflow.trail import about


class Stateful(ConcurrentTransitionMixin, models.Model):
    """A model with a protected state and a version that counts its moves.

    `refresh_from_db` is overridden because the library lifts the protection of the class-level field while it
    refreshes and leaves it lifted for the whole process when the row is gone.
    """

    #: Every such model has its own protected field of this name.
    state: Any
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        raise NotImplementedError

    def move_url(self, move: str) -> str:
        """The page of the move's form."""
        return f"{self.get_absolute_url()}moves/{move}/"

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        if fields is None:
            deferred = self.get_deferred_fields()
            fields = [f.attname for f in self._meta.concrete_fields if f.attname not in deferred]
        names = list(fields)
        protected = [name for name in self._get_protected_fsm_fields() if name in names and name in self.__dict__]
        kept = {name: self.__dict__.pop(name) for name in protected}
        try:
            models.Model.refresh_from_db(self, using=using, fields=names, from_queryset=from_queryset)
        except BaseException:
            self.__dict__.update(kept)
            raise
        self._update_initial_state()


class Child(Stateful):
    """A small record with a life of its own beside an audit or a finding: its trail, its page and its lock are the parent's.

    `door.Machine(beside=…)` makes it one; see docs/decisions/records-beside.md.
    """

    #: The part of its address, such as "disputes", and the field that leads to the parent.
    place: ClassVar[str]
    parent_field: ClassVar[str]
    #: What its card shows and its API says, by column.
    shows: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    @property
    def parent(self) -> Any:
        return getattr(self, self.parent_field)

    @property
    def about(self) -> str:
        """What the parent's trail calls it."""
        return about(self)

    @property
    def anchor(self) -> str:
        """Where on its parent's page it stands."""
        return f"{self._meta.model_name}-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"{self.parent.get_absolute_url()}#{self.anchor}"

    def move_url(self, move: str) -> str:
        return f"{self.parent.get_absolute_url()}{self.place}/{self.pk}/moves/{move}/"
