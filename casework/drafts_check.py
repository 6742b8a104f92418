"""What is wrong with the map that a draft would put in force: where, how much, who is affected, and what would mend it.

``geo.boundaries`` finds it; here it gets its names, and whether it stands in the way of publishing. A city may live
with what already stood in the map in force: only what a draft brings in or makes worse blocks it.
"""

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from casework.drafts_map import DraftArea, DraftLevel, DraftMap, key_of
from geo.boundaries import BoundaryProblem, CheckedCoverage, ProblemKind
from geo.crs import area_m2

CODE_TAKEN: Final = "code_taken"
NO_LEADER: Final = "no_leader"
MOST: Final = 1_000
_KEPT: Final = 24
_GIVERS: Final = 6
_SAME_M2: Final = 1.0
_SAME_SHARE: Final = 0.01
_SAME_DEG: Final = 2e-7
_M_A_DEG: Final = 111_195.0

_checked: OrderedDict[tuple[Any, ...], CheckedCoverage] = OrderedDict()
_lock: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Fix:
    """A way to mend a problem: ``give`` it to an area, ``trim`` what spills, ``join`` borders, ``mend`` a shape."""

    act: str
    area: DraftArea | None = None

    @property
    def id(self) -> str:
        """How a request names it."""
        return f"{self.act}:{self.area.key}" if self.area else self.act


@dataclass(frozen=True, slots=True)
class DraftProblem:
    """One problem of a draft. ``found`` is what geography says of it; None for what is no matter of shapes.

    ``kind`` is a ``ProblemKind`` or CODE_TAKEN or NO_LEADER, ``detail`` says more of it. ``place`` is in WGS 84.
    """

    kind: str
    detail: str
    level: DraftLevel
    areas: tuple[DraftArea, ...]
    parent: DraftArea | None
    place: BaseGeometry
    lon: float
    lat: float
    area_m2: float
    length_m: float
    is_known: bool
    blocking: bool
    fixes: tuple[Fix, ...]
    found: BoundaryProblem | None = None

    @property
    def id(self) -> str:
        """The same for the same problem at the same place."""
        told = (self.kind, self.detail, str(self.level.level_id), *sorted(area.key for area in self.areas))
        where = shapely.to_wkb(shapely.normalize(self.place))
        return hashlib.sha256("|".join(told).encode() + where).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class CheckedLevel:
    """A level of a draft with its check: position in the check is position in ``areas`` (None: removed)."""

    level: DraftLevel
    areas: tuple[DraftArea, ...]
    parents: tuple[DraftArea, ...]
    checked: CheckedCoverage


def problems_of(session: Session, map_: DraftMap, led: Callable[[], set[int]]) -> list[DraftProblem]:
    """Everything that is wrong with the levels that a draft redraws and with those right below, blocking first.

    ``led`` gives the ids of the areas that have a leader.
    """
    where = str(session.get_bind().engine.url)
    found: list[DraftProblem] = []
    for level in map_.levels:
        if is_concerned(map_, level):
            found += _of_level(where, map_, level)
    found += _codes_taken(map_)
    found += _without_leader(map_, led)
    return sorted(found, key=lambda one: (not one.blocking, one.is_known, -one.area_m2))[:MOST]


def is_concerned(map_: DraftMap, level: DraftLevel) -> bool:
    """Whether a level is checked: the draft redraws it, or the areas that it lies in."""
    above = map_.level(level.in_force.parent_level_id)
    return level.editable or (above is not None and above.is_changed)


def checked_level(session: Session, map_: DraftMap, level: DraftLevel) -> CheckedLevel:
    """One level of a draft, checked."""
    return _checked_level(str(session.get_bind().engine.url), map_, level)


def _checked_level(where: str, map_: DraftMap, level: DraftLevel) -> CheckedLevel:
    parents = _parents(map_, level)
    base = _base(where, level, parents)
    position = {key_of(area.id): at for at, area in enumerate(level.in_force.areas)}
    at_parent = {one.key: at for at, one in enumerate(parents)}
    areas = {area.key: area for area in (*level.areas, *level.gone)}
    ordered = [areas[key] for key in position]
    changed: dict[int, BaseGeometry | None] = {position[one.key]: None for one in level.gone if one.was}
    added: list[DraftArea] = []
    for one in level.areas:
        if one.was is None or _parent_differs(one):
            added.append(one)
            if one.was is not None:
                changed[position[one.key]] = None
        elif one.geometry is not one.was.geometry:
            changed[position[one.key]] = one.geometry
    if changed or added:
        base = base.changed(
            changed, [(one.geometry, at_parent.get(one.parent_key or "", -1)) for one in added]
        )
    return CheckedLevel(level, (*ordered, *added), parents, base)


def _parent_differs(one: DraftArea) -> bool:
    was = key_of(one.was.parent_id) if one.was is not None and one.was.parent_id is not None else None
    return one.parent_key != was


def _parents(map_: DraftMap, level: DraftLevel) -> tuple[DraftArea, ...]:
    above = map_.level(level.in_force.parent_level_id)
    return above.areas if above is not None else ()


def _base(where: str, level: DraftLevel, parents: Sequence[DraftArea]) -> CheckedCoverage:
    """The check of a level as it is in force, within the parents as the draft has them; kept, since it is costly."""
    signature = tuple(
        (
            one.key,
            one.was.version_id if one.was and one.geometry is one.was.geometry else _digest(one.geometry),
        )
        for one in parents
    )
    key = (where, level.level_id, level.in_force.version, level.in_force.level_code, signature)
    with _lock:
        known = _checked.get(key)
        if known is not None:
            _checked.move_to_end(key)
            return known
    at = {one.key: position for position, one in enumerate(parents)}
    made = CheckedCoverage.of(
        [area.geometry for area in level.in_force.areas],
        parents=[one.geometry for one in parents],
        parent_of=[
            at.get(key_of(area.parent_id), -1) if area.parent_id is not None else -1
            for area in level.in_force.areas
        ],
    )
    with _lock:
        _checked[key] = made
        while len(_checked) > _KEPT:
            _checked.popitem(last=False)
    return made


def _digest(geometry: BaseGeometry) -> str:
    return hashlib.sha256(shapely.to_wkb(geometry)).hexdigest()


def _of_level(where: str, map_: DraftMap, level: DraftLevel) -> Iterator[DraftProblem]:
    now = _checked_level(where, map_, level)
    stood = _Stood(_in_force(where, map_, level))
    for problem in now.checked.problems:
        is_known = problem.kind is not ProblemKind.INVALID and stood.covers(problem)
        areas = tuple(now.areas[at] for at in problem.positions)
        yield DraftProblem(
            kind=problem.kind.value, detail=problem.detail, level=level, areas=areas,
            parent=now.parents[problem.parent] if problem.parent >= 0 else None, place=problem.place,
            lon=problem.lon, lat=problem.lat, area_m2=problem.area_m2, length_m=problem.length_m,
            is_known=is_known, blocking=not is_known, fixes=_fixes(problem, level, areas), found=problem,
        )  # fmt: skip


def _in_force(where: str, map_: DraftMap, level: DraftLevel) -> tuple[BoundaryProblem, ...]:
    """What is wrong with the level in the map in force."""
    above = map_.level(level.in_force.parent_level_id)
    parents = (
        [
            DraftArea(
                key_of(one.id),
                above.level_id,
                one.code,
                one.name_zh,
                one.name_en,
                None,
                one.rank,
                one.geometry,
                one,
            )
            for one in above.in_force.areas
        ]
        if above is not None
        else []
    )
    return _base(where, level, parents).problems


class _Stood:
    """The problems that already stood in the map in force."""

    def __init__(self, problems: Sequence[BoundaryProblem]) -> None:
        self._kinds = [_nature(one) for one in problems]
        self._places = np.asarray([one.place for one in problems], dtype=object)
        self._exact = {_mark(one) for one in problems}
        self._tree = shapely.STRtree(self._places)

    def covers(self, problem: BoundaryProblem) -> bool:
        """Whether a problem was there already, and is no worse now."""
        if _mark(problem) in self._exact:
            return True
        if problem.place.is_empty or not len(self._places):
            return False
        near = self._tree.query(problem.place, predicate="dwithin", distance=_SAME_DEG).tolist()
        wanted = _nature(problem)
        same = [
            self._places[i]
            for i in near
            if self._kinds[i] == wanted or (self._kinds[i], wanted) == ("uncovered", "gap")
        ]
        if not same:
            return False
        if problem.place.area == 0:
            return True
        left = shapely.difference(problem.place, shapely.union_all(same))
        return area_m2(left) < max(_SAME_M2, _SAME_SHARE * problem.area_m2)


def _mark(problem: BoundaryProblem) -> tuple[Any, ...]:
    return (
        problem.kind,
        problem.detail,
        round(problem.lon, 7),
        round(problem.lat, 7),
        round(problem.area_m2, 3),
    )


def _nature(problem: BoundaryProblem) -> str:
    """What a problem is in truth: a sliver is a thin gap, overlap or spill."""
    return problem.detail if problem.kind is ProblemKind.SLIVER else problem.kind.value


def _fixes(problem: BoundaryProblem, level: DraftLevel, areas: Sequence[DraftArea]) -> tuple[Fix, ...]:
    if not level.editable:
        return ()
    nature = _nature(problem)
    if nature in {"gap", "overlap", "duplicate"}:
        return tuple(Fix("give", one) for one in dict.fromkeys(areas[:_GIVERS]))
    if nature == "spill":
        return tuple(Fix("trim", one) for one in areas[:1])
    if nature == "t_junction":
        return (Fix("join"),)
    return (Fix("mend"),) if nature in {"invalid", "area"} else ()


def _codes_taken(map_: DraftMap) -> Iterator[DraftProblem]:
    for level in map_.levels:
        seen: dict[str, DraftArea] = {}
        for one in (*level.areas, *level.gone):
            other = seen.setdefault(one.code, one)
            if other is not one:
                yield _about(CODE_TAKEN, level, (one, other), blocking=True)


def _without_leader(map_: DraftMap, led: Callable[[], set[int]]) -> Iterator[DraftProblem]:
    in_use = [level for level in map_.levels if level.areas]
    if not in_use or not in_use[-1].editable:
        return
    known = led()
    for one in in_use[-1].areas:
        if one.area_id not in known:
            yield _about(NO_LEADER, in_use[-1], (one,), blocking=False)


def _about(kind: str, level: DraftLevel, areas: tuple[DraftArea, ...], *, blocking: bool) -> DraftProblem:
    """What is no matter of shapes: its place is a point in the (first) area, its size that area's, roughly."""
    shape = areas[0].geometry
    point = shapely.point_on_surface(shape)
    size_m2 = shape.area * _M_A_DEG**2 * math.cos(math.radians(point.y))
    return DraftProblem(
        kind=kind, detail="", level=level, areas=areas, parent=None, place=point, lon=point.x, lat=point.y,
        area_m2=size_m2, length_m=0.0, is_known=not blocking, blocking=blocking, fixes=(),
    )  # fmt: skip
