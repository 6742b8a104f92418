"""Notices: who must know of a step gets one, inside the transaction of the step itself. No words are kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from casework.case_standing import STAFF
from casework.notice_kinds import SECOND_APPROVAL, SETTLES, TABLE, Telling, events_of
from casework.notice_people import Circle, Told
from casework.office import Office
from casework.policy import Actor
from db.models import Delivery, Extension, Finding, HistoryEntry, Notice, User, Webhook


def told(session: Session, office: Office, finding_id: int, act: str, actor: Actor, at: datetime) -> None:
    """Let everybody who must know of this act know; the one who did it is not told.

    Writes notices, and what is to be sent to webhooks; nothing is sent here. What the act settles counts as read by
    all: a check that somebody made waits for nobody else.
    """
    settled(session, finding_id, act, at)
    tell(session, finding_id, act, at, by=actor.user_id, occasion=str(_last_step(session, finding_id)))


def settled(session: Session, finding_id: int, act: str, at: datetime) -> None:
    """Mark as read what an act leaves nobody to do."""
    if act in SETTLES:
        session.execute(
            update(Notice)
            .where(Notice.finding_id == finding_id, Notice.kind.in_(SETTLES[act]), Notice.read_at.is_(None))
            .values(read_at=at)
        )


def tell(
    session: Session, finding_id: int, act: str, at: datetime, *, by: int | None = None, occasion: str
) -> int:
    """Notices of an act, or of what the clock did; returns how many people were told.

    ``occasion`` names the event: a person is told of one event of a finding and kind once, whoever asks again.
    """
    rows = _rows_of(session, finding_id, act)
    if not rows:
        return 0
    circle = Circle(session, finding_id, at)
    chosen: dict[int, tuple[Telling, Told]] = {}
    for row in rows:
        for one in circle.of(row.whom):
            if one.user_id != by:
                chosen.setdefault(one.user_id, (row, one))
    fresh = [
        _notice(row, one, act, at, by, finding_id, f"{act}:{finding_id}:{occasion}")
        for row, one in chosen.values()
    ]
    fresh = _not_told_yet(session, fresh)
    if fresh:
        session.execute(insert(Notice), fresh)
    _to_webhooks(session, circle, act, at, f"{act}:{finding_id}:{occasion}")
    return len(fresh)


def _rows_of(session: Session, finding_id: int, act: str) -> tuple[Telling, ...]:
    if act == "approve_extension" and _is_approved_once(session, finding_id):
        return (SECOND_APPROVAL,)
    if act == "report" and _is_staffs_own(session, finding_id):
        return ()  # nobody has to verify it
    return TABLE.get(act, ())


def _is_staffs_own(session: Session, finding_id: int) -> bool:
    role = session.scalar(
        select(User.role).join(Finding, Finding.reporter_id == User.id).where(Finding.id == finding_id)
    )
    return role in STAFF


def _is_approved_once(session: Session, finding_id: int) -> bool:
    status = session.scalars(
        select(Extension.status)
        .where(Extension.finding_id == finding_id)
        .order_by(Extension.id.desc())
        .limit(1)
    ).first()
    return status == "approved_once"


def _notice(
    row: Telling, one: Told, act: str, at: datetime, by: int | None, finding_id: int, occasion: str
) -> dict[str, Any]:
    facts: dict[str, Any] = {"act": act}
    if by is not None:
        facts["by"] = by
    if row is SECOND_APPROVAL:
        facts["second"] = True
    if one.finding_id != finding_id:
        facts["joined"] = True
    return {
        "user_id": one.user_id, "finding_id": one.finding_id, "kind": row.kind, "occasion": occasion[:120],
        "facts": facts, "at": at,
    }  # fmt: skip


def _not_told_yet(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return []
    known = set(
        session.scalars(
            select(Notice.user_id).where(
                Notice.occasion == rows[0]["occasion"], Notice.user_id.in_([row["user_id"] for row in rows])
            )
        )
    )
    return [row for row in rows if row["user_id"] not in known]


def _last_step(session: Session, finding_id: int) -> int:
    return (
        session.scalar(select(func.max(HistoryEntry.seq)).where(HistoryEntry.finding_id == finding_id)) or 0
    )


def _to_webhooks(session: Session, circle: Circle, act: str, at: datetime, occasion: str) -> None:
    """One message for each webhook that wants to hear of it, to be sent by the deliverer."""
    hooks = [
        hook
        for hook in session.scalars(select(Webhook).where(Webhook.retired_at.is_(None)).order_by(Webhook.id))
        if _wants(hook, events_of(act), circle)
    ]
    told_of = {
        (row.webhook_id, row.payload.get("occasion"))
        for row in session.execute(
            select(Delivery.webhook_id, Delivery.payload).where(
                Delivery.finding_id == circle.finding_id, Delivery.kind == act
            )
        )
    }
    hooks = [hook for hook in hooks if (hook.id, occasion) not in told_of]
    if not hooks:
        return
    session.execute(
        insert(Delivery),
        [
            {
                "channel": "webhook", "webhook_id": hook.id, "kind": act, "finding_id": circle.finding_id,
                "payload": {"occasion": occasion}, "status": "waiting", "next_at": at, "created_at": at,
            }
            for hook in hooks
        ],
    )  # fmt: skip


def _wants(hook: Webhook, kinds: Iterable[str], circle: Circle) -> bool:
    if not set(kinds) & set(hook.kinds):
        return False
    return hook.bureau_id is None or hook.bureau_id in circle.bureaus()
