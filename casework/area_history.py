"""The history of boundaries: every publication with who, when and why; the map as it was; restoring one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from casework import drafts, policy
from casework.area_timeline import BEFORE, LevelChange, Timeline, VersionOf, read_timeline, shapes_of
from casework.clock import day_of
from casework.errors import NotFound, Refused, mark
from casework.map_names import Pair
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.responsibility_people import names_of_users
from db.models import Level, Publication
from geo.crs import area_m2


@dataclass(frozen=True, slots=True)
class PublicationLine:
    """A publication as the list shows it. ``day`` is the city's. ``note`` and ``by`` are empty for whom they are not.

    ``changes`` says what it did to each level; ``number`` counts from 1, oldest first; ``restored`` is the id and
    number of the publication whose map it brought back.
    """

    id: int
    number: int
    at: datetime
    day: date
    note: str
    kind: str
    by: Pair | None
    restored: tuple[int, int] | None
    draft_id: int | None
    findings_moved: int
    bureaus_changed: int
    changes: list[tuple[Pair, LevelChange]]
    is_latest: bool

    @property
    def areas(self) -> int:
        """How many areas it touched."""
        return sum(change.count for _level, change in self.changes)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """The publications that fit the filters, newest first, and the one that the map shows.

    ``shown`` is a position in the whole timeline (BEFORE: nothing was in force yet); ``day`` is the day asked for.
    """

    lines: list[PublicationLine]
    total: int
    levels: list[Level]
    level: Level | None
    area: VersionOf | None
    shown: int
    shown_line: PublicationLine | None
    day: date
    first_day: date | None
    today: date
    may_draw: bool


@dataclass(frozen=True, slots=True)
class AreaMoment:
    """One version of one area on its own page: what it brought and how large the area was, in square metres."""

    version: VersionOf
    publication: PublicationLine | None
    kinds: tuple[str, ...]
    area_m2: float
    change_m2: float


def history_page(
    office: Office, actor: Actor, *, level: str = "", area: str = "", on: str = "", publication: str = ""
) -> HistoryPage:
    """The list and what the map shows: after ``publication`` (id), else on the day ``on`` (YYYY-MM-DD), else now.

    ``level`` and ``area`` (codes) keep the publications that changed them. Raises NotFound, Refused for a day that
    is none, NotSignedIn or Forbidden.
    """
    now = office.now()
    with office.database.read() as session:
        shows_notes, is_staff = allowed(office, actor, session)
        timeline, timezone = read_timeline(session), the_city(session).timezone
        chosen = _level(timeline, level)
        found = _area(timeline, chosen, area)
        today = day_of(now, timezone)
        day, shown = asked(timeline, on, publication, today, timezone)
        lines = _lines(session, timeline, timezone, notes=shows_notes, staff=is_staff)
        positions = timeline.positions_of(
            chosen.id if chosen else None, {one.area_id for one in found} or None
        )
        return HistoryPage(
            lines=[lines[at] for at in reversed(positions)],
            total=len(lines),
            levels=used_levels(timeline),
            level=chosen,
            area=found[-1] if found else None,
            shown=shown,
            shown_line=lines[shown] if shown != BEFORE else None,
            day=day,
            first_day=lines[0].day if lines else None,
            today=today,
            may_draw=policy.may(actor, Act.DRAW_AREAS),
        )


def area_moments(office: Office, actor: Actor, area_id: int) -> list[AreaMoment]:
    """The versions of one area, newest first. Raises NotSignedIn or Forbidden."""
    with office.database.read() as session:
        timeline = read_timeline(session)
        lines = all_lines(office, actor, session, timeline)
        versions = sorted(
            (one for one in timeline.versions if one.area_id == area_id), key=lambda one: one.start
        )
        shapes = shapes_of(session, versions)
    found: list[AreaMoment] = []
    before: VersionOf | None = None
    for one in versions:
        size = area_m2(shapes[one.id])
        last = found[-1].area_m2 if found else 0.0
        line = lines[one.start] if 0 <= one.start < len(lines) else None
        found.append(AreaMoment(one, line, _kinds(before, one, shapes), size, size - last if before else 0.0))
        before = one
    return found[::-1]


def restore(office: Office, actor: Actor, publication_id: int, level: str = "", title: str = "") -> int:
    """Begin a draft that brings back the map as it was after a publication, or one level (code) of it.

    Publishing it is the same path as any draft's. Returns the draft's id. Raises NotFound, Forbidden, Refused when
    the map in force is that map already.
    """
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.read() as session:
        timeline = read_timeline(session)
        position = timeline.position(publication_id)
        if position is None:
            raise NotFound(mark("There is no such version"))
        chosen = _level(timeline, level)
        wanted = [one for one in timeline.levels if chosen is None or one.id == chosen.id]
        then = {one.id: one for one in timeline.in_force(position, {one.id for one in wanted})}
        now = {
            one.id for one in timeline.in_force(len(timeline.publications) - 1, {one.id for one in wanted})
        }
        if then.keys() == now:
            raise Refused(mark("The map in force is this one already: there is nothing to bring back"))
        differ = {one.level_id for one in timeline.versions if (one.id in then) != (one.id in now)}
        codes = [one.code for one in wanted if one.id in differ]
    return drafts.create_from_versions(
        office, actor, sorted(then), codes, title=title, restores_id=publication_id
    )


def allowed(office: Office, actor: Actor, session: Session) -> tuple[bool, bool]:
    """Whether notes and whether names of who published are shown. Raises NotSignedIn or Forbidden.

    A note may name people: it goes by the rule for persons.
    """
    city = the_city(session)
    public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
    policy.require(actor, Act.VIEW_MAP, public_map=public)
    return policy.shows_persons(actor, is_demo=city.is_demo), policy.may(actor, Act.VIEW_CASE)


def asked(timeline: Timeline, on: str, publication: str, today: date, timezone: str) -> tuple[date, int]:
    """The day and the position that somebody asks for. Raises NotFound, Refused for a day that is none."""
    if publication:
        position = timeline.position(int(publication)) if _is_id(publication) else None
        if position is None:
            raise NotFound(mark("There is no such version"))
        return day_of(timeline.publications[position].at, timezone), position
    day = read_day(on) or today
    return day, timeline.on(day, timezone)


def read_day(text: str, field: str = "on") -> date | None:
    """A day as YYYY-MM-DD; None for an empty text. Raises Refused."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(mark("Write the day as 2026-09-02"), field=field) from None
    if not 1900 <= day.year <= 2200:
        raise Refused(mark("Write the day as 2026-09-02"), field=field)
    return day


def used_levels(timeline: Timeline) -> list[Level]:
    """The levels that have, or had, areas; coarsest first."""
    used = {one.level_id for one in timeline.versions}
    return [one for one in timeline.levels if one.id in used]


def all_lines(office: Office, actor: Actor, session: Session, timeline: Timeline) -> list[PublicationLine]:
    """All publications as lines, oldest first, with what this actor may see of them."""
    shows_notes, is_staff = allowed(office, actor, session)
    return _lines(session, timeline, the_city(session).timezone, notes=shows_notes, staff=is_staff)


def _lines(
    session: Session, timeline: Timeline, timezone: str, *, notes: bool, staff: bool
) -> list[PublicationLine]:
    by = names_of_users(session, [one.user_id for one in timeline.publications]) if staff else {}
    level = {one.id: [one.name_zh, one.name_en] for one in timeline.levels}
    last = len(timeline.publications) - 1
    return [
        PublicationLine(
            id=one.id, number=at + 1, at=one.at, day=day_of(one.at, timezone), note=one.note if notes else "",
            kind=one.kind, by=by.get(one.user_id or 0), restored=_restored(timeline, one),
            draft_id=one.draft_id if staff else None, findings_moved=one.findings_moved,
            bureaus_changed=one.bureaus_changed,
            changes=[(level[change.level_id], change) for change in timeline.changes(at)], is_latest=at == last,
        )
        for at, one in enumerate(timeline.publications)
    ]  # fmt: skip


def _restored(timeline: Timeline, publication: Publication) -> tuple[int, int] | None:
    at = timeline.position(publication.restored_id or 0)
    return None if at is None else (timeline.publications[at].id, at + 1)


def _level(timeline: Timeline, code: str) -> Level | None:
    if not code:
        return None
    found = next((one for one in timeline.levels if one.code == code), None)
    if found is None:
        raise NotFound(mark("There is no level with the code %(code)s"), {"code": code[:64]})
    return found


def _area(timeline: Timeline, level: Level | None, code: str) -> list[VersionOf]:
    """All versions of the areas with a code; of the finest level where several use it."""
    if not code:
        return []
    fitting = [
        one for one in timeline.versions if one.code == code and (level is None or one.level_id == level.id)
    ]
    if not fitting:
        raise NotFound(mark("There is no area with the code %(code)s"), {"code": code[:64]})
    finest = fitting[-1].level_id
    return [one for one in fitting if one.level_id == finest]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _kinds(before: VersionOf | None, one: VersionOf, shapes: dict[int, Any]) -> tuple[str, ...]:
    if before is None:
        return ("new",)
    found = []
    if before.end < one.start:
        found.append("again")
    if not shapes[before.id].equals(shapes[one.id]):
        found.append("border")
    if (before.name_zh, before.name_en) != (one.name_zh, one.name_en):
        found.append("name")
    if before.parent_id != one.parent_id:
        found.append("parent")
    return tuple(found) or ("same",)
