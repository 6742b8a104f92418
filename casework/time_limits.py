"""How long each step of a case may take, and by which calendar: what the office set, read once for many cases."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.office import the_city
from casework.office_hours import read_hours
from casework.working_time import UNIT_S, NoWorkingTime, WorkCalendar
from db.models import CalendarDay, Category, TimeLimit, WorkingHours
from settings import ROOT

STEPS: Final = ("confirm", "file", "dispatch", "accept", "handle", "check", "close")
USUAL: Final = ROOT / "data" / "time_limits.json"
WARN_SHARE: Final = 0.25
_LEAST_WARNING_S: Final = 3600

Limited = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in its own unit; ``warn_share`` is the part that is left when the warning begins."""

    value: int
    unit: str
    warn_share: float = WARN_SHARE

    @property
    def total_s(self) -> int:
        """The limit in seconds of its unit's clock."""
        return self.value * UNIT_S[self.unit]

    @property
    def warn_s(self) -> float:
        """How long before the end the warning begins: the share, at least an hour, at most half the limit."""
        return max(self.total_s * self.warn_share, min(_LEAST_WARNING_S, self.total_s / 2))


class Limits:
    """The limits in force: a category's own, its parents', those for any category, the usual ones."""

    def __init__(
        self,
        parents: Mapping[int, int | None],
        handle: Mapping[int, Limited],
        rows: Mapping[tuple[int | None, str], tuple[int, str, float | None]],
    ) -> None:
        self.parents, self.handle, self.rows = dict(parents), dict(handle), dict(rows)
        self._found: dict[tuple[int, str], Limit | None] = {}

    def __eq__(self, other: object) -> bool:
        """Whether the same limits are in force."""
        if not isinstance(other, Limits):
            return NotImplemented
        return (self.parents, self.handle, self.rows) == (other.parents, other.handle, other.rows)

    def __hash__(self) -> int:
        """By identity would contradict equality, and by content is never needed."""
        raise TypeError

    def of(self, category_id: int, step: str) -> Limit | None:
        """The limit of a step for findings of a category; None where it has none."""
        key = (category_id, step)
        if key not in self._found:
            self._found[key] = self._of(category_id, step)
        return self._found[key]

    def _of(self, category_id: int, step: str) -> Limit | None:
        for one in self._upwards(category_id):
            found = self._own(one, step)
            if found is not None:
                return found if found.value else None
        return self.usual(step)

    def usual(self, step: str) -> Limit | None:
        """The limit of a step for any category: the office's, or the usual one."""
        row = self.rows.get((None, step))
        value, unit, share = row if row is not None else (*usual_limits().get(step, (0, "hour")), None)
        return Limit(value, unit, WARN_SHARE if share is None else share) if value else None

    def _own(self, category_id: int, step: str) -> Limit | None:
        if step == "handle":
            value, unit = self.handle.get(category_id, (0, ""))
            share = self.rows.get((None, step), (0, "", None))[2]
            return Limit(value, unit, WARN_SHARE if share is None else share) if value else None
        row = self.rows.get((category_id, step))
        if row is None:
            return None
        return Limit(row[0], row[1], WARN_SHARE if row[2] is None else row[2])

    def _upwards(self, category_id: int) -> list[int]:
        found: list[int] = []
        one: int | None = category_id
        while one is not None and one not in found:
            found.append(one)
            one = self.parents.get(one)
        return found


@dataclass(frozen=True, slots=True)
class TimeRules:
    """Limits and calendar as they are in force."""

    limits: Limits
    calendar: WorkCalendar

    def warn_at(self, category_id: int, due_at: datetime | None) -> datetime | None:
        """When the warning before a deadline begins; None where there is no deadline or no limit."""
        limit = self.limits.of(category_id, "handle")
        if due_at is None or limit is None:
            return None
        try:
            return self.calendar.add_seconds(due_at, -limit.warn_s, limit.unit)
        except NoWorkingTime:
            return None


def time_rules(session: Session, timezone: str = "") -> TimeRules:
    """The limits and the calendar in force, in the city's time zone (or this one)."""
    return TimeRules(limits_in_force(session), calendar_in_force(session, timezone))


def limits_in_force(session: Session) -> Limits:
    """The limits in force."""
    categories = session.execute(
        select(Category.id, Category.parent_id, Category.limit_value, Category.limit_unit)
    ).all()
    rows = session.execute(
        select(
            TimeLimit.category_id, TimeLimit.step, TimeLimit.limit_value, TimeLimit.limit_unit, TimeLimit.warn_share
        ).where(TimeLimit.retired_at.is_(None))
    )  # fmt: skip
    return Limits(
        {row.id: row.parent_id for row in categories},
        {row.id: (row.limit_value, row.limit_unit) for row in categories if row.limit_value is not None},
        {(row.category_id, row.step): (row.limit_value, row.limit_unit, row.warn_share) for row in rows},
    )


def calendar_in_force(session: Session, timezone: str = "") -> WorkCalendar:
    """The city's working calendar. The same rules give the same object, which remembers what it worked out."""
    hours = session.execute(
        select(WorkingHours.valid_from, WorkingHours.minutes, WorkingHours.weekdays)
        .where(WorkingHours.retired_at.is_(None))
        .order_by(WorkingHours.valid_from, WorkingHours.id)
    )
    days = session.execute(
        select(CalendarDay.day, CalendarDay.kind, CalendarDay.name)
        .where(CalendarDay.retired_at.is_(None))
        .order_by(CalendarDay.day, CalendarDay.id)
    )
    return calendar_of(
        timezone or the_city(session).timezone,
        tuple((row.valid_from, row.minutes, row.weekdays) for row in hours),
        tuple((row.day, row.kind == "working", row.name) for row in days),
    )


@lru_cache(maxsize=32)
def calendar_of(
    timezone: str, hours: tuple[tuple[date, str, str], ...], days: tuple[tuple[date, bool, str], ...]
) -> WorkCalendar:
    """A calendar from rows of ``working_hours`` (in order of days) and ``calendar_days``."""
    spans = tuple(read_hours(valid_from, minutes, weekdays) for valid_from, minutes, weekdays in hours)
    named = {day: (is_worked, name) for day, is_worked, name in days}
    return WorkCalendar(timezone, spans, named) if spans else WorkCalendar(timezone, days=named)


def keep_former(
    session: Session, category_id: int, had: tuple[int | None, str | None], now: datetime, user_id: int | None
) -> None:
    """Keep the limit that a category had for putting right: it stands in ``categories``, which knows only today's."""
    value, unit = had
    session.add(
        TimeLimit(
            category_id=category_id, step="handle", limit_value=value or 0, limit_unit=unit or "hour",
            created_at=now, created_by=user_id, retired_at=now,
        )
    )  # fmt: skip


@cache
def usual_limits() -> dict[str, Limited]:
    """The limits of ``data/time_limits.json`` by step: what counts until the office says otherwise."""
    rows: list[dict[str, Any]] = json.loads(USUAL.read_text(encoding="utf-8"))["limits"]
    return {row["step"]: (row["value"], row["unit"]) for row in rows}
