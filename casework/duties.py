"""Who answers for an area as what, from which day on: given, ended; what was stays on record."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import fields
from casework.area_choices import area_of
from casework.clock import day_bounds, day_of
from casework.errors import Conflict, NotFound, Refused, mark
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from db.models import Area, AreaPerson, AreaVersion, Level, Person

DUTIES: Final = ("leader", "member", "director")
SINGLE: Final = frozenset({"leader", "director"})  # an area has one of these at a time


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty of a person; ``state`` is 'now', 'later' or 'past'."""

    id: int
    duty: str
    area_code: str
    area_zh: str
    area_en: str
    level: str
    level_zh: str
    level_en: str
    valid_from: datetime
    valid_to: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Given:
    """A duty that was given, and whose ended with it (zh, en), if anybody's."""

    duty_id: int
    instead_of: tuple[str, str] | None


def duties_of(office: Office, actor: Actor, person_id: int) -> list[DutyLine]:
    """A person's duties, present and coming ones first, then the past."""
    require(actor, Act.MANAGE_PEOPLE)
    now = office.now()
    with office.database.read() as session:
        rows = session.execute(
            select(AreaPerson, Area.code, Level)
            .join(Area, AreaPerson.area_id == Area.id)
            .join(Level, Area.level_id == Level.id)
            .where(AreaPerson.person_id == person_id)
            .order_by(AreaPerson.valid_from.desc(), AreaPerson.id.desc())
        ).all()
        names = {
            row.area_id: row
            for row in session.execute(
                select(AreaVersion.area_id, AreaVersion.name_zh, AreaVersion.name_en)
                .where(AreaVersion.area_id.in_([row.AreaPerson.area_id for row in rows]))
                .order_by(AreaVersion.valid_from)
            )
        }
    lines = []
    for row in rows:
        duty, name = row.AreaPerson, names[row.AreaPerson.area_id]
        lines.append(
            DutyLine(
                duty.id, duty.duty, row.code, name.name_zh, name.name_en, row.Level.code, row.Level.name_zh,
                row.Level.name_en, duty.valid_from, duty.valid_to, state_of(duty.valid_from, duty.valid_to, now),
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: line.state == "past")


def give_duty(
    office: Office, actor: Actor, person_id: int, duty: str, area: str, day: str = "", until: str = ""
) -> Given:
    """Let a person answer for an area (``level:code``) from a city day on (YYYY-MM-DD; empty: from now).

    ``until`` is the last day (empty: no end is known). An area has one leader and one director at a time: the former
    one's duty ends when the new one's begins. What is past stays: nobody is given days that somebody else had.
    Raises Refused naming the field, NotFound.
    """
    require(actor, Act.MANAGE_AREA_PEOPLE)
    if duty not in DUTIES:
        raise Refused(mark("Choose what this person is to the area"), field="duty")
    with office.database.write() as session:
        person = session.get(Person, person_id)
        if person is None:
            raise NotFound(mark("There is no such person"))
        if person.retired_at is not None:
            raise Refused(mark("This person works here no more: bring them back first"), field="person")
        area_id = area_of(session, area)
        if area_id is None:
            raise Refused(mark("Choose the area"), field="area")
        now, timezone = office.now(), the_city(session).timezone
        start, end = first_moment(day, timezone, now), last_moment(until, timezone, now)
        if end is not None and end <= start:
            raise Refused(mark("The last day lies before the first one"), field="until")
        former = _former(_meeting(session, area_id, duty, start, end), duty, person_id, start, timezone, now)
        for one in former:
            one.valid_to, one.ended_by = max(start, one.valid_from), actor.user_id
        given = AreaPerson(
            area_id=area_id,
            person_id=person_id,
            duty=duty,
            valid_from=start,
            valid_to=end,
            given_by=actor.user_id,
        )
        session.add(given)
        session.flush()
        names = (former[0].person.name_zh, former[0].person.name_en) if former else None
        return Given(given.id, names)


def end_duty(office: Office, actor: Actor, person_id: int, duty_id: int, until: str = "") -> None:
    """End a duty now, or with the last day given (YYYY-MM-DD); one that has not begun never does.

    Raises NotFound, Conflict when it has ended already, Refused where it would last into somebody else's.
    """
    require(actor, Act.MANAGE_AREA_PEOPLE)
    now = office.now()
    with office.database.write() as session:
        duty = session.get(AreaPerson, duty_id)
        if duty is None or duty.person_id != person_id:
            raise NotFound(mark("There is no such duty"))
        if state_of(duty.valid_from, duty.valid_to, now) == "past":
            raise Conflict(mark("This duty has ended already"))
        timezone = the_city(session).timezone
        end = last_moment(until, timezone, now)
        if end is not None and end <= duty.valid_from:
            raise Refused(mark("The last day lies before the first one"), field="until")
        if end is not None and duty.duty in SINGLE:
            _require_free(_meeting(session, duty.area_id, duty.duty, duty.valid_from, end), duty, timezone)
        duty.valid_to, duty.ended_by = max(end or now, duty.valid_from), actor.user_id


def first_moment(day: str, timezone: str, now: datetime, field: str = "day") -> datetime:
    """When a city day (YYYY-MM-DD) begins; now for an empty text and for today. Raises Refused naming ``field``."""
    wanted = _day(day, field, now)
    if wanted is None or wanted == day_of(now, timezone):
        return now
    return day_bounds(wanted, wanted, timezone)[0]


def last_moment(day: str, timezone: str, now: datetime, field: str = "until") -> datetime | None:
    """When a city day (YYYY-MM-DD) is over; None for an empty text. Raises Refused naming ``field``."""
    wanted = _day(day, field, now)
    return day_bounds(wanted, wanted, timezone)[1] if wanted else None


def _day(day: str, field: str, now: datetime) -> date | None:
    written = fields.text(day, field, limit=40)
    if not written:
        return None
    try:
        wanted = date.fromisoformat(written)
    except ValueError:
        raise Refused(mark("Write the day as 2026-09-02"), field=field) from None
    if not 1950 <= wanted.year <= now.year + 5:
        raise Refused(mark("Write the day as 2026-09-02"), field=field)
    return wanted


def _meeting(
    session: Session, area_id: int, duty: str, start: datetime, end: datetime | None
) -> list[AreaPerson]:
    """Who has this duty in this area at any moment from ``start`` until ``end``, earliest first."""
    wanted = (
        select(AreaPerson)
        .where(AreaPerson.area_id == area_id, AreaPerson.duty == duty)
        .where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > start))
        .where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > AreaPerson.valid_from))
        .order_by(AreaPerson.valid_from)
    )
    return list(session.scalars(wanted if end is None else wanted.where(AreaPerson.valid_from < end)))


def _former(
    meeting: list[AreaPerson], duty: str, person_id: int, start: datetime, timezone: str, now: datetime
) -> list[AreaPerson]:
    """Those whose duty ends as a new one begins; raises Refused when it must not."""
    if any(one.person_id == person_id for one in meeting):
        raise Refused(mark("This person has this duty in this area already"), field="area")
    if duty not in SINGLE:
        return []
    for one in meeting:
        if one.valid_from > start:
            raise Refused(
                mark("%(name)s takes this duty on %(day)s: end that one first, or give a last day before it"),
                {"name": one.person.name_zh, "day": day_of(one.valid_from, timezone).isoformat()},
                field="day",
            )
        if one.valid_to is not None and one.valid_to <= now:
            raise Refused(
                mark("%(name)s had this duty until %(day)s: what was stays on record, begin after it"),
                {"name": one.person.name_zh, "day": _last_day(one.valid_to, timezone)},
                field="day",
            )
    return meeting


def _require_free(meeting: list[AreaPerson], duty: AreaPerson, timezone: str) -> None:
    for one in meeting:
        if one.id != duty.id:
            raise Refused(
                mark("%(name)s takes this duty on %(day)s: the last day must lie before it"),
                {"name": one.person.name_zh, "day": day_of(one.valid_from, timezone).isoformat()},
                field="until",
            )


def _last_day(end: datetime, timezone: str) -> str:
    """The last day that a span has a part of: one that ends at midnight has none of the day that begins."""
    return day_of(end - timedelta(microseconds=1), timezone).isoformat()


def state_of(valid_from: datetime, valid_to: datetime | None, now: datetime) -> str:
    """'now', 'later' or 'past': whether a duty or a contact counts at this moment."""
    if valid_to is not None and valid_to <= max(now, valid_from):
        return "past"  # or it was ended before it began
    return "later" if valid_from > now else "now"
