from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.readers import UnreadableFile, read
from tests.geo.geojson import Save

Line = list[tuple[float, float]]
SQUARE: Line = [(0, 0), (10, 0), (10, 10), (0, 10)]


def drawing(*entities: str) -> str:
    return "\n".join(["0", "SECTION", "2", "ENTITIES", *entities, "0", "ENDSEC", "0", "EOF", ""])


def line(points: Line, layer: str = "片区", *, closed: bool = True) -> str:
    parts = ["0", "POLYLINE", "8", layer, "66", "1", "70", str(int(closed))]
    for x, y in points:
        parts += ["0", "VERTEX", "8", layer, "10", str(x), "20", str(y)]
    return "\n".join([*parts, "0", "SEQEND", "8", layer])


def words(text: str, x: float, y: float, layer: str = "text") -> str:
    return "\n".join(["0", "TEXT", "8", layer, "10", str(x), "20", str(y), "40", "1", "1", text])


def moved(points: Line, dx: float) -> Line:
    return [(x + dx, y) for x, y in points]


def refusal(path: Any, **options: Any) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(path, **options)
    return caught.value


def test_closed_lines_are_areas_and_texts_their_names(save: Save) -> None:
    text = drawing(
        line(SQUARE),
        line(moved(SQUARE, 10)),
        words("\\U+57CE\\U+4E1C", 3, 3),
        words("A-01", 3, 6),
        words("西", 15, 5),
    )
    features = read(save("a.dxf", text)).features
    assert features["name"].tolist() == ["城东", "西"]
    assert features["code"].tolist() == ["A-01", ""]
    assert features.geometry.iloc[0].equals(shapely.box(0, 0, 10, 10))


def test_a_text_belongs_to_the_smallest_area_around_it(save: Save) -> None:
    frame: Line = [(-20, -20), (60, -20), (60, 60), (-20, 60)]
    features = read(save("a.dxf", drawing(line(frame), line(SQUARE), words("inner", 5, 5)))).features
    assert features["name"].tolist() == ["", "inner"]


def test_an_open_line_is_refused_and_a_nearly_closed_one_closed(save: Save) -> None:
    nearly: Line = [*moved(SQUARE, 30), (30.001, 0)]
    text = drawing(line(SQUARE), line(moved(SQUARE, 15)[:3], closed=False), line(nearly, closed=False))
    result = read(save("a.dxf", text))
    codes = [(problem.feature, problem.code) for problem in result.problems]
    assert (2, "open_line") in codes
    assert (3, "ring_closed") in codes
    assert len(result.features) == 2


def test_several_layers_with_areas_are_a_question(save: Save) -> None:
    path = save("a.dxf", drawing(line(SQUARE, "网格"), line(SQUARE, "old"), words("x", 5, 5, "notes")))
    assert refusal(path).choices == ("old", "网格")
    assert read(path, layer="网格").features["layer"].tolist() == ["网格"]
    assert refusal(path, layer="notes").code == "no_such_layer"


def test_metres_ask_for_their_system(save: Save) -> None:
    far: Line = [(x + 34_571_000, y + 4_052_000) for x, y in SQUARE]
    path = save("a.dxf", drawing(line(far)))
    assert refusal(path).choices[0] == "EPSG:4522"
    west, south, *_ = read(path, crs="EPSG:4522").features.total_bounds
    assert (west, south) == (pytest.approx(102.8, abs=0.1), pytest.approx(36.6, abs=0.1))


def test_other_content_and_empty_drawings_are_told(save: Save, tmp_path: Path) -> None:
    assert refusal(save("a.dxf", "<html>")).code == "wrong_content"
    assert refusal(save("b.dxf", b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(300))).code == "binary_dxf"
    assert refusal(save("c.dxf", drawing(words("x", 0, 0)))).code == "nothing"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_texts_without_a_code_page_are_recognised(save: Save, encoding: str) -> None:
    text = drawing(
        line(SQUARE, "网格"), line(moved(SQUARE, 10), "网格"), words("城东区", 5, 5), words("城中区", 15, 5)
    )
    path = save("a.dxf", text.encode(encoding))
    result = read(path)
    assert result.features["name"].tolist() == ["城东区", "城中区"]
    assert result.layer == "网格"
    if encoding == "gbk":
        assert "encoding_guessed" in [problem.code for problem in result.problems]
        assert read(path, encoding="gbk").features["name"].tolist() == ["城东区", "城中区"]
        assert refusal(path, encoding="utf-8").code == "bad_encoding"
