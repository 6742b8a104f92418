"""Accounts of people: made, given another password, closed."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework import fields, passwords, sessions
from casework.errors import NotFound, NotSignedIn, Refused, mark
from casework.office import Office
from casework.policy import Act, Actor, require
from db.models import ROLES, Area, AreaVersion, Bureau, Level, User, UserArea

HANDLER_NEEDS_BUREAU = mark("A handler belongs to a bureau: name it")
NOT_THE_SAME = mark("The two new passwords differ")
_USERNAME = re.compile(r"\w[\w.\-]{1,63}")


@dataclass(frozen=True, slots=True)
class Card:
    """An account as its owner or the sign-in page sees it. Names are empty where no person stands behind it."""

    username: str
    role: str
    name_zh: str
    name_en: str
    bureau: tuple[str, str] | None = None
    areas: tuple[tuple[str, str], ...] = ()


def normal_username(value: object) -> str:
    """A user name in its one form (NFKC, lower case); raises Refused unless it is 2 to 64 letters, digits, . _ -."""
    name = unicodedata.normalize("NFKC", fields.text(value, "username", limit=64, required=True)).casefold()
    if not _USERNAME.fullmatch(name):
        raise Refused(
            mark("The user name has 2 to 64 letters, digits, dots, hyphens or underscores"), field="username"
        )
    return name


def create_user(
    office: Office,
    actor: Actor,
    username: object,
    role: str,
    password: object,
    *,
    bureau: str | None = None,
    areas: Sequence[str] = (),
) -> int:
    """Make an account and return its id.

    ``bureau`` and ``areas`` are codes; a handler needs a bureau. Raises Refused naming the field.
    """
    require(actor, Act.MANAGE_PEOPLE)
    name, secret = normal_username(username), passwords.checked(password)
    check_role(role)
    password_hash = passwords.hashed(secret)
    with office.database.write() as session:
        return new_account(
            session, office, name, role, password_hash,
            bureau_id=bureau_by_code(session, bureau),
            area_ids={_area_by_code(session, code) for code in areas},
        )  # fmt: skip


def new_account(
    session: Session,
    office: Office,
    name: str,
    role: str,
    password_hash: str,
    *,
    bureau_id: int | None = None,
    area_ids: Iterable[int] = (),
    person_id: int | None = None,
) -> int:
    """Make an account of checked parts inside the caller's write transaction; returns its id.

    Raises Refused for a name that is taken and for a handler without a bureau.
    """
    if session.scalar(select(exists().where(User.username == name))):
        raise Refused(mark("There is a user %(name)s already"), {"name": name}, field="username")
    if role == "handler" and bureau_id is None:
        raise Refused(HANDLER_NEEDS_BUREAU, field="bureau")
    user = User(
        username=name, password_hash=password_hash, role=role, bureau_id=bureau_id, person_id=person_id,
        created_at=office.now(),
    )  # fmt: skip
    session.add(user)
    session.flush()
    for area_id in sorted(set(area_ids)):
        session.add(UserArea(user_id=user.id, area_id=area_id))
    return user.id


def change_password(office: Office, actor: Actor, present: object, new: object) -> None:
    """Give the actor's account another password and end all its sessions.

    Raises Refused when ``present`` is not the present password or ``new`` may not be used.
    """
    if actor.user_id is None:
        raise NotSignedIn(mark("Sign in first"))
    with office.database.read() as session:
        before = session.scalar(select(User.password_hash).where(User.id == actor.user_id))
    if not isinstance(present, str) or not passwords.fits(present, before):
        raise Refused(mark("This is not the present password"), field="present")
    password_hash = passwords.hashed(passwords.checked(new, field="new"))
    with office.database.write() as session:
        user = session.get_one(User, actor.user_id)
        if user.password_hash != before:
            raise Refused(mark("This is not the present password"), field="present")
        user.password_hash = password_hash
        user.is_demo = False
        sessions.end_all(session, user.id, office.now())


def deactivate(office: Office, actor: Actor, username: str) -> None:
    """Close an account: its sessions end, what its owner did stays on record. Raises NotFound."""
    require(actor, Act.MANAGE_PEOPLE)
    with office.database.write() as session:
        user = session.scalars(select(User).where(User.username == normal_username(username))).first()
        if user is None:
            raise NotFound(mark("There is no user %(name)s"), {"name": username}, field="username")
        user.is_active = False
        sessions.end_all(session, user.id, office.now())


def demo_passwords_in_use(session: Session) -> bool:
    """Whether anybody could sign in with the password that the demo prints (``is_demo`` falls with a new one)."""
    return bool(session.scalar(select(exists().where(User.is_demo, User.is_active))))


def demo_cards(office: Office) -> list[Card]:
    """One account of each role, as long as it has the demo's password, for the sign-in page of the demo."""
    with office.database.read() as session:
        found: dict[str, Card] = {}
        for user in session.scalars(select(User).where(User.is_demo, User.is_active).order_by(User.id)):
            found.setdefault(user.role, _card(user))
    return [found[role] for role in ROLES if role in found]


def own_card(office: Office, actor: Actor) -> Card:
    """The actor's own account with its bureau and areas; raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn(mark("Sign in first"))
    with office.database.read() as session:
        user = session.get_one(User, actor.user_id)
        bureau = session.get(Bureau, user.bureau_id) if user.bureau_id else None
        areas = session.execute(
            select(AreaVersion.name_zh, AreaVersion.name_en)
            .join(UserArea, UserArea.area_id == AreaVersion.area_id)
            .where(UserArea.user_id == user.id, AreaVersion.valid_to.is_(None))
            .order_by(AreaVersion.area_id)
        )
        return _card(
            user,
            bureau=(bureau.name_zh, bureau.name_en) if bureau else None,
            areas=tuple((row.name_zh, row.name_en) for row in areas),
        )


def check_role(role: str) -> None:
    """Raise Refused unless it is one of the six roles."""
    if role not in ROLES:
        raise Refused(
            mark("There is no role %(role)s: %(roles)s"),
            {"role": role, "roles": ", ".join(ROLES)},
            field="role",
        )


def bureau_by_code(session: Session, code: str | None) -> int | None:
    """The id of the bureau in use with this code, None for none; raises Refused for one that is not there."""
    if not code:
        return None
    found = session.scalar(select(Bureau.id).where(Bureau.code == code, Bureau.retired_at.is_(None)))
    if found is None:
        raise Refused(mark("There is no bureau with the code %(code)s"), {"code": code}, field="bureau")
    return found


def _area_by_code(session: Session, code: str) -> int:
    """An area's id; where levels share a code, the finest level's."""
    found = session.scalar(
        select(Area.id)
        .join(Level, Area.level_id == Level.id)
        .where(Area.code == code)
        .order_by(Level.position.desc())
        .limit(1)
    )
    if found is None:
        raise Refused(mark("There is no area with the code %(code)s"), {"code": code}, field="area")
    return found


def _card(
    user: User, *, bureau: tuple[str, str] | None = None, areas: tuple[tuple[str, str], ...] = ()
) -> Card:
    person = user.person
    return Card(
        user.username,
        user.role,
        person.name_zh if person else "",
        person.name_en if person else "",
        bureau,
        areas,
    )
