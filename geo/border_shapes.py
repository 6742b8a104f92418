"""Vertices of polygons on the grid: finding, changing and adding them ring by ring."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.boundary_faces import faces_between, in_degrees, left_over_pieces, passes
from geo.boundary_grid import Edges, Ints, left_over, on_earth, to_degrees, to_steps
from geo.boundary_refusals import EditRefused, Refusal

Area = BaseGeometry | None
Place = Sequence[float] | NDArray[np.float64]
"""Longitude, latitude."""


def steps_of(place: Place) -> Ints:
    """A place on the grid. Raises `EditRefused` when it is none."""
    if len(place) < 2 or not on_earth(shapely.Point(float(place[0]), float(place[1]))):
        raise EditRefused(Refusal.BAD_SHAPE)
    return to_steps(np.array([float(place[0]), float(place[1])]))


def has_vertex(area: Area, vertex: Ints) -> bool:
    """Whether an area has this vertex."""
    if area is None or not _in_box(area, vertex):
        return False
    return bool((to_steps(shapely.get_coordinates(area)) == vertex).all(axis=1).any())


def with_rings(area: BaseGeometry, change: Callable[[Ints], Ints]) -> BaseGeometry:
    """The area with every ring changed: `change` takes and returns open rings, (n, 2) grid steps.

    A ring that keeps fewer than three vertices raises `EditRefused`.
    """
    parts = []
    for part in shapely.get_parts(area):
        rings = [_changed(ring, change) for ring in (part.exterior, *part.interiors)]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return parts[0] if area.geom_type == "Polygon" else shapely.MultiPolygon(parts)


def with_vertices(area: BaseGeometry, points: Ints) -> BaseGeometry:
    """The area with these points (n, 2) as vertices wherever one of its edges passes through their grid square."""
    west, south, east, north = np.array(area.bounds) * 1e7
    x, y = points.T
    points = points[(x >= west - 1) & (x <= east + 1) & (y >= south - 1) & (y <= north + 1)]
    return with_rings(area, lambda ring: _threaded(ring, points)) if len(points) else area


def vertices_of(areas: Iterable[BaseGeometry]) -> Ints:
    """All vertices of some areas, each once."""
    return np.asarray(np.unique(to_steps(shapely.get_coordinates(list(areas))), axis=0))


def covered_by(edges: Edges) -> BaseGeometry:
    """What noded edges enclose at least once, as a (multi)polygon in WGS 84; all vertices are kept."""
    edges = edges.take(left_over(edges))
    one_chain = np.zeros(len(edges), dtype=np.int64)
    kept = left_over_pieces(edges, one_chain)
    edges = edges.take(kept)
    faces = faces_between(edges, one_chain[kept])
    times = np.array([level.get(0, 0) for level in faces.levels], dtype=np.int64)
    parts = in_degrees(faces.shapes[times > 0])
    return as_one(parts) if times.max(initial=0) <= 1 else shapely.coverage_union_all(parts)


def as_one(parts: Iterable[BaseGeometry]) -> BaseGeometry:
    """A polygon, or several as a multipolygon."""
    several: list[BaseGeometry] = list(parts)
    return several[0] if len(several) == 1 else shapely.MultiPolygon(shapely.get_parts(several).tolist())


def _changed(ring: BaseGeometry, change: Callable[[Ints], Ints]) -> NDArray[np.float64]:
    points = change(to_steps(shapely.get_coordinates(ring)[:-1]))
    points = points[(points != np.roll(points, 1, axis=0)).any(axis=1)]
    if len(points) < 3:
        raise EditRefused(Refusal.TOO_FEW_VERTICES)
    return to_degrees(np.concatenate([points, points[:1]]))


def _threaded(ring: Ints, points: Ints) -> Ints:
    start, stop = ring, np.roll(ring, -1, axis=0)
    low, high = np.minimum(start, stop), np.maximum(start, stop)
    inside = (points[:, None] >= low).all(axis=2) & (points[:, None] <= high).all(axis=2)
    point, edge = np.nonzero(inside)
    along, offset = (stop - start)[edge], points[point] - start[edge]
    through = passes(start[edge], stop[edge], points[point])
    through &= (points[point] != start[edge]).any(axis=1) & (points[point] != stop[edge]).any(axis=1)
    point, edge = point[through], edge[through]
    place = (along * offset).sum(axis=1)[through]
    of_edge = np.concatenate([np.arange(len(ring)), edge])
    order = np.lexsort((np.concatenate([np.full(len(ring), -1), place]), of_edge))
    return np.concatenate([ring, points[point]])[order]


def _in_box(area: BaseGeometry, vertex: Ints) -> bool:
    west, south, east, north = np.rint(np.array(area.bounds) * 1e7)
    return bool(west <= vertex[0] <= east and south <= vertex[1] <= north)
