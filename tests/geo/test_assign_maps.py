import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geo import assign_geojson, assign_maps
from geo.assign_maps import MapSource, open_map
from geo.problems import UnreadableFile
from geo.readers import read_points
from geo.readers_points import text_of
from tests.geo.geojson import Save, collection, feature, point, square

Read = tuple[list[dict[str, Any]], list[Any], list[float], list[str]]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is small enough to be read at once, and texts are read a few characters at a time."""
    monkeypatch.setattr(assign_maps, "WHOLE_BYTES", 0)
    monkeypatch.setattr(assign_geojson, "_READ_CHARACTERS", 7)


def everything(source: MapSource) -> Read:
    """Rows, problems of rows, longitudes, and codes of what is wrong with the whole; both readings must agree."""
    places = [source.reader.places(block.content)[0] for block in source.blocks(places_only=True)]
    rows: list[dict[str, Any]] = []
    problems: list[Any] = []
    x: list[float] = []
    for block in source.blocks():
        read = source.reader.rows(block.content)
        assert read.table.schema == source.schema
        problems += [(one.feature + len(rows), one.code, one.params) for one in read.problems if one.feature]
        rows += read.table.to_pylist() if source.schema.names else [{}] * len(read)
        x += read.x.tolist()
    assert str([value for piece in places for value in piece.tolist()]) == str(x)
    assert source.size == len(rows)
    return rows, problems, x, [one.code for one in source.problems]


def same(path: Path, *, encoding: str | None = None, size: int = 2) -> MapSource:
    """The file in pieces is the file at once, and what `read_points` says of it."""
    source = open_map(path, encoding, size)
    rows, problems, x, codes = everything(source)
    assert str((rows, problems, x, codes)) == str(everything(open_map(path, encoding, 1_000_000)))
    known = read_points(path, encoding=encoding)
    told = [one for one in known.problems if one.code not in ("crs_assumed", "axes_swapped")]
    assert codes == [one.code for one in told if one.feature is None]
    assert problems == [(one.feature, one.code, one.params) for one in told if one.feature is not None]
    texts = [[text_of(value) for value in row.values()] for row in rows]
    assert texts == known.table.to_numpy().tolist()
    return source


MIXED = collection(
    feature(point(101.5, 36.5), n=1, share=1, a='x"}, {', deep={"k": [1, 2]}),
    feature(None, n=2, share=2.5, a=None),
    feature(square(), n=None, share=None, late=True),
    feature({"type": "Point", "coordinates": ["a", 2]}, n=2**70),
    {"type": "Foo"},
    feature(point(101.6, 36.6), n=3, 名称="城东区"),
    feature({"type": "MultiPoint", "coordinates": [[101.7, 36.7]]}),
    {**feature(point(101.8, 36.8)), "id": "f8"},
    name="rows",
    crs={"type": "name", "properties": {"name": "EPSG:4490"}},
)


@pytest.mark.parametrize("indent", [None, 2])
def test_geojson_in_pieces_is_geojson(save: Save, indent: int | None) -> None:
    ordered = {
        "type": MIXED["type"],
        "name": "x",
        "crs": MIXED["crs"],
        "features": MIXED["features"],
        "bbox": [1, 2],
    }
    text = json.dumps(ordered, ensure_ascii=False, indent=indent)
    source = same(save("a.geojson", text))
    assert source.crs == "EPSG:4490"
    assert {one.name: str(one.type) for one in source.schema} == {
        "n": "string", "share": "double", "a": "string", "deep": "string", "late": "bool",
        "名称": "string", "id": "string",
    }  # fmt: skip
    same(save("b.geojson", text.encode("gbk")))
    same(save("c.geojson", text.encode("utf-8-sig")))


@pytest.mark.parametrize(
    "data",
    [
        {**MIXED, "crs": MIXED["crs"]},
        {"features": MIXED["features"], "type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": []},
        feature(point(1, 2), a=1),
        point(1, 2),
        {
            "geometryType": "esriGeometryPoint",
            "features": [{"attributes": {"a": 1}, "geometry": {"x": 1, "y": 2}}],
        },
        {"features": [{"attributes": {"a": 1}, "geometry": {"x": 1, "y": 2}}]},
    ],
)
def test_other_json_is_read_as_ever(save: Save, data: Any) -> None:
    same(save("a.geojson", data))


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "FeatureCollection",\n "features": [\n{"type": "Feature", "properties": {}},\n{"type" "x"}]}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null, "properties": {}}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null, "properties": {}}]} x',
        '{"type": "FeatureCollection", "features": [1 2]}',
        '{"type": "FeatureCollection"',
        "nothing",
        "[1, 2]",
        '{"type": "FeatureCollection", "features": 5}',
    ],
)
def test_broken_json_is_refused_at_its_place(save: Save, text: str) -> None:
    path = save("a.geojson", text)
    with pytest.raises(UnreadableFile) as whole:
        read_points(path)
    with pytest.raises(UnreadableFile) as pieces:
        everything(open_map(path, None, 2))
    assert (pieces.value.code, pieces.value.params.get("line")) == (
        whole.value.code,
        whole.value.params.get("line"),
    )


@pytest.mark.parametrize("ending", ["gpkg", "shp", "fgb"])
def test_formats_of_fiona_in_pieces(tmp_path: Path, ending: str, reader: str) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["001", None, "城", "4", "5"], "n": [1, 2, 3, 4, 5], "share": [0.5, None, 1.5, 2, 3]},
        geometry=[shapely.Point(i, 2) for i in range(5)],
        crs=4326,
    )
    path = tmp_path / f"a.{ending}"
    pyogrio.write_dataframe(frame, path, encoding="utf-8")
    source = same(path)
    assert str(source.schema.field("n").type) == "int64"
    assert str(source.schema.field("code").type) == "string"


def test_a_shapefile_with_texts_in_gbk(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"名称": ["城东区", "城西区", "x"]}, geometry=[shapely.Point(i, 2) for i in range(3)], crs=4326
    )
    pyogrio.write_dataframe(frame, tmp_path / "a.shp", encoding="gbk")
    (tmp_path / "a.cpg").unlink(missing_ok=True)
    source = same(tmp_path / "a.shp")
    assert source.schema.names == ["名称"]
    same(tmp_path / "a.shp", encoding="gb18030")
