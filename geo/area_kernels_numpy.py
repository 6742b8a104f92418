"""The inner loops of the grid in numpy: what runs where numba is not there, or not worth its start."""

import numpy as np
from numpy.typing import NDArray

from geo.area_shapes import BLOCK_SHIFT, Floats, Frame, Ints, ranges
from geo.area_tables import BORDER, DOUBT, Codes, Status, Tables

_CHUNK = 1 << 15  # points at a time in the look-up: their temporaries stay in the processor's cache
_PAIRS = 1 << 17  # points at a time in boundary cells: bounds the temporaries
_ROUNDING = 4e-16
_UNDERFLOW = 1e-290


@np.errstate(over="ignore")
def lookup(frame: Frame, tables: Tables, x: Floats, y: Floats) -> Codes:
    """The code of each point's cell."""
    out = np.empty(len(x), dtype=np.int32)
    size = min(len(x), _CHUNK)
    scaled, row, column = np.empty(size), np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32)
    block, cell = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int64)
    last, mask = frame.cells - 1.0, (1 << BLOCK_SHIFT) - 1
    for first in range(0, len(x), _CHUNK):
        part = slice(first, min(first + _CHUNK, len(x)))
        n = part.stop - first
        for values, origin, scale, whole in ((y, frame.y0, frame.sy, row), (x, frame.x0, frame.sx, column)):
            u = scaled[:n]
            np.subtract(values[part], origin, out=u)
            u *= scale
            np.fmax(u, 0.0, out=u)
            np.fmin(u, last, out=u)
            whole[:n] = u
        r, c, b, k = row[:n], column[:n], block[:n], cell[:n]
        np.right_shift(r, BLOCK_SHIFT, out=b)
        b *= frame.blocks
        b += c >> BLOCK_SHIFT
        tables.top.take(b, out=b, mode="clip")
        b <<= BLOCK_SHIFT
        r &= mask
        b |= r
        c &= mask
        k[...] = b
        k <<= BLOCK_SHIFT
        k |= c
        tables.code.take(k, out=out[part], mode="clip")
    return out


def statuses(frame: Frame, tables: Tables, x: Floats, y: Floats, cell: Ints) -> tuple[Ints, Ints, Status]:
    """(point, candidate, status) of every candidate of points in boundary cells, in the points' order."""
    parts = [
        _statuses(frame, tables, x[a : a + _PAIRS], y[a : a + _PAIRS], cell[a : a + _PAIRS], a)
        for a in range(0, max(len(x), 1), _PAIRS)
    ]
    point, candidate, status = zip(*parts, strict=True)
    return np.concatenate(point), np.concatenate(candidate), np.concatenate(status)


def _statuses(
    frame: Frame, tables: Tables, x: Floats, y: Floats, cell: Ints, offset: int
) -> tuple[Ints, Ints, Status]:
    first = tables.cell_first[cell].astype(np.int64)
    count = tables.cell_first[cell + 1] - first
    point, candidate = np.repeat(np.arange(len(x)), count), ranges(first, count)
    first_edge = tables.edge_first[candidate].astype(np.int64)
    edges = tables.edge_first[candidate + 1] - first_edge
    pair = np.repeat(np.arange(len(candidate)), edges)
    line = frame.row_y[frame.rows(y)]
    changed, status = _crossed(tables, x, y, line, point[pair], tables.edge[ranges(first_edge, edges)])
    if len(pair) == 0:
        return point, candidate, np.zeros(0, dtype=np.uint8)
    start = np.cumsum(edges) - edges
    inside = (np.bitwise_xor.reduceat(changed, start) ^ tables.inside[candidate]).astype(np.uint8)
    odd = np.flatnonzero(status)
    np.maximum.at(inside, pair[odd], status[odd])
    return point + offset, candidate, inside


def _crossed(
    tables: Tables, x: Floats, y: Floats, line: Floats, point: Ints, vertex: Codes
) -> tuple[NDArray[np.bool_], Status]:
    """For each edge (first vertex) and point: is it crossed on the way; and 0, or what the point is instead."""
    ax, bx = tables.x.take(vertex), tables.x.take(vertex + 1)
    ay, by = tables.y.take(vertex), tables.y.take(vertex + 1)
    qx, level = x.take(point), line.take(point)
    a_east = ax > qx
    over = a_east != (bx > qx)
    changed = (ay > level) != (by > level)
    changed &= ~a_east  # of the edges beside the point the western ones count; those over or under it follow
    status = np.zeros(len(point), dtype=np.uint8)
    some = np.flatnonzero(over)
    changed[some], status[some] = _upright(
        ax[some], ay[some], bx[some], by[some], qx[some], y[point[some]], level[some]
    )
    at = np.flatnonzero((ax == qx) | (bx == qx))
    if len(at):
        touches = _on_edge(ax[at], ay[at], bx[at], by[at], qx[at], y[point[at]])
        status[at[touches]] = BORDER
    return changed, status


def _upright(
    ax: Floats, ay: Floats, bx: Floats, by: Floats, qx: Floats, qy: Floats, level: Floats
) -> tuple[NDArray[np.bool_], Status]:
    """Which edges over or under the point are between it and the line, or west of where the way meets the line."""
    own, own_doubt = _side(ax, ay, bx, by, qx, qy)
    corner, corner_doubt = _side(ax, ay, bx, by, qx, level)
    west = ((ay > level) != (by > level)) & ((corner > 0) != (by > ay))
    status = np.where(own_doubt | corner_doubt, DOUBT, 0).astype(np.uint8)
    return ((own > 0) != (corner > 0)) ^ west, status


def _side(
    ax: Floats, ay: Floats, bx: Floats, by: Floats, px: Floats, py: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """On which side of the edge a point lies, and whether rounding leaves that open (Shewchuk 1997, ccw A)."""
    left, right = (ax - px) * (by - py), (ay - py) * (bx - px)
    side = left - right
    sure = np.abs(side) > _ROUNDING * (np.abs(left) + np.abs(right)) + _UNDERFLOW
    return side, ~sure


def _on_edge(ax: Floats, ay: Floats, bx: Floats, by: Floats, qx: Floats, qy: Floats) -> NDArray[np.bool_]:
    """Whether a point level with an end of the edge is that end, or lies on an edge straight north."""
    ends = ((ax == qx) & (ay == qy)) | ((bx == qx) & (by == qy))
    north = (ax == qx) & (bx == qx) & (np.minimum(ay, by) <= qy) & (qy <= np.maximum(ay, by))
    return np.asarray(ends | north)
