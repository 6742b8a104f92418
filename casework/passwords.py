"""Passwords: their rules, and argon2id hashes of them."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from casework import fields
from casework.errors import Refused, mark

MIN_LENGTH = 8
MAX_LENGTH = 200
# Known to everybody who has read the sign-in page of the demo. Only the demo's own accounts may have it.
DEMO_PASSWORD = "baopian-demo"  # noqa: S105 - no secret, that is the point

# OWASP's smallest recommended cost of argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def checked(password: object, *, field: str = "password") -> str:
    """A password that may be used; raises Refused naming ``field``. Spaces belong to it."""
    if not isinstance(password, str):
        raise Refused(mark("%(field)s must be text"), {"field": field}, field=field)
    if len(password) < MIN_LENGTH:
        raise Refused(
            mark("The password is too short: %(limit)s characters or more"),
            {"limit": MIN_LENGTH},
            field=field,
        )
    if len(password) > MAX_LENGTH:
        raise Refused(
            mark("The password is too long: at most %(limit)s characters"), {"limit": MAX_LENGTH}, field=field
        )
    fields.text(password, field)  # null characters, half characters
    if password == DEMO_PASSWORD:
        raise Refused(mark("Everybody knows this password from the demo: choose another"), field=field)
    return password


def hashed(password: str) -> str:
    """The argon2id hash of a password, with its salt and costs in it."""
    return _hasher.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Whether the password has this hash. None, for a user that is not there, takes the same time."""
    try:
        return _hasher.verify(_nobody() if password_hash is None else password_hash, password) and (
            password_hash is not None
        )
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    return hashed("a password that no account has")
