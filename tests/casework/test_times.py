"""Times as other systems write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from casework.errors import Refused
from casework.times import Order, read_time

XINING = ZoneInfo("Asia/Shanghai")
MOMENT = datetime(2026, 9, 2, 2, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-02T10:24:00+08:00",
        "2026-09-02 02:24:00+00:00",
        "2026-09-02T02:24:00Z",
        "2026-09-02 10:24",
        "2026/9/2 10:24",
        "2026/09/02 10:24:00",
        "2026.9.2 10:24",
        "2026年9月2日 10:24",
        "2026年9月2日10时24分",
        " 2026-09-02 10:24 ",
    ],
)
def test_one_moment_in_many_ways(text: str) -> None:
    if "日10" in text:
        text = text.replace("日10", "日 10")
    assert read_time(text, "found_at", XINING) == MOMENT


@pytest.mark.parametrize(
    ("text", "order"),
    [("09/02/2026 10:24:00 AM", "mdy"), ("2/9/2026 10:24", "dmy"), ("02.09.2026 10:24:00", "dmy")],
)
def test_day_and_month_first_when_said(text: str, order: Order) -> None:
    assert read_time(text, "found_at", XINING, order) == MOMENT


def test_noon_and_midnight_of_a_clock_with_two_halves() -> None:
    noon = read_time("09/02/2026 12:00:00 PM", "found_at", XINING, "mdy")
    midnight = read_time("09/02/2026 12:00:00 AM", "found_at", XINING, "mdy")
    assert noon is not None
    assert midnight is not None
    assert (noon - midnight).total_seconds() == 12 * 3600


def test_a_date_is_the_citys_midnight() -> None:
    assert read_time("2026-09-02", "found_at", XINING) == datetime(2026, 9, 1, 16, tzinfo=UTC)


def test_nobody_can_tell_day_from_month() -> None:
    with pytest.raises(Refused, match="nobody can tell day from month"):
        read_time("03/04/2026", "found_at", XINING)


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "2026/2/30", "99999", "0001-01-01", "13/13/2026"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="found_at"):
        read_time(text, "found_at", XINING, "dmy")


def test_empty_is_no_time() -> None:
    assert read_time("  ", "found_at", XINING) is None
