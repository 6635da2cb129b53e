"""Which records have files, and who may see them: each app says it of its own."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet

from attachments.models import Attachment

#: The records of a model that a person may see: whoever sees one sees its files.
VISIBLE: dict[type[Model], Callable[[Any], QuerySet[Any]]] = {}


def register(model: type[Model], visible_to: Callable[[Any], QuerySet[Any]]) -> None:
    """Let these records have files. Raises ValueError when they are known already."""
    if model in VISIBLE:
        raise ValueError(f"{model.__name__} is registered already")
    VISIBLE[model] = visible_to


def may_see(user: Any, attachment: Attachment) -> bool:
    """Whether the person may see the record the file belongs to; of a record that nobody registered, nobody."""
    model = attachment.subject_type.model_class()
    visible_to = VISIBLE.get(model) if model is not None else None
    return visible_to is not None and visible_to(user).filter(pk=attachment.subject_id).exists()
