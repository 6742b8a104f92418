"""The lists of drafts: one's own, those that others share, and those that were published lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casework import policy
from casework.coverage import every_coverage
from casework.drafts import MOST_OPEN, people
from casework.map_names import Pair
from casework.office import Office
from casework.policy import Act, Actor
from db.models import AreaDraft, AreaDraftComment, AreaDraftLevel, AreaDraftShape, Level

_LATELY: Final = 20


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list. ``areas`` counts those that differ, ``comments`` the ones not dealt with."""

    id: int
    title: str
    note: str
    status: str
    shared: bool
    is_mine: bool
    levels: tuple[Pair, ...]
    areas: int
    comments: int
    updated_at: datetime
    updated_by: Pair
    created_by: Pair


@dataclass(frozen=True, slots=True)
class DraftsPage:
    """The drafts that somebody may see, and the levels that a new one may redraw."""

    mine: list[DraftLine]
    shared: list[DraftLine]
    published: list[DraftLine]
    levels: list[dict[str, Any]]
    may_draw: bool


def drafts_page(office: Office, actor: Actor) -> DraftsPage:
    """What the page of drafts lists. Raises NotSignedIn or Forbidden."""
    policy.require(actor, Act.COMMENT_AREAS)
    with office.database.read() as session:
        own, open_ = AreaDraft.created_by == actor.user_id, AreaDraft.status == "open"
        mine = _listed(session, actor, own & open_)
        shared = _listed(session, actor, ~own & open_ & AreaDraft.shared.is_(True))
        done = (AreaDraft.status == "published") & or_(own, AreaDraft.shared.is_(True))
        levels = [
            {
                "code": one.level_code, "zh": one.name_zh, "en": one.name_en, "position": one.position,
                "count": len(one.areas),
            }
            for one in every_coverage(session)
        ]  # fmt: skip
        return DraftsPage(
            mine=mine if policy.may(actor, Act.DRAW_AREAS) else [],
            shared=shared,
            published=_listed(session, actor, done, _LATELY),
            levels=levels,
            may_draw=policy.may(actor, Act.DRAW_AREAS),
        )


def _listed(session: Session, actor: Actor, which: Any, limit: int = MOST_OPEN) -> list[DraftLine]:
    drafts = session.scalars(
        select(AreaDraft).where(which).order_by(AreaDraft.updated_at.desc(), AreaDraft.id.desc()).limit(limit)
    ).all()
    ids = [draft.id for draft in drafts]
    names = people(session, [one for d in drafts for one in (d.updated_by, d.created_by)])
    shapes = _counted(session, AreaDraftShape.draft_id, AreaDraftShape.draft_id.in_(ids))
    open_comments = AreaDraftComment.draft_id.in_(ids) & AreaDraftComment.resolved_at.is_(None)
    comments = _counted(session, AreaDraftComment.draft_id, open_comments)
    levels: dict[int, list[Pair]] = {}
    for row in session.execute(
        select(AreaDraftLevel.draft_id, Level.name_zh, Level.name_en)
        .join(Level, AreaDraftLevel.level_id == Level.id)
        .where(AreaDraftLevel.draft_id.in_(ids))
        .order_by(Level.position)
    ):
        levels.setdefault(row.draft_id, []).append([row.name_zh, row.name_en])
    return [
        DraftLine(
            id=one.id, title=one.title, note=one.note, status=one.status, shared=one.shared,
            is_mine=one.created_by == actor.user_id, levels=tuple(levels.get(one.id, ())),
            areas=shapes.get(one.id, 0), comments=comments.get(one.id, 0), updated_at=one.updated_at,
            updated_by=names[one.updated_by], created_by=names[one.created_by],
        )
        for one in drafts
    ]  # fmt: skip


def _counted(session: Session, column: Any, where: Any) -> Mapping[int, int]:
    rows = session.execute(select(column, func.count()).where(where).group_by(column))
    return {row[0]: row[1] for row in rows}
