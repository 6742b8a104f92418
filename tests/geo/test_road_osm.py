from pathlib import Path

import pytest

from geo.problems import UnreadableFile
from geo.road_osm import read_streets
from tests.factories.streets import Town


@pytest.fixture
def town(tmp_path: Path) -> Path:
    town = Town()
    town.street([(0, 0), (1, 0), (2, 0)], name="东关大街")
    town.street([(1, 0), (1, 1)], highway="proposed")
    return town.write(tmp_path / "town.osm")


def test_streets_are_taken_and_what_is_only_planned_is_not(town: Path) -> None:
    streets = read_streets(town)
    assert list(streets.length) == [3]
    assert "东关大街" in streets.names


def test_progress_is_told(tmp_path: Path) -> None:
    town = Town()
    for row in range(2500):
        town.street([(0, row / 100), (1, row / 100)])
    told: list[int] = []
    read_streets(town.write(tmp_path / "big.osm"), told.append)
    assert told == [2000]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.osm.pbf", b"", "empty_file"),
        ("words.osm.pbf", b"hello " * 100, "not_osm"),
        ("words.txt", b"hello", "not_osm"),
        ("half.osm", b"<osm version='0.6'><node id='1' version='1' lon='1'", "not_osm"),
        ("houses.osm", b"<osm version='0.6'><node id='1' version='1' lon='1' lat='2'/></osm>", "no_streets"),
    ],
)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UnreadableFile) as refused:
        read_streets(file)
    assert refused.value.code == code


def test_no_such_file_and_a_folder(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "no.osm.pbf", "not_found"), (tmp_path, "is_folder")):
        with pytest.raises(UnreadableFile) as refused:
            read_streets(path)
        assert refused.value.code == code


def test_an_extract_cut_in_half_is_refused(tmp_path: Path) -> None:
    town = Town()
    for row in range(300):
        town.street([(column, row) for column in range(20)], name=f"第{row}街")
    whole = town.write(tmp_path / "whole.osm")
    osmium = pytest.importorskip("osmium")
    packed = tmp_path / "whole.osm.pbf"
    with osmium.SimpleWriter(str(packed)) as writer:
        for thing in osmium.FileProcessor(str(whole)):
            writer.add(thing)
    assert len(read_streets(packed).way) == 300
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(packed.read_bytes()[: packed.stat().st_size // 2])
    with pytest.raises(UnreadableFile) as refused:
        read_streets(half)
    assert refused.value.code == "not_osm"


def test_restrictions_for_others_and_broken_ones_are_left_out(tmp_path: Path) -> None:
    town = Town()
    a, b = town.street([(0, 0), (1, 0)]), town.street([(1, 0), (1, 1)])
    town.turn("no_left_turn", a, town.node(1, 0), b)
    town.turn("no_left_turn", a, town.node(1, 0), b, **{"except": "motorcar;bicycle"})
    town.turn("give_way", a, town.node(1, 0), b)
    town.turn("no_left_turn", a, [], b)
    streets = read_streets(town.write(tmp_path / "town.osm"))
    assert len(streets.turns) == 1
    assert streets.turns_left_out == 1
