"""The accounts of people: given, changed, closed, opened again; never without an administrator."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework import edits, passwords, sessions
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
from db.models import Person, User, UserArea

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read for another
ACCOUNT_SEEN = ("role", "bureau_id", "is_active")
_LAST = mark("This is the last administrator who can sign in: make another one first")


@dataclass(frozen=True, slots=True)
class Added:
    """A person who was added; ``password`` is shown this once (empty without account or when it was typed)."""

    person_id: int
    user_id: int | None
    username: str
    password: str


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
        person = session.get(Person, person_id)
        if person is None:
            raise NotFound(mark("There is no such person"))
        if person.retired_at is not None:
            raise Refused(mark("This person works here no more: bring them back first"))
        user_id = new_account(
            session, office, name, role, password_hash, person_id=person_id,
            bureau_id=bureau_by_code(session, str(values.get("bureau") or "")), area_ids=area_ids_of(session, areas),
        )  # fmt: skip
        return Added(person_id, user_id, name, secret if made_up else "")


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
        area_ids = area_ids_of(session, areas)
        user.role, user.bureau_id = role, bureau_id
        session.execute(delete(UserArea).where(UserArea.user_id == user_id))
        session.add_all(UserArea(user_id=user_id, area_id=one) for one in sorted(area_ids))


def close_account(office: Office, actor: Actor, user_id: int) -> None:
    """Nobody signs in with this account any more; its sessions end. Raises Refused for the last administrator."""
    require(actor, Act.MANAGE_PEOPLE)
    with office.database.write() as session:
        close(session, _user(session, user_id), office.now())


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


def close(session: Session, user: User, at: datetime) -> None:
    """Close an account inside the caller's transaction. Raises Refused for the last administrator."""
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


def area_ids_of(session: Session, keys: Sequence[str]) -> set[int]:
    """The ids of areas given as ``level:code``; raises Refused naming ``areas``."""
    found = (area_of(session, key, field="areas") for key in keys)
    return {one for one in found if one is not None}


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(mark("There is no such account"))
    return user
