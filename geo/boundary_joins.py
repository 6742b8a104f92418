"""Making one of vertices that nearly are one."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.border_shapes import with_rings
from geo.boundary_grid import Bools, Ints, to_degrees, to_steps
from geo.boundary_problems import NEAR_M, BoundaryProblem, ProblemKind
from geo.boundary_refusals import EditRefused
from geo.crs import GEOD

Vertex = tuple[int, int]


def joined(shapes: Sequence[BaseGeometry], problems: Sequence[BoundaryProblem]) -> dict[int, BaseGeometry]:
    """The areas that change when near vertices become one and near edges get the vertex, by position."""
    changed: dict[int, BaseGeometry] = {}
    for problem in problems:
        if problem.kind != ProblemKind.T_JUNCTION or problem.detail == "on_edge":
            continue
        vertex = to_steps(np.array([problem.lon, problem.lat]))
        now = {at: changed.get(at, shapes[at]) for at in problem.positions}
        try:
            if problem.detail == "near_vertex":
                changed |= _one_vertex(now, vertex)
            else:
                changed |= {problem.positions[0]: _onto(now[problem.positions[0]], vertex)}
        except EditRefused:
            continue  # too small a ring to lose a vertex
    return changed


def _one_vertex(areas: Mapping[int, BaseGeometry], vertex: Ints) -> dict[int, BaseGeometry]:
    """All vertices near this one become the one that most areas have."""
    counts: Counter[Vertex] = Counter()
    for area in areas.values():
        points = np.unique(to_steps(shapely.get_coordinates(area)), axis=0)
        counts.update((int(x), int(y)) for x, y in points[_near(points, vertex)].tolist())
    if len(counts) < 2:
        return {}
    target = max(counts, key=lambda one: (counts[one], one == tuple(vertex.tolist()), one))
    others = np.array([one for one in counts if one != target], dtype=np.int64)

    def moved(ring: Ints) -> Ints:
        hit = (ring[:, None] == others).all(axis=2).any(axis=1)
        return np.where(hit[:, None], np.array(target), ring)

    return {at: with_rings(area, moved) for at, area in areas.items()}


def _onto(area: BaseGeometry, vertex: Ints) -> BaseGeometry:
    """The area with this vertex put into its nearest edge."""

    def inserted(ring: Ints) -> Ints:
        start, along = ring, np.roll(ring, -1, axis=0) - ring
        share = ((vertex - start) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1)
        foot = start + np.clip(share, 0, 1)[:, None] * along
        near = int(np.argmin(((foot - vertex) ** 2).sum(axis=1)))
        if not _near(foot[[near]], vertex)[0] or (ring == vertex).all(axis=1).any():
            return ring
        return np.insert(ring, near + 1, vertex, axis=0)

    return with_rings(area, inserted)


def _near(points: Ints, vertex: Ints) -> Bools:
    lon, lat = to_degrees(points).T
    x, y = to_degrees(vertex)
    close = (np.abs(lon - x) < 1e-4) & (np.abs(lat - y) < 1e-4)
    distance = np.full(len(points), np.inf)
    some = np.flatnonzero(close)
    _, _, distance[some] = GEOD.inv(np.full(len(some), x), np.full(len(some), y), lon[some], lat[some])
    return np.asarray(distance <= NEAR_M)
