import json
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.readers import read, read_points
from geo.writers import UnknownEnding, safe_cell, write


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    boxes = [shapely.box(101.8, 36.6, 101.81, 36.61), shapely.box(101.81, 36.6, 101.82, 36.61), None]
    values = {"code": ["001", "002", "003"], "名称": ["城东区", "{{ 7*7 }}", None], "n": [1, 2**60, 3]}
    return gpd.GeoDataFrame(values, geometry=boxes, crs=4326)


@pytest.fixture
def points() -> gpd.GeoDataFrame:
    places = [shapely.Point(101.8, 36.6), None]
    return gpd.GeoDataFrame({"code": ["001", "002"]}, geometry=places, crs=4326)


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".zip", ".parquet"])
def test_areas_come_back_as_they_went(tmp_path: Path, areas: gpd.GeoDataFrame, ending: str) -> None:
    write(tmp_path / f"a{ending}", areas)
    features = read(tmp_path / f"a{ending}").features
    assert features["code"].tolist() == ["001", "002"]
    assert features["名称"].tolist() == ["城东区", "{{ 7*7 }}"]
    assert [int(n) for n in features["n"]] == [1, 2**60]
    assert all(a.equals(b) for a, b in zip(features.geometry, areas.geometry, strict=False))


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".zip", ".parquet", ".csv"])
def test_points_without_a_place_keep_their_row(tmp_path: Path, points: gpd.GeoDataFrame, ending: str) -> None:
    write(tmp_path / f"a{ending}", points)
    table = read_points(tmp_path / f"a{ending}")
    assert table.table["code"].tolist() == ["001", "002"]
    assert list(table.refused()) == [2]
    assert table.lon[0] == 101.8


def test_csv_of_areas_holds_wkt_and_excel_sees_utf_8(tmp_path: Path, areas: gpd.GeoDataFrame) -> None:
    write(tmp_path / "a.csv", areas)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert read(tmp_path / "a.csv").features["名称"].tolist() == ["城东区", "{{ 7*7 }}"]


def test_plain_ascii_has_no_mark(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", pd.DataFrame({"a": ["1"]}))
    assert (tmp_path / "a.csv").read_bytes() == b"a\n1\n"


def test_formulas_are_made_harmless_where_a_spreadsheet_would_run_them(tmp_path: Path) -> None:
    data = pd.DataFrame({"a": ["=1+1", "-5", "@x", "+86 971", "ok"]})
    write(tmp_path / "a.csv", data)
    assert (tmp_path / "a.csv").read_text().split() == ["a", "'=1+1", "-5", "'@x", "'+86", "971", "ok"]
    write(tmp_path / "a.xlsx", data)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [cell.value for cell in book.active["A"]] == ["a", "'=1+1", "-5", "'@x", "'+86 971", "ok"]
    book.close()
    assert safe_cell(5) == 5


def test_excel_takes_what_is_odd(tmp_path: Path) -> None:
    when = pd.Timestamp("2026-01-02T03:04:05+08:00")
    odd = pd.DataFrame({"a": ["null\0byte", None, float("nan"), "x" * 40_000, when, True]}, dtype=object)
    write(tmp_path / "a.xlsx", odd)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    values = [cell.value for cell in book.active["A"]]
    book.close()
    assert values[1:4] == ["nullbyte", None, None]
    assert len(values[4]) == 32_767
    assert values[5:] == ["2026-01-02T03:04:05+08:00", True]


def test_characters_that_xml_has_no_place_for_do_not_break_a_spreadsheet(tmp_path: Path) -> None:
    odd = "".join(map(chr, [0x41, 0xFFFE, 0xFFFF, 0x0B, 0x1B, 0x1F600, 0x42]))
    write(tmp_path / "a.xlsx", pd.DataFrame({"a": [odd]}))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert sheet["A2"].value == "A\U0001f600B"


def test_column_names_of_a_spreadsheet_are_cleaned_like_its_cells(tmp_path: Path) -> None:
    odd = pd.DataFrame({"=1+1": ["x"], "b\x01c\uffff": ["y"]})
    write(tmp_path / "a.xlsx", odd)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["'=1+1", "bc"]
    assert [cell.data_type for cell in sheet[1]] == ["s", "s"]
    write(tmp_path / "a.csv", odd)
    assert (tmp_path / "a.csv").read_text("utf-8-sig").startswith("'=1+1,")


def test_geojson_is_strict_and_readable(tmp_path: Path, points: gpd.GeoDataFrame) -> None:
    points["share"] = [float("nan"), 0.5]
    write(tmp_path / "a.geojson", points)
    data = json.loads((tmp_path / "a.geojson").read_text())
    assert data["features"][1]["geometry"] is None
    assert data["features"][0]["properties"] == {"code": "001", "share": None}


def test_a_zip_is_a_shapefile_with_short_names_and_its_encoding(
    tmp_path: Path, areas: gpd.GeoDataFrame
) -> None:
    areas["a_long_column_name"] = "中" * 200
    areas["a_long_column_other"] = "b"
    write(tmp_path / "a.zip", areas)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("a.cpg") == b"UTF-8"
    features = read(tmp_path / "a.zip").features
    assert features["a_long_col"].tolist() == ["中" * 84] * 2
    assert features["a_long_c_1"].tolist() == ["b"] * 2


def test_endings_that_cannot_be_written_and_tables_without_places(
    tmp_path: Path, areas: gpd.GeoDataFrame
) -> None:
    with pytest.raises(UnknownEnding, match=r"\.gpkg \.geojson"):
        write(tmp_path / "a.docx", areas)
    with pytest.raises(UnknownEnding, match=r"\.zip"):
        write(tmp_path / "a.shp", areas)
    with pytest.raises(ValueError, match="has none"):
        write(tmp_path / "a.gpkg", pd.DataFrame({"a": [1]}))
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_is_replaced_whole(tmp_path: Path, areas: gpd.GeoDataFrame) -> None:
    write(tmp_path / "a.gpkg", areas)
    write(tmp_path / "a.gpkg", areas.iloc[:1])
    assert len(read(tmp_path / "a.gpkg").features) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


def test_a_verbatim_csv_is_exactly_what_came_in(tmp_path: Path) -> None:
    table = pd.DataFrame({"code": ["007", "=1+1", "-122.4", "＋城东"], "note": ["", "a,b", '"', "@x"]})
    write(tmp_path / "out.csv", table, verbatim=True)
    content = (tmp_path / "out.csv").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False).equals(table)
