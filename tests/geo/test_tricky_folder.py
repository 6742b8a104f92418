"""Real and odd files that may not be copied into the repository: where the folder is at hand, each does what it should.

What that is stands in the folder's own index; here is how we answer. The other tests make files like these.
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.inspection import Answers, inspect
from geo.readers import UnreadableFile, read
from geo.tidy import repaired

FOLDER = Path(os.environ.get("TRICKY", Path(__file__).parents[3] / "shared/testdata/tricky"))
XINING = (100.8, 36.2, 102.0, 37.5)
DISTRICTS = ["城东区", "城中区", "城西区", "城北区", "湟中区", "大通回族土族自治县", "湟源县"]
NO = "refused: "

# File -> the number of features that are taken, or why the file is refused; then problems that must be told.
EXPECTED: dict[str, tuple[int | str, tuple[str, ...]]] = {
    "geojsonhint__bad-json.geojson": (NO + "bad_json", ()),
    "geojsonhint__featurecollection.geojson": (NO + "not_geojson", ()),
    "geojsonhint__bad-featurelist.geojson": (NO + "nothing", ("bad_position",)),
    "geojsonhint__badcoord.geojson": (NO + "nothing", ("bad_position",)),
    "geojsonhint__point-toofew.geojson": (NO + "nothing", ("bad_position",)),
    "geojsonhint__different-first-last.geojson": (1, ("ring_closed",)),
    "geojsonhint__short-line.geojson": (NO + "nothing", ("short_line",)),
    "geojsonhint__polygon_winding_order.geojson": (1, ()),
    "geojsonhint__geometrycollection_nested.geojson": (NO + "nothing", ("mixed_collection",)),
    "geojsonhint__bad-properties-as-array.geojson": (NO + "nothing", ("bad_properties",)),
    "geojsonhint__excessive_precision_truncated.geojson": (1, ()),
    "geojsonhint__badfeatureid.geojson": (1, ()),
    "geojsonhint__multiple_problems.geojson": (1, ("bad_position", "not_a_feature", "not_a_feature")),
    "geojsonhint__nullproperties.geojson": (1, ()),
    "geopandas__null_geom.geojson": (1, ("no_geometry",)),
    "Fiona__!test.geojson": (1, ()),
    "Fiona__test_tz.geojson": (1, ()),
    "antimeridian__simple.json": (1, ()),
    "antimeridian__north-pole.json": (NO + "nothing", ("half_the_world",)),
    "antimeridian__one-ccw-hole.json": (1, ("half_the_world", "repaired")),
    "test-data__feature-malformed-1.json": (NO + "not_geojson", ()),
    "test-data__empty_featurecollection.json": (NO + "nothing", ()),
    "test-data__escaped.geojson": (1, ()),
    "test-data__invalid-arc-index.topojson": (NO + "bad_arc", ()),
    "test-data__invalid_wkt.csv": (NO + "nothing", ("bad_geometry",)),
    "test-data__more_column_values_than_headers.csv": (NO + "nothing", ("too_many_values",)),
    "test-data__no_headers.csv": (NO + "no_header", ()),
    "test-data__semicolon_delimiters.csv": (1, ()),
    "test-data__tabs.tsv": (2, ()),
    "test-data__leading_zeros.csv": (3, ()),
    "test-data__blank_rows.csv": (2, ()),
    "test-data__64bit_int.csv": (2, ()),
    "shpjs__codepage.zip": (2, ()),
    "shpjs__badzip.zip": (NO + "not_zip", ()),
    "shpjs__no-dbf.zip": (14, ("missing_dbf", "missing_shx")),
    "shpjs__zero-len-line.zip": (2, ("no_geometry",)),
    "shpjs__mixedcase.zip": (40, ("repaired",)),
    "shpjs__bad.shp": (NO + "wrong_content", ()),
    "shpjs__htmlprj.shp": (2, ("bad_prj", "crs_assumed", "missing_shx")),
    "shapefile__null.shp": (5, ("no_geometry",)),
    "shapefile__latin1-property.shp": (1, ("encoding_guessed",)),
    "shapefile__mixed-properties.shp": (3, ()),
    "shapefile__polygonm.shp": (1, ("missing_shx",)),
    "shapefile__boolean-property.shp": (9, ()),
    "test-data__point_null_point.shp": (1, ("no_geometry", "looks_swapped")),
    "test-data__long_lat.shp": (1, ()),
    "test-data__overlap.shp": (20, ("crs_assumed",)),
    "pyshp__corrupt_too_long.shp": (10, ("length_differs",)),
    "pyshp__latin1.shp": (1, ("encoding_guessed", "missing_shx")),
    "pyshp__blockgroups_multishapefile.zip": (NO + "which_layer", ()),
    "Fiona__test_tin.shp": (NO + "not_areas_or_points", ()),
    "Fiona__curves_line.csv": (9, ()),
    "Fiona__test_gpx.gpx": (NO + "nothing", ()),
    "pyogrio__curve.gpkg": (1, ()),
    "pyogrio__multisurface.gpkg": (1, ()),
    "pyogrio__test_gpkg_nulls.gpkg": (4, ()),
    "real__nyc_precincts_only_shp.shp": (77, ("missing_dbf", "missing_shx")),
    "real__xining_echarts_all_invalid.geojson": (7, ("repaired",) * 7),
    "gdal__truncated.kml": (NO + "bad_xml", ()),
    "gdal__folder_with_subfolder_placemark.kml": (NO + "nothing", ("no_geometry",)),
    "gdal__inf_nan.csv": (NO + "no_coordinates", ()),
    "gdal__ids_0_1_null_1_null.json": (NO + "nothing", ("no_geometry",)),
    "gdal__esripolygon.json": (1, ("crs_assumed",)),
    "cityadmin__jianfudan_epsg4490_latlon.json": (2, ("axes_swapped",)),
    "made__xining_gbk_with_cpg.shp": (7, ()),
    "made__xining_gbk_cpg_says_utf8.shp": (7, ("encoding_contradicted",)),
    "made__xining_gbk_no_cpg.shp": (7, ("encoding_guessed",)),
    "made__xining_cgcs2000_3deg_cm102.gpkg": (7, ()),
    "made__xining_gcj02_labelled_wgs84.geojson": (7, ()),
    "geos_validity_cases.tsv": (116, ("no_geometry",)),
}


@pytest.fixture(autouse=True)
def folder() -> None:
    if not FOLDER.is_dir():
        pytest.skip(f"there is no folder {FOLDER}")


def listed() -> list[dict[str, str]]:
    with (FOLDER / "index.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_every_file_of_the_index_has_its_answer_here() -> None:
    assert {row["file"] for row in listed()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_does_what_its_index_asks(name: str, reader: str) -> None:
    outcome, told = EXPECTED[name]
    try:
        result = read(FOLDER / name)
        found: int | str = len(result.features)
        problems = result.problems
        assert all(problem.message for problem in problems)
    except UnreadableFile as error:
        found, problems = NO + error.code, list(error.problems)
    assert found == outcome
    codes = [problem.code for problem in problems]
    assert all(codes.count(code) >= told.count(code) for code in told), codes


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("made__xining")])
def test_the_districts_of_xining_have_their_names_and_places(name: str, reader: str) -> None:
    seen = inspect(FOLDER / name, Answers(), XINING)
    assert seen.result is not None
    assert seen.result.features["name"].tolist() == DISTRICTS
    west, south, east, north = seen.result.features.total_bounds
    assert XINING[0] < west < east < XINING[2]
    assert XINING[1] < south < north < XINING[3]


def test_each_case_of_validity_has_the_verdict_that_it_should() -> None:
    different, broken = [], []
    with (FOLDER / "geos_validity_cases.tsv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t"), start=1):
            with np.errstate(invalid="ignore"):  # NaN in the text
                shape = shapely.from_wkt(row["wkt"], on_invalid="ignore")
            if shape is None:
                continue
            if bool(shapely.is_valid(shape)) != (row["expected"] == "true"):
                different.append((number, row["desc"]))
            elif row["expected"] == "false" and shape.geom_type.endswith("Polygon"):
                mended = repaired(shape)
                if not (mended.is_empty or mended.is_valid):
                    broken.append(number)
    assert different == []
    assert broken == []
