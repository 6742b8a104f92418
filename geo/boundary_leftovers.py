"""The edges of a level that do not cancel, and the same after a change without going through all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.boundary_grid import NO_EDGES, Bools, Edges, Ints, grouped, left_over

ALL = 0
"""The chain of all areas together; chain p + 1 is that of parent p: its areas less the parent itself."""
_NONE = np.empty(0, dtype=np.int64)
_FAMILY, _PARENT, _AREA = 1 << 62, 1 << 61, 1 << 32


@dataclass(frozen=True, slots=True)
class Level:
    """The areas of one level: usable shapes (WGS 84), their edges, and the same of the parents."""

    shapes: Sequence[BaseGeometry]
    edges: Sequence[Edges]
    parents: Sequence[BaseGeometry]
    parent_edges: Sequence[Edges]
    parent_of: Sequence[int]

    @property
    def families(self) -> set[int]:
        """The parents that have areas."""
        pairs = zip(self.parent_of, self.edges, strict=True)
        return {parent for parent, edges in pairs if parent >= 0 and len(edges)}


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Edges that do not cancel within their chain; a parent's have the owner -1 - its position.

    ``order``: a number for each, so that the same edges always stand in the same order.
    """

    edges: Edges
    chains: Ints
    order: Ints

    @classmethod
    def of(cls, level: Level) -> "Leftovers":
        """Those of a whole level."""
        return _entries(level, range(len(level.edges)), level.families)._uncancelled()

    def changed(self, before: Level, after: Level, positions: Iterable[int]) -> "Leftovers":
        """Those of a level in which only some positions (among them all new ones) are others than before."""
        positions = sorted(positions)
        old = [at for at in positions if at < len(before.edges)]
        turned = before.families ^ after.families
        gone = _entries(before, old, turned & before.families)
        come = _entries(after, positions, turned & after.families)
        parents = {after.parent_of[at] for at in positions} & after.families
        local = _entries(after, _beside(before, after, positions), parents | (turned & after.families))
        several = [gone, come, self, local]
        group, count = grouped(
            np.concatenate([one.edges.ends for one in several]),
            np.concatenate([one.chains for one in several]),
        )
        sizes = np.cumsum([len(one.chains) for one in several])
        concerned = np.zeros(count, dtype=bool)
        concerned[group[: sizes[1]]] = True
        kept = self._take(~concerned[group[sizes[1] : sizes[2]]])
        renewed = local._take(concerned[group[sizes[2] :]])._uncancelled()
        both = _joined([kept, renewed])
        return both._take(np.argsort(both.order))

    def _take(self, which: Bools | Ints) -> "Leftovers":
        return Leftovers(self.edges.take(which), self.chains[which], self.order[which])

    def _uncancelled(self) -> "Leftovers":
        return self._take(left_over(self.edges, self.chains))


def _joined(several: Sequence[Leftovers]) -> Leftovers:
    return Leftovers(
        Edges.joined([one.edges for one in several]),
        np.concatenate([_NONE, *(one.chains for one in several)]),
        np.concatenate([_NONE, *(one.order for one in several)]),
    )


def _entries(level: Level, positions: Iterable[int], parents: Iterable[int]) -> Leftovers:
    """All edges of some areas, each in its chains, and of some parents."""
    positions, parents = list(positions), sorted(parents)
    areas = [level.edges[at] for at in positions]
    sizes = np.array([len(one) for one in areas], dtype=np.int64)
    edges = Edges.joined(areas) if areas else NO_EDGES
    place = _counted(sizes)
    order = np.repeat(np.array(positions, dtype=np.int64), sizes) * _AREA + place
    family = np.repeat(np.array([level.parent_of[at] for at in positions], dtype=np.int64), sizes)
    within = family >= 0
    found = [
        Leftovers(edges, np.full(len(edges), ALL), order),
        Leftovers(edges.take(within), family[within] + 1, order[within] | _FAMILY),
    ]
    for parent in parents:
        border = level.parent_edges[parent].reversed()
        number = parent * _AREA + np.arange(len(border)) | _FAMILY | _PARENT
        found.append(Leftovers(border, np.full(len(border), parent + 1), number))
    return _joined(found)


def _counted(sizes: Ints) -> Ints:
    """0, 1, 2… for each of several runs."""
    ends = np.cumsum(sizes)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - sizes, sizes)


def _beside(before: Level, after: Level, positions: Sequence[int]) -> list[int]:
    """The areas whose boxes meet those of the changed ones, before or after."""
    boxes = shapely.bounds(np.array(after.shapes, dtype=object)).reshape(-1, 4)
    moved = np.zeros(len(boxes), dtype=bool)
    for level in (before, after):
        for at in positions:
            if at < len(level.shapes) and not level.shapes[at].is_empty:
                west, south, east, north = level.shapes[at].bounds
                moved |= (
                    (boxes[:, 0] <= east)
                    & (boxes[:, 2] >= west)
                    & (boxes[:, 1] <= north)
                    & (boxes[:, 3] >= south)
                )
    beside: list[int] = np.flatnonzero(moved).tolist()
    return beside
