"""Small maps: true proportions, names that do not lie on each other, scale bars of round length."""

import math

import pytest
import shapely

from casework.surroundings import Box, Feature, Surroundings
from web import minimap


@pytest.fixture(autouse=True)
def _language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.i18n.lang", lambda: "zh")


def _around(box: Box, *features: Feature) -> Surroundings:
    areas = [one for one in features if one.kind == "area"]
    return Surroundings(box, areas, [one for one in features if one.kind != "area"])


def test_a_square_on_the_ground_is_a_square_in_the_picture() -> None:
    drawn = minimap.sketch(_around(Box.around(101.8, 36.6, 100, 100)), 400, point=(101.8, 36.6))
    assert (drawn.width, drawn.height) == (400, 400)
    assert drawn.point == pytest.approx((200, 200), abs=0.2)


@pytest.mark.parametrize("half_m", [30, 70, 333, 5_000, 60_000])
def test_the_scale_bar_is_round_and_true(half_m: float) -> None:
    drawn = minimap.sketch(_around(Box.around(101.8, 36.6, half_m, half_m)), 400)
    assert int(str(drawn.bar_m)[0]) in {1, 2, 5}
    assert set(str(drawn.bar_m)[1:]) <= {"0"}
    assert drawn.bar_px == pytest.approx(drawn.bar_m / (2 * half_m) * 400, abs=0.1)
    assert 20 <= drawn.bar_px <= 100


def test_areas_are_named_where_they_are_seen_and_names_keep_apart() -> None:
    box = Box.around(101.8, 36.6, 200, 200)
    west = Feature("area", "", "西片", "West", shapely.box(101.0, 36.0, 101.8, 37.0), 1, "A")
    east = Feature("area", "", "东片", "East", shapely.box(101.8, 36.0, 102.0, 37.0), 2, "B")
    street = Feature(
        "street", "a", "树林巷", "Shulin Lane", shapely.LineString([(101.79, 36.6), (101.81, 36.6)])
    )
    drawn = minimap.sketch(
        _around(box, west, east, street), 400, look={1: "one pick"}, href=lambda one: f"/{one.code}"
    )
    assert [shape.href for shape in drawn.areas] == ["/A", "/B"]
    places = {label.text: (label.x, label.y) for label in drawn.labels}
    assert places["西片"][0] < 200 < places["东片"][0]
    assert all(math.dist(places["树林巷"], places[name]) > 10 for name in ("西片", "东片"))


def test_a_steep_street_stands_upright_in_chinese() -> None:
    box = Box.around(101.8, 36.6, 200, 200)
    street = Feature(
        "street", "a", "杨家巷", "Yangjia Lane", shapely.LineString([(101.8, 36.59), (101.8, 36.61)])
    )
    [label] = minimap.sketch(_around(box, street), 400).labels
    assert [letter for _, _, letter in label.letters] == list("杨家巷")
    heights = [y for _, y, _ in label.letters]
    assert heights == sorted(heights)


def test_nothing_at_all_is_a_picture_too() -> None:
    drawn = minimap.sketch(_around(Box.of([shapely.Point(101.8, 36.6)], 1.5)), 300)
    assert drawn.height == 200
    assert not drawn.areas
    assert not drawn.labels
