"""Who is responsible: the whole tree of areas with its people and contacts, and what is missing in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework import policy
from casework.areas_view import AreaCard, LevelTree, cards_of, trees_of
from casework.coverage import Coverage, CoveredArea
from casework.errors import NotFound, mark
from casework.map_names import Names, Pair, read_names
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.responsibility_contacts import ContactLine, contacts
from casework.responsibility_people import Held, by_area, held_duties, names_of_users
from db.models import AreaPerson, Person, User


@dataclass(frozen=True, slots=True)
class Idle:
    """A leader without an area: whose ``last`` duty that was (None: there was none), and what begins later."""

    person_id: int
    name_zh: str
    name_en: str
    title_zh: str
    title_en: str
    last: Held | None
    coming: Held | None


@dataclass(frozen=True, slots=True)
class Lack:
    """An area that nobody leads, and who will, if that is known."""

    card: AreaCard
    coming: Held | None


@dataclass(frozen=True, slots=True)
class ResponsibilityPage:
    """The tree (only branches with a match when somebody searches), and what is missing in the whole of it.

    ``contacts`` are those in force by area, ``coming`` the duties that begin later by area. ``lacks`` are of the
    patch level, ``lacks_above`` of the levels above it.
    """

    trees: list[LevelTree]
    levels: list[dict[str, object]]
    cards: Mapping[int, AreaCard]
    contacts: Mapping[int, list[ContactLine]]
    coming: Mapping[int, dict[str, list[Held]]]
    lacks: list[Lack]
    lacks_above: list[Lack]
    idle: list[Idle]
    query: str
    found: int
    now: datetime


@dataclass(frozen=True, slots=True)
class AreaPeoplePage:
    """Who answers for one area and whom to call, with what was and what will be.

    ``line`` are the area's parents, coarsest first; ``contacts_above`` are theirs that count now. ``people`` are
    those who may be given a duty, ``by`` what the accounts are called that gave or ended something (staff only).
    """

    code: str
    level_code: str
    level: Pair
    name_zh: str
    name_en: str
    line: list[CoveredArea]
    line_levels: list[str]
    duties: list[Held]
    contacts: list[ContactLine]
    contacts_above: list[tuple[CoveredArea, list[ContactLine]]]
    people: list[Person]
    by: dict[int, Pair]
    now: datetime

    @property
    def key(self) -> str:
        """The area as forms name it."""
        return f"{self.level_code}:{self.code}"


def responsibility_page(office: Office, actor: Actor, query: str = "") -> ResponsibilityPage:
    """Everything that the page of the whole tree shows; ``query`` looks in names, codes, people and contacts.

    Raises NotSignedIn or Forbidden for whom persons are not shown to.
    """
    now = office.now()
    with office.database.read() as session:
        require_persons(office, actor, session)
        names = read_names(session)
        cards = cards_of(office, session, names, with_people=True)
        called = _grouped(one for one in contacts(session, now) if one.state == "now")
        coming = by_area(held_duties(session, now, states={"later"}))
        lacks = [
            Lack(card, next(iter(coming.get(card.area_id, {}).get("leader", [])), None))
            for card in cards.values()
            if not card.people["leader"]
        ]
        patch = names.patch_level.level_code if names.patch_level else ""
        matching = {one for one, card in cards.items() if _matches(card, called.get(one, []), query)}
        page = ResponsibilityPage(
            trees=[],
            levels=[
                {"code": one.level_code, "zh": one.name_zh, "en": one.name_en, "count": len(one.areas)}
                for one in names.levels
            ],
            cards=cards,
            contacts=called,
            coming=coming,
            lacks=[one for one in lacks if one.card.level == patch],
            lacks_above=[one for one in lacks if one.card.level != patch],
            idle=_idle(session, now, set(cards)),
            query=query,
            found=len(matching),
            now=now,
        )
        trees = trees_of(names, cards)
        if query:
            for tree in trees:
                tree.areas[:] = _kept(tree.areas, matching)
        page.trees.extend(tree for tree in trees if tree.areas)
        return page


def area_people_page(office: Office, actor: Actor, code: str, level_code: str = "") -> AreaPeoplePage:
    """Who answers for one area; the finest level goes first where two levels use one code.

    Raises NotFound, NotSignedIn or Forbidden.
    """
    now = office.now()
    with office.database.read() as session:
        is_staff = require_persons(office, actor, session)
        names = read_names(session)
        level, area = _named(names, code, level_code)
        line = _parents(names, area)
        called = _grouped(contacts(session, now, area_ids=[area.id, *(one.id for one, _level in line)]))
        duties, own = held_duties(session, now, area_ids=[area.id]), called.get(area.id, [])
        accounts = [one.given_by for one in duties] + [one.ended_by for one in duties]
        accounts += [one.given_by for one in own] + [one.ended_by for one in own]
        manages = policy.may(actor, Act.MANAGE_AREA_PEOPLE)
        return AreaPeoplePage(
            code=area.code, level_code=level.level_code, level=[level.name_zh, level.name_en],
            name_zh=area.name_zh, name_en=area.name_en,
            line=[one for one, _level in line], line_levels=[one for _area, one in line],
            duties=duties, contacts=own,
            contacts_above=[
                (one, now_called)
                for one, _level in reversed(line)
                if (now_called := [c for c in called.get(one.id, []) if c.state == "now"])
            ],
            people=_choices(session) if manages else [],
            by=names_of_users(session, accounts) if is_staff else {},
            now=now,
        )  # fmt: skip


def require_persons(office: Office, actor: Actor, session: Session) -> bool:
    """Raise NotSignedIn or Forbidden unless persons are shown to this actor; returns whether their phones are, too."""
    city = the_city(session)
    public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
    policy.require(actor, Act.VIEW_MAP, public_map=public)
    if not policy.shows_persons(actor, is_demo=city.is_demo):
        policy.require(actor, Act.VIEW_CASE)
    return policy.may(actor, Act.VIEW_CASE)


def _grouped(lines: Iterable[ContactLine]) -> dict[int, list[ContactLine]]:
    found: dict[int, list[ContactLine]] = {}
    for one in lines:
        found.setdefault(one.area_id, []).append(one)
    return found


def _matches(card: AreaCard, called: list[ContactLine], query: str) -> bool:
    wanted = query.casefold()
    words = [card.name_zh, card.name_en, card.code]
    for held in card.people.values():
        words += [text for one in held for text in one.pair]
    words += [text for one in called for text in (one.name, one.phone)]
    return any(wanted in word.casefold() for word in words)


def _kept(cards: list[AreaCard], matching: set[int]) -> list[AreaCard]:
    """The branches in which something matches; what lies in a match stays whole."""
    kept = []
    for card in cards:
        if card.area_id in matching:
            kept.append(card)
            continue
        card.below[:] = _kept(card.below, matching)
        if card.below:
            kept.append(card)
    return kept


def _idle(session: Session, now: datetime, in_force: set[int]) -> list[Idle]:
    """Leaders who lead no area in force: by their account's role, or because they led one before."""
    led = select(AreaPerson.person_id).where(AreaPerson.duty == "leader")
    accounts = select(User.person_id).where(
        User.role == "leader", User.is_active, User.person_id.is_not(None)
    )
    people = session.scalars(
        select(Person)
        .where(Person.retired_at.is_(None), or_(Person.id.in_(led), Person.id.in_(accounts)))
        .order_by(Person.id)
    ).all()
    duties: dict[int, list[Held]] = {}
    for one in held_duties(session, now, person_ids=[person.id for person in people]):
        if one.duty == "leader" and not one.never_began:
            duties.setdefault(one.person_id, []).append(one)
    found = []
    for person in people:
        held = duties.get(person.id, [])
        if any(one.state == "now" and one.area_id in in_force for one in held):
            continue
        past = [one for one in held if one.state != "later"]
        found.append(
            Idle(
                person.id, person.name_zh, person.name_en, person.title_zh, person.title_en,
                max(past, key=lambda one: one.valid_to or now) if past else None,
                next((one for one in held if one.state == "later"), None),
            )
        )  # fmt: skip
    return found


def _named(names: Names, code: str, level_code: str) -> tuple[Coverage, CoveredArea]:
    for level in reversed(names.levels):
        for area in level.areas if level_code in ("", level.level_code) else ():
            if area.code == code:
                return level, area
    raise NotFound(mark("There is no area with the code %(code)s"), {"code": code})


def _parents(names: Names, area: CoveredArea) -> list[tuple[CoveredArea, str]]:
    """The areas that this one lies in, coarsest first, each with the code of its level."""
    every = {one.id: (one, level.level_code) for level in names.levels for one in level.areas}
    found: list[tuple[CoveredArea, str]] = []
    above = every.get(area.parent_id or 0)
    while above is not None and above not in found:
        found.append(above)
        above = every.get(above[0].parent_id or 0)
    return found[::-1]


def _choices(session: Session) -> list[Person]:
    """The people who may be given a duty, by name."""
    return list(
        session.scalars(select(Person).where(Person.retired_at.is_(None)).order_by(Person.name_zh, Person.id))
    )
