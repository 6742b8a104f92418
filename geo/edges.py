"""Distances in metres from points to the borders of areas.

Borders are straight in lon/lat. Distances are measured in a plane scaled at each point's own latitude, which
keeps straight lines straight; the number that is reported is the geodesic to the nearest place found there.
Areas across the antimeridian are not supported.
"""

from functools import cached_property
from typing import Self

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.crs import GEOD

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pairs = tuple[Ints, Ints, Floats]

_A_M = 6378137.0
_E2 = 0.00669437999014
_CHUNK = 200_000
_SLACK = 1.002
_MAX_SLACK_M = 500.0


class EdgeIndex:
    """The edges of all areas in a tree: which areas are within some metres, and which is the nearest."""

    def __init__(self, start: Floats, end: Floats, area: Ints) -> None:
        """`start` and `end` are [n, 2] lon/lat, `area` the position of the area each edge belongs to."""
        self._start, self._end, self._area = start, end, area
        self._tree = _edge_tree(start, end)
        middle = (np.min(start, axis=0) + np.max(start, axis=0)) / 2
        plane = pyproj.CRS.from_proj4(f"+proj=aeqd +lat_0={middle[1]} +lon_0={middle[0]} +datum=WGS84")
        self._project = pyproj.Transformer.from_crs("EPSG:4326", plane, always_xy=True)

    @classmethod
    def of(cls, polygons: NDArray[np.object_]) -> Self:
        """The edges of polygons and multipolygons (lon/lat)."""
        rings, ring_area = _rings(polygons)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        same = ring[1:] == ring[:-1]
        return cls(xy[:-1][same], xy[1:][same], ring_area[ring[:-1][same]])

    def within(self, lon: Floats, lat: Floats, within_m: float) -> Pairs:
        """Pairs (point, area, distance_m) of borders at most `within_m` away, sorted by point and area."""
        parts = []
        for first in range(0, len(lon), _CHUNK):
            x, y = lon[first : first + _CHUNK], lat[first : first + _CHUNK]
            point, edge = self._tree.query(_boxes(x, y, within_m * _SLACK + 1e-3))
            point, area, distance_m = self._measured(x, y, point, edge)
            near = distance_m <= within_m
            parts.append((point[near] + first, area[near], distance_m[near]))
        return _joined(parts)

    def nearest(self, lon: Floats, lat: Floats) -> tuple[Ints, Floats]:
        """The area with the nearest border and the metres to it; the lower position when two are as near.

        Which one is nearest is exact to 0.1 % within some hundred kilometres of the areas, and a good guess
        beyond.
        """
        position = np.full(len(lon), -1, dtype=np.int64)
        nearest_m = np.full(len(lon), np.nan)
        tree, sag_m = self._plane
        for first in range(0, len(lon), _CHUNK // 10):
            x, y = lon[first : first + _CHUNK // 10], lat[first : first + _CHUNK // 10]
            px, py = self._project.transform(x, y)
            points = shapely.points(px, py)
            near, away_m = tree.query_nearest(points, return_distance=True, all_matches=False)
            near_point, near_edge = near
            # An azimuthal equidistant plane stretches lengths by up to c²/6, c the angle from its middle.
            stretch = (np.hypot(px, py)[near_point] / _A_M) ** 2 / 4
            slack_m = np.minimum(away_m * stretch + sag_m, _MAX_SLACK_M)
            point, edge = tree.query(points[near_point], predicate="dwithin", distance=away_m + slack_m)
            point = np.concatenate([near_point, near_point[point]])
            point, area, distance_m = self._measured(x, y, point, np.concatenate([near_edge, edge]))
            order = np.lexsort((area, distance_m, point))
            best = order[np.unique(point[order], return_index=True)[1]]
            position[point[best] + first], nearest_m[point[best] + first] = area[best], distance_m[best]
        return position, nearest_m

    @cached_property
    def _plane(self) -> tuple[shapely.STRtree, float]:
        """The edges in metres around the middle, and how far a straight lon/lat edge may bend there."""
        start, end = (np.stack(self._project.transform(*ends.T), axis=1) for ends in (self._start, self._end))
        longest_m = float(np.max(np.hypot(*(end - start).T)))
        return _edge_tree(start, end), longest_m**2 / (4 * _A_M) + 0.01

    def _measured(self, lon: Floats, lat: Floats, point: Ints, edge: Ints) -> Pairs:
        """The shortest distance of each (point, area) among pairs of points and edges."""
        x, y = lon[point], lat[point]
        ax, ay = self._start[edge].T
        bx, by = self._end[edge].T
        east_m, north_m = _metres_per_degree((y + np.clip(y, np.minimum(ay, by), np.maximum(ay, by))) / 2)
        ux, uy = (bx - ax) * east_m, (by - ay) * north_m
        length2 = np.maximum(ux * ux + uy * uy, 1e-30)
        t = np.clip(((x - ax) * east_m * ux + (y - ay) * north_m * uy) / length2, 0.0, 1.0)
        foot_x, foot_y = ax + t * (bx - ax), ay + t * (by - ay)
        away_m = np.hypot((foot_x - x) * east_m, (foot_y - y) * north_m)
        area = self._area[edge]
        order = np.lexsort((away_m, area, point))
        first = np.ones(len(order), dtype=bool)
        first[1:] = (point[order][1:] != point[order][:-1]) | (area[order][1:] != area[order][:-1])
        best = order[first]
        if len(best) == 0:
            return point[best], area[best], np.zeros(0)
        _, _, distance_m = GEOD.inv(x[best], y[best], foot_x[best], foot_y[best])
        return point[best], area[best], np.asarray(distance_m)


def _edge_tree(start: Floats, end: Floats) -> shapely.STRtree:
    lines = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)
    return shapely.STRtree(lines)


def _rings(polygons: NDArray[np.object_]) -> tuple[NDArray[np.object_], Ints]:
    parts, part_area = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    return rings, part_area[ring_part]


def _metres_per_degree(lat: Floats) -> tuple[Floats, Floats]:
    """Metres of a degree east and of a degree north on the WGS 84 ellipsoid."""
    phi = np.radians(lat)
    magic = 1.0 - _E2 * np.sin(phi) ** 2
    return np.radians(_A_M / np.sqrt(magic) * np.cos(phi)), np.radians(_A_M * (1 - _E2) / magic**1.5)


def _boxes(lon: Floats, lat: Floats, within_m: float) -> NDArray[np.object_]:
    east_m, _ = _metres_per_degree(np.minimum(np.abs(lat) + within_m / 110_000.0, 89.99))
    dx, dy = within_m / east_m, within_m / 110_570.0
    return np.asarray(shapely.box(lon - dx, lat - dy, lon + dx, lat + dy))


def _joined(parts: list[Pairs]) -> Pairs:
    if not parts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    point, area, distance_m = zip(*parts, strict=True)
    return np.concatenate(point), np.concatenate(area), np.concatenate(distance_m)
