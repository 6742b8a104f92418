"""Working time in the demo: 08–12 and 14–18, every day."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.demo_time import begun_before, due_after, in_city, is_working


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-09-{text}")


@pytest.mark.parametrize(
    ("start", "value", "unit", "due"),
    [
        ("01T09:00", 2, "working_hour", "01T11:00"),
        ("01T09:00", 3, "working_hour", "01T12:00"),
        ("01T11:00", 2, "working_hour", "01T15:00"),
        ("01T10:15", 8, "working_hour", "02T10:15"),
        ("01T17:00", 4, "working_hour", "02T11:00"),
        ("01T20:30", 4, "working_hour", "02T12:00"),
        ("01T12:30", 4, "working_hour", "01T18:00"),
        ("01T15:30", 2, "working_day", "03T15:30"),
        ("01T22:00", 12, "hour", "02T10:00"),
        ("01T22:00", 7, "calendar_day", "08T22:00"),
    ],
)
def test_due_after(start: str, value: int, unit: str, due: str) -> None:
    assert due_after(moment(start), value, unit) == moment(due)


@given(
    st.datetimes(moment("01T00:00"), moment("30T00:00")).filter(is_working),
    st.integers(1, 40),
    st.sampled_from(("hour", "working_hour", "working_day", "calendar_day")),
)
def test_a_start_counted_back_comes_out_at_the_deadline(due: datetime, value: int, unit: str) -> None:
    due = due.replace(second=0, microsecond=0)
    if is_working(due):
        assert due_after(begun_before(due, value, unit), value, unit) == due


def test_the_city_is_eight_hours_ahead() -> None:
    assert in_city(moment("02T10:24")).utcoffset() == timedelta(hours=8)
