"""Parquet tables: GeoParquet with geometries, or plain ones with x and y columns."""

import json
from pathlib import Path
from typing import Any

import pyarrow.lib
import pyarrow.parquet
import shapely

from geo.coordinate_columns import coordinate_columns, take_points
from geo.problems import UnreadableFile, shown
from geo.raw_layer import RawLayer


def read_parquet(path: Path, x: str | None = None, y: str | None = None) -> RawLayer:
    """A parquet file as a raw layer. Raises `UnreadableFile`."""
    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.lib.ArrowException, OSError) as error:
        raise UnreadableFile("unreadable", detail=shown(error, 200)) from error
    columns: dict[str, list[Any]] = {name: table.column(name).to_pylist() for name in table.column_names}
    raw = RawLayer(columns=columns, layer=path.stem, crs_by_format=True)
    meta = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    if meta and x is None and y is None:
        main = meta["primary_column"]
        crs = meta["columns"][main].get("crs")
        raw.crs = json.dumps(crs) if isinstance(crs, dict) else None
        raw.geometries = list(shapely.from_wkb(raw.columns.pop(main), on_invalid="ignore"))
        return raw
    take_points(raw, *coordinate_columns(table.column_names, x, y))
    return raw
