"""Files of points opened for reading in blocks: tables of text, parquet, and map files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import shapely

from geo.assign_rows import Block, Floats, Rows, Source, in_order, places_in_columns, places_of
from geo.assign_text import open_text
from geo.coordinate_columns import coordinate_columns
from geo.problems import Problem, UnreadableFile, shown
from geo.raw_layer import RawLayer
from geo.readers_points import text_of
from geo.readers_raw import checked_file, read_raw

BLOCK_ROWS = 100_000
BLOCK_BYTES = 1 << 23
_TEXTS = {".csv", ".tsv", ".txt"}
_NO_LIMIT_BYTES = 1 << 62
_INT64 = 2**63


@dataclass(frozen=True)
class ColumnsReader:
    """Blocks are arrow tables with coordinates in two columns."""

    x: str
    y: str

    def rows(self, content: pa.Table) -> Rows:
        """All of a block."""
        x, y, found = places_in_columns(content, (self.x, self.y))
        return Rows(content, x, y, in_order(found))

    def places(self, content: pa.Table) -> tuple[Floats, Floats]:
        """Only the coordinates of a block."""
        x, y, _ = places_in_columns(content, (self.x, self.y))
        return x, y


@dataclass(frozen=True)
class WkbReader:
    """Blocks are arrow tables with points in a column of WKB, which may be kept among the columns."""

    column: str
    is_kept: bool

    def rows(self, content: pa.Table) -> Rows:
        """All of a block."""
        x, y, found = self._places(content)
        table = content if self.is_kept else content.drop_columns([self.column])
        return Rows(table, x, y, in_order(found))

    def places(self, content: pa.Table) -> tuple[Floats, Floats]:
        """Only the coordinates of a block."""
        x, y, _ = self._places(content)
        return x, y

    def _places(self, content: pa.Table) -> tuple[Floats, Floats, dict[int, list[Problem]]]:
        wkb = content.column(self.column).to_numpy()
        return places_of(np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object), {})


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
class ParquetSource(Source):
    """A parquet file, read by batches of its row groups."""

    path: Path = Path()
    coordinates: tuple[str, ...] = ()
    block_rows: int = BLOCK_ROWS

    def blocks(self, *, places_only: bool = False) -> Iterator[Block]:
        """Arrow tables of at most `block_rows` rows; `done` counts rows."""
        columns = list(self.coordinates) if places_only else None
        done = 0
        with pa.parquet.ParquetFile(self.path) as file:
            try:
                for batch in file.iter_batches(self.block_rows, columns=columns, use_threads=False):
                    done += len(batch)
                    yield Block(pa.Table.from_batches([batch]), done)
            except (pa.ArrowException, OSError) as error:
                raise UnreadableFile("unreadable", detail=shown(error, 200)) from error


@dataclass
class MemorySource(Source):
    """A file that had to be read as a whole."""

    table: pa.Table = field(default_factory=lambda: pa.table({}))
    x: Floats = field(default_factory=lambda: np.zeros(0))
    y: Floats = field(default_factory=lambda: np.zeros(0))
    found: dict[int, list[Problem]] = field(default_factory=dict)
    block_rows: int = BLOCK_ROWS

    def blocks(self, *, places_only: bool = False) -> Iterator[Block]:
        """Pieces of `block_rows` rows; `done` counts rows."""
        for first in range(0, len(self.x), self.block_rows):
            last = min(first + self.block_rows, len(self.x))
            problems = [
                Problem((one.feature or 0) - first, one.field, one.code, one.message, one.params)
                for i in range(first, last)
                for one in self.found.get(i, [])
            ]
            rows = Rows(
                self.table.slice(first, last - first), self.x[first:last], self.y[first:last], problems
            )
            yield Block(rows, last)


def open_source(
    path: str | Path,
    x: str | None = None,
    y: str | None = None,
    encoding: str | None = None,
    *,
    block_bytes: int = BLOCK_BYTES,
    block_rows: int = BLOCK_ROWS,
) -> Source:
    """Open a file of points. CSV and parquet are read block by block, other formats at once.

    Raises `UnreadableFile`.
    """
    file = checked_file(path, _NO_LIMIT_BYTES)
    ending = file.suffix.lower()
    if ending in _TEXTS:
        return open_text(file, x, y, encoding, block_bytes)
    if ending == ".parquet":
        return _open_parquet(file, x, y, block_rows)
    return _in_memory(read_raw(file, encoding, limit_bytes=_NO_LIMIT_BYTES), block_rows)


def _open_parquet(path: Path, x: str | None, y: str | None, block_rows: int) -> Source:
    import json

    try:
        with pa.parquet.ParquetFile(path) as file:
            schema, n = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile("unreadable", detail=shown(error, 200)) from error
    meta = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    if meta and x is None and y is None:
        main = meta["primary_column"]
        about = meta["columns"][main]
        if about.get("encoding", "WKB") != "WKB":
            raise UnreadableFile(
                "unreadable", detail=f"the places are in the encoding {shown(about['encoding'])}"
            )
        crs = about.get("crs")
        return ParquetSource(
            WkbReader(main, is_kept=True), schema, n, crs=json.dumps(crs) if isinstance(crs, dict) else None,
            crs_by_format=True, geometry=main, path=path, coordinates=(main,), block_rows=block_rows,
        )  # fmt: skip
    x, y = coordinate_columns(schema.names, x, y)
    return ParquetSource(
        ColumnsReader(x, y),
        schema,
        n,
        crs_by_format=True,
        path=path,
        coordinates=(x, y),
        block_rows=block_rows,
    )


def _in_memory(raw: RawLayer, block_rows: int) -> Source:
    geometries = np.empty(len(raw.geometries), dtype=object)
    geometries[:] = raw.geometries
    known: dict[int, list[Problem]] = {}
    for one in raw.problems:
        if one.feature is not None:
            known.setdefault(one.feature - 1, []).append(one)
    refused = frozenset(number - 1 for number in raw.refused)
    x, y, found = places_of(geometries, known, refused)
    table = pa.table({name: typed(values) for name, values in raw.columns.items()})
    if not raw.columns:
        table = pa.table({"": pa.nulls(len(x))}).select([])
    return MemorySource(
        RowsReader(), table.schema, len(x), [one for one in raw.problems if one.feature is None],
        raw.crs, raw.crs_by_format, is_map=True, table=table, x=x, y=y, found=found, block_rows=block_rows,
    )  # fmt: skip


def typed(values: list[Any]) -> pa.Array:
    """A column of Python values with the one type that holds all of them exactly, else as texts."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int} and all(value is None or -_INT64 <= value < _INT64 for value in values):
        return pa.array(values, pa.int64())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {float} or (kinds == {int, float} and all(v is None or abs(v) < 2**53 for v in values)):
        return pa.array(values, pa.float64())
    return pa.array([None if value is None else text_of(value) for value in values], pa.string())
