"""`baopian route` and `roads`: files in, rounds out, and every fault in words without a traceback."""

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.factories.streets import Town, at
from tests.test_cli import city, instance, run, squares

__all__ = ["city", "instance", "squares"]


@pytest.fixture
def roads(tmp_path: Path) -> Path:
    town = Town()
    for row in range(4):
        town.street([(column, row) for column in range(4)], name=f"第{row}街")
    for column in range(4):
        town.street([(column, row) for row in range(4)])
    return town.write(tmp_path / "town.osm")


def stops(tmp_path: Path, *lines: str, header: str = "name,lon,lat,minutes,opens,closes,skills") -> Path:
    path = tmp_path / "stops.csv"
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    return path


def line(name: str, column: float, row: float, *more: object) -> str:
    lon, lat = at(column, row)
    return ",".join(map(str, (name, lon, lat, *more)))


def test_a_plan_is_printed_and_written(tmp_path: Path, roads: Path) -> None:
    file = stops(
        tmp_path, line("超市", 0.5, 0, 5, "", "", ""), line("学校", 2, 1.5, 10, "09:00", "10:00", ""),
        line("工地", 3, 3, 5, "", "", "罚款"), line("荒山", 3, 60, 5, "", "", ""),
    )  # fmt: skip
    out = tmp_path / "rounds.geojson"
    done = run("route", file, "--roads", roads, "--inspectors", 1, "--seconds", 0.5, "--out", out)
    assert done.exit_code == 0
    assert "2 of 4 stops served" in done.output
    assert "Not served: 工地: nobody has the skill" in done.output
    assert "Not served: 荒山: no street leads there" in done.output
    found = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert found[0]["geometry"]["type"] == "LineString"
    assert {f["properties"]["name"] for f in found[1:]} == {"超市", "学校"}
    school = next(f for f in found[1:] if f["properties"]["name"] == "学校")
    assert "T09:" in school["properties"]["arrive_at"] or "T08:" in school["properties"]["arrive_at"]


def test_people_come_from_a_file_and_gpx_goes_out(tmp_path: Path, roads: Path) -> None:
    people = tmp_path / "people.csv"
    lon, lat = at(0, 0)
    people.write_text(
        f"name,lon,lat,shift,break,skills\n韩海燕,{lon},{lat},08:30-17:30,12:00-13:00,罚款;审核\n"
    )
    file = stops(tmp_path, line("工地", 3, 3, 5, "", "", "罚款"))
    out = tmp_path / "rounds.gpx"
    done = run("route", file, "--roads", roads, "--inspectors", people, "--seconds", 0.5, "--out", out)
    assert done.exit_code == 0
    assert "韩海燕" in done.output
    track = Xml.fromstring(out.read_bytes())  # noqa: S314 - our own
    assert track.findtext("{*}trk/{*}name") == "韩海燕"


def test_without_streets_the_times_are_not_to_be_trusted(tmp_path: Path) -> None:
    file = stops(tmp_path, line("超市", 0, 0, 5, "", "", ""), line("学校", 2, 1, 5, "", "", ""))
    done = run("route", file, "--inspectors", 2, "--seconds", 0.3, "--out", tmp_path / "x.geojson")
    assert done.exit_code == 0
    assert "straight lines: times not to be trusted" in done.output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("a,101.75,36.6,-5,,,",), "row 1: minutes must be a number"),
        (("a,101.75,36.6,5,25:00,,",), "row 1: opens must be a time"),
        (("a,101.75,36.6,5,11:00,10:00,",), "it closes at 10:00, before it opens at 11:00"),
        (("a,,,5,,,",), "row 1: it has no place"),
        (("a,101.75,36.6,5,,,", "b,500,36.6,5,,,"), "row 2"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    out = tmp_path / "x.geojson"
    done = run("route", stops(tmp_path, *more), "--inspectors", 1, "--seconds", 0.3, "--out", out)
    assert done.exit_code == 1
    assert said in done.output
    assert not out.exists()


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ("name,lon,lat,shift\na,101.75,36.6,17:00-08:00", "shift ends before it begins"),
        ("name,lon,lat,shift\na,101.75,36.6,all day", "shift must read 08:30-17:30"),
        ("name,lon,lat\na,,", "no place to begin at"),
    ],
)
def test_people_who_cannot_go_are_named(tmp_path: Path, people: str, said: str) -> None:
    crew = tmp_path / "people.csv"
    crew.write_text(people, encoding="utf-8")
    file = stops(tmp_path, line("a", 0, 0, 5, "", "", ""))
    done = run("route", file, "--inspectors", crew, "--seconds", 0.3, "--out", tmp_path / "x.geojson")
    assert done.exit_code == 1
    assert said in done.output


def test_other_faults_are_told_in_words(tmp_path: Path) -> None:
    file = stops(tmp_path, line("a", 0, 0, 5, "", "", ""))
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(b"\x00\x00\x00\rnonsense")
    for words, said in (
        (("--inspectors", 1, "--out", tmp_path / "x.pdf"), ".geojson or .gpx"),
        (("--inspectors", 0, "--out", tmp_path / "x.gpx"), "from 1 to 100"),
        (("--inspectors", tmp_path / "no.csv", "--out", tmp_path / "x.gpx"), "no.csv"),
        (("--inspectors", 1, "--roads", half, "--out", tmp_path / "x.gpx"), "OpenStreetMap"),
    ):
        done = run("route", file, "--seconds", 0.3, *words)
        assert done.exit_code == 1, words
        assert said in done.output
        assert not (tmp_path / "x.gpx").exists()
    assert run("route", file, "--inspectors", 1).exit_code == 2


def test_the_same_place_twice_is_told_and_a_stop_in_the_sea_is_left_out(tmp_path: Path, roads: Path) -> None:
    same = line("超市", 0.5, 0, 5, "", "", "")
    file = stops(tmp_path, same, same, "海里,121.9,31.2,5,,,")
    done = run(
        "route", file, "--roads", roads, "--inspectors", 1, "--seconds", 0.3, "--out", tmp_path / "x.gpx"
    )
    assert done.exit_code == 0
    assert "Rows 1, 2 are the same place: each of them is a stop." in done.output
    assert "Not served: 海里: no street leads there" in done.output
    assert "2 of 3 stops served" in done.output


def test_an_extract_that_was_cut_in_half_is_refused(tmp_path: Path, roads: Path) -> None:
    half = tmp_path / "half.osm"
    half.write_bytes(roads.read_bytes()[: roads.stat().st_size // 2])
    file = stops(tmp_path, line("超市", 0.5, 0, 5, "", "", ""))
    done = run("route", file, "--roads", half, "--inspectors", 1, "--out", tmp_path / "x.gpx")
    assert done.exit_code == 1
    assert "damaged or cut off" in done.output
    assert not (tmp_path / "x.gpx").exists()


def test_too_many_stops_are_refused_at_once(tmp_path: Path) -> None:
    file = stops(tmp_path, *(line(str(i), i % 50, i // 50, 5, "", "", "") for i in range(5001)))
    done = run("route", file, "--inspectors", 1, "--out", tmp_path / "x.gpx")
    assert done.exit_code == 1
    assert "at most 5,000" in done.output


def test_a_network_is_imported_and_shown(tmp_path: Path, city: Path, roads: Path) -> None:
    assert "straight lines" in run("roads", "show").output
    done = run("roads", "import", roads)
    assert done.exit_code == 0
    assert "town.osm" in done.output
    assert "town.osm" in run("roads", "show").output
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(b"hello")
    refused = run("roads", "import", bad)
    assert refused.exit_code == 1
    assert "damaged" in refused.output
    assert "town.osm" in run("roads", "show").output
