"""What covers each cell whole: areas are painted over the cells row by row, all of them at once.

Every span of an area adds the area's code where it begins and takes it away where it ends; running sums say what
lies over each cell. Only cells that several areas cover need more: the list of them, written once for all cells
that share it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.area_shapes import Ints, ranges

_ONE = float(1 << 32)  # in one float64: how many areas cover a cell, times this, plus the sum of their codes


@dataclass(frozen=True)
class Cells:
    """Boundary cells of a window, by place, and their candidates as in `geo.area_raster.Piece`."""

    flat: Ints
    first: Ints
    area: Ints
    inside: NDArray[np.bool_]
    edge_first: Ints
    edge: Ints


@dataclass(frozen=True)
class Spans:
    """Row by row what an area covers: from flat cell `start` to before `stop`."""

    area: Ints
    start: Ints
    stop: Ints


def painted(size: int, cells: Cells, spans: Spans, n: int) -> tuple[Ints, Ints, Ints]:
    """(code of each of `size` flat cells, at boundary cells of what covers them whole; where each set begins; members).

    Codes are those of `geo.area_raster.Piece`; `n` is the number of areas.
    """
    weight = spans.area + (1.0 + _ONE)
    where = np.concatenate([spans.start, spans.stop])
    change = np.bincount(where, weights=np.concatenate([weight, -weight]), minlength=size + 1)
    total = np.cumsum(change[:size]).astype(np.int64)
    if len(cells.flat):
        own = np.where(cells.inside, cells.area + (1.0 + _ONE), 0.0)
        total[cells.flat] -= np.add.reduceat(own, cells.first[:-1]).astype(np.int64)
    several = total >= 2 * int(_ONE)
    code = total & (int(_ONE) - 1)
    if not several.any():
        return code, np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    group, first, member = _sets(several, where, cells, spans)
    code[several] = n + 1 + group
    return code, first, member


def _sets(several: NDArray[np.bool_], where: Ints, cells: Cells, spans: Spans) -> tuple[Ints, Ints, Ints]:
    """(set of each cell that several areas cover, first member of each set, members): runs of cells with no
    change between them share a set, and runs with the same members do.
    """
    changes = np.zeros(len(several) + 1, dtype=bool)
    changes[where] = changes[cells.flat] = changes[cells.flat + 1] = True
    begins = several.copy()
    begins[1:] &= changes[1:-1] | ~several[:-1]
    before = np.concatenate([[0], np.cumsum(begins)])
    count = before[spans.stop] - before[spans.start]
    run = ranges(before[spans.start], count)
    area = np.repeat(spans.area, count)
    runs, width = int(before[-1]), int(spans.area.max()) + 1
    boundary = np.repeat(cells.flat, np.diff(cells.first))
    excluded = np.flatnonzero(cells.inside & several[boundary])
    outer = before[boundary[excluded] + 1] - 1
    pairs = np.setdiff1d(
        np.sort(run * width + area), outer * width + cells.area[excluded], assume_unique=True
    )
    run, area = np.divmod(pairs, width)
    first = np.searchsorted(run, np.arange(runs + 1))
    group, kept = _distinct(first, area)
    members = ranges(first[kept], (first[kept + 1] - first[kept]))
    set_first = np.concatenate([[0], np.cumsum(first[kept + 1] - first[kept])])
    return group[before[1:][several] - 1], set_first, area[members]


def _distinct(first: Ints, member: Ints) -> tuple[Ints, Ints]:
    """(number of the distinct list that each list is, a list for each number)."""
    runs = len(first) - 1
    mixed = member.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    hashed = np.add.reduceat(mixed ^ (mixed >> np.uint64(32)), first[:-1])
    _, kept, group = np.unique(hashed, return_index=True, return_inverse=True)
    count = np.diff(first)
    alike = count == count[kept[group]]
    if alike.all():
        twin = ranges(first[kept[group]], count)
        alike = np.asarray(np.logical_and.reduceat(member == member[twin], first[:-1]))
    if not alike.all():  # two sets of one hash: keep every list on its own
        return np.arange(runs), np.arange(runs)
    return group, kept
