"""Keys for other programs: made once, shown once, recognised by their SHA-256, revoked by their prefix."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from casework import fields
from casework.accounts import bureau_by_code, check_role
from casework.errors import NotFound, Refused, mark
from casework.office import Office
from casework.policy import Act, Actor, require
from casework.sessions import digest
from db.models import ApiKey, Bureau

PREFIX = "bp_"
_SHOWN = 10  # characters of a key that are kept readable
_TOUCH_EVERY = timedelta(minutes=1)


def add_key(office: Office, actor: Actor, name: object, role: str, *, bureau: str | None = None) -> str:
    """Make a key and return it: it is shown this once and stored nowhere. Raises Refused naming the field."""
    require(actor, Act.MANAGE_KEYS)
    label = fields.text(name, "name", limit=fields.MAX_LINE, required=True)
    check_role(role)
    key = PREFIX + secrets.token_urlsafe(32)
    with office.database.write() as session:
        bureau_id = bureau_by_code(session, bureau)
        if role == "handler" and bureau_id is None:
            raise Refused(mark("A handler belongs to a bureau: name it"), field="bureau")
        session.add(
            ApiKey(
                name=label, prefix=key[:_SHOWN], key_hash=digest(key), role=role, bureau_id=bureau_id,
                created_at=office.now(),
            )
        )  # fmt: skip
    return key


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key as its list shows it: never the key itself. ``bureau`` is a code."""

    prefix: str
    name: str
    role: str
    bureau: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def list_keys(office: Office, actor: Actor) -> list[KeyLine]:
    """All keys, those in use first, the newest first."""
    require(actor, Act.MANAGE_KEYS)
    with office.database.read() as session:
        rows = session.execute(
            select(ApiKey, Bureau.code)
            .join(Bureau, ApiKey.bureau_id == Bureau.id, isouter=True)
            .order_by(ApiKey.revoked_at.is_not(None), ApiKey.created_at.desc(), ApiKey.id.desc())
        ).all()
    return [
        KeyLine(
            key.prefix, key.name, key.role, bureau or "", key.created_at, key.last_used_at, key.revoked_at
        )
        for key, bureau in rows
    ]


def bearer(office: Office, key: str) -> Actor | None:
    """On whose behalf a program with this key acts; None when the key is unknown or revoked."""
    if not key.startswith(PREFIX):
        return None
    now = office.now()
    with office.database.read() as session:
        found = session.scalars(
            select(ApiKey).where(ApiKey.key_hash == digest(key), ApiKey.revoked_at.is_(None))
        ).first()
    if found is None:
        return None
    if found.last_used_at is None or now - found.last_used_at >= _TOUCH_EVERY:
        with office.database.write() as session:
            session.execute(update(ApiKey).where(ApiKey.id == found.id).values(last_used_at=now))
    return Actor(
        role=found.role, username=found.name, name_zh=found.name, name_en=found.name, bureau_id=found.bureau_id,
        key_id=found.id,
    )  # fmt: skip


def revoke(office: Office, actor: Actor, prefix: str) -> None:
    """Take a key back, named by its first characters; raises NotFound when none in use begins like this."""
    require(actor, Act.MANAGE_KEYS)
    with office.database.write() as session:
        revoked = session.execute(
            update(ApiKey)
            .where(ApiKey.prefix == prefix[:_SHOWN], ApiKey.revoked_at.is_(None))
            .values(revoked_at=office.now())
            .returning(ApiKey.id)
        ).all()
        if not revoked:
            raise NotFound(
                mark("No key in use begins with %(prefix)s"), {"prefix": prefix[:_SHOWN]}, field="prefix"
            )
