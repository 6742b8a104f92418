"""Webhooks as an administrator sets them: added, tried, retired; and the log of what was sent outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import fields
from casework.accounts import bureau_by_code
from casework.errors import Conflict, NotFound, Refused, mark
from casework.map_names import Pair
from casework.notice_inbox import names_of
from casework.notice_kinds import BY_KIND
from casework.office import Office
from casework.outside_addresses import target
from casework.policy import Act, Actor, require
from casework.webhook_forms import FORMS
from db.models import DELIVERY_STATUSES, Bureau, Delivery, Finding, MailAddress, Webhook

LOG_ROWS: Final = 50
RETIRED: Final = mark("the webhook is retired")
_LANGUAGES: Final = ("zh", "en")
# Where a group robot's address leads; another host is a slip of the hand.
_HOSTS: Final = {"wecom": "qyapi.weixin.qq.com", "dingtalk": "oapi.dingtalk.com"}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages of a webhook stand how."""

    sent: int = 0
    waiting: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """A webhook without its secrets: ``shown`` is the address without what may be a key."""

    id: int
    name: str
    shown: str
    form: str
    is_signed: bool
    kinds: tuple[str, ...]
    bureau: Pair | None
    lang: str
    created_at: datetime
    created_by: Pair | None
    retired_at: datetime | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class Sent:
    """A message in the log. ``log`` has each try: when, whether it was taken, why not, what was answered."""

    id: int
    channel: str
    webhook_id: int | None
    receiver: str
    kind: str
    number: str
    finding_id: int | None
    status: str
    tries: int
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None
    error: str
    log: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the settings page shows: webhooks, the log's last rows, how many people get mail."""

    lines: list[WebhookLine]
    sent: list[Sent]
    addresses: int
    before: int | None


def overview(
    office: Office,
    actor: Actor,
    *,
    status: str = "",
    webhook_id: int | None = None,
    before: int | None = None,
) -> Overview:
    """All webhooks and the log, newest first; ``status`` and ``webhook_id`` narrow the log. Raises Forbidden."""
    require(actor, Act.MANAGE_WEBHOOKS)
    with office.database.read() as session:
        rows = _log(session, status, webhook_id, before)
        return Overview(
            lines=_lines(session),
            sent=[_sent(session, one) for one in rows[:LOG_ROWS]],
            addresses=session.scalar(select(func.count()).select_from(MailAddress)) or 0,
            before=rows[LOG_ROWS - 1].id if len(rows) > LOG_ROWS else None,
        )


def one_webhook(office: Office, actor: Actor, webhook_id: int) -> WebhookLine:
    """One webhook. Raises Forbidden, NotFound."""
    require(actor, Act.MANAGE_WEBHOOKS)
    with office.database.read() as session:
        for line in _lines(session):
            if line.id == webhook_id:
                return line
    raise NotFound(mark("There is no such webhook"))


def add_webhook(office: Office, actor: Actor, values: Mapping[str, str], kinds: Sequence[str]) -> int:
    """Add a webhook: name, url, form, secret, lang, bureau (a code, or empty: all) and the kinds of events.

    Raises Refused naming the field. Whether the address answers is seen by trying, not here.
    """
    require(actor, Act.MANAGE_WEBHOOKS)
    name = fields.text(values.get("name"), "name", limit=fields.MAX_LINE, required=True)
    url, form = fields.text(values.get("url"), "url", limit=1000, required=True), values.get("form", "")
    where = target(url)
    if form not in FORMS:
        raise Refused(mark("Choose the form of the messages"), field="form")
    if form in _HOSTS and where.host != _HOSTS[form] and not office.settings.webhooks_to_private:
        raise Refused(
            mark("url: the address of such a robot begins with https://%(host)s/"), {"host": _HOSTS[form]},
            field="url",
        )  # fmt: skip
    secret = fields.text(values.get("secret"), "secret", limit=200)
    if form == "json" and len(secret) < 16:
        raise Refused(
            mark("secret: at least 16 characters, the receiver checks the signature with it"), field="secret"
        )
    if not kinds or not set(kinds) <= set(BY_KIND):
        raise Refused(mark("Choose what it is told of"), field="kinds")
    lang = values.get("lang", "")
    with office.database.write() as session:
        hook = Webhook(
            name=name, url=url, form=form, secret=secret, kinds=sorted(set(kinds)),
            bureau_id=bureau_by_code(session, values.get("bureau") or None),
            lang=lang if lang in _LANGUAGES else _LANGUAGES[0], created_at=office.now(), created_by=actor.user_id,
        )  # fmt: skip
        session.add(hook)
        session.flush()
        return hook.id


def try_webhook(office: Office, actor: Actor, webhook_id: int) -> None:
    """Let a message go there that says that messages arrive. Raises NotFound, Conflict when it is retired."""
    require(actor, Act.MANAGE_WEBHOOKS)
    now = office.now()
    with office.database.write() as session:
        hook = _kept(session, webhook_id)
        if hook.retired_at is not None:
            raise Conflict(mark("This webhook is retired"))
        session.add(
            Delivery(
                channel="webhook", webhook_id=hook.id, kind="test", status="waiting", next_at=now, created_at=now
            )
        )  # fmt: skip


def retire_webhook(office: Office, actor: Actor, webhook_id: int) -> None:
    """Send nothing there any more; what waits is given up. Raises NotFound. Retired twice is retired."""
    require(actor, Act.MANAGE_WEBHOOKS)
    with office.database.write() as session:
        hook = _kept(session, webhook_id)
        hook.retired_at = hook.retired_at or office.now()
        hook.secret = ""
        waiting = select(Delivery).where(Delivery.webhook_id == hook.id, Delivery.ended_at.is_(None))
        for one in session.scalars(waiting):
            one.status, one.ended_at, one.next_at = "given_up", office.now(), None
            one.last_error = RETIRED


def _kept(session: Session, webhook_id: int) -> Webhook:
    hook = session.get(Webhook, webhook_id)
    if hook is None:
        raise NotFound(mark("There is no such webhook"))
    return hook


def _lines(session: Session) -> list[WebhookLine]:
    hooks = session.scalars(select(Webhook).order_by(Webhook.retired_at.is_not(None), Webhook.id)).all()
    people = names_of(session, [one.created_by for one in hooks])
    bureaus = {
        one.id: [one.short_zh or one.name_zh, one.short_en or one.name_en]
        for one in session.scalars(select(Bureau))
    }
    counted: dict[int | None, dict[str, int]] = {}
    for row in session.execute(
        select(Delivery.webhook_id, Delivery.status, func.count())
        .where(Delivery.webhook_id.is_not(None))
        .group_by(Delivery.webhook_id, Delivery.status)
    ):
        counted.setdefault(row[0], {})[row[1]] = row[2]
    return [
        WebhookLine(
            hook.id, hook.name, target(hook.url).shown, hook.form, bool(hook.secret), tuple(hook.kinds),
            bureaus.get(hook.bureau_id or 0), hook.lang, hook.created_at, people.get(hook.created_by or 0),
            hook.retired_at, _tally(counted.get(hook.id, {})),
        )
        for hook in hooks
    ]  # fmt: skip


def _tally(counts: Mapping[str, int]) -> Tally:
    return Tally(
        counts.get("sent", 0), counts.get("waiting", 0) + counts.get("failed", 0), counts.get("given_up", 0)
    )


def _log(session: Session, status: str, webhook_id: int | None, before: int | None) -> Sequence[Delivery]:
    wanted = select(Delivery).order_by(Delivery.id.desc()).limit(LOG_ROWS + 1)
    if status in DELIVERY_STATUSES:
        wanted = wanted.where(Delivery.status == status)
    if webhook_id is not None:
        wanted = wanted.where(Delivery.webhook_id == webhook_id)
    if before is not None:
        wanted = wanted.where(Delivery.id < before)
    return session.scalars(wanted).all()


def _sent(session: Session, one: Delivery) -> Sent:
    hook = session.get(Webhook, one.webhook_id) if one.webhook_id else None
    finding = session.get(Finding, one.finding_id) if one.finding_id else None
    person = names_of(session, [one.user_id]).get(one.user_id or 0) if one.user_id else None
    receiver = hook.name if hook else (person[0] or person[1] if person else "")
    return Sent(
        one.id, one.channel, one.webhook_id, receiver, one.kind, finding.number if finding else "", one.finding_id,
        one.status, one.tries, one.next_at, one.created_at, one.ended_at, one.last_error,
        tuple(one.payload.get("log", [])),
    )  # fmt: skip
