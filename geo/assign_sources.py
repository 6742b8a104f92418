"""Files of points opened for reading in blocks: tables of text, parquet, and map files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import shapely

from geo.assign_maps import NO_LIMIT_BYTES, open_map
from geo.assign_rows import Block, Floats, Rows, Source, in_order, places_in_columns, places_of
from geo.assign_text import open_text
from geo.coordinate_columns import coordinate_columns
from geo.problems import Problem, UnreadableFile, shown
from geo.readers_raw import checked_file

BLOCK_ROWS = 100_000
BLOCK_BYTES = 1 << 23
_TEXTS = {".csv", ".tsv", ".txt"}


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


def open_source(
    path: str | Path,
    x: str | None = None,
    y: str | None = None,
    encoding: str | None = None,
    *,
    block_bytes: int = BLOCK_BYTES,
    block_rows: int = BLOCK_ROWS,
) -> Source:
    """Open a file of points.

    Raises `UnreadableFile`.
    """
    file = checked_file(path, NO_LIMIT_BYTES)
    ending = file.suffix.lower()
    if ending in _TEXTS:
        return open_text(file, x, y, encoding, block_bytes)
    if ending == ".parquet":
        return _open_parquet(file, x, y, block_rows)
    return open_map(file, encoding, block_rows)


def _open_parquet(path: Path, x: str | None, y: str | None, block_rows: int) -> Source:
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
