"""Limits, office hours and days off as their settings page shows them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.clock import day_of
from casework.office import Office, the_city
from casework.office_hours import Hours, read_hours
from casework.policy import Act, Actor, require
from casework.time_limits import STEPS, WARN_SHARE, Limit, TimeRules, time_rules, usual_limits
from casework.working_time import Day, WorkCalendar
from db.models import CalendarDay, Category, TimeLimit, WorkingHours

YEARS: Final = (2004, 2199)


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit in force; ``id`` None: it is the usual one. ``category`` None: any. ``limit`` None: no limit."""

    id: int | None
    category: Category | None
    step: str
    limit: Limit | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class HoursLine:
    """Hours in force from a day on. ``is_now``: those of today; ``id`` None: the usual ones, nobody set any."""

    id: int | None
    hours: Hours
    is_now: bool


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day that is not what its weekday says; ``id`` of the office's own word on it."""

    day: Day
    id: int | None


@dataclass(frozen=True, slots=True)
class TimeSettings:
    """All of it. ``unannounced`` are years (this and the next) whose holidays nobody knows yet."""

    limits: list[LimitLine]
    own_handling: int
    hours: list[HoursLine]
    year: int
    days: list[DayLine]
    unannounced: tuple[int, ...]
    working_days: int
    warn_share: float
    today: date


def time_settings(office: Office, actor: Actor, year: str = "") -> TimeSettings:
    """How time is counted, with the days of one year (this one when the text is none)."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        today = day_of(office.now(), the_city(session).timezone)
        is_year = len(year) == 4 and year.isascii() and year.isdigit() and YEARS[0] <= int(year) <= YEARS[1]
        wanted = int(year) if is_year else today.year
        rules = time_rules(session)
        share = rules.limits.rows.get((None, "handle"), (0, "", None))[2]
        return TimeSettings(
            limits=_limits(session, rules),
            own_handling=session.scalar(
                select(func.count()).where(Category.limit_value.is_not(None), Category.retired_at.is_(None))
            )
            or 0,
            hours=_hours(session, rules.calendar, today),
            year=wanted,
            days=_days(session, rules.calendar, wanted),
            unannounced=tuple(one for one in (today.year, today.year + 1) if not rules.calendar.knows(one)),
            working_days=_worked(rules.calendar, wanted),
            warn_share=WARN_SHARE if share is None else share,
            today=today,
        )


def _limits(session: Session, rules: TimeRules) -> list[LimitLine]:
    rows = session.execute(
        select(TimeLimit, Category)
        .outerjoin(Category, Category.id == TimeLimit.category_id)
        .where(TimeLimit.retired_at.is_(None))
        .order_by(Category.code)
    ).all()
    own = {(row.category_id, row.step): (row, category) for row, category in rows}
    lines = []
    for step in STEPS:
        row = own.get((None, step))
        if row is not None or step in usual_limits():
            lines.append(
                LimitLine(
                    row[0].id if row else None, None, step, rules.limits.usual(step), row[0].created_at if row else None
                )
            )  # fmt: skip
    lines += [
        LimitLine(row.id, category, row.step, rules.limits.of(category.id, row.step), row.created_at)
        for row, category in rows
        if category is not None
    ]
    return lines


def _hours(session: Session, calendar: WorkCalendar, today: date) -> list[HoursLine]:
    rows = session.scalars(
        select(WorkingHours).where(WorkingHours.retired_at.is_(None)).order_by(WorkingHours.valid_from.desc())
    ).all()
    now = calendar.hours_on(today)
    if not rows:
        return [HoursLine(None, now, True)]
    read: list[tuple[int, Hours]] = [
        (row.id, read_hours(row.valid_from, row.minutes, row.weekdays)) for row in rows
    ]
    return [HoursLine(one, hours, hours == now) for one, hours in read]


def _days(session: Session, calendar: WorkCalendar, year: int) -> list[DayLine]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    own: dict[date, Any] = {
        row.day: row.id
        for row in session.execute(
            select(CalendarDay.day, CalendarDay.id).where(
                CalendarDay.retired_at.is_(None), CalendarDay.day.between(first, last)
            )
        )
    }
    days = (calendar.day(first + timedelta(days=n)) for n in range((last - first).days + 1))
    return [DayLine(day, own.get(day.day)) for day in days if day.source != "weekday"]


def _worked(calendar: WorkCalendar, year: int) -> int:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return sum(bool(calendar.spans_on(day)) for day in days if day.year == year)
