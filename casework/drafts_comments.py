"""What people say of a shared draft, perhaps of one place on its map, and whether it is dealt with."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import fields, policy
from casework.drafts import MAX_ID, people, visible
from casework.errors import NotFound, Refused, mark
from casework.map_rows import iso
from casework.office import Office, the_city
from casework.policy import Act, Actor
from db.models import AreaDraftComment

LONGEST: Final = 2_000
MOST: Final = 1_000


def comments(office: Office, actor: Actor, draft_id: int) -> list[dict[str, Any]]:
    """The comments of a draft, oldest first. Raises NotFound, NotSignedIn or Forbidden."""
    policy.require(actor, Act.COMMENT_AREAS)
    with office.database.read() as session:
        draft = visible(session, actor, draft_id)
        zone = ZoneInfo(the_city(session).timezone)
        return _all(session, actor, draft.id, zone)


def comment(office: Office, actor: Actor, draft_id: int, words: Any) -> list[dict[str, Any]]:
    """Add a comment: ``text``, perhaps ``lon`` and ``lat``. Returns all of them. Raises Refused, NotFound."""
    policy.require(actor, Act.COMMENT_AREAS)
    if actor.user_id is None:
        raise Refused(mark("Only a person with an account can comment"), field="text")
    text = fields.text(words.get("text"), "text", limit=LONGEST, required=True)
    lon, lat = words.get("lon"), words.get("lat")
    place = fields.location(lon, lat) if lon is not None or lat is not None else (None, None)
    with office.database.write() as session:
        draft = visible(session, actor, draft_id)
        if draft.status != "open":
            raise Refused(mark("This draft is no longer open"), field="draft")
        said = select(func.count()).select_from(AreaDraftComment)
        if (session.scalar(said.where(AreaDraftComment.draft_id == draft.id)) or 0) >= MOST:
            raise Refused(mark("A draft holds at most %(limit)s comments"), {"limit": MOST}, field="text")
        session.add(
            AreaDraftComment(
                draft_id=draft.id,
                user_id=actor.user_id,
                at=office.now(),
                text=text,
                lon=place[0],
                lat=place[1],
            )
        )
        session.flush()
        zone = ZoneInfo(the_city(session).timezone)
        return _all(session, actor, draft.id, zone)


def resolve(
    office: Office, actor: Actor, draft_id: int, comment_id: int, *, done: bool
) -> list[dict[str, Any]]:
    """Mark a comment as dealt with, or as open again: for who wrote it and who may draw. Raises NotFound."""
    policy.require(actor, Act.COMMENT_AREAS)
    with office.database.write() as session:
        draft = visible(session, actor, draft_id)
        one = session.get(AreaDraftComment, comment_id) if 0 < comment_id <= MAX_ID else None
        if one is None or one.draft_id != draft.id:
            raise NotFound(mark("There is no comment %(id)s"), {"id": comment_id})
        if one.user_id != actor.user_id:
            policy.require(actor, Act.DRAW_AREAS)
        one.resolved_at = office.now() if done else None
        session.flush()
        zone = ZoneInfo(the_city(session).timezone)
        return _all(session, actor, draft.id, zone)


def _all(session: Session, actor: Actor, draft_id: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(AreaDraftComment)
        .where(AreaDraftComment.draft_id == draft_id)
        .order_by(AreaDraftComment.at, AreaDraftComment.id)
    ).all()
    names = people(session, [row.user_id for row in rows])
    draws = policy.may(actor, Act.DRAW_AREAS)
    return [
        {
            "id": row.id, "who": names[row.user_id], "at": iso(row.at, zone), "text": row.text,
            "place": [row.lon, row.lat] if row.lon is not None else None,
            "resolved_at": iso(row.resolved_at, zone), "mine": row.user_id == actor.user_id,
            "may_resolve": draws or row.user_id == actor.user_id,
        }
        for row in rows
    ]  # fmt: skip
