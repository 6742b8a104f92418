"""The demo city's areas: they tile the district exactly, and every one has its names."""

import csv
import json
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import Point, Polygon, shape
from shapely.geometry.base import BaseGeometry

from settings import ROOT

DEMO = ROOT / "data" / "demo"
CHENGDONG = "630102"
SHULIN_LANE = "630102003009"


@cache
def features(name: str = "areas.geojson") -> list[dict[str, Any]]:
    return list(json.loads((DEMO / name).read_text(encoding="utf-8"))["features"])


@cache
def level(name: str) -> dict[str, BaseGeometry]:
    return {
        f["properties"]["code"]: shape(f["geometry"]) for f in features() if f["properties"]["level"] == name
    }


def parent_of() -> dict[str, str]:
    return {f["properties"]["code"]: f["properties"]["parent"] for f in features()}


def test_one_district_ten_sub_districts_sixty_patches() -> None:
    assert Counter(f["properties"]["level"] for f in features()) == {"district": 1, "street": 10, "patch": 60}


def test_patches_tile_the_district_exactly() -> None:
    patches, district = list(level("patch").values()), level("district")[CHENGDONG]
    assert shapely.coverage_is_valid(patches)
    assert shapely.equals(shapely.coverage_union_all(patches), district)
    assert sum(p.area for p in patches) == pytest.approx(district.area, rel=1e-9)


def test_sub_districts_are_the_unions_of_their_communities_in_one_piece() -> None:
    above = parent_of()
    for code, geometry in level("street").items():
        members = [p for c, p in level("patch").items() if above[c] == code]
        assert shapely.equals(shapely.coverage_union_all(members), geometry)
        assert geometry.geom_type == "Polygon"
    assert shapely.coverage_is_valid(list(level("street").values()))


def test_every_patch_is_one_polygon_without_holes_or_slivers() -> None:
    for code, patch in level("patch").items():
        assert isinstance(patch, Polygon), code
        assert patch.is_valid, code
        assert not patch.interiors, code
        # wider than ten metres somewhere, and no two vertices closer than a decimetre
        assert not patch.buffer(-1e-4).is_empty, code
        assert shapely.minimum_clearance(patch) > 1e-6, code


def test_vertices_stand_on_the_grid() -> None:
    for f in features():
        coords = shapely.get_coordinates(shape(f["geometry"]))
        assert np.array_equal(coords, np.round(coords, 7))


def test_names_and_codes_are_those_of_the_source() -> None:
    with (DEMO / "source" / "areas.csv").open(encoding="utf-8", newline="") as file:
        source = {row["code"]: row for row in csv.DictReader(file)}
    named = {
        f["properties"]["code"]: f["properties"] for f in features() if f["properties"]["level"] != "district"
    }
    assert set(named) == set(source)
    for code, properties in named.items():
        assert (properties["name_zh"], properties["name_en"]) == (source[code]["zh"], source[code]["en"])
        assert properties["parent"] == source[code]["parent"]
        assert properties["name_zh"]
        assert properties["name_en"].isascii()


def test_drawn_borders_say_so() -> None:
    assert {f["properties"]["level"] for f in features() if f["properties"]["drawn"]} == {"street", "patch"}


def test_the_lane_by_the_mosque_lies_in_its_patch() -> None:
    patch = level("patch")[SHULIN_LANE]
    lane = [f for f in features("backdrop.geojson") if f["properties"]["name_zh"] == "树林巷"]
    assert lane
    assert all(
        shape(f["geometry"]).intersection(patch).length > 0.99 * shape(f["geometry"]).length for f in lane
    )
    mosque = Point(101.7953, 36.6154)
    assert level("district")[CHENGDONG].covers(mosque)
    assert mosque.distance(patch) * 89_000 < 600  # metres


def test_neighbours_share_the_border_without_gap() -> None:
    neighbours = [
        shape(f["geometry"])
        for f in features("backdrop.geojson")
        if f["properties"]["kind"] == "neighbour" and f["geometry"]["type"] == "Polygon"
    ]
    assert len(neighbours) == 6
    assert shapely.coverage_is_valid([*neighbours, level("district")[CHENGDONG]])


def test_backdrop_has_every_kind_and_both_names() -> None:
    kinds = Counter(f["properties"]["kind"] for f in features("backdrop.geojson"))
    assert set(kinds) == {"street", "river", "rail", "green", "hill", "place", "neighbour"}
    for f in features("backdrop.geojson"):
        assert bool(f["properties"]["name_zh"]) == bool(f["properties"]["name_en"])
        if f["properties"]["kind"] == "street":
            assert f["properties"]["cls"] in ("a", "b", "c")


def test_files_stay_small() -> None:
    assert (DEMO / "areas.geojson").stat().st_size < 400_000
    assert (DEMO / "backdrop.geojson").stat().st_size < 400_000
    assert (DEMO / "source" / "districts.geojson").stat().st_size < 100_000
