"""An exact index of areas on a grid of cells: most points are answered by looking up their cell.

The cells are built block by block, where points fall. Areas are numbered by precedence here: the first one that
covers a point wins.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.area_compiled import Kernels, kernels
from geo.area_raster import Piece, rasterise
from geo.area_shapes import BLOCK, BLOCK_SHIFT, Floats, Frame, Ints, Shapes, ranges
from geo.area_tables import BORDER, DOUBT, IN, LOW, NOT_BUILT, OUT, Codes, Status, Tables
from geo.area_tree import AreaTree

_PIECE_CELLS = 1 << 20
"""Cells that are built at once: bounds the temporaries of a build to some hundred bytes for each."""
_NOT_BUILT_KEY = ~NOT_BUILT << 32  # from here on keys are points in blocks that are not built
_SAMPLE = 1 << 17
_MOST = 0.5
_GARBAGE = 2  # blocks and vertices in memory for each in use, before a redrawn grid starts afresh


@dataclass(frozen=True)
class Survey:
    """What the cells say of points.

    `code` of each point: what covers its whole cell. The points in boundary cells are `boundary` (sorted by
    cell); how they lie to their candidates is one row in `point` (into `boundary`), `area` and `status`, sorted
    by `point`, then area.
    """

    tables: Tables
    code: Codes
    boundary: Ints
    point: Ints
    area: Codes
    status: Status

    def counts(self) -> tuple[NDArray[np.int32], Ints, Ints]:
        """(first covering area or -1, interiors that hold the point, edges of areas that it lies on)."""
        winner = self.tables.winner.take(self.code)
        inner = self.tables.size().take(self.code)
        at = self.boundary[self.point]
        inner += np.bincount(at[self.status == IN], minlength=len(inner))
        _first_of(winner, self)
        return winner, inner, np.bincount(at[self.status == BORDER], minlength=len(inner))

    def pairs(self, wanted: NDArray[np.bool_] | None = None) -> tuple[Ints, Ints]:
        """Every pair (point, covering area), sorted by both; only for the wanted points, if a mask is given."""
        tables = self.tables
        point = np.flatnonzero(self.code > 0 if wanted is None else wanted & (self.code > 0))
        code = self.code[point].astype(np.int64)
        single = code <= tables.areas
        several = code[~single] - tables.areas - 1
        first = tables.set_first[several].astype(np.int64)
        count = tables.set_first[several + 1] - first
        covering = self.status != OUT
        if wanted is not None:
            covering &= wanted[self.boundary[self.point]]
        points = [point[single], np.repeat(point[~single], count), self.boundary[self.point[covering]]]
        areas = [code[single] - 1, tables.set_area[ranges(first, count)], self.area[covering]]
        who, what = np.concatenate(points), np.concatenate(areas).astype(np.int64)
        order = np.lexsort((what, who))
        return who[order], what[order]


class AreaGrid:
    """Areas in cells. Answers never change; blocks that are not built are built when a point falls into one."""

    def __init__(self, frame: Frame, shapes: Shapes, tree: AreaTree, tables: Tables | None = None) -> None:
        """`tree` holds the polygons of `shapes` and decides what floating point leaves open."""
        self.frame, self.shapes, self.tree = frame, shapes, tree
        self._tables = tables if tables is not None else Tables.empty(frame, shapes)
        self._lock = threading.Lock()
        self.kernels: Callable[[], Kernels] = kernels

    @property
    def tables(self) -> Tables:
        """The tables as they are now."""
        return self._tables

    def expect(self, x: Floats, y: Floats) -> None:
        """Build the blocks under points that are about to be asked for: together is cheaper than as found."""
        step = max(1, len(x) // _SAMPLE)
        wanted = np.zeros(self.frame.blocks**2, dtype=bool)
        wanted[self.frame.block_of(x[::step], y[::step])] = True
        if step > 1 and wanted.mean() > _MOST:
            wanted[:] = True
        self.build(wanted)

    def build(self, wanted: NDArray[np.bool_]) -> None:
        """Build those of the wanted blocks (a mask, by number) that are not."""
        with self._lock:
            tables = self._tables
            missing = wanted & ~tables.built()
            if missing.any():
                self._tables = tables.with_pieces(self._pieces(missing), self.shapes)

    def replaced(self, areas: Ints, tree: AreaTree) -> "AreaGrid | None":
        """This grid with some areas (by precedence) as they are in another tree; None when one leaves the grid."""
        shapes = self.shapes.replaced(areas, tree.polygons[areas])
        if not self.frame.holds(shapes.bounds[areas]):
            return None
        tables = self._tables
        if (
            len(tables.code) > _GARBAGE * len(tables.top)
            or len(shapes.x) > _GARBAGE * shapes.count.sum() + 1000
        ):
            fresh = AreaGrid(self.frame, Shapes.of(tree.polygons), tree)
            fresh.kernels = self.kernels
            return fresh
        boxes = np.concatenate([self.shapes.bounds[areas], shapes.bounds[areas]])
        touched = self.frame.blocks_under(boxes).ravel() & tables.built()
        new = AreaGrid(self.frame, shapes, tree)
        new.kernels = self.kernels
        new._tables = tables.with_pieces(new._pieces(touched), shapes)
        return new

    def survey(self, x: Floats, y: Floats) -> Survey:
        """The cells' answer for each point."""
        kernels = self.kernels()
        codes, keys, tables = self._looked_up(kernels, x, y)
        point, candidate, status = kernels.statuses(self.frame, tables, x, y, keys)
        boundary = keys & LOW
        codes[boundary] = tables.base[keys >> 32]
        area = tables.area[candidate]
        doubt = np.flatnonzero(status == DOUBT)
        if len(doubt):
            at = boundary[point[doubt]]
            status[doubt] = self.tree.lies(area[doubt].astype(np.int64), x[at], y[at])
        return Survey(tables, codes, boundary, point, area, status)

    def locate(self, x: Floats, y: Floats) -> NDArray[np.int32]:
        """The first area that covers each point, or -1."""
        kernels = self.kernels()
        winner, keys, tables = self._looked_up(kernels, x, y)
        doubtful = kernels.winners(self.frame, tables, x, y, winner, keys)
        if len(doubtful):
            winner[doubtful] = -1
            point, area = self.tree.covering(x[doubtful], y[doubtful])
            first = np.flatnonzero(np.diff(point, prepend=-1))
            winner[doubtful[point[first]]] = area[first]
        return winner

    def locate_one(self, lon: float, lat: float) -> int:
        """`locate` for one finite point."""
        frame, tables = self.frame, self._tables
        last = frame.cells - 1.0
        row = int(min(max((lat - frame.y0) * frame.sy, 0.0), last))
        column = int(min(max((lon - frame.x0) * frame.sx, 0.0), last))
        slot = tables.top[(row >> BLOCK_SHIFT) * frame.blocks + (column >> BLOCK_SHIFT)]
        code = int(tables.code[slot, (row & (BLOCK - 1)) << BLOCK_SHIFT | (column & (BLOCK - 1))])
        if code >= 0:
            return int(tables.winner[code])
        if code == NOT_BUILT:
            return self.tree.first(lon, lat)
        base = int(tables.winner[tables.base[~code]])
        for area in tables.area[tables.cell_first[~code] : tables.cell_first[~code + 1]].tolist():
            if 0 <= base < area:
                break
            if self.tree.covers(area, lon, lat):
                return int(area)
        return base

    def _looked_up(self, kernels: Kernels, x: Floats, y: Floats) -> tuple[Codes, Ints, Tables]:
        """(code of each point's cell, keys of points in boundary cells, the tables): builds what is missing."""
        codes, keys = kernels.lookup(self.frame, self._tables, x, y)
        if len(keys) and keys[-1] >= _NOT_BUILT_KEY:
            start = int(np.searchsorted(keys, _NOT_BUILT_KEY))
            missing = keys[start:] & LOW
            self.build(self._mask(x[missing], y[missing]))
            codes[missing], more = kernels.lookup(self.frame, self._tables, x[missing], y[missing])
            keys = np.sort(np.concatenate([keys[:start], (more & ~LOW) | missing[more & LOW]]))
        return codes, keys, self._tables

    def build_around(self, x: Floats, y: Floats, dx: Floats, dy: float) -> None:
        """Build the blocks that boxes of `dx`, `dy` (less than a block) around points reach."""
        wanted = np.zeros(self.frame.blocks**2, dtype=bool)
        wide, high = dx + 1 / self.frame.sx, dy + 1 / self.frame.sy
        for east in (-wide, wide):
            for north in (-high, high):
                wanted |= self._mask(x + east, y + north)
        self.build(wanted)

    def _mask(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        wanted = np.zeros(self.frame.blocks**2, dtype=bool)
        wanted[self.frame.block_of(x, y)] = True
        return wanted

    def _pieces(self, wanted: NDArray[np.bool_]) -> list[Piece]:
        """Raster the wanted blocks, some rows of blocks at a time."""
        square = wanted.reshape(self.frame.blocks, self.frame.blocks)
        rows = max(1, _PIECE_CELLS // (self.frame.cells * BLOCK))
        pieces = []
        for first in range(0, len(square), rows):
            part = np.zeros_like(square)
            part[first : first + rows] = square[first : first + rows]
            if part.any():
                pieces.append(rasterise(self.frame, self.shapes, part))
        return pieces


def _first_of(winner: NDArray[np.int32], survey: Survey) -> None:
    """Let the first covering candidate win where it comes before what covers the whole cell."""
    covering = np.flatnonzero(survey.status != OUT)
    point, area = survey.point[covering], survey.area[covering]
    first = np.flatnonzero(np.diff(point, prepend=-1))
    at = survey.boundary[point[first]]
    base = winner[at]
    winner[at] = np.where((base < 0) | (area[first] < base), area[first], base)
