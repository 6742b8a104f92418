"""The vertices of all areas as plain arrays, and the grid of cells that is laid over them."""

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]

SLACK = 1 / 1024
"""How far beyond its computed cells an edge is entered, in cells: far more than rounding can move it."""

BLOCK_SHIFT = 5
BLOCK = 1 << BLOCK_SHIFT
"""Cells are built, kept and replaced by square blocks of this many cells a side."""

_EMPTY_CELLS = 2
_HUGE = 1e100


class Store:
    """Memory that arrays grow into: only the longest array on it may grow, the others copy."""

    _lock = threading.Lock()

    def __init__(self, values: NDArray[Any], more: int = 0) -> None:
        """A copy of `values`, and room for `more` and an eighth."""
        room = len(values) + more + (len(values) + more) // 8 + 64
        self._memory = np.empty((room, *values.shape[1:]), dtype=values.dtype)
        self._memory[: len(values)] = values
        self._used = len(values)

    @property
    def values(self) -> NDArray[Any]:
        """All that is in use."""
        return self._memory[: self._used]

    def extended(self, length: int, more: NDArray[Any]) -> tuple["Store", NDArray[Any]]:
        """The first `length` values and `more` behind them, in this store if its end is free, else another."""
        end = length + len(more)
        with self._lock:
            if self._used == length and end <= len(self._memory):
                self._memory[length:end] = more
                self._used = end
                return self, self._memory[:end]
        return Store(self._memory[:length], len(more)).extended(length, more)


@dataclass(frozen=True)
class Shapes:
    """Closed rings of many areas, one after the other.

    `x`, `y` are the vertices (lon/lat); from vertex `v` an edge leads to `v + 1` unless `ring_end[v]`. The
    vertices of area `a` are the `count[a]` ones from `first[a]` on, its box is `bounds[a]`.
    """

    x: Floats
    y: Floats
    ring_end: NDArray[np.bool_]
    first: Ints
    count: Ints
    bounds: Floats
    stores: dict[str, Store]

    @classmethod
    def of(cls, polygons: Objects) -> Self:
        """The shapes of polygons and multipolygons."""
        parts, part_area = shapely.get_parts(polygons, return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        xy = shapely.get_coordinates(rings)
        length = shapely.get_num_coordinates(rings)
        ring_end = np.zeros(len(xy), dtype=bool)
        ring_end[np.cumsum(length) - 1] = True
        count = np.bincount(part_area[ring_part], weights=length, minlength=len(polygons)).astype(np.int64)
        stores = {"x": Store(xy[:, 0]), "y": Store(xy[:, 1]), "ring_end": Store(ring_end)}
        return cls(
            **{name: store.values for name, store in stores.items()},
            first=np.cumsum(count) - count,
            count=count,
            bounds=np.asarray(shapely.bounds(polygons)).reshape(-1, 4),
            stores=stores,
        )

    def __len__(self) -> int:
        return len(self.first)

    def edges(self, areas: Ints) -> tuple[Ints, Ints]:
        """(first vertex, area) of every edge of some areas, in their order."""
        vertex = ranges(self.first[areas], self.count[areas])
        area = np.repeat(areas, self.count[areas])
        real = ~self.ring_end[vertex]
        return vertex[real], area[real]

    def replaced(self, areas: Ints, polygons: Objects) -> "Shapes":
        """These shapes with some areas redrawn; what was there stays at its place, unused."""
        new = Shapes.of(polygons)
        first, count, bounds = self.first.copy(), self.count.copy(), self.bounds.copy()
        first[areas], count[areas], bounds[areas] = new.first + len(self.x), new.count, new.bounds
        stores, arrays = {}, {}
        for name in ("x", "y", "ring_end"):
            values = getattr(self, name)
            store = self.stores.get(name) or Store(values, len(new.x))
            stores[name], arrays[name] = store.extended(len(values), getattr(new, name))
        return Shapes(**arrays, first=first, count=count, bounds=bounds, stores=stores)


@dataclass(frozen=True)
class Frame:
    """A grid of `cells` by `cells` cells: a point lies in column int((x - x0) * sx), row int((y - y0) * sy).

    Both are monotonous in x and y, rounding included, so the points of a cell are exactly those in a box. The
    outermost columns and rows hold no area: a point from outside is moved there and is in none.
    """

    x0: float
    y0: float
    sx: float
    sy: float
    cells: int

    @classmethod
    def around(cls, bounds: Floats, cells: int) -> Self | None:
        """A grid around all the boxes; None when floating point cannot carry one that fine there."""
        west, south = np.min(bounds[:, :2], axis=0).tolist()
        east, north = np.max(bounds[:, 2:], axis=0).tolist()
        with np.errstate(all="ignore"):
            inner = cells - 2 * _EMPTY_CELLS
            sx, sy = np.float64(inner) / (east - west), np.float64(inner) / (north - south)
            x0, y0 = west - _EMPTY_CELLS / sx, south - _EMPTY_CELLS / sy
            rounding = 4 * max(
                np.spacing(max(abs(x0), abs(west), abs(east))) * sx,
                np.spacing(max(abs(y0), abs(south), abs(north))) * sy,
            )
        fits = np.all(np.isfinite([sx, sy, x0, y0])) and max(east - west, north - south) < _HUGE
        if not fits or not rounding <= SLACK / 8:
            return None
        return cls(float(x0), float(y0), float(sx), float(sy), cells)

    @property
    def blocks(self) -> int:
        """Blocks a side."""
        return self.cells >> BLOCK_SHIFT

    @cached_property
    def row_y(self) -> Floats:
        """The latitude of each row's reference line, through the middle of its cells."""
        return np.asarray(self.y0 + (np.arange(self.cells) + 0.5) / self.sy)

    def columns(self, x: Floats) -> NDArray[np.int32]:
        """The column of each x; NaN is in the first."""
        return _cell(x, self.x0, self.sx, self.cells)

    def rows(self, y: Floats) -> NDArray[np.int32]:
        """The row of each y; NaN is in the first."""
        return _cell(y, self.y0, self.sy, self.cells)

    def block_of(self, x: Floats, y: Floats) -> Ints:
        """The block (row by row) of each point."""
        row, column = self.rows(y) >> BLOCK_SHIFT, self.columns(x) >> BLOCK_SHIFT
        return np.asarray(row.astype(np.int64) * self.blocks + column)

    def holds(self, bounds: Floats) -> bool:
        """Whether all the boxes lie within the cells that may hold areas."""
        with np.errstate(all="ignore"):
            u, v = (bounds[:, 0::2] - self.x0) * self.sx, (bounds[:, 1::2] - self.y0) * self.sy
        inner = [(side >= 1).all() and (side <= self.cells - 1).all() for side in (u, v)]
        return all(inner)

    def blocks_under(self, bounds: Floats) -> NDArray[np.bool_]:
        """Which blocks any of the boxes reaches, as a mask [blocks, blocks]; a little too many."""
        mask = np.zeros((self.blocks, self.blocks), dtype=bool)
        low_x, low_y = self.columns(bounds[:, 0]) - 1, self.rows(bounds[:, 1]) - 1
        high_x, high_y = self.columns(bounds[:, 2]) + 1, self.rows(bounds[:, 3]) + 1
        for x1, y1, x2, y2 in zip(
            *(np.clip(side, 0, self.cells - 1) >> BLOCK_SHIFT for side in (low_x, low_y, high_x, high_y)),
            strict=True,
        ):
            mask[y1 : y2 + 1, x1 : x2 + 1] = True
        return mask


def ranges(first: Ints, count: Ints) -> Ints:
    """arange(first[0], first[0] + count[0]), arange(first[1], …), … in one array."""
    total = int(count.sum())
    return np.repeat(first - (np.cumsum(count) - count), count) + np.arange(total)


def _cell(values: Floats, origin: float, scale: float, cells: int) -> NDArray[np.int32]:
    with np.errstate(over="ignore"):
        scaled = (values - origin) * scale
    return np.asarray(np.fmin(np.fmax(scaled, 0.0), cells - 1.0).astype(np.int32))
