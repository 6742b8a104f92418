"""Enters areas into the cells of a grid: which areas cover a whole cell, and whose edges run through it.

For each area and each row of cells, the edges that cross the row's reference line are counted from the west. An
edge counts from the column behind the last cell that it may touch in that row, so

- a cell that no edge of the area touches is covered where the count is odd (even-odd rule);
- a cell that edges touch keeps the count's parity at its western side ("inside") and the edges themselves: a
  point's answer is that parity, and one change for each edge crossed on the way west from the reference line's
  end to below or above the point, and from there to the point.

Which row lines an edge crosses is a comparison of numbers, hence exact; cells are entered generously.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.area_painting import Cells, Spans, painted
from geo.area_shapes import BLOCK, BLOCK_SHIFT, SLACK, Floats, Frame, Ints, Shapes, ranges

_STEEP = 1e6

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Piece:
    """The cells of some blocks.

    `code[block, cell]`: 0 no area, a + 1 the one area a, n + 1 + s the set s; below 0: ~b, boundary cell b.
    Boundary cell b: `base[b]` the code of what covers it whole; its candidates `cell_first[b]` to
    `cell_first[b + 1]`, each an `area`, whether the western end of the reference line is `inside` it, and its
    edges (by first vertex) `edge_first` to the next. `set_first`, `set_area`: the members of the sets.
    """

    blocks: Ints
    code: Codes
    base: Codes
    cell_first: Codes
    area: Codes
    inside: NDArray[np.uint8]
    edge_first: Codes
    edge: Codes
    set_first: Codes
    set_area: Codes


@dataclass(frozen=True)
class _Window:
    """The rows and columns of cells (whole blocks) that are worked on at once; flat cells count row by row."""

    row: int
    rows: int
    column: int
    columns: int

    @property
    def width(self) -> int:
        return self.columns + 1  # one more: a span may end behind the last column


@dataclass(frozen=True)
class _Strokes:
    """Edges cut by rows: edge number `edge` touches the columns `west` to `east` of row `row`."""

    edge: Ints
    row: Ints
    west: Ints
    east: Ints


def rasterise(frame: Frame, shapes: Shapes, wanted: NDArray[np.bool_]) -> Piece:
    """The cells of the wanted blocks (a mask [blocks, blocks]); memory grows with their common box."""
    window = _window(wanted)
    edge, area, u, v = _edges(frame, shapes, window)
    strokes = _strokes(u, v, window)
    keys = _crossings(frame, shapes, window, edge, area, strokes)
    cells = _cells(window, wanted, edge, area, strokes, keys, len(shapes))
    spans = _spans(window, keys)
    code, sets, set_area = painted(window.rows * window.width, cells, spans, len(shapes))
    return _piece(window, wanted, cells, code, sets, set_area)


def _window(wanted: NDArray[np.bool_]) -> _Window:
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    return _Window(
        int(rows[0]) * BLOCK,
        int(rows[-1] - rows[0] + 1) * BLOCK,
        int(columns[0]) * BLOCK,
        int(columns[-1] - columns[0] + 1) * BLOCK,
    )


def _edges(frame: Frame, shapes: Shapes, window: _Window) -> tuple[Ints, Ints, Floats, Floats]:
    """(vertex, area, u[2, n], v[2, n] in cells) of the edges that matter: right of the window none does."""
    bounds = shapes.bounds
    near = (frame.rows(bounds[:, 3]) >= window.row - 1) & (
        frame.rows(bounds[:, 1]) <= window.row + window.rows
    )
    near &= (frame.columns(bounds[:, 2]) >= window.column - 1) & (
        frame.columns(bounds[:, 0]) <= window.column + window.columns
    )
    vertex, area = shapes.edges(np.flatnonzero(near))
    row = (shapes.y - frame.y0) * frame.sy if len(vertex) * 4 > len(shapes.y) else None
    v = _ends(row, vertex) if row is not None else (_ends(shapes.y, vertex) - frame.y0) * frame.sy
    low, high = np.minimum(*v), np.maximum(*v)
    kept = (high >= window.row - SLACK) & (low <= window.row + window.rows + SLACK)
    if not kept.all():
        vertex, area, v = vertex[kept], area[kept], v[:, kept]
    u = (_ends(shapes.x, vertex) - frame.x0) * frame.sx
    return vertex, area, u, v


def _ends(values: Floats, vertex: Ints) -> Floats:
    return np.stack([values.take(vertex), values.take(vertex + 1)])


def _strokes(u: Floats, v: Floats, window: _Window) -> _Strokes:
    low_u, high_u = np.minimum(*u) - SLACK, np.maximum(*u) + SLACK
    low_v, high_v = np.minimum(*v) - SLACK, np.maximum(*v) + SLACK
    first = np.maximum(low_v.astype(np.int64), window.row)
    last = np.minimum(high_v.astype(np.int64), window.row + window.rows - 1)
    level = np.flatnonzero(first == last)
    tall = np.flatnonzero(first < last)
    edge = np.repeat(tall, (last - first + 1)[tall])
    row = ranges(first[tall], (last - first + 1)[tall])
    west, east = _between_rows(u[:, edge], v[:, edge], row)
    np.maximum(west, low_u[edge], out=west)
    np.minimum(east, high_u[edge], out=east)
    return _Strokes(
        np.concatenate([level, edge]),
        np.concatenate([first[level], row]) - window.row,
        np.concatenate([low_u[level], west]).astype(np.int64),
        np.concatenate([high_u[level], east]).astype(np.int64),
    )


def _between_rows(u: Floats, v: Floats, row: Ints) -> tuple[Floats, Floats]:
    """The westernmost and easternmost u of edges within a row, not too small."""
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (u[1] - u[0]) / (v[1] - v[0])
        lower = u[0] + (np.maximum(row - SLACK, np.minimum(*v) - SLACK) - v[0]) * slope
        upper = u[0] + (np.minimum(row + (1 + SLACK), np.maximum(*v) + SLACK) - v[0]) * slope
    west, east = np.minimum(lower, upper) - SLACK, np.maximum(lower, upper) + SLACK
    flat = ~(np.abs(slope) <= _STEEP)
    west[flat], east[flat] = -np.inf, np.inf
    return west, east


def _crossings(
    frame: Frame, shapes: Shapes, window: _Window, vertex: Ints, area: Ints, strokes: _Strokes
) -> Ints:
    """Sorted keys (area, row, column) of the places behind edges that cross a row's reference line."""
    line = frame.row_y[window.row + strokes.row]
    start = vertex[strokes.edge]
    crossing = np.flatnonzero((shapes.y.take(start) > line) != (shapes.y.take(start + 1) > line))
    column = np.clip(strokes.east[crossing] + 1 - window.column, 0, window.columns)
    return np.sort(_key(window, area[strokes.edge[crossing]], strokes.row[crossing], column))


def _key(window: _Window, area: Ints, row: Ints, column: Ints) -> Ints:
    return (area * window.rows + row) * window.width + column


def _cells(
    window: _Window,
    wanted: NDArray[np.bool_],
    vertex: Ints,
    area: Ints,
    strokes: _Strokes,
    keys: Ints,
    n: int,
) -> Cells:
    flat, edge = _entries(window, wanted, strokes, len(vertex))
    owner = area[edge]
    new_cell = _changes(flat)
    new_candidate = new_cell | _changes(owner)
    candidate, cell = np.flatnonzero(new_candidate), np.flatnonzero(new_cell)
    candidate_flat, candidate_area = flat[candidate], owner[candidate]
    row = candidate_flat // window.width
    key = _key(window, candidate_area, row, candidate_flat - row * window.width)
    inside = (np.searchsorted(keys, key, side="right") & 1).astype(bool)
    return Cells(
        flat[cell],
        np.append(np.cumsum(new_candidate)[cell] - 1, len(candidate)),
        candidate_area,
        inside,
        np.append(candidate, len(flat)),
        vertex[edge],
    )


def _entries(window: _Window, wanted: NDArray[np.bool_], strokes: _Strokes, edges: int) -> tuple[Ints, Ints]:
    """(flat cell, edge number) of all cells that edges touch in wanted blocks, sorted by both."""
    west = np.maximum(strokes.west - window.column, 0)
    east = np.minimum(strokes.east - window.column, window.columns - 1)
    count = east - west + 1
    one = np.flatnonzero(count == 1)
    more = np.flatnonzero(count > 1)
    count = count[more]
    column = np.concatenate([west[one], ranges(west[more], count)])
    row = np.concatenate([strokes.row[one], np.repeat(strokes.row[more], count)])
    edge = np.concatenate([strokes.edge[one], np.repeat(strokes.edge[more], count)])
    inner = wanted[_blocks_of(window)]
    if not inner.all():
        kept = np.flatnonzero(inner[row >> BLOCK_SHIFT, column >> BLOCK_SHIFT])
        column, row, edge = column[kept], row[kept], edge[kept]
    key = np.sort((row * window.width + column) * max(edges, 1) + edge)
    flat = key // max(edges, 1)
    return flat, key - flat * max(edges, 1)


def _blocks_of(window: _Window) -> tuple[slice, slice]:
    return (
        slice(window.row >> BLOCK_SHIFT, (window.row + window.rows) >> BLOCK_SHIFT),
        slice(window.column >> BLOCK_SHIFT, (window.column + window.columns) >> BLOCK_SHIFT),
    )


def _changes(values: Ints) -> NDArray[np.bool_]:
    changed = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


def _spans(window: _Window, keys: Ints) -> Spans:
    """A closed ring crosses every line an even number of times, so crossings come in pairs."""
    start, stop = keys[0::2], keys[1::2]
    real = start < stop
    start, stop = start[real], stop[real]
    size = window.rows * window.width
    area = start // size
    return Spans(area, start - area * size, stop - area * size)


def _piece(
    window: _Window, wanted: NDArray[np.bool_], cells: Cells, code: Ints, sets: Ints, set_area: Ints
) -> Piece:
    base = code[cells.flat]
    code[cells.flat] = ~np.arange(len(cells.flat))
    rows, columns = window.rows >> BLOCK_SHIFT, window.columns >> BLOCK_SHIFT
    squares = code.reshape(window.rows, window.width)[:, : window.columns]
    squares = squares.reshape(rows, BLOCK, columns, BLOCK).transpose(0, 2, 1, 3)
    inner = wanted[_blocks_of(window)]
    blocks = np.flatnonzero(wanted.ravel())
    return Piece(
        blocks,
        squares[inner].reshape(len(blocks), BLOCK * BLOCK).astype(np.int32),
        base.astype(np.int32),
        cells.first.astype(np.int32),
        cells.area.astype(np.int32),
        cells.inside.astype(np.uint8),
        cells.edge_first.astype(np.int32),
        cells.edge.astype(np.int32),
        sets.astype(np.int32),
        set_area.astype(np.int32),
    )
