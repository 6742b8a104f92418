import json
from typing import Any

import pytest
import shapely

from geo.readers import UnreadableFile, read
from tests.geo.geojson import Save, collection, feature, point, square


def codes(result: Any) -> list[Any]:
    return [(problem.feature, problem.code) for problem in result.problems]


def refusal(path: Any, **options: Any) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(path, **options)
    return caught.value


def test_a_good_file(save: Save) -> None:
    result = read(save("a.geojson", collection(feature(square(), code="01", n=2**60, name="城东"), name="x")))
    row = result.features.iloc[0]
    assert (row["code"], row["n"], row["name"]) == ("01", 2**60, "城东")
    assert result.features.crs == 4326
    assert (result.problems, result.layer, result.crs) == ([], "a", "EPSG:4326")
    assert result.features.index.tolist() == [1]


@pytest.mark.parametrize("content", [square(), feature(square())])
def test_a_single_feature_or_geometry_will_do(save: Save, content: Any) -> None:
    assert len(read(save("a.json", content)).features) == 1


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('{"type": "Point"\n "coordinates": []}', "bad_json", "line 2, column 2"),
        ("[1, 2]", "not_geojson", "not an object"),
        ('{"type": "FeatureCollection"}', "not_geojson", "list of features"),
        ('{"type": "FeatureCollection", "features": []}', "nothing", "no features"),
        ('{"type": "Featur"}', "not_geojson", "Featur"),
        ('{"type": "Topology", "arcs": []}', "not_topojson", "no objects"),
        ("[" * 100_000, "json_too_deep", "nested too deep"),
        ('{"a":' * 100_000, "json_too_deep", "nested too deep"),
        ('{"type": ' + "9" * 5000 + "}", "bad_json", "line 1"),
    ],
)
def test_what_is_no_geojson_is_refused_with_the_reason(save: Save, text: str, code: str, says: str) -> None:
    error = refusal(save("a.geojson", text))
    assert error.code == code
    assert says in str(error)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Point", "coordinates": [1]}, "bad_position"),
        ({"type": "Point", "coordinates": [1, "2"]}, "bad_position"),
        ({"type": "Point", "coordinates": [1, True]}, "bad_position"),
        ({"type": "Point", "coordinates": [10**400, 2]}, "not_finite"),
        ({"type": "Polygon", "coordinates": [5]}, "bad_position"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}, "short_ring"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "short_line"),
        ({"type": "LineString", "coordinates": [[1, 2], [1, 2]]}, "no_extent"),
        ({"type": "Blob", "coordinates": []}, "bad_geometry"),
        ({"type": ["Point"], "coordinates": [1, 2]}, "bad_geometry"),
        ({"type": "Point"}, "bad_geometry"),
        ("POINT (1 2)", "bad_geometry"),
        ({"type": "GeometryCollection"}, "bad_geometry"),
        (point(190, 10), "out_of_range"),
        (point(36.6, 101.8), "looks_swapped"),
    ],
)
def test_one_bad_feature_does_not_lose_the_others(save: Save, geometry: Any, code: str) -> None:
    good = [feature(square(101.8 + i / 100), n=i) for i in range(3)]
    result = read(save("a.geojson", collection(good[0], feature(geometry, n=9), *good[1:])))
    assert codes(result) == [(2, code)]
    assert result.features["n"].tolist() == [0, 1, 2]
    assert result.features.index.tolist() == [1, 3, 4]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused_by_feature(save: Save, number: Any) -> None:
    text = json.dumps(collection(feature(square()), feature(point(1, 2)))).replace("[1, 2]", f"[1, {number}]")
    assert codes(read(save("a.geojson", text)))[0] in [(2, "not_finite"), (None, "no_geometry")]


def test_all_faults_are_listed_at_once(save: Save) -> None:
    result = read(
        save(
            "a.geojson",
            collection(
                feature(point(1, 2)),
                {"type": "Foo"},
                7,
                {"type": "Feature", "geometry": point(1, 2), "properties": []},
                feature({"type": "Point", "coordinates": []}),
                feature(None),
            ),
        )
    )
    assert codes(result) == [
        (None, "no_geometry"),
        (2, "not_a_feature"),
        (3, "not_a_feature"),
        (4, "bad_properties"),
    ]
    assert result.problems[0].params == {"count": 2, "numbers": "5, 6"}


def test_an_open_ring_is_closed_and_reported(save: Save) -> None:
    ring = square()
    ring["coordinates"][0].pop()
    result = read(save("a.geojson", ring))
    assert codes(result) == [(1, "ring_closed")]
    assert result.features.geometry.iloc[0].equals(shapely.box(101.8, 36.6, 101.81, 36.61))


def test_heights_go_winding_is_normalised_ids_and_objects_stay(save: Save) -> None:
    ring = [[*xy, 2200.0] for xy in square()["coordinates"][0]][::-1]
    one = {
        "type": "Feature",
        "id": 7,
        "properties": None,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    two = {"type": "Feature", "id": {}, "properties": {"a": {"b": "中"}}, "geometry": square(101.9)}
    features = read(save("a.geojson", collection(one, two))).features
    assert not features.geometry.iloc[0].has_z
    assert features.geometry.iloc[0].exterior.is_ccw
    assert features["id"].tolist() == [7, None]
    assert features["a"].tolist() == [None, '{"b": "中"}']


def test_collections_give_their_areas_or_are_refused(save: Save) -> None:
    areas = {"type": "GeometryCollection", "geometries": [square(), point(1, 2)]}
    nested = {
        "type": "GeometryCollection",
        "geometries": [{"type": "GeometryCollection", "geometries": [point(1, 2)]}],
    }
    mixed = {
        "type": "GeometryCollection",
        "geometries": [point(1, 2), {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}],
    }
    result = read(save("a.geojson", collection(feature(areas), feature(nested), feature(mixed))))
    assert result.features.geom_type.tolist() == ["Polygon", "Point"]
    assert codes(result) == [(1, "collection_flattened"), (3, "mixed_collection")]


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
        {"type": "EPSG", "properties": {"code": "4490"}},
        {"type": "name", "properties": {"name": "EPSG:4490"}},
    ],
)
def test_an_old_crs_member_is_used_and_swapped_axes_are_put_right(save: Save, crs: Any) -> None:
    ring = [[y, x] for x, y in square(87.6, 43.8)["coordinates"][0]]  # Ürümqi: both orders look like degrees
    result = read(save("a.json", collection(feature({"type": "Polygon", "coordinates": [ring]}), crs=crs)))
    assert result.crs == "EPSG:4490"
    assert codes(result) == [(None, "axes_swapped")]
    assert result.features.total_bounds.tolist() == [87.6, 43.8, 87.61, 43.81]


def test_an_unknown_crs_member_is_reported(save: Save) -> None:
    crs = {"type": "name", "properties": {"name": "city grid"}}
    assert codes(read(save("a.json", collection(feature(square()), crs=crs)))) == [(None, "bad_crs")]


def test_metres_in_geojson_are_asked_for(save: Save) -> None:
    assert refusal(save("a.json", square(500_000, 4_052_000, 100))).code == "which_crs"
    assert len(read(save("b.json", square(500_000, 4_052_000, 100)), crs=4543).features) == 1


def test_esri_json_becomes_multipolygons_with_holes(save: Save) -> None:
    outer, hole, other = (square(*xy)["coordinates"][0] for xy in ((2, 49, 1), (2.1, 49.1, 0.8), (-3, 49, 1)))
    esri = {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 4326},
        "features": [
            {"attributes": {"name": "a"}, "geometry": {"rings": [outer, hole, other]}},
            {"attributes": {"name": "b"}, "geometry": None},
            {"attributes": {"name": "c"}, "geometry": {"rings": [[["x"]]]}},
        ],
    }
    result = read(save("a.json", esri))
    assert result.features["name"].tolist() == ["a"]
    assert result.features.geometry.iloc[0].area == pytest.approx(2 - 0.64)
    assert codes(result) == [(None, "no_geometry"), (3, "bad_geometry")]


def test_gbk_and_marked_texts_are_read(save: Save) -> None:
    text = json.dumps(collection(feature(square(), name="城东区")), ensure_ascii=False)
    for data in (text.encode("gbk"), text.encode("utf-8-sig"), text.encode("utf-16")):
        assert read(save("a.geojson", data)).features["name"].tolist() == ["城东区"]
