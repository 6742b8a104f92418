"""Signing in with a user name and a password, and slowing down those who guess."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from casework import passwords, sessions
from casework.accounts import normal_username
from casework.errors import Refused, TooManyAttempts, mark
from casework.office import Office
from db.models import SignInAttempt, User


@dataclass(frozen=True, slots=True)
class Brake:
    """So many failures within ``window`` are free; each further one doubles the wait, up to ``longest_s``."""

    free: int
    window: timedelta = timedelta(minutes=15)
    longest_s: int = 300

    def wait_s(self, failures: int) -> int:
        """Seconds to wait after this many failures."""
        over = failures - self.free
        return 0 if over < 0 else min(self.longest_s, 2 ** min(over, 16))


# Guessing one person's password, and trying one password on many people from one address.
USERNAME_BRAKE = Brake(free=5)
ADDRESS_BRAKE = Brake(free=20)
_KEPT = timedelta(days=1)
_WRONG = mark("User name and password do not match")


def sign_in(office: Office, username: object, password: object, address: str) -> str:
    """Open a session and return its token.

    ``address`` is where the request came from. Raises Refused when name and password do not match, whether or not
    there is such a user, and TooManyAttempts with ``seconds`` when too much was guessed.
    """
    name, secret = _given(username, password)
    # The attempt is on record as failed before the password is looked at, so guesses sent at once also count.
    attempt_id = _begin(office, name, address[:64])
    with office.database.read() as session:
        user = session.scalars(select(User).where(User.username == name)).first()
    if not passwords.fits(secret, user.password_hash if user else None) or user is None or not user.is_active:
        raise Refused(_WRONG, field="password")
    fresh = passwords.hashed(secret) if passwords.is_outdated(user.password_hash) else None
    with office.database.write() as session:
        session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(succeeded=True))
        if fresh:
            session.execute(update(User).where(User.id == user.id).values(password_hash=fresh))
        return sessions.open_session(session, office, user.id)


def _given(username: object, password: object) -> tuple[str, str]:
    if not isinstance(password, str) or not password or len(password) > passwords.MAX_LENGTH:
        raise Refused(_WRONG, field="password")
    try:
        return normal_username(username), password
    except Refused:
        raise Refused(_WRONG, field="password") from None


def _begin(office: Office, username: str, address: str) -> int:
    now = office.now()
    with office.database.write() as session:
        wait_s = max(
            _wait_s(session, USERNAME_BRAKE, _since_success(session, username), username=username, now=now),
            _wait_s(session, ADDRESS_BRAKE, None, address=address, now=now),
        )
        if wait_s > 0:
            raise TooManyAttempts(
                mark("Too many attempts: try again in %(seconds)s s"), {"seconds": wait_s}, field="password"
            )
        session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - _KEPT))
        attempt = SignInAttempt(username=username, address=address, at=now, succeeded=False)
        session.add(attempt)
        session.flush()
        return attempt.id


def _since_success(session: Session, username: str) -> datetime | None:
    """When this user last signed in: what was mistyped before is forgiven."""
    return session.scalar(
        select(func.max(SignInAttempt.at)).where(SignInAttempt.username == username, SignInAttempt.succeeded)
    )


def _wait_s(
    session: Session,
    brake: Brake,
    since: datetime | None,
    *,
    now: datetime,
    username: str | None = None,
    address: str | None = None,
) -> int:
    whose = SignInAttempt.username == username if username is not None else SignInAttempt.address == address
    start = now - brake.window
    failures, last = session.execute(
        select(func.count(), func.max(SignInAttempt.at)).where(
            whose,
            SignInAttempt.at > (max(since, start) if since else start),
            SignInAttempt.succeeded.is_(False),
        )
    ).one()
    if not failures:
        return 0
    return math.ceil((last + timedelta(seconds=brake.wait_s(failures)) - now).total_seconds())
