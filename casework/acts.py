"""Acting on a finding: one step of its life, checked against the table, with its reason and evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from casework import counters, fields, policy
from casework.dispatching import chosen_bureau, record_bureau
from casework.errors import CaseworkError, Conflict, Forbidden, NotFound, Refused, Word, mark
from casework.history import append, step
from casework.lifecycle import (
    ACT_WORDS,
    AFTER_PHOTO,
    BUREAU,
    BY_ACT,
    REASON,
    STATUS_WORDS,
    Asker,
    Offer,
    Standing,
    Transition,
    next_acts,
    offers,
    why_not,
)
from casework.office import Office
from casework.photo_uploads import Upload, attach
from casework.policy import Act, Actor
from casework.reassignment import locate_again
from casework.scope import sees_case
from db.models import Area, AreaVersion, Assignment, Finding, HistoryEntry


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to."""

    finding_id: int
    number: str
    status: str
    revision: int


def perform(
    office: Office,
    actor: Actor,
    finding_id: int,
    act: str,
    *,
    note: str = "",
    bureau: str = "",
    photos: Sequence[Upload] = (),
    revision: int | None = None,
) -> Done:
    """Take one step with a finding.

    ``note`` is the reason or remark, ``bureau`` the code for a dispatch (empty: the rule's), ``photos`` the
    evidence, ``revision`` what the person saw. Raises NotFound (also for another's case), Conflict (somebody was
    quicker), Forbidden or Refused naming what is missing; then nothing has changed.
    """
    policy.require(actor, Act.VIEW_CASE)
    row = BY_ACT.get(act)
    if row is None:
        raise Refused(mark("act: there is no act %(act)s"), {"act": act[:40]}, field="act")
    if actor.role not in row.roles:
        raise Forbidden(mark("Your role may not do this"))
    said = fields.text(note, "note", limit=2000)
    with office.database.write() as session:
        finding = _locked(session, actor, finding_id, revision)
        standing = standing_of(session, finding)
        _allow(row, asker(actor), standing)
        _demand(row, said, photos)
        at = office.now()
        payload: dict[str, object] = {}
        if BUREAU in row.needs:
            choice = chosen_bureau(session, finding, bureau)
            payload = record_bureau(session, finding, choice, actor, at, said)
        seq = _next_seq(session, finding.id)
        if photos:
            payload = {**payload, "photos": len(photos)}
            attach(session, office, finding.id, photos, actor.user_id, at, history_seq=seq)
        append(
            session,
            finding.id,
            step(
                act, at, from_status=finding.status, to_status=row.after, user_id=actor.user_id,
                note=said or None, payload=payload,
            ),
        )  # fmt: skip
        number, moved_to = finding.number, _move(session, finding, row, at)
        if row.act == "reopen":  # boundaries may have been published while it was closed
            near_m = office.settings.near_m
            moved_to = locate_again(session, finding.id, at, near_m=near_m, user_id=actor.user_id) or moved_to
    return Done(finding_id, number, row.after, moved_to)


def what_may(office: Office, actor: Actor, finding_id: int) -> list[Offer]:
    """The acts of this person's role on a finding, each possible or with why not."""
    if actor.role is None:
        return []
    with office.database.read() as session:
        finding = session.get(Finding, finding_id)
        if finding is None or not sees_case(session, actor, finding):
            raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
        return offers(asker(actor), standing_of(session, finding))


def asker(actor: Actor) -> Asker:
    """The actor as the table of transitions sees them."""
    return Asker(actor.role, actor.user_id, actor.bureau_id, actor.area_ids)


def standing_of(session: Session, finding: Finding) -> Standing:
    """What decides who may act on this finding now."""
    last = session.execute(
        select(HistoryEntry.act, HistoryEntry.user_id)
        .where(HistoryEntry.finding_id == finding.id)
        .order_by(HistoryEntry.seq)
    )
    return Standing(
        status=finding.status,
        bureau_id=finding.bureau_id,
        area_ids=areas_with_parents(session, finding.id),
        done_by={entry.act: entry.user_id for entry in last},
    )


def areas_with_parents(session: Session, finding_id: int) -> frozenset[int]:
    """The areas that a finding is assigned to, at every level, with the areas above them."""
    found: set[int] = {
        area_id
        for area_id in session.scalars(
            select(Assignment.area_id).where(
                Assignment.finding_id == finding_id, Assignment.valid_to.is_(None)
            )
        )
        if area_id is not None
    }
    waiting = found
    while waiting:
        above = session.scalars(
            select(AreaVersion.parent_area_id)
            .join(Area, AreaVersion.area_id == Area.id)
            .where(
                Area.id.in_(waiting), AreaVersion.valid_to.is_(None), AreaVersion.parent_area_id.is_not(None)
            )
        )
        waiting = {area_id for area_id in above if area_id is not None} - found
        found = found | waiting
    return frozenset(found)


def _locked(session: Session, actor: Actor, finding_id: int, revision: int | None) -> Finding:
    finding = session.scalars(select(Finding).where(Finding.id == finding_id).with_for_update()).first()
    # Another's case is not there, so that no refusal tells how it stands.
    if finding is None or not sees_case(session, actor, finding):
        raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
    if revision is not None and finding.revision != revision:
        raise Conflict(
            mark(
                "Somebody was quicker: the finding is now %(status)s. Look at it again; nothing of yours is lost"
            ),
            {"status": Word(STATUS_WORDS[finding.status])},
        )
    return finding


def _allow(row: Transition, who: Asker, standing: Standing) -> None:
    why, params = why_not(row, who, standing)
    if not why:
        return
    if who.role in row.roles and standing.status not in row.before:
        raise CaseworkNotNow(standing.status)
    raise Forbidden(why, params)


class CaseworkNotNow(Conflict):
    """The act does not fit the status; the message names the acts that do."""

    def __init__(self, status: str) -> None:
        super().__init__(
            mark("The finding is %(status)s: from there only %(acts)s is possible"),
            {
                "status": Word(STATUS_WORDS[status]),
                "acts": tuple(Word(ACT_WORDS[act]) for act in next_acts(status)) or ("-",),
            },
        )


def _demand(row: Transition, said: str, photos: Sequence[Upload]) -> None:
    if REASON in row.needs and not said:
        raise Refused(mark("note: say why"), field="note")
    if AFTER_PHOTO in row.needs and not any(photo.kind == "after" for photo in photos):
        raise Refused(mark("photos: a picture of kind after must show that it is put right"), field="photos")


def _next_seq(session: Session, finding_id: int) -> int:
    last = session.scalar(select(func.max(HistoryEntry.seq)).where(HistoryEntry.finding_id == finding_id))
    return (last or 0) + 1


def _move(session: Session, finding: Finding, row: Transition, at: datetime) -> int:
    revision = counters.advance(session, "findings")
    values: dict[str, object] = {"status": row.after, "revision": revision}
    if row.after in {"closed", "declined"}:
        values["closed_at"] = at
    elif row.act == "reopen":
        values["closed_at"] = None
    session.execute(update(Finding).where(Finding.id == finding.id).values(**values))
    return revision


def perform_many(
    office: Office, actor: Actor, wanted: Sequence[tuple[int, int | None]], act: str, *, note: str = ""
) -> tuple[list[Done], list[tuple[int, CaseworkError]]]:
    """The same act on several findings (id, revision seen): each on its own, those refused with why."""
    done: list[Done] = []
    refused: list[tuple[int, CaseworkError]] = []
    for finding_id, revision in wanted:
        try:
            done.append(perform(office, actor, finding_id, act, note=note, revision=revision))
        except CaseworkError as error:
            refused.append((finding_id, error))
    return done, refused
