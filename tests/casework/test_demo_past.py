"""The demo's earlier maps fit as exactly as today's, and each differs from the one before."""

import json
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from casework.demo_past import Named, as_it_was, moment_of, published_at
from casework.demo_seeds import TIMEZONE, seed_json


@cache
def patches() -> dict[str, Named]:
    return {
        f["properties"]["code"]: (
            f["properties"]["name_zh"],
            f["properties"]["name_en"],
            shape(f["geometry"]),
        )
        for f in seed_json("areas.geojson")["features"]
        if f["properties"]["level"] == "patch"
    }


PAST: list[dict[str, Any]] = seed_json("past.json")["publications"]


@pytest.mark.parametrize("differs", PAST, ids=[str(one["day"]) for one in PAST])
def test_an_earlier_map_tiles_the_same_ground_on_the_same_grid(differs: dict[str, Any]) -> None:
    then = as_it_was(patches(), differs)
    shapes = [one for _zh, _en, one in then.values()]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.equals(
        shapely.coverage_union_all(shapes), shapely.coverage_union_all([p[2] for p in patches().values()])
    )
    corners = {
        tuple(xy) for _zh, _en, one in patches().values() for xy in shapely.get_coordinates(one).tolist()
    }
    assert {tuple(xy) for one in shapes for xy in shapely.get_coordinates(one).tolist()} <= corners


def test_each_map_differs_from_the_one_before_and_the_last_is_todays() -> None:
    maps = [as_it_was(patches(), one) for one in PAST]
    assert maps[-1] == patches()
    assert [one["day"] for one in PAST] == sorted(one["day"] for one in PAST)
    for earlier, later in pairwise(maps):
        assert any(earlier.get(code) != later[code] for code in later)
    assert all("示例" in one["note"] for one in PAST)


def test_a_border_that_cannot_run_straight_is_said() -> None:
    angle = shapely.Polygon([(0, 0), (3, 0), (3, 1), (1, 1), (1, 3), (0, 3)])
    along = shapely.Polygon([(1, 1), (3, 1), (3, 1.2), (1.2, 1.2), (1.2, 3), (1, 3)])
    with pytest.raises(ValueError, match="leaves the two patches"):
        as_it_was(
            {"A": ("", "", angle), "B": ("", "", along)},
            {"merged": [], "straight": [["A", "B"]], "names": {}},
        )


def test_days_are_the_citys() -> None:
    assert moment_of(date(2026, 9, 2), -1, TIMEZONE) == datetime(2026, 8, 31, 16, tzinfo=UTC)
    assert published_at(date(2026, 9, 2), 0, TIMEZONE) == datetime(2026, 9, 2, 10, tzinfo=UTC)


def test_sample_contacts_are_nobodys_numbers() -> None:
    codes = {f["properties"]["code"] for f in seed_json("areas.geojson")["features"]}
    contacts = seed_json("contacts.json")
    assert len({json.dumps(one, sort_keys=True) for one in contacts}) == len(contacts)
    for one in contacts:
        assert one["area"] in codes
        assert one["phone"].startswith("0971-000 ")
        assert "示例" in one["name"]
