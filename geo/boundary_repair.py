"""Proposals that mend boundaries: shown as differences, applied by whoever accepts them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import shapely
from shapely.geometry.base import BaseGeometry

from geo.border_shapes import covered_by
from geo.boundary_check import Area, CheckedCoverage
from geo.boundary_difference import Difference, difference_of
from geo.boundary_faces import noded
from geo.boundary_grid import Edges, edges_of
from geo.boundary_invalid import usable
from geo.boundary_problems import BoundaryProblem, ProblemKind
from geo.boundary_refusals import EditRefused, Refusal
from geo.crs import area_m2, length_m

MOVED_SHARE = 0.005
"""A proposal that adds to an area or takes from it more than this share of its size is not made."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A proposal: the areas as they would be, what each gains and loses, and the problems that stay."""

    polygons: list[Area]
    differences: list[Difference]
    unrepaired: list[BoundaryProblem] = field(default_factory=list)


def gap_into(polygons: Sequence[Area], gap: BaseGeometry, position: int) -> dict[int, BaseGeometry]:
    """Give a gap to an area. Returns what changed, by position: the area, and neighbours that get vertices."""
    return _given(polygons, gap, position, ())


def overlap_to(
    polygons: Sequence[Area], overlap: BaseGeometry, position: int, losers: Iterable[int] | None = None
) -> dict[int, BaseGeometry]:
    """Give an overlap to one area; the others (or only `losers`) lose it. Returns what changed, by position."""
    if losers is None:
        losers = [at for at, one in enumerate(polygons) if at != position and one is not None]
    return _given(polygons, overlap, position, losers)


def repair(
    polygons: Sequence[Area],
    *,
    parents: Sequence[Area] = (),
    parent_of: Sequence[int] | None = None,
    problems: Sequence[BoundaryProblem] | None = None,
) -> Repair:
    """A proposal that mends what can be mended without moving more than 0.5 % of any area."""
    checked = CheckedCoverage.of(polygons, parents=parents, parent_of=parent_of)
    now: list[Area] = list(polygons)
    for problem in checked.problems if problems is None else problems:
        changes = _mended(now, problem)
        if changes and all(_is_small(polygons[at], one) for at, one in changes.items()):
            for at, one in changes.items():
                now[at] = one
    after = CheckedCoverage.of(now, parents=parents, parent_of=parent_of)
    return Repair(now, difference_of(polygons, now), list(after.problems))


def _mended(polygons: list[Area], problem: BoundaryProblem) -> dict[int, BaseGeometry]:
    if problem.kind == ProblemKind.INVALID:
        shape = usable(polygons[problem.positions[0]])
        return {} if shape.is_empty else {problem.positions[0]: shape}
    what = problem.detail if problem.kind == ProblemKind.SLIVER else problem.kind.value
    try:
        if what == "gap" and problem.positions:
            return gap_into(polygons, problem.place, _longest_border(polygons, problem))
        if what == "overlap":
            winner = _longest_border(polygons, problem)
            return overlap_to(polygons, problem.place, winner, set(problem.positions) - {winner})
    except EditRefused:
        return {}
    return {}


def _longest_border(polygons: Sequence[Area], problem: BoundaryProblem) -> int:
    """The area that shares the longest border with a place; of equals the first."""
    edge = problem.place.boundary

    def shared(position: int) -> float:
        return length_m(shapely.intersection(edge, usable(polygons[position]).boundary))

    return max(problem.positions, key=lambda position: (round(shared(position), 3), -position))


def _is_small(before: Area, after: BaseGeometry) -> bool:
    own = area_m2(usable(before))
    moved = sum(one.added_m2 + one.removed_m2 for one in difference_of([before], [after]))
    return moved <= MOVED_SHARE * own


def _given(
    polygons: Sequence[Area], place: BaseGeometry, position: int, losers: Iterable[int]
) -> dict[int, BaseGeometry]:
    if not 0 <= position < len(polygons) or polygons[position] is None:
        raise EditRefused(Refusal.NO_SUCH_AREA, position=position)
    losing = set(losers)
    shape = usable(place)
    if shape.is_empty:
        raise EditRefused(Refusal.NOTHING_THERE)
    return _rebuilt(polygons, shape, {position: 1} | dict.fromkeys(losing - {position}, -1))


def _rebuilt(polygons: Sequence[Area], place: BaseGeometry, turns: dict[int, int]) -> dict[int, BaseGeometry]:
    box = shapely.box(*place.bounds).buffer(2e-7)
    near = [at for at, one in enumerate(polygons) if one is not None and one.intersects(box)]
    shapes = [usable(polygons[at]) for at in near]
    edges = edges_of([*shapes, place], [*near, -1])
    cut = noded(edges).edges
    whole = cut.take(cut.owner == -1)
    changed = {}
    for at, shape in zip(near, shapes, strict=True):
        own = cut.take(cut.owner == at)
        if turns.get(at, 0) > 0:
            own = Edges.joined([own, whole])
        elif turns.get(at, 0) < 0:
            own = Edges.joined([own, whole.reversed()])
        new = covered_by(own)
        if new.is_empty:
            raise EditRefused(Refusal.NOTHING_LEFT, position=at)
        if not shapely.equals_exact(shapely.normalize(new), shapely.normalize(shape)):
            changed[at] = new
    return changed
