"""Who answers for which area, as what and when: now, from a later day, and in the past."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.duties import DUTIES, state_of
from casework.map_names import Pair
from db.models import AreaPerson, Bureau, Person, User

STATES = ("now", "later", "past")


@dataclass(frozen=True, slots=True)
class Held:
    """A duty that somebody has in an area, had, or will have. ``state`` is 'now', 'later' or 'past'."""

    id: int
    area_id: int
    person_id: int
    duty: str
    name_zh: str
    name_en: str
    title_zh: str
    title_en: str
    phone: str
    bureau: Pair | None
    valid_from: datetime
    valid_to: datetime | None
    state: str
    given_by: int | None = None
    ended_by: int | None = None

    @property
    def pair(self) -> Pair:
        """The name in Chinese and in English."""
        return [self.name_zh, self.name_en]

    @property
    def never_began(self) -> bool:
        """Whether it was taken back before its first day."""
        return self.valid_to is not None and self.valid_to <= self.valid_from


def held_duties(
    session: Session,
    now: datetime,
    *,
    area_ids: Collection[int] | None = None,
    person_ids: Collection[int] | None = None,
    states: Collection[str] = STATES,
) -> list[Held]:
    """Duties of these areas and people (None: of all) in these states: by duty, then who came first.

    Phones are in it: the caller shows them to staff only.
    """
    wanted = (
        select(AreaPerson, Bureau.name_zh, Bureau.name_en)
        .join(Person, AreaPerson.person_id == Person.id)
        .join(Bureau, Person.bureau_id == Bureau.id, isouter=True)
        .order_by(AreaPerson.valid_from, AreaPerson.id)
    )
    if area_ids is not None:
        wanted = wanted.where(AreaPerson.area_id.in_(list(area_ids)))
    if person_ids is not None:
        wanted = wanted.where(AreaPerson.person_id.in_(list(person_ids)))
    if set(states) <= {"now", "later"}:
        wanted = wanted.where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > now))
    found = [_held(row.AreaPerson, [row.name_zh, row.name_en], now) for row in session.execute(wanted)]
    return sorted((one for one in found if one.state in states), key=lambda one: DUTIES.index(one.duty))


def by_area(duties: Collection[Held]) -> dict[int, dict[str, list[Held]]]:
    """Duties by area and by duty; every area that has any has all three duties as keys."""
    found: dict[int, dict[str, list[Held]]] = {}
    for one in duties:
        found.setdefault(one.area_id, {duty: [] for duty in DUTIES})[one.duty].append(one)
    return found


def names_of_users(session: Session, ids: Collection[int | None]) -> dict[int, Pair]:
    """What the people behind these accounts are called: [zh, en], the user name where there is no person."""
    wanted = [one for one in set(ids) if one is not None]
    rows = session.scalars(select(User).where(User.id.in_(wanted)))
    return {
        one.id: [one.person.name_zh, one.person.name_en] if one.person else [one.username, one.username]
        for one in rows
    }


def _held(row: AreaPerson, bureau: Pair, now: datetime) -> Held:
    who = row.person
    return Held(
        row.id, row.area_id, row.person_id, row.duty, who.name_zh, who.name_en, who.title_zh, who.title_en,
        who.phone, bureau if bureau[0] else None, row.valid_from, row.valid_to,
        state_of(row.valid_from, row.valid_to, now), row.given_by, row.ended_by,
    )  # fmt: skip
