import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo import inspection
from geo.crs import convert
from geo.inspection import Answers, inspect
from tests.geo.geojson import Save, collection, feature, square
from tests.geo.shapefile import Ring, squares, write_shapefile

NEAR = (101.7, 36.5, 101.9, 36.7)


def in_system(rings: list[Ring], code: int) -> list[Ring]:
    return [[(float(x), float(y)) for x, y in (convert(*xy, "wgs84", code) for xy in ring)] for ring in rings]


def test_a_system_that_nobody_states_is_taken_from_where_the_city_is(tmp_path: Path, reader: str) -> None:
    path = write_shapefile(tmp_path, in_system(squares(2), 4522), [b"a", b"b"], parts="shp shx dbf")
    seen = inspect(path, Answers(), NEAR)
    assert seen.result is not None
    assert (seen.used.crs, seen.stated_crs) == ("EPSG:4522", None)
    assert seen.result.features.total_bounds == pytest.approx([101.8, 36.6, 101.82, 36.61], abs=1e-6)
    assert inspect(path, Answers(), None).refusal is not None  # without a city it is a question


def test_an_answer_wins_over_the_guess(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, in_system(squares(1), 2358), [b"a"], parts="shp shx dbf")
    seen = inspect(path, Answers(crs="EPSG:2358"), NEAR)
    assert seen.result is not None
    assert seen.result.features.total_bounds == pytest.approx([101.8, 36.6, 101.81, 36.61], abs=1e-6)


def test_texts_are_shown_in_each_encoding_that_they_could_be_in(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, squares(1), ["城东区".encode("gbk")])
    seen = inspect(path, Answers(), NEAR)
    assert seen.samples["gb18030"] == "城东区"
    assert next(iter(seen.samples)) == "gb18030"
    assert "utf-8" not in seen.samples
    assert inspect(path, Answers(encoding="gb18030"), NEAR).samples == {}


def test_exchanged_axes_can_be_said(save: Save) -> None:
    path = save("a.geojson", collection(feature(square(36.6, 43.8))))
    seen = inspect(path, Answers(swapped=True), None)
    assert seen.result is not None
    assert seen.result.features.total_bounds[0] == pytest.approx(43.8)


def test_a_folder_of_parts_is_one_file(tmp_path: Path) -> None:
    write_shapefile(tmp_path / "up", squares(1), [b"a"])
    (tmp_path / "up" / "readme.txt").write_text("x")
    seen = inspect(tmp_path / "up", Answers(), NEAR)
    assert seen.result is not None
    assert seen.layer == "areas"
    (tmp_path / "up" / "areas.shp").unlink()
    seen = inspect(tmp_path / "up", Answers(), NEAR)
    assert seen.refusal is not None
    assert seen.refusal.code == "only_sidecars"


def test_too_many_features_are_refused_before_they_are_read(tmp_path: Path, save: Save) -> None:
    path = write_shapefile(tmp_path, squares(5), [b"a"] * 5)
    seen = inspect(path, Answers(), NEAR, limit_features=4)
    assert seen.refusal is not None
    assert seen.refusal.code == "too_many_features"
    json_file = save("a.geojson", collection(*[feature(square()) for _ in range(5)]))
    assert inspect(json_file, Answers(), NEAR, limit_features=4).refusal is not None


def test_one_shape_of_too_many_vertices_is_left_out(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MAX_VERTICES_OF_ONE", 100)
    turns = np.linspace(0, 2 * np.pi, 200)
    round_ = shapely.Polygon(np.column_stack([101.8 + 0.01 * np.cos(turns), 36.6 + 0.01 * np.sin(turns)]))
    path = save("a.geojson", collection(feature(square()), feature(json.loads(shapely.to_geojson(round_)))))
    seen = inspect(path, Answers(), NEAR)
    assert seen.result is not None
    assert len(seen.result.features) == 1
    assert [(p.feature, p.code) for p in seen.result.problems if p.feature] == [(2, "big_feature")]
    monkeypatch.setattr(inspection, "MAX_VERTICES", 3)
    assert inspect(path, Answers(), NEAR).refusal is not None
