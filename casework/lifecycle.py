"""The life of a finding: one literal table of what may follow what, who may do it, and what it asks for."""

from dataclasses import dataclass, field
from typing import Final

from casework.errors import Word, mark

REASON: Final = "reason"
AFTER_PHOTO: Final = "after_photo"
BUREAU: Final = "bureau"

_CENTRE: Final = frozenset({"administrator", "supervisor"})
_HANDLER: Final = frozenset({"handler"})
_CHECKERS: Final = frozenset({"administrator", "supervisor", "inspector"})


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from these statuses, this act by these roles leads to that status.

    ``needs`` is what the act asks for. ``own`` says whose finding it must be for a role that has one: the handler's
    bureau, the inspector's patches. ``not_after`` names an act whose doer may not do this one too.
    """

    act: str
    before: tuple[str, ...]
    after: str
    roles: frozenset[str]
    needs: frozenset[str] = field(default_factory=frozenset)
    not_after: str | None = None


TABLE: Final[tuple[Transition, ...]] = (
    Transition("file", ("reported",), "filed", _CENTRE),
    Transition("decline", ("reported",), "declined", _CENTRE, frozenset({REASON})),
    Transition("dispatch", ("filed", "returned", "reopened"), "dispatched", _CENTRE, frozenset({BUREAU})),
    Transition("accept", ("dispatched",), "accepted", _HANDLER),
    Transition("return", ("dispatched", "accepted"), "returned", _HANDLER, frozenset({REASON})),
    Transition("handle", ("accepted",), "handled", _HANDLER, frozenset({AFTER_PHOTO})),
    Transition("verify", ("handled",), "verified", _CHECKERS, not_after="handle"),
    Transition("rework", ("handled",), "dispatched", _CHECKERS, frozenset({REASON}), not_after="handle"),
    Transition("close", ("verified",), "closed", _CENTRE),
    Transition("reopen", ("closed", "declined"), "reopened", _CENTRE, frozenset({REASON})),
)
ACTS: Final = tuple(row.act for row in TABLE)
BY_ACT: Final[dict[str, Transition]] = {row.act: row for row in TABLE}

# What stands on the button: said to the person who may press it.
ACT_WORDS: Final[dict[str, str]] = {
    "file": mark("File the case"),
    "decline": mark("Decline"),
    "dispatch": mark("Dispatch"),
    "accept": mark("Accept"),
    "return": mark("Return"),
    "handle": mark("Report as handled"),
    "verify": mark("Check passed"),
    "rework": mark("Check failed"),
    "close": mark("Close the case"),
    "reopen": mark("Reopen"),
}
STATUS_WORDS: Final[dict[str, str]] = {
    "reported": mark("reported"),
    "filed": mark("filed"),
    "dispatched": mark("dispatched"),
    "accepted": mark("accepted"),
    "handled": mark("handled"),
    "verified": mark("verified"),
    "closed": mark("closed"),
    "declined": mark("declined"),
    "returned": mark("returned"),
    "suspended": mark("suspended"),
    "cancelled": mark("cancelled"),
    "duplicate": mark("duplicate"),
    "reopened": mark("reopened"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether somebody may act on a finding."""

    status: str
    bureau_id: int | None
    area_ids: frozenset[int]
    done_by: dict[str, int | None]  # act -> who did it last


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to act: the role, and what is theirs."""

    role: str | None
    user_id: int | None
    bureau_id: int | None
    area_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Offer:
    """An act for a person to see: possible, or not and why (an English msgid with its params)."""

    act: str
    word: str
    needs: frozenset[str]
    possible: bool
    why_not: str = ""
    params: dict[str, object] = field(default_factory=dict)


def offers(asker: Asker, standing: Standing) -> list[Offer]:
    """All acts of this person's role in the order of the table, those that fit the status first."""
    found = [_offer(row, asker, standing) for row in TABLE if asker.role in row.roles]
    return sorted(found, key=lambda offer: standing.status not in BY_ACT[offer.act].before)


def _offer(row: Transition, asker: Asker, standing: Standing) -> Offer:
    why, params = why_not(row, asker, standing)
    return Offer(row.act, ACT_WORDS[row.act], row.needs, not why, why, params)


def why_not(row: Transition, asker: Asker, standing: Standing) -> tuple[str, dict[str, object]]:
    """Why this person may not do this now, in words; empty when they may."""
    if asker.role not in row.roles:
        return mark("Your role may not do this"), {}
    if standing.status not in row.before:
        return mark("Not while the finding is %(status)s"), {"status": Word(STATUS_WORDS[standing.status])}
    if asker.role == "handler" and (asker.bureau_id is None or standing.bureau_id != asker.bureau_id):
        return mark("It is another bureau's"), {}
    if asker.role == "inspector" and not asker.area_ids & standing.area_ids:
        return mark("It lies outside your patches"), {}
    if row.not_after and asker.user_id is not None and standing.done_by.get(row.not_after) == asker.user_id:
        return mark("Whoever handled it may not check it: ask somebody else"), {}
    return "", {}


def next_acts(status: str) -> tuple[str, ...]:
    """The acts that the table knows from a status."""
    return tuple(row.act for row in TABLE if status in row.before)
