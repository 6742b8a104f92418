"""Which area each point belongs to: exact, one point or millions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo import area_file
from geo.area_compiled import Kernels
from geo.area_file import StaleIndex
from geo.area_lookup import Lookup, chunks
from geo.locations import Kind, Location, Locations, joined

__all__ = ["DEFAULT_NEAR_M", "AreaIndex", "BadArea", "Kind", "Location", "Locations", "StaleIndex"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DEFAULT_NEAR_M = 5.0
_KINDS = np.array(list(Kind), dtype=object)
_CODE = {kind: code for code, kind in enumerate(Kind)}
_DESCRIBED_AT_ONCE = 1 << 19
_DESCRIBED_AS = 15  # describing one point by the tree takes as long as locating so many


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

    Few points are looked up in a tree. Once they are many, or have become many over the calls, a grid of cells
    is built, finer the more there are (`geo.area_choice`); its tables take 1 GiB at most, mostly 0.1.
    """

    def __init__(self, polygons: NDArray[np.object_], rank: Ints, lookup: Lookup | None = None) -> None:
        """Use `build`: this takes checked arrays."""
        self._polygons, self._rank = polygons, rank
        self._order: Ints = np.lexsort((np.arange(len(rank)), rank))
        self._priority = np.empty(len(rank), dtype=np.int64)
        self._priority[self._order] = np.arange(len(rank))
        self._plain = bool(np.all(np.diff(self._order) == 1))
        self._position = np.append(self._order, -1).astype(np.int32)  # of a number by precedence; -1 of -1
        self._lookup = lookup if lookup is not None else Lookup(polygons[self._order])

    @classmethod
    def build(
        cls, polygons: Sequence[BaseGeometry] | NDArray[np.object_], rank: ArrayLike | None = None
    ) -> Self:
        """An index over shapely polygons or multipolygons (lon/lat), lower `rank` winning.

        Raises `BadArea` (a `ValueError`) for what is not a polygon, is empty or is invalid, and `ValueError`
        for ranks that do not fit.
        """
        return cls(checked_areas(polygons), _checked_rank(rank, len(polygons)))

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
        return self._positions(self._lookup.locate(*_points(lon, lat)))

    def locate_one(self, lon: float, lat: float) -> int:
        """`locate` for one point, without the overhead of arrays."""
        if not (_LEAST <= lon <= _MOST and _LEAST <= lat <= _MOST):
            return -1
        return int(self._position[self._lookup.locate_one(lon, lat)])

    def classify(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.object_]]:
        """(position, kind) of each point; kinds are `Kind` members, which are their words.

        A point at exactly 0,0 or that is not finite is `no_location`, position -1.
        """
        x, y = _without_origin(*_points(lon, lat))
        winner, code = np.empty(len(x), dtype=np.int32), np.empty(len(x), dtype=np.int8)
        for part in chunks(len(x)):
            winner[part], inner, edged = self._lookup.found(x[part], y[part]).counts()
            code[part] = _kinds(x[part], inner, edged)
        return self._positions(winner), np.asarray(_KINDS[code], dtype=object)

    def matches(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Ints, Ints]:
        """Every pair (point, area) where the area covers the point, sorted by point, then area."""
        x, y = _points(lon, lat)
        parts = [(part.start, *self._lookup.found(x[part], y[part]).pairs()) for part in chunks(len(x))]
        point = _concatenated([first + points for first, points, _ in parts])
        area = self._order[_concatenated([areas for _, _, areas in parts])]
        if not self._plain:
            order = np.lexsort((area, point))
            point, area = point[order], area[order]
        return point, area

    def near(self, lon: ArrayLike, lat: ArrayLike, within_m: float) -> tuple[Ints, Ints, Floats]:
        """Every pair (point, area, distance_m) at most `within_m` metres apart, sorted by point, then area.

        Areas that cover the point are among them at 0 m. Distances are geodesics on WGS 84 to the nearest
        place of the border. Raises `ValueError` for a negative or not finite `within_m`.
        """
        x, y = _points(lon, lat)
        within_m = _checked_metres(within_m)
        parts = []
        for part in chunks(len(x), _DESCRIBED_AT_ONCE):
            covering = self._lookup.found(x[part], y[part]).pairs()
            point, area, metres = self._near(x[part], y[part], covering, within_m)
            parts.append((point + part.start, area, metres))
        point, area, metres = (_concatenated([each[i] for each in parts]) for i in range(3))
        area = self._order[area.astype(np.int64)]
        order = np.lexsort((area, point))
        return point[order].astype(np.int64), area[order], metres[order]

    def nearest(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int32], Floats]:
        """(position, distance_m) of the nearest area of each point: meant for points outside every area.

        A covered point gives its winner and 0 m; one that is not finite, or an empty index, -1 and NaN.
        """
        x, y = _points(lon, lat)
        winner, metres = self._nearest(x, y, self._lookup.locate(x, y))
        return self._positions(winner), metres

    def describe(self, lon: ArrayLike, lat: ArrayLike, near_m: float = DEFAULT_NEAR_M) -> Locations:
        """Everything that assignment and triage need to know of each point, in bulk.

        Candidates are the areas that cover a point or lie within `near_m` metres of it and, for one outside,
        the nearest; only points that need a second look have any.
        """
        x, y = _without_origin(*_points(lon, lat))
        near_m = _checked_metres(near_m)
        parts = [self._described(x[part], y[part], near_m) for part in chunks(len(x), _DESCRIBED_AT_ONCE)]
        return joined(parts) if len(parts) != 1 else parts[0]

    def describe_one(self, lon: float, lat: float, near_m: float = DEFAULT_NEAR_M) -> Location:
        """`describe` for one point."""
        return self.describe([lon], [lat], near_m)[0]

    def replace(self, position: int, polygon: BaseGeometry) -> Self:
        """A new index in which the area at `position` is redrawn. Raises `BadArea`, `IndexError`."""
        return self.replace_many({position: polygon})

    def replace_many(self, redrawn: Mapping[int, BaseGeometry]) -> Self:
        """A new index in which the areas at some positions are redrawn, this one staying as it is.

        It answers as one that is built anew, but only the cells that the areas leave or enter are worked on.
        Raises `BadArea`, `IndexError`.
        """
        positions = np.array(sorted(redrawn), dtype=np.int64)
        for position in positions.tolist():
            if not 0 <= position < len(self):
                raise IndexError(f"no area at position {position}: there are {len(self)}")
        polygons = self._polygons.copy()
        for position in positions.tolist():
            polygons[position] = checked_areas([redrawn[position]], position)[0]
        lookup = self._lookup.replaced(np.sort(self._priority[positions]), polygons[self._order])
        return type(self)(polygons, self._rank, lookup)

    def save(self, path: str | Path) -> None:
        """Write the index to a file for `load`, whole or not at all. Raises `OSError`.

        Builds the grid for it, all of it, if points have not called for one yet.
        """
        area_file.save(path, area_file.fingerprint(self._polygons, self._rank), self._lookup.whole_grid())

    @classmethod
    def load(
        cls,
        path: str | Path,
        polygons: Sequence[BaseGeometry] | NDArray[np.object_],
        rank: ArrayLike | None = None,
    ) -> Self:
        """The index that was saved for these areas and ranks.

        Raises `StaleIndex` when the file is missing, damaged or made for others, `BadArea` and `ValueError` as
        `build` does.
        """
        areas, ranks = checked_areas(polygons, valid=True), _checked_rank(rank, len(polygons))
        index = cls(areas, ranks)
        grid = area_file.load(path, area_file.fingerprint(areas, ranks), index._lookup.tree)
        index._lookup.take(grid)
        return index

    def settle(self, cells: int, way: Kernels | None = None) -> bool:
        """Answer from a grid of so many cells a side (0: the tree) whatever is asked: for tests and measurements.

        `way` are the inner loops (`geo.area_compiled`). False where the areas cannot have such a grid.
        """
        return self._lookup.settle(cells, way)

    @property
    def nbytes(self) -> int:
        """Bytes of the grid's tables and vertices; 0 while the tree answers."""
        return self._lookup.grid.tables.nbytes if self._lookup.grid is not None else 0

    def _positions(self, winner: NDArray[np.int32]) -> NDArray[np.int32]:
        return winner if self._plain else self._position.take(winner, mode="wrap")

    def _described(self, x: Floats, y: Floats, near_m: float) -> Locations:
        found = self._lookup.found(x, y, _DESCRIBED_AS)
        winner, inner, edged = found.counts()
        code = _kinds(x, inner, edged)
        finite = np.flatnonzero(np.isfinite(x))
        near = self._lookup.near(x[finite], y[finite], near_m, winner[finite])
        near_point, near_area, near_metres = finite[near[0]], near[1], near[2]
        near_border = inner + edged > 1
        near_border[near_point] = True
        shown = near_border | (code != _CODE[Kind.INSIDE])
        point, area = found.pairs(shown)
        outside = np.flatnonzero(code == _CODE[Kind.OUTSIDE])
        nearest, nearest_m = np.full(len(x), -1, dtype=np.int32), np.full(len(x), np.nan)
        nearest[outside], nearest_m[outside] = self._nearest(x[outside], y[outside], winner[outside])
        far = outside[(nearest[outside] >= 0) & ~near_border[outside]]
        outer = ~np.isin(near_point * len(self) + near_area, point * len(self) + area)
        who = np.concatenate([point, near_point[outer], far])
        what = np.concatenate([area, near_area[outer], nearest[far].astype(np.int64)])
        metres = np.concatenate([np.zeros(len(point)), near_metres[outer], nearest_m[far]])
        order = np.lexsort((what, metres, who))
        return Locations(
            self._positions(winner), np.asarray(_KINDS[code], dtype=object), near_border,
            self._positions(nearest), nearest_m, who[order], self._order[what[order]], metres[order],
        )  # fmt: skip

    def _near(
        self, x: Floats, y: Floats, covering: tuple[Ints, Ints], within_m: float
    ) -> tuple[Ints, Ints, Floats]:
        """The covering pairs at 0 m, and those whose border is near; areas by precedence, in no order."""
        point, area = covering
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        local, near_area, metres = self._lookup.near(x[finite], y[finite], within_m)
        near_point = finite[local]
        outer = ~np.isin(near_point * len(self) + near_area, point * len(self) + area)
        who, what = np.concatenate([point, near_point[outer]]), np.concatenate([area, near_area[outer]])
        return who, what, np.concatenate([np.zeros(len(point)), metres[outer]])

    def _nearest(self, x: Floats, y: Floats, winner: NDArray[np.int32]) -> tuple[NDArray[np.int32], Floats]:
        nearest, nearest_m = winner.copy(), np.where(winner >= 0, 0.0, np.nan)
        away = np.flatnonzero((winner < 0) & np.isfinite(x) & np.isfinite(y))
        if len(self) and len(away):
            nearest[away], nearest_m[away] = self._lookup.borders.nearest(x[away], y[away])
        return nearest, nearest_m


_MOST = float(np.finfo(np.float64).max)
_LEAST = -_MOST


def checked_areas(
    polygons: Sequence[Any] | NDArray[np.object_], first: int = 0, *, valid: bool = False
) -> NDArray[np.object_]:
    """Polygons and multipolygons in two dimensions, counted from `first`; `valid` ones are not validated again.

    Raises `BadArea` for the first of them that an index cannot hold.
    """
    areas = np.empty(len(polygons), dtype=object)
    for i, polygon in enumerate(polygons):
        if not isinstance(polygon, BaseGeometry):
            raise BadArea(first + i, f"not a shapely geometry but {type(polygon).__name__}")
        if polygon.geom_type not in ("Polygon", "MultiPolygon"):
            raise BadArea(first + i, f"a {polygon.geom_type}, not a polygon")
        areas[i] = polygon
    empty = np.flatnonzero(shapely.is_empty(areas))
    invalid = np.flatnonzero(~shapely.is_valid(areas)) if not valid else empty
    for position in np.union1d(empty, invalid).tolist():
        why = "empty" if position in empty else f"invalid: {shapely.is_valid_reason(areas[position])}"
        raise BadArea(first + position, why)
    return np.asarray(shapely.force_2d(areas)) if shapely.has_z(areas).any() else areas


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


def _kinds(x: Floats, inner: Ints, edged: Ints) -> NDArray[np.int8]:
    """The code of each point's kind, from the interiors and edges that it lies in; x is NaN for no location."""
    code = np.full(len(x), _CODE[Kind.OUTSIDE], dtype=np.int8)
    code[inner == 1] = _CODE[Kind.INSIDE]
    code[edged > 0] = _CODE[Kind.BORDER]
    code[inner > 1] = _CODE[Kind.OVERLAP]
    code[np.isnan(x)] = _CODE[Kind.NO_LOCATION]
    return code


def _concatenated(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
