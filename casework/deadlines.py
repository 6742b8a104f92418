"""When a finding must be put right and when its present step should be done: history, limits and calendar only.

``due_at`` counts from the report while nobody got the case (provisional), then from the dispatch. A rework or handing
on does not begin it anew, a new dispatch and a reopening do. An extension adds the limit once more; a suspension stops
the unit's own clock. That a case is overdue is read off at the moment of asking and stored nowhere.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.case_standing import STAFF
from casework.clock_reckoning import Course, Event, course, reckon
from casework.time_limits import TimeRules, time_rules
from casework.working_time import NoWorkingTime, WorkCalendar
from db.models import Finding, HistoryEntry, User

IMPORT: Final = "import"


def due_at(
    start: datetime, limit_value: int | None, limit_unit: str | None, calendar: WorkCalendar
) -> datetime | None:
    """The deadline of a limit that counts from ``start`` (aware), in UTC; None when there is no limit."""
    if limit_value is None or limit_unit is None:
        return None
    try:
        return calendar.add(start.replace(microsecond=0), limit_value, limit_unit)
    except NoWorkingTime:
        return None


def first_due(rules: TimeRules, category_id: int, reported_at: datetime) -> datetime | None:
    """The provisional deadline of a finding that was just reported."""
    limit = rules.limits.of(category_id, "handle")
    return due_at(reported_at, limit.value, limit.unit, rules.calendar) if limit else None


def refresh(session: Session, finding_id: int, at: datetime) -> None:
    """Work out a finding's deadlines anew after a step was appended to its history at ``at``."""
    session.flush()
    row = session.execute(
        select(
            Finding.category_id, Finding.reported_at, Finding.due_at, Finding.step_due_at, Finding.paused_at, User.role
        )
        .outerjoin(User, User.id == Finding.reporter_id)
        .where(Finding.id == finding_id)
    ).one()  # fmt: skip
    rules = time_rules(session)
    is_ = course_of(session, finding_id, row.reported_at, by_staff=row.role in STAFF)
    found = reckon(is_, row.category_id, row.due_at, rules)
    new = {"due_at": found.due_at, "step_due_at": found.step_due_at, "paused_at": found.paused_at}
    if any(getattr(row, name) != value for name, value in new.items()):
        session.execute(update(Finding).where(Finding.id == finding_id).values(**new))


def course_of(session: Session, finding_id: int, reported_at: datetime, *, by_staff: bool) -> Course:
    """What a finding's history says about its clock."""
    rows = session.execute(
        select(HistoryEntry.at, HistoryEntry.act, HistoryEntry.to_status, HistoryEntry.payload)
        .where(HistoryEntry.finding_id == finding_id)
        .order_by(HistoryEntry.seq)
    )
    return course(events_of(rows), reported_at, by_staff=by_staff)


def events_of(rows: Iterable[Any]) -> list[Event]:
    """Rows of a history (at, act, to_status, payload) as the clock reads them."""
    return [event_of(row.at, row.act, row.to_status, row.payload) for row in rows]


def event_of(at: datetime, act: str, to_status: str | None, payload: Any) -> Event:
    """One step of a history as the clock reads it."""
    said = payload or {}
    return Event(
        at, act, to_status,
        is_granted=act == "approve_extension" and bool(said.get("granted")),
        # before imports said whose deadline it is, it may have been the source's: then it stays
        gave_deadline=said.get("deadline", "source") == "source" if act == IMPORT else None,
    )  # fmt: skip
