"""The queue of what is sent outside: notices gathered into mails, claimed, settled, tried again, given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from casework.clock import day_bounds, day_of
from casework.errors import Conflict, NotFound, mark
from casework.notice_choices import choices_of
from casework.notice_kinds import AT_ONCE, BY_KIND, DAILY
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from casework.posting import Answer
from db.models import Delivery, MailAddress, Notice, User

# Events of so long after the first are one mail, and one person gets no more than one in so long.
GATHER: Final = timedelta(minutes=2)
BETWEEN: Final = timedelta(minutes=10)
DIGEST_HOUR: Final = 8
STALE: Final = timedelta(days=3)  # older notices are not mailed: nobody needs them then
PAUSES: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 480, 1440))
MOST_TRIES: Final = len(PAUSES) + 1
LEASE: Final = timedelta(minutes=5)
BATCH: Final = 20
_OPEN: Final = ("waiting", "failed")


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries for one receiver that were claimed: nobody else sends them for a while."""

    channel: str
    webhook_id: int | None
    ids: list[int]


def gather(office: Office) -> int:
    """Make mails of the notices that are to be mailed now; returns how many mails were made."""
    if not office.settings.mail.is_set:
        return 0
    now = office.now()
    with office.database.read() as session:
        if not _to_be_mailed(session, now):
            return 0
    with office.database.write() as session:
        timezone = the_city(session).timezone
        by_user: dict[int, list[Notice]] = {}
        for notice in _to_be_mailed(session, now):
            by_user.setdefault(notice.user_id, []).append(notice)
        chosen = choices_of(session, list(by_user))
        made = [
            _mail(session, user_id, notices, chosen, now, timezone) for user_id, notices in by_user.items()
        ]
    return sum(made)


def claim(office: Office, most: int = BATCH) -> list[Batch]:
    """Take what is due, a batch for each receiver: what nobody settles within five minutes is due again."""
    now = office.now()
    due = (Delivery.status.in_(_OPEN), Delivery.next_at <= now)
    with office.database.read() as session:
        if session.scalars(select(Delivery.id).where(*due).limit(1)).first() is None:
            return []
    with office.database.write() as session:
        receivers = session.execute(
            select(Delivery.channel, Delivery.webhook_id).where(*due).distinct()
        ).all()
        batches = [_claimed(session, channel, hook, now, most) for channel, hook in receivers]
    return batches


def _claimed(session: Session, channel: str, webhook_id: int | None, now: datetime, most: int) -> Batch:
    # `is not distinct from`, for mails have no webhook
    same = Delivery.webhook_id.is_not_distinct_from(webhook_id)
    wanted = select(Delivery.id).where(Delivery.status.in_(_OPEN), Delivery.next_at <= now)
    ids = list(
        session.scalars(
            wanted.where(Delivery.channel == channel, same)
            .order_by(Delivery.next_at, Delivery.id)
            .limit(most)
        )
    )
    session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(next_at=now + LEASE))
    return Batch(channel, webhook_id, ids)


def settle(office: Office, ids: Sequence[int], answer: Answer) -> None:
    """Note what came of a try of these deliveries: sent, to be tried again after a growing pause, or given up."""
    now = office.now()
    with office.database.write() as session:
        for one in session.scalars(select(Delivery).where(Delivery.id.in_(list(ids)))):
            _settle(one, answer, now)


def put_off(office: Office, ids: Sequence[int]) -> None:
    """Leave these for the next round but one: their receiver has just failed with another one."""
    with office.database.write() as session:
        session.execute(
            update(Delivery).where(Delivery.id.in_(list(ids))).values(next_at=office.now() + PAUSES[0])
        )


def send_again(office: Office, actor: Actor, delivery_id: int) -> None:
    """Try once more what was given up. Raises Forbidden, NotFound, Conflict when it was not given up."""
    require(actor, Act.MANAGE_WEBHOOKS)
    with office.database.write() as session:
        one = session.get(Delivery, delivery_id)
        if one is None:
            raise NotFound(mark("There is no such message"))
        if one.status != "given_up":
            raise Conflict(mark("Only what was given up can be sent again"))
        one.status, one.tries, one.next_at, one.ended_at = "waiting", 0, office.now(), None


def forget(office: Office) -> int:
    """Delete what was kept long enough: read notices and ended deliveries; returns how many rows went."""
    before = office.now() - timedelta(days=office.settings.notice_days)
    old_notices = (Notice.read_at < before, Notice.at < before)
    old_deliveries = (Delivery.ended_at < before,)
    with office.database.read() as session:
        old = session.scalars(select(Notice.id).where(*old_notices).limit(1)).first()
        if (
            old is None
            and session.scalars(select(Delivery.id).where(*old_deliveries).limit(1)).first() is None
        ):
            return 0
    with office.database.write() as session:
        gone = session.execute(delete(Notice).where(*old_notices)).rowcount  # type: ignore[attr-defined]
        gone += session.execute(delete(Delivery).where(*old_deliveries)).rowcount  # type: ignore[attr-defined]
    return int(gone)


def _to_be_mailed(session: Session, now: datetime) -> list[Notice]:
    return list(
        session.scalars(
            select(Notice)
            .join(MailAddress, MailAddress.user_id == Notice.user_id)
            .join(User, User.id == Notice.user_id)
            .where(Notice.mailed_at.is_(None), Notice.read_at.is_(None), User.is_active)
            .where(Notice.at > now - STALE, Notice.at >= MailAddress.changed_at)
            .order_by(Notice.id)
        )
    )


def _mail(
    session: Session, user_id: int, notices: list[Notice], chosen: dict[tuple[int, str], str], now: datetime,
    timezone: str,
) -> bool:  # fmt: skip
    """Make one mail of what this person is to get now, if anything."""

    def wish(notice: Notice) -> str:
        known = BY_KIND.get(notice.kind)
        return chosen.get((user_id, notice.kind), known.mail if known else DAILY)

    at_once = [one for one in notices if wish(one) == AT_ONCE]
    daily = [one for one in notices if wish(one) == DAILY]
    is_daily = bool(daily) and _digest_is_due(session, user_id, now, timezone)
    if is_daily:
        taken, kind = sorted(at_once + daily, key=lambda one: one.id), "digest"
    elif at_once and at_once[0].at <= now - GATHER and not _had_mail(session, user_id, now - BETWEEN):
        taken, kind = at_once, "notices"
    else:
        return False
    for one in taken:
        one.mailed_at = now
    session.add(
        Delivery(
            channel="email", user_id=user_id, kind=kind, payload={"notices": [one.id for one in taken]},
            status="waiting", next_at=now, created_at=now,
        )
    )  # fmt: skip
    return True


def _had_mail(session: Session, user_id: int, since: datetime) -> bool:
    last = session.scalar(
        select(func.max(Delivery.created_at)).where(Delivery.user_id == user_id, Delivery.kind != "test")
    )
    return last is not None and last > since


def _digest_is_due(session: Session, user_id: int, now: datetime, timezone: str) -> bool:
    """Whether it is past 8 on the city's clock and there was no digest since midnight."""
    today = day_of(now, timezone)
    midnight, _end = day_bounds(today, today, timezone)
    if now < midnight + timedelta(hours=DIGEST_HOUR):
        return False
    last = session.scalar(
        select(func.max(Delivery.created_at)).where(Delivery.user_id == user_id, Delivery.kind == "digest")
    )
    return last is None or last < midnight


def _settle(one: Delivery, answer: Answer, now: datetime) -> None:
    one.tries += 1
    log: list[dict[str, Any]] = list(one.payload.get("log", []))
    said = {"error": answer.error, "detail": answer.detail, "answer": answer.answer}
    log.append({"at": now.isoformat(), "ok": answer.ok, **said})
    one.payload = {**one.payload, "log": log[-(2 * MOST_TRIES) :]}
    one.last_error, one.answer = answer.error, answer.answer
    if answer.ok:
        one.status, one.ended_at, one.next_at = "sent", now, None
    elif answer.is_final or one.tries >= MOST_TRIES:
        one.status, one.ended_at, one.next_at = "given_up", now, None
    else:
        one.status, one.next_at = "failed", now + PAUSES[one.tries - 1]
