"""Whom to call about an area: its community's office, its sub-district's, others. What a line said before is kept."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import edits, fields
from casework.area_choices import area_of
from casework.duties import first_moment, last_moment, state_of
from casework.errors import Conflict, NotFound, Refused, mark
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from db.models import AreaContact

KINDS: Final = ("community", "street", "other")
SEEN: Final = ("kind", "name", "phone", "note", "valid_to")
_MAX_NOTE: Final = 500
_PHONE: Final = re.compile(r"[0-9+#*(][0-9+#*() .\-/转;,xX]*")


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact of an area; ``state`` is 'now', 'later' or 'past'."""

    id: int
    area_id: int
    kind: str
    name: str
    phone: str
    note: str
    valid_from: datetime
    valid_to: datetime | None
    state: str
    given_by: int | None
    ended_by: int | None
    seen: str

    @property
    def never_began(self) -> bool:
        """Whether it was taken back before its first day."""
        return self.valid_to is not None and self.valid_to <= self.valid_from


def contacts(
    session: Session, now: datetime, *, area_ids: Collection[int] | None = None
) -> list[ContactLine]:
    """The contacts of these areas (None: of all), also those of before: the community's first, then as they came."""
    wanted = select(AreaContact).order_by(AreaContact.valid_from, AreaContact.id)
    if area_ids is not None:
        wanted = wanted.where(AreaContact.area_id.in_(list(area_ids)))
    found = [
        ContactLine(
            one.id, one.area_id, one.kind, one.name, one.phone, one.note, one.valid_from, one.valid_to,
            state_of(one.valid_from, one.valid_to, now), one.given_by, one.ended_by, edits.seen(one, SEEN),
        )
        for one in session.scalars(wanted)
    ]  # fmt: skip
    return sorted(found, key=lambda one: KINDS.index(one.kind))


def add_contact(office: Office, actor: Actor, area: str, values: Mapping[str, object]) -> int:
    """Put a contact on an area (``level:code``): kind, name, phone, note, day (from when; empty: now). Returns its id.

    Raises Refused naming the field.
    """
    require(actor, Act.MANAGE_AREA_PEOPLE)
    columns = _columns(values)
    with office.database.write() as session:
        area_id = area_of(session, area)
        if area_id is None:
            raise Refused(mark("Choose the area"), field="area")
        start = first_moment(str(values.get("day") or ""), the_city(session).timezone, office.now())
        made = AreaContact(
            area_id=area_id, valid_from=start, valid_to=None, given_by=actor.user_id, **columns
        )
        session.add(made)
        session.flush()
        return made.id


def change_contact(
    office: Office, actor: Actor, area: str, contact_id: int, values: Mapping[str, object], seen: str = ""
) -> int:
    """Put another line in a contact's place from now on; the old one ends and stays on record. Returns the new id.

    Raises Refused naming the field, NotFound, Conflict when it has ended or somebody else changed it.
    """
    require(actor, Act.MANAGE_AREA_PEOPLE)
    columns, now = _columns(values), office.now()
    with office.database.write() as session:
        old = _in_force(session, area, contact_id, now)
        edits.require_fresh(seen, old, SEEN)
        if all(getattr(old, name) == value for name, value in columns.items()):
            return old.id
        made = AreaContact(
            area_id=old.area_id,
            valid_from=max(now, old.valid_from),
            valid_to=old.valid_to,
            given_by=actor.user_id,
            **columns,
        )
        old.valid_to, old.ended_by = max(now, old.valid_from), actor.user_id
        session.add(made)
        session.flush()
        return made.id


def end_contact(office: Office, actor: Actor, area: str, contact_id: int, until: str = "") -> None:
    """End a contact now, or with the last day given (YYYY-MM-DD). Raises Refused, NotFound, Conflict once over."""
    require(actor, Act.MANAGE_AREA_PEOPLE)
    now = office.now()
    with office.database.write() as session:
        contact = _in_force(session, area, contact_id, now)
        end = last_moment(until, the_city(session).timezone, now)
        if end is not None and end <= contact.valid_from:
            raise Refused(mark("The last day lies before the first one"), field="until")
        contact.valid_to, contact.ended_by = max(end or now, contact.valid_from), actor.user_id


def _columns(values: Mapping[str, object]) -> dict[str, str]:
    kind = str(values.get("kind") or "")
    if kind not in KINDS:
        raise Refused(mark("Choose whose contact this is"), field="kind")
    phone = fields.text(values.get("phone"), "phone", limit=40)
    if phone and not _PHONE.fullmatch(phone):
        raise Refused(
            mark("A phone number is made of digits, spaces, + - ( ) and 转 before an extension"),
            field="phone",
        )
    return {
        "kind": kind,
        "name": fields.text(values.get("name"), "name", limit=fields.MAX_LINE, required=True),
        "phone": phone,
        "note": fields.text(values.get("note"), "note", limit=_MAX_NOTE),
    }


def _in_force(session: Session, area: str, contact_id: int, now: datetime) -> AreaContact:
    contact = session.get(AreaContact, contact_id)
    if contact is None or contact.area_id != area_of(session, area):
        raise NotFound(mark("There is no such contact"))
    if state_of(contact.valid_from, contact.valid_to, now) == "past":
        raise Conflict(mark("This contact has ended already"))
    return contact
