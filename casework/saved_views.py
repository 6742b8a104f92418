"""Saved filters: a name for the filters of an address, each person's own."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import fields, policy
from casework.errors import NotFound, Refused, mark
from casework.filters import parse
from casework.office import Office
from casework.policy import Act, Actor
from db.models import SavedView

MOST: Final = 50
NAME_LIMIT: Final = 60
LARGEST_ID: Final = 2**31


@dataclass(frozen=True, slots=True)
class View:
    """Saved filters: ``query`` is what stands behind the ? of an address."""

    id: int
    name: str
    query: str


def views_of(session: Session, actor: Actor) -> list[View]:
    """A person's saved filters by name."""
    rows = session.scalars(
        select(SavedView).where(SavedView.user_id == actor.user_id).order_by(SavedView.name)
    )
    return [View(row.id, row.name, row.query) for row in rows]


def save_view(office: Office, actor: Actor, name: object, query: str) -> View:
    """Keep filters under a name; the same name again replaces. Raises Refused naming the field."""
    policy.require(actor, Act.VIEW_CASE)
    called = fields.text(name, "name", limit=NAME_LIMIT, required=True)
    if actor.user_id is None:
        raise Refused(mark("A key keeps no filters: sign in"), field="name")
    with office.database.write() as session:
        kept = parse(session, dict(parse_qsl(query.lstrip("?")[:4000]))).canonical()
        text = urlencode(kept, safe=",")
        if len(text) > 2000:
            raise Refused(mark("These are too many filters to keep"), field="query")
        row = session.scalars(
            select(SavedView).where(SavedView.user_id == actor.user_id, SavedView.name == called)
        ).first()
        if row is None:
            count = session.scalar(select(func.count()).where(SavedView.user_id == actor.user_id)) or 0
            if count >= MOST:
                raise Refused(
                    mark("%(most)s saved filters are the most: remove one first"),
                    {"most": MOST},
                    field="name",
                )
            row = SavedView(user_id=actor.user_id, name=called, query=text, created_at=office.now())
            session.add(row)
        row.query = text
        session.flush()
        return View(row.id, row.name, row.query)


def rename_view(office: Office, actor: Actor, view_id: int, name: object) -> View:
    """Call saved filters something else. Raises NotSignedIn, NotFound, and Refused for a name already in use."""
    policy.require(actor, Act.VIEW_CASE)
    called = fields.text(name, "name", limit=NAME_LIMIT, required=True)
    with office.database.write() as session:
        row = _own(session, actor, view_id)
        taken = session.scalars(
            select(SavedView.id).where(
                SavedView.user_id == actor.user_id, SavedView.name == called, SavedView.id != row.id
            )
        ).first()
        if taken is not None:
            raise Refused(
                mark("You have saved filters called “%(name)s” already"), {"name": called}, field="name"
            )
        row.name = called
        session.flush()
        return View(row.id, row.name, row.query)


def list_views(office: Office, actor: Actor) -> list[View]:
    """The saved filters of the one who asks. Raises NotSignedIn or Forbidden."""
    policy.require(actor, Act.VIEW_CASE)
    with office.database.read() as session:
        return views_of(session, actor)


def remove_view(office: Office, actor: Actor, view_id: int) -> None:
    """Let saved filters go. Raises NotSignedIn, and NotFound for what is not this person's."""
    policy.require(actor, Act.VIEW_CASE)
    with office.database.write() as session:
        session.delete(_own(session, actor, view_id))


def _own(session: Session, actor: Actor, view_id: int) -> SavedView:
    row = session.get(SavedView, view_id) if 0 < view_id < LARGEST_ID else None
    if row is None or row.user_id != actor.user_id:
        raise NotFound(mark("There is no such saved filter"))
    return row
