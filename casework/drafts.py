"""Drafts of boundaries: begun, saved as they are drawn, shared for comment, discarded.

A draft holds only what differs from the map in force. Who saves names the revision that was on the screen: when
somebody else saved meanwhile, nothing is taken and the answer says who and when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import fields, policy
from casework.drafts_laying import apply
from casework.drafts_shapes import naming, read_changes
from casework.drafts_then import lay_versions
from casework.errors import Conflict, Forbidden, NotFound, Refused, mark
from casework.map_names import Pair
from casework.office import Office
from casework.policy import Act, Actor
from db.models import (
    AreaDraft,
    AreaDraftLevel,
    Level,
    Person,
    User,
)

MAX_ID: Final = 2**31 - 1
MOST_OPEN: Final = 200
_NO_DRAFT: Final = mark("There is no draft %(id)s, or it is not shared with you")


class StaleDraft(Conflict):
    """Somebody else saved the draft since: ``who`` ([zh, en]), ``when`` and the ``revision`` that it has now."""

    def __init__(self, who: Pair, when: datetime, revision: int) -> None:
        super().__init__(
            mark("Somebody else saved this draft in between: load it again, nothing of theirs is overwritten")
        )
        self.who, self.when, self.revision = who, when, revision


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft after a change: its new revision, and when."""

    id: int
    revision: int
    saved_at: datetime


def create(
    office: Office,
    actor: Actor,
    levels: object,
    title: object = "",
    *,
    note: object = "",
    carry_on: bool = False,
) -> int:
    """Begin a draft over the map in force that may redraw these levels (codes); returns its id.

    With ``carry_on`` an open draft of one's own over the same levels is gone on with. Raises Refused for unknown
    levels or too many open drafts, NotSignedIn, Forbidden.
    """
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.write() as session:
        chosen = _levels(session, levels)
        if carry_on and (known := _own_open(session, actor, {level.id for level in chosen})) is not None:
            return known
        draft = _new_draft(office, session, actor, title, note)
        begin_levels(session, draft, chosen)
        return draft.id


def create_from_versions(
    office: Office,
    actor: Actor,
    version_ids: Sequence[int],
    levels: Sequence[str],
    title: str = "",
    note: str = "",
    restores_id: int | None = None,
) -> int:
    """Begin a draft that brings back the map of then: exactly these versions of areas in these levels.

    An area of the levels that has no version among them is removed in the draft; one that has ended comes back under
    its code. ``restores_id`` is the publication whose map it is. Returns the draft's id. Raises what ``create`` does.
    """
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.write() as session:
        chosen = _levels(session, levels)
        draft = _new_draft(office, session, actor, title, note)
        draft.restores_id = restores_id
        begin_levels(session, draft, chosen)
        lay_versions(session, draft, version_ids, {level.id for level in chosen})
        return draft.id


def save_shapes(office: Office, actor: Actor, draft_id: int, revision: object, changes: object) -> Saved:
    """Take areas as they were drawn (JSON as in the page's protocol), all or none of them.

    Raises StaleDraft, Refused naming the area and place at fault, NotFound, Forbidden.
    """
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.write() as session:
        draft = editable(session, actor, draft_id, revision)
        with naming(session):
            apply(session, draft, read_changes(session, changes))
        return touch(office, session, actor, draft)


def rename(
    office: Office, actor: Actor, draft_id: int, revision: object, title: object, note: object
) -> Saved:
    """Call a draft something else, and say what it is for."""
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.write() as session:
        draft = editable(session, actor, draft_id, revision)
        draft.title = fields.text(title, "title", limit=200)
        draft.note = fields.text(note, "note", limit=500)
        return touch(office, session, actor, draft)


def share(office: Office, actor: Actor, draft_id: int, *, on: bool) -> Saved:
    """Open a draft to everybody who may comment, or close it again. Only who began it may; an administrator too."""
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.write() as session:
        draft = editable(session, actor, draft_id, None)
        _require_own(actor, draft)
        draft.shared = on
        return touch(office, session, actor, draft)


def discard(office: Office, actor: Actor, draft_id: int, revision: object) -> None:
    """Put a draft away; what it held stays on record. Only who began it may; an administrator too."""
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.write() as session:
        draft = editable(session, actor, draft_id, revision)
        _require_own(actor, draft)
        draft.status = "discarded"
        touch(office, session, actor, draft)


def title_of(office: Office, actor: Actor, draft_id: int) -> str:
    """A draft's title, if this person may see it. Raises NotFound, NotSignedIn or Forbidden."""
    policy.require(actor, Act.COMMENT_AREAS)
    with office.database.read() as session:
        return visible(session, actor, draft_id).title


def visible(session: Session, actor: Actor, draft_id: int) -> AreaDraft:
    """A draft that this person may look at: one's own, or a shared one. Raises NotFound."""
    draft = session.get(AreaDraft, draft_id) if 0 < draft_id <= MAX_ID else None
    own = draft is not None and draft.created_by == actor.user_id
    if draft is None or not (own or (draft.shared and draft.status != "discarded")):
        raise NotFound(_NO_DRAFT, {"id": draft_id})
    return draft


def may_edit(actor: Actor, draft: AreaDraft) -> bool:
    """Whether this person may draw in a draft that they see."""
    return draft.status == "open" and policy.may(actor, Act.DRAW_AREAS)


def editable(
    session: Session, actor: Actor, draft_id: int, revision: object, *, lock: bool = True
) -> AreaDraft:
    """A draft to change, locked until the transaction ends. ``revision`` None does not look at what was seen.

    Raises StaleDraft when it has moved on, Refused when it is no longer open, NotFound.
    """
    draft = visible(session, actor, draft_id)
    if lock:
        session.refresh(draft, with_for_update=True)
    if draft.status == "published":
        raise Refused(mark("This draft is published: begin a new one"), field="draft")
    if draft.status != "open":
        raise Refused(mark("This draft was discarded: begin a new one"), field="draft")
    if revision is not None and _whole(revision) != draft.revision:
        raise StaleDraft(
            people(session, [draft.updated_by])[draft.updated_by], draft.updated_at, draft.revision
        )
    return draft


def seen_revision(value: object) -> int:
    """The revision that a request names; raises Refused where it names none."""
    if value is None:
        raise Refused(mark("%(field)s is missing"), {"field": "revision"}, field="revision")
    return _whole(value)


def touch(office: Office, session: Session, actor: Actor, draft: AreaDraft) -> Saved:
    """Count a change of a draft and note whose it was."""
    assert actor.user_id is not None  # noqa: S101 - only people draw
    draft.revision += 1
    draft.updated_at, draft.updated_by = office.now(), actor.user_id
    session.flush()
    return Saved(draft.id, draft.revision, draft.updated_at)


def begin_levels(session: Session, draft: AreaDraft, levels: Sequence[Level]) -> None:
    """Let a draft redraw these levels, on top of what is in force now."""
    for level in levels:
        session.add(AreaDraftLevel(draft_id=draft.id, level_id=level.id, base_version=level.coverage_version))
    session.flush()


def people(session: Session, user_ids: Sequence[int | None]) -> dict[int | None, Pair]:
    """Users' names as [zh, en]; somebody without a person on record goes by the user name, None by none."""
    rows = session.execute(
        select(User.id, User.username, Person.name_zh, Person.name_en)
        .join(Person, User.person_id == Person.id, isouter=True)
        .where(User.id.in_([one for one in user_ids if one is not None]))
    )
    names: dict[int | None, Pair] = {
        row.id: [row.name_zh or row.username, row.name_en or row.username] for row in rows
    }
    return {one: names.get(one, ["", ""]) for one in user_ids}


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(mark("%(field)s must be a whole number"), {"field": "revision"}, field="revision")
    return value


def _levels(session: Session, codes: object) -> list[Level]:
    if not isinstance(codes, list | tuple) or not codes:
        raise Refused(mark("levels: choose at least one level to redraw"), field="levels")
    known = {level.code: level for level in session.scalars(select(Level).order_by(Level.position))}
    wanted = [fields.text(code, "levels", limit=64) for code in codes]
    for code in wanted:
        if code not in known:
            raise Refused(mark("level: there is no level %(code)s"), {"code": code}, field="levels")
    return [level for code, level in known.items() if code in wanted]


def _own_open(session: Session, actor: Actor, level_ids: set[int]) -> int | None:
    rows = session.execute(
        select(AreaDraft.id, AreaDraftLevel.level_id)
        .join(AreaDraftLevel, AreaDraftLevel.draft_id == AreaDraft.id)
        .where(AreaDraft.created_by == actor.user_id, AreaDraft.status == "open")
        .order_by(AreaDraft.id.desc())
    )
    levels_of: dict[int, set[int]] = {}
    for draft_id, level_id in rows:
        levels_of.setdefault(draft_id, set()).add(level_id)
    return next((draft_id for draft_id, its in levels_of.items() if its == level_ids), None)


def _new_draft(office: Office, session: Session, actor: Actor, title: object, note: object) -> AreaDraft:
    if actor.user_id is None:
        raise Refused(mark("Only a person with an account can draw"), field="draft")
    at_work = select(func.count()).select_from(AreaDraft).where(AreaDraft.status == "open")
    if (session.scalar(at_work.where(AreaDraft.created_by == actor.user_id)) or 0) >= MOST_OPEN:
        raise Refused(
            mark("You have %(count)s open drafts: publish or discard some first"), {"count": MOST_OPEN}, field="draft"
        )  # fmt: skip
    at = office.now()
    draft = AreaDraft(
        title=fields.text(title, "title", limit=200), note=fields.text(note, "note", limit=500),
        created_by=actor.user_id, created_at=at, updated_by=actor.user_id, updated_at=at, revision=1,
        status="open", shared=False,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    return draft


def _require_own(actor: Actor, draft: AreaDraft) -> None:
    if draft.created_by != actor.user_id and actor.role != "administrator":
        raise Forbidden(mark("Only who began this draft may do that"))
