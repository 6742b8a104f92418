"""Points in a file as a table of text with coordinates beside it, every row kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import snap
from geo.problems import Problem
from geo.raw_layer import RawLayer
from geo.readers_raw import DEFAULT_LIMIT_BYTES, read_raw
from geo.tidy import crs_name, crs_text, out_of_range, settled, to_wgs84

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PointTable:
    """Rows as text and where they are.

    `table` holds text only ("" for what is missing), its index is the row's number in the file (from 1, blank rows
    not counted). `lon` and `lat` are WGS 84 on the grid and NaN where the row has no usable place: then `problems`
    say why, row by row. 0,0 is kept as it stands: it is `no_location` for `AreaIndex`.
    """

    table: pd.DataFrame
    lon: Floats
    lat: Floats
    problems: list[Problem]
    layer: str | None
    crs: str
    encoding: str | None

    def refused(self) -> dict[int, list[Problem]]:
        """The problems of the rows without a usable place, by row number."""
        found: dict[int, list[Problem]] = {
            int(number): [] for number in self.table.index[np.isnan(self.lon) | np.isnan(self.lat)]
        }
        for one in self.problems:
            if one.feature in found:
                found[one.feature].append(one)
        return found


def read_points(
    path: str | Path,
    x: str | None = None,
    y: str | None = None,
    crs: str | int | None = None,
    datum: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    *,
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
) -> PointTable:
    """Read points with all their columns as text, from a table or any map file.

    `x` and `y` name the coordinates' columns of a CSV or parquet table (else they are found by name: lon, lng, x,
    经度 …). Rows with bad or empty coordinates are kept with NaN and a problem. Raises `UnreadableFile`.
    """
    raw = read_raw(path, encoding, layer, x=x, y=y, limit_bytes=limit_bytes)
    px, py = _coordinates(raw)
    source, swap, notes = settled(px, py, crs_text(crs), raw.crs, datum, raw.crs_by_format)
    raw.problems += notes
    lon, lat = to_wgs84(px, py, source, swap, datum)
    lon, lat = snap(lon), snap(lat)
    with np.errstate(invalid="ignore"):
        bad = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)) & np.isfinite(px)
    for i in np.flatnonzero(bad).tolist():
        code, params = out_of_range(float(lon[i]), float(lat[i]))
        raw.refuse(i + 1, code, **params)
    lon[bad], lat[bad] = np.nan, np.nan
    problems = sorted(raw.problems, key=lambda p: p.feature or 0)
    return PointTable(_text_table(raw), lon, lat, problems, raw.layer, crs_name(source), raw.encoding)


def _coordinates(raw: RawLayer) -> tuple[Floats, Floats]:
    """X and y of each row as they stand; NaN, with a problem, where there is no point."""
    geometries = np.empty(len(raw.geometries), dtype=object)
    geometries[:] = raw.geometries
    missing = shapely.is_missing(geometries) | shapely.is_empty(geometries)
    for i in np.flatnonzero(missing).tolist():
        if i + 1 not in raw.refused:
            raw.refuse(i + 1, "empty_coordinate")
    single = np.isin(shapely.get_type_id(geometries), (0, 4)) & (shapely.get_num_coordinates(geometries) == 1)
    for i in np.flatnonzero(~single & ~missing).tolist():
        raw.refuse(i + 1, "not_a_point", type=geometries[i].geom_type)
    xy = np.full((len(geometries), 2), np.nan)
    good = np.flatnonzero(single & ~missing)
    xy[good] = shapely.get_coordinates(geometries[good])
    infinite = good[~np.isfinite(xy[good]).all(axis=1)]
    for i in infinite.tolist():
        raw.refuse(i + 1, "not_finite")
    xy[infinite] = np.nan
    return xy[:, 0], xy[:, 1]


def _text_table(raw: RawLayer) -> pd.DataFrame:
    texts = {
        name: pd.Series([text_of(value) for value in values], dtype=object)
        for name, values in raw.columns.items()
    }
    table = pd.DataFrame(texts, index=range(len(raw.geometries)))
    table.index = pd.RangeIndex(1, len(raw.geometries) + 1, name="row")
    return table


def text_of(value: Any) -> str:
    """A value as the text a table shows: nothing for missing, no `.0` behind whole numbers."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)
