"""What statistics are asked for: which period, by what, in which pieces of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from casework.clock import day_of
from casework.errors import Refused, mark

GROUPS: Final = ("bureau", "patch", "leader", "category", "period")
SIZES: Final = ("day", "week", "month", "quarter")
PERIODS: Final = ("month", "last_month", "quarter", "year", "days30", "all", "own")
MOST_BUCKETS: Final = 400


@dataclass(frozen=True, slots=True)
class Period:
    """The city's days first to last, both included, as chosen by ``key``."""

    key: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a period, by what, and in which pieces time is cut."""

    period: Period
    group: str
    size: str

    def query(self) -> dict[str, str]:
        """The query that asks for it again."""
        told = {"period": self.period.key, "group": self.group, "size": self.size}
        if self.period.key == "own":
            told |= {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return told


def parse(query: Mapping[str, str], now: datetime, timezone: str, first_day: date) -> Asked:
    """Read what is asked for; ``first_day`` is that of the earliest finding. Raises Refused naming the field."""
    group, key = query.get("group") or GROUPS[0], query.get("period") or PERIODS[0]
    if group not in GROUPS:
        raise Refused(mark("group must be one of %(known)s"), {"known": ", ".join(GROUPS)}, field="group")
    if key not in PERIODS:
        raise Refused(mark("period must be one of %(known)s"), {"known": ", ".join(PERIODS)}, field="period")
    period = _period(key, query, day_of(now, timezone), first_day)
    size = query.get("size") or _usual_size(period)
    if size not in SIZES:
        raise Refused(mark("size must be one of %(known)s"), {"known": ", ".join(SIZES)}, field="size")
    while _count(period, size) > MOST_BUCKETS and size != SIZES[-1]:
        size = SIZES[SIZES.index(size) + 1]
    return Asked(period, group, size)


def _period(key: str, query: Mapping[str, str], today: date, first_day: date) -> Period:
    month = today.replace(day=1)
    if key == "own":
        first, last = _day(query, "from"), _day(query, "to")
        if last < first:
            raise Refused(mark("to lies before from: give the later day as to"), field="to")
        return Period(key, first, last)
    if key == "last_month":
        last = month - timedelta(days=1)
        return Period(key, last.replace(day=1), last)
    firsts = {
        "month": month, "quarter": date(today.year, 3 * ((today.month - 1) // 3) + 1, 1),
        "year": date(today.year, 1, 1), "days30": today - timedelta(days=29), "all": min(first_day, today),
    }  # fmt: skip
    return Period(key, firsts[key], today)


def _day(query: Mapping[str, str], name: str) -> date:
    text = query.get(name, "")
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-09-02") else date.min
    except ValueError:
        day = date.min
    if not 1970 <= day.year <= 2200:
        raise Refused(mark("%(field)s must be a day such as 2026-09-02"), {"field": name}, field=name)
    return day


def _usual_size(period: Period) -> str:
    days = (period.last - period.first).days + 1
    return "day" if days <= 45 else "week" if days <= 200 else "month"


def _count(period: Period, size: str) -> int:
    return ((period.last - period.first).days + 1) // {"day": 1, "week": 7, "month": 30, "quarter": 91}[size]


def next_piece(day: date, size: str) -> date:
    """The first day of the piece of time after the one that ``day`` lies in."""
    if size == "day":
        return day + timedelta(days=1)
    if size == "week":
        return day + timedelta(days=7 - day.weekday())
    months = 1 if size == "month" else 3 - (day.month - 1) % 3
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
