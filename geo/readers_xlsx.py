"""Spreadsheets (.xlsx) with coordinates: a sheet read as a table of text, as a CSV file is."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from geo.coordinate_columns import coordinate_columns, found_column, take_points
from geo.problems import UnreadableFile, shown
from geo.raw_layer import RawLayer
from geo.readers_csv import WKT_NAMES, header_names, take_wkt
from geo.readers_zip import MB

MOST_COLUMNS: Final = 1000
_BROKEN: Final = (
    RuntimeError, NotImplementedError, zlib.error,
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    OSError, EOFError,
)  # fmt: skip


def read_xlsx(
    path: Path,
    layer: str | None = None,
    x: str | None = None,
    y: str | None = None,
    *,
    limit_bytes: int,
    limit_features: int | None = None,
) -> RawLayer:
    """A sheet with x and y (those named, or found) or with WKT as a raw layer; values become text.

    `layer` names the sheet; without it the only one that holds anything is taken. Formulas count as their last
    value. Raises `UnreadableFile`, also for what would unpack to more than `limit_bytes`.
    """
    _demand_small(path, limit_bytes)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            name, lines = _sheet(book, layer, limit_features)
        finally:
            book.close()
    except UnreadableFile:
        raise
    except _BROKEN as error:
        raise UnreadableFile("unreadable", detail=shown(error)) from error
    return _layer(name, lines, x, y)


def _layer(name: str, lines: list[list[str]], x: str | None, y: str | None) -> RawLayer:
    if not lines:
        raise UnreadableFile("empty_file")
    width = max(len(line) for line in lines)
    if width > MOST_COLUMNS:
        raise UnreadableFile("unreadable", detail=f"{width} columns")
    names = header_names(lines[0] + [""] * (width - len(lines[0])))
    rows = [line + [""] * (width - len(line)) for line in lines[1:]]
    raw = RawLayer(crs_by_format=True, layer=name)
    raw.columns = {column: [row[i] for row in rows] for i, column in enumerate(names)}
    wkt = found_column(names, WKT_NAMES)
    if wkt is not None and x is None and y is None:
        raw.geometries = [None] * len(rows)
        take_wkt(raw, wkt)
    else:
        take_points(raw, *coordinate_columns(names, x, y))
    return raw


def _demand_small(path: Path, limit_bytes: int) -> None:
    """Raise `UnreadableFile` for what is no zip or says that it would unpack to more."""
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableFile("not_zip") from error
    if size > limit_bytes:
        raise UnreadableFile("zip_bomb", limit_mb=f"{limit_bytes / MB:g}")


def _sheet(book: Any, layer: str | None, limit: int | None) -> tuple[str, list[list[str]]]:
    """The name and the rows of the sheet that is meant. Raises `UnreadableFile`."""
    names = [sheet.title for sheet in book.worksheets]
    if layer is not None and layer not in names:
        raise UnreadableFile("no_such_layer", names, layer=layer, layers=", ".join(names))
    full = [(name, lines) for name in ([layer] if layer else names) if (lines := _lines(book[name], limit))]
    if len(full) > 1:
        found = [name for name, _lines_ in full]
        raise UnreadableFile("which_layer", found, layers=", ".join(found))
    return full[0] if full else ("", [])


def _lines(sheet: Any, limit: int | None) -> list[list[str]]:
    """Rows that hold anything, without blank cells at their end."""
    lines: list[list[str]] = []
    for cells in _texts(sheet):
        if cells:
            lines.append(cells)
        if limit is not None and len(lines) > limit + 1:
            raise UnreadableFile("too_many_features", count=len(lines) - 1, limit=limit)
    return lines


def _texts(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True):
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
