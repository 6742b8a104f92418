"""Files in: what is in them as WGS 84, and a list of all that was wrong."""

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.problems import Problem, UnreadableFile, mark
from geo.raw_layer import RawLayer
from geo.readers_points import PointTable, read_points
from geo.readers_raw import DEFAULT_LIMIT_BYTES, read_raw
from geo.tidy import crs_name, crs_text, tidy

__all__ = [
    "DEFAULT_LIMIT_BYTES",
    "PointTable",
    "Problem",
    "ReadResult",
    "UnreadableFile",
    "read",
    "read_points",
    "settled_layer",
]


@dataclass(frozen=True)
class ReadResult:
    """What was read.

    `features` is a GeoDataFrame in WGS 84 whose index is the feature's number in the file (from 1); `problems` are
    in no particular order; `crs` is the system the file was read in.
    """

    features: gpd.GeoDataFrame
    problems: list[Problem] = field(default_factory=list)
    layer: str | None = None
    crs: str = "EPSG:4326"
    encoding: str | None = None
    samples: dict[str, str] = field(default_factory=dict)


def read(
    path: str | Path,
    crs: str | int | None = None,
    datum: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    *,
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
    limit_features: int | None = None,
) -> ReadResult:
    """Read a map file: features in WGS 84 on the grid, valid, and every problem that was met on the way.

    `crs` (an EPSG code, WKT) and `datum` (wgs84, gcj02, bd09), `encoding` and `layer` answer what a file leaves
    open; a given `crs` wins over the file's own. Features that cannot be used are left out and reported. Raises
    `UnreadableFile` when nothing can be used or a question must be answered first, or when the file is larger than
    `limit_bytes` or has more than `limit_features` features.
    """
    raw = read_raw(path, encoding, layer, limit_bytes=limit_bytes, limit_features=limit_features)
    return settled_layer(raw, crs, datum)


def settled_layer(
    raw: RawLayer, crs: str | int | None = None, datum: str | None = None, swapped: bool | None = None
) -> ReadResult:
    """A raw layer's features in WGS 84, as `read` gives them; `swapped` says whether y stands before x.

    Raises `UnreadableFile`.
    """
    geometries, source = tidy(raw, crs_text(crs), datum, swapped)
    keep = ~shapely.is_missing(geometries)
    problems = sorted(raw.problems, key=lambda p: p.feature or 0)
    if not keep.any():
        told = " ".join(f"{p}" if p.feature is None else f"{p.feature}: {p}" for p in problems[:3])
        detail = told or mark("It holds no features.")
        raise UnreadableFile("nothing", problems=problems, detail=detail)
    table = pd.DataFrame(
        {name: pd.Series(values, dtype=object) for name, values in raw.columns.items() if name != "geometry"},
        index=range(len(geometries)),
    )
    features = gpd.GeoDataFrame(table, geometry=geometries, crs="EPSG:4326")[keep]
    features.index = pd.Index(np.flatnonzero(keep) + 1, name="feature")
    return ReadResult(features, problems, raw.layer, crs_name(source), raw.encoding, raw.samples)
