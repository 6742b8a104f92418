"""Lists as Excel workbooks: one table a sheet, its heads frozen, moments in the city's time, texts never formulas."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

MEDIA: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 10_000
"""A sheet takes a million rows, but not while somebody waits for the page."""
_MAX_TEXT: Final = 32_000  # of the 32,767 that a cell takes
_MAX_TITLE: Final = 31
_NOT_HELD: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NO_TITLE: Final = re.compile(r"[\[\]:*?/\\]")
_HEAD: Final = Font(bold=True)
_GROUND: Final = PatternFill("solid", fgColor="FFEFEFEB")
_TOP: Final = Alignment(vertical="top")
_WRAP: Final = Alignment(vertical="top", wrap_text=True)
_WIDEST: Final = 60
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Value = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its title, the heads, the widths of its columns in letters (0: as its texts need), the rows.

    ``note`` stands under the last row.
    """

    title: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Value]]
    widths: Sequence[int] = ()
    note: str = ""


def workbook(sheets: Sequence[Sheet], timezone: str, title: str = "") -> bytes:
    """The workbook as bytes. Moments are aware and are written as the city's clock shows them."""
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = _clean(title)[:200], "Baopian"
    zone, names = ZoneInfo(timezone), set[str]()
    for sheet in sheets:
        _write(book, sheet, _name(sheet.title, names), zone)
    if not sheets:
        book.create_sheet("1")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class _Moulds:
    """Cells of a page whose looks others take over: giving each its own is most of the work of a large sheet."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.head, self.wrapped, self.quoted, self.moment, self.day = (WriteOnlyCell(page) for _ in range(5))
        self.head.font, self.head.fill, self.head.alignment = _HEAD, _GROUND, _TOP
        self.wrapped.alignment = _WRAP
        self.quoted.quotePrefix = True
        self.moment.number_format, self.day.number_format = "yyyy-mm-dd hh:mm", "yyyy-mm-dd"

    def cell(self, value: Value) -> Any:
        """What goes into the row: a cell where it needs looks or care, else the value itself."""
        if isinstance(value, datetime):
            return self._like(self.moment, value)
        if isinstance(value, date):
            return self._like(self.day, value)
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str, mould: Any = None) -> Any:
        """A text that stays one; what begins as a formula is marked, also for who copies it elsewhere."""
        if mould is None and text.startswith(_FORMULA):
            mould = self.quoted
        elif mould is None and ("\n" in text or len(text) > _WIDEST):
            mould = self.wrapped
        elif mould is None and not text.startswith("#"):  # those may be error codes
            return text
        cell = self._like(mould or self.wrapped, text)
        cell.data_type = "s"
        return cell

    def _like(self, mould: Any, value: Value) -> Any:
        cell = WriteOnlyCell(self.page, value)
        cell._style = mould._style
        return cell


def _write(book: Workbook, sheet: Sheet, name: str, zone: ZoneInfo) -> None:
    page = book.create_sheet(name)
    moulds = _Moulds(page)
    rows = [[_plain(value, zone) for value in row] for row in sheet.rows]
    for at, width in enumerate(_widths(sheet, rows), start=1):
        page.column_dimensions[get_column_letter(at)].width = width
    page.freeze_panes = "A2"
    if rows:
        page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.heads))}{len(rows) + 1}"
    page.append([moulds.text(_clean(text), moulds.head) for text in sheet.heads])
    for row in rows:
        page.append([moulds.cell(value) for value in row])
    if sheet.note:
        page.append([])
        page.append([moulds.text(_clean(sheet.note))])


def _plain(value: Value, zone: ZoneInfo) -> Value:
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    """A text as XML can hold it and a cell takes it."""
    return _NOT_HELD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:_MAX_TEXT]


def _name(title: str, taken: set[str]) -> str:
    """A sheet's name as Excel takes it, unlike the others'."""
    plain = _NO_TITLE.sub(" ", _clean(title)).strip("' ")[:_MAX_TITLE] or "1"
    name, n = plain, 2
    while name.casefold() in taken:
        name, n = f"{plain[: _MAX_TITLE - 4]} {n}", n + 1
    taken.add(name.casefold())
    return name


def _widths(sheet: Sheet, rows: Sequence[Sequence[Value]]) -> list[int]:
    found = []
    for at, head in enumerate(sheet.heads):
        fixed = sheet.widths[at] if at < len(sheet.widths) else 0
        seen = [_wide(head) + 3, *(_wide(row[at]) for row in rows[:300] if at < len(row))]
        found.append(fixed or min(max(8, *seen) + 1, _WIDEST))
    return found


def _wide(value: Value) -> int:
    if isinstance(value, datetime):
        return 16
    first = str("" if value is None else value).partition("\n")[0]
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in first[:_WIDEST])
