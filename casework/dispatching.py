"""Choosing the bureau of a dispatch: the rule's, or the one that a person names."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casework.errors import Refused, mark
from casework.policy import Actor
from casework.reassignment import code_of
from db.models import Area, Assignment, Bureau, Finding, Level

_COPIED = (
    "finding_id", "level_id", "area_id", "area_version_id", "coverage_version", "kind", "near_border",
    "nearest_area_id", "nearest_m", "candidates",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BureauChoice:
    """The bureau of a dispatch, and whether a person named it against the rule."""

    bureau_id: int
    code: str
    by_hand: bool


def chosen_bureau(session: Session, finding: Finding, code: str) -> BureauChoice:
    """The bureau with this code, or the finding's own when no code is given. Raises Refused naming ``bureau``."""
    if not code:
        if finding.bureau_id is None:
            raise Refused(mark("bureau: no rule names one for this finding, so choose one"), field="bureau")
        return BureauChoice(
            finding.bureau_id, code_of(session, Bureau, finding.bureau_id) or "", by_hand=False
        )
    bureau = bureau_in_use(session, code, "bureau")
    return BureauChoice(bureau.id, bureau.code, by_hand=bureau.id != finding.bureau_id)


def bureau_in_use(session: Session, code: str, field: str) -> Bureau:
    """The bureau with this code that is not retired. Raises Refused naming ``field``."""
    bureau = session.scalars(select(Bureau).where(Bureau.code == code)).first()
    if bureau is None or bureau.retired_at is not None:
        raise Refused(mark("There is no bureau with the code %(code)s"), {"code": code[:64]}, field=field)
    return bureau


def record_bureau(
    session: Session, finding: Finding, choice: BureauChoice, actor: Actor, at: datetime, reason: str
) -> dict[str, object]:
    """Write a bureau chosen by hand into the assignment; returns what the history keeps of the dispatch.

    A choice by hand pins the finding: boundaries and rules that change later leave it with that bureau.
    """
    if not choice.by_hand:
        return {"bureau": choice.code}
    replace_bureau(session, finding, choice.bureau_id, None, actor, at, reason, pinned=True)
    before = code_of(session, Bureau, finding.bureau_id)
    session.execute(
        update(Finding).where(Finding.id == finding.id).values(bureau_id=choice.bureau_id, pinned=True)
    )
    return {"bureau": choice.code, "instead_of": before, "area": code_of(session, Area, finding.area_id)}


def replace_bureau(
    session: Session,
    finding: Finding,
    bureau_id: int | None,
    rule_id: int | None,
    actor: Actor,
    at: datetime,
    reason: str,
    *,
    pinned: bool,
) -> None:
    """End the current assignment of the patch level and follow it with the same place and another bureau."""
    row = session.scalars(
        select(Assignment)
        .join(Level, Assignment.level_id == Level.id)
        .where(Assignment.finding_id == finding.id, Assignment.valid_to.is_(None))
        .order_by(Level.position.desc())
        .limit(1)
    ).first()
    if row is None:
        return
    row.valid_to = at
    session.flush()
    copied = {name: getattr(row, name) for name in _COPIED}
    changes = {
        "bureau_id": bureau_id, "rule_id": rule_id, "pinned": pinned, "user_id": actor.user_id,
        "reason": reason[:500], "valid_from": at, "valid_to": None,
    }  # fmt: skip
    session.execute(insert(Assignment), [{**copied, **changes}])
