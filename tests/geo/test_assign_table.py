import json
from pathlib import Path
from typing import Any

import pytest

from geo.assign_table import RESULT_COLUMNS, WHYS, agreement, area_table, assign, official_key
from geo.readers import UnreadableFile
from geo.writers import write
from tests.geo.geojson import Save, collection, feature, point, square

SF311 = Path(__file__).parents[3] / "shared/testdata/sf311"


@pytest.fixture
def areas(save: Save) -> Path:
    features = [
        feature(square(101.81), id="2", name="east"),
        feature(square(101.80), id="10", name="west"),
        feature(point(1, 2), id="3"),
        feature(square(101.9), id=None),
    ]
    return save("areas.geojson", collection(*features))


@pytest.fixture
def rows(save: Save) -> Path:
    text = """id,lon,lat,official,assignment
01,101.805,36.605,10.0,x
02,101.80999,36.605,2,x
03,101.83,36.605,2,x
04,0,0,2,x
05,abc,36.605,2,x
06,101.815,36.605,,x
07,101.815,36.605,elsewhere,x
08,101.815,36.605,10,x
09,101.81,36.605,10,x
"""
    return save("rows.csv", text)


def test_every_row_gets_its_answer_in_order(areas: Any, rows: Path) -> None:
    result = assign(rows, areas, "id")
    table = result.table
    assert table["id"].tolist() == [f"0{i}" for i in range(1, 10)]
    assert list(table.columns) == ["id", "lon", "lat", "official", "input_assignment", *RESULT_COLUMNS]
    assert table["area_id"].tolist() == ["10", "10", "", "", "", "2", "2", "2", "10"]
    assert table["assignment"].tolist() == [
        "inside", "inside", "outside", "no_location", "no_location", "inside", "inside", "inside", "border",
    ]  # fmt: skip
    assert table["near_border"].tolist() == [False, True, False, False, False, False, False, False, True]
    assert json.loads(table["candidates"].iloc[1]) == [["10", 0.0], ["2", pytest.approx(0.9, abs=0.05)]]
    assert table["candidates"].iloc[0] == ""
    assert table["nearest_area"].tolist()[2] == "2"
    assert table["nearest_m"].iloc[2] == pytest.approx(894, abs=2)
    assert result.counts == {"inside": 5, "border": 1, "overlap": 0, "outside": 1, "no_location": 2}
    assert result.near_border == 2
    assert {p.code for p in result.problems} == {"not_an_area", "no_id", "not_a_number", "column_renamed"}


@pytest.mark.parametrize("ending", [".csv", ".geojson", ".gpkg", ".zip", ".parquet", ".xlsx"])
def test_the_answer_can_be_written(tmp_path: Path, areas: Any, rows: Path, ending: str) -> None:
    result = assign(rows, areas, "id")
    write(tmp_path / f"out{ending}", result.features if ending != ".csv" else result.table)
    assert (tmp_path / f"out{ending}").stat().st_size > 0


def test_near_can_be_wider(areas: Any, rows: Path) -> None:
    assert assign(rows, areas, "id", near_m=2000).near_border == 7


def test_parts_with_one_id_are_one_area(save: Save) -> None:
    path = save("a.geojson", collection(feature(square(101.80), id="1"), feature(square(101.81), id="1")))
    table = area_table(path, "id")
    assert table.ids == ["1"]
    assert [problem.code for problem in table.problems] == ["same_id"]
    assert table.index.describe_one(101.81, 36.605).kind == "inside"


def test_an_unknown_field_offers_those_that_are_there(areas: Any, rows: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        assign(rows, areas, "code")
    assert caught.value.choices == ("id", "name")
    with pytest.raises(UnreadableFile):
        agreement(rows, areas, "id", ["unofficial"])


def test_no_area_at_all_is_refused(save: Save, rows: Path) -> None:
    with pytest.raises(UnreadableFile, match="not an area"):
        assign(rows, save("a.geojson", feature(point(1, 2), id="1")), "id")


def test_agreement_accounts_for_every_row(areas: Any, rows: Path) -> None:
    (found,) = agreement(rows, areas, "id", ["official"])
    assert found.row_why.tolist() == [
        "equal", "near_border", "outside", "no_location", "no_location",
        "no_official_value", "unknown_value", "differs", "equal",
    ]  # fmt: skip
    assert (found.total, found.usable, found.equal) == (9, 6, 2)
    assert found.share == pytest.approx(2 / 6)
    assert found.share_with_near == pytest.approx(3 / 6)
    assert sum(found.why.values()) + found.equal == found.total
    assert tuple(found.why) == WHYS


def test_official_values_are_compared_sensibly() -> None:
    assert official_key("10.0") == official_key(" 10 ") == official_key("010") == "10"
    assert official_key("Mission ") == official_key("mission")
    assert official_key("-1") != official_key("1")
    assert official_key("10.5") != official_key("10")


def test_ids_that_differ_only_in_zeros_are_compared_as_text(save: Save) -> None:
    areas = save("a.geojson", collection(feature(square(101.80), id="01"), feature(square(101.81), id="1")))
    rows = save("r.csv", "x,y,o\n101.805,36.605,01\n101.815,36.605,1\n101.815,36.605,1.0\n")
    (found,) = agreement(rows, areas, "id", ["o"])
    assert found.row_why.tolist() == ["equal", "equal", "unknown_value"]


@pytest.mark.skipif(not SF311.exists(), reason="the shared San Francisco files are not here")
@pytest.mark.parametrize(
    ("areas", "column", "share"),
    [
        ("supervisor_districts_2012", "supervisor_district", 0.962),
        ("neighborhoods_sffind", "neighborhood", 0.893),
    ],
)
def test_san_francisco_agrees_as_it_does_with_plain_geopandas(areas: Any, column: str, share: float) -> None:
    (found,) = agreement(SF311 / "sf311.csv", SF311 / f"{areas}.geojson", "id", [column])
    assert found.share == pytest.approx(share, abs=0.001)
    assert (found.total, found.why["no_location"]) == (10_000, 4_264)
