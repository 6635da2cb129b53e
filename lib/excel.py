"""A list as an Excel file: what the filter shows, every cell as it was written, nothing that Excel would run."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from lib.fields import BREAKS, UNPRINTABLE

#: More rows than this are not exported at once; the sheet then says so.
MOST = 10_000
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Longer, and Excel refuses the whole file.
LONGEST_CELL = 32_767
FORMULA_SIGNS = ("=", "+", "-", "@")


def local(at: datetime | None, zone: ZoneInfo | None = None) -> datetime | None:
    """The moment as the wall in `zone` (or the group's) shows it, as a sheet keeps it: without a zone of its own."""
    return None if at is None else timezone.localtime(at, zone).replace(tzinfo=None, microsecond=0)


def text(value: Any) -> str:
    """Text as a sheet can carry it: what XML cannot hold is left out, line breaks of other programs are line breaks."""
    return UNPRINTABLE.sub("", BREAKS.sub("\n", str(value)))[:LONGEST_CELL]


def cell(sheet: Any, value: Any) -> Any:
    """A value as a cell. Text stays the text it is: "=…" is no formula, and no sign is put before "-5 pcs"."""
    if isinstance(value, datetime):
        return local(value) if timezone.is_aware(value) else value
    if value is None or isinstance(value, bool | int | float | date):
        return value
    written = text(value)
    if not written.startswith(FORMULA_SIGNS):
        return written
    made = WriteOnlyCell(sheet, value=written)
    made.data_type = "s"
    # What Excel itself notes where somebody typed an apostrophe first: text, also after the cell was edited.
    made.quotePrefix = True
    return made


def download(
    name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]], *, total: int | None = None
) -> HttpResponse:
    """The rows as `<name>.xlsx`; columns are (heading, width in characters). `total` rows were asked for: where there are
    more than MOST, the last line says how many are missing.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    for n, (_heading, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.append([cell(sheet, heading) for heading, _width in columns])
    for row in rows:
        sheet.append([cell(sheet, value) for value in row])
    if total is not None and total > MOST:
        sheet.append([cut_off(total)])
    buffer = BytesIO()
    book.save(buffer)
    disposition = f'attachment; filename="{name}.xlsx"'
    return HttpResponse(buffer.getvalue(), content_type=TYPE, headers={"Content-Disposition": disposition})


def cut_off(total: int) -> str:
    """What the last line of a file says that could not hold everything."""
    return _("Cut off: %(shown)s of %(total)s rows. Narrow the filter for the rest.") % {"shown": MOST, "total": total}
