"""Working time against a walk minute by minute, its inverse, many at once, holidays, zones and years."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.office_hours import Hours, parse_spans
from casework.working_time import UNIT_S, UNITS, NoWorkingTime, WorkCalendar

SHANGHAI = "Asia/Shanghai"
NIGHT = Hours(spans=((0, 360), (1200, 1440)), weekdays=frozenset(range(7)))
SUMMER = (Hours(), Hours(date(2026, 6, 15), ((510, 720), (870, 1080)), {4: ((480, 720),)}))
CALENDARS = {
    "Xining": WorkCalendar(),
    "summer": WorkCalendar(
        hours=SUMMER, days={date(2026, 6, 16): (False, "flood"), date(2026, 6, 27): (True, "")}
    ),
    "San Francisco": WorkCalendar("America/Los_Angeles"),
    "Berlin at night": WorkCalendar("Europe/Berlin", (NIGHT,)),
    "Lord Howe": WorkCalendar("Australia/Lord_Howe", (NIGHT,)),
}


def local(text: str, zone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def is_at_work(calendar: WorkCalendar, moment: datetime) -> bool:
    """By the clock on the wall, one moment at a time."""
    at = moment.astimezone(ZoneInfo(calendar.timezone))
    minute = at.hour * 60 + at.minute
    return any(opens <= minute < closes for opens, closes in calendar.spans_on(at.date()))


def walked(calendar: WorkCalendar, start: datetime, end: datetime) -> int:
    """Working minutes from a walk over every minute."""
    minutes = int((end - start) / timedelta(minutes=1))
    return sum(is_at_work(calendar, start + timedelta(minutes=n)) for n in range(minutes))


# around New Year, Spring Festival, changes of daylight saving, the office's summer, a year nobody announced
STARTS = [
    datetime(2025, 12, 31, 12, tzinfo=UTC), datetime(2026, 2, 13, 3, tzinfo=UTC), datetime(2026, 3, 7, 22, tzinfo=UTC),
    datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 4, 4, 10, tzinfo=UTC), datetime(2026, 6, 12, 1, tzinfo=UTC),
    datetime(2026, 10, 3, 10, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC),
    datetime(2026, 12, 30, 9, tzinfo=UTC),
]  # fmt: skip
moments = st.builds(
    lambda day, minute: day + timedelta(minutes=minute), st.sampled_from(STARTS), st.integers(0, 4000)
)
calendars = st.sampled_from(sorted(CALENDARS)).map(CALENDARS.__getitem__)


@settings(max_examples=60)
@given(calendars, moments, st.integers(0, 5000))
def test_between_is_what_a_walk_counts(calendar: WorkCalendar, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    assert calendar.seconds_between(start, end, "working_hour") == 60 * walked(calendar, start, end)
    assert calendar.seconds_between(end, start, "working_hour") == -60 * walked(calendar, start, end)


@settings(max_examples=60)
@given(calendars, moments, st.integers(1, 1800))
def test_add_ends_at_the_first_moment_at_which_enough_has_passed(
    calendar: WorkCalendar, start: datetime, minutes: int
) -> None:
    end = calendar.add_seconds(start, 60 * minutes, "working_hour")
    assert calendar.seconds_between(start, end, "working_hour") == 60 * minutes
    assert is_at_work(calendar, end - timedelta(minutes=1))  # a minute before it was not enough


@settings(max_examples=150)
@given(calendars, moments, st.integers(0, 400_000), st.sampled_from(UNITS))
def test_between_takes_back_what_add_put_on(
    calendar: WorkCalendar, start: datetime, seconds: int, unit: str
) -> None:
    end = calendar.add_seconds(start, seconds, unit)
    found = calendar.seconds_between(start, end, unit)
    # a wall clock put forward has no such hour, so up to one hour of the day is lost
    lost = 3600 if unit == "calendar_day" and calendar.timezone != SHANGHAI else 0
    assert abs(found - seconds) <= lost + 1e-3


@settings(max_examples=40)
@given(
    calendars,
    st.lists(st.tuples(moments, st.integers(0, 900_000)), min_size=1, max_size=12),
    st.sampled_from(UNITS),
)
def test_many_at_once_are_as_one_by_one(
    calendar: WorkCalendar, asked: list[tuple[datetime, int]], unit: str
) -> None:
    starts = np.array([start.timestamp() for start, _ in asked])
    seconds = np.array([float(length) for _, length in asked])
    ends = calendar.add_many(starts, seconds, unit)
    alone = [calendar.add_seconds(start, length, unit) for start, length in asked]
    assert ends == pytest.approx([one.timestamp() for one in alone], abs=1e-3)
    apart = [calendar.seconds_between(start, end, unit) for (start, _), end in zip(asked, alone, strict=True)]
    assert calendar.seconds_between_many(starts, ends, unit) == pytest.approx(apart, abs=1e-3)


def test_holidays_and_the_days_that_make_up_for_them() -> None:
    calendar = WorkCalendar()
    # National Day 2026 is off from Thursday 1 to Wednesday 7 October; Saturday 10 is worked for it
    assert calendar.add(local("2026-09-30 17:00"), 2, "working_hour") == local("2026-10-08 09:00")
    assert calendar.add(local("2026-10-09 16:00"), 1, "working_day") == local("2026-10-10 16:00")
    assert calendar.add(local("2026-09-30 17:00"), 1, "calendar_day") == local("2026-10-01 17:00")
    assert calendar.add(local("2026-09-30 17:00"), 26, "hour") == local("2026-10-01 19:00")
    assert (calendar.day(date(2026, 10, 1)).is_worked, calendar.day(date(2026, 10, 1)).source) == (
        False,
        "announced",
    )


def test_a_limit_that_is_used_up_at_closing_time_ends_there() -> None:
    calendar = WorkCalendar()
    assert calendar.add(local("2026-09-01 10:00"), 6, "working_hour") == local("2026-09-01 18:00")
    assert calendar.add(local("2026-09-01 19:00"), 1, "working_day") == local("2026-09-02 18:00")
    assert calendar.add(local("2026-09-05 09:00"), 0, "working_hour") == local("2026-09-05 09:00")


def test_the_offices_own_word_goes_first() -> None:
    calendar = WorkCalendar(days={date(2026, 10, 1): (True, "duty"), date(2026, 9, 3): (False, "parade")})
    assert calendar.add(local("2026-09-02 17:00"), 2, "working_hour") == local("2026-09-04 09:00")
    assert calendar.add(local("2026-09-30 17:00"), 2, "working_hour") == local("2026-10-01 09:00")


def test_a_year_that_nobody_announced_is_named() -> None:
    calendar = WorkCalendar()
    assert calendar.unannounced(local("2026-12-31 10:00"), local("2027-01-05 10:00")) == (2027,)
    assert calendar.unannounced(local("2026-12-31 10:00"), None) == ()
    # Friday 1 January 2027 counts as worked until somebody says otherwise
    assert calendar.add(local("2026-12-31 17:00"), 2, "working_hour") == local("2027-01-01 09:00")
    entered = WorkCalendar(days={date(2027, 1, n): (False, "") for n in range(1, 8)})
    assert entered.unannounced(local("2027-01-05 10:00")) == ()
    assert WorkCalendar("Europe/Berlin").unannounced(local("2027-01-05 10:00")) == ()


def test_a_year_begins_in_the_city_not_in_utc() -> None:
    calendar = WorkCalendar()
    assert calendar.unannounced(local("2027-01-01 00:00")) == (2027,)  # still 2026 in UTC
    assert calendar.unannounced(local("2026-12-31 23:59")) == ()


def test_days_keep_their_hour_when_the_clocks_change() -> None:
    calendar = CALENDARS["San Francisco"]
    before = local("2026-03-07 12:00", "America/Los_Angeles")
    assert calendar.add(before, 1, "calendar_day") == local("2026-03-08 12:00", "America/Los_Angeles")
    assert calendar.add(before, 24, "hour") == local("2026-03-08 13:00", "America/Los_Angeles")


def test_a_calendar_without_an_hour_of_work_says_so() -> None:
    never = WorkCalendar(hours=(Hours(spans=(), weekdays=frozenset()),))
    with pytest.raises(NoWorkingTime):
        never.add(local("2026-09-01 10:00"), 1, "working_hour")
    with pytest.raises(NoWorkingTime):
        never.add_many(np.array([0.0]), np.array([1.0]), "working_hour")


def test_forty_years_of_working_days_have_an_end() -> None:
    calendar = WorkCalendar()
    end = calendar.add(local("2026-09-01 10:00"), 10_000, "working_day")
    many = calendar.add_many(
        np.array([local("2026-09-01 10:00").timestamp()]), np.array([10_000.0 * 8 * 3600]), "working_day"
    )
    assert 2060 < end.year < 2070
    assert many[0] == pytest.approx(end.timestamp())


def test_units_have_lengths() -> None:
    assert set(UNIT_S) == set(UNITS)
    assert parse_spans("08:00-12:00, 14-18:00") == ((480, 720), (840, 1080))
