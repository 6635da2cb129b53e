"""What a browser sends of a form as it stands: its fields, the rows of its lists, and what it remembers."""

from typing import Any

from lib.row_data import as_posted


def as_sent(form: Any) -> dict[str, Any]:
    """By name, as the test client takes it; files aside."""
    found: dict[str, Any] = dict(getattr(form, "remembered", list)())
    for bound in form:
        value = bound.value()
        found[bound.html_name] = "" if value is None or value is False else value
        if bound.field.show_hidden_initial:
            found[bound.html_initial_name] = as_posted(bound)
    for rows in getattr(form, "row_sets", {}).values():
        for row in rows.forms:
            found |= {one.html_name: as_posted(one) for one in row}
        found |= {one.html_name: one.value() for one in rows.management_form}
    return found
