"""Rows of a file of points, a block at a time: their columns, where they are, and what is wrong with them."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geo.coordinate_columns import parse_number
from geo.problems import Problem, problem, shown
from geo.readers_csv import read_csv

Floats = NDArray[np.float64]

# What arrow reads exactly as Python does; everything else that is a number is left to `parse_number`.
_PLAIN_NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


@dataclass
class Rows:
    """Some rows of a file, one after the other.

    `table` has their columns; `x`, `y` are coordinates as they stand, NaN where there are none to use; `problems`
    count features from the first row of these (1), in the order of the rows.
    """

    table: pa.Table
    x: Floats
    y: Floats
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Block:
    """A piece of a file that a `Reader` can read without the rest; `done` is how far the file is read with it."""

    content: Any
    done: int


class Reader(Protocol):
    """How the blocks of one file are read. It is small and can be sent to another process."""

    def rows(self, content: Any) -> Rows:
        """All of a block. Raises `UnreadableFile`."""
        ...

    def places(self, content: Any) -> tuple[Floats, Floats]:
        """Only the coordinates of a block, one pair a row. Raises `UnreadableFile`."""
        ...


@dataclass
class Source:
    """A file of points that is open.

    `schema` names the columns that every block has. `crs` is what the file states, `crs_by_format` as in
    `RawLayer`. `size` is what `Block.done` ends at. `geometry` is the column of a GeoParquet file that holds the
    places. `is_map` where the places are not columns of the table.
    """

    reader: Reader
    schema: pa.Schema
    size: int
    problems: list[Problem] = field(default_factory=list)
    crs: str | None = None
    crs_by_format: bool = False
    geometry: str | None = None
    is_map: bool = False

    def blocks(self, *, places_only: bool = False) -> Iterator[Block]:
        """The blocks in order, each time the same ones; `places_only` when nothing but `Reader.places` is asked."""
        raise NotImplementedError


def numbers(column: pa.ChunkedArray) -> tuple[Floats, dict[int, Any]]:
    """Coordinates in a column: floats, and by row what no float could be made of ("" and null among them).

    What is not finite is NaN here and among the odd values.
    """
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).copy()
        odd: dict[int, Any] = dict.fromkeys(np.flatnonzero(column.is_null().to_numpy()).tolist())
        infinite = np.flatnonzero(~np.isfinite(values)).tolist()
        odd |= {i: float(values[i]) for i in infinite if i not in odd}
        values[infinite] = np.nan
        return values, odd
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        column = pa.chunked_array([pa.array([_as_text(v) for v in column.to_pylist()], pa.string())])
    is_plain = pc.fill_null(pc.match_substring_regex(column, _PLAIN_NUMBER), False)
    values = pc.if_else(is_plain, column, None).cast(pa.float64()).to_numpy(zero_copy_only=False).copy()
    values[~np.isfinite(values)] = np.nan
    rows = np.flatnonzero(np.isnan(values))
    rest = dict(zip(rows.tolist(), column.take(pa.array(rows)).to_pylist(), strict=True))
    for i, value in list(rest.items()):
        number = None if value is None else parse_number(value)
        if number is not None and np.isfinite(number):
            values[i] = number
            del rest[i]
    return values, rest


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)


def places_in_columns(
    table: pa.Table, names: Sequence[str], refused: frozenset[int] = frozenset()
) -> tuple[Floats, Floats, dict[int, list[Problem]]]:
    """Coordinates of two columns, and what is wrong with them by row (from 0); refused rows have none."""
    (x, odd_x), (y, odd_y) = (numbers(table.column(name)) for name in names)
    found: dict[int, list[Problem]] = {}
    for i in sorted(odd_x.keys() | odd_y.keys()):
        if i in refused:
            continue
        odd = [(name, odds[i]) for name, odds in zip(names, (odd_x, odd_y), strict=True) if i in odds]
        if any(_is_empty(value) for _, value in odd):
            found[i] = [problem("empty_coordinate", i + 1)]
        else:
            found[i] = [_wrong(i + 1, name, value) for name, value in odd]
    bad = np.array([*found, *refused], dtype=np.int64)
    x[bad], y[bad] = np.nan, np.nan
    return x, y, found


def _wrong(number: int, name: str, value: Any) -> Problem:
    if parse_number(value) is None:
        return problem("not_a_number", number, name, value=shown(value))
    return problem("not_finite", number, name)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def places_of_wkt(
    column: pa.ChunkedArray, name: str, refused: frozenset[int] = frozenset()
) -> tuple[Floats, Floats, dict[int, list[Problem]]]:
    """Coordinates of points written as WKT, and what is wrong by row (from 0)."""
    texts = ["" if i in refused else text or "" for i, text in enumerate(column.to_pylist())]
    geometries = np.full(len(texts), None, dtype=object)
    filled = [i for i, text in enumerate(texts) if text.strip()]
    with np.errstate(invalid="ignore"):  # NaN in the text, found later
        try:
            geometries[filled] = shapely.from_wkt([texts[i] for i in filled])
        except (NotImplementedError, ValueError, shapely.errors.GEOSException):
            return _one_by_one(texts, name, refused)
    return places_of(geometries, {}, refused)


def _one_by_one(
    texts: list[str], name: str, refused: frozenset[int]
) -> tuple[Floats, Floats, dict[int, list[Problem]]]:
    """The slow way, where one of many is broken: through the reader that says what is wrong with each."""
    import csv

    handle, path = tempfile.mkstemp(prefix="baopian-", suffix=".csv")
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["n", "wkt"], *([str(i), text] for i, text in enumerate(texts))])
    try:
        raw = read_csv(Path(path), "utf-8")
    finally:
        Path(path).unlink()
    known: dict[int, list[Problem]] = {}
    for one in raw.problems:
        if one.feature is not None:
            renamed = problem(one.code, one.feature, name, **one.params)
            known.setdefault(one.feature - 1, []).append(renamed)
    geometries = np.empty(len(raw.geometries), dtype=object)
    geometries[:] = raw.geometries
    return places_of(geometries, known, refused)


def places_of(
    geometries: NDArray[np.object_],
    known: dict[int, list[Problem]],
    refused: frozenset[int] = frozenset(),
) -> tuple[Floats, Floats, dict[int, list[Problem]]]:
    """Coordinates of single points; what is something else or nothing has a problem, by row (from 0).

    Rows in `known` have theirs already, refused ones need none.
    """
    found = dict(known)
    xy = np.full((len(geometries), 2), np.nan)
    missing = shapely.is_missing(geometries) | shapely.is_empty(geometries)
    single = np.isin(shapely.get_type_id(geometries), (0, 4)) & (shapely.get_num_coordinates(geometries) == 1)
    for i in np.flatnonzero(missing).tolist():
        if i not in found and i not in refused:
            found[i] = [problem("empty_coordinate", i + 1)]
    for i in np.flatnonzero(~single & ~missing).tolist():
        found.setdefault(i, []).append(problem("not_a_point", i + 1, type=geometries[i].geom_type))
    good = np.flatnonzero(single & ~missing)
    xy[good] = shapely.get_coordinates(geometries[good])
    for i in good[~np.isfinite(xy[good]).all(axis=1)].tolist():
        found.setdefault(i, []).append(problem("not_finite", i + 1))
        xy[i] = np.nan
    return xy[:, 0].copy(), xy[:, 1].copy(), found


def in_order(found: dict[int, list[Problem]]) -> list[Problem]:
    """The problems of rows, by row."""
    return [one for i in sorted(found) for one in found[i]]
