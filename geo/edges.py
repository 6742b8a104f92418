"""Distances in metres from points to the borders of areas.

Borders are straight in lon/lat. Distances are measured in a plane scaled at each point's own latitude, which
keeps straight lines straight; the number that is reported is the geodesic to the nearest place found there.
Areas across the antimeridian are not supported.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.area_shapes import Shapes, ranges
from geo.area_tree import AreaTree
from geo.crs import GEOD

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pairs = tuple[Ints, Ints, Floats]

A_M = 6378137.0
E2 = 0.00669437999014
SLACK = 1.002
_DEGREE_M = 111_700.0  # no degree of longitude or latitude is longer
_PORTION = 1 << 20
_FEW = 256
_FIRST_NEIGHBOURS, _MOST_NEIGHBOURS = 24, 512


class Borders:
    """The edges of all areas: which areas are within some metres of a point, and which is the nearest."""

    def __init__(self, shapes: Shapes, tree: AreaTree) -> None:
        """`shapes` are the edges of the areas in `tree`."""
        self._shapes, self._tree = shapes, tree

    @classmethod
    def of(cls, polygons: NDArray[np.object_]) -> Self:
        """The borders of polygons and multipolygons (lon/lat)."""
        return cls(Shapes.of(polygons), AreaTree(polygons))

    def within(self, lon: Floats, lat: Floats, within_m: float) -> Pairs:
        """Pairs (point, area, distance_m) of borders at most `within_m` away, sorted by point and area."""
        dx, dy = reach(lat, within_m)
        point, area = self._tree.boxes.query(shapely.box(lon - dx, lat - dy, lon + dx, lat + dy))
        return self._of_areas(lon, lat, point, area, within_m)

    def of_edges(
        self, lon: Floats, lat: Floats, point: Ints, vertex: Ints, area: Ints, within_m: float
    ) -> Pairs:
        """`within` when the pairs of points and edges (by first vertex) that may be near are known."""
        point, area, foot_x, foot_y, away_m = self._feet(lon, lat, point, vertex, area)
        near = np.flatnonzero(away_m <= within_m * SLACK + 1e-3)
        feet = _least(point[near], area[near], foot_x[near], foot_y[near], away_m[near])
        return _sorted(_geodesics(lon, lat, *feet, within_m))

    def nearest(self, lon: Floats, lat: Floats) -> tuple[Ints, Floats]:
        """The area with the nearest border and the metres to it; the lower number when two are as near.

        Which one is nearest is exact to 0.1 % within some thousand kilometres, and a good guess beyond.
        """
        position, nearest_m = np.full(len(lon), -1, dtype=np.int64), np.full(len(lon), np.nan)
        search = self._by_samples if len(lon) > _FEW else self._by_boxes
        point, area, metres = search(lon, lat)
        order = np.lexsort((area, metres, point))
        best = order[np.flatnonzero(np.diff(point[order], prepend=-1))]
        position[point[best]], nearest_m[point[best]] = area[best], metres[best]
        return position, nearest_m

    def _by_boxes(self, lon: Floats, lat: Floats) -> Pairs:
        """Distances to the areas that may be nearest: an upper bound from one of them, then all boxes within."""
        points = shapely.points(lon, lat)
        point, area = self._tree.boxes.query_nearest(points, all_matches=False)
        bound_m = np.full(len(lon), np.inf)
        first = self._of_areas(lon, lat, point, area, np.inf)
        bound_m[first[0]] = first[2]
        west, south, east, north = self._shapes.bounds.T
        parts = [first]
        for i in range(len(lon)):
            beside = np.clip(lat[i], south, north)
            east_m, north_m = metres_per_degree(np.maximum(np.abs(beside), abs(lat[i])))
            dx = np.maximum(np.maximum(west - lon[i], lon[i] - east), 0) * east_m
            dy = np.maximum(np.maximum(south - lat[i], lat[i] - north), 0) * north_m * 0.99
            near = np.flatnonzero(np.hypot(dx, dy) <= bound_m[i] * 1.01)
            found = self._of_areas(
                lon[i : i + 1], lat[i : i + 1], np.zeros(len(near), dtype=np.int64), near, np.inf
            )
            parts.append((found[0] + i, found[1], found[2]))
        return _joined(parts)

    def _by_samples(self, lon: Floats, lat: Floats) -> Pairs:
        """Distances to the edges that may be nearest: those with a sample as near as the nearest one, or nearly."""
        tree, vertex, area, half_m = self._samples
        place = _in_space(lon, lat)
        count = min(_FIRST_NEIGHBOURS, len(vertex))
        todo, parts = np.arange(len(lon)), []
        while len(todo):
            away_m, sample = tree.query(place[todo], k=np.arange(1, count + 1))
            limit_m = away_m[:, :1] * 1.0001 + half_m
            enough = (away_m[:, -1] > limit_m[:, 0]) | (count in (_MOST_NEIGHBOURS, len(vertex)))
            near = (away_m <= limit_m) & enough[:, None]
            who, which = np.nonzero(near)
            edge = sample[who, which]
            point, owner, foot_x, foot_y, metres = self._feet(lon, lat, todo[who], vertex[edge], area[edge])
            parts.append(_geodesics(lon, lat, *_least(point, owner, foot_x, foot_y, metres), np.inf))
            todo, count = todo[~enough], min(count * 6, _MOST_NEIGHBOURS, len(vertex))
        return _joined(parts)

    @cached_property
    def _samples(self) -> tuple[Any, Ints, Ints, float]:
        """Places along all edges in a tree in space (metres from the Earth's centre), the edge (first vertex) and
        area of each, and the metres within which every place of an edge has a sample of it.
        """
        from scipy.spatial import KDTree  # a tenth of a second, which most processes never need

        shapes = self._shapes
        vertex, area = shapes.edges(np.arange(len(shapes)))
        ax, ay, bx, by = shapes.x[vertex], shapes.y[vertex], shapes.x[vertex + 1], shapes.y[vertex + 1]
        length_m = (
            np.hypot((bx - ax) * np.cos(np.radians(np.minimum(np.abs(ay), np.abs(by)))), by - ay) * _DEGREE_M
        )
        step_m = max(2 * float(np.mean(length_m)), float(np.max(length_m)) / 10_000)
        count = np.maximum(1, np.ceil(length_m / step_m)).astype(np.int64)
        which = np.repeat(np.arange(len(count)), count)
        share = (ranges(np.zeros(len(count), dtype=np.int64), count) + 0.5) / count[which]
        x, y = ax[which] + share * (bx - ax)[which], ay[which] + share * (by - ay)[which]
        vertex, area = vertex[which], area[which]
        tree = KDTree(_in_space(x, y), balanced_tree=False, compact_nodes=False)
        return tree, vertex, area, step_m * 0.52

    def _of_areas(self, lon: Floats, lat: Floats, point: Ints, area: Ints, within_m: float) -> Pairs:
        """The distance to each area of pairs, by all of its edges."""
        shapes, parts = self._shapes, []
        dx, dy = reach(lat, within_m)
        for part in _portions(shapes.count[area]):
            vertex, owner = shapes.edges(area[part])
            who = np.repeat(point[part], shapes.count[area[part]])
            who = who[~shapes.ring_end[ranges(shapes.first[area[part]], shapes.count[area[part]])]]
            if np.isfinite(within_m):
                near = _beside(shapes.x, vertex, lon[who], dx[who])
                vertex, owner, who = vertex[near], owner[near], who[near]
                near = _beside(shapes.y, vertex, lat[who], dy)
                vertex, owner, who = vertex[near], owner[near], who[near]
            feet = _least(*self._feet(lon, lat, who, vertex, owner))
            parts.append(_geodesics(lon, lat, *feet, within_m))
        return _sorted(_joined(parts))

    def _feet(
        self, lon: Floats, lat: Floats, point: Ints, vertex: Ints, area: Ints
    ) -> tuple[Ints, Ints, Floats, Floats, Floats]:
        """(point, area, the place of the edge nearest to the point, about how far) of points and edges."""
        x, y = lon[point], lat[point]
        ax, ay = self._shapes.x[vertex], self._shapes.y[vertex]
        bx, by = self._shapes.x[vertex + 1], self._shapes.y[vertex + 1]
        east_m, north_m = metres_per_degree((y + np.clip(y, np.minimum(ay, by), np.maximum(ay, by))) / 2)
        ux, uy = (bx - ax) * east_m, (by - ay) * north_m
        length2 = np.maximum(ux * ux + uy * uy, 1e-30)
        t = np.clip(((x - ax) * east_m * ux + (y - ay) * north_m * uy) / length2, 0.0, 1.0)
        foot_x, foot_y = ax + t * (bx - ax), ay + t * (by - ay)
        away_m = np.hypot((foot_x - x) * east_m, (foot_y - y) * north_m)
        return point, area, foot_x, foot_y, away_m


def metres_per_degree(lat: Floats) -> tuple[Floats, Floats]:
    """Metres of a degree east and of a degree north on the WGS 84 ellipsoid."""
    phi = np.radians(lat)
    magic = 1.0 - E2 * np.sin(phi) ** 2
    return np.radians(A_M / np.sqrt(magic) * np.cos(phi)), np.radians(A_M * (1 - E2) / magic**1.5)


def reach(lat: Floats, within_m: float) -> tuple[Floats, float]:
    """Degrees east and north that are at least `within_m` metres, for points at some latitudes.

    One number for all of them where that is hardly more.
    """
    if len(lat) > 2:
        away = np.abs(lat)
        (low, high), north = reach(np.array([np.min(away), np.max(away)]), within_m)
        if high < 1.1 * low:
            return np.broadcast_to(high, lat.shape), north
    wide_m = within_m * SLACK + 1e-3
    east_m, _ = metres_per_degree(np.minimum(np.abs(lat) + wide_m / 110_000.0, 89.99))
    return wide_m / east_m, wide_m / 110_570.0


def _least(
    point: Ints, area: Ints, foot_x: Floats, foot_y: Floats, away_m: Floats
) -> tuple[Ints, Ints, Floats, Floats]:
    """Of the edges of each (point, area) the nearest place."""
    order = np.lexsort((away_m, area, point))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(point[order]) != 0) | (np.diff(area[order]) != 0)
    best = order[first]
    return point[best], area[best], foot_x[best], foot_y[best]


def _geodesics(
    lon: Floats, lat: Floats, point: Ints, area: Ints, foot_x: Floats, foot_y: Floats, within_m: float
) -> Pairs:
    if len(point) == 0:
        return point, area, np.zeros(0)
    metres = np.asarray(GEOD.inv(lon[point], lat[point], foot_x, foot_y)[2])
    near = metres <= within_m
    return point[near], area[near], metres[near]


def _beside(values: Floats, vertex: Ints, at: Floats, width: Floats | float) -> NDArray[np.bool_]:
    """Which edges come as near as `width` to a place, along one axis."""
    a, b = values[vertex] - at, values[vertex + 1] - at
    return np.asarray((np.minimum(a, b) <= width) & (np.maximum(a, b) >= -width))


def _portions(count: Ints) -> Iterator[slice]:
    """Slices of items that have at most about a million parts together."""
    if len(count) == 0:
        return
    portion = np.cumsum(count) // _PORTION
    start = np.flatnonzero(np.diff(portion, prepend=-1)).tolist()
    yield from (slice(a, b) for a, b in zip(start, [*start[1:], len(count)], strict=True))


def _in_space(lon: Floats, lat: Floats) -> Floats:
    """Metres from the Earth's centre, on the ellipsoid."""
    lam, phi = np.radians(lon), np.radians(lat)
    south = np.sin(phi)
    normal = A_M / np.sqrt(1 - E2 * south**2)
    flat = normal * np.cos(phi)
    place = np.empty((len(lon), 3))
    place[:, 0], place[:, 1], place[:, 2] = flat * np.cos(lam), flat * np.sin(lam), normal * (1 - E2) * south
    return place


def _sorted(pairs: Pairs) -> Pairs:
    point, area, metres = pairs
    order = np.lexsort((area, point))
    return point[order], area[order], metres[order]


def _joined(parts: list[Pairs]) -> Pairs:
    if not parts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    point, area, distance_m = zip(*parts, strict=True)
    return np.concatenate(point), np.concatenate(area), np.concatenate(distance_m)
