"""Acting on a finding: one step of its life, checked against the table, with its reason and evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from casework import act_extra, counters, deadlines, extensions, fields, notices, policy, recurrence
from casework.act_effects import Doing, Effect, effect_of
from casework.act_extra import Extra
from casework.case_standing import areas_with_parents, standing_of
from casework.errors import CaseworkError, Conflict, Forbidden, NotFound, Refused, Sentence, Word, mark
from casework.history import append, step
from casework.lifecycle import (
    ACT_WORDS,
    AFTER_PHOTO,
    AT_BUREAU,
    BY_ACT,
    PUNISHMENT,
    REASON,
    REPORT,
    STATUS_WORDS,
    Asker,
    Offer,
    Standing,
    Transition,
    destination,
    is_turn,
    needs_of,
    next_acts,
    offers,
    why_not,
)
from casework.lifecycle_guards import Why
from casework.office import Office
from casework.photo_uploads import Upload, attach
from casework.policy import Act, Actor
from casework.reassignment import locate_again
from casework.scope import sees_case
from db.models import Finding, HistoryEntry

__all__ = [
    "CaseworkNotNow", "Done", "areas_with_parents", "asker", "perform", "perform_many", "standing_of", "what_may",
]  # fmt: skip

_EMPTY: Final[Mapping[str, Any]] = {}
# What makes a report a case.
_FILES: Final = frozenset({"file", "dissuasion_failed", "settle"})


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to; ``repeated``: it was done already, by the same click."""

    finding_id: int
    number: str
    status: str
    revision: int
    repeated: bool = False


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
    extra: Mapping[str, Any] = _EMPTY,
    request_key: str = "",
) -> Done:
    """Take one step with a finding.

    ``note`` is the reason or remark, ``bureau`` a code (empty for a dispatch: the rule's), ``photos`` the evidence,
    ``revision`` what the person saw. ``extra`` may have ``joint`` [bureau codes], ``punishment`` {number, kind},
    ``other`` (a case number), ``where`` [lon, lat] (WGS 84). ``request_key`` is made up by the sender for this one
    act: sent again, it does nothing and answers the same. Raises NotFound (also for another's case), Conflict
    (somebody was quicker, or not while it stands so, naming what is possible), Forbidden or Refused naming what is
    missing; then nothing has changed.
    """
    policy.require(actor, Act.VIEW_CASE)
    row = BY_ACT.get(act)
    if row is None:
        raise Refused(mark("act: there is no act %(act)s"), {"act": act[:40]}, field="act")
    if actor.role not in row.roles:
        raise Forbidden(mark("Your role may not do this"))
    said = fields.text(note, "note", limit=2000)
    code = fields.text(bureau, "bureau", limit=10_000)
    more, key = act_extra.checked(extra), act_extra.key_digest(actor, act, request_key)
    with office.database.write() as session:
        finding = _locked(session, actor, finding_id)
        if key and _is_done(session, finding, act, key):
            return Done(finding_id, finding.number, finding.status, finding.revision, repeated=True)
        _require_fresh(finding, revision)
        standing = standing_of(session, finding)
        _allow(row, asker(actor), standing)
        _demand(needs_of(row, standing), said, photos, more)
        doing = Doing(session, actor, finding, standing, said, code, more, office.now())
        return _take(office, doing, row, photos, key)


def _take(office: Office, doing: Doing, row: Transition, photos: Sequence[Upload], key: str) -> Done:
    """Write the step and all that follows from it; everything has been checked but for what the act itself names."""
    session, finding, at, user_id = doing.session, doing.finding, doing.at, doing.by
    number, after = finding.number, destination(row, asker(doing.actor), doing.standing)
    effect = effect_of(row.act, doing)
    if after not in AT_BUREAU:
        lapsed = extensions.lapse(session, finding.id, at, user_id)
        effect.payload = lapsed | effect.payload
    payload = _payload(doing, effect, len(photos), key)
    if photos:
        attach(session, office, finding.id, photos, user_id, at, history_seq=_next_seq(session, finding.id))
    turns = is_turn(row, asker(doing.actor), doing.standing)
    append(
        session,
        finding.id,
        step(
            row.act, at, user_id=user_id, note=doing.note or None, payload=payload,
            from_status=finding.status if turns else None, to_status=after if turns else None,
        ),
    )  # fmt: skip
    moved_to = counters.advance(session, "findings")
    values = {"status": after, "revision": moved_to, **effect.columns}
    session.execute(update(Finding).where(Finding.id == finding.id).values(**values))
    if row.act == "reopen":  # boundaries may have been published while it was closed
        near_m = office.settings.near_m
        moved_to = locate_again(session, finding.id, at, near_m=near_m, user_id=user_id) or moved_to
    deadlines.refresh(session, finding.id, at)
    if row.act in _FILES:  # its place or category may have been corrected since it was reported
        recurrence.link(session, office, finding.id, at)
    notices.told(session, office, finding.id, row.act, doing.actor, at)
    if effect.other is not None:
        _tell_other(office, doing, effect.other, moved_to)
    return Done(finding.id, number, after, moved_to)


def _payload(doing: Doing, effect: Effect, photos: int, key: str) -> dict[str, Any]:
    payload = dict(effect.payload)
    if photos:
        payload["photos"] = photos
    if doing.extra.where:
        payload["where"] = list(doing.extra.where)
    if key:
        payload["key"] = key
    return payload


def _tell_other(
    office: Office, doing: Doing, told: tuple[Finding, str, dict[str, Any]], revision: int
) -> None:
    """Put the step on the other finding's record too; who looks at that one has to look again."""
    other, act, payload = told
    append(
        doing.session, other.id,
        step(act, doing.at, user_id=doing.by, note=doing.note or None, payload=payload),
    )  # fmt: skip
    doing.session.execute(update(Finding).where(Finding.id == other.id).values(revision=revision))
    deadlines.refresh(doing.session, other.id, doing.at)
    notices.told(doing.session, office, other.id, act, doing.actor, doing.at)


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


def _locked(session: Session, actor: Actor, finding_id: int) -> Finding:
    finding = session.scalars(select(Finding).where(Finding.id == finding_id).with_for_update()).first()
    # Another's case is not there, so that no refusal tells how it stands.
    if finding is None or not sees_case(session, actor, finding):
        raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
    return finding


def _require_fresh(finding: Finding, revision: int | None) -> None:
    if revision is not None and finding.revision != revision:
        raise Conflict(
            mark(
                "Somebody was quicker: the finding is now %(status)s. Look at it again; nothing of yours is lost"
            ),
            {"status": Word(STATUS_WORDS[finding.status])},
        )


def _is_done(session: Session, finding: Finding, act: str, key: str) -> bool:
    """Whether this very click has been answered before."""
    payloads = session.scalars(
        select(HistoryEntry.payload).where(HistoryEntry.finding_id == finding.id, HistoryEntry.act == act)
    )
    return any((payload or {}).get("key") == key for payload in payloads)


def _allow(row: Transition, who: Asker, standing: Standing) -> None:
    why = why_not(row, who, standing)
    if why is None:
        return
    if why.of_person:
        raise Forbidden(why.message, why.params)
    raise CaseworkNotNow(
        why, _possible(row, who, standing), standing.status, is_status=standing.status not in row.before
    )


def _possible(row: Transition, who: Asker, standing: Standing) -> tuple[str, ...]:
    """What is possible instead: for this person, or by the table for anybody."""
    own = tuple(offer.act for offer in offers(who, standing) if offer.possible)
    return own or tuple(act for act in next_acts(standing.status) if act != row.act)


class CaseworkNotNow(Conflict):
    """The act does not fit how the finding stands; the message names the acts that do."""

    def __init__(self, why: Why, possible: Sequence[str], status: str, *, is_status: bool) -> None:
        acts = tuple(Word(ACT_WORDS[act]) for act in possible) or ("-",)
        self.acts = tuple(possible)
        if is_status:
            message = mark("The finding is %(status)s: from there only %(acts)s is possible")
            super().__init__(message, {"status": Word(STATUS_WORDS[status]), "acts": acts})
        else:
            message = mark("%(why)s. Possible now: %(acts)s")
            super().__init__(message, {"why": Sentence(why.message, why.params), "acts": acts})


def _demand(needs: frozenset[str], said: str, photos: Sequence[Upload], more: Extra) -> None:
    after = any(photo.kind == "after" for photo in photos)
    if REASON in needs and not said:
        raise Refused(mark("note: say why"), field="note")
    if AFTER_PHOTO in needs and not after:
        raise Refused(mark("photos: a picture of kind after must show that it is put right"), field="photos")
    if REPORT in needs and not (after or said):
        raise Refused(mark("note: say what was done, or add a photo of kind after"), field="note")
    if PUNISHMENT in needs and more.punishment is None:
        raise Refused(mark("Give the number of the decision"), field="punishment_number")


def _next_seq(session: Session, finding_id: int) -> int:
    last = session.scalar(select(func.max(HistoryEntry.seq)).where(HistoryEntry.finding_id == finding_id))
    return (last or 0) + 1


def perform_many(
    office: Office,
    actor: Actor,
    wanted: Sequence[tuple[int, int | None]],
    act: str,
    *,
    note: str = "",
    request_key: str = "",
) -> tuple[list[Done], list[tuple[int, CaseworkError]]]:
    """The same act on several findings (id, revision seen): each on its own, those refused with why."""
    done: list[Done] = []
    refused: list[tuple[int, CaseworkError]] = []
    for finding_id, revision in wanted:
        try:
            done.append(
                perform(office, actor, finding_id, act, note=note, revision=revision, request_key=request_key)
            )
        except CaseworkError as error:
            refused.append((finding_id, error))
    return done, refused
