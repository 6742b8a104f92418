"""People and their accounts: listed, added, given roles, passwords and duties; closed, never deleted."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from casework import edits, fields, passwords, sessions
from casework.accounts import (
    HANDLER_NEEDS_BUREAU,
    bureau_by_code,
    check_role,
    new_account,
    normal_username,
)
from casework.area_choices import area_of
from casework.errors import NotFound, Refused, mark
from casework.office import Office
from casework.policy import Act, Actor, require
from db.models import AreaPerson, Bureau, Person, User, UserArea

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read for another
PERSON_SEEN = ("name_zh", "name_en", "title_zh", "title_en", "phone", "bureau_id", "retired_at")
ACCOUNT_SEEN = ("role", "bureau_id", "is_active")
_LAST = mark("This is the last administrator who can sign in: make another one first")


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


@dataclass(frozen=True, slots=True)
class Added:
    """A person who was added; ``password`` is shown this once (empty without account or when it was typed)."""

    person_id: int
    user_id: int | None
    username: str
    password: str


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
                area_ids=_areas(session, areas),
            )  # fmt: skip
        return Added(person.id, user_id, name, secret if made_up else "")


def add_account(
    office: Office, actor: Actor, person_id: int, values: Mapping[str, object], areas: Sequence[str] = ()
) -> Added:
    """Give a person an account (username, role, bureau, password or empty). Raises Refused naming the field."""
    require(actor, Act.MANAGE_PEOPLE)
    name, role = normal_username(values.get("username")), str(values.get("role") or "")
    check_role(role)
    made_up = not values.get("password")
    secret = passwords.checked(made_up_password() if made_up else values.get("password"))
    password_hash = passwords.hashed(secret)
    with office.database.write() as session:
        person = _person(session, person_id)
        if person.retired_at is not None:
            raise Refused(mark("This person works here no more: bring them back first"))
        user_id = new_account(
            session, office, name, role, password_hash, person_id=person_id,
            bureau_id=bureau_by_code(session, str(values.get("bureau") or "")), area_ids=_areas(session, areas),
        )  # fmt: skip
        return Added(person_id, user_id, name, secret if made_up else "")


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
            _close(session, user, now)
        ended = 0
        for duty in session.scalars(
            select(AreaPerson).where(
                AreaPerson.person_id == person_id,
                AreaPerson.valid_to.is_(None)
                | ((AreaPerson.valid_to > now) & (AreaPerson.valid_to > AreaPerson.valid_from)),
            )
        ).all():
            duty.valid_to = max(now, duty.valid_from)
            ended += 1
        person.retired_at = now
        return ended


def restore_person(office: Office, actor: Actor, person_id: int) -> None:
    """A person works here again; accounts and duties are given anew."""
    require(actor, Act.MANAGE_PEOPLE)
    with office.database.write() as session:
        _person(session, person_id).retired_at = None


def change_account(
    office: Office,
    actor: Actor,
    user_id: int,
    role: str,
    bureau: str = "",
    areas: Sequence[str] = (),
    seen: str = "",
) -> None:
    """Give an account another role, bureau (code) and areas (``level:code``); it counts from its next click.

    Raises Refused naming the field (also for the last administrator), Conflict, NotFound.
    """
    require(actor, Act.MANAGE_PEOPLE)
    check_role(role)
    with office.database.write() as session:
        user = _user(session, user_id)
        edits.require_fresh(seen, user, ACCOUNT_SEEN)
        if role != "administrator":
            _require_another_administrator(session, user, field="role")
        bureau_id = bureau_by_code(session, bureau)
        if role == "handler" and bureau_id is None:
            raise Refused(HANDLER_NEEDS_BUREAU, field="bureau")
        area_ids = _areas(session, areas)
        user.role, user.bureau_id = role, bureau_id
        session.execute(delete(UserArea).where(UserArea.user_id == user_id))
        session.add_all(UserArea(user_id=user_id, area_id=one) for one in sorted(area_ids))


def close_account(office: Office, actor: Actor, user_id: int) -> None:
    """Nobody signs in with this account any more; its sessions end. Raises Refused for the last administrator."""
    require(actor, Act.MANAGE_PEOPLE)
    with office.database.write() as session:
        _close(session, _user(session, user_id), office.now())


def reopen_account(office: Office, actor: Actor, user_id: int) -> None:
    """A closed account may sign in again, with its password."""
    require(actor, Act.MANAGE_PEOPLE)
    with office.database.write() as session:
        user = _user(session, user_id)
        if user.person is not None and user.person.retired_at is not None:
            raise Refused(mark("This person works here no more: bring them back first"))
        user.is_active = True


def reset_password(office: Office, actor: Actor, user_id: int, password: object = "") -> str:
    """Give an account another password and end its sessions; returns the password, made up unless it was typed."""
    require(actor, Act.MANAGE_PEOPLE)
    secret = passwords.checked(password or made_up_password())
    password_hash = passwords.hashed(secret)
    with office.database.write() as session:
        user = _user(session, user_id)
        user.password_hash, user.is_demo = password_hash, False
        sessions.end_all(session, user_id, office.now())
    return secret


def made_up_password() -> str:
    """A password of sixteen letters in four groups: about 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _close(session: Session, user: User, at: datetime) -> None:
    _require_another_administrator(session, user, field="active")
    user.is_active = False
    sessions.end_all(session, user.id, at)


def _require_another_administrator(session: Session, user: User, *, field: str) -> None:
    if user.role != "administrator" or not user.is_active:
        return
    # the rows stay locked until the end: two administrators cannot close each other at the same moment
    others = session.scalars(
        select(User.id).where(User.role == "administrator", User.is_active).with_for_update()
    ).all()
    if set(others) <= {user.id}:
        raise Refused(_LAST, field=field)


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


def _areas(session: Session, keys: Sequence[str]) -> set[int]:
    found = (area_of(session, key, field="areas") for key in keys)
    return {one for one in found if one is not None}


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(mark("There is no such person"))
    return person


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(mark("There is no such account"))
    return user


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
