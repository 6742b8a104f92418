"""GeoJSON geometries, checked position by position, so that one bad feature does not lose the others."""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.problems import shown

Positions = NDArray[np.float64]
MAX_COLLECTION_DEPTH = 20


class BadGeometry(ValueError):
    """Why a geometry is refused: `code` and `params` of a problem."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def geometry_of(value: Any, notes: list[str], depth: int = 0) -> BaseGeometry | None:
    """A shapely geometry from a GeoJSON object; None stays None.

    Codes of what was put right are appended to `notes`. Raises `BadGeometry`.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadGeometry("bad_geometry", detail=f"not an object: {shown(value)}")
    kind = value.get("type")
    if kind == "GeometryCollection":
        members = value.get("geometries")
        if not isinstance(members, list) or depth > MAX_COLLECTION_DEPTH:
            raise BadGeometry("bad_geometry", detail="geometries is not a list")
        parts = [geometry_of(member, notes, depth + 1) for member in members]
        return shapely.GeometryCollection([part for part in parts if part is not None])
    build = _BUILDERS.get(kind) if isinstance(kind, str) else None
    if build is None:
        raise BadGeometry("bad_geometry", detail=f"its type is {shown(kind)}")
    if "coordinates" not in value:
        raise BadGeometry("bad_geometry", detail="it has no coordinates")
    return build(value["coordinates"], notes)


def _point(value: Any, notes: list[str]) -> BaseGeometry:
    if value == []:
        return shapely.Point()
    return shapely.Point(_positions([value])[0])


def _multipoint(value: Any, notes: list[str]) -> BaseGeometry:
    return shapely.MultiPoint(_positions(value))


def _line(value: Any, notes: list[str]) -> shapely.LineString:
    positions = _positions(value)
    if len(positions) == 1:
        raise BadGeometry("short_line")
    return shapely.LineString(positions)


def _multiline(value: Any, notes: list[str]) -> BaseGeometry:
    return shapely.MultiLineString([_line(part, notes) for part in _list(value)])


def _polygon(value: Any, notes: list[str]) -> shapely.Polygon:
    rings = [_ring(ring, notes) for ring in _list(value)]
    return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()


def _multipolygon(value: Any, notes: list[str]) -> BaseGeometry:
    return shapely.MultiPolygon([_polygon(part, notes) for part in _list(value)])


_BUILDERS: dict[str, Callable[[Any, list[str]], BaseGeometry]] = {
    "Point": _point,
    "MultiPoint": _multipoint,
    "LineString": _line,
    "MultiLineString": _multiline,
    "Polygon": _polygon,
    "MultiPolygon": _multipolygon,
}


def _ring(value: Any, notes: list[str]) -> Positions:
    positions = _positions(value)
    if len(positions) >= 3 and np.isfinite(positions).all() and (positions[0] != positions[-1]).any():
        notes.append("ring_closed")
        positions = np.vstack([positions, positions[:1]])
    if len(positions) < 4:
        raise BadGeometry("short_ring")
    return positions


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadGeometry("bad_position", value=shown(value))
    return value


def _positions(value: Any) -> Positions:
    """[n, 2] lon/lat; heights and measures are dropped."""
    for position in _list(value):
        if not isinstance(position, list) or len(position) < 2:
            raise BadGeometry("bad_position", value=shown(position))
        if not all(type(number) in (int, float) for number in position):
            raise BadGeometry("bad_position", value=shown(position))
    try:
        return np.array([position[:2] for position in value], dtype=np.float64).reshape(-1, 2)
    except OverflowError as error:
        raise BadGeometry("not_finite") from error
