"""People and their accounts: listed, added, given roles, passwords and duties; closed, never deleted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import edits, fields, passwords
from casework.accounts import (
    bureau_by_code,
    check_role,
    new_account,
    normal_username,
)
from casework.errors import NotFound, mark
from casework.office import Office
from casework.people_accounts import ACCOUNT_SEEN, Added, area_ids_of, close, made_up_password
from casework.policy import Act, Actor, require
from db.models import AreaPerson, Bureau, Person, User, UserArea

PERSON_SEEN = ("name_zh", "name_en", "title_zh", "title_en", "phone", "bureau_id", "retired_at")


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account; ``areas`` are ids."""

    id: int
    username: str
    role: str
    bureau: str
    areas: frozenset[int]
    is_active: bool
    is_demo: bool
    created_at: datetime
    seen: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person with the accounts and current duties of theirs; ``id`` None is an account without a person.

    ``duties`` counts the current ones by (duty).
    """

    id: int | None
    name_zh: str
    name_en: str
    title_zh: str
    title_en: str
    phone: str
    bureau: str
    retired_at: datetime | None
    accounts: tuple[AccountLine, ...]
    duties: Mapping[str, int]
    seen: str

    @property
    def is_open(self) -> bool:
        """Whether they can sign in."""
        return any(one.is_active for one in self.accounts)


def list_people(office: Office, actor: Actor, *, query: str = "") -> list[PersonLine]:
    """All people and accounts, those in use first; ``query`` looks in names, titles and user names."""
    require(actor, Act.MANAGE_PEOPLE)
    with office.database.read() as session:
        people = _people(session, office.now())
    wanted = query.strip().casefold()
    found = [one for one in people if not wanted or wanted in _searched(one)]
    return sorted(found, key=_order)


def one_person(office: Office, actor: Actor, person_id: int) -> PersonLine:
    """One person; raises NotFound."""
    require(actor, Act.MANAGE_PEOPLE)
    return _one(one for one in list_people(office, actor) if one.id == person_id)


def one_account(office: Office, actor: Actor, user_id: int) -> PersonLine:
    """The person of an account, or the account alone; raises NotFound."""
    require(actor, Act.MANAGE_PEOPLE)
    return _one(one for one in list_people(office, actor) if any(a.id == user_id for a in one.accounts))


def _one(found: Iterable[PersonLine]) -> PersonLine:
    line = next(iter(found), None)
    if line is None:
        raise NotFound(mark("There is no such person"))
    return line


def add_person(
    office: Office, actor: Actor, values: Mapping[str, object], areas: Sequence[str] = ()
) -> Added:
    """Put a person on the list, with an account when ``values`` has a username, in one transaction.

    ``values``: name_zh, name_en, title_zh, title_en, phone, bureau (code); username, role, password (empty: one is
    made up). ``areas`` are keys ``level:code``. Raises Refused naming the field.
    """
    require(actor, Act.MANAGE_PEOPLE)
    columns = _columns(values)
    name, role, secret, made_up = "", str(values.get("role") or ""), "", False
    if values.get("username"):
        name = normal_username(values["username"])
        check_role(role)
        made_up = not values.get("password")
        secret = passwords.checked(made_up_password() if made_up else values.get("password"))
    password_hash = passwords.hashed(secret) if name else ""
    with office.database.write() as session:
        bureau_id = bureau_by_code(session, str(values.get("bureau") or ""))
        person = Person(**columns, bureau_id=bureau_id)
        session.add(person)
        session.flush()
        user_id = None
        if name:
            user_id = new_account(
                session, office, name, role, password_hash, bureau_id=bureau_id, person_id=person.id,
                area_ids=area_ids_of(session, areas),
            )  # fmt: skip
        return Added(person.id, user_id, name, secret if made_up else "")


def change_person(
    office: Office, actor: Actor, person_id: int, values: Mapping[str, object], seen: str = ""
) -> None:
    """Give a person other names, titles, phone or bureau. Raises Refused naming the field, Conflict, NotFound."""
    require(actor, Act.MANAGE_PEOPLE)
    columns = _columns(values)
    with office.database.write() as session:
        person = _person(session, person_id)
        edits.require_fresh(seen, person, PERSON_SEEN)
        code = str(values.get("bureau") or "")
        known = session.get(Bureau, person.bureau_id) if person.bureau_id else None
        # a retired bureau may stay; it cannot be chosen anew
        bureau_id = known.id if known and known.code == code else bureau_by_code(session, code)
        for name, value in (columns | {"bureau_id": bureau_id}).items():
            setattr(person, name, value)


def retire_person(office: Office, actor: Actor, person_id: int) -> int:
    """A person works here no more: their duties end now, their accounts are closed. Returns how many duties ended.

    Raises Refused for the last administrator.
    """
    require(actor, Act.MANAGE_PEOPLE)
    now = office.now()
    with office.database.write() as session:
        person = _person(session, person_id)
        for user in session.scalars(select(User).where(User.person_id == person_id, User.is_active)).all():
            close(session, user, now)
        ended = 0
        for duty in session.scalars(
            select(AreaPerson).where(
                AreaPerson.person_id == person_id,
                AreaPerson.valid_to.is_(None)
                | ((AreaPerson.valid_to > now) & (AreaPerson.valid_to > AreaPerson.valid_from)),
            )
        ).all():
            duty.valid_to, duty.ended_by = max(now, duty.valid_from), actor.user_id
            ended += 1
        person.retired_at = now
        return ended


def restore_person(office: Office, actor: Actor, person_id: int) -> None:
    """A person works here again; accounts and duties are given anew."""
    require(actor, Act.MANAGE_PEOPLE)
    with office.database.write() as session:
        _person(session, person_id).retired_at = None


def _columns(values: Mapping[str, object]) -> dict[str, str]:
    zh = fields.text(values.get("name_zh"), "name_zh", limit=fields.MAX_LINE, required=True)
    title = fields.text(values.get("title_zh"), "title_zh", limit=fields.MAX_LINE)
    return {
        "name_zh": zh,
        "name_en": fields.text(values.get("name_en"), "name_en", limit=fields.MAX_LINE) or zh,
        "title_zh": title,
        "title_en": fields.text(values.get("title_en"), "title_en", limit=fields.MAX_LINE) or title,
        "phone": fields.text(values.get("phone"), "phone", limit=40),
    }


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(mark("There is no such person"))
    return person


def _people(session: Session, now: datetime) -> list[PersonLine]:
    codes = {row.id: row.code for row in session.execute(select(Bureau.id, Bureau.code))}
    areas: dict[int, set[int]] = {}
    for row in session.execute(select(UserArea.user_id, UserArea.area_id)):
        areas.setdefault(row.user_id, set()).add(row.area_id)
    accounts: dict[int | None, list[AccountLine]] = {}
    for user in session.scalars(select(User).order_by(User.username)):
        line = AccountLine(
            user.id, user.username, user.role, codes.get(user.bureau_id or 0, ""),
            frozenset(areas.get(user.id, ())), user.is_active, user.is_demo, user.created_at,
            edits.seen(user, ACCOUNT_SEEN),
        )  # fmt: skip
        accounts.setdefault(user.person_id, []).append(line)
    duties: dict[int, dict[str, int]] = {}
    for person_id, duty, count in session.execute(
        select(AreaPerson.person_id, AreaPerson.duty, func.count())
        .where(AreaPerson.valid_from <= now, AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > now))
        .group_by(AreaPerson.person_id, AreaPerson.duty)
    ):
        duties.setdefault(person_id, {})[duty] = count
    lines = [
        PersonLine(
            one.id, one.name_zh, one.name_en, one.title_zh, one.title_en, one.phone,
            codes.get(one.bureau_id or 0, ""), one.retired_at, tuple(accounts.get(one.id, ())),
            duties.get(one.id, {}), edits.seen(one, PERSON_SEEN),
        )
        for one in session.scalars(select(Person).order_by(Person.id))
    ]  # fmt: skip
    alone = accounts.get(None, ())
    return lines + [PersonLine(None, "", "", "", "", "", "", None, (one,), {}, "") for one in alone]


def _searched(line: PersonLine) -> str:
    words = [
        line.name_zh,
        line.name_en,
        line.title_zh,
        line.title_en,
        *(one.username for one in line.accounts),
    ]
    return "\n".join(words).casefold()


def _order(line: PersonLine) -> tuple[bool, bool, str, int]:
    first = line.accounts[0].username if line.accounts else ""
    return line.retired_at is not None, not line.is_open, first, line.id or 0
