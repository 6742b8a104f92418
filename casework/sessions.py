"""Signed-in browsers: opened at sign-in, kept alive by use, ended by time, by their owner or by a new password."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework.errors import NotSignedIn, mark
from casework.office import Office
from casework.policy import Actor
from db.models import User, UserArea, UserSession

# A session's last use is written down at most this often: reading pages should not mean writing.
_TOUCH_EVERY = timedelta(minutes=1)
_FORGOTTEN_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of the places where somebody is signed in."""

    opened_at: datetime
    last_seen_at: datetime
    is_this_one: bool


def open_session(session: Session, office: Office, user_id: int) -> str:
    """Open a session inside the caller's write transaction and return its token, which is kept nowhere."""
    now = office.now()
    token = secrets.token_urlsafe(32)
    session.execute(delete(UserSession).where(UserSession.expires_at < now - _FORGOTTEN_AFTER))
    session.add(
        UserSession(
            token_hash=digest(token),
            user_id=user_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(days=office.settings.session_days),
        )
    )
    session.flush()
    return token


def reopen(office: Office, actor: Actor) -> str:
    """A new session for somebody whose sessions have just ended (a new password); returns its token."""
    if actor.user_id is None:
        raise NotSignedIn(mark("Sign in first"))
    with office.database.write() as session:
        return open_session(session, office, actor.user_id)


def actor_of(office: Office, token: str) -> Actor | None:
    """Who is signed in with this token; None when the session has ended or its owner's account is closed."""
    now = office.now()
    idle_since = now - timedelta(hours=office.settings.session_hours)
    with office.database.read() as session:
        row = session.execute(
            select(UserSession.token_hash, UserSession.last_seen_at, User)
            .join(User, UserSession.user_id == User.id)
            .where(
                UserSession.token_hash == digest(token),
                UserSession.ended_at.is_(None),
                UserSession.expires_at > now,
                UserSession.last_seen_at > idle_since,
                User.is_active,
            )
        ).first()
        if row is None:
            return None
        areas = session.scalars(select(UserArea.area_id).where(UserArea.user_id == row.User.id))
        actor = _actor(row.User, frozenset(areas))
    if now - row.last_seen_at >= _TOUCH_EVERY:
        with office.database.write() as session:
            session.execute(
                update(UserSession).where(UserSession.token_hash == row.token_hash).values(last_seen_at=now)
            )
    return actor


def actor_by_id(session: Session, user_id: int) -> Actor | None:
    """The account with this id as an actor, for work on its behalf; None when there is none, or it is closed."""
    user = session.get(User, user_id)
    if user is None or not user.is_active:
        return None
    areas = session.scalars(select(UserArea.area_id).where(UserArea.user_id == user_id))
    return _actor(user, frozenset(areas))


def open_sessions(office: Office, actor: Actor, token: str) -> list[OpenSession]:
    """Where the actor is signed in, the latest use first; ``token`` is the asking browser's own."""
    now = office.now()
    idle_since = now - timedelta(hours=office.settings.session_hours)
    with office.database.read() as session:
        rows = session.scalars(
            select(UserSession)
            .where(
                UserSession.user_id == actor.user_id,
                UserSession.ended_at.is_(None),
                UserSession.expires_at > now,
                UserSession.last_seen_at > idle_since,
            )
            .order_by(UserSession.last_seen_at.desc(), UserSession.created_at.desc())
        ).all()
    return [
        OpenSession(row.created_at, row.last_seen_at, is_this_one=row.token_hash == digest(token))
        for row in rows
    ]


def end(office: Office, token: str) -> None:
    """End the session with this token; nothing happens when there is none."""
    with office.database.write() as session:
        session.execute(
            update(UserSession)
            .where(UserSession.token_hash == digest(token), UserSession.ended_at.is_(None))
            .values(ended_at=office.now())
        )


def end_all(session: Session, user_id: int, at: datetime, *, but: str | None = None) -> None:
    """End a user's sessions inside the caller's transaction, all but the one with the token ``but``."""
    open_ones = (UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    kept = (UserSession.token_hash != digest(but),) if but else ()
    session.execute(update(UserSession).where(*open_ones, *kept).values(ended_at=at))


def end_others(office: Office, actor: Actor, token: str) -> None:
    """End all the actor's sessions but the one with this token."""
    if actor.user_id is not None:
        with office.database.write() as session:
            end_all(session, actor.user_id, office.now(), but=token)


def digest(secret: str) -> str:
    """The SHA-256 (hex) of a token: what is stored of it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _actor(user: User, area_ids: frozenset[int]) -> Actor:
    person = user.person
    return Actor(
        role=user.role,
        user_id=user.id,
        username=user.username,
        name_zh=person.name_zh if person else user.username,
        name_en=person.name_en if person else user.username,
        bureau_id=user.bureau_id,
        area_ids=area_ids,
    )
