"""Putting a draft in force, and bringing one up to date with a map that moved on while it was drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import boundary_preview, fields, policy
from casework.areas import LevelChange, NewArea, Publication, publish_many
from casework.coverage import CoveredArea, every_coverage
from casework.drafts import Saved, editable, people, seen_revision, touch, visible
from casework.drafts_fixes import problems_in
from casework.drafts_map import DraftArea, DraftLevel, DraftMap, id_of, map_of, shapes_of
from casework.errors import Conflict, Refused, mark
from casework.map_names import Pair
from casework.moves import MapChange
from casework.office import Office
from casework.policy import Act, Actor
from db.models import AreaDraft, AreaDraftLevel, AreaDraftShape, AreaVersion, Level
from db.models import Publication as PublicationRow


class MapMoved(Conflict):
    """The map in force moved on since the draft began: ``who`` ([zh, en]) published, ``when`` and which publication."""

    def __init__(self, who: Pair, when: datetime | None, publication: int | None) -> None:
        super().__init__(
            mark("The map in force has moved on since this draft began: take that over first, then publish")
        )
        self.who, self.when, self.publication = who, when, publication


class Blocked(Refused):
    """Problems stand in the way of publishing; ``count`` says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(
            mark("Problems in the way: %(count)s. Mend them first"), {"count": count}, field="problems"
        )
        self.count = count


@dataclass(frozen=True, slots=True)
class Clash:
    """An area that the draft changes and that somebody else changed too: as it is in force (None: it has ended), and
    as the draft has it (None: it removes it).
    """

    key: str
    name_zh: str
    name_en: str
    theirs: BaseGeometry | None
    mine: BaseGeometry | None
    who: Pair
    when: datetime | None


@dataclass(frozen=True, slots=True)
class Rebased:
    """A draft brought up to date: what clashed and waits for a choice, and what was taken over."""

    saved: Saved
    clashes: list[Clash]
    dropped: list[str]


def preview(office: Office, actor: Actor, draft_id: int, revision: object) -> dict[str, Any]:
    """What publishing the draft would do to the findings. Raises StaleDraft, NotFound, NotSignedIn, Forbidden."""
    policy.require(actor, Act.COMMENT_AREAS)
    with office.database.read() as session:
        draft = visible(session, actor, draft_id)
        if revision is not None and draft.status == "open":
            editable(session, actor, draft_id, seen_revision(revision), lock=False)
        before, after = map_of(session, draft).before_and_after()
        return boundary_preview.preview(office, actor, session, MapChange(before, after))


def publish(office: Office, actor: Actor, draft_id: int, revision: object, note: object) -> Publication:
    """Put a draft in force, in one transaction with the re-assignment of what is open.

    Raises StaleDraft (somebody saved it meanwhile), MapMoved (somebody published meanwhile), Blocked, Refused (nothing
    differs, no reason given), NotFound, Forbidden.
    """
    policy.require(actor, Act.PUBLISH_AREAS)
    with office.database.write() as session:
        draft = editable(session, actor, draft_id, seen_revision(revision))
        why = fields.text(note, "note", limit=500) or draft.note or draft.title
        if not why:
            raise Refused(mark("note: say why the boundaries change"), field="note")
        map_ = map_of(session, draft)
        require_in_step(session, map_)
        blocking = sum(one.blocking for one in problems_in(office, session, map_))
        if blocking:
            raise Blocked(blocking)
        done = publish_many(
            session, changes_of(session, map_), office.now(), near_m=office.settings.near_m,
            user_id=actor.user_id, note=why, kind="restore" if draft.restores_id else "draft", draft_id=draft.id,
            restored_id=draft.restores_id,
        )  # fmt: skip
        if done.id is None:
            raise Refused(mark("The draft does not differ from the map in force"), field="draft")
        touch(office, session, actor, draft)
        draft.status, draft.note, draft.publication_id = "published", why, done.id
        return done


def require_in_step(session: Session, map_: DraftMap) -> None:
    """Raise MapMoved when a level of the draft was published since it began."""
    if not map_.is_stale:
        return
    last = session.scalars(select(PublicationRow).order_by(PublicationRow.id.desc()).limit(1)).first()
    who = people(session, [last.user_id])[last.user_id] if last else ["", ""]
    raise MapMoved(who, last.at if last else None, last.id if last else None)


def rebase(
    office: Office,
    actor: Actor,
    draft_id: int,
    revision: object,
    mine: Sequence[str] = (),
    theirs: Sequence[str] = (),
) -> Rebased:
    """Bring a draft up to date with the map in force.

    What nobody else touched is taken over as it is. An area that both changed clashes: the keys in ``mine`` keep the
    draft's, those in ``theirs`` take what is in force, the others are listed and the draft stays behind until they are
    decided. Raises StaleDraft, NotFound, Forbidden.
    """
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.write() as session:
        draft = editable(session, actor, draft_id, seen_revision(revision))
        in_force = {area.id: area for level in every_coverage(session) for area in level.areas}
        clashes: list[Clash] = []
        dropped: list[str] = []
        for row in shapes_of(session, draft.id):
            was = in_force.get(row.area_id or 0)
            if row.area_id is None or (was is not None and was.version_id == row.base_version_id):
                continue
            if row.key in theirs or _is_settled(row, was):
                session.delete(row)
                dropped.append(row.key)
            elif row.key in mine:
                _keep_mine(session, draft, row, was)
            else:
                clashes.append(_clash(session, row, was))
        session.flush()
        if not clashes:
            _level_up(session, draft)
        return Rebased(touch(office, session, actor, draft), clashes, dropped)


def changes_of(session: Session, map_: DraftMap) -> list[LevelChange]:
    """What publishing a draft does to each level.

    An area whose parent ends goes to the area of that level which now holds most of it, also in levels that the draft
    does not redraw.
    """
    levels = {level.id: level for level in session.scalars(select(Level))}
    gone = {area.key for level in map_.levels for area in level.gone}
    changes = []
    for level in map_.levels:
        above = map_.level(level.in_force.parent_level_id)
        settled = [_with_parent(area, above) if area.parent_key in gone else area for area in level.areas]
        differ = [new for new, old in zip(settled, level.areas, strict=True) if old.changed or new is not old]
        if differ or level.gone:
            changes.append(
                LevelChange(
                    levels[level.level_id],
                    [_new(area, map_) for area in differ],
                    [area.code for area in level.gone if area.was is not None],
                )
            )
    return changes


def _with_parent(area: DraftArea, above: DraftLevel | None) -> DraftArea:
    """The area under whichever of the areas above holds most of it."""
    if above is None or not above.areas:
        return replace(area, parent_key=None)
    shapes = np.asarray([one.geometry for one in above.areas], dtype=object)
    held = shapely.area(shapely.intersection(shapes, area.geometry))
    best = int(np.argmax(held))
    return replace(area, parent_key=above.areas[best].key if held[best] > 0 else None)


def _new(area: DraftArea, map_: DraftMap) -> NewArea:
    parent = id_of(area.parent_key)
    known = map_.by_key().get(area.parent_key) if area.parent_key and (parent or 0) < 0 else None
    return NewArea(
        code=area.code,
        name_zh=area.name_zh,
        name_en=area.name_en,
        geometry=area.geometry,
        parent_area_id=parent if parent is not None and parent > 0 else None,
        rank=area.rank,
        drawn=area.was.drawn if area.was else False,
        parent_code=known.code if known else None,
    )


def _is_settled(row: AreaDraftShape, was: CoveredArea | None) -> bool:
    """Whether both want the same: gone in both, or the same shape and names."""
    if was is None:
        return row.removed
    same = (row.name_zh, row.name_en, id_of(row.parent_key)) == (was.name_zh, was.name_en, was.parent_id)
    return (
        not row.removed
        and same
        and row.geometry is not None
        and bool(shapely.equals(row.geometry, was.geometry))
    )


def _keep_mine(session: Session, draft: AreaDraft, row: AreaDraftShape, was: CoveredArea | None) -> None:
    """Let the draft's area stand over what is in force now; one that has ended comes back as a new one."""
    if was is not None:
        row.base_version_id = was.version_id
        return
    if row.removed or row.geometry is None:
        session.delete(row)
        return
    numbers = [int(one.key[1:]) for one in shapes_of(session, draft.id) if one.key.startswith("n")]
    values = {column.key: getattr(row, column.key) for column in AreaDraftShape.__mapper__.column_attrs}
    session.delete(row)
    session.flush()
    values |= {"key": f"n{max(numbers, default=0) + 1}", "area_id": None, "base_version_id": None}
    session.add(AreaDraftShape(**values))


def _clash(session: Session, row: AreaDraftShape, was: CoveredArea | None) -> Clash:
    version = session.scalars(
        select(AreaVersion)
        .where(AreaVersion.area_id == row.area_id)
        .order_by(AreaVersion.valid_from.desc(), AreaVersion.id.desc())
        .limit(1)
    ).first()
    by = version.publication_id if was is not None and version else version.ended_by_id if version else None
    publication = session.get(PublicationRow, by) if by is not None else None
    who = people(session, [publication.user_id])[publication.user_id] if publication else ["", ""]
    mine = (
        None if row.removed else row.geometry if row.geometry is not None else was.geometry if was else None
    )
    return Clash(
        row.key, row.name_zh, row.name_en, was.geometry if was else None, mine, who,
        publication.at if publication else None,
    )  # fmt: skip


def _level_up(session: Session, draft: AreaDraft) -> None:
    versions = {level.id: level.coverage_version for level in session.scalars(select(Level))}
    for one in session.scalars(select(AreaDraftLevel).where(AreaDraftLevel.draft_id == draft.id)):
        one.base_version = versions[one.level_id]
    session.flush()
