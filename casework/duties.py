"""Who answers for an area as what, from which day on: given, ended; what was stays on record."""

from dataclasses import dataclass
from datetime import date, datetime
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
                row.Level.name_en, duty.valid_from, duty.valid_to, _state(duty, now),
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: line.state == "past")


def give_duty(office: Office, actor: Actor, person_id: int, duty: str, area: str, day: str = "") -> Given:
    """Let a person answer for an area (``level:code``) from a city day on (YYYY-MM-DD; empty: from now).

    An area has one leader and one director: the former one's duty ends when the new one's begins. Raises Refused
    naming the field, NotFound.
    """
    require(actor, Act.MANAGE_PEOPLE)
    if duty not in DUTIES:
        raise Refused(mark("Choose what this person is to the area"), field="duty")
    with office.database.write() as session:
        person = session.get(Person, person_id)
        if person is None:
            raise NotFound(mark("There is no such person"))
        if person.retired_at is not None:
            raise Refused(mark("This person works here no more: bring them back first"))
        area_id = area_of(session, area)
        if area_id is None:
            raise Refused(mark("Choose the area"), field="area")
        start = _start(day, the_city(session).timezone, office.now())
        former = _former(session, area_id, duty, person_id, start)
        for one in former:
            one.valid_to = max(start, one.valid_from)
        given = AreaPerson(area_id=area_id, person_id=person_id, duty=duty, valid_from=start)
        session.add(given)
        session.flush()
        names = (former[0].person.name_zh, former[0].person.name_en) if former else None
        return Given(given.id, names)


def end_duty(office: Office, actor: Actor, person_id: int, duty_id: int) -> None:
    """End a duty now; one that has not begun never does. Raises NotFound, Conflict when it has ended already."""
    require(actor, Act.MANAGE_PEOPLE)
    now = office.now()
    with office.database.write() as session:
        duty = session.get(AreaPerson, duty_id)
        if duty is None or duty.person_id != person_id:
            raise NotFound(mark("There is no such duty"))
        if _state(duty, now) == "past":
            raise Conflict(mark("This duty has ended already"))
        duty.valid_to = max(now, duty.valid_from)


def _start(day: str, timezone: str, now: datetime) -> datetime:
    written = fields.text(day, "day", limit=40)
    if not written:
        return now
    try:
        wanted = date.fromisoformat(written)
        start = day_bounds(wanted, wanted, timezone)[0]
    except (ValueError, OverflowError):
        raise Refused(mark("Write the day as 2026-09-02"), field="day") from None
    if not 1950 <= wanted.year <= now.year + 5:
        raise Refused(mark("Write the day as 2026-09-02"), field="day")
    return now if wanted == day_of(now, timezone) else start


def _former(session: Session, area_id: int, duty: str, person_id: int, start: datetime) -> list[AreaPerson]:
    """Those whose duty ends with a new one; raises Refused when the person has it already or a later one follows."""
    lasting = list(
        session.scalars(
            select(AreaPerson)
            .where(AreaPerson.area_id == area_id, AreaPerson.duty == duty)
            .where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > start))
            .where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > AreaPerson.valid_from))
            .order_by(AreaPerson.valid_from)
        )
    )
    if any(one.person_id == person_id for one in lasting):
        raise Refused(mark("This person has this duty in this area already"), field="area")
    if duty not in SINGLE:
        return []
    later = [one for one in lasting if one.valid_from > start]
    if later:
        raise Refused(
            mark("%(name)s takes this duty on a later day: end that one first"),
            {"name": later[0].person.name_zh},
            field="day",
        )
    return lasting


def _state(duty: AreaPerson, now: datetime) -> str:
    if duty.valid_to is not None and duty.valid_to <= max(now, duty.valid_from):
        return "past"  # or it was ended before it began
    return "later" if duty.valid_from > now else "now"
