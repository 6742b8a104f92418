"""Which findings have another area in one map than in another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy
from casework.area_timeline import BEFORE, Timeline
from casework.map_names import Pair, read_names
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.scope import scope_of
from casework.status import display_key
from casework.time_limits import time_rules
from db.models import Assignment, Finding, Level

LISTED: Final = 200
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class MovedFinding:
    """A finding with the area (id; None: none) that it had and the one that it got."""

    id: int
    number: str
    key: str
    category: Pair
    place: str
    lon: float
    lat: float
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Moved:
    """How many findings have another area, and the first of them that this actor may see."""

    count: int
    rows: list[MovedFinding]
    hidden: int


def moved_findings(
    office: Office,
    actor: Actor,
    session: Session,
    timeline: Timeline,
    level: Level | None,
    first: int,
    last: int,
) -> Moved:
    """The findings of a level that moved between two positions of the timeline, closed ones included as they were then.

    Titles are listed to who may see the cases; on a public map to everybody, as on the map itself.
    """
    if level is None or first == BEFORE or first >= last:
        return Moved(0, [], 0)
    begin, end = timeline.publications[first + 1].at, timeline.publications[last].at
    superseded = session.execute(
        select(Assignment.finding_id, Assignment.area_id, Assignment.valid_from, Assignment.valid_to).where(
            Assignment.level_id == level.id, Assignment.valid_to >= begin
        )
    ).all()
    before = {row.finding_id: row.area_id for row in superseded if row.valid_from < begin}
    if not before:
        return Moved(0, [], 0)
    after = _current(session, level.id, before)
    after |= {
        row.finding_id: row.area_id
        for row in superseded
        if row.finding_id in before and row.valid_from <= end < row.valid_to
    }
    ids = sorted(one for one in before if one in after and after[one] != before[one])
    rows = _described(office, actor, session, ids, before, after)
    return Moved(len(ids), rows[:LISTED], len(ids) - len(rows))


def _current(session: Session, level_id: int, wanted: Iterable[int]) -> dict[int, int | None]:
    ids, found = sorted(wanted), {}
    for start in range(0, len(ids), _CHUNK):
        rows = session.execute(
            select(Assignment.finding_id, Assignment.area_id).where(
                Assignment.finding_id.in_(ids[start : start + _CHUNK]), Assignment.level_id == level_id,
                Assignment.valid_to.is_(None),
            )
        )  # fmt: skip
        found.update({row.finding_id: row.area_id for row in rows})
    return found


def _described(
    office: Office,
    actor: Actor,
    session: Session,
    ids: list[int],
    before: dict[int, Any],
    after: dict[int, Any],
) -> list[MovedFinding]:
    names, now, rules = read_names(session), office.now(), time_rules(session)
    public = policy.map_is_public(office.settings.public_map, is_demo=the_city(session).is_demo)
    scope = None if public else scope_of(session, actor)
    policy.require(actor, Act.VIEW_MAP, public_map=public)
    found = []
    for start in range(0, len(ids), _CHUNK):
        rows = session.scalars(select(Finding).where(Finding.id.in_(ids[start : start + _CHUNK])))
        found += [
            MovedFinding(
                one.id, one.number,
                display_key(one.status, one.due_at, now, rules.warn_at(one.category_id, one.due_at)),
                names.categories[one.category_id].pair,
                one.place, one.lon, one.lat, before[one.id], after[one.id],
            )
            for one in rows
            if scope is None or scope.sees(one)
        ]  # fmt: skip
    return found
