"""Two maps of the past compared: areas, ground that changed hands, findings that have another area."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from casework.area_history import PublicationLine, all_lines, read_day, used_levels
from casework.area_history_findings import Moved, moved_findings
from casework.area_timeline import BEFORE, Timeline, VersionOf, read_timeline, shapes_of
from casework.clock import day_of
from casework.errors import NotFound, mark
from casework.office import Office, the_city
from casework.policy import Actor
from db.models import Level
from db.session import Database
from geo.crs import area_m2
from geo.ground_exchange import Exchange, exchange

_KEPT: Final = 8
_kept: WeakKeyDictionary[Database, OrderedDict[tuple[object, ...], Exchange[int]]] = WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class AreaDifference:
    """An area on both sides: names and parent before and after (None: not there), and its sizes in square metres."""

    area_id: int
    code: str
    before: VersionOf | None
    after: VersionOf | None
    before_m2: float
    after_m2: float
    gained_m2: float
    lost_m2: float
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """Ground in square metres that went from one area (code, names) to another; None: nobody's."""

    before: VersionOf | None
    after: VersionOf | None
    area_m2: float


@dataclass(frozen=True, slots=True)
class LevelDifference:
    """What differs in one level: the areas, most ground first, and what went from whom to whom."""

    level: Level
    areas: list[AreaDifference]
    flows: list[Flow]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two maps compared, the earlier one first (None: before the first publication).

    ``between`` are the publications that lead from one to the other, ``moved`` the findings that have another area.
    """

    earlier: PublicationLine | None
    later: PublicationLine
    between: list[PublicationLine]
    levels: list[LevelDifference]
    all_levels: list[Level]
    level: Level | None
    lines: list[PublicationLine]
    moved: Moved
    moved_level: Level | None

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not any(one.areas for one in self.levels)


def difference(
    office: Office, actor: Actor, *, earlier: str = "", later: str = "", level: str = ""
) -> Difference:
    """Compare the maps of two publications (ids) or days (YYYY-MM-DD), in whichever order they are given.

    Without ``earlier`` it is the map before ``later``. Raises NotFound, Refused, NotSignedIn or Forbidden.
    """
    with office.database.read() as session:
        timeline = read_timeline(session)
        lines = all_lines(office, actor, session, timeline)
        first, last = positions(office, session, timeline, earlier, later)
        levels = used_levels(timeline)
        chosen = chosen_level(timeline, level)
        found = []
        for one in levels if chosen is None else [chosen]:
            made = _level_difference(office, session, timeline, one, first, last)
            if made.areas:
                found.append(made)
        finest = found[-1].level if found else None
        return Difference(
            earlier=lines[first] if first != BEFORE else None, later=lines[last], between=lines[first + 1 : last + 1],
            levels=found, all_levels=levels, level=chosen, lines=lines[::-1],
            moved=moved_findings(office, actor, session, timeline, finest, first, last), moved_level=finest,
        )  # fmt: skip


def positions(
    office: Office, session: Session, timeline: Timeline, earlier: str, later: str
) -> tuple[int, int]:
    """The two positions that are meant, in order of time. Raises NotFound where there is nothing to compare."""
    if not timeline.publications:
        raise NotFound(mark("No boundary has been published yet"))
    last = len(timeline.publications) - 1
    second = _position(office, session, timeline, later, "to") if later else last
    first = _position(office, session, timeline, earlier, "from") if earlier else second - 1
    first, second = sorted((first, second))
    if second == BEFORE:
        raise NotFound(mark("Nothing was in force on that day yet"))
    return first, second


def finest_changed(timeline: Timeline, level: str, first: int, last: int) -> Level | None:
    """The level whose difference the map shows: the one asked for, else the finest that differs."""
    if level:
        return chosen_level(timeline, level)
    for one in reversed(used_levels(timeline)):
        if {v.id for v in timeline.in_force(first, {one.id})} != {
            v.id for v in timeline.in_force(last, {one.id})
        }:
            return one
    return None


def exchange_between(
    office: Office, session: Session, timeline: Timeline, level: Level | None, first: int, last: int
) -> Exchange[int]:
    """What changed hands in a level between two positions, by area id.

    What was published stays as it was, so the page's answer is kept for the map that asks for the same.
    """
    if level is None:
        return exchange({}, {})
    sides = _sides(timeline, level, first, last)
    key = (level.id, *(tuple(sorted(one.id for one in side.values())) for side in sides))
    with _lock:
        kept = _kept.setdefault(office.database, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
    made = exchange(*_shapes(session, *sides))
    with _lock:
        kept[key] = made
        while len(kept) > _KEPT:
            kept.popitem(last=False)
    return made


def chosen_level(timeline: Timeline, code: str) -> Level | None:
    """The level with a code, None for no code. Raises NotFound."""
    found = next((one for one in timeline.levels if one.code == code), None)
    if code and found is None:
        raise NotFound(mark("There is no level with the code %(code)s"), {"code": code[:64]})
    return found


def _position(office: Office, session: Session, timeline: Timeline, text: str, field: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 16:
        position = timeline.position(int(text))
        if position is None:
            raise NotFound(mark("There is no such version"))
        return position
    timezone = the_city(session).timezone
    return timeline.on(read_day(text, field) or day_of(office.now(), timezone), timezone)


def _sides(
    timeline: Timeline, level: Level, first: int, last: int
) -> tuple[dict[int, VersionOf], dict[int, VersionOf]]:
    """The areas of a level at two positions, by id."""
    before, after = ({one.area_id: one for one in timeline.in_force(at, {level.id})} for at in (first, last))
    return before, after


def _level_difference(
    office: Office, session: Session, timeline: Timeline, level: Level, first: int, last: int
) -> LevelDifference:
    was, is_ = _sides(timeline, level, first, last)
    differing = {key for key in was.keys() | is_.keys() if was.get(key) != is_.get(key)}
    found = exchange_between(office, session, timeline, level, first, last)
    sizes = shapes_of(session, [side[key] for side in (was, is_) for key in differing if key in side])
    areas = []
    for key in differing:
        old, new = was.get(key), is_.get(key)
        areas.append(
            AreaDifference(
                key, (new or old).code, old, new,  # type: ignore[union-attr]
                area_m2(sizes[old.id]) if old else 0.0, area_m2(sizes[new.id]) if new else 0.0,
                found.gained_m2(key), found.lost_m2(key), _kinds(old, new, key in found.changed),
            )
        )  # fmt: skip
    areas = [one for one in areas if one.kinds]
    areas.sort(key=lambda one: (-(one.gained_m2 + one.lost_m2), one.code))
    flows = [Flow(was.get(_or_none(g.before)), is_.get(_or_none(g.after)), g.area_m2) for g in found.ground]
    return LevelDifference(level, areas, flows)


def _or_none(key: int | None) -> int:
    return -1 if key is None else key


def _shapes(
    session: Session, was: Mapping[int, VersionOf], is_: Mapping[int, VersionOf]
) -> tuple[dict[int, BaseGeometry], dict[int, BaseGeometry]]:
    """The shapes of both sides: where nothing differs there is nothing to read."""
    if was == is_:
        return {}, {}
    shapes = shapes_of(session, {one.id: one for side in (was, is_) for one in side.values()}.values())
    return {key: shapes[one.id] for key, one in was.items()}, {
        key: shapes[one.id] for key, one in is_.items()
    }


def _kinds(old: VersionOf | None, new: VersionOf | None, reshaped: bool) -> tuple[str, ...]:
    if old is None or new is None:
        return ("new",) if old is None else ("ended",)
    found = ["border"] if reshaped else []
    if (old.name_zh, old.name_en) != (new.name_zh, new.name_en):
        found.append("name")
    if old.parent_id != new.parent_id:
        found.append("parent")
    return tuple(found)
