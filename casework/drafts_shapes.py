"""Shapes that a browser sends: read with bounds, checked, snapped to the grid, and laid into a draft."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from casework import fields
from casework.coverage import every_coverage
from casework.drafts_map import key_of
from casework.errors import Refused, mark
from casework.map_names import Pair
from casework.office import the_city
from geo.crs import snap

MOST_SHAPES: Final = 2_000
MOST_VERTICES: Final = 50_000
_KEY: Final = re.compile(r"[an][1-9]\d{0,8}")
_DEPTH: Final = {"Polygon": 3, "MultiPolygon": 4}
_MARGIN: Final = 0.25  # of the city's width and height: a draft may reach that far beyond its extent
_LEAST_MARGIN_DEG: Final = 0.02
_PLACE: Final = re.compile(r"\[(\S+) (\S+)\]")


@contextmanager
def naming(session: Session) -> Iterator[None]:
    """Let a BadShape that is raised inside know the name of its area."""
    try:
        yield
    except BadShape as error:
        known = (area for level in every_coverage(session) for area in level.areas)
        error.names = next(([one.name_zh, one.name_en] for one in known if key_of(one.id) == error.key), None)
        raise


class Untouched:
    """What a change leaves as it is in the draft."""


UNTOUCHED: Final = Untouched()


class BadShape(Refused):
    """A shape that cannot be taken: whose (``key``), and where (lon, lat), when a place is at fault."""

    def __init__(
        self, key: str, message: str, params: Mapping[str, object] | None = None,
        at: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message, {"key": key, **(params or {})}, field="changes")
        self.key, self.at = key, at
        self.names: Pair | None = None  # of the area, where there is one in force


@dataclass(frozen=True, slots=True)
class Change:
    """One area as it was drawn. ``geometry`` None is the shape in force; a new area without one is dropped.

    What is UNTOUCHED stays as the draft has it.
    """

    key: str
    geometry: BaseGeometry | Untouched | None = UNTOUCHED
    removed: bool | Untouched = UNTOUCHED
    level: str | None = None
    code: str | None = None
    name_zh: str | None = None
    name_en: str | None = None
    parent: str | Untouched | None = UNTOUCHED


def read_changes(session: Session, value: object, *, valid: bool = True) -> list[Change]:
    """The changes of a request's JSON, each area once. Raises Refused (BadShape where a shape is at fault).

    Unless ``valid`` is False a border that crosses itself is such a fault.
    """
    if not isinstance(value, list):
        raise Refused(mark("%(field)s must be a list"), {"field": "changes"}, field="changes")
    if len(value) > MOST_SHAPES:
        raise Refused(
            mark("At most %(limit)s areas are taken at once"), {"limit": MOST_SHAPES}, field="changes"
        )
    bounds = reach(the_city(session).extent)
    found: dict[str, Change] = {}
    for one in value:
        change = _change(one, bounds, valid=valid)
        if change.key in found:
            raise BadShape(change.key, mark("%(key)s stands twice among the changes"))
        found[change.key] = change
    return list(found.values())


def reach(extent: BaseGeometry) -> tuple[float, float, float, float]:
    """How far boundaries may go (west, south, east, north): the city's extent and a margin around it."""
    west, south, east, north = extent.bounds
    x = max((east - west) * _MARGIN, _LEAST_MARGIN_DEG)
    y = max((north - south) * _MARGIN, _LEAST_MARGIN_DEG)
    return west - x, south - y, east + x, north + y


def read_geometry(
    key: str, value: object, bounds: tuple[float, float, float, float] | None = None, *, valid: bool = True
) -> BaseGeometry:
    """A polygon or multipolygon from GeoJSON, on the grid, without a third dimension.

    Raises BadShape: another type, no numbers, out of range, outside ``bounds``, too many vertices, and, unless
    ``valid`` is False, a border that crosses itself (with the place).
    """
    if not isinstance(value, dict) or value.get("type") not in _DEPTH:
        raise BadShape(key, mark("%(key)s: a shape must be a GeoJSON Polygon or MultiPolygon"))
    kind = value["type"]
    parts = value.get("coordinates")
    polygons = [parts] if kind == "Polygon" else parts
    if not isinstance(polygons, list) or not polygons:
        raise BadShape(key, mark("%(key)s: the shape is empty"))
    budget = MOST_VERTICES
    made = []
    for polygon in polygons:
        rings = _rings(key, polygon, budget)
        budget -= sum(len(ring) for ring in rings)
        made.append(shapely.Polygon(rings[0], rings[1:]))
    geometry = snap(made[0] if len(made) == 1 else shapely.MultiPolygon(made))
    _require_inside(key, geometry, bounds)
    if valid:
        require_valid(key, geometry)
    return shapely.orient_polygons(geometry) if geometry.is_valid else geometry


def read_line(name: str, value: object) -> BaseGeometry:
    """A line from GeoJSON, on the grid. Raises BadShape."""
    if not isinstance(value, dict) or value.get("type") != "LineString":
        raise BadShape(name, mark("%(key)s must be a GeoJSON LineString"))
    corners = value.get("coordinates")
    if not isinstance(corners, list) or not 2 <= len(corners) <= MOST_VERTICES:
        raise BadShape(name, mark("%(key)s: a line needs two points or more"))
    line = snap(shapely.LineString([_corner(name, one) for one in corners]))
    if line.length == 0:
        raise BadShape(name, mark("%(key)s: a line needs two points or more"))
    return line


def require_valid(key: str, geometry: BaseGeometry) -> None:
    """Raise BadShape, with the place, for a border that crosses or touches itself, or a shape without area."""
    if geometry.is_empty or geometry.convex_hull.area == 0:
        raise BadShape(key, mark("%(key)s: the shape has no area"))
    if geometry.is_valid:
        return
    reason = shapely.is_valid_reason(geometry)
    place = _PLACE.search(reason)
    at = (float(place[1]), float(place[2])) if place else None
    where = f"{at[0]:.5f}, {at[1]:.5f}" if at else "?"
    raise BadShape(
        key, mark("%(key)s: the border crosses itself at %(where)s. Move a corner there, or undo"),
        {"where": where}, at,
    )  # fmt: skip


def _change(value: object, bounds: tuple[float, float, float, float], *, valid: bool) -> Change:
    if not isinstance(value, dict):
        raise Refused(mark("%(field)s must be objects"), {"field": "changes"}, field="changes")
    key = value.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Refused(mark("key must be that of an area, such as a12, or n1 for a new one"), field="changes")
    geometry: Any = value.get("geometry", UNTOUCHED)
    if geometry is not None and not isinstance(geometry, Untouched):
        geometry = read_geometry(key, geometry, bounds, valid=valid)
    removed: Any = value.get("removed", UNTOUCHED)
    if not isinstance(removed, bool | Untouched):
        raise BadShape(key, mark("%(key)s: removed must be true or false"))
    parent: Any = value.get("parent", UNTOUCHED)
    if isinstance(parent, str) and not _KEY.fullmatch(parent):
        raise BadShape(key, mark("%(key)s: parent must be the key of an area"))
    if not isinstance(parent, str | None | Untouched):
        raise BadShape(key, mark("%(key)s: parent must be the key of an area"))
    return Change(
        key=key, geometry=geometry, removed=removed, parent=parent,
        level=_word(value, "level", 64), code=_word(value, "code", 64), name_zh=_word(value, "name_zh", 200),
        name_en=_word(value, "name_en", 200),
    )  # fmt: skip


def _word(value: dict[str, Any], name: str, limit: int) -> str | None:
    given = value.get(name)
    if given is None:
        return None
    return fields.text(given, name, limit=limit) or None


def _rings(key: str, polygon: object, budget: int) -> list[list[tuple[float, float]]]:
    if not isinstance(polygon, list) or not polygon:
        raise BadShape(key, mark("%(key)s: the shape is empty"))
    rings: list[list[tuple[float, float]]] = []
    for ring in polygon:
        if not isinstance(ring, list) or len(ring) < 3:
            raise BadShape(key, mark("%(key)s: a ring needs three corners or more"))
        budget -= len(ring)
        if budget < 0:
            raise BadShape(
                key,
                mark("%(key)s has more than %(limit)s corners: simplify it first"),
                {"limit": MOST_VERTICES},
            )
        corners = [_corner(key, one) for one in ring]
        if len(set(corners)) < 3:
            raise BadShape(key, mark("%(key)s: a ring needs three corners or more"))
        rings.append(corners)
    return rings


def _corner(key: str, value: object) -> tuple[float, float]:
    if (
        not isinstance(value, list)
        or len(value) < 2
        or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in value[:2])
    ):
        raise BadShape(key, mark("%(key)s: a corner must be two numbers, longitude and latitude"))
    lon, lat = float(value[0]), float(value[1])
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # NaN and infinity too
        raise BadShape(key, mark("%(key)s: a corner lies at no longitude and latitude on Earth"))
    return lon, lat


def _require_inside(
    key: str, geometry: BaseGeometry, bounds: tuple[float, float, float, float] | None
) -> None:
    if bounds is None or geometry.is_empty:
        return
    west, south, east, north = geometry.bounds
    if west < bounds[0] or south < bounds[1] or east > bounds[2] or north > bounds[3]:
        at = (west if west < bounds[0] else east, south if south < bounds[1] else north)
        raise BadShape(
            key, mark("%(key)s reaches far beyond the city: is a corner in the wrong place?"), at=at
        )
