"""The inner loops of the grid, compiled by numba: the same answers as `geo.area_kernels_numpy`, sooner.

Only `geo.area_compiled` imports it, when there is enough work: importing numba and the kernels' cache takes some
tenths of a second, and compiling them, once for an installation, a second or more.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from geo.area_shapes import BLOCK, BLOCK_SHIFT, Floats, Frame, Ints
from geo.area_tables import BORDER, DOUBT, IN, LOW, OUT, Codes, Status, Tables

_GROUP = 1024
_MASK = BLOCK - 1
_ROUNDING = 4e-16
_UNDERFLOW = 1e-290
_MANY = 600  # more edges than these of one area in one cell: GEOS, which has them sorted, is quicker


def compiled(function: Callable[..., Any]) -> Any:
    """The function compiled; kept on disk unless there is no place that may be written to."""
    try:
        return njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:  # numba has found no folder for its cache
        return njit(nogil=True, error_model="numpy")(function)


@compiled
def _look_up(
    x: Floats, y: Floats, x0: float, y0: float, sx: float, sy: float, cells: int,
    top: Codes, code: Codes, out: Codes, keys: Ints,
) -> int:  # fmt: skip
    """Write each point's code to `out`; list those below 0 as keys (~code << 32 | point) and return how many.

    Loops over a few points each: the loads of one loop do not wait for each other. Indices are unsigned: numba
    looks at the sign of others, which costs more than all the rest.
    """
    last = cells - 1.0
    blocks = np.int32(cells >> BLOCK_SHIFT)
    block = np.empty(_GROUP, np.int32)
    within = np.empty(_GROUP, np.int32)
    found = np.uint64(0)
    for first in range(0, len(x), _GROUP):
        count = min(_GROUP, len(x) - first)
        xs = x[first : first + count]
        ys = y[first : first + count]
        codes = out[first : first + count]
        for k in range(count):
            u = (xs[k] - x0) * sx
            v = (ys[k] - y0) * sy
            u = u if u > 0.0 else 0.0  # NaN too
            v = v if v > 0.0 else 0.0
            column = np.int32(u if u < last else last)
            row = np.int32(v if v < last else last)
            block[k] = (row >> BLOCK_SHIFT) * blocks + (column >> BLOCK_SHIFT)
            within[k] = (row & _MASK) << BLOCK_SHIFT | (column & _MASK)
        for k in range(count):
            within[k] |= top[np.uint32(block[k])] << (2 * BLOCK_SHIFT)
        for k in range(count):
            codes[k] = code[np.uint32(within[k])]
        for k in range(count):
            keys[found] = (np.int64(~codes[k]) << 32) | (first + k)
            found += np.uint64(codes[k] < 0)
    return int(found)


@compiled
def _set_winners(codes: Codes, winner: Codes) -> None:
    """Turn codes from 0 on into the first of their areas."""
    for i in range(len(codes)):
        codes[i] = winner[np.uint32(max(codes[i], 0))]


@compiled
def _status_of(
    qx: float, qy: float, line: float, start: int, first: int, stop: int, edge: Codes, x: Floats, y: Floats
) -> int:
    """How a point lies to a candidate of its cell, whose reference line is at `line`.

    `start` is 1 if the line's western end is inside; `first` to `stop` are the candidate's edges. See
    `geo.area_raster` for the way that is walked, `geo.area_kernels_numpy` for the same in arrays.
    """
    if stop - first > _MANY:
        return DOUBT
    changes = start
    doubt = False
    for k in range(first, stop):
        vertex = np.uint32(edge[np.uint32(k)])
        follower = np.uint32(vertex + np.uint32(1))
        ax = x[vertex]
        bx = x[follower]
        ay = y[vertex]
        by = y[follower]
        if ax == qx or bx == qx:
            if (ax == qx and ay == qy) or (bx == qx and by == qy):
                return BORDER
            if ax == bx and min(ay, by) <= qy <= max(ay, by):
                return BORDER
        level = (ay > line) != (by > line)
        if (ax > qx) == (bx > qx):
            changes += level and ax <= qx
            continue
        left = (ax - qx) * (by - qy)
        right = (ay - qy) * (bx - qx)
        own = left - right
        doubt |= not abs(own) > _ROUNDING * (abs(left) + abs(right)) + _UNDERFLOW
        left = (ax - qx) * (by - line)
        right = (ay - line) * (bx - qx)
        corner = left - right
        doubt |= not abs(corner) > _ROUNDING * (abs(left) + abs(right)) + _UNDERFLOW
        changes += (own > 0) != (corner > 0)
        changes += level and (corner > 0) != (by > ay)
    if doubt:
        return DOUBT
    return IN if changes & 1 else OUT


@compiled
def _decide(
    x: Floats, y: Floats, keys: Ints, y0: float, sy: float, row_y: Floats,
    base: Codes, cell_first: Codes, area: Codes, inside: Status, edge_first: Codes, edge: Codes,
    vertex_x: Floats, vertex_y: Floats, winner: Codes, out: Codes,
) -> int:  # fmt: skip
    """Write the winner of each key's point; those that are in doubt move to the front of `keys`: how many."""
    doubtful = np.uint64(0)
    for k in range(len(keys)):
        i = np.uint64(keys[k] & LOW)
        cell = np.uint64(keys[k] >> 32)
        best = winner[np.uint32(base[cell])]
        qx = x[i]
        qy = y[i]
        line = row_y[np.uint32((qy - y0) * sy)]
        for c in range(cell_first[cell], cell_first[cell + np.uint64(1)]):
            at = np.uint32(c)
            if 0 <= best < area[at]:
                break
            first, stop = edge_first[at], edge_first[at + np.uint32(1)]
            status = _status_of(qx, qy, line, inside[at], first, stop, edge, vertex_x, vertex_y)
            if status == DOUBT:
                keys[doubtful] = np.int64(i)
                doubtful += np.uint64(1)
                break
            if status != OUT:
                best = area[at]
                break
        out[i] = best
    return int(doubtful)


@compiled
def _survey(
    x: Floats, y: Floats, keys: Ints, y0: float, sy: float, row_y: Floats,
    cell_first: Codes, inside: Status, edge_first: Codes, edge: Codes, vertex_x: Floats, vertex_y: Floats,
    point: Ints, candidate: Ints, status: Status,
) -> None:  # fmt: skip
    """Write (number of the key, candidate, status) of every candidate of the keys' points."""
    row = np.uint64(0)
    for k in range(len(keys)):
        i = np.uint64(keys[k] & LOW)
        cell = np.uint64(keys[k] >> 32)
        line = row_y[np.uint32((y[i] - y0) * sy)]
        for c in range(cell_first[cell], cell_first[cell + np.uint64(1)]):
            at = np.uint32(c)
            first, stop = edge_first[at], edge_first[at + np.uint32(1)]
            point[row] = k
            candidate[row] = c
            status[row] = _status_of(x[i], y[i], line, inside[at], first, stop, edge, vertex_x, vertex_y)
            row += np.uint64(1)


def lookup(frame: Frame, tables: Tables, x: Floats, y: Floats) -> tuple[Codes, Ints]:
    """See `geo.area_kernels_numpy`."""
    x, y = _plain(x), _plain(y)
    codes, keys = np.empty(len(x), dtype=np.int32), np.empty(len(x) + 1, dtype=np.int64)
    found = _look_up(
        x,
        y,
        frame.x0,
        frame.y0,
        frame.sx,
        frame.sy,
        frame.cells,
        tables.top,
        tables.code.ravel(),
        codes,
        keys,
    )
    return codes, np.sort(keys[:found])


def winners(frame: Frame, tables: Tables, x: Floats, y: Floats, codes: Codes, keys: Ints) -> Ints:
    """See `geo.area_kernels_numpy`."""
    t = tables
    _set_winners(codes, t.winner)
    doubtful = _decide(
        _plain(x), _plain(y), keys, frame.y0, frame.sy, frame.row_y, t.base, t.cell_first, t.area, t.inside,
        t.edge_first, t.edge, t.x, t.y, t.winner, codes,
    )  # fmt: skip
    return keys[:doubtful]


def statuses(frame: Frame, tables: Tables, x: Floats, y: Floats, keys: Ints) -> tuple[Ints, Ints, Status]:
    """See `geo.area_kernels_numpy`."""
    t, cell = tables, keys >> 32
    rows = int((t.cell_first[cell + 1] - t.cell_first[cell]).sum())
    point, candidate = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64)
    status = np.empty(rows, dtype=np.uint8)
    _survey(
        _plain(x), _plain(y), keys, frame.y0, frame.sy, frame.row_y, t.cell_first, t.inside, t.edge_first, t.edge,
        t.x, t.y, point, candidate, status,
    )  # fmt: skip
    return point, candidate, status


def _plain(values: Floats) -> Floats:
    """Of one kind for the compiler, which would compile anew for a column or for what may not be written to."""
    return np.require(values, dtype=np.float64, requirements=["C", "A", "W"])
