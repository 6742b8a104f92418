"""What a message says, read at the moment of sending: of a case, only what its reader may see then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import sessions
from casework.map_names import read_names
from casework.map_rows import described
from casework.notice_inbox import Group, grouped
from casework.notice_kinds import TABLE, TESTED, words_of
from casework.office import Office, the_city
from casework.webhook_forms import Item
from db.models import Delivery, Finding, MailAddress, Notice


@dataclass(frozen=True, slots=True)
class MailContent:
    """What a mail tells: cases with their notices; ``is_test`` says only that mail arrives."""

    to: str
    lang: str
    groups: list[Group]
    is_test: bool
    is_daily: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One event for a webhook: the act, when, and the case (None: a trial)."""

    act: str
    words: str
    at: datetime
    row: dict[str, Any] | None
    code: str = ""
    status: str = ""


class Words(Protocol):
    """Says things in a language; ``web/notice_words.py`` does, from the catalogues."""

    def letter(self, content: MailContent) -> tuple[str, str]:
        """Subject and body of a mail."""

    def item(self, event: Event, lang: str) -> Item:
        """An event for a chat."""

    def title(self, events: Sequence[Event], lang: str) -> str:
        """The first line of a chat message."""

    def more(self, lang: str) -> str:
        """How many events had no room, with the place {n}."""

    def address(self, finding_id: int) -> str:
        """The web address of a case; empty where ours is not known."""


def mail_content(office: Office, session: Session, delivery: Delivery) -> MailContent | None:
    """What a waiting mail says; None when there is nobody to send it to, or nothing left to say."""
    known = session.get(MailAddress, delivery.user_id)
    actor = sessions.actor_by_id(session, delivery.user_id or 0)
    if known is None or actor is None:
        return None
    is_test = delivery.kind == "test"
    groups: list[Group] = []
    if not is_test:
        wanted = list(delivery.payload.get("notices", []))
        notices = session.scalars(
            select(Notice)
            .where(Notice.id.in_(wanted), Notice.user_id == actor.user_id)
            .order_by(Notice.id.desc())
        )
        groups = [one for one in grouped(office, session, actor, list(notices)) if one.row is not None]
        if not groups:
            return None
    return MailContent(known.address, known.lang, groups, is_test, delivery.kind == "digest", office.now())


def events(office: Office, session: Session, deliveries: Sequence[Delivery]) -> dict[int, Event]:
    """The events of these deliveries by delivery id; those whose case is gone are left out."""
    ids = [one.finding_id for one in deliveries if one.finding_id is not None]
    names, city = read_names(session), the_city(session)
    rows = {
        row["id"]: row
        for row in described(session, ids, names, office.now(), city.timezone, persons=False)
    }  # fmt: skip
    facts = {
        row.id: row
        for row in session.execute(
            select(Finding.id, Finding.status, Finding.category_id).where(Finding.id.in_(ids))
        )
    }
    found: dict[int, Event] = {}
    for one in deliveries:
        if one.finding_id is None:
            found[one.id] = Event(one.kind, TESTED, one.created_at, None)
        elif one.finding_id in rows:
            fact = facts[one.finding_id]
            code = names.categories[fact.category_id].code
            found[one.id] = Event(
                one.kind, _headline(one.kind), one.created_at, rows[one.finding_id], code, fact.status
            )
    return found


def as_json(event: Event, delivery_id: int, words: Words) -> dict[str, Any]:
    """An event as the JSON form sends it: no person, and nothing that somebody wrote but place and subject."""
    body: dict[str, Any] = {
        "event": event.act, "text": event.words, "at": event.at.isoformat(timespec="seconds"),
        "delivery": delivery_id,
    }  # fmt: skip
    row = event.row
    if row is None:
        return {**body, "event": "test", "finding": None}
    body["finding"] = {
        "id": str(row["id"]), "number": row["number"], "status": event.status,
        "category": {"code": event.code, "zh": row["category"][0], "en": row["category"][1]},
        "subject": row["subject"], "place": row["place"], "lon": row["lon"], "lat": row["lat"],
        "area": row["patch"], "bureau": row["bureau"], "reported_at": row["reported_at"], "due_at": row["due_at"],
        "overdue": row["s"] == "over", "url": words.address(row["id"]) or None,
    }  # fmt: skip
    return body


def _headline(act: str) -> str:
    """What an act is called for people outside: the words of its first row."""
    rows = TABLE.get(act, ())
    return words_of(act, rows[0].kind) if rows else TESTED
