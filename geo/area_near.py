"""Which edges may be near which points: asked of the cells around a point instead of a tree of all edges."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.area_grid import AreaGrid
from geo.area_shapes import BLOCK, SLACK, Floats, Ints, ranges
from geo.area_tables import Tables

_POINTS = 1 << 18
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

    def find(self, x: Floats, y: Floats, dx: Floats, dy: float) -> tuple[Ints, Ints, Ints]:
        """(point, first vertex, area) of every edge that enters the box of `dx`, `dy` degrees around a point.

        Some more, some twice. The points are finite.
        """
        if len(x) == 0:
            return (np.zeros(0, dtype=np.int64),) * 3
        some = (
            np.flatnonzero(self._may_be_near(x, y, float(np.max(dx)), dy))
            if len(x) > _POINTS // 64
            else np.arange(len(x))
        )
        parts = [
            self._find(x, y, dx, dy, some[a : a + _POINTS]) for a in range(0, max(len(some), 1), _POINTS)
        ]
        point, vertex, area = zip(*parts, strict=True)
        return np.concatenate(point), np.concatenate(vertex), np.concatenate(area)

    def _may_be_near(self, x: Floats, y: Floats, dx: float, dy: float) -> NDArray[np.bool_]:
        frame, tables = self.grid.frame, self.grid.tables
        rings = int(np.ceil(max(dx * frame.sx, dy * frame.sy) + SLACK))
        calm = self._calm
        if calm is None or calm.tables is not tables or calm.rings != rings:
            calm = self._calm = _Calm(tables, rings, _stirred(tables, frame.blocks, rings))
        return np.asarray(calm.stirred.take(frame.rows(y).astype(np.int64) * frame.cells + frame.columns(x)))

    def _find(self, x: Floats, y: Floats, dx: Floats, dy: float, some: Ints) -> tuple[Ints, Ints, Ints]:
        frame = self.grid.frame
        at_x, at_y, wide = x[some], y[some], dx[some]
        margin_x, margin_y = SLACK / frame.sx, SLACK / frame.sy
        west, east = frame.columns(at_x - wide - margin_x), frame.columns(at_x + wide + margin_x)
        south, north = frame.rows(at_y - dy - margin_y), frame.rows(at_y + dy + margin_y)
        columns = (east - west + 1).astype(np.int64)
        count = columns * (north - south + 1)
        who = np.repeat(np.arange(len(some)), count)
        number = ranges(np.zeros(len(some), dtype=np.int64), count)
        row, column = np.divmod(number, columns[who])
        row += south[who]
        column += west[who]
        cell, tables = self.grid.boundary_cells(row, column)
        full = np.flatnonzero(cell >= 0)
        cell, who = cell[full], who[full]
        first, last = tables.cell_first[cell], tables.cell_first[cell + 1]
        candidates = (last - first).astype(np.int64)
        who, candidate = np.repeat(who, candidates), ranges(first.astype(np.int64), candidates)
        first_edge = tables.edge_first[candidate].astype(np.int64)
        edges = tables.edge_first[candidate + 1] - first_edge
        vertex = tables.edge[ranges(first_edge, edges)].astype(np.int64)
        who, area = np.repeat(who, edges), np.repeat(tables.area[candidate].astype(np.int64), edges)
        a_x, b_x, at_x = tables.x[vertex], tables.x[vertex + 1], at_x[who]
        near = (np.minimum(a_x, b_x) <= at_x + wide[who]) & (np.maximum(a_x, b_x) >= at_x - wide[who])
        a_y, b_y, at_y = tables.y[vertex], tables.y[vertex + 1], at_y[who]
        near &= (np.minimum(a_y, b_y) <= at_y + dy) & (np.maximum(a_y, b_y) >= at_y - dy)
        return some[who[near]], vertex[near], area[near]


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
