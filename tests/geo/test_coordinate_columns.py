from typing import Any

import pytest

from geo.coordinate_columns import coordinate_columns, is_number, parse_number
from geo.problems import UnreadableFile


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["id", "Longitude", "Latitude"], ("Longitude", "Latitude")),
        (["x", "y", "lng", "lat"], ("lng", "lat")),
        (["经度", "纬度"], ("经度", "纬度")),
        ([" X ", "Y"], (" X ", "Y")),
    ],
)
def test_columns_are_found_by_name(names: list[Any], found: Any) -> None:
    assert coordinate_columns(names, None, None) == found


def test_columns_that_are_not_there() -> None:
    with pytest.raises(UnreadableFile):
        coordinate_columns(["lon", "name"], None, None)
    with pytest.raises(UnreadableFile):
        coordinate_columns(["lon", "lat"], "x", None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("101.8", 101.8),
        (" -1e2 ", -100),
        ("101,8", 101.8),
        (".5", 0.5),
        ("1_0", None),
        ("0x10", None),
        ("", None),
        (7, 7.0),
        (True, None),
    ],
)
def test_numbers(text: str, number: Any) -> None:
    assert parse_number(text) == number


def test_infinity_is_a_number_that_others_refuse() -> None:
    assert parse_number("-inf") == float("-inf")
    assert is_number("NaN")
    assert not is_number("name")
