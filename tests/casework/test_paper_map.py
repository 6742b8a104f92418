"""The map on a paper: the pin where the finding is, the own patch tinted, a scale that is true."""

from io import BytesIO

import pytest
import shapely
from PIL import Image

from casework import paper_map
from casework.surroundings import Box, Feature, Surroundings

LON, LAT = 101.8, 36.6
BOX = Box.around(LON, LAT, 260, 195)


def around(*backdrop: Feature) -> Surroundings:
    west = shapely.box(BOX.west - 0.01, BOX.south - 0.01, LON, BOX.north + 0.01)
    east = shapely.box(LON, BOX.south - 0.01, BOX.east + 0.01, BOX.north + 0.01)
    areas = [
        Feature("area", "", "西片", "West", west, 1, "A"),
        Feature("area", "", "东片", "East", east, 2, "B"),
    ]
    return Surroundings(BOX, areas, list(backdrop))


def drawn(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGB")


def test_the_pins_tip_is_on_the_place_and_the_patches_lie_beside() -> None:
    image = drawn(paper_map.draw(around(), LON, LAT, "en", 1))
    assert image.size[0] == paper_map.WIDTH_PX
    assert abs(image.size[1] - 900) <= 1
    red, green, blue = image.getpixel((600, 420))  # type: ignore[misc]
    assert red > green + 60
    assert red > blue + 60
    own, other = image.getpixel((200, 700)), image.getpixel((800, 700))
    assert own != other
    assert paper_map.draw(around(), LON, LAT, "en", 1) == paper_map.draw(around(), LON, LAT, "en", 1)


def test_streets_and_their_names_are_drawn_in_both_languages() -> None:
    line = shapely.LineString([(BOX.west, LAT + 0.0008), (BOX.east, LAT + 0.0008)])
    street = Feature("street", "a", "东关大街 {{ x }}", "Dongguan Street", line)
    bare = drawn(paper_map.draw(around(), LON, LAT, "zh", 1))
    for lang in ("zh", "en"):
        image = drawn(paper_map.draw(around(street), LON, LAT, lang, 1))
        assert image.tobytes() != bare.tobytes()


def test_without_a_chinese_font_names_are_english(monkeypatch: pytest.MonkeyPatch) -> None:
    paper_map._font.cache_clear()
    monkeypatch.setattr(paper_map, "chinese_font", lambda: "")
    try:
        image = drawn(paper_map.draw(around(), LON, LAT, "zh", 1))
    finally:
        paper_map._font.cache_clear()
    assert image.size[0] == paper_map.WIDTH_PX


def test_the_scale_is_round_and_true() -> None:
    for width_m in (3.0, 380.0, 520.0, 5000.0, 123_456.0):
        pixels, metres = paper_map._bar(width_m)
        assert metres <= width_m / 4 * 1.001
        assert abs(pixels / paper_map.WIDTH_PX * width_m - metres) < 1e-6 * width_m
        assert str(metres).replace(".", "").strip("0") in {"1", "2", "5"}
