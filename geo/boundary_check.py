"""Checking the boundaries of a level: everything that is wrong with them at once, each with its place and size."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo.boundary_coverage import Memo, coverage_problems
from geo.boundary_grid import NO_EDGES, Edges, edges_of
from geo.boundary_invalid import faults, usable
from geo.boundary_leftovers import Leftovers, Level
from geo.boundary_problems import (
    SLIVER_WIDTH_M,
    BoundaryProblem,
    ProblemKind,
    areal,
    in_order,
    mean_width_m,
)
from geo.boundary_sizes import ground_m2, way_m

Area = BaseGeometry | None


def check(
    polygons: Sequence[Area], *, parents: Sequence[Area] = (), parent_of: Sequence[int] | None = None
) -> list[BoundaryProblem]:
    """Everything that is wrong with the areas of one level, in one list.

    `polygons`: (multi)polygons in WGS 84, compared on the 1e-7° grid (None: not there); `parents`: those one level
    up, `parent_of[i]` the position of area i's parent or -1. With parents, what no area covers is a gap wherever a
    parent is (that has areas), and nowhere else; without, wherever areas enclose it. Without `parent_of` an area's
    parent is the one that its middle lies in. A parent need not have the vertices of its areas. Raises `ValueError`
    when `parent_of` does not fit.
    """
    return list(CheckedCoverage.of(polygons, parents=parents, parent_of=parent_of).problems)


@dataclass(frozen=True, slots=True)
class _Checked:
    """An area by itself: as given, what can be used of it, its edges, and what is wrong with it alone."""

    given: Area
    shape: BaseGeometry
    edges: Edges
    problems: tuple[BoundaryProblem, ...]


@dataclass(frozen=True, slots=True)
class CheckedCoverage:
    """A level that was checked, and can be checked again quickly after changes. Never altered."""

    problems: tuple[BoundaryProblem, ...]
    _areas: tuple[_Checked, ...]
    _parents: tuple[_Checked, ...]
    _parent_of: tuple[int, ...]
    _level: Level
    _left: Leftovers
    _memo: Memo

    @classmethod
    def of(
        cls, polygons: Sequence[Area], *, parents: Sequence[Area] = (), parent_of: Sequence[int] | None = None
    ) -> "CheckedCoverage":
        """Check everything. Arguments as for `check`."""
        parent_of = _within(polygons, parents) if parent_of is None else tuple(int(one) for one in parent_of)
        if len(parent_of) != len(polygons):
            raise ValueError(f"parent_of has {len(parent_of)} entries for {len(polygons)} areas")
        if any(not -1 <= one < len(parents) for one in parent_of):
            raise ValueError(f"parent_of names a parent that is not among the {len(parents)} parents")
        areas = tuple(_alone(at, one) for at, one in enumerate(polygons))
        above = tuple(_alone(-1 - at, one) for at, one in enumerate(parents))
        level = _level(areas, above, parent_of)
        return cls._checked(areas, above, level, Leftovers.of(level), Memo())

    @property
    def polygons(self) -> list[Area]:
        """The areas as they were given."""
        return [one.given for one in self._areas]

    @property
    def shapes(self) -> list[BaseGeometry]:
        """What of each area is usable: valid, on the grid, possibly empty."""
        return [one.shape for one in self._areas]

    @property
    def parent_shapes(self) -> list[BaseGeometry]:
        """The same of the parents."""
        return [one.shape for one in self._parents]

    @property
    def parent_of(self) -> tuple[int, ...]:
        """The position of each area's parent, or -1."""
        return self._parent_of

    def changed(
        self, polygons: Mapping[int, Area], added: Sequence[tuple[Area, int]] = ()
    ) -> "CheckedCoverage":
        """The coverage with some areas redrawn (None: taken away, its position stays empty) and some added.

        `added`: polygons with the position of their parent or -1; they get the next positions. The problems are
        those of a full check. Raises `ValueError` for a position or parent that is not there.
        """
        areas, parent_of = list(self._areas), list(self._parent_of)
        for position, polygon in polygons.items():
            if not 0 <= position < len(areas):
                raise ValueError(f"there is no area at position {position}")
            areas[position] = _alone(position, polygon)
        for polygon, parent in added:
            if not -1 <= parent < len(self._parents):
                raise ValueError(f"there is no parent at position {parent}")
            areas.append(_alone(len(areas), polygon))
            parent_of.append(parent)
        level = _level(areas, self._parents, parent_of)
        concerned = {*polygons, *range(len(self._areas), len(areas))}
        left = self._left.changed(self._level, level, concerned)
        return self._checked(tuple(areas), self._parents, level, left, Memo(self._memo))

    @classmethod
    def _checked(
        cls,
        areas: tuple[_Checked, ...],
        parents: tuple[_Checked, ...],
        level: Level,
        left: Leftovers,
        memo: Memo,
    ) -> "CheckedCoverage":
        problems = [problem for one in areas for problem in one.problems] + coverage_problems(
            level, left, memo
        )
        return cls(
            tuple(in_order(problems)), areas, parents, tuple(level.parent_of), level, left, memo.closed()
        )


def _within(polygons: Sequence[Area], parents: Sequence[Area]) -> tuple[int, ...]:
    """The parent that the middle of each area lies in, -1 where none."""
    found = []
    shapes = [usable(parent) for parent in parents]
    for polygon in polygons:
        shape = usable(polygon) if shapes else shapely.MultiPolygon()
        middle = shape.representative_point()
        around = (at for at, parent in enumerate(shapes) if not shape.is_empty and parent.intersects(middle))
        found.append(next(around, -1))
    return tuple(found)


def _level(areas: Sequence[_Checked], parents: Sequence[_Checked], parent_of: Sequence[int]) -> Level:
    return Level(
        [one.shape for one in areas], [one.edges for one in areas],
        [one.shape for one in parents], [one.edges for one in parents], parent_of,
    )  # fmt: skip


_GONE = _Checked(None, shapely.MultiPolygon(), NO_EDGES, ())


def _alone(position: int, polygon: Area) -> _Checked:
    """An area or a parent by itself (a parent's faults are not this level's)."""
    if polygon is None:
        return _GONE
    shape = usable(polygon)
    problems = [] if position < 0 else [*faults(position, polygon), *_thin_parts(position, shape)]
    return _Checked(polygon, shape, edges_of([shape], [position]), tuple(problems))


def _thin_parts(position: int, shape: BaseGeometry) -> Iterator[BoundaryProblem]:
    for part in shapely.get_parts(shape):
        if part.is_empty or 2 * part.area / part.length * 111_000 > 10 * SLIVER_WIDTH_M:
            continue  # far from thin, in degrees already; geodesics take time
        if mean_width_m(ground_m2(part), way_m(part)) < SLIVER_WIDTH_M:
            yield areal(ProblemKind.SLIVER, (position,), part, detail="area")
