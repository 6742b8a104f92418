"""Bureaus: added, renamed, retired with their rules pointing elsewhere, brought back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from casework import edits, fields
from casework.accounts import bureau_by_code
from casework.errors import Conflict, NotFound, Refused, mark
from casework.office import Office
from casework.policy import Act, Actor, require
from casework.reassignment import reassign
from casework.referral import rules_in_force
from casework.rule_preview import Preview, dry_run, without_bureau
from casework.status import FINAL_STATUSES
from db.models import ApiKey, Bureau, BureauTask, Finding, RoutingRule, User

NAMES = ("name_zh", "name_en", "short_zh", "short_en")
SEEN = (*NAMES, "retired_at")


@dataclass(frozen=True, slots=True)
class BureauUse:
    """What a bureau is used by.

    ``by_hand`` of the open findings were given to it by a person; ``parts`` counts those that it only takes part in.
    """

    open: int = 0
    by_hand: int = 0
    rules: int = 0
    accounts: int = 0
    keys: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class BureauLine:
    """A bureau with its use; ``seen`` is for its form."""

    id: int
    code: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    retired_at: datetime | None
    use: BureauUse
    seen: str


def list_bureaus(office: Office, actor: Actor) -> list[BureauLine]:
    """All bureaus by code, those in use first."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        uses = _uses(session)
        rows = session.scalars(select(Bureau).order_by(Bureau.retired_at.is_not(None), Bureau.code))
        return [_line(row, uses.get(row.id, BureauUse())) for row in rows]


def one_bureau(office: Office, actor: Actor, bureau_id: int) -> BureauLine:
    """One bureau; raises NotFound."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        return _line(_bureau(session, bureau_id), _uses(session).get(bureau_id, BureauUse()))


def add_bureau(office: Office, actor: Actor, code: object, names: Mapping[str, object]) -> int:
    """Put a bureau on the list and return its id. Raises Refused naming the field."""
    require(actor, Act.MANAGE_SETTINGS)
    wanted = edits.new_code(code)
    values = _names(names)
    with office.database.write() as session:
        if session.scalar(select(Bureau.id).where(Bureau.code == wanted)) is not None:
            raise Refused(mark("The code %(code)s is taken: choose another"), {"code": wanted}, field="code")
        bureau = Bureau(code=wanted, **values)
        session.add(bureau)
        session.flush()
        return bureau.id


def rename_bureau(
    office: Office, actor: Actor, bureau_id: int, names: Mapping[str, object], seen: str = ""
) -> None:
    """Give a bureau other names. Raises Refused naming the field, Conflict, NotFound."""
    require(actor, Act.MANAGE_SETTINGS)
    values = _names(names)
    with office.database.write() as session:
        bureau = _bureau(session, bureau_id)
        edits.require_fresh(seen, bureau, SEEN)
        for name, value in values.items():
            setattr(bureau, name, value)


def preview_retirement(office: Office, actor: Actor, bureau_id: int, successor: str) -> Preview:
    """What ``retire_bureau`` would do to open findings. Nothing is written; raises the same."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        successor_id = _checked(session, bureau_id, successor)
        return dry_run(session, without_bureau(rules_in_force(session), bureau_id, successor_id or bureau_id))


def retire_bureau(office: Office, actor: Actor, bureau_id: int, successor: str = "", seen: str = "") -> int:
    """Take a bureau out of use; its rules name the successor (a code) from now on. One transaction.

    Returns how many open findings went to another bureau. Raises Refused while accounts, keys or findings that a
    person gave it are still with it, and when it has rules but no successor is named.
    """
    require(actor, Act.MANAGE_SETTINGS)
    now = office.now()
    with office.database.write() as session:
        bureau = _bureau(session, bureau_id)
        edits.require_fresh(seen, bureau, SEEN)
        successor_id = _checked(session, bureau_id, successor)
        moved = 0
        if successor_id is not None:
            session.execute(
                update(RoutingRule)
                .where(RoutingRule.bureau_id == bureau_id, RoutingRule.retired_at.is_(None))
                .values(bureau_id=successor_id)
            )
            moved = reassign(
                session,
                now,
                near_m=office.settings.near_m,
                user_id=actor.user_id,
                reason=f"{bureau.code} retired",
            )
        bureau.retired_at = now
        return moved


def restore_bureau(office: Office, actor: Actor, bureau_id: int) -> None:
    """Bring a retired bureau back into use; its former rules stay where they point."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.write() as session:
        _bureau(session, bureau_id).retired_at = None


def _checked(session: Session, bureau_id: int, successor: str) -> int | None:
    """The successor's id (None where none is needed); raises Refused telling what must be moved first."""
    if _bureau(session, bureau_id).retired_at is not None:
        raise Conflict(mark("This bureau is retired already"))
    use = _uses(session).get(bureau_id, BureauUse())
    if use.accounts or use.keys:
        raise Refused(
            mark(
                "%(accounts)s active accounts and %(keys)s keys belong to this bureau: move or close them first"
            ),
            {"accounts": use.accounts, "keys": use.keys},
        )
    if use.by_hand:
        raise Refused(
            mark("%(count)s open findings were given to this bureau by hand: dispatch them elsewhere first"),
            {"count": use.by_hand},
        )
    if use.parts:
        raise Refused(
            mark("This bureau takes part in %(count)s open cases: end its part in each first"),
            {"count": use.parts},
        )
    if not use.rules and not use.open:
        return None
    successor_id = bureau_by_code(session, successor)
    if successor_id is None or successor_id == bureau_id:
        raise Refused(mark("Choose the bureau that takes over its rules"), field="bureau")
    return successor_id


def _names(given: Mapping[str, object]) -> dict[str, str]:
    zh = fields.text(given.get("name_zh"), "name_zh", limit=fields.MAX_LINE, required=True)
    en = fields.text(given.get("name_en"), "name_en", limit=fields.MAX_LINE) or zh
    return {
        "name_zh": zh,
        "name_en": en,
        "short_zh": fields.text(given.get("short_zh"), "short_zh", limit=fields.MAX_LINE) or zh,
        "short_en": fields.text(given.get("short_en"), "short_en", limit=fields.MAX_LINE) or en,
    }


def _bureau(session: Session, bureau_id: int) -> Bureau:
    bureau = session.get(Bureau, bureau_id)
    if bureau is None:
        raise NotFound(mark("There is no such bureau"))
    return bureau


def _line(row: Bureau, use: BureauUse) -> BureauLine:
    return BureauLine(
        row.id, row.code, row.name_zh, row.name_en, row.short_zh, row.short_en, row.retired_at, use,
        edits.seen(row, SEEN),
    )  # fmt: skip


def _uses(session: Session) -> dict[int, BureauUse]:
    def tally(column: Any, *where: Any) -> dict[int, int]:
        rows = session.execute(
            select(column, func.count()).where(column.is_not(None), *where).group_by(column)
        )
        return {row[0]: row[1] for row in rows}

    opened = Finding.status.not_in(FINAL_STATUSES)
    found, pinned = tally(Finding.bureau_id, opened), tally(Finding.bureau_id, opened, Finding.pinned)
    rules = tally(RoutingRule.bureau_id, RoutingRule.retired_at.is_(None))
    accounts = tally(User.bureau_id, User.is_active)
    keys = tally(ApiKey.bureau_id, ApiKey.revoked_at.is_(None))
    parts = tally(BureauTask.bureau_id, BureauTask.role == "joint", BureauTask.ended_at.is_(None))
    return {
        one: BureauUse(
            found.get(one, 0), pinned.get(one, 0), rules.get(one, 0), accounts.get(one, 0), keys.get(one, 0),
            parts.get(one, 0),
        )
        for one in found.keys() | rules.keys() | accounts.keys() | keys.keys() | parts.keys()
    }  # fmt: skip
