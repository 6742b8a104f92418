"""What all formats have in common, and the tricky files that come with the project's shared data."""

from pathlib import Path
from typing import Any

import pytest

from geo.readers import UnreadableFile, read
from tests.geo.geojson import Save, square

TRICKY = Path(__file__).parents[3] / "shared/testdata/tricky"

# What each shared file must come to: the number of features, or the code of the refusal.
EXPECTED: dict[str, int | str] = {
    "geojsonhint__bad-json.geojson": "bad_json",
    "geojsonhint__featurecollection.geojson": "not_geojson",
    "geojsonhint__multiple_problems.geojson": 1,
    "Fiona__!test.geojson": 1,
    "Fiona__test_tz.geojson": 1,
    "antimeridian__north-pole.json": "nothing",
    "test-data__escaped.geojson": 1,
    "shpjs__codepage.zip": 2,
    "shpjs__badzip.zip": "not_zip",
    "shpjs__no-dbf.zip": 14,
    "shpjs__zero-len-line.zip": 2,
    "shpjs__mixedcase.zip": 40,
    "shpjs__bad.shp": "wrong_content",
    "shpjs__htmlprj.shp": 2,
    "shapefile__null.shp": 5,
    "shapefile__latin1-property.shp": 1,
    "shapefile__polygonm.shp": 1,
    "shapefile__boolean-property.shp": 9,
    "test-data__long_lat.shp": 1,
    "test-data__overlap.shp": 20,
    "pyshp__corrupt_too_long.shp": 10,
    "pyshp__latin1.shp": 1,
    "pyshp__blockgroups_multishapefile.zip": "which_layer",
    "Fiona__test_tin.shp": "not_areas_or_points",
    "Fiona__curves_line.csv": 9,
    "Fiona__test_gpx.gpx": "nothing",
    "pyogrio__curve.gpkg": 1,
    "pyogrio__multisurface.gpkg": 1,
    "pyogrio__test_gpkg_nulls.gpkg": 4,
    "real__nyc_precincts_only_shp.shp": 77,
    "real__xining_echarts_all_invalid.geojson": 7,
    "gdal__truncated.kml": "bad_xml",
    "gdal__folder_with_subfolder_placemark.kml": "nothing",
    "gdal__inf_nan.csv": "no_coordinates",
    "gdal__ids_0_1_null_1_null.json": "nothing",
    "gdal__esripolygon.json": 1,
    "cityadmin__jianfudan_epsg4490_latlon.json": 2,
    "made__xining_gbk_with_cpg.shp": 7,
    "made__xining_gbk_cpg_says_utf8.shp": 7,
    "made__xining_gbk_no_cpg.shp": 7,
    "made__xining_cgcs2000_3deg_cm102.gpkg": 7,
    "made__xining_gcj02_labelled_wgs84.geojson": 7,
}


@pytest.mark.skipif(not TRICKY.exists(), reason="the shared tricky files are not here")
@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_shared_tricky_files(name: str, expected: Any, reader: str) -> None:
    if isinstance(expected, str):
        with pytest.raises(UnreadableFile) as caught:
            read(TRICKY / name)
        assert caught.value.code == expected
        return
    result = read(TRICKY / name)
    assert len(result.features) == expected
    assert result.features.geometry.is_valid.all()
    if name.startswith("made__"):
        assert "城东区" in set(result.features["name"])


@pytest.mark.skipif(not TRICKY.exists(), reason="the shared tricky files are not here")
def test_quantised_xining_keeps_its_size() -> None:
    repairs = read(TRICKY / "real__xining_echarts_all_invalid.geojson").problems
    assert [one.code for one in repairs] == ["repaired"] * 7
    assert all(abs(float(one.params["change"])) < 0.5 for one in repairs)


def refusal(path: Any, **options: Any) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(path, **options)
    return caught.value


def test_files_that_are_not_there_empty_too_large_or_unknown(tmp_path: Path, save: Save) -> None:
    assert refusal(tmp_path / "no.geojson").code == "not_found"
    assert refusal(tmp_path).code == "is_folder"
    assert refusal(save("a.geojson", b"")).code == "empty_file"
    error = refusal(save("b.geojson", square()), limit_bytes=10)
    assert error.code == "too_large"
    assert ".geojson" in refusal(save("c.docx", b"hello")).choices


def test_the_content_decides_where_the_ending_says_nothing(save: Save) -> None:
    assert len(read(save("areas", square())).features) == 1
    assert len(read(save("areas.data", square())).features) == 1


def test_an_unknown_coordinate_system_is_named(save: Save) -> None:
    assert "EPSG:99" in str(refusal(save("a.geojson", square()), crs="EPSG:99"))


def test_an_unusable_file_tells_the_first_reasons_and_all_problems(save: Save) -> None:
    error = refusal(save("a.csv", "x,y\na,1\n2,b\n"))
    assert error.code == "nothing"
    assert "1: a is not a number. 2: b is not a number." in str(error)
    assert len(error.problems) == 2
