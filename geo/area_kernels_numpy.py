"""The inner loops of the grid in numpy: what runs where numba is not there, or not worth its start."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.area_shapes import BLOCK, BLOCK_SHIFT, SLACK, Floats, Frame, Ints, ranges
from geo.area_tables import BORDER, DOUBT, IN, LOW, NOT_BUILT, Codes, Status, Tables

_CHUNK = 1 << 15  # points at a time in the look-up: their temporaries stay in the processor's cache
_ENTRIES = 1 << 20  # edges at a time in boundary cells: bounds the temporaries
_MANY = 48  # more edges than these of one area in one cell: GEOS, which has them sorted, is quicker
_ROUNDING = 4e-16
_UNDERFLOW = 1e-290


@np.errstate(over="ignore")
def lookup(frame: Frame, tables: Tables, x: Floats, y: Floats) -> tuple[Codes, Ints]:
    """The code of each point's cell, and the points whose code is below 0 as sorted keys (~code << 32 | point)."""
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
    odd = np.flatnonzero(out < 0)
    return out, np.sort((~out[odd].astype(np.int64) << 32) | odd)


def winners(frame: Frame, tables: Tables, x: Floats, y: Floats, codes: Codes, keys: Ints) -> Ints:
    """Turn codes into the first covering area or -1, those of the keys' points too; the points left in doubt."""
    tables.winner.take(np.maximum(codes, 0), out=codes, mode="clip")
    at = keys & LOW
    codes[at] = base = tables.winner[tables.base[keys >> 32]]
    point, candidate, status = statuses(frame, tables, x, y, keys)
    covering = np.flatnonzero((status == IN) | (status == BORDER))
    first = covering[np.flatnonzero(np.diff(point[covering], prepend=-1))]
    which, area = point[first], tables.area[candidate[first]]
    codes[at[which]] = np.where((base[which] < 0) | (area < base[which]), area, base[which])
    return np.asarray(at[np.unique(point[status == DOUBT])])


def statuses(frame: Frame, tables: Tables, x: Floats, y: Floats, keys: Ints) -> tuple[Ints, Ints, Status]:
    """(number of the key, candidate, status) of every candidate of the keys' points, in their order."""
    cell = keys >> 32
    edges = tables.edge_first[tables.cell_first[cell + 1]] - tables.edge_first[tables.cell_first[cell]]
    portion = np.cumsum(edges, dtype=np.int64) // _ENTRIES
    parts = [_statuses(frame, tables, x, y, keys[:0], 0)]
    for first, stop in pairwise([*np.flatnonzero(np.diff(portion, prepend=-1)).tolist(), len(keys)]):
        parts.append(_statuses(frame, tables, x, y, keys[first:stop], first))
    point, candidate, status = zip(*parts, strict=True)
    return np.concatenate(point), np.concatenate(candidate), np.concatenate(status)


def _statuses(
    frame: Frame, tables: Tables, x: Floats, y: Floats, keys: Ints, offset: int
) -> tuple[Ints, Ints, Status]:
    at, cell = keys & LOW, keys >> 32
    qx, qy = x[at], y[at]
    first = tables.cell_first[cell].astype(np.int64)
    count = tables.cell_first[cell + 1] - first
    point, candidate = np.repeat(np.arange(len(keys)), count), ranges(first, count)
    first_edge = tables.edge_first[candidate].astype(np.int64)
    edges = tables.edge_first[candidate + 1] - first_edge
    status = np.full(len(point), DOUBT, dtype=np.uint8)
    some = np.flatnonzero(edges <= _MANY)
    if len(some):
        edges = edges[some]
        pair = np.repeat(np.arange(len(some)), edges)
        vertex = tables.edge[ranges(first_edge[some], edges)]
        changed, found = _crossed(tables, qx, qy, frame.row_y[frame.rows(qy)], point[some][pair], vertex)
        inside = np.bitwise_xor.reduceat(changed, np.cumsum(edges) - edges) ^ tables.inside[candidate[some]]
        inside = inside.astype(np.uint8)
        odd = np.flatnonzero(found)
        np.maximum.at(inside, pair[odd], found[odd])
        inside[pair[odd[found[odd] == BORDER]]] = BORDER
        status[some] = inside
    return point + offset, candidate, status


def near_edges(
    frame: Frame, tables: Tables, x: Floats, y: Floats, dx: Floats, dy: float, but: Codes
) -> tuple[Ints, Ints, Ints] | None:
    """(point, first vertex, area) of every edge that comes within `dx`, `dy` degrees of a point; some twice.

    Edges of the area `but` of each point are left out. None when a block that must be looked at is not built.
    """
    margin_x, margin_y = SLACK / frame.sx, SLACK / frame.sy
    west, east = frame.columns(x - dx - margin_x), frame.columns(x + dx + margin_x)
    south, north = frame.rows(y - dy - margin_y), frame.rows(y + dy + margin_y)
    columns = (east - west + 1).astype(np.int64)
    count = columns * (north - south + 1)
    who = np.repeat(np.arange(len(x)), count)
    row, column = np.divmod(ranges(np.zeros(len(x), dtype=np.int64), count), columns[who])
    row += south[who]
    column += west[who]
    block = (row >> BLOCK_SHIFT) * frame.blocks + (column >> BLOCK_SHIFT)
    codes = tables.code[tables.top[block], (row & (BLOCK - 1)) << BLOCK_SHIFT | (column & (BLOCK - 1))]
    full = np.flatnonzero(codes < 0)
    if len(full) and codes[full].min() == NOT_BUILT:
        return None
    cell, who = ~codes[full], who[full]
    first = tables.cell_first[cell].astype(np.int64)
    candidates = tables.cell_first[cell + 1] - first
    who, candidate = np.repeat(who, candidates), ranges(first, candidates)
    other = np.flatnonzero(tables.area[candidate] != but[who])
    who, candidate = who[other], candidate[other]
    first = tables.edge_first[candidate].astype(np.int64)
    edges = tables.edge_first[candidate + 1] - first
    vertex = tables.edge[ranges(first, edges)].astype(np.int64)
    who, area = np.repeat(who, edges), np.repeat(tables.area[candidate].astype(np.int64), edges)
    near = _beside(tables.x, vertex, x[who], dx[who]) & _beside(tables.y, vertex, y[who], dy)
    return who[near], vertex[near], area[near]


def _beside(values: Floats, vertex: Ints, at: Floats, width: Floats | float) -> NDArray[np.bool_]:
    """Which edges come as near as `width` to a place, along one axis."""
    a, b = values[vertex] - at, values[vertex + 1] - at
    return np.asarray((np.minimum(a, b) <= width) & (np.maximum(a, b) >= -width))


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
