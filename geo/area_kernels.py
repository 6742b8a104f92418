"""The inner loops of the grid, compiled by numba: the same answers as `geo.area_kernels_numpy`, sooner.

Only `geo.area_compiled` imports it, when there is enough work: importing numba and the kernels' cache takes some
tenths of a second, and compiling them, once for an installation, a second or more.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from geo.area_shapes import BLOCK, BLOCK_SHIFT, SLACK, Floats, Frame, Ints
from geo.area_tables import BORDER, DOUBT, IN, LOW, NOT_BUILT, OUT, Codes, Status, Tables

# Compiled code keeps these numbers, and numba's cache looks only at this file: whoever changes one changes it here
# too, or old code would go on with the old number.
if (BLOCK_SHIFT, SLACK, OUT, IN, BORDER, DOUBT, NOT_BUILT, LOW) != (
    5,
    1 / 1024,
    0,
    1,
    2,
    3,
    -(1 << 31),
    0xFFFFFFFF,
):
    raise ImportError("geo.area_kernels was written for other constants")

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


@compiled
def _cells_around(
    x: Floats, y: Floats, dx: Floats, dy: float,
    x0: float, y0: float, sx: float, sy: float, cells: int, top: Codes, code: Codes, keys: Ints,
) -> int:  # fmt: skip
    """Write keys (boundary cell << 32 | point) of the cells that boxes around points reach.

    How many there are: those beyond the end of the array are only counted. -1 when a block is not built.
    """
    last = cells - 1.0
    blocks = cells >> BLOCK_SHIFT
    found = 0
    for i in range(len(x)):
        west = int(min(max((x[i] - dx[i] - x0) * sx - SLACK, 0.0), last))
        east = int(min(max((x[i] + dx[i] - x0) * sx + SLACK, 0.0), last))
        south = int(min(max((y[i] - dy - y0) * sy - SLACK, 0.0), last))
        north = int(min(max((y[i] + dy - y0) * sy + SLACK, 0.0), last))
        for row in range(south, north + 1):
            for column in range(west, east + 1):
                slot = top[np.uint32((row >> BLOCK_SHIFT) * blocks + (column >> BLOCK_SHIFT))]
                within = (row & _MASK) << BLOCK_SHIFT | (column & _MASK)
                c = code[np.uint32((slot << (2 * BLOCK_SHIFT)) | within)]
                if c == NOT_BUILT:
                    return -1
                if c < 0:
                    if found < len(keys):
                        keys[np.uint64(found)] = (np.int64(~c) << 32) | i
                    found += 1
    return found


@compiled
def _near_edges(
    x: Floats, y: Floats, dx: Floats, dy: float, but: Codes, keys: Ints,
    cell_first: Codes, area: Codes, edge_first: Codes, edge: Codes, vertex_x: Floats, vertex_y: Floats,
    point: Ints, vertex: Ints, owner: Ints,
) -> int:  # fmt: skip
    """Write (point, first vertex, area) of the keys' edges that reach into the ellipse of `dx`, `dy` around a point.

    How many there are: those beyond the end of the arrays are only counted.
    """
    found = 0
    one = np.uint32(1)
    for k in range(len(keys)):
        i = np.uint64(keys[k] & LOW)
        cell = np.uint64(keys[k] >> 32)
        px, py, wide = x[i], y[i], dx[i]
        for c in range(cell_first[cell], cell_first[cell + np.uint64(1)]):
            candidate = np.uint32(c)
            if area[candidate] == but[i]:
                continue
            for e in range(edge_first[candidate], edge_first[candidate + one]):
                v = np.uint32(edge[np.uint32(e)])
                w = np.uint32(v + one)
                if _reaches(vertex_x[v] - px, vertex_y[v] - py, vertex_x[w] - px, vertex_y[w] - py, wide, dy):
                    if found < len(point):
                        at = np.uint64(found)
                        point[at] = np.int64(i)
                        vertex[at] = np.int64(v)
                        owner[at] = area[candidate]
                    found += 1
    return found


@compiled
def _reaches(ax: float, ay: float, bx: float, by: float, dx: float, dy: float) -> bool:
    """Whether an edge comes into the ellipse around 0,0, or so near that rounding might say either."""
    if (ax > dx and bx > dx) or (ax < -dx and bx < -dx) or (ay > dy and by > dy) or (ay < -dy and by < -dy):
        return False
    ax, bx, ay, by = ax / dx, bx / dx, ay / dy, by / dy
    ux, uy = bx - ax, by - ay
    length = ux * ux + uy * uy
    share = min(max(-(ax * ux + ay * uy) / length, 0.0), 1.0) if length > 0 else 0.0
    away_x, away_y = ax + share * ux, ay + share * uy
    return not away_x * away_x + away_y * away_y > 1.000001


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


def near_edges(
    frame: Frame, tables: Tables, x: Floats, y: Floats, dx: Floats, dy: float, but: Codes
) -> tuple[Ints, Ints, Ints] | None:
    """See `geo.area_kernels_numpy`."""
    t, x, y, dx = tables, _plain(x), _plain(y), _plain(dx)
    keys = np.empty(2 * len(x) + 64, dtype=np.int64)
    while True:
        found = _cells_around(
            x, y, dx, dy, frame.x0, frame.y0, frame.sx, frame.sy, frame.cells, t.top, t.code.ravel(), keys
        )
        if found < 0:
            return None
        if found <= len(keys):
            break
        keys = np.empty(found, dtype=np.int64)
    keys = np.sort(keys[:found])
    room = len(x) // 4 + 64
    while True:
        point, vertex, area = np.empty((3, room), dtype=np.int64)
        found = _near_edges(
            x, y, dx, dy, but, keys, t.cell_first, t.area, t.edge_first, t.edge, t.x, t.y, point, vertex, area
        )
        if found <= room:
            return point[:found], vertex[:found], area[:found]
        room = found


def _plain(values: Floats) -> Floats:
    """Of one kind for the compiler, which would compile anew for a column or for what may not be written to."""
    return np.require(values, dtype=np.float64, requirements=["C", "A", "W"])
