"""Days are the city's days."""

from datetime import UTC, date, datetime

from casework.clock import Clock, day_bounds, day_of


def test_a_frozen_clock_stands() -> None:
    moment = datetime(2026, 9, 2, tzinfo=UTC)
    assert Clock(moment).now() == moment
    assert Clock().now().tzinfo is UTC


def test_a_moment_belongs_to_the_citys_day() -> None:
    late = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)
    assert day_of(late, "Asia/Shanghai") == date(2026, 9, 2)
    assert day_of(late, "America/Los_Angeles") == date(2026, 9, 1)


def test_days_have_the_length_that_the_clocks_give_them() -> None:
    start, end = day_bounds(date(2026, 3, 8), date(2026, 3, 8), "America/Los_Angeles")
    assert (end - start).total_seconds() == 23 * 3600
    start, end = day_bounds(date(2026, 9, 1), date(2026, 9, 2), "Asia/Shanghai")
    assert (start, end) == (datetime(2026, 8, 31, 16, tzinfo=UTC), datetime(2026, 9, 2, 16, tzinfo=UTC))
