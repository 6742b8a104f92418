import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import pytest
import shapely

from geo.assign_block import MOST_PROBLEMS
from geo.assign_stream import Hands, Points, Summary, Thinned, assign_file
from geo.assign_table import RESULT_COLUMNS, assign
from geo.readers import UnreadableFile, read, read_points
from tests.geo.geojson import Save, collection, feature, point, square

SMALL = Hands(block_bytes=64, block_rows=2)
TEXT = """编号,lon,lat,official,assignment,n
01,101.805,36.605,10.0,"x, ""y""\nz",9007199254740993
02,101.80999,36.605,2,,007
03,101.83,36.605,2,x,
04,0,0,2,x,1.50
05,abc,36.605,2,x,1e5
06,101.815,36.605,,x,TRUE
07,,,,x,NA
08,200,95,10,x,null
09,101.81,36.605,10,x,-0,too many
10,101.815
"""


@pytest.fixture
def areas(save: Save) -> Path:
    features = [
        feature(square(101.81), id="2"),
        feature(square(101.80), id="10"),
        feature(square(101.8095, 36.6), id="区,3"),
        feature(point(1, 2), id="3"),
    ]
    return save("areas.geojson", collection(*features))


@pytest.fixture
def rows(save: Save) -> Path:
    return save("rows.csv", TEXT)


def done(points: Path, areas: Path, out: Path | None, hands: Hands = SMALL, **more: Any) -> Summary:
    return assign_file(Points(points, **more), areas, "id", out, stdout=io.BytesIO(), hands=hands)


def said(problems: list[Any]) -> list[tuple[int | None, str]]:
    return [(one.feature, str(one)) for one in problems]


@pytest.mark.parametrize("hands", [Hands(), SMALL, Hands(block_bytes=1), Hands(block_bytes=333)])
def test_the_rows_are_those_of_a_reading_in_memory(areas: Path, rows: Path, hands: Hands) -> None:
    whole = assign(rows, areas, "id")
    written = io.BytesIO()
    summary = assign_file(Points(rows), areas, "id", None, stdout=written, hands=hands)
    assert written.getvalue().decode() == whole.table.to_csv(index=False, lineterminator="\n")
    assert (summary.rows, summary.near_border) == (10, whole.near_border)
    assert summary.counts == whole.counts
    assert said(summary.problems) == said(whole.problems)


def test_several_processes_write_the_same_file(tmp_path: Path, areas: Path, rows: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    first = done(rows, areas, one)
    second = done(rows, areas, two, Hands(workers=2, block_bytes=64))
    assert one.read_bytes() == two.read_bytes()
    assert said(first.problems) == said(second.problems)
    assert first.counts == second.counts


@pytest.mark.parametrize("ending", ["csv", "parquet", "geojson", "gpkg", "shp", "zip", "xlsx"])
def test_every_format_holds_every_row_and_text(tmp_path: Path, areas: Path, rows: Path, ending: str) -> None:
    out = tmp_path / f"out.{ending}"
    done(rows, areas, out)
    table = assign(rows, areas, "id").table
    if ending == "xlsx":
        found = pd.read_excel(out, dtype=str, keep_default_na=False)
    elif ending == "csv":
        found = pd.read_csv(out, dtype=str, keep_default_na=False)
    else:
        found = read_points(out, x="lon", y="lat").table if ending == "parquet" else read_points(out).table
    texts = ["编号", "official", "n", "area_id", "assignment", "candidates", "nearest_area"]
    names = {name: found.columns[list(table.columns).index(name)] for name in texts}
    for name in texts:
        assert found[names[name]].tolist() == table[name].tolist(), name
    assert [name for name in found.columns if name.startswith("neares")]
    left = {path.name for path in tmp_path.iterdir()} - {"rows.csv", "areas.geojson"}
    parts = {"out.shp", "out.shx", "out.dbf", "out.prj", "out.cpg"} if ending == "shp" else {out.name}
    assert left == parts


def test_map_files_have_places_where_rows_have_them(tmp_path: Path, areas: Path, rows: Path) -> None:
    for ending in ("gpkg", "shp", "geojson"):
        done(rows, areas, tmp_path / f"out.{ending}")
        frame = gpd.read_file(tmp_path / f"out.{ending}")
        has = [place is not None and not place.is_empty for place in frame.geometry]
        assert has == [True, True, True, True, False, True, False, False, False, False]
        assert frame.geometry[0].coords[0] == (101.805, 36.605)
        assert frame.crs == "EPSG:4326"


def test_metres_and_marks_are_typed_where_the_format_has_types(
    tmp_path: Path, areas: Path, rows: Path
) -> None:
    done(rows, areas, tmp_path / "out.parquet")
    table = pa.parquet.read_table(tmp_path / "out.parquet")
    assert table.schema.field("near_border").type == pa.bool_()
    metres = table.column("nearest_m").to_pylist()
    assert metres[2] == pytest.approx(894, abs=2)
    assert metres[:2] == [None, None]
    properties = json.loads((tmp_path / "rows.csv").with_name("areas.geojson").read_text())
    assert properties
    done(rows, areas, tmp_path / "out.geojson")
    features = json.loads((tmp_path / "out.geojson").read_text())["features"]
    assert features[1]["properties"]["near_border"] is True
    assert features[0]["properties"]["nearest_m"] is None


@pytest.fixture
def typed_table() -> pa.Table:
    return pa.table(
        {
            "code": pa.array(["007", None, "", "é"]),
            "big": pa.array([2**63 - 1, None, -(2**63), 9007199254740993], pa.int64()),
            "huge": pa.array([2**64 - 1, 0, 1, None], pa.uint64()),
            "when": pa.array([0, 1, None, 10**15], pa.timestamp("us", tz="Asia/Shanghai")),
            "kind": pa.array(["a", "b", "a", None]).dictionary_encode(),
            "tags": pa.array([["x"], [], None, ["y", "z"]]),
            "lon": pa.array([101.805, 101.83, None, 101.815]),
            "lat": pa.array([36.605, 36.605, 36.605, float("nan")]),
        }
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_parquet_columns_keep_their_types(
    tmp_path: Path, areas: Path, typed_table: pa.Table, workers: int
) -> None:
    path, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pa.parquet.write_table(typed_table, path)
    summary = done(path, areas, out, Hands(workers=workers, block_rows=3))
    found = pa.parquet.read_table(out)
    names = typed_table.column_names[:-1]  # without the NaN, which equals nothing
    assert found.select(names).equals(typed_table.select(names))
    assert str(found.column("lat").to_pylist()) == str(typed_table.column("lat").to_pylist())
    assert found.column_names == [*typed_table.column_names, *RESULT_COLUMNS]
    assert found.column("area_id").to_pylist() == ["10", "", "", ""]
    assert said(summary.problems)[1:] == [
        (3, "The coordinate is empty."),
        (4, "A coordinate is infinite or not a number."),
    ]


def test_parquet_as_csv_has_the_texts_of_its_values(
    tmp_path: Path, areas: Path, typed_table: pa.Table
) -> None:
    path, out = tmp_path / "in.parquet", tmp_path / "out.csv"
    pa.parquet.write_table(typed_table.drop_columns(["tags"]), path)
    done(path, areas, out)
    whole = assign(path, areas, "id").table
    assert out.read_text("utf-8") == whole.to_csv(index=False, lineterminator="\n")
    done(path, areas, tmp_path / "out.gpkg")
    stored = pyogrio.read_dataframe(tmp_path / "out.gpkg")
    assert stored["huge"].tolist()[0] == "18446744073709551615"


def test_a_geoparquet_file_keeps_its_places(tmp_path: Path, areas: Path) -> None:
    path, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    frame = gpd.GeoDataFrame(
        {"a": [1, 2, 3]},
        geometry=[shapely.Point(500000, 4052000), None, shapely.Point(1, 2)],
        crs="EPSG:4543",
    )
    frame.to_parquet(path)
    done(path, areas, out)
    again = gpd.read_parquet(out)
    assert again.geometry.tolist() == frame.geometry.tolist()
    assert again.crs == frame.crs
    assert again["assignment"].tolist() == ["outside", "no_location", "outside"]
    done(path, areas, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert "geometry" not in first
    assert float(first["lon"]) == pytest.approx(102, abs=1e-6)


def test_map_files_as_input_keep_their_values(tmp_path: Path, save: Save, areas: Path) -> None:
    data = collection(
        feature(point(101.805, 36.605), code="01", n=5, share=2.5, yes=True, big=2**62 + 1),
        feature(None, code="02", n=None, share=None, yes=None, big=None),
        feature(square(), code="03"),
    )
    path = save("in.geojson", data)
    done(path, areas, tmp_path / "out.geojson")
    features = json.loads((tmp_path / "out.geojson").read_text())["features"]
    properties = [one["properties"] for one in features]
    assert [one["n"] for one in properties] == [5, None, None]
    assert (properties[0]["big"], properties[0]["yes"], properties[0]["share"]) == (2**62 + 1, True, 2.5)
    assert [one["code"] for one in properties] == ["01", "02", "03"]
    done(path, areas, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[1].endswith(",101.805,36.605")
    done(path, areas, tmp_path / "geo.parquet")
    assert gpd.read_parquet(tmp_path / "geo.parquet").geometry[0] == shapely.Point(101.805, 36.605)


def test_a_table_without_rows_stays_one(tmp_path: Path, save: Save, areas: Path) -> None:
    path = save("empty.csv", "lon,lat,a\n")
    for ending in ("csv", "parquet", "geojson", "gpkg", "shp"):
        summary = done(path, areas, tmp_path / f"out.{ending}")
        assert summary.rows == 0
    assert (tmp_path / "out.csv").read_text() == "lon,lat,a," + ",".join(RESULT_COLUMNS) + "\n"
    assert len(pa.parquet.read_table(tmp_path / "out.parquet")) == 0
    assert json.loads((tmp_path / "out.geojson").read_text())["features"] == []


def test_a_column_called_fid_survives(tmp_path: Path, save: Save, areas: Path) -> None:
    path = save("in.csv", "fid,lon,lat\n007,101.805,36.605\n")
    done(path, areas, tmp_path / "out.gpkg")
    assert read(tmp_path / "out.gpkg").features["fid"].tolist() == ["007"]


def test_a_failure_leaves_an_old_file_alone(
    tmp_path: Path, areas: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")
    calls = 0

    def interrupted(*_words: object) -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assign_file(Points(rows), areas, "id", out, hands=SMALL, progress=interrupted)
    assert out.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", "rows.csv", "areas.geojson"}


def test_a_file_that_is_damaged_late_writes_nothing(tmp_path: Path, areas: Path) -> None:
    path, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pa.parquet.write_table(
        pa.table({"x": np.linspace(101.8, 101.82, 5000), "y": [36.605] * 5000}), path, row_group_size=1000
    )
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = b"\xff" * 3000
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        done(path, areas, out)
    assert not out.exists()


def test_more_problems_than_anybody_reads_are_counted(tmp_path: Path, save: Save, areas: Path) -> None:
    n = MOST_PROBLEMS + 50
    path = save("in.csv", "lon,lat\n" + "x,1\n" * n + ",1\n")
    for hands in (Hands(), Hands(block_bytes=1000)):
        summary = done(path, areas, tmp_path / "out.csv", hands)
        told = [one.feature for one in summary.problems if one.code == "not_a_number"]
        assert told == list(range(1, MOST_PROBLEMS + 1))
        assert summary.more == {"not_a_number": 50, "empty_coordinate": 1}


def test_the_system_is_settled_by_the_whole_file(tmp_path: Path, save: Save, areas: Path) -> None:
    text = "x,y\n" + "36.605,101.805\n" * 300 + "36.605,101.802\n"
    summary = done(save("in.csv", text), areas, tmp_path / "out.csv")
    assert [one.code for one in summary.problems] == ["not_an_area", "axes_swapped"]
    assert summary.counts["inside"] == 301
    with pytest.raises(UnreadableFile, match="name the coordinate system"):
        done(save("m.csv", "x,y\n500000,4052000\n"), areas, tmp_path / "out.csv")
    shifted = done(save("d.csv", "x,y\n101.8055,36.605\n"), areas, tmp_path / "out.csv", datum="gcj02")
    assert shifted.rows == 1


@pytest.mark.parametrize("size", [1, 7, 64, 5000])
def test_places_are_thinned_evenly_whatever_the_blocks(size: int) -> None:
    n = 5000
    x = np.arange(1.0, n + 1)
    x[::10] = np.nan
    thinned = Thinned(most=300)
    for first in range(0, n, size):
        thinned.add(x[first : first + size], x[first : first + size])
    known = x[np.isfinite(x)]
    assert thinned.xy[0].tolist() == known[::16].tolist()


def test_a_zip_holds_a_whole_shapefile(tmp_path: Path, areas: Path, rows: Path) -> None:
    done(rows, areas, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert sorted(archive.namelist()) == ["out.cpg", "out.dbf", "out.prj", "out.shp", "out.shx"]
