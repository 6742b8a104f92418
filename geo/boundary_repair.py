"""Proposals that mend boundaries: shown as differences, applied by whoever accepts them.

`shapely.coverage_clean` mends all of a coverage or nothing, knows neither parents nor sizes, and its results lie off
the grid. Here each problem is mended by itself: the face that is amiss changes hands, whole, on the grid.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.border_shapes import with_vertices
from geo.boundary_check import Area, CheckedCoverage
from geo.boundary_difference import Difference, difference_of
from geo.boundary_grid import to_steps
from geo.boundary_invalid import faults, usable
from geo.boundary_joins import joined
from geo.boundary_moves import Move, after_moves
from geo.boundary_problems import BoundaryProblem, ProblemKind
from geo.boundary_refusals import EditRefused, Refusal
from geo.boundary_sizes import ground_m2, way_m

MOVED_SHARE = 0.005
"""A proposal that adds to an area or takes from it more than this share of its size is not made."""
_ROUNDS = (
    4  # what is taken from one parent's area may leave a gap in the next parent, which a next round fills
)
_SLACK_M2 = 1e-4
_STEP_DEG = 1e-7
_ONE_BY_ONE = 200
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Repair:
    """A proposal: the areas as they would be, what each gains and loses, and the problems that stay."""

    polygons: list[Area]
    differences: list[Difference]
    unrepaired: list[BoundaryProblem] = field(default_factory=list)


def gap_into(polygons: Sequence[Area], gap: BaseGeometry, position: int) -> dict[int, BaseGeometry]:
    """Give a gap to an area. Returns what changed, by position: the area, and neighbours that get vertices.

    Raises `EditRefused` when there is no such area or nothing in the gap.
    """
    return _given(polygons, gap, position, ())


def overlap_to(
    polygons: Sequence[Area], overlap: BaseGeometry, position: int, losers: Iterable[int] | None = None
) -> dict[int, BaseGeometry]:
    """Give an overlap to one area; the others (or only `losers`) lose it. Returns what changed, by position.

    Raises `EditRefused` when there is no such area or nothing would be left of one.
    """
    return _given(polygons, overlap, position, losers)


def repair(
    polygons: Sequence[Area],
    *,
    parents: Sequence[Area] = (),
    parent_of: Sequence[int] | None = None,
    problems: Sequence[BoundaryProblem] | None = None,
) -> Repair:
    """A proposal that mends what can be mended without moving more than 0.5 % of any area.

    Arguments as for `check`; `problems`: only these (as a check of these polygons gave them). Invalid areas are made
    valid; vertices that nearly are one are made one; a gap goes to the area with the longest border to it; an overlap
    to the area it is more a part of; what spills over a parent is taken away; missing vertices are added. A problem
    whose mending would move more than 0.5 % of an area stays, and so do all of an area's that would together.
    A mended coverage is not mended again.
    """
    return repair_checked(CheckedCoverage.of(polygons, parents=parents, parent_of=parent_of), problems)


def repair_checked(checked: CheckedCoverage, problems: Sequence[BoundaryProblem] | None = None) -> Repair:
    """The same for a coverage that was checked already."""
    if problems is not None:
        work = _Work(checked, frozenset())
        work.all_of(problems)
        after = work.now
    else:
        after = _settled(checked)
    differences = difference_of(checked.polygons, after.polygons)
    return Repair(after.polygons, differences, list(after.problems))


def _settled(checked: CheckedCoverage, depth: int = 2) -> CheckedCoverage:
    """Mended so that mending again, with 0.5 % more to move, would find nothing to do.

    An area that then would go on is left as it is, so that many small repairs do not add up to a large one.
    """
    frozen: frozenset[int] = frozenset()
    for _ in range(_TRIES):
        after = _mended(checked, frozen)
        if not after.problems or not depth or not difference_of(checked.polygons, after.polygons):
            return after
        again = _settled(after, depth - 1)
        more = frozenset(one.position for one in difference_of(after.polygons, again.polygons))
        if not more:
            return after
        frozen |= more
    return checked


def _mended(checked: CheckedCoverage, frozen: frozenset[int]) -> CheckedCoverage:
    work = _Work(checked, frozen)
    for _ in range(_ROUNDS):
        before = work.now
        work.all_of(None)
        if work.now is before or not work.now.problems:
            break
    return work.now


class _Work:
    """A coverage being mended."""

    def __init__(self, checked: CheckedCoverage, frozen: frozenset[int]) -> None:
        self.original, self.now, self.frozen = checked.polygons, checked, frozen
        self._size_m2 = [ground_m2(shape) for shape in checked.shapes]

    def all_of(self, problems: Sequence[BoundaryProblem] | None) -> None:
        """Everything that can be done about some problems (None: about those that there are)."""
        for step in (self.make_valid, self.join, self.move, self.thread):
            step(self.now.problems if problems is None else problems)

    def make_valid(self, problems: Sequence[BoundaryProblem]) -> None:
        """Areas that are invalid, as `usable` makes them valid."""
        broken = {one.positions[0] for one in problems if one.kind == ProblemKind.INVALID}
        fine = {at: self.now.shapes[at] for at in sorted(broken) if not self.now.shapes[at].is_empty}
        self._take({at: shape for at, shape in fine.items() if self._is_small(at, shape)})

    def join(self, problems: Sequence[BoundaryProblem]) -> None:
        """Vertices that nearly are one, and vertices that nearly lie on an edge: all at once, or one by one."""
        near = [one for one in problems if one.kind == ProblemKind.T_JUNCTION and one.detail != "on_edge"]
        if near and not self._join(near) and 1 < len(near) <= _ONE_BY_ONE:
            for one in near:
                self._join([one])

    def _join(self, near: Sequence[BoundaryProblem]) -> bool:
        changed = joined(self.now.shapes, near)
        if not changed or not all(one.is_valid and self._is_small(at, one) for at, one in changed.items()):
            return False
        after = self.now.changed(changed)
        if len(after.problems) >= len(self.now.problems):  # a closed crack is one gap, and then mended
            return False
        self.now = after
        return True

    def move(self, problems: Sequence[BoundaryProblem]) -> None:
        """Gaps, overlaps and spills: each changes hands as a whole, or stays."""
        moves = [move for problem in problems if (move := self._move(problem)) is not None]
        moves = [move for move in moves if all(self._fits(at, ground_m2(move.place)) for at in move.parties)]
        while moves:
            over = self._too_much(moves)
            if not over:
                break
            moves = [move for move in moves if not move.parties & over]
        while moves:
            try:
                changed = after_moves(self._present(), moves)
            except EditRefused as refused:
                bad = {refused.data["position"]}
            else:
                bad = {at for at, one in changed.items() if not one.is_valid or not self._is_small(at, one)}
                if not bad:
                    self._take(changed)
                    return
            kept = [move for move in moves if not move.parties & bad]
            if len(kept) == len(moves):
                return
            moves = kept

    def thread(self, problems: Sequence[BoundaryProblem]) -> None:
        """Vertices of neighbours that an area lacks."""
        missing = defaultdict(list)
        for one in problems:
            if one.kind == ProblemKind.T_JUNCTION and one.detail == "on_edge":
                missing[one.positions[0]].append(to_steps(np.array([one.lon, one.lat])))
        threaded = {
            at: with_vertices(self.now.shapes[at], np.array(points)) for at, points in sorted(missing.items())
        }
        self._take({at: one for at, one in threaded.items() if one.is_valid})

    def _take(self, changed: Mapping[int, BaseGeometry]) -> None:
        if changed:
            self.now = self.now.changed(changed)

    def _present(self) -> dict[int, BaseGeometry]:
        return {at: shape for at, shape in enumerate(self.now.shapes) if not shape.is_empty}

    def _move(self, problem: BoundaryProblem) -> Move | None:
        what = problem.detail if problem.kind == ProblemKind.SLIVER else problem.kind.value
        if what == "gap":
            family = [at for at in problem.positions if problem.parent in (-1, self.now.parent_of[at])]
            to = self._longest_border(problem.place, family)
            return None if to is None else Move(problem.place, to)
        if what == "spill" and problem.detail != "outside":
            return Move(problem.place, None, frozenset(problem.positions))
        if what == "overlap":
            one, other = problem.positions
            to = self._more_its_own(problem.place, one, other)
            return None if to is None else Move(problem.place, to, frozenset({one, other} - {to}))
        return None

    def _longest_border(self, place: BaseGeometry, candidates: Sequence[int]) -> int | None:
        def shared(position: int) -> float:
            return round(way_m(_along(place.boundary, self.now.shapes[position])), 2)

        return max(candidates, key=lambda at: (shared(at), -at), default=None)

    def _more_its_own(self, place: BaseGeometry, one: int, other: int) -> int | None:
        """Which of two areas an overlap is more a part of: the longer border to the rest of it is inside."""
        inside = []
        for at in (one, other):
            parent = self.now.parent_of[at]
            if parent >= 0 and not shapely.intersects(
                self.now.parent_shapes[parent], place.representative_point()
            ):
                continue  # it would be a spill
            rest = shapely.difference(self.now.shapes[at], place)
            own_m = way_m(place) - way_m(_along(place.boundary, self.now.shapes[at]))
            # An area that lies in another whole keeps what it has: nothing else would be left of it.
            inside.append((np.inf if ground_m2(rest) < _SLACK_M2 else round(own_m, 2), -at))
        return -max(inside)[1] if inside else None

    def _too_much(self, moves: Sequence[Move]) -> set[int]:
        total: dict[int, float] = defaultdict(float)
        for move in moves:
            for at in move.parties:
                total[at] += ground_m2(move.place)
        return {at for at, moved in total.items() if not self._fits(at, moved)}

    def _fits(self, position: int, moved_m2: float) -> bool:
        return position not in self.frozen and moved_m2 <= MOVED_SHARE * self._size_m2[position]

    def _is_small(self, position: int, shape: BaseGeometry) -> bool:
        moved = difference_of([usable(self.original[position])], [shape])
        return all(self._fits(position, one.added_m2 + one.removed_m2 - _SLACK_M2) for one in moved)


def _given(
    polygons: Sequence[Area], place: BaseGeometry, position: int, losers: Iterable[int] | None
) -> dict[int, BaseGeometry]:
    shapes = {at: usable(one) for at, one in enumerate(polygons)}
    shapes = {at: shape for at, shape in shapes.items() if not shape.is_empty}
    place = usable(place)
    if position not in shapes:
        raise EditRefused(Refusal.NO_SUCH_AREA, position=position)
    if place.is_empty:
        raise EditRefused(Refusal.NOTHING_THERE)
    losing = {at for at, one in shapes.items() if one.intersects(place)} if losers is None else set(losers)
    changed = after_moves(shapes, [Move(place, position, frozenset(losing & shapes.keys()) - {position})])
    for at, one in changed.items():
        if not one.is_valid:  # thinner than the grid somewhere
            raise EditRefused(Refusal.INVALID, position=at, reason=faults(at, one)[0].detail)
    return changed


def _along(line: BaseGeometry, area: BaseGeometry) -> BaseGeometry:
    """What of a line runs along an area's border, to within a grid step."""
    west, south, east, north = line.bounds
    border = shapely.clip_by_rect(area.boundary, west - 1e-6, south - 1e-6, east + 1e-6, north + 1e-6)
    return shapely.intersection(line, border.buffer(_STEP_DEG, quad_segs=1))
