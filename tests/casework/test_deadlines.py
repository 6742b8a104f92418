"""When a case is due, on the city's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.deadlines import due_at

START = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit", "later"),
    [
        (2, "hour", timedelta(hours=2)),
        (8, "working_hour", timedelta(days=1)),
        (4, "working_hour", timedelta(hours=12)),
        (3, "working_day", timedelta(days=3)),
        (5, "calendar_day", timedelta(days=5)),
    ],
)
def test_the_limit_counts_from_the_report(value: int, unit: str, later: timedelta) -> None:
    assert due_at(START, value, unit, "Asia/Shanghai") == START + later


def test_without_a_limit_nothing_is_due() -> None:
    assert due_at(START, None, None, "Asia/Shanghai") is None


def test_a_day_keeps_its_hour_when_the_clocks_change() -> None:
    saturday = datetime(
        2026, 3, 7, 20, 0, tzinfo=UTC
    )  # 12:00 in San Francisco, the night before clocks go forward
    due = due_at(saturday, 1, "calendar_day", "America/Los_Angeles")
    assert due == datetime(2026, 3, 8, 19, 0, tzinfo=UTC)  # again 12:00 there
