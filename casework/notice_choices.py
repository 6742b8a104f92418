"""How a person wants to be told by mail: the address, the language, and at once, daily or not for each kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework import fields
from casework.errors import NotSignedIn, Refused, mark
from casework.notice_kinds import KINDS, MAILS
from casework.office import Office, the_city
from casework.policy import Actor
from db.models import Delivery, MailAddress, NoticeChoice

LANGUAGES: Final = ("zh", "en")
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Choices:
    """A person's choices: no ``address`` means no mail. ``mail`` has now, daily or none for every kind."""

    address: str
    lang: str
    mail: dict[str, str]


def choices(office: Office, actor: Actor) -> Choices:
    """One's own choices, the usual ones where nothing was chosen. Raises NotSignedIn."""
    user_id = _own(actor)
    with office.database.read() as session:
        known = session.get(MailAddress, user_id)
        chosen = choices_of(session, [user_id])
        lang = known.lang if known else the_city(session).default_lang
        return Choices(
            known.address if known else "",
            lang if lang in LANGUAGES else LANGUAGES[0],
            {kind.key: chosen.get((user_id, kind.key), kind.mail) for kind in KINDS},
        )


def choose(office: Office, actor: Actor, values: Mapping[str, str]) -> Choices:
    """Keep one's own choices: ``address``, ``lang``, and ``mail-<kind>`` for kinds. Raises Refused naming the field.

    An empty address deletes the one that is kept; mail that waits for it is not sent any more.
    """
    user_id = _own(actor)
    address = mail_address(values.get("address"))
    lang = values.get("lang", "")
    if lang not in LANGUAGES:
        raise Refused(mark("lang: choose one of the languages"), field="lang")
    mail = {kind.key: values.get(f"mail-{kind.key}", kind.mail) for kind in KINDS}
    if not set(mail.values()) <= set(MAILS):
        raise Refused(mark("Choose at once, daily or none for each kind"), field="mail")
    with office.database.write() as session:
        known = session.get(MailAddress, user_id)
        if known is not None and not address:
            session.delete(known)
        elif known is None and address:
            session.add(MailAddress(user_id=user_id, address=address, lang=lang, changed_at=office.now()))
        elif known is not None:
            if known.address != address:
                known.address, known.changed_at = address, office.now()
            known.lang = lang
        session.execute(delete(NoticeChoice).where(NoticeChoice.user_id == user_id))
        session.add_all(
            NoticeChoice(user_id=user_id, kind=kind.key, mail=mail[kind.key])
            for kind in KINDS
            if mail[kind.key] != kind.mail
        )
    return choices(office, actor)


def ask_test_mail(office: Office, actor: Actor) -> None:
    """Let a mail go to one's own address that says that mail arrives. Raises Refused where it cannot."""
    user_id = _own(actor)
    if not office.settings.mail.is_set:
        raise Refused(mark("No mail server is set: docs/operations.md says how"), field="address")
    now = office.now()
    with office.database.write() as session:
        if session.get(MailAddress, user_id) is None:
            raise Refused(mark("Save an address first"), field="address")
        waiting = session.scalars(
            select(Delivery.id).where(
                Delivery.user_id == user_id, Delivery.kind == "test", Delivery.ended_at.is_(None)
            )
        ).first()
        if waiting is None:
            session.add(
                Delivery(
                    channel="email", user_id=user_id, kind="test", status="waiting", next_at=now, created_at=now
                )
            )  # fmt: skip


def mail_address(value: object) -> str:
    """An e-mail address in its one form (the host in ASCII, lower case), empty for none. Raises Refused.

    Only plain addresses: no names, comments, quotes or lists, so that nothing in one can end a header line.
    """
    written = fields.text(value, "address", limit=254)
    if not written:
        return ""
    local, _at, host = written.rpartition("@")
    try:
        plain = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        plain = ""
    labels = plain.split(".")
    is_host = len(labels) > 1 and all(_LABEL.fullmatch(one) for one in labels)
    if not (_LOCAL.fullmatch(local) and len(local) <= 64 and is_host and len(plain) <= 189):
        raise Refused(mark("address: write it as name@example.cn"), field="address")
    return f"{local}@{plain}"


def choices_of(session: Session, user_ids: list[int]) -> dict[tuple[int, str], str]:
    """What was chosen otherwise than usual, by account and kind."""
    rows = session.execute(
        select(NoticeChoice.user_id, NoticeChoice.kind, NoticeChoice.mail).where(
            NoticeChoice.user_id.in_(user_ids)
        )
    )
    return {(row.user_id, row.kind): row.mail for row in rows}


def _own(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn(mark("Sign in first"))
    return actor.user_id
