"""Areas by precedence, found by tree or by grid, whichever costs less for what is asked.

Here an area's number is its precedence: among several the lowest number wins. `geo.assignment` turns numbers
into the callers' positions.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geo.area_choice import CELLS, Costs, chosen
from geo.area_compiled import Kernels, expect, will_compile
from geo.area_grid import AreaGrid
from geo.area_near import EdgesNear, fits
from geo.area_shapes import Floats, Frame, Ints, Shapes
from geo.area_tree import AreaTree
from geo.edges import Borders, Pairs, reach

CHUNK = 1 << 21
"""Points that are answered at once: bounds the memory that an answer takes besides its result."""

_WHOLE = 10_000_000  # the points that a grid which outlives its process is made for
_NEVER = 1 << 62
_FEW = 4096  # fewer points than that never repay a look at the costs


class Found(Protocol):
    """What covers each of some points."""

    def counts(self) -> tuple[NDArray[np.int32], Ints, Ints]:
        """(first covering area or -1, interiors that hold the point, edges of areas that it lies on)."""

    def pairs(self, wanted: NDArray[np.bool_] | None = None) -> tuple[Ints, Ints]:
        """Pairs (point, covering area), sorted by both; only for points of the mask, if one is given."""


@dataclass(frozen=True)
class Covered:
    """What the tree found for `points` points: pairs (point, area), and whether in the area's interior."""

    points: int
    point: Ints
    area: Ints
    interior: NDArray[np.bool_]

    def counts(self) -> tuple[NDArray[np.int32], Ints, Ints]:
        """See `Found`."""
        winner = np.full(self.points, -1, dtype=np.int32)
        first = np.flatnonzero(np.diff(self.point, prepend=-1))
        winner[self.point[first]] = self.area[first]
        inner = np.bincount(self.point[self.interior], minlength=self.points)
        return winner, inner, np.bincount(self.point[~self.interior], minlength=self.points)

    def pairs(self, wanted: NDArray[np.bool_] | None = None) -> tuple[Ints, Ints]:
        """See `Found`."""
        kept = slice(None) if wanted is None else wanted[self.point]
        return self.point[kept], self.area[kept]


class Lookup:
    """Polygons by precedence, ready to be asked. Answers never change; threads may share it."""

    def __init__(self, polygons: NDArray[np.object_]) -> None:
        self.tree = AreaTree(polygons)
        self.grid: AreaGrid | None = None
        self._answered, self._reconsider_at = 0, _FEW
        self._near: EdgesNear | None = None
        self._lock = threading.RLock()

    @property
    def polygons(self) -> NDArray[np.object_]:
        """The areas."""
        return self.tree.polygons

    def locate(self, x: Floats, y: Floats) -> NDArray[np.int32]:
        """The first area that covers each point, -1 where none does."""
        grid = self._prepared(x, y)
        if grid is None:
            point, area = self.tree.covering(x, y)
            winner = np.full(len(x), -1, dtype=np.int32)
            first = np.flatnonzero(np.diff(point, prepend=-1))
            winner[point[first]] = area[first]
            return winner
        winner = np.empty(len(x), dtype=np.int32)
        for part in chunks(len(x)):
            winner[part] = grid.locate(x[part], y[part])
        return winner

    def locate_one(self, lon: float, lat: float) -> int:
        """`locate` for one finite point."""
        return self.tree.first(lon, lat) if self.grid is None else self.grid.locate_one(lon, lat)

    def found(self, x: Floats, y: Floats, weight: int = 1) -> Found:
        """What covers each point: for a `CHUNK` of them at most. `weight`: as much work as so many `locate`."""
        grid = self._prepared(x, y, weight)
        if grid is not None:
            return grid.survey(x, y)
        point, area = self.tree.covering(x, y)
        return Covered(len(x), point, area, self.tree.interior(area, x[point], y[point]))

    def near(self, x: Floats, y: Floats, within_m: float, but: NDArray[np.int32] | None = None) -> Pairs:
        """Pairs (point, area, distance_m) of borders at most `within_m` from finite points, sorted.

        `but` may name one area of each point that is left out. For a `CHUNK` of points at most.
        """
        finder = self._near_finder(x, y, within_m)
        if finder is None:
            point, area, metres = self.borders.within(x, y, within_m)
            kept = slice(None) if but is None else area != but[point]
            return point[kept], area[kept], metres[kept]
        left_out = but if but is not None else np.full(len(x), -1, dtype=np.int32)
        point, vertex, area = finder.find(x, y, *reach(y, within_m), left_out)
        return self.borders.of_edges(x, y, point, vertex, area, within_m)

    def replaced(self, areas: Ints, polygons: NDArray[np.object_]) -> "Lookup":
        """This lookup with some areas redrawn."""
        new = Lookup(polygons)
        new.tree.take_over(self.tree, areas)
        new._answered, new._reconsider_at = self._answered, self._reconsider_at
        new.grid = self.grid.replaced(areas, new.tree) if self.grid is not None else None
        return new

    def take(self, grid: AreaGrid | None) -> None:
        """Answer with this grid (or the tree) from now on."""
        with self._lock:
            self.grid, self._answered, self._near = grid, 0, None

    def settle(self, cells: int, way: Kernels | None = None) -> bool:
        """Answer with a grid of so many cells a side (0: the tree) for ever, by some way's inner loops.

        False, and nothing is changed, where these areas cannot have such a grid.
        """
        if self.grid is None or self.grid.frame.cells != cells:
            grid = self.new_grid(cells)
            if cells and grid is None:
                return False
            self.take(grid)
        if self.grid is not None and way is not None:
            self.grid.kernels = lambda: way
        self._reconsider_at = _NEVER
        return True

    def whole_grid(self) -> AreaGrid | None:
        """The grid, all of it built; None when these areas cannot have one."""
        if self.grid is None and len(self.polygons):
            with self._lock:
                self.take(self.new_grid(chosen(self.costs, self.shapes.bounds, 0, _WHOLE)))
        if self.grid is not None:
            self.grid.build(np.ones(self.grid.frame.blocks**2, dtype=bool))
        return self.grid

    @cached_property
    def borders(self) -> Borders:
        """The areas' edges, for distances."""
        return Borders(self.shapes, self.tree)

    @cached_property
    def costs(self) -> Costs:
        """What answering costs."""
        return Costs.of(self.polygons)

    @property
    def shapes(self) -> Shapes:
        """The areas' vertices."""
        return self.grid.shapes if self.grid is not None else self._shapes

    @cached_property
    def _shapes(self) -> Shapes:
        return Shapes.of(self.polygons)

    def new_grid(self, cells: int) -> AreaGrid | None:
        """A grid of so many cells a side in which nothing is built yet; None when there can be none."""
        shapes = self.shapes
        frame = Frame.around(shapes.bounds, cells) if cells and len(shapes) else None
        return AreaGrid(frame, shapes, self.tree) if frame is not None else None

    def _prepared(self, x: Floats, y: Floats, weight: int = 1) -> AreaGrid | None:
        """The grid, if one is worth it; a new one when points have become many."""
        self._answered += len(x) if self.grid is not None else len(x) * weight
        if self.grid is not None:
            expect(len(x))
        if self._answered < self._reconsider_at or len(self.polygons) == 0:
            return self.grid
        with self._lock:
            now = self.grid.frame.cells if self.grid is not None else 0
            cells = chosen(self.costs, self.shapes.bounds, now, self._answered, will_compile(len(x)))
            self._reconsider_at = 2 * self._answered
            if cells != now:
                if now == 0:
                    expect(len(x))
                self.take(self.new_grid(cells))
                self._reconsider_at = 2 * len(x)
            grid = self.grid
        if grid is not None:
            grid.expect(x, y)
        return grid

    def _near_finder(self, x: Floats, y: Floats, within_m: float) -> EdgesNear | None:
        """The finder on the grid or, when its cells are too small for the distance, on a coarser one."""
        if self.grid is None or len(x) == 0:
            return None
        dx, dy = reach(y, within_m)
        widest = float(np.max(dx))
        with self._lock:
            if self._near is None or not fits(self._near.grid, widest, dy):
                self._near = self._finder_for(self.grid, widest, dy)
            return self._near

    def _finder_for(self, present: AreaGrid, dx: float, dy: float) -> EdgesNear | None:
        if fits(present, dx, dy):
            return EdgesNear(present)
        for cells in reversed(CELLS):
            if cells < present.frame.cells:
                grid = self.new_grid(cells)
                if grid is not None and fits(grid, dx, dy):
                    return EdgesNear(grid)
        return None


def chunks(points: int, size: int = CHUNK) -> Iterator[slice]:
    """Slices of at most `size` points."""
    for first in range(0, points, size):
        yield slice(first, min(first + size, points))
