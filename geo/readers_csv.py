"""Tables of text with coordinates: delimiter and columns found, every value kept as the text it is."""

import csv
import io
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coordinate_columns import coordinate_columns, found_column, is_number, take_points
from geo.problems import Problem, UnreadableFile, problem, shown
from geo.raw_layer import RawLayer
from geo.text_encoding import decoded, samples

WKT_NAMES = ("wkt", "geometry", "geom", "the_geom", "shape", "geom_wkt", "wkt_geom")
_DELIMITERS = ",;\t|"


@dataclass
class TextTable:
    """A table as text: rows are as long as `names`; `refused` are the numbers (from 1) of misshapen rows."""

    names: list[str]
    rows: list[list[str]]
    problems: list[Problem]
    refused: set[int]
    encoding: str
    samples: dict[str, str] = field(default_factory=dict)


def read_table(path: Path, encoding: str | None = None) -> TextTable:
    """The rows of a CSV or TSV file; blank ones are skipped. Raises `UnreadableFile`."""
    data = path.read_bytes()
    text, used, notes = decoded(data, encoding)
    if not text.strip():
        raise UnreadableFile("empty_file")
    csv.field_size_limit(100_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        lines = [line for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise UnreadableFile("unreadable", detail=f"{shown(error)} (line {reader.line_num})") from error
    if not lines:
        raise UnreadableFile("empty_file")
    names = header_names(lines[0])
    table = TextTable(names, [], notes, set(), used, samples(data.splitlines()) if notes else {})
    for number, line in enumerate(lines[1:], start=1):
        if len(line) != len(names):
            many = len(line) > len(names)
            code = "too_many_values" if many else "too_few_values"
            table.problems.append(problem(code, number, found=len(line), expected=len(names)))
            if many:
                table.refused.add(number)
            line = (line + [""] * len(names))[: len(names)]
        table.rows.append(line)
    return table


def read_csv(path: Path, encoding: str | None = None, x: str | None = None, y: str | None = None) -> RawLayer:
    """A table with x and y (those named, or found) or with WKT as a raw layer; values stay text.

    Raises `UnreadableFile`.
    """
    table = read_table(path, encoding)
    raw = RawLayer(crs_by_format=True, encoding=table.encoding, layer=path.stem, problems=table.problems)
    raw.refused, raw.samples = set(table.refused), table.samples
    raw.columns = {name: [row[i] for row in table.rows] for i, name in enumerate(table.names)}
    wkt = found_column(table.names, WKT_NAMES)
    if wkt is not None and x is None and y is None:
        raw.geometries = [None] * len(table.rows)
        take_wkt(raw, wkt)
    else:
        take_points(raw, *coordinate_columns(table.names, x, y))
    return raw


def delimiter_of(text: str) -> str:
    """The separator that the header holds most of, outside quotes."""
    header = next(line for line in text.splitlines() if line.strip())
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)


def header_names(line: list[str]) -> list[str]:
    """The names of the columns, each once. Raises `UnreadableFile` for a row of values."""
    names = [name.strip() for name in line]
    if any(is_number(name) for name in names):
        raise UnreadableFile("no_header")
    names = [name or f"column_{i}" for i, name in enumerate(names, start=1)]
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise UnreadableFile("duplicate_column", column=twice)
    return names


def take_wkt(raw: RawLayer, column: str) -> None:
    """Make the texts of a column the geometries of a layer; what cannot be read is refused row by row."""
    curves: list[int] = []
    for number, text in enumerate(raw.columns.pop(column), start=1):
        if number in raw.refused or not text.strip():
            continue
        try:
            with np.errstate(invalid="ignore"):  # NaN in the text, found later
                raw.geometries[number - 1] = shapely.from_wkt(text)
        except NotImplementedError:
            raw.geometries[number - 1] = _linearised(text)
            curves.append(number)
        except (ValueError, shapely.errors.GEOSException) as error:
            raw.refuse(number, "bad_geometry", column, detail=shown(error))
    for number in curves:
        if raw.geometries[number - 1] is None:
            raw.refuse(number, "bad_geometry", column, detail="a curve that cannot be made into lines")


def _linearised(wkt: str) -> BaseGeometry | None:
    """Curves as lines, by GDAL: GEOS has none."""
    with tempfile.TemporaryDirectory(prefix="baopian-") as folder:
        file = Path(folder) / "curve.csv"
        with file.open("w", newline="", encoding="utf-8") as sink:
            csv.writer(sink).writerows([["WKT"], [wkt]])
        try:
            _, _, wkb, _ = pyogrio.raw.read(file)
        except RuntimeError:  # what pyogrio raises descends from it
            return None
    return shapely.from_wkb(wkb[0]) if len(wkb) and wkb[0] is not None else None
