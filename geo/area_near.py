"""Which edges may be near which points: asked of the cells around a point instead of a tree of all edges."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo import area_kernels_numpy
from geo.area_grid import AreaGrid
from geo.area_shapes import BLOCK, SLACK, Floats, Ints
from geo.area_tables import Codes, Tables

_POINTS = 1 << 18
_MANY = 1 << 12
_WIDEST = 2


def fits(grid: AreaGrid, dx: float, dy: float) -> bool:
    """Whether the cells are large enough for so many degrees: else every point would ask dozens of them."""
    return dx * grid.frame.sx <= _WIDEST and dy * grid.frame.sy <= _WIDEST


@dataclass(frozen=True)
class _Calm:
    """Which cells (row by row) have no edges in the `rings` cells around them. Made of these tables."""

    tables: Tables
    rings: int
    stirred: NDArray[np.bool_]


class EdgesNear:
    """Finds edges near points in a grid; keeps in mind which cells are far from every edge."""

    def __init__(self, grid: AreaGrid) -> None:
        self.grid = grid
        self._calm: _Calm | None = None

    def find(self, x: Floats, y: Floats, dx: Floats, dy: float, but: Codes) -> tuple[Ints, Ints, Ints]:
        """(point, first vertex, area) of every edge that comes within `dx`, `dy` degrees of a point, beside others.

        Edges of the area `but` of each point are left out. The points are finite.
        """
        some = np.arange(len(x))
        if self.grid.kernels() is area_kernels_numpy and len(x) > _MANY:
            some = np.flatnonzero(self._may_be_near(x, y, float(np.max(dx)), dy))
        parts = []
        for first in range(0, max(len(some), 1), _POINTS):
            part = some[first : first + _POINTS]
            point, vertex, area = self._found(x[part], y[part], dx[part], dy, but[part])
            parts.append((part[point], vertex, area))
        points, vertices, areas = zip(*parts, strict=True)
        return np.concatenate(points), np.concatenate(vertices), np.concatenate(areas)

    def _found(self, x: Floats, y: Floats, dx: Floats, dy: float, but: Codes) -> tuple[Ints, Ints, Ints]:
        grid = self.grid
        found = grid.kernels().near_edges(grid.frame, grid.tables, x, y, dx, dy, but)
        if found is None:
            grid.build_around(x, y, dx, dy)
            found = grid.kernels().near_edges(grid.frame, grid.tables, x, y, dx, dy, but)
        return found if found is not None else (np.zeros(0, dtype=np.int64),) * 3

    def _may_be_near(self, x: Floats, y: Floats, dx: float, dy: float) -> NDArray[np.bool_]:
        frame, tables = self.grid.frame, self.grid.tables
        rings = int(np.ceil(max(dx * frame.sx, dy * frame.sy) + SLACK))
        calm = self._calm
        if calm is None or calm.tables is not tables or calm.rings != rings:
            calm = self._calm = _Calm(tables, rings, _stirred(tables, frame.blocks, rings))
        return np.asarray(calm.stirred.take(frame.rows(y).astype(np.int64) * frame.cells + frame.columns(x)))


def _stirred(tables: Tables, blocks: int, rings: int) -> NDArray[np.bool_]:
    """Cells with a boundary cell (or one that is not built) at most so many cells away, row by row."""
    square = (tables.code < 0)[tables.top].reshape(blocks, blocks, BLOCK, BLOCK)
    mask = np.ascontiguousarray(square.transpose(0, 2, 1, 3)).reshape(blocks * BLOCK, blocks * BLOCK)
    done = 0
    while done < rings:
        step = min(rings - done, max(done, 1))
        wider = mask.copy()
        wider[step:] |= mask[:-step]
        wider[:-step] |= mask[step:]
        mask = wider.copy()
        mask[:, step:] |= wider[:, :-step]
        mask[:, :-step] |= wider[:, step:]
        done += step
    return mask.ravel()
