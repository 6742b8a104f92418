"""Working time: the office's hours on working days, and what a limit in some unit comes to.

Every unit has a clock of its own that runs on or stands still: an hour's always runs, a working hour's only while the
office works, a calendar day's with the date on the wall. ``add`` and ``between`` read those clocks.
"""

import math
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from chinese_calendar import constants as announced
from numpy.typing import NDArray

from casework.office_hours import MINUTES_A_DAY, Hours, Spans

UNITS: Final = ("hour", "working_hour", "working_day", "calendar_day")
# GB/T 30428 counts eight hours to a working day, whatever an office's hours are.
UNIT_S: Final[dict[str, int]] = {
    "hour": 3600,
    "working_hour": 3600,
    "working_day": 8 * 3600,
    "calendar_day": 86400,
}
CHINESE_ZONES: Final = frozenset(
    {
        "Asia/Shanghai", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "Asia/Urumqi", "Asia/Kashgar", "PRC",
    }
)  # fmt: skip
# An office that entered this many days off for a year has entered its holidays.
ENTERED_DAYS: Final = 7
_HORIZON_YEARS: Final = 120
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - of the wall clock

Floats = NDArray[np.float64]


class NoWorkingTime(Exception):
    """The calendar has no working time where the answer would lie."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one day is: worked or not, and why where it is not what its weekday says."""

    day: date
    is_worked: bool
    name: str = ""
    source: str = "weekday"  # weekday, announced, office


class _Year:
    """The spans of one local year in seconds since 1970 (UTC), and the working seconds before each, in the year."""

    __slots__ = ("before", "ends", "starts", "sums", "total")

    def __init__(self, spans: list[tuple[float, float]]) -> None:
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.before: list[float] = []
        total = 0.0
        for start, end in spans:
            self.before.append(total)
            total += end - start
        self.sums = [before + end - start for before, (start, end) in zip(self.before, spans, strict=True)]
        self.total = total


class WorkCalendar:
    """The working time of one office.

    ``hours`` have days from which they count; ``days`` are the office's own word on single days (worked or not, name).
    In China's zones the announced public holidays and make-up days count, elsewhere weekdays and the office's word.
    """

    def __init__(
        self,
        timezone: str = "Asia/Shanghai",
        hours: tuple[Hours, ...] = (Hours(),),
        days: Mapping[date, tuple[bool, str]] | None = None,
    ) -> None:
        self.timezone = timezone
        self._zone = ZoneInfo(timezone)
        self._hours = tuple(sorted(hours, key=lambda one: one.valid_from)) or (Hours(),)
        self._from = [one.valid_from for one in self._hours]
        self._days = dict(days or {})
        self._is_chinese = timezone in CHINESE_ZONES
        self._years: dict[int, _Year] = {}
        self._first = 0  # the years from here to before _last are joined in the lists below
        self._last = 0
        self._flat: tuple[Floats, Floats, Floats, Floats] | None = None
        self._lock = threading.RLock()  # one calendar serves all requests of a process

    # -- days ---------------------------------------------------------------------------------------------------

    def day(self, day: date) -> Day:
        """What a day is: the office's word first, then the announced calendar, then its weekday."""
        if day in self._days:
            is_worked, name = self._days[day]
            return Day(day, is_worked, name, "office")
        if self._is_chinese:
            if day in announced.workdays:
                return Day(day, True, announced.workdays[day], "announced")
            if day in announced.holidays:
                return Day(day, False, announced.holidays[day], "announced")
        return Day(day, day.weekday() in self.hours_on(day).weekdays)

    def hours_on(self, day: date) -> Hours:
        """The hours in force on a day; before the first ones, those."""
        return self._hours[max(bisect_right(self._from, day) - 1, 0)]

    def spans_on(self, day: date) -> Spans:
        """The working spans of a day in minutes after midnight; empty when it is off."""
        return self.hours_on(day).of(day.weekday()) if self.day(day).is_worked else ()

    def unannounced(self, *moments: datetime | None) -> tuple[int, ...]:
        """The local years from the earliest to the latest of these moments whose holidays nobody announced."""
        if not self._is_chinese:
            return ()
        years = [one.astimezone(self._zone).year for one in moments if one is not None]
        if not years:
            return ()
        return tuple(year for year in range(min(years), max(years) + 1) if not self.knows(year))

    def knows(self, year: int) -> bool:
        """Whether the public holidays of a year are known: announced, or entered by the office."""
        if not self._is_chinese or min(ANNOUNCED_YEARS) <= year <= max(ANNOUNCED_YEARS):
            return True
        entered = sum(day.year == year and not is_worked for day, (is_worked, _) in self._days.items())
        return entered >= ENTERED_DAYS

    # -- one moment ---------------------------------------------------------------------------------------------

    def add(self, start: datetime, n: float, unit: str) -> datetime:
        """The first moment at which ``n`` of the unit have passed since ``start`` (aware); in UTC.

        Nothing added is ``start`` itself. Raises NoWorkingTime when the calendar ends before that.
        """
        return self.add_seconds(start, n * UNIT_S[unit], unit)

    def add_seconds(self, start: datetime, seconds: float, unit: str) -> datetime:
        """As ``add``, in seconds of the unit's clock (a working day has 8 h of them)."""
        if seconds == 0:
            return start.astimezone(UTC)
        try:
            if unit == "hour":
                return start.astimezone(UTC) + timedelta(seconds=seconds)
            if unit == "calendar_day":
                wall = start.astimezone(self._zone).replace(tzinfo=None) + timedelta(seconds=seconds)
                return wall.replace(tzinfo=self._zone).astimezone(UTC)
            return self._after_working(start, seconds)
        except OverflowError:
            raise NoWorkingTime from None

    def between(self, start: datetime, end: datetime, unit: str) -> float:
        """How many of the unit lie between two aware moments; negative when ``end`` is the earlier one."""
        return self.seconds_between(start, end, unit) / UNIT_S[unit]

    def seconds_between(self, start: datetime, end: datetime, unit: str) -> float:
        """As ``between``, in seconds of the unit's clock."""
        if unit == "hour":
            return (end - start).total_seconds()
        if unit == "calendar_day":
            walls = (one.astimezone(self._zone).replace(tzinfo=None) for one in (end, start))
            return (next(walls) - next(walls)).total_seconds()
        first, last = start.timestamp(), end.timestamp()
        if first > last:
            return -self.seconds_between(end, start, unit)
        years = range(self._year_of(first), self._year_of(last) + 1)
        whole = sum(self._year(year).total for year in years[:-1])
        return whole + self._worked_in(years[-1], last) - self._worked_in(years[0], first)

    def _year_of(self, moment: float) -> int:
        """The local year of a moment. The spans of a year all begin and end within it."""
        return datetime.fromtimestamp(moment, self._zone).year

    def _worked_in(self, year: int, moment: float) -> float:
        known = self._year(year)
        at = bisect_right(known.starts, moment) - 1
        return 0.0 if at < 0 else known.before[at] + min(moment, known.ends[at]) - known.starts[at]

    def _after_working(self, start: datetime, seconds: float) -> datetime:
        year = self._year_of(start.timestamp())
        wanted = self._worked_in(year, start.timestamp()) + seconds
        last = year + _HORIZON_YEARS
        while wanted <= 0:  # back in time
            year -= 1
            if year < last - 2 * _HORIZON_YEARS:
                raise NoWorkingTime
            wanted += self._year(year).total
        while wanted > self._year(year).total:
            wanted -= self._year(year).total
            year += 1
            if year > last:
                raise NoWorkingTime
        known = self._year(year)
        at = bisect_left(known.sums, wanted - 1e-6)
        return datetime.fromtimestamp(known.starts[at] + wanted - known.before[at], UTC)

    def _year(self, year: int) -> _Year:
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = _Year(self._spans_of(year))
        return found

    def _spans_of(self, year: int) -> list[tuple[float, float]]:
        if not 1 < year < 9999:
            raise NoWorkingTime
        found, day = [], date(year, 1, 1)
        while day.year == year:
            found += [
                (self._moment(day, opens), self._moment(day, closes)) for opens, closes in self.spans_on(day)
            ]
            day += timedelta(days=1)
        # where the clock is put forward a span may shrink to nothing
        return [(start, end) for start, end in found if end > start]

    def _moment(self, day: date, minute: int) -> float:
        days, rest = divmod(minute, MINUTES_A_DAY)
        local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), self._zone)
        return local.timestamp()

    # -- many moments -------------------------------------------------------------------------------------------

    def add_many(self, starts: Floats, seconds: Floats, unit: str) -> Floats:
        """As ``add_seconds`` for arrays of seconds since 1970; NaN where the calendar has no answer or start is NaN."""
        starts, seconds = np.asarray(starts, dtype=np.float64), np.asarray(seconds, dtype=np.float64)
        if unit == "hour" or not len(starts):
            return starts + seconds
        if unit == "calendar_day":
            return self._from_wall(self._to_wall(starts) + seconds)
        known = np.isfinite(starts)
        if not known.any():
            return np.full(len(starts), np.nan)
        self._reach(float(starts[known].min()) - 3.2e7, float(starts[known].max()) + 3.2e7)
        while True:
            opens, closes, before, sums = self._joined()
            wanted = self._worked(starts, opens, closes, before) + seconds
            low, high = float(np.nanmin(wanted)), float(np.nanmax(wanted))
            if (low > 0 and high <= sums[-1]) or self._last - self._first > 3 * _HORIZON_YEARS:
                break
            self._grow(self._first - (20 if low <= 0 else 0), self._last + (20 if high > sums[-1] else 0))
        at = np.minimum(np.searchsorted(sums, wanted - 1e-6), len(sums) - 1)
        found = opens[at] + wanted - before[at]
        found[~known | (wanted > sums[-1]) | (wanted < 0)] = np.nan
        return np.where(seconds == 0, starts, found)

    def seconds_between_many(self, starts: Floats, ends: Floats, unit: str) -> Floats:
        """As ``seconds_between`` for arrays of seconds since 1970; NaN where either is NaN."""
        starts, ends = np.asarray(starts, dtype=np.float64), np.asarray(ends, dtype=np.float64)
        if unit == "hour":
            return ends - starts
        if unit == "calendar_day":
            return self._to_wall(ends) - self._to_wall(starts)
        both = np.concatenate([starts[np.isfinite(starts)], ends[np.isfinite(ends)]])
        if not len(both):
            return np.full(len(starts), np.nan)
        self._reach(float(both.min()), float(both.max()))
        opens, closes, before, _ = self._joined()
        return self._worked(ends, opens, closes, before) - self._worked(starts, opens, closes, before)

    @staticmethod
    def _worked(moments: Floats, opens: Floats, closes: Floats, before: Floats) -> Floats:
        at = np.searchsorted(opens, moments, side="right") - 1
        at = np.clip(at, 0, len(opens) - 1)
        done = np.minimum(moments, closes[at]) - opens[at]
        return np.where(np.isnan(moments), np.nan, before[at] + np.maximum(done, 0.0))

    def _reach(self, first: float, last: float) -> None:
        self._grow(self._year_of(first), self._year_of(last) + 1)

    def _grow(self, first: int, last: int) -> None:
        """Join the years from ``first`` to before ``last``, and all that were joined before."""
        with self._lock:
            if self._last:
                first, last = min(first, self._first), max(last, self._last)
            if (first, last) != (self._first, self._last):
                self._first, self._last, self._flat = first, last, None

    def _joined(self) -> tuple[Floats, Floats, Floats, Floats]:
        with self._lock:
            if self._flat is None:
                years = [self._year(year) for year in range(self._first, self._last)]
                opens = np.array([one for year in years for one in year.starts], dtype=np.float64)
                closes = np.array([one for year in years for one in year.ends], dtype=np.float64)
                if not len(opens):
                    raise NoWorkingTime
                sums = np.cumsum(closes - opens)
                self._flat = (opens, closes, sums - (closes - opens), sums)
            return self._flat

    def _to_wall(self, moments: Floats) -> Floats:
        """Moments as seconds on the wall clock, as if that were UTC."""
        return moments + _offsets(moments, lambda second: datetime.fromtimestamp(second, self._zone))

    def _from_wall(self, walls: Floats) -> Floats:
        return walls - _offsets(
            walls, lambda second: (_EPOCH + timedelta(seconds=second)).replace(tzinfo=self._zone)
        )


ANNOUNCED_YEARS: Final = frozenset(day.year for day in announced.holidays)


def _offsets(seconds: Floats, local: Callable[[float], datetime]) -> Floats:
    """The offset from UTC in seconds at each, looked up once for each quarter of an hour in use."""
    result = np.full(len(seconds), np.nan)
    known = np.isfinite(seconds)
    quarters, back = np.unique(np.floor(seconds[known] / 900), return_inverse=True)
    found = [(local(one * 900).utcoffset() or timedelta()).total_seconds() for one in quarters.tolist()]
    result[known] = np.array(found, dtype=np.float64)[back] if found else 0.0
    return result


def as_moment(seconds: Any) -> datetime | None:
    """Seconds since 1970 as a moment in UTC; None for NaN."""
    return None if seconds is None or math.isnan(seconds) else datetime.fromtimestamp(float(seconds), UTC)
