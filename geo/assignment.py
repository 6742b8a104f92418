"""Which area each point belongs to: exact, one point or millions."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.edges import EdgeIndex
from geo.locations import Kind, Location, Locations

__all__ = ["DEFAULT_NEAR_M", "AreaIndex", "BadArea", "Kind", "Location", "Locations"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DEFAULT_NEAR_M = 5.0
_KINDS = np.array(list(Kind), dtype=object)
_CODE = {kind: code for code, kind in enumerate(Kind)}


class BadArea(ValueError):
    """An area that no index can be built from; `position` says which, `reason` why."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"area {position}: {reason}")
        self.position, self.reason = position, reason


class AreaIndex:
    """The areas of one level, ready to answer which of them a point belongs to.

    Borders belong to the area (`covers`). Where several areas cover a point the lower rank wins, then the
    lower position: callers sort areas by code before `build`. Coordinates are lon/lat, WGS 84. An index
    never changes; threads may share it.
    """

    def __init__(self, polygons: NDArray[np.object_], rank: Ints) -> None:
        """Use `build`: this takes checked arrays."""
        self._polygons, self._rank = polygons, rank
        self._order: Ints = np.lexsort((np.arange(len(rank)), rank))
        self._priority = np.empty(len(rank), dtype=np.int64)
        self._priority[self._order] = np.arange(len(rank))
        self._tree = shapely.STRtree(polygons)
        _warm(polygons)

    @classmethod
    def build(
        cls, polygons: Sequence[BaseGeometry] | NDArray[np.object_], rank: ArrayLike | None = None
    ) -> Self:
        """An index over shapely polygons or multipolygons (lon/lat), lower `rank` winning.

        Raises `BadArea` (a `ValueError`) for what is not a polygon, is empty or is invalid, and `ValueError`
        for ranks that do not fit.
        """
        areas = np.empty(len(polygons), dtype=object)
        areas[:] = [checked_area(position, polygon) for position, polygon in enumerate(polygons)]
        return cls(areas, _checked_rank(rank, len(areas)))

    def __len__(self) -> int:
        return len(self._polygons)

    def __reduce__(self) -> tuple[Any, ...]:
        # Prepared geometries do not survive pickling: build again on the other side.
        return type(self), (self._polygons, self._rank)

    @property
    def polygons(self) -> NDArray[np.object_]:
        """The areas by position; do not change them."""
        return self._polygons

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """The position of the winning area of each point, -1 where none covers it or it is not finite.

        Pure geometry: 0,0 is a place like any other here; `classify` and `describe` call it no location.
        """
        x, y = _points(lon, lat)
        point, area = self._covering(x, y)
        return self._winner(len(x), point, area)

    def locate_one(self, lon: float, lat: float) -> int:
        """`locate` for one point, without the overhead of arrays."""
        if not (np.isfinite(lon) and np.isfinite(lat)):
            return -1
        candidates = self._tree.query(shapely.Point(lon, lat))
        best = len(self)
        for position in candidates.tolist():
            if self._priority[position] < best and shapely.intersects_xy(self._polygons[position], lon, lat):
                best = int(self._priority[position])
        return int(self._order[best]) if best < len(self) else -1

    def classify(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.object_]]:
        """(position, kind) of each point; kinds are `Kind` members, which are their words.

        A point at exactly 0,0 or that is not finite is `no_location`, position -1.
        """
        x, y = _points(lon, lat)
        point, area = self._covering(*_without_origin(x, y))
        return self._winner(len(x), point, area), self._kinds(x, y, point, area)

    def matches(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Ints, Ints]:
        """Every pair (point, area) where the area covers the point, sorted by point, then area."""
        return self._covering(*_points(lon, lat))

    def near(self, lon: ArrayLike, lat: ArrayLike, within_m: float) -> tuple[Ints, Ints, Floats]:
        """Every pair (point, area, distance_m) at most `within_m` metres apart, sorted by point, then area.

        Areas that cover the point are among them at 0 m. Distances are geodesics on WGS 84 to the nearest
        place of the border. Raises `ValueError` for a negative or not finite `within_m`.
        """
        x, y = _points(lon, lat)
        return self._near(x, y, *self._covering(x, y), _checked_metres(within_m))

    def nearest(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int32], Floats]:
        """(position, distance_m) of the nearest area of each point: meant for points outside every area.

        A covered point gives its winner and 0 m; one that is not finite, or an empty index, -1 and NaN.
        """
        x, y = _points(lon, lat)
        return self._nearest(x, y, self.locate(x, y))

    def describe(self, lon: ArrayLike, lat: ArrayLike, near_m: float = DEFAULT_NEAR_M) -> Locations:
        """Everything that assignment and triage need to know of each point, in bulk.

        Candidates are the areas that cover a point or lie within `near_m` metres of it and, for one outside,
        the nearest; only points that need a second look have any.
        """
        x, y = _points(lon, lat)
        x, y = _without_origin(x, y)
        point, area = self._covering(x, y)
        position, kind = self._winner(len(x), point, area), self._kinds(x, y, point, area)
        pairs = self._near(x, y, point, area, _checked_metres(near_m))
        near_border = np.zeros(len(x), dtype=bool)
        near_border[pairs[0][pairs[1] != position[pairs[0]]]] = True
        nearest, nearest_m = np.full(len(x), -1, dtype=np.int32), np.full(len(x), np.nan)
        outside = np.flatnonzero(kind == Kind.OUTSIDE)
        nearest[outside], nearest_m[outside] = self._nearest(x[outside], y[outside], position[outside])
        far = outside[(nearest[outside] >= 0) & ~near_border[outside]]
        shown = (near_border | (kind != Kind.INSIDE))[pairs[0]]
        who = np.concatenate([pairs[0][shown], far])
        what = np.concatenate([pairs[1][shown], nearest[far].astype(np.int64)])
        metres = np.concatenate([pairs[2][shown], nearest_m[far]])
        order = np.lexsort((self._priority[what], metres, who))
        return Locations(
            position, kind, near_border, nearest, nearest_m, who[order], what[order], metres[order]
        )

    def describe_one(self, lon: float, lat: float, near_m: float = DEFAULT_NEAR_M) -> Location:
        """`describe` for one point."""
        return self.describe([lon], [lat], near_m)[0]

    def replace(self, position: int, polygon: BaseGeometry) -> Self:
        """A new index in which the area at `position` is redrawn. Raises `BadArea`, `IndexError`."""
        if not 0 <= position < len(self):
            raise IndexError(f"no area at position {position}: there are {len(self)}")
        polygons = self._polygons.copy()
        polygons[position] = checked_area(position, polygon)
        return type(self)(polygons, self._rank)

    @cached_property
    def _edges(self) -> EdgeIndex:
        return EdgeIndex.of(self._polygons)

    def _covering(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """Covering pairs: the tree narrows by box, prepared polygons decide, one area at a time."""
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        local, area = self._tree.query(shapely.points(x[finite], y[finite]))
        point = finite[local]
        covered = np.zeros(len(point), dtype=bool)
        for position, members in _by_area(area):
            where = point[members]
            covered[members] = shapely.intersects_xy(self._polygons[position], x[where], y[where])
        point, area = point[covered], area[covered]
        order = np.lexsort((area, point))
        return point[order], area[order]

    def _winner(self, n: int, point: Ints, area: Ints) -> NDArray[np.int32]:
        best = np.full(n, len(self), dtype=np.int64)
        np.minimum.at(best, point, self._priority[area])
        return np.append(self._order, -1)[best].astype(np.int32)

    def _kinds(self, x: Floats, y: Floats, point: Ints, area: Ints) -> NDArray[np.object_]:
        interior = np.zeros(len(point), dtype=bool)
        for position, members in _by_area(area):
            where = point[members]
            interior[members] = shapely.contains_xy(self._polygons[position], x[where], y[where])
        inner = np.bincount(point[interior], minlength=len(x))
        edged = np.bincount(point[~interior], minlength=len(x))
        code = np.full(len(x), _CODE[Kind.OUTSIDE])
        code[(inner == 1) & (edged == 0)] = _CODE[Kind.INSIDE]
        code[edged > 0] = _CODE[Kind.BORDER]
        code[inner > 1] = _CODE[Kind.OVERLAP]
        code[~_is_location(x, y)] = _CODE[Kind.NO_LOCATION]
        return np.asarray(_KINDS[code], dtype=object)

    def _near(
        self, x: Floats, y: Floats, point: Ints, area: Ints, within_m: float
    ) -> tuple[Ints, Ints, Floats]:
        """The covering pairs at 0 m, and those whose border is near."""
        if len(self) == 0:
            return point, area, np.zeros(0)
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        local, near_area, metres = self._edges.within(x[finite], y[finite], within_m)
        near_point = finite[local]
        outer = ~np.isin(near_point * len(self) + near_area, point * len(self) + area)
        who, what = np.concatenate([point, near_point[outer]]), np.concatenate([area, near_area[outer]])
        distance_m = np.concatenate([np.zeros(len(point)), metres[outer]])
        order = np.lexsort((what, who))
        return who[order], what[order], distance_m[order]

    def _nearest(self, x: Floats, y: Floats, position: NDArray[np.int32]) -> tuple[NDArray[np.int32], Floats]:
        nearest, nearest_m = position.copy(), np.where(position >= 0, 0.0, np.nan)
        away = np.flatnonzero((position < 0) & np.isfinite(x) & np.isfinite(y))
        if len(self) and len(away):
            nearest[away], nearest_m[away] = self._edges.nearest(x[away], y[away])
        return nearest, nearest_m


def checked_area(position: int, polygon: object) -> BaseGeometry:
    """The polygon or multipolygon in two dimensions. Raises `BadArea` for anything an index cannot hold."""
    if not isinstance(polygon, BaseGeometry):
        raise BadArea(position, f"not a shapely geometry but {type(polygon).__name__}")
    if polygon.geom_type not in ("Polygon", "MultiPolygon"):
        raise BadArea(position, f"a {polygon.geom_type}, not a polygon")
    if polygon.is_empty:
        raise BadArea(position, "empty")
    if not shapely.is_valid(polygon):
        raise BadArea(position, f"invalid: {shapely.is_valid_reason(polygon)}")
    return shapely.force_2d(polygon) if polygon.has_z else polygon


def _checked_rank(rank: ArrayLike | None, n: int) -> Ints:
    if rank is None:
        return np.zeros(n, dtype=np.int64)
    ranks = np.asarray(rank)
    if ranks.shape != (n,):
        raise ValueError(f"one rank for each area: {n} areas, ranks of shape {ranks.shape}")
    if n and not np.issubdtype(ranks.dtype, np.integer):
        raise ValueError(f"ranks are whole numbers, not {ranks.dtype}")
    return ranks.astype(np.int64)


def _checked_metres(metres: float) -> float:
    if not (np.isfinite(metres) and metres >= 0):
        raise ValueError(f"metres must be a finite number from 0 on, not {metres!r}")
    return float(metres)


def _points(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"lon and lat are one-dimensional and of one length, not {x.shape} and {y.shape}")
    return x, y


def _is_location(x: Floats, y: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0)))


def _without_origin(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    good = _is_location(x, y)
    return np.where(good, x, np.nan), np.where(good, y, np.nan)


def _by_area(area: Ints) -> list[tuple[int, Ints]]:
    """(position, indices of its pairs) for every area that occurs."""
    if len(area) == 0:  # np.split would hand back one empty part
        return []
    order = np.argsort(area, kind="stable")
    positions, first = np.unique(area[order], return_index=True)
    return list(zip(positions.tolist(), np.split(order, first[1:]), strict=True))


def _warm(polygons: NDArray[np.object_]) -> None:
    """Prepare every polygon and build its point locator now: done lazily, two threads could race for it."""
    shapely.prepare(polygons)
    if len(polygons):
        bounds = shapely.bounds(polygons)
        shapely.intersects_xy(polygons, bounds[:, 0], bounds[:, 1])
        shapely.contains_xy(polygons, bounds[:, 0], bounds[:, 1])
