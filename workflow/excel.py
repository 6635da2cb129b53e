"""A list as an Excel file: what the filter shows, nothing that Excel would run."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

#: More rows than this are not exported at once.
MOST = 10_000
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> Any:
    """A value as a sheet keeps it: local times without zone, and text that is never taken for a formula."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if value is None or isinstance(value, bool | int | float | date):
        return value
    text = "".join(sign for sign in str(value) if sign >= " " or sign in "\n\t")
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def download(name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The rows as `<name>.xlsx`; columns are (heading, width in characters)."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    for n, (_heading, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.append([heading for heading, _width in columns])
    for row in rows:
        sheet.append([cell(value) for value in row])
    buffer = BytesIO()
    book.save(buffer)
    disposition = f'attachment; filename="{name}.xlsx"'
    return HttpResponse(buffer.getvalue(), content_type=TYPE, headers={"Content-Disposition": disposition})
