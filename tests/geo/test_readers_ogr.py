import sys
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.crs import convert
from geo.readers import UnreadableFile, read
from geo.readers_ogr import fiona_module
from tests.geo.geojson import Save

KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>"""
PLACE = "<Placemark><name>城东</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{}</coordinates>\
</LinearRing></outerBoundaryIs></Polygon></Placemark>"
RING = "101.8,36.6 101.81,36.6 101.81,36.61 101.8,36.6"


def frame(*names: Any, crs: Any = 4326, x: float = 101.8) -> gpd.GeoDataFrame:
    boxes = [shapely.box(x + i / 100, 36.6, x + (i + 1) / 100, 36.61) for i in range(len(names))]
    return gpd.GeoDataFrame({"name": list(names), "n": range(len(names))}, geometry=boxes, crs=4326).to_crs(
        crs
    )


def refusal(path: Any, **options: Any) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(path, **options)
    return caught.value


@pytest.mark.parametrize("ending", [".gpkg", ".fgb"])
def test_geopackage_and_flatgeobuf(tmp_path: Path, reader: str, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    pyogrio.write_dataframe(frame("城东", "城中"), path)
    result = read(path)
    assert sorted(result.features["name"]) == ["城东", "城中"]
    assert sorted(result.features["n"]) == [0, 1]
    assert (result.crs, result.problems) == ("EPSG:4326", [])


def test_a_projected_file_is_brought_to_degrees(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame("城东", crs=4543), path)
    result = read(path)
    assert result.crs == "EPSG:4543"
    assert result.features.geometry.iloc[0].equals(shapely.box(101.8, 36.6, 101.81, 36.61))


def test_a_datum_that_nobody_wrote_down_can_be_given(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame("城东"), path)
    lon, lat = convert(101.8, 36.6, "gcj02", "wgs84")
    west, south, *_ = read(path, datum="gcj02").features.total_bounds
    assert (west, south) == pytest.approx((lon, lat), abs=2e-5)
    assert refusal(path, datum="nad27").choices == ("wgs84", "gcj02", "bd09")


def test_several_layers_are_a_question(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame("a"), path, layer="districts")
    pyogrio.write_dataframe(frame("b"), path, layer="patches")
    error = refusal(path)
    assert (error.code, error.choices) == ("which_layer", ("districts", "patches"))
    assert read(path, layer="patches").features["name"].tolist() == ["b"]
    assert refusal(path, layer="streets").code == "no_such_layer"


def test_missing_values_and_kinds_come_out_the_same(tmp_path: Path, reader: str) -> None:
    data = frame("a", "b")
    data["yes"] = [True, False]
    data["when"] = pd.Series([pd.Timestamp("2026-01-02T03:04:05.5"), pd.NaT])
    data["day"] = [date(2026, 1, 2), None]
    data["share"] = [0.5, None]
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(data, path)
    features = read(path).features
    assert features["yes"].tolist() == [True, False]
    assert features["when"].tolist()[1] is features["day"].tolist()[1] is None
    assert features["when"].tolist()[0] == "2026-01-02T03:04:05.500000"
    assert features["day"].tolist()[0] == "2026-01-02"
    assert features["share"].tolist() == [0.5, None]
    assert all(type(value) is int for value in features["n"])


def test_kml_is_read_without_fiona_too(save: Save, reader: str) -> None:
    result = read(save("a.kml", KML.format(PLACE.format(RING))))
    assert result.features.geometry.iloc[0].geom_type == "Polygon"
    assert "城东" in result.features.iloc[0].astype(str).tolist()


def test_kml_cut_off_says_where(save: Save) -> None:
    error = refusal(save("a.kml", KML.format(PLACE.format(RING))[:-40]))
    assert error.code == "bad_xml"
    assert "line 2" in str(error)


def test_kml_without_places_holds_nothing(save: Save) -> None:
    assert refusal(save("a.kml", KML.format("<Placemark/>"))).code == "nothing"


def test_of_gpx_the_waypoints_are_taken(save: Save) -> None:
    text = """<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">
    <wpt lat="36.6" lon="101.8"><name>a</name></wpt>
    <trk><trkseg><trkpt lat="36.6" lon="101.8"/><trkpt lat="36.7" lon="101.8"/></trkseg></trk></gpx>"""
    result = read(save("a.gpx", text))
    assert result.layer == "waypoints"
    error = refusal(save("b.gpx", text.replace("wpt", "extensions")))
    assert "tracks" in error.choices
    assert "no waypoints" in str(error)
    assert result.features.geometry.iloc[0].coords[0] == (101.8, 36.6)


def test_damaged_files_are_refused_in_words(save: Save, reader: str) -> None:
    error = refusal(save("a.gpkg", b"SQLite format 3\0" + b"x" * 500))
    assert error.code == "unreadable"


def test_fiona_can_be_hidden_or_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOPIAN_HIDE_FIONA", "1")
    assert fiona_module() is None
    monkeypatch.delenv("BAOPIAN_HIDE_FIONA")
    monkeypatch.setitem(sys.modules, "fiona", None)
    assert fiona_module() is None


def test_xml_in_an_encoding_that_does_not_exist_is_refused(save: Save) -> None:
    assert refusal(save("a.kml", KML.format("").replace("UTF-8", "UT-8"))).code in ("unreadable", "bad_xml")


_LAYER = '<OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
VRT = f"<OGRVRTDataSource>{_LAYER}</OGRVRTDataSource>"


@pytest.mark.parametrize("name", ["a.gpkg", "a.fgb", "a.kml", "a.gpx", "a.shp", "a.dxf"])
def test_content_that_gdal_would_take_for_another_format_never_reaches_it(
    save: Save, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def reached(*_args: Any, **_options: Any) -> None:
        raise AssertionError("GDAL saw it")

    for function in ("list_layers", "read_info"):
        monkeypatch.setattr(pyogrio, function, reached)
    assert refusal(save(name, VRT)).code == "wrong_content"
    assert refusal(save("a.vrt", VRT)).code == "unknown_format"


def test_xml_entities_are_refused_unread(save: Save) -> None:
    bomb = '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml>&a;</kml>'
    assert refusal(save("a.kml", bomb)).code == "xml_doctype"


def test_no_more_features_are_read_than_allowed(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame("a", "b", "c"), path)
    assert refusal(path, limit_features=2).params == {"count": 3, "limit": 2}
    assert len(read(path, limit_features=3).features) == 3


def test_many_features_are_read_without_fiona(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame("a", "b", "c"), path)
    monkeypatch.setattr("geo.readers_ogr._MOST_BY_FIONA", 2)
    monkeypatch.setattr("geo.readers_ogr._by_fiona", None)
    assert read(path).features["name"].tolist() == ["a", "b", "c"]
