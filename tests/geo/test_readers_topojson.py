from typing import Any

import pytest

from geo.readers import UnreadableFile, read
from tests.geo.geojson import Json, Save

# Two squares that share the arc between them, quantised as usual: differences of whole numbers, scaled.
TWO: Json = {
    "type": "Topology",
    "transform": {"scale": [0.01, 0.01], "translate": [101.8, 36.6]},
    "arcs": [[[1, 0], [0, 1]], [[1, 1], [-1, 0], [0, -1], [1, 0]], [[1, 0], [1, 0], [0, 1], [-1, 0]]],
    "objects": {
        "patches": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "id": "A", "properties": {"name": "城东"}, "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "id": 7, "arcs": [[[2, ~0]]]},
                {"type": None, "properties": {"name": "nowhere"}},
            ],
        }
    },
}


def refusal(path: Any, **options: Any) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(path, **options)
    return caught.value


def test_arcs_become_areas_that_share_their_border(save: Save) -> None:
    result = read(save("a.topojson", TWO))
    west, east = result.features.geometry
    assert (west.bounds, east.bounds) == ((101.8, 36.6, 101.81, 36.61), (101.81, 36.6, 101.82, 36.61))
    assert west.intersection(east).length == pytest.approx(0.01)
    assert result.features["name"].tolist() == ["城东", None]
    assert result.features["id"].tolist() == ["A", 7]
    assert [problem.code for problem in result.problems] == ["no_geometry"]


def test_several_objects_are_a_question(save: Save) -> None:
    both = {**TWO, "objects": {**TWO["objects"], "old": TWO["objects"]["patches"]}}
    path = save("a.json", both)
    assert refusal(path).choices == ("patches", "old")
    assert read(path, layer="old").layer == "old"
    assert refusal(path, layer="x").code == "no_such_layer"


def test_an_arc_that_there_is_not_breaks_the_whole_file(save: Save) -> None:
    broken = {**TWO, "objects": {"a": {"type": "Polygon", "arcs": [[0, -3000]]}}}
    error = refusal(save("a.topojson", broken))
    assert error.code == "bad_arc"
    assert "-3000" in str(error)


@pytest.mark.parametrize(
    "change",
    [{"arcs": "x"}, {"arcs": [[["a"]]]}, {"objects": {}}, {"transform": {"scale": [1]}}, {"arcs": [5]}],
)
def test_what_is_no_topology_says_why(save: Save, change: Json) -> None:
    assert refusal(save("a.topojson", {**TWO, **change})).code == "not_topojson"


@pytest.mark.parametrize("arcs", ["x", [[True]], [["0"]], [0], [[0, [1]]]])
def test_odd_arcs_of_one_shape_never_end_in_a_traceback(save: Save, arcs: Any) -> None:
    odd = {**TWO, "objects": {"a": {"type": "Polygon", "arcs": arcs}}}
    assert refusal(save("a.topojson", odd)).code in {"nothing", "bad_arc"}
