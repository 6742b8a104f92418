"""What cameras write about time and place, and what is made of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from PIL.TiffImagePlugin import IFDRational

from casework.photo_exif import OFFSET, TAKEN, moment, position, taken
from tests.factories.photos import degrees

NOW = datetime(2026, 9, 2, 2, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lon", "lat"), [(101.7832, 36.6171), (-0.1276, 51.5072), (151.2093, -33.8688), (-58.3816, -34.6037)]
)
def test_all_four_quarters_of_the_earth(lon: float, lat: float) -> None:
    gps = {1: "N" if lat > 0 else "S", 2: degrees(lat), 3: "E" if lon > 0 else "W", 4: degrees(lon)}
    found = position(gps)
    assert found == pytest.approx((lon, lat), abs=1e-6)


GOOD = {1: "N", 2: degrees(36.5), 3: "E", 4: degrees(101.2)}


@pytest.mark.parametrize(
    "wrong",
    [
        {1: "X"}, {1: None}, {1: ""}, {3: 5}, {2: None}, {2: ()}, {2: (1.0,) * 4}, {2: "36"},
        {2: (IFDRational(36, 0), IFDRational(0, 1), IFDRational(0, 1))},
        {2: (float("nan"), 0.0, 0.0)}, {2: (float("inf"), 0.0, 0.0)}, {2: (-5.0, 0.0, 0.0)}, {2: (91.0, 0.0, 0.0)},
        {2: (36.0, 61.0, 0.0)}, {4: (181.0, 0.0, 0.0)}, {4: (180.0, 0.0, 1.0)}, {4: (None, None, None)},
        {9: "V"}, {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
    ],
    ids=str,
)  # fmt: skip
def test_a_position_that_cannot_be_is_none(wrong: dict[int, Any]) -> None:
    assert position(GOOD) == (101.2, 36.5)
    assert position({**GOOD, **wrong}) is None


def test_a_position_may_come_in_bytes_and_without_seconds() -> None:
    assert position({**GOOD, 1: b"n\x00", 2: (36.0, 30.0)}) == (101.2, 36.5)


@pytest.mark.parametrize(
    ("written", "offset", "expected"),
    [
        ("2026:09:01 08:30:00", "", datetime(2026, 9, 1, 0, 30, tzinfo=UTC)),
        ("2026:09:01 08:30:00", "+00:00", datetime(2026, 9, 1, 8, 30, tzinfo=UTC)),
        ("2026:09:01 08:30:00", "-05:30", datetime(2026, 9, 1, 14, 0, tzinfo=UTC)),
        ("2026-09-01T08:30:00", "+99:00", datetime(2026, 9, 1, 0, 30, tzinfo=UTC)),
        ("2026:09:01 08:30:00", "junk", datetime(2026, 9, 1, 0, 30, tzinfo=UTC)),
    ],
)
def test_without_an_offset_the_camera_kept_the_citys_time(
    written: str, offset: str, expected: datetime
) -> None:
    found = taken({TAKEN: written, OFFSET: offset})
    assert found is not None
    assert moment(*found, city_zone="Asia/Shanghai", now=NOW) == expected


@pytest.mark.parametrize(
    "written", ["", None, 5, "yesterday", "0000:00:00 00:00:00", "2026:13:01 00:00:00", b"\xff"]
)
def test_a_time_that_is_none(written: Any) -> None:
    assert taken({TAKEN: written}) is None


@pytest.mark.parametrize(
    "local", ["2026-09-03T12:00:00", "1980-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00"]
)
def test_a_clock_that_is_wrong_says_nothing(local: str) -> None:
    assert moment(local, "-12:00", "Asia/Shanghai", NOW) is None
