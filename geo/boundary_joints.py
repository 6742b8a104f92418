"""Where areas meet without a common vertex: T-junctions, and vertices that nearly are one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.boundary_faces import Noded
from geo.boundary_grid import Edges, Ints, each_once, keys_of, to_degrees
from geo.boundary_problems import NEAR_M, BoundaryProblem, ProblemKind, at_point
from geo.crs import GEOD

Floats = NDArray[np.float64]
_WIDE_OPEN = 0.5  # of an edge's length: farther apart than that, two edges simply leave a common vertex


def joints(
    areas: Sequence[Edges], left: Edges, cut: Noded, chains: Ints, outline: Edges
) -> Iterator[BoundaryProblem]:
    """T-junctions and near misses.

    `areas`: all edges by area; `left`: those that do not cancel; `cut`: the same noded together with the edges of
    other `chains`; `outline`: what then is left and borders on nothing that is reported already.
    """
    have = _Vertices(areas, left)
    done: set[tuple[int, int]] = set()
    for lacking, vertex, edge in _on_edges(have, cut, chains):
        ends = cut_ends(cut, edge)
        close = _close_end(have, lacking, vertex, ends)
        if close is None:
            yield _joint(
                "on_edge", (lacking, *sorted(have.at(vertex) - {lacking})), vertex, _off(vertex, *ends)
            )
            continue
        pair = tuple(sorted((_key(vertex), _key(close))))
        if pair not in done:
            done.add(pair)  # type: ignore[arg-type]
            yield _joint("near_vertex", _both(have, vertex, close), vertex, _apart_m(vertex, close))
    yield from _near_misses(have, outline, done)


class _Vertices:
    """Which area has which vertex."""

    def __init__(self, areas: Sequence[Edges], left: Edges) -> None:
        self._areas = areas
        self._own: dict[int, set[int]] = {}
        self._at: dict[int, set[int]] = defaultdict(set)
        for end in (left.ends[:, :2], left.ends[:, 2:]):
            for key, owner in zip(keys_of(end).tolist(), left.owner.tolist(), strict=True):
                self._at[key].add(owner)

    def at(self, vertex: Ints) -> set[int]:
        """The areas whose left-over edges end here."""
        return self._at.get(_key(vertex), set())

    def has(self, position: int, vertex: Ints) -> bool:
        """Whether an area has this vertex."""
        if position not in self._own:
            self._own[position] = set(keys_of(self._areas[position].ends[:, :2]).tolist())
        return _key(vertex) in self._own[position]


def _on_edges(have: _Vertices, cut: Noded, chains: Ints) -> Iterator[tuple[int, Ints, int]]:
    """Areas that lack a vertex of another within one of their edges, each once: area, vertex, edge."""
    seen = set()
    for edge, corner in cut.touches.tolist():
        lacking, vertex = int(cut.whole.owner[edge]), cut.vertices[corner]
        if chains[edge] != 0 or (lacking, corner) in seen:
            continue
        seen.add((lacking, corner))
        if have.at(vertex) - {lacking} and not have.has(lacking, vertex):
            yield lacking, vertex, edge


def cut_ends(cut: Noded, edge: int) -> tuple[Ints, Ints]:
    """Both ends of an edge."""
    return cut.whole.ends[edge, :2], cut.whole.ends[edge, 2:]


def _close_end(have: _Vertices, lacking: int, vertex: Ints, ends: tuple[Ints, Ints]) -> Ints | None:
    """The end of the edge that was meant to be the same vertex: near, and unknown to the others."""
    near = [end for end in ends if _apart_m(vertex, end) <= NEAR_M and have.has(lacking, end)]
    others = have.at(vertex) - {lacking}
    near = [end for end in near if not any(have.has(one, end) for one in others)]
    return min(near, key=lambda end: _apart_m(vertex, end), default=None)


def _near_misses(have: _Vertices, outline: Edges, done: set[tuple[int, int]]) -> Iterator[BoundaryProblem]:
    """Cracks that are open to the outside, so that no face shows them: by distance."""
    if not len(outline):
        return
    scale = _metres_per_step(outline.ends)
    starts, stops = outline.ends[:, :2] * scale, outline.ends[:, 2:] * scale
    tree = shapely.STRtree(np.asarray(shapely.linestrings(np.stack([starts, stops], axis=1))))
    points = each_once(outline.ends.reshape(-1, 2))
    shortest = _shortest(outline, starts, stops)
    at, edge = tree.query(shapely.points(points * scale), predicate="dwithin", distance=NEAR_M)
    ends = outline.ends[edge]
    apart = (points[at] != ends[:, :2]).any(axis=1) & (points[at] != ends[:, 2:]).any(axis=1)
    for vertex, which in zip(points[at[apart]], edge[apart].tolist(), strict=True):
        other = int(outline.owner[which])
        owners = have.at(vertex)
        if not owners or other in owners or have.has(other, vertex):
            continue
        yield from _near_miss(have, outline, shortest, done, vertex, which)


def _near_miss(
    have: _Vertices,
    outline: Edges,
    shortest: dict[int, float],
    done: set[tuple[int, int]],
    vertex: Ints,
    edge: int,
) -> Iterator[BoundaryProblem]:
    start, stop, other = outline.ends[edge, :2], outline.ends[edge, 2:], int(outline.owner[edge])
    off = _off(vertex, start, stop)
    spacing = shortest[_key(vertex)]
    close = _close_end(have, other, vertex, (start, stop))
    if close is not None and _apart_m(vertex, close) < min(spacing, shortest[_key(close)]):
        pair = (min(_key(vertex), _key(close)), max(_key(vertex), _key(close)))
        if pair not in done:
            done.add(pair)
            yield _joint("near_vertex", _both(have, vertex, close), vertex, _apart_m(vertex, close))
    elif off < _WIDE_OPEN * spacing and close is None and (_key(vertex), other) not in done:
        done.add((_key(vertex), other))
        yield _joint("near_edge", (other, *sorted(have.at(vertex) - {other})), vertex, off)


def _shortest(outline: Edges, starts: Floats, stops: Floats) -> dict[int, float]:
    """The length in metres of the shortest outline edge at each vertex."""
    lengths = np.hypot(*(stops - starts).T)
    shortest: dict[int, float] = {}
    for end in (outline.ends[:, :2], outline.ends[:, 2:]):
        for key, length in zip(keys_of(end).tolist(), lengths.tolist(), strict=True):
            shortest[key] = min(length, shortest.get(key, length))
    return shortest


def _both(have: _Vertices, vertex: Ints, close: Ints) -> tuple[int, ...]:
    return tuple(sorted(have.at(vertex) | have.at(close)))


def _joint(detail: str, positions: tuple[int, ...], vertex: Ints, length: float) -> BoundaryProblem:
    return at_point(ProblemKind.T_JUNCTION, positions, to_degrees(vertex), detail=detail, length=length)


def _key(vertex: Ints) -> int:
    return int(keys_of(vertex.reshape(1, 2))[0])


def _metres_per_step(ends: Ints) -> Floats:
    """Metres that a grid step is long, east and north, in the middle of some edges."""
    lon, lat = to_degrees(ends.reshape(-1, 2).mean(axis=0))
    east = GEOD.inv(lon, lat, lon + 1e-3, lat)[2] / 1e4
    north = GEOD.inv(lon, lat, lon, lat + 1e-3)[2] / 1e4
    return np.array([east, north])


def _apart_m(one: Ints, other: Ints) -> float:
    (lon, lat), (lon2, lat2) = to_degrees(one).tolist(), to_degrees(other).tolist()
    return float(GEOD.inv(lon, lat, lon2, lat2)[2])


def _off(vertex: Ints, start: Ints, stop: Ints) -> float:
    """The distance of a vertex from an edge in metres."""
    scale = _metres_per_step(vertex.reshape(1, 2))
    line = shapely.LineString([(start - vertex) * scale, (stop - vertex) * scale])
    return float(line.distance(shapely.Point(0, 0)))
