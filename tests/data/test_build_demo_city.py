"""The builder of the demo city gives the committed files again."""

import json

import shapely
from shapely.geometry import Polygon, shape

from tools.build_demo_city import HERE, build, read_districts, text_of
from tools.demo_city.blocks import shared_border
from tools.demo_city.frame import Frame
from tools.demo_city.naming import spine_distance
from tools.demo_city.patches import links_between, pieces

UNIT = shapely.box(0, 0, 1, 1)
RIGHT = shapely.box(1, 0, 2, 1)
FAR = shapely.box(5, 0, 6, 1)


def test_build_is_deterministic_and_committed() -> None:
    areas, backdrop = build(HERE / "source")
    committed = json.loads((HERE / "areas.geojson").read_text(encoding="utf-8"))
    assert [f["properties"] for f in areas["features"]] == [f["properties"] for f in committed["features"]]
    # other versions of GEOS and PROJ may differ in the last digit
    for built, kept in zip(areas["features"], committed["features"], strict=True):
        assert shapely.equals_exact(shape(built["geometry"]), shape(kept["geometry"]), tolerance=2e-7)
    assert len(text_of(backdrop).splitlines()) == len(backdrop["features"]) + 2


def test_source_districts_are_a_coverage() -> None:
    districts = read_districts(HERE / "source" / "districts.geojson")
    assert len(districts) == 7
    assert shapely.coverage_is_valid([polygon for _, polygon in districts.values()])


def test_frame_goes_there_and_back() -> None:
    district = read_districts(HERE / "source" / "districts.geojson")["630102"][1]
    frame = Frame(district)
    back = frame.degrees(frame.local(district))
    assert shapely.equals_exact(back, district, tolerance=1e-7)
    assert frame.local(district).bounds[0] == 0


def test_links_need_a_shared_border() -> None:
    corner = shapely.box(1, 1, 2, 2)
    assert links_between([UNIT, RIGHT, corner, FAR]) == {0: {1}, 1: {0, 2}, 2: {1}, 3: set()}
    assert shared_border(UNIT, RIGHT) == 1
    assert shared_border(UNIT, Polygon(corner)) == 0


def test_pieces_are_largest_first() -> None:
    links = {0: {1}, 1: {0, 2}, 2: {1}, 3: set()}
    assert pieces({0, 1, 3}, links) == [{0, 1}, {3}]
    assert pieces({0, 2}, links) == [{0}, {2}]


def test_spine_distance() -> None:
    assert spine_distance((1.0, 1.0), ((0.0, 0.0), (2.0, 0.0))) == 1.0
    assert spine_distance((3.0, 0.0), ((0.0, 0.0), (2.0, 0.0))) == 1.0
    assert spine_distance((3.0, 4.0), ((0.0, 0.0),)) == 5.0
