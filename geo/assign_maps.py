"""Map files of points: read in pieces where the format allows it, else at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from geo.assign_geojson import NotInPieces, geojson_pieces, renumbered
from geo.assign_rows import Block, Floats, Rows, Source, in_order, places_of
from geo.problems import Problem
from geo.raw_layer import RawLayer
from geo.readers_ogr import ogr_pieces
from geo.readers_points import text_of
from geo.readers_raw import read_raw
from geo.readers_shapefile import shapefile_pieces

NO_LIMIT_BYTES = 1 << 62
WHOLE_BYTES = 8 << 20
"""A GeoJSON file up to this size is read at once."""
_EXACT_INT = 2**53
_INT64 = 2**63

Pieces = Callable[[], Iterator[RawLayer]]


def _none() -> Iterator[RawLayer]:
    return iter(())


@dataclass(frozen=True)
class RowsReader:
    """Blocks were read already."""

    def rows(self, content: Rows) -> Rows:
        """All of a block."""
        return content

    def places(self, content: Rows) -> tuple[Floats, Floats]:
        """Only the coordinates of a block."""
        return content.x, content.y


@dataclass
class Kinds:
    """The types of the values in a column, as far as it has been read."""

    kinds: set[type] = field(default_factory=set)
    largest: int = 0

    def add(self, values: list[Any]) -> None:
        """Look at more values."""
        self.kinds |= {type(value) for value in values if value is not None}
        if int in self.kinds:
            self.largest = max([self.largest, *(abs(v) for v in values if type(v) is int)])

    @property
    def arrow(self) -> pa.DataType:
        """The one type that holds all of them exactly, else text."""
        if self.kinds == {int} and self.largest < _INT64:
            return pa.int64()
        if self.kinds == {bool}:
            return pa.bool_()
        if self.kinds == {float} or (self.kinds == {int, float} and self.largest < _EXACT_INT):
            return pa.float64()
        return pa.string()


@dataclass
class MapSource(Source):
    """A map file. What columns it has, of which types, is known when it was read to its end for its places."""

    pieces: Pieces = _none
    whole: Pieces = _none

    def blocks(self, *, places_only: bool = False) -> Iterator[Block]:
        """Rows with their places. `done` counts rows; how many there will be is not known before the end."""
        if not places_only:
            yield from self._rows()
            return
        try:
            places = list(self._looked_at())  # kept, as only the end may show that pieces will not do
        except NotInPieces:
            self.pieces = self.whole
            places = list(self._looked_at())
        yield from places

    def _looked_at(self) -> Iterator[Block]:
        kinds: dict[str, Kinds] = {}
        problems: list[Problem] = []
        rows = 0
        for raw in self.pieces():
            for name, values in raw.columns.items():
                kinds.setdefault(name, Kinds()).add(values)
            problems += [one for one in raw.problems if one.feature is None]
            if not rows:
                self.crs, self.crs_by_format = raw.crs, raw.crs_by_format
            x, y, _ = _placed(raw)
            rows += len(x)
            yield Block(Rows(pa.table({}), x, y), rows)
        self.schema = pa.schema([(name, kind.arrow) for name, kind in kinds.items()])
        self.problems, self.size = problems, rows

    def _rows(self) -> Iterator[Block]:
        done = 0
        for raw in self.pieces():
            x, y, found = _placed(raw)
            columns = [_column(raw.columns.get(one.name), one.type, len(x)) for one in self.schema]
            done += len(x)
            yield Block(Rows(pa.table(columns, schema=self.schema), x, y, in_order(found)), done)


def open_map(path: Path, encoding: str | None, block_rows: int) -> MapSource:
    """Open a map file. GeoJSON, shapefiles and what fiona reads are read in pieces of `block_rows` features."""

    def whole() -> Iterator[RawLayer]:
        raw = read_raw(path, encoding, limit_bytes=NO_LIMIT_BYTES)
        n = max(len(raw.geometries), 1)
        yield from (_part(raw, first, first + block_rows) for first in range(0, n, block_rows))

    in_pieces: dict[str, Pieces] = {
        ".shp": lambda: shapefile_pieces(path, block_rows, encoding),
        ".gpkg": lambda: ogr_pieces(path, block_rows),
        ".fgb": lambda: ogr_pieces(path, block_rows),
    }
    ending = path.suffix.lower()
    if ending in (".geojson", ".json") and path.stat().st_size > WHOLE_BYTES:
        in_pieces[ending] = lambda: geojson_pieces(path, block_rows, encoding)
    pieces = in_pieces.get(ending, whole)
    return MapSource(RowsReader(), pa.schema([]), 0, is_map=True, pieces=pieces, whole=whole)


def _part(raw: RawLayer, first: int, last: int) -> RawLayer:
    """Some features of a layer; the first part has what is wrong with the whole."""
    if first == 0 and last >= len(raw.geometries):
        return raw
    part = RawLayer(
        {name: values[first:last] for name, values in raw.columns.items()},
        raw.geometries[first:last],
        [one for one in raw.problems if (not first if one.feature is None else first < one.feature <= last)],
        {number - first for number in raw.refused if first < number <= last},
        raw.crs, raw.crs_by_format, raw.encoding, raw.layer,
    )  # fmt: skip
    return renumbered(part, -first)


def _placed(raw: RawLayer) -> tuple[Floats, Floats, dict[int, list[Problem]]]:
    geometries = np.empty(len(raw.geometries), dtype=object)
    geometries[:] = raw.geometries
    known: dict[int, list[Problem]] = {}
    for one in raw.problems:
        if one.feature is not None:
            known.setdefault(one.feature - 1, []).append(one)
    return places_of(geometries, known, frozenset(number - 1 for number in raw.refused))


def _column(values: list[Any] | None, kind: pa.DataType, n: int) -> pa.Array:
    if values is None:
        return pa.nulls(n, kind)
    if kind == pa.string():
        return pa.array([None if value is None else text_of(value) for value in values], kind)
    return pa.array(values, kind)
