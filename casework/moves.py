"""Which findings get another patch or bureau when one map follows another.

The preview asks with the findings in memory, publishing with those in the database: both get their answer here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casework.coverage import Coverage
from casework.referral import RoutingTable

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MapChange:
    """The levels in use before and after, coarsest first; the last of each is the patch level.

    Areas that there are not yet (in a preview) have negative ids.
    """

    before: Sequence[Coverage]
    after: Sequence[Coverage]


@dataclass(frozen=True, slots=True)
class Moves:
    """What becomes of findings, one element each: patch and bureau afterwards (ids, 0 for none).

    ``elsewhere`` are those that belong to another area of some level, ``moved`` those whose patch or bureau differs.
    ``then`` and ``now`` hold, by level id, the area of each place before and after.
    """

    area: Ints
    bureau: Ints
    elsewhere: NDArray[np.bool_]
    moved: NDArray[np.bool_]
    then: dict[int, Ints]
    now: dict[int, Ints]


def moves(
    change: MapChange,
    routing: RoutingTable,
    lon: Floats,
    lat: Floats,
    category: Ints,
    area: Ints,
    bureau: Ints,
    released: NDArray[np.bool_] | None = None,
) -> Moves:
    """What becomes of findings at these places (WGS 84) whose patch and bureau (ids, 0 for none) are these now.

    A finding that stays in its areas keeps its bureau, also one that somebody chose for it; one that goes elsewhere
    gets what the rules say there, unless they say the same as before. ``released`` ones are located as if they were
    new: somebody had put them into an area that ends.
    """
    then, now = areas_at(change.before, lon, lat), areas_at(change.after, lon, lat)
    elsewhere = np.zeros(len(lon), dtype=bool)
    for level_id in then.keys() | now.keys():
        elsewhere |= then.get(level_id, np.int64(0)) != now.get(level_id, np.int64(0))
    anew = np.zeros(len(lon), dtype=bool) if released is None else released
    elsewhere |= anew
    area_after, bureau_after = area.copy(), bureau.copy()
    gone = np.flatnonzero(elsewhere)
    patch = change.after[-1].level_id if change.after else None
    area_after[gone] = now[patch][gone] if patch is not None else 0
    if len(gone):
        ruled_then = _bureaus(routing, category[gone], [column[gone] for column in then.values()])
        ruled_now = _bureaus(routing, category[gone], [column[gone] for column in now.values()])
        bureau_after[gone] = np.where((ruled_then == ruled_now) & ~anew[gone], bureau[gone], ruled_now)
    moved = (area_after != area) | (bureau_after != bureau)
    return Moves(area_after, bureau_after, elsewhere, moved, then, now)


def areas_at(levels: Sequence[Coverage], lon: Floats, lat: Floats) -> dict[int, Ints]:
    """By level id, the area id of each place (0 for none)."""
    found: dict[int, Ints] = {}
    for level in levels:
        ids = np.asarray([*(area.id for area in level.areas), 0], dtype=np.int64)
        found[level.level_id] = ids[level.index.locate(lon, lat)]  # -1 is the last one
    return found


def _bureaus(routing: RoutingTable, category: Ints, areas: Sequence[Ints]) -> Ints:
    """The bureau (0 for none) that the rules name for each finding; each combination is asked for once."""
    table = np.column_stack([category, *areas])
    combined, of = np.unique(table, axis=0, return_inverse=True)
    answers = np.asarray(
        [
            routing.refer(row[0], [area for area in row[1:] if area]).bureau_id or 0
            for row in combined.tolist()
        ],
        dtype=np.int64,
    )
    return answers[of.reshape(-1)]
