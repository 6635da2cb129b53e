"""Records that are found: whatever saves or deletes one notes it for the index."""

from typing import Any

from django.db import models

from search import index


class Searchable(models.Model):
    """The base of every model with a `Source`. Changes by `update()` and in bulk are noted by whoever makes them (`index.mark_all`)."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        added = self._state.adding
        super().save(*args, **kwargs)
        index.saved(self, added=added, update_fields=kwargs.get("update_fields"))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        index.mark(self)
        return super().delete(*args, **kwargs)
