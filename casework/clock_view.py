"""The clock of a case as people read it: what is left in which unit, since when it stands, which step is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.case_standing import STAFF
from casework.clock_reckoning import STEP_OF, Course, course, run_s
from casework.deadlines import events_of
from casework.status import DISPLAY_OF, display_key
from casework.time_limits import Limit, TimeRules, time_rules
from db.models import Finding, HistoryEntry, User

AT_WORK: Final = frozenset(status for status, shown in DISPLAY_OF.items() if shown == "prog")


@dataclass(frozen=True, slots=True)
class StepTime:
    """One step of a case with its time: ``took_s`` of the unit's clock, against ``limit`` (None: it has none)."""

    step: str
    start: datetime
    end: datetime | None
    took_s: float
    unit: str
    limit: Limit | None

    @property
    def is_late(self) -> bool:
        """Whether it took longer than its limit allows."""
        return self.limit is not None and self.took_s > self.limit.total_s


@dataclass(frozen=True, slots=True)
class ClockView:
    """A case's clock at a moment.

    ``left_s`` is what is left until ``due_at`` in seconds of the clock of ``unit`` (negative: overdue), ``share`` the
    used part of the whole (more than 1: overdue). ``step_left_s`` the same for the present step. ``counted_from`` is
    where the limit began; ``is_provisional``: nobody got the case yet. ``warn``: none, soon, late. ``unannounced``
    are years whose holidays are not known. ``steps`` are the steps so far, each with its time.
    """

    step: str | None
    due_at: datetime | None
    step_due_at: datetime | None
    left_s: float | None
    unit: str
    step_left_s: float | None
    step_unit: str
    paused_since: datetime | None
    warn: str
    share: float
    limit: Limit | None
    counted_from: datetime
    is_provisional: bool
    extensions: int
    unannounced: tuple[int, ...]
    steps: tuple[StepTime, ...]


def clock_of(session: Session, finding: Finding, now: datetime) -> ClockView:
    """The clock of a finding at a moment, from its history and the rules in force."""
    rules = time_rules(session)
    rows = session.execute(
        select(HistoryEntry.at, HistoryEntry.act, HistoryEntry.to_status, HistoryEntry.payload)
        .where(HistoryEntry.finding_id == finding.id)
        .order_by(HistoryEntry.seq)
    ).all()
    role = session.scalar(select(User.role).where(User.id == finding.reporter_id))
    events = events_of(rows)
    is_ = course(events, finding.reported_at, by_staff=role in STAFF)
    limit = rules.limits.of(finding.category_id, "handle")
    unit = limit.unit if limit else "hour"
    until = is_.paused_since or now
    left = rules.calendar.seconds_between(until, finding.due_at, unit) if finding.due_at else None
    whole = limit.total_s * (1 + is_.granted) if limit else 0
    step_limit = rules.limits.of(finding.category_id, is_.step) if is_.step else None
    step_unit = step_limit.unit if step_limit else "hour"
    step_left = (
        rules.calendar.seconds_between(now, finding.step_due_at, step_unit) if finding.step_due_at else None
    )
    warn_at = rules.warn_at(finding.category_id, finding.due_at)
    key = display_key(finding.status, finding.due_at, now, warn_at)
    is_open = DISPLAY_OF[finding.status] != "done"
    return ClockView(
        step=is_.step, due_at=finding.due_at, step_due_at=finding.step_due_at, left_s=left, unit=unit,
        step_left_s=step_left, step_unit=step_unit, paused_since=is_.paused_since,
        warn={"over": "late", "due": "soon"}.get(key, "none"),
        share=1 - left / whole if left is not None and whole else 0.0, limit=limit, counted_from=is_.start,
        is_provisional=not is_.is_dispatched and not is_.is_sources, extensions=is_.granted,
        unannounced=rules.calendar.unannounced(is_.start, finding.due_at, finding.step_due_at) if is_open else (),
        steps=_steps(rows, finding, is_, now, rules, by_staff=role in STAFF),
    )  # fmt: skip


def _steps(
    rows: Sequence[Any], finding: Finding, is_: Course, now: datetime, rules: TimeRules, *, by_staff: bool
) -> tuple[StepTime, ...]:
    """The steps that the case went through, one after the other, with the time that each took."""
    events = events_of(rows)
    begun: list[tuple[str | None, datetime]] = []
    for last in range(1, len(events) + 1):
        then = course(events[:last], finding.reported_at, by_staff=by_staff)
        step = begun[-1][0] if then.paused_since is not None and begun else then.step
        if (
            not begun
            or begun[-1][0] != step
            or (events[last - 1].act in ("rework", "hand_on", "dispatch", "refer"))
        ):
            begun.append((step, events[last - 1].at))
    ends: list[datetime | None] = [start for _, start in begun[1:]] + [None]
    found = []
    for (step, start), end in zip(begun, ends, strict=True):
        if step is None:
            continue
        limit = rules.limits.of(finding.category_id, step)
        unit = limit.unit if limit else "working_hour"
        took = run_s(start, end or now, unit, is_.pauses, rules.calendar)
        if limit is not None and step == "handle":
            limit = Limit(limit.value * (1 + is_.granted), limit.unit, limit.warn_share)
        found.append(StepTime(step, start, end, max(took, 0.0), unit, limit))
    return tuple(found)


def step_of(status: str, *, is_sure: bool) -> str | None:
    """The step that a finding is at, as far as its own row tells. ``is_sure``: confirmed, or found by own people."""
    if status == "reported":
        return "file" if is_sure else "confirm"
    return STEP_OF.get(status)


def left_of(row: Any, now: datetime, rules: TimeRules) -> dict[str, Any]:
    """What a list's row says about time: what is left until the deadline, and how late the present step is.

    ``row`` has status, category_id, due_at, step_due_at, paused_at, confirmed_at and its reporter's role. ``left`` is
    [seconds, unit] on the clock of the limit's unit, ``step_late`` [step, seconds, unit] only where the step is late.
    """
    limit = rules.limits.of(row.category_id, "handle")
    left = None
    if row.due_at is not None and (row.status in AT_WORK or row.paused_at is not None):
        unit = limit.unit if limit else "hour"
        left = [round(rules.calendar.seconds_between(row.paused_at or now, row.due_at, unit)), unit]
    step_late = None
    if row.step_due_at is not None and row.step_due_at < now and row.step_due_at != row.due_at:
        is_sure = row.confirmed_at is not None or row.role in STAFF
        step = step_of(row.status, is_sure=is_sure) or ""
        own = rules.limits.of(row.category_id, step)
        unit = own.unit if own else "hour"
        step_late = [step, round(rules.calendar.seconds_between(row.step_due_at, now, unit)), unit]
    return {"left": left, "step_late": step_late}
