"""The demo's working time: 08–12 and 14–18 on the city's clock, every day (all-weather duty in the patch).

Moments are naive and in the city's time; `in_city` makes them aware.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casework.demo_seeds import TIMEZONE

DAY_HOURS = 8.0
# (opens, closes, working hours before it), in hours of the day
_SHIFTS = ((8.0, 12.0, 0.0), (14.0, 18.0, 4.0))
_ZERO = date(2020, 1, 1)


def in_city(moment: datetime) -> datetime:
    """Return a naive moment of the city as an aware one."""
    return moment.replace(tzinfo=ZoneInfo(TIMEZONE))


def working_hours_until(moment: datetime) -> float:
    """Return the working hours from a fixed day until the moment; outside of working time they stand still."""
    hour = moment.hour + moment.minute / 60
    done = sum(min(max(hour - opens, 0.0), closes - opens) for opens, closes, _ in _SHIFTS)
    return (moment.date() - _ZERO).days * DAY_HOURS + done


def after_working_hours(hours: float) -> datetime:
    """Return the first moment at which so many working hours have passed since the fixed day."""
    days, rest = divmod(round(hours * 60) / 60, DAY_HOURS)
    if rest == 0:
        days, rest = days - 1, DAY_HOURS
    opens, _, before = next(shift for shift in reversed(_SHIFTS) if rest > shift[2])
    midnight = datetime.combine(_ZERO + timedelta(days=int(days)), time())
    return midnight + timedelta(minutes=round((opens + rest - before) * 60))


def is_working(moment: datetime) -> bool:
    """Whether the moment lies in working time."""
    hour = moment.hour + moment.minute / 60
    return any(opens < hour <= closes for opens, closes, _ in _SHIFTS)


def due_after(start: datetime, value: int, unit: str) -> datetime:
    """Return the deadline of a limit that begins at `start`."""
    if unit == "hour":
        return start + timedelta(hours=value)
    if unit == "calendar_day":
        return start + timedelta(days=value)
    hours = value * (DAY_HOURS if unit == "working_day" else 1.0)
    return after_working_hours(working_hours_until(start) + hours)


def begun_before(due: datetime, value: int, unit: str) -> datetime:
    """Return a start whose deadline is `due`: the inverse of `due_after` for a `due` inside working time."""
    if unit == "hour":
        return due - timedelta(hours=value)
    if unit == "calendar_day":
        return due - timedelta(days=value)
    hours = value * (DAY_HOURS if unit == "working_day" else 1.0)
    return after_working_hours(working_hours_until(due) - hours)
