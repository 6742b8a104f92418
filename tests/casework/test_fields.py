"""Checks of what comes from outside."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import fields
from casework.errors import Refused

NOW = datetime(2026, 9, 2, 2, 24, tzinfo=UTC)
anything = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.lists(st.integers())
)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [("  占道 ", "占道"), ("a\r\nb", "a\nb"), (None, ""), ("{{ 7*7 }}", "{{ 7*7 }}"), ("👷🏽‍♀️", "👷🏽‍♀️")],
)
def test_text_is_kept_as_it_was_written(given_: object, kept: str) -> None:
    assert fields.text(given_, "t") == kept


@pytest.mark.parametrize("value", [5, 1.5, True, b"x", ["x"], {}, "a\x00b", "\ud800", "x" * 10_001])
def test_what_is_no_text_is_refused_by_name(value: object) -> None:
    with pytest.raises(Refused, match=r"^t ") as refused:
        fields.text(value, "t")
    assert refused.value.field == "t"


@pytest.mark.parametrize("value", ["", "  ", None])
def test_a_text_that_must_be_there(value: object) -> None:
    with pytest.raises(Refused, match="t is missing"):
        fields.text(value, "t", required=True)


@pytest.mark.parametrize(
    ("value", "found"), [(1, 1.0), ("-1.5", -1.5), (" 2 ", 2.0), ("1e2", 100.0), (".5", 0.5), ("+7.", 7.0)]
)
def test_numbers_are_read(value: object, found: float) -> None:
    assert fields.number(value, "n") == found


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, 10**400, "nan", "inf", "1e999", "1_0", "0x10", "１２", "1,5", "", " ", "9" * 100, True,
     None, [], {}, b"1"],
)  # fmt: skip
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(Refused, match=r"^n must be"):
        fields.number(value, "n")


@given(anything, anything)
def test_a_location_is_a_point_on_the_grid_or_refused_by_name(lon: Any, lat: Any) -> None:
    try:
        x, y = fields.location(lon, lat)
    except Refused as refused:
        named = refused.field
    else:
        named = None
        assert abs(x) <= 180
        assert abs(y) <= 90
        assert (x, y) == (round(x, 7), round(y, 7)) != (0, 0)
    assert named in {None, "lon", "lat"}


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [(0, 0, "lon"), ("0", "-0.0", "lon"), (36.6, 101.8, "lat"), (181, 0, "lon"), (1, "", "lat")],
)
def test_places_that_are_none(lon: object, lat: object, field: str) -> None:
    with pytest.raises(Refused) as refused:
        fields.location(lon, lat)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-09-02T10:24:00+08:00", NOW),
        ("2026-09-02T10:24", NOW),
        ("2026-09-02T02:24:00Z", NOW),
        ("2026-09-02", datetime(2026, 9, 1, 16, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_a_moment_without_an_offset_is_the_city_s(written: object, meant: datetime | None) -> None:
    assert fields.moment(written, "at", "Asia/Shanghai", NOW) == meant


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", 20260902, True, "9999-12-31T23:59:59-12:00",
                                   "0001-01-01T00:00:00+12:00", "2026-09-02T10:24:00+99:00", "1" * 100])  # fmt: skip
def test_what_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(Refused) as refused:
        fields.moment(value, "at", "Asia/Shanghai", NOW)
    assert refused.value.field == "at"


def test_the_future_is_refused_a_clock_that_is_a_little_fast_is_not() -> None:
    soon = (NOW + timedelta(minutes=4)).isoformat()
    assert fields.moment(soon, "at", "UTC", NOW)
    with pytest.raises(Refused, match="future"):
        fields.moment((NOW + timedelta(minutes=6)).isoformat(), "at", "UTC", NOW)
    with pytest.raises(Refused, match="1900"):
        fields.moment("1899-12-31", "at", "UTC", NOW)
