"""Whether an edit makes anything worse: the coverage before and after it, in its neighbourhood."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.border_shapes import Area
from geo.boundary_check import CheckedCoverage
from geo.boundary_faces import left_over_pieces, noded
from geo.boundary_grid import Edges, Ints, edges_of, left_over
from geo.boundary_invalid import faults, usable
from geo.boundary_problems import BoundaryProblem, ProblemKind
from geo.boundary_refusals import EditRefused, Refusal

_MARGIN_DEG = 1e-5
_DUST_STEPS = 1.0
_AREAL = {
    "overlap": Refusal.OVERLAP,
    "duplicate": Refusal.OVERLAP,
    "gap": Refusal.GAP,
    "spill": Refusal.SPILL,
    "area": Refusal.SLIVER,
}


@dataclass(frozen=True, slots=True)
class Change:
    """The areas before and after an edit, position by position, with the level and the parent of each."""

    before: Sequence[Area]
    after: Sequence[Area]
    levels: Sequence[int]
    parent_of: Sequence[int]

    @property
    def touched(self) -> list[int]:
        """Positions whose area is another than before."""
        return [
            at for at, (old, new) in enumerate(zip(self.before, self.after, strict=True)) if old is not new
        ]


def guard(change: Change, *, allowed: frozenset[Refusal] = frozenset()) -> None:
    """Raise `EditRefused` when an area becomes invalid or the coverage worse than it was, but for `allowed`."""
    touched = change.touched
    for position in touched:
        if change.after[position] is not None:
            require_valid(change.after[position], position)
    moved, chains = _moved(change, touched)
    if not left_over(moved, chains).any():
        return  # neighbours gain what others lose, edge by edge: nothing else can have changed
    cut = noded(moved)
    everywhere = bool(left_over_pieces(cut.edges, chains[cut.source]).any())
    for level in sorted(_levels_concerned(change, touched)):
        # Whether ground is enclosed is seen only from far away; what meets at a vertex, from near by.
        of_level = [at for at, one in enumerate(change.levels) if one == level]
        compared = of_level if everywhere else _near(change, of_level, touched)
        for refusal, positions, area in _worse(change, compared):
            if refusal not in allowed:
                raise EditRefused(refusal, positions=positions, area_m2=area)


def require_valid(area: Area, position: int | None = None) -> None:
    """Raise `EditRefused` with the first fault of an area that is no valid polygon."""
    wrong = faults(0, area)
    if wrong:
        where = {} if position is None else {"position": position}
        first = wrong[0]
        raise EditRefused(Refusal.INVALID, **where, reason=first.detail, lon=first.lon, lat=first.lat)


def _moved(change: Change, touched: list[int]) -> tuple[Edges, Ints]:
    """New edges less old ones, in a chain for each level, and for each parent with its areas."""
    chains = [[change.levels[at] + 1 for at in touched]]
    chains.append([-2 - change.parent_of[at] if change.parent_of[at] >= 0 else 0 for at in touched])
    parents = {one for one in change.parent_of if one >= 0}
    chains.append([-2 - at if at in parents else 0 for at in touched])
    both = []
    for at in touched:
        old, new = usable(change.before[at]), usable(change.after[at])
        both.append(Edges.joined([edges_of([new]), edges_of([old]).reversed()]))
    moved, of_chain = [], []
    for ids, turn in zip(chains, (1, 1, -1), strict=True):
        for chain, edges in zip(ids, both, strict=True):
            if chain != 0:
                moved.append(edges if turn > 0 else edges.reversed())
                of_chain.append(np.full(len(edges), chain, dtype=np.int64))
    return Edges.joined(moved), np.concatenate(of_chain) if of_chain else np.empty(0, np.int64)


def _levels_concerned(change: Change, touched: list[int]) -> set[int]:
    own = {change.levels[at] for at in touched}
    is_touched = set(touched)
    return own | {change.levels[at] for at, parent in enumerate(change.parent_of) if parent in is_touched}


def _worse(change: Change, compared: list[int]) -> list[tuple[Refusal, tuple[int, ...], float]]:
    """What grew from before to after: why, between which areas, and how large it is now in m²."""
    before, after = _problems(change, compared)
    worse = []
    for word, refusal in _AREAL.items():
        gone, come = _only(before, after, word), _only(after, before, word)
        if _solid_area(come, gone) > _solid_area(gone, come):
            worse.append((refusal, _concerned(come, compared), sum(problem.area_m2 for problem in come)))
    gone, come = _only(before, after, "t_junction"), _only(after, before, "t_junction")
    if len(come) > len(gone):
        worse.append((Refusal.T_JUNCTION, _concerned(come, compared), 0.0))
    return worse


def _concerned(problems: list[BoundaryProblem], compared: list[int]) -> tuple[int, ...]:
    return tuple(sorted({compared[at] for problem in problems for at in problem.positions}))


def _near(change: Change, of_level: list[int], touched: list[int]) -> list[int]:
    """Areas in the neighbourhood of what the edit touched."""
    shapes = [areas[at] for at in touched for areas in (change.before, change.after) if areas[at] is not None]
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
    box = (west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG)
    return [at for at in of_level if any(_meet(areas[at], box) for areas in (change.before, change.after))]


def _meet(area: Area, box: tuple[float, float, float, float]) -> bool:
    if area is None:
        return False
    west, south, east, north = area.bounds
    return bool(west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1])


def _problems(change: Change, compared: list[int]) -> tuple[list[BoundaryProblem], list[BoundaryProblem]]:
    parents = sorted({change.parent_of[at] for at in compared} - {-1})
    parent_of = [parents.index(change.parent_of[at]) if change.parent_of[at] >= 0 else -1 for at in compared]
    before = CheckedCoverage.of(
        [change.before[at] for at in compared],
        parents=[change.before[at] for at in parents],
        parent_of=parent_of,
    )
    if any(change.before[at] is not change.after[at] for at in parents):
        after = CheckedCoverage.of(
            [change.after[at] for at in compared],
            parents=[change.after[at] for at in parents],
            parent_of=parent_of,
        )
    else:
        after = before.changed(
            {
                number: change.after[at]
                for number, at in enumerate(compared)
                if change.before[at] is not change.after[at]
            }
        )
    silent = (ProblemKind.INVALID, ProblemKind.UNCOVERED)
    old, new = ([one for one in found.problems if one.kind not in silent] for found in (before, after))
    return old, new


def _word(problem: BoundaryProblem) -> str:
    return problem.detail if problem.kind == ProblemKind.SLIVER else problem.kind.value


def _only(one: list[BoundaryProblem], other: list[BoundaryProblem], word: str) -> list[BoundaryProblem]:
    known = {
        (problem.positions, problem.parent, problem.place.wkb) for problem in other if _word(problem) == word
    }
    return [
        problem
        for problem in one
        if _word(problem) == word and (problem.positions, problem.parent, problem.place.wkb) not in known
    ]


def _solid_area(some: list[BoundaryProblem], less: list[BoundaryProblem]) -> float:
    """In grid steps²: what is covered by the places of some problems and not by those of others."""
    whole, taken = (
        shapely.union_all([_in_steps(problem.place) for problem in problems]) for problems in (some, less)
    )
    parts = shapely.get_parts(shapely.get_parts(shapely.difference(whole, taken)))
    areas, lengths = shapely.area(parts), shapely.length(parts)
    thick = 2 * areas > _DUST_STEPS / 2 * lengths
    return float(areas[thick].sum())


def _in_steps(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(geometry, lambda xy: np.rint(xy * 1e7))
