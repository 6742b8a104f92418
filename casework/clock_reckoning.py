"""From a case's history to its clock: from where its limit counts, when it stood, which step it is at.

Pure: steps in, moments out. ``casework.deadlines`` reads and writes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from casework.time_limits import Limit, TimeRules
from casework.working_time import NoWorkingTime, WorkCalendar

# The limit of putting right counts anew from these: whoever gets it has the whole of it.
RESTARTING: Final = frozenset({"dispatch", "refer", "reopen"})
# A bureau has to accept it anew after these.
ENTERING: Final = frozenset({"dispatch", "refer", "hand_on", "rework"})
# How it stands while nobody works on putting it right: the deadline that it had stays.
KEPT: Final = frozenset({"handled", "verified", "closed", "declined", "cancelled", "duplicate"})
_STANDING: Final = frozenset({"suspended", "duplicate"})
STEP_OF: Final[dict[str, str]] = {
    "filed": "dispatch", "returned": "dispatch", "reopened": "dispatch", "dispatched": "accept", "accepted": "handle",
    "handled": "check", "verified": "close",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a history, as far as the clock needs it. ``is_granted``: it granted an extension."""

    at: datetime
    act: str
    to_status: str | None = None
    is_granted: bool = False
    gave_deadline: bool | None = None  # of an import: whether its source gave the deadline


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension; ``end`` None: it lasts."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What a history says about the clock.

    ``start``: from where the limit of putting right counts; ``is_dispatched``: from a dispatch, else it is
    provisional. ``granted`` extensions since then. ``step`` began at ``step_start``; None: no step has a limit now.
    """

    status: str
    start: datetime
    is_dispatched: bool
    granted: int
    pauses: tuple[Pause, ...]
    step: str | None
    step_start: datetime
    is_sources: bool

    @property
    def paused_since(self) -> datetime | None:
        """Since when the clock stands; None while it runs."""
        return self.pauses[-1].start if self.pauses and self.pauses[-1].end is None else None

    @property
    def keeps_due(self) -> bool:
        """Whether the deadline that it has stays as it is."""
        return self.status in KEPT or self.is_sources


def course(events: Iterable[Event], reported_at: datetime, *, by_staff: bool) -> Course:
    """Read a history (in its order). ``by_staff``: found by the office's own people, so nobody has to confirm it."""
    start, is_dispatched, granted, is_sources = reported_at, False, 0, False
    status, entered, confirmed = "reported", reported_at, None
    pauses: list[Pause] = []
    before_pause: tuple[str, datetime] | None = None
    for event in events:
        if event.act in RESTARTING:
            start, is_dispatched, granted, is_sources = event.at, event.act != "reopen", 0, False
        granted += event.is_granted
        is_sources = is_sources if event.gave_deadline is None else event.gave_deadline
        if event.act == "confirm":
            confirmed = event.at
        turned = event.to_status is not None and event.to_status != status
        if not turned and event.act not in ENTERING:
            continue
        stood = bool(pauses) and pauses[-1].end is None
        if event.to_status == "suspended" and not stood:
            pauses.append(Pause(event.at))
            before_pause = (status, entered)
        elif stood and event.to_status not in _STANDING:  # merged while suspended, it stands on
            pauses[-1] = Pause(pauses[-1].start, event.at)
        back = before_pause is not None and status in _STANDING and event.to_status == before_pause[0]
        status = event.to_status or status
        entered = before_pause[1] if back and before_pause else event.at
    step, step_start = _step(status, entered, confirmed, by_staff=by_staff)
    return Course(status, start, is_dispatched, granted, tuple(pauses), step, step_start, is_sources)


def _step(
    status: str, entered: datetime, confirmed: datetime | None, *, by_staff: bool
) -> tuple[str | None, datetime]:
    if status != "reported":
        return STEP_OF.get(status), entered
    if confirmed is not None:
        return "file", confirmed
    return ("file" if by_staff else "confirm"), entered


def deadline(
    start: datetime, total_s: float, unit: str, pauses: Sequence[Pause], calendar: WorkCalendar
) -> datetime | None:
    """The moment at which ``total_s`` of the unit's clock have run since ``start``, pauses left out.

    What ran out before a pause stays there. None where the calendar has no answer.
    """
    at, left = start.replace(microsecond=0), total_s
    try:
        for pause in pauses:
            if pause.end is not None and pause.end <= at:
                continue
            begun = max(pause.start.replace(microsecond=0), at)
            used = calendar.seconds_between(at, begun, unit)
            if used >= left or pause.end is None:
                break
            at, left = pause.end.replace(microsecond=0), left - used
        return calendar.add_seconds(at, left, unit)
    except NoWorkingTime:
        return None


def run_s(
    start: datetime, end: datetime, unit: str, pauses: Sequence[Pause], calendar: WorkCalendar
) -> float:
    """How long the unit's clock ran from ``start`` to ``end``, pauses left out, in its seconds."""
    total = calendar.seconds_between(start, end, unit)
    for pause in pauses:
        first, last = max(pause.start, start), min(pause.end or end, end)
        if last > first:
            total -= calendar.seconds_between(first, last, unit)
    return total


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The columns that the clock keeps in ``findings``."""

    due_at: datetime | None
    step_due_at: datetime | None
    paused_at: datetime | None


def reckon(
    is_: Course, category_id: int, due_before: datetime | None, rules: TimeRules, *, anew: bool = False
) -> Reckoned:
    """The deadlines of a case with this history.

    ``due_before`` is the deadline that it has: once handled it stays, unless all is worked out ``anew``.
    """
    keeps = is_.is_sources or (is_.keeps_due and not anew)
    due = due_before if keeps else _due(is_, rules.limits.of(category_id, "handle"), rules.calendar)
    return Reckoned(due, step_due(is_, category_id, due, rules), is_.paused_since)


def _due(is_: Course, limit: Limit | None, calendar: WorkCalendar) -> datetime | None:
    if limit is None:
        return None
    return deadline(is_.start, limit.total_s * (1 + is_.granted), limit.unit, is_.pauses, calendar)


def step_due(is_: Course, category_id: int, due: datetime | None, rules: TimeRules) -> datetime | None:
    """When the present step should be done; for putting right that is the deadline of the case."""
    if is_.step is None or is_.paused_since is not None:
        return None
    if is_.step == "handle":
        return due
    limit = rules.limits.of(category_id, is_.step)
    if limit is None:
        return None
    return deadline(is_.step_start, limit.total_s, limit.unit, is_.pauses, rules.calendar)
