"""The life of a finding: one literal table of what may follow what, who may do it, and what it asks for.

The steps and words are those of GB/T 30428. ``docs/lifecycle.md`` is drawn from the table.
"""

from dataclasses import dataclass, field
from typing import Final

from casework.errors import Word, mark
from casework.lifecycle_guards import GUARDS, Why, owns
from casework.standing import Asked, Asker, Standing, Task, Ties

__all__ = [
    "ACTS", "ACT_WORDS", "AFTER_PHOTO", "BEFORE", "BUREAU", "BY_ACT", "CHANGING", "JOINT", "OPEN", "OTHER",
    "PUNISHMENT", "REASON", "REPORT", "SAME", "STATUS_WORDS", "TABLE", "Asked", "Asker", "Offer", "Standing", "Task",
    "Ties", "Transition", "destination", "is_turn", "needs_of", "next_acts", "offers", "why_not",
]  # fmt: skip

# What an act asks for.
REASON: Final = "reason"
AFTER_PHOTO: Final = "after_photo"
BUREAU: Final = "bureau"
JOINT: Final = "joint"  # further bureaus; may stay empty
OTHER: Final = "other"  # another finding
REPORT: Final = "report"  # an after photo or a remark
PUNISHMENT: Final = "punishment"  # of a case that was referred: the decision's number and kind
NEEDS: Final = (REASON, AFTER_PHOTO, BUREAU, JOINT, OTHER, REPORT, PUNISHMENT)

# Where an act leads when it is no other status.
SAME: Final = "same"
BEFORE: Final = "before"  # the status before it was suspended or merged

_CENTRE: Final = frozenset({"administrator", "supervisor"})
_HANDLER: Final = frozenset({"handler"})
_ON_SITE: Final = frozenset({"supervisor", "inspector"})
_CHECKERS: Final = frozenset({"administrator", "supervisor", "inspector"})
_APPROVERS: Final = frozenset({"administrator", "leader", "supervisor"})
_LEADERS: Final = frozenset({"administrator", "leader"})

AT_WORK: Final = ("filed", "dispatched", "accepted", "returned", "reopened")
AT_BUREAU: Final = ("dispatched", "accepted")
OPEN: Final = ("reported", *AT_WORK, "handled", "verified", "suspended")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from these statuses, this act by these roles leads to that status.

    ``needs`` is what the act asks for, ``guards`` name further conditions (``casework.lifecycle_guards``). A handler
    acts on what the own bureau has a part of, an inspector in the own patches. ``unless``: in this case (``joint``:
    a joint bureau does it; ``settled``: it was settled on the spot, no bureau had it) it leads there instead.
    """

    act: str
    before: tuple[str, ...]
    after: str
    roles: frozenset[str]
    needs: frozenset[str] = field(default_factory=frozenset)
    guards: tuple[str, ...] = ()
    unless: tuple[str, str] | None = None


def _needs(*words: str) -> frozenset[str]:
    return frozenset(words)


TABLE: Final[tuple[Transition, ...]] = (
    Transition("confirm", ("reported",), SAME, _CHECKERS, guards=("unconfirmed", "not the reporter")),
    Transition("file", ("reported",), "filed", _CENTRE, guards=("confirmed or own",)),
    Transition("decline", ("reported",), "declined", _CENTRE, _needs(REASON)),
    Transition("settle", ("reported", "filed"), "handled", _ON_SITE, _needs(AFTER_PHOTO)),
    Transition(
        "dissuasion_failed", ("reported", "filed"), "filed", _ON_SITE, _needs(REASON),
        guards=("dissuasion not failed yet",),
    ),
    Transition(
        "refer", ("filed", "returned", "reopened"), "dispatched", _CENTRE, _needs(BUREAU, REASON),
        guards=("dissuasion failed",),
    ),
    Transition("dispatch", ("filed", "returned", "reopened"), "dispatched", _CENTRE, _needs(BUREAU, JOINT)),
    Transition(
        "accept", AT_BUREAU, "accepted", _HANDLER, guards=("part not accepted yet",), unless=("joint", SAME)
    ),
    Transition(
        "handle", ("accepted",), "handled", _HANDLER, _needs(AFTER_PHOTO),
        guards=("leading bureau", "joint parts done"),
    ),
    Transition(
        "part_done", AT_BUREAU, SAME, _HANDLER, _needs(REPORT), guards=("joint bureau", "part accepted")
    ),
    Transition(
        "return", AT_BUREAU, "returned", _HANDLER, _needs(REASON), guards=("part not done yet",),
        unless=("joint", SAME),
    ),
    Transition(
        "hand_on", AT_BUREAU, "dispatched", _CENTRE | _HANDLER, _needs(BUREAU, REASON), guards=("leading bureau",)
    ),
    Transition("add_joint", AT_BUREAU, SAME, _CENTRE, _needs(BUREAU)),
    Transition(
        "drop_joint", AT_BUREAU, SAME, _CENTRE, _needs(BUREAU, REASON), guards=("has joint bureaus",)
    ),
    Transition("verify", ("handled",), "verified", _CHECKERS, guards=("not who handled it",)),
    Transition(
        "rework", ("handled",), "dispatched", _CHECKERS, _needs(REASON), guards=("not who handled it",),
        unless=("settled", "filed"),
    ),
    Transition("close", ("verified",), "closed", _CENTRE, guards=("children done",)),
    Transition("reopen", ("closed", "declined", "cancelled"), "reopened", _CENTRE, _needs(REASON)),
    Transition(
        "ask_extension", AT_BUREAU, SAME, _HANDLER, _needs(REASON),
        guards=("leading bureau", "fewer than two extensions"),
    ),
    Transition("approve_extension", AT_BUREAU, SAME, _APPROVERS, guards=("next approver",)),
    Transition("refuse_extension", AT_BUREAU, SAME, _APPROVERS, _needs(REASON), guards=("extension waits",)),
    Transition(
        "withdraw_extension", AT_BUREAU, SAME, _HANDLER, guards=("leading bureau", "extension waits")
    ),
    Transition("suspend", AT_WORK, "suspended", _CENTRE, _needs(REASON)),
    Transition("resume", ("suspended",), BEFORE, _CENTRE, guards=("status before known",)),
    Transition("urge", OPEN, SAME, _LEADERS),
    Transition("link_child", OPEN, SAME, _CENTRE, _needs(OTHER), guards=("may be a child",)),
    Transition("unlink_child", OPEN, SAME, _CENTRE, guards=("is a child",)),
    Transition(
        "merge", OPEN, "duplicate", _CENTRE, _needs(OTHER), guards=("no children", "nothing merged into it")
    ),
    Transition("unmerge", ("duplicate",), BEFORE, _CENTRE, guards=("status before known",)),
    Transition("cancel", OPEN, "cancelled", _CENTRE, _needs(REASON), guards=("children done",)),
)  # fmt: skip
ACTS: Final = tuple(row.act for row in TABLE)
BY_ACT: Final[dict[str, Transition]] = {row.act: row for row in TABLE}
# The acts that may lead to another status.
CHANGING: Final = frozenset(row.act for row in TABLE if row.after != SAME)

# What stands on the button: said to the person who may press it.
ACT_WORDS: Final[dict[str, str]] = {
    "confirm": mark("Confirm the report"),
    "file": mark("File the case"),
    "decline": mark("Decline"),
    "settle": mark("Settled on the spot"),
    "dissuasion_failed": mark("Dissuasion failed"),
    "refer": mark("Refer for punishment"),
    "dispatch": mark("Dispatch"),
    "accept": mark("Accept"),
    "handle": mark("Report as handled"),
    "part_done": mark("Our part is done"),
    "return": mark("Return"),
    "hand_on": mark("Hand on"),
    "add_joint": mark("Add a joint bureau"),
    "drop_joint": mark("End a joint bureau's part"),
    "verify": mark("Check passed"),
    "rework": mark("Check failed"),
    "close": mark("Close the case"),
    "reopen": mark("Reopen"),
    "ask_extension": mark("Ask for an extension"),
    "approve_extension": mark("Approve the extension"),
    "refuse_extension": mark("Refuse the extension"),
    "withdraw_extension": mark("Withdraw the request"),
    "suspend": mark("Suspend"),
    "resume": mark("Resume"),
    "urge": mark("Urge"),
    "link_child": mark("Put under a parent"),
    "unlink_child": mark("Take out of the parent"),
    "merge": mark("Merge"),
    "unmerge": mark("Undo the merging"),
    "cancel": mark("Cancel the case"),
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
    why = why_not(row, asker, standing)
    word, needs = ACT_WORDS[row.act], needs_of(row, standing)
    if why is None:
        return Offer(row.act, word, needs, True)
    return Offer(row.act, word, needs, False, why.message, why.params)


def why_not(row: Transition, asker: Asker, standing: Standing) -> Why | None:
    """Why this person may not do this now; None when they may."""
    if asker.role not in row.roles:
        return Why(mark("Your role may not do this"), of_person=True)
    if standing.status not in row.before:
        return Why(
            mark("Not while the finding is %(status)s"), {"status": Word(STATUS_WORDS[standing.status])}
        )
    for guard in (owns, *(GUARDS[name] for name in row.guards)):
        why = guard(asker, standing)
        if why:
            return why
    return None


def needs_of(row: Transition, standing: Standing) -> frozenset[str]:
    """What an act asks for on this finding: handling what was referred asks for the decision too."""
    lead = standing.lead
    if row.act == "handle" and lead is not None and lead.is_punishment:
        return row.needs | {PUNISHMENT}
    return row.needs


def destination(row: Transition, asker: Asker, standing: Standing) -> str:
    """The status that the act leads to."""
    after = _after(row, asker, standing)
    return {SAME: standing.status, BEFORE: standing.before}.get(after, after)


def is_turn(row: Transition, asker: Asker, standing: Standing) -> bool:
    """Whether the act leads to a status (perhaps the same one anew), and is not only put on record."""
    return _after(row, asker, standing) != SAME


def _after(row: Transition, asker: Asker, standing: Standing) -> str:
    if row.unless and _holds(row.unless[0], asker, standing):
        return row.unless[1]
    return row.after


def _holds(condition: str, asker: Asker, standing: Standing) -> bool:
    if condition == "joint":
        task = standing.task_of(asker.bureau_id) if asker.role == "handler" else None
        return task is not None and task.role == "joint"
    return standing.dissuasion == "settled" and standing.lead is None


def next_acts(status: str) -> tuple[str, ...]:
    """The acts that the table knows from a status."""
    return tuple(row.act for row in TABLE if status in row.before)
