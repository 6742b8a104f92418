"""Where and why an area is no valid polygon: every place, not only the first."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.boundary_grid import STEPS, on_earth, to_degrees, to_steps
from geo.boundary_problems import BoundaryProblem, ProblemKind, at_point
from geo.crs import snap

MOST_CROSSINGS = 200
"""Places that are named for one area; who has mended these is told the next."""
_PAIRS_AT_ONCE = 2_000_000
WIDEST_DEG = 60.0

MISSING = "missing"
NOT_FINITE = "not_finite"
NOT_POLYGON = "not_polygon"
TOO_LARGE = "too_large"
SELF_INTERSECTION = "self_intersection"
REASONS = {
    "Self-intersection": SELF_INTERSECTION,
    "Ring Self-intersection": "ring_touches_itself",
    "Hole lies outside shell": "hole_outside",
    "Holes are nested": "nested_holes",
    "Interior is disconnected": "disconnected",
    "Nested shells": "nested_parts",
    "Duplicate Rings": "duplicate_rings",
    "Too few points in geometry component": "too_few_points",
    "Invalid Coordinate": NOT_FINITE,
    "Ring is not closed": "not_closed",
    "Topology Validation Error": SELF_INTERSECTION,
    "Repeated point": "repeated_point",
}
"""GEOS's reasons, and what `BoundaryProblem.detail` calls them."""


def usable(polygon: BaseGeometry | None) -> BaseGeometry:
    """What of an area can be worked with: polygons on the grid, made valid; possibly empty."""
    if polygon is None or polygon.is_empty or not on_earth(polygon) or is_too_large(polygon):
        return shapely.MultiPolygon()
    on_grid = snap(shapely.force_2d(polygon))
    for _ in range(3):  # what make_valid computes lies off the grid, and rounding it may break it again
        if (
            on_grid.geom_type in ("Polygon", "MultiPolygon")
            and on_grid.is_valid
            and _in_steps(on_grid).is_valid
        ):
            return on_grid
        on_grid = snap(_polygons(shapely.make_valid(on_grid, method="structure", keep_collapsed=False)))
    return shapely.MultiPolygon()


def _in_steps(geometry: BaseGeometry) -> BaseGeometry:
    """In whole grid steps: degrees are binary fractions, in which what touches may seem not to."""
    return shapely.transform(geometry, lambda xy: np.rint(xy * STEPS))


def faults(position: int, polygon: BaseGeometry | None) -> list[BoundaryProblem]:
    """Everything that makes an area invalid. The polygon is taken as it is, not snapped."""
    if polygon is None or polygon.is_empty:
        return [_nowhere(position, MISSING)]
    if not on_earth(polygon):
        return [_not_finite(position, polygon)]
    if is_too_large(polygon):
        return [
            at_point(ProblemKind.INVALID, (position,), shapely.get_coordinates(polygon)[0], detail=TOO_LARGE)
        ]
    if polygon.geom_type not in ("Polygon", "MultiPolygon"):
        point = shapely.get_coordinates(polygon)[0]
        return [at_point(ProblemKind.INVALID, (position,), point, detail=NOT_POLYGON)]
    if polygon.is_valid:
        return []
    found = {(reason, *point) for reason, point in _reasons(polygon)}
    crossings = {(SELF_INTERSECTION, x, y) for x, y in _own_crossings(polygon)}
    places = {where[1:] for where in crossings}
    kept = crossings | {where for where in found if where[1:] not in places}
    return [
        at_point(ProblemKind.INVALID, (position,), np.array([x, y]), detail=reason)
        for reason, x, y in sorted(kept)
    ]


def is_too_large(polygon: BaseGeometry) -> bool:
    """Whether an area is wider than any city's: products of its whole numbers would not be exact."""
    west, south, east, north = polygon.bounds
    return bool(east - west > WIDEST_DEG or north - south > WIDEST_DEG)


def _nowhere(position: int, detail: str) -> BoundaryProblem:
    return BoundaryProblem(ProblemKind.INVALID, (position,), shapely.Point(), np.nan, np.nan, detail=detail)


def _not_finite(position: int, polygon: BaseGeometry) -> BoundaryProblem:
    coordinates = shapely.get_coordinates(polygon)
    good = coordinates[
        np.isfinite(coordinates).all(axis=1) & (np.abs(coordinates) <= [180.0, 90.0]).all(axis=1)
    ]
    if not len(good):
        return _nowhere(position, NOT_FINITE)
    return at_point(ProblemKind.INVALID, (position,), good[0], detail=NOT_FINITE)


def _polygons(geometry: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    for part in shapely.get_parts(geometry):
        if part.geom_type == "MultiPolygon":
            parts += list(part.geoms)
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _reasons(polygon: BaseGeometry) -> Iterator[tuple[str, tuple[float, float]]]:
    """GEOS's reason for the whole, and for each ring and part by itself: it names only the first of each."""
    parts = [part for part in shapely.get_parts(polygon) if not part.is_empty]
    rings = [shapely.Polygon(ring) for part in parts for ring in (part.exterior, *part.interiors)]
    for one in (polygon, *parts, *rings):
        reason = shapely.is_valid_reason(one)
        if reason == "Valid Geometry":
            continue
        text, _, place = reason.partition("[")
        try:
            x, y = (float(number) for number in place.rstrip("]").split()[:2])
        except ValueError:
            x, y = shapely.get_coordinates(one)[0].tolist()
        point = to_degrees(to_steps(np.array([x, y])))
        yield (
            REASONS.get(text.strip(), text.strip().lower().replace(" ", "_")),
            (float(point[0]), float(point[1])),
        )


def _own_crossings(polygon: BaseGeometry) -> list[tuple[float, float]]:
    """Where an area's rings cross one another or themselves, up to `MOST_CROSSINGS` places."""
    lines = _segments(polygon)
    tree = shapely.STRtree(lines)
    found: list[tuple[float, float]] = []
    many = max(1, _PAIRS_AT_ONCE // max(1, len(lines)))  # a scribble crosses itself everywhere
    for start in range(0, len(lines), many):
        one, other = tree.query(lines[start : start + many], predicate="crosses")
        one = one + start
        pairs = one < other
        points = shapely.get_coordinates(shapely.intersection(lines[one[pairs]], lines[other[pairs]]))
        found += [(x, y) for x, y in to_degrees(to_steps(points)).tolist()]
        if len(found) >= MOST_CROSSINGS:
            break
    return found[:MOST_CROSSINGS]


def _segments(polygon: BaseGeometry) -> NDArray[np.object_]:
    coordinates, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(polygon)), return_index=True
    )
    follows = (ring[1:] == ring[:-1]) & (coordinates[1:] != coordinates[:-1]).any(axis=1)
    ends = np.stack([coordinates[:-1], coordinates[1:]], axis=1)[follows]
    return np.asarray(shapely.linestrings(ends), dtype=object)
