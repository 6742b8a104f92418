"""How often the plane is covered: gaps, overlaps, spills and joints from what the edges of a level leave over."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from itertools import combinations
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.boundary_faces import Faces, faces_between, in_degrees, left_over_pieces, noded
from geo.boundary_grid import STEPS, Edges, to_steps
from geo.boundary_joints import joints
from geo.boundary_leftovers import ALL, Leftovers, Level
from geo.boundary_problems import BoundaryProblem, ProblemKind, areal

_DUST_STEPS = 1.0  # what clipping with unrounded edges leaves along them is thinner than a grid step
_DUPLICATE_SHARE = 0.99
_AT_DEG = 1.5e-7


class Memo:
    """What was worked out for faces before: a change leaves most of them as they are."""

    def __init__(self, before: "Memo | None" = None) -> None:
        self._before: dict[Hashable, Any] = {} if before is None else before._now
        self._now: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What was made for this key before, or is made now; what nobody asks for again is forgotten."""
        if key not in self._now:
            self._now[key] = self._before[key] if key in self._before else make()
        return self._now[key]

    def closed(self) -> "Memo":
        """No more is asked: let go of what was not needed."""
        self._before = {}
        return self


def coverage_problems(level: Level, left: Leftovers, memo: Memo) -> list[BoundaryProblem]:
    """Gaps, overlaps, duplicates, spills, uncovered parents and T-junctions of one level."""
    cut = noded(left.edges)
    chains = left.chains[cut.source]
    kept = left_over_pieces(cut.edges, chains)
    pieces, chains = cut.edges.take(kept), chains[kept]
    faces = faces_between(pieces, chains)
    found = _Covering(level, faces, pieces, memo)
    problems = [*found.gaps(), *found.overlaps(), *found.spills(), *_uncovered(level, memo)]
    loud = np.zeros(len(faces.levels) + 1, dtype=bool)  # the last is the outside (-1)
    loud[list(found.problem_faces)] = True
    outline = pieces.take((chains == ALL) & ~(loud[faces.left] | loud[faces.right])[faces.group])
    met = joints(level.edges, left.edges.take(left.chains == ALL), cut, left.chains, outline)
    return [*problems, *_unexplained(met, problems)]


def _unexplained(
    met: Iterable[BoundaryProblem], problems: list[BoundaryProblem]
) -> Iterator[BoundaryProblem]:
    """T-junctions, without those at the corners of an overlap of the same two areas: that is told already."""
    overlaps: dict[frozenset[int], list[BaseGeometry]] = defaultdict(list)
    for one in problems:
        if one.kind in (ProblemKind.OVERLAP, ProblemKind.DUPLICATE) or one.detail == "overlap":
            overlaps[frozenset(one.positions)].append(one.place)
    for joint in met:
        if joint.detail == "near_vertex":
            yield joint
            continue
        lacking, *others = joint.positions
        point = shapely.Point(joint.lon, joint.lat)
        left = [
            other
            for other in others
            if not any(
                shapely.dwithin(point, place, _AT_DEG)
                for place in overlaps.get(frozenset({lacking, other}), ())
            )
        ]
        if left:
            yield replace(joint, positions=(lacking, *left))


class _Covering:
    """What the faces say about the areas."""

    def __init__(self, level: Level, faces: Faces, pieces: Edges, memo: Memo) -> None:
        self.level, self.faces, self.pieces, self.memo = level, faces, pieces, memo
        self.problem_faces: set[int] = set()
        self._boxes = shapely.bounds(np.array(level.shapes, dtype=object)).reshape(-1, 4) * STEPS
        self._in_steps: dict[int, BaseGeometry] = {}
        self._borders = faces.borders()

    def gaps(self) -> Iterator[BoundaryProblem]:
        """Faces that no area covers: within a parent, or where there is none, enclosed by areas."""
        for face, cover in enumerate(self.faces.levels):
            if cover.get(ALL, 0) != 0:
                continue
            missed = [chain - 1 for chain, times in cover.items() if times < 0]
            around = self.pieces.owner[self._borders[face]]
            owners = tuple(sorted({int(one) for one in around if one >= 0}))
            if not missed and not any(self.level.parent_of[one] < 0 for one in owners):
                continue
            self.problem_faces.add(face)
            detail = "parent" if missed else "enclosed"
            for parent in missed or [-1]:
                yield self._areal(ProblemKind.GAP, owners, self.faces.shapes[face], detail, parent)

    def overlaps(self) -> Iterator[BoundaryProblem]:
        """What two areas cover, pair by pair, each connected part by itself."""
        shared: dict[tuple[int, int], list[BaseGeometry]] = defaultdict(list)
        for face, cover in enumerate(self.faces.levels):
            if cover.get(ALL, 0) >= 2:
                self.problem_faces.add(face)
                for pair, place in self._remembered(face, self._pairs, cover[ALL]):
                    shared[pair].append(place)
        copies: set[int] = set()
        for (one, other), places in sorted(shared.items()):
            whole = shapely.union_all(places)
            own = [self._shape(position).area for position in (one, other)]
            if whole.area >= _DUPLICATE_SHARE * max(own):
                if one in copies:
                    continue  # of three that are the same, the second and the third are told as copies of the first
                copies.add(other)
                same = shapely.equals(self._shape(one), self._shape(other))
                yield self._areal(ProblemKind.DUPLICATE, (one, other), whole, "equal" if same else "nearly")
                continue
            detail = "contained" if whole.area >= (1 - 1e-9) * min(own) else "partial"
            for part in _parts(whole):
                yield self._areal(ProblemKind.OVERLAP, (one, other), part, detail)

    def spills(self) -> Iterator[BoundaryProblem]:
        """What of an area lies outside its parent."""
        beyond: dict[int, list[BaseGeometry]] = defaultdict(list)
        for face, cover in enumerate(self.faces.levels):
            for chain, times in cover.items():
                if chain != ALL and times >= 1:
                    alone = times == 1 and cover.get(ALL, 0) == 1
                    for position, place in self._remembered(face, self._beyond, chain - 1, alone):
                        self.problem_faces.add(face)
                        beyond[position].append(place)
        for position, places in sorted(beyond.items()):
            whole, own = shapely.union_all(places), self._shape(position).area
            detail = "outside" if whole.area >= (1 - 1e-9) * own else "partial"
            for part in _parts(whole):
                yield self._areal(
                    ProblemKind.SPILL, (position,), part, detail, self.level.parent_of[position]
                )

    def _areal(
        self,
        kind: ProblemKind,
        positions: tuple[int, ...],
        shape: BaseGeometry,
        detail: str,
        parent: int = -1,
    ) -> BoundaryProblem:
        def make() -> BoundaryProblem:
            return areal(kind, positions, in_degrees(np.array([shape]))[0], detail=detail, parent=parent)

        problem: BoundaryProblem = self.memo.get((kind, positions, detail, parent, _digest(shape)), make)
        return problem

    def _remembered(
        self, face: int, make: Callable[..., Iterator[tuple[Any, BaseGeometry]]], *more: Any
    ) -> Any:
        """What a function makes of a face, as long as the areas near it are the same."""
        shape = self.faces.shapes[face]
        near = self._near(shape)
        shapes = [self.level.shapes[at] for at in near]
        shapes += [self.level.parents[at] for at in {self.level.parent_of[one] for one in near} if at >= 0]
        # The shapes are remembered too: their ids must not be given to others meanwhile.
        key = (make.__name__, more, _digest(shape), tuple(near), tuple(id(one) for one in shapes))
        return self.memo.get(key, lambda: (shapes, list(make(shape, near, *more))))[1]

    def _beyond(
        self, shape: BaseGeometry, near: list[int], parent: int, alone: bool
    ) -> Iterator[tuple[int, BaseGeometry]]:
        clips = self._clips(shape, [one for one in near if self.level.parent_of[one] == parent])
        solid = [one for one, clip in clips.items() if clip.area >= 0.5 * shape.area]
        if alone and len(solid) == 1 and len(clips) == 1:  # nobody else is there: all of the face is theirs
            yield solid[0], shape
            return
        outside = shape
        if not alone:
            outside = _polygons(_overlaid(shapely.difference, shape, _steps(self.level.parents[parent])))
        for one, clip in clips.items():
            place = _solid(_overlaid(shapely.intersection, clip, outside))
            if not place.is_empty:
                yield one, place

    def _pairs(
        self, shape: BaseGeometry, near: list[int], times: int
    ) -> Iterator[tuple[tuple[int, int], BaseGeometry]]:
        clips = self._clips(shape, near)
        solid = sorted(one for one, clip in clips.items() if clip.area >= 0.5 * shape.area)
        if len(solid) == times and len(clips) == times:
            for pair in combinations(solid, 2):
                yield pair, shape
            return
        for one, other in combinations(sorted(clips), 2):
            place = _solid(_overlaid(shapely.intersection, clips[one], clips[other]))
            if not place.is_empty:
                yield (one, other), place

    def _clips(self, shape: BaseGeometry, candidates: list[int]) -> dict[int, BaseGeometry]:
        """What of a face lies in each area, where it is more than arithmetic."""
        clips = {
            one: _polygons(_overlaid(shapely.intersection, shape, self._shape(one))) for one in candidates
        }
        thin = min(_DUST_STEPS, 0.5 * _width(shape))
        return {
            one: clip for one, clip in clips.items() if _width(clip) > thin or clip.area >= 0.5 * shape.area
        }

    def _near(self, shape: BaseGeometry) -> list[int]:
        west, south, east, north = shape.bounds
        boxes = self._boxes
        near = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        positions: list[int] = np.flatnonzero(near).tolist()
        return positions

    def _shape(self, position: int) -> BaseGeometry:
        if position not in self._in_steps:
            self._in_steps[position] = _steps(self.level.shapes[position])
        return self._in_steps[position]


def _uncovered(level: Level, memo: Memo) -> Iterator[BoundaryProblem]:
    """Parents without any area, where areas have parents at all."""
    if not len(level.parents):
        return
    for parent in sorted(set(range(len(level.parents))) - level.families):
        if not level.parents[parent].is_empty:
            yield memo.get(
                (ProblemKind.UNCOVERED, parent),
                partial(areal, ProblemKind.UNCOVERED, (), level.parents[parent], detail="", parent=parent),
            )


def _overlaid(operation: Callable[..., BaseGeometry], one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """An overlay in grid steps; where floating point fails, on the grid itself."""
    try:
        return operation(one, other)
    except shapely.errors.GEOSException:
        return operation(shapely.make_valid(one), shapely.make_valid(other), grid_size=1.0)


def _digest(shape: BaseGeometry) -> bytes:
    return blake2b(shape.wkb, digest_size=16).digest()


def _steps(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(geometry, lambda xy: to_steps(xy).astype(np.float64))


def _width(geometry: BaseGeometry) -> float:
    return float(2 * geometry.area / geometry.length) if geometry.length else 0.0


def _solid(geometry: BaseGeometry) -> BaseGeometry:
    """Its polygons that are more than arithmetic, on the grid."""
    parts = [part for part in _parts(geometry) if _width(part) > _DUST_STEPS]
    rounded = shapely.transform(shapely.MultiPolygon(parts), np.rint)
    return (
        rounded if rounded.is_valid else shapely.make_valid(rounded, method="structure", keep_collapsed=False)
    )


def _polygons(geometry: BaseGeometry) -> BaseGeometry:
    """Only its polygons: GEOS cannot intersect collections."""
    return shapely.MultiPolygon(_parts(geometry).tolist())


def _parts(geometry: BaseGeometry) -> NDArray[np.object_]:
    flat = shapely.get_parts(shapely.get_parts(geometry))
    return np.asarray(flat[shapely.get_type_id(flat) == 3], dtype=object)
