"""Decisions of the triage page about several levels or findings; each goes through ``triage.settle``."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from casework import fields
from casework.coverage import coverages
from casework.errors import CaseworkError, Conflict, Refused, mark
from casework.office import Office
from casework.policy import Actor
from casework.triage import Settled, settle
from casework.triage_questions import Question, open_question

MOST_AT_ONCE = 200


@dataclass(slots=True)
class Batch:
    """What became of several findings: those settled, and those that were not with the reason."""

    done: list[int] = field(default_factory=list)
    refused: list[tuple[int, CaseworkError]] = field(default_factory=list)


def leave_unassigned(
    office: Office, actor: Actor, finding_id: int, reason: str, revision: int | None = None
) -> Settled:
    """Decide that a finding belongs to no area, in every level that it lies outside of.

    Raises what ``triage.settle`` raises, and Refused when it lies outside of none.
    """
    seen = _seen(office, actor, finding_id, revision)
    outside = [one for one in seen if one.kind == "outside"]
    if not outside:
        raise Refused(mark("This finding lies inside the areas: it cannot be left without one"), field="area")
    return _each(office, actor, finding_id, [(one.level_code, None) for one in outside], reason, revision)


def settle_as_located(
    office: Office, actor: Actor, finding_id: int, reason: str, revision: int | None = None
) -> Settled:
    """Confirm the areas that the location gave, in every level that is uncertain. Raises what ``settle`` raises."""
    seen = _seen(office, actor, finding_id, revision)
    located = [(one.level_code, one.area.code) for one in seen if one.area is not None and not one.is_implied]
    if not located:
        raise Refused(mark("This finding has no area to confirm"), field="area")
    return _each(office, actor, finding_id, located, reason, revision)


def settle_several(office: Office, actor: Actor, picked: Sequence[tuple[int, int]], reason: str) -> Batch:
    """Confirm several findings (id, revision seen) where they are, with one reason; each is its own transaction.

    Raises Refused for no reason or none picked, NotSignedIn and Forbidden; everything else is in the answer.
    """
    why = fields.text(reason, "reason", limit=500, required=True)
    if not picked:
        raise Refused(mark("Tick the findings to settle first"), field="pick")
    if len(picked) > MOST_AT_ONCE:
        raise Refused(mark("At most %(limit)s are settled at once"), {"limit": MOST_AT_ONCE}, field="pick")
    batch = Batch()
    for finding_id, revision in picked:
        try:
            settle_as_located(office, actor, finding_id, why, revision)
            batch.done.append(finding_id)
        except (Conflict, Refused) as error:
            batch.refused.append((finding_id, error))
    return batch


def area_named(office: Office, level_code: str, text: object) -> str:
    """The code of the area of a level that a text names: by code, by name, or as ``name · code``.

    Raises Refused with the field ``other`` when there is none, or more than one of that name.
    """
    wanted = fields.text(text, "other", limit=300)
    if not wanted:
        raise Refused(mark("Say which area it should go to"), field="other")
    code = wanted.rpartition("·")[2].strip()
    with office.database.read() as session:
        levels = [one for one in coverages(session) if one.level_code == level_code]
    areas = [area for level in levels for area in level.areas]
    by_code = [area.code for area in areas if area.code in {wanted, code}]
    by_name = [
        area.code for area in areas if wanted.casefold() in {area.name_zh.casefold(), area.name_en.casefold()}
    ]
    found = by_code or by_name
    if not found:
        raise Refused(mark("There is no area %(name)s here"), {"name": wanted[:80]}, field="other")
    if len(found) > 1:
        raise Refused(
            mark("Several areas are called %(name)s: choose one with its code"),
            {"name": wanted[:80]},
            field="other",
        )
    return found[0]


def _seen(office: Office, actor: Actor, finding_id: int, revision: int | None) -> list[Question]:
    seen = open_question(office, actor, finding_id)
    if revision is not None and seen.revision != revision:
        raise Conflict(mark("Somebody changed this finding in between: look at it again and decide anew"))
    return seen.questions


def _each(
    office: Office, actor: Actor, finding_id: int, decisions: Sequence[tuple[str, str | None]], reason: str,
    revision: int | None,
) -> Settled:  # fmt: skip
    """Settle level after level, the finest first; only the first is held against the revision seen."""
    settled = None
    for level_code, area_code in decisions:
        settled = settle(office, actor, finding_id, level_code, area_code, reason, revision=revision)
        revision = None
    assert settled is not None  # noqa: S101 - callers pass at least one
    return settled
