"""The demo's working time: the usual hours, public holidays and make-up days of its city.

Moments are naive and in the city's time; `in_city` makes them aware.
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from casework.demo_seeds import TIMEZONE
from casework.working_time import WorkCalendar

_ZONE: Final = ZoneInfo(TIMEZONE)
CALENDAR: Final = WorkCalendar(TIMEZONE)


def in_city(moment: datetime) -> datetime:
    """Return a naive moment of the city as an aware one."""
    return moment.replace(tzinfo=_ZONE)


def is_working(moment: datetime) -> bool:
    """Whether a deadline can lie there: in working time, its first moment left out."""
    minute = moment.hour * 60 + moment.minute
    return any(opens < minute <= closes for opens, closes in CALENDAR.spans_on(moment.date()))


def due_after(start: datetime, value: int, unit: str) -> datetime:
    """Return the deadline of a limit that begins at `start`."""
    return _naive(CALENDAR.add(in_city(start), value, unit))


def begun_before(due: datetime, value: int, unit: str) -> datetime:
    """Return a start whose deadline is `due`: the inverse of `due_after` for a `due` inside working time."""
    return _naive(CALENDAR.add(in_city(due), -value, unit))


def at_work(start: datetime, seconds: float) -> datetime:
    """Return the moment after so much working time: nobody of the demo's offices works at night."""
    return _naive(CALENDAR.add_seconds(in_city(start), seconds, "working_hour"))


def worked_s(start: datetime, end: datetime) -> float:
    """Return the working time between two moments in seconds; 0 where the end comes first."""
    return CALENDAR.seconds_between(in_city(start), in_city(end), "working_hour") if start < end else 0.0


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(_ZONE).replace(tzinfo=None)
