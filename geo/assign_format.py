"""What assigned rows look like in a file: lines of CSV, features of GeoJSON, or an arrow table."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geo.locations import Locations
from geo.readers_points import text_of

Floats = NDArray[np.float64]
Column: TypeAlias = Any
"""An arrow array, whole or in chunks: pyarrow has no types."""

PLACE = "geometry"
"""The column of places, as WKB, where a file needs one."""
LON_LAT = "lon lat"
"""Places as two columns of numbers."""

RESULT_SCHEMA = pa.schema(
    [
        ("area_id", pa.string()),
        ("assignment", pa.string()),
        ("near_border", pa.bool_()),
        ("candidates", pa.string()),
        ("nearest_area", pa.string()),
        ("nearest_m", pa.float64()),
    ]
)
GEO_PARQUET = json.dumps(
    {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}},
    }
).encode()


def results(where: Locations, ids: Sequence[str]) -> list[pa.Array]:
    """The columns of `RESULT_SCHEMA`: ids "" where none, candidates JSON, metres null where there are none."""
    names = pa.array([*ids, ""], pa.string())
    kinds, code = np.unique(where.kind.astype(str), return_inverse=True)
    metres = np.round(where.nearest_m, 2)
    return [
        names.take(pa.array(np.where(where.position < 0, len(ids), where.position))),
        pa.array(kinds, pa.string()).take(pa.array(code)),
        pa.array(where.near_border),
        pa.array(candidates(where, ids), pa.string()),
        names.take(pa.array(np.where(where.nearest < 0, len(ids), where.nearest))),
        pa.array(metres, pa.float64(), mask=np.isnan(metres)),
    ]


def candidates(where: Locations, ids: Sequence[str]) -> list[str]:
    """Of each point that needs a second look the ids and metres, nearest first, as JSON; "" of all others."""
    texts = [""] * len(where)
    areas, metres = where.candidate_area.tolist(), np.round(where.candidate_m, 2).tolist()
    quoted = {area: json.dumps(ids[area], ensure_ascii=False) for area in set(areas)}
    pairs = [f"[{quoted[area]}, {metre!r}]" for area, metre in zip(areas, metres, strict=True)]
    points, first = np.unique(where.candidate_point, return_index=True)
    bounds = [*first.tolist(), len(pairs)]
    for point, (start, end) in zip(points.tolist(), pairwise(bounds), strict=True):
        texts[point] = f"[{', '.join(pairs[start:end])}]"
    return texts


def texts_of(column: Column) -> Column:
    """A column as texts: "" for what is missing."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.fill_null(column.cast(pa.string()), "")
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return pc.fill_null(column.cast(pa.string()), "")
    return pa.array([text_of(value) for value in column.to_pylist()], pa.string())


def csv_line(names: Sequence[str]) -> bytes:
    """The header."""
    return csv_lines([pa.array([name], pa.string()) for name in names])


def csv_lines(columns: Sequence[Column]) -> bytes:
    """Rows of texts, quoted where they must be, each ended by LF."""
    if len(columns[0]) == 0:
        return b""
    one = [_quoted(_whole(column)) for column in columns]
    lines = pc.binary_join_element_wise(*one, _text(","))
    joined = pc.binary_join(
        pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines), _text("\n")
    )
    return bytes(joined[0].as_buffer()) + b"\n"


def _whole(column: Column) -> pa.Array:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.cast(pa.large_string())


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _quoted(column: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(column, '[",\r\n]')
    if not pc.any(special).as_py():
        return column
    mark = _text('"')
    doubled = pc.replace_substring(column, '"', '""')
    quoted = pc.binary_join_element_wise(mark, doubled, mark, _text(""))
    return pc.if_else(special, quoted, column)


def csv_results(columns: Sequence[pa.Array]) -> list[Column]:
    """The result's columns as a CSV has them: True and False, metres with a point."""
    area, kind, near, close, nearest, metres = columns
    flags = pc.if_else(near, "True", "False")
    lengths = pa.array(["" if m is None else repr(m) for m in metres.to_pylist()], pa.string())
    return [area, kind, flags, close, nearest, lengths]


def numbers_as_text(values: Floats) -> pa.Array:
    """Coordinates as they are written in a CSV; "" where there are none."""
    return pa.array(["" if v != v else repr(v) for v in values.tolist()], pa.string())


def body_schema(columns: pa.Schema, names: Sequence[str], place: str) -> pa.Schema:
    """The schema of a whole body: the input's columns under their names, the result's, and the places."""
    fields = [field.with_name(name).remove_metadata() for field, name in zip(columns, names, strict=True)]
    fields += list(RESULT_SCHEMA)
    if place == LON_LAT:
        fields += [pa.field("lon", pa.float64()), pa.field("lat", pa.float64())]
    elif place:
        fields.append(pa.field(place, pa.binary()))
    return pa.schema(fields)


def geojson_features(table: pa.Table, lon: Floats, lat: Floats) -> bytes:
    """Features, one a line, with commas between them."""
    columns = [[json_value(value) for value in column.to_pylist()] for column in table.columns]
    rows = zip(*columns, strict=True) if columns else [()] * len(lon)
    names, lines = table.column_names, []
    for x, y, row in zip(lon.tolist(), lat.tolist(), rows, strict=True):
        place = {"type": "Point", "coordinates": [x, y]} if x == x and y == y else None
        feature = {"type": "Feature", "geometry": place, "properties": dict(zip(names, row, strict=True))}
        lines.append(json.dumps(feature, ensure_ascii=False, allow_nan=False))
    return ",\n".join(lines).encode()


def json_value(value: Any) -> Any:
    """A value that JSON can hold; what is missing or not finite is null, what JSON does not know its text."""
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value if isinstance(value, str | int | float | bool) else text_of(value)


def wkb_points(lon: Floats, lat: Floats) -> pa.Array:
    """Points as WKB, null where there is no place."""
    points = np.asarray(shapely.points(lon, lat), dtype=object)
    points[np.isnan(lon) | np.isnan(lat)] = None
    return pa.array(shapely.to_wkb(points), pa.binary())
