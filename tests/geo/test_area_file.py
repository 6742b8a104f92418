from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.assignment import AreaIndex, BadArea, StaleIndex

Floats = NDArray[np.float64]


@pytest.fixture
def areas() -> list[shapely.Polygon]:
    """Blocks of houses, one of which lies over the others."""
    blocks = [shapely.box(101 + i, 36 + j, 102 + i, 37 + j) for i in range(4) for j in range(4)]
    return [*blocks, shapely.Point(103, 38).buffer(1.3)]


@pytest.fixture
def xy() -> Floats:
    rng = np.random.default_rng(1)
    return np.vstack(
        [rng.uniform([100.5, 35.5], [105.5, 40.5], (500, 2)), [[102, 37], [103, 38], [np.nan, 0]]]
    )


@pytest.fixture
def saved(areas: list[shapely.Polygon], tmp_path: Path) -> Path:
    path = tmp_path / "areas.index"
    AreaIndex.build(areas, rank=[1] * 16 + [0]).save(path)
    return path


def test_a_loaded_index_answers_like_the_saved_one(
    areas: list[shapely.Polygon], xy: Floats, saved: Path
) -> None:
    rank = [1] * 16 + [0]
    loaded, built = AreaIndex.load(saved, areas, rank), AreaIndex.build(areas, rank)
    assert loaded.nbytes > 0
    assert loaded.locate(*xy.T).tolist() == built.locate(*xy.T).tolist()
    one, other = loaded.describe(*xy.T), built.describe(*xy.T)
    assert one.kind.tolist() == other.kind.tolist()
    assert one.candidate_area.tolist() == other.candidate_area.tolist()


def test_a_loaded_index_can_be_redrawn_and_saved_again(
    areas: list[shapely.Polygon], xy: Floats, saved: Path
) -> None:
    rank = [1] * 16 + [0]
    redrawn = AreaIndex.load(saved, areas, rank).replace(0, shapely.box(101, 36, 101.5, 37))
    redrawn.save(saved)
    after = [shapely.box(101, 36, 101.5, 37), *areas[1:]]
    expected = AreaIndex.build(after, rank).locate(*xy.T).tolist()
    assert redrawn.locate(*xy.T).tolist() == expected
    assert AreaIndex.load(saved, after, rank).locate(*xy.T).tolist() == expected
    with pytest.raises(StaleIndex):
        AreaIndex.load(saved, areas, rank)


@pytest.mark.parametrize("change", ["shape", "order", "fewer", "rank", "no rank"])
def test_an_index_of_other_areas_is_stale(areas: list[shapely.Polygon], saved: Path, change: str) -> None:
    rank: list[int] | None = [1] * 16 + [0]
    if change == "shape":
        areas[3] = shapely.transform(areas[3], lambda xy: np.nextafter(xy, 200))
    elif change == "order":
        areas[0], areas[1] = areas[1], areas[0]
    elif change == "fewer":
        areas, rank = areas[:-1], [1] * 16
    elif change == "rank":
        rank = [1] * 15 + [0, 1]
    else:
        rank = None
    with pytest.raises(StaleIndex, match="other areas"):
        AreaIndex.load(saved, areas, rank)


def test_damage_anywhere_is_noticed(areas: list[shapely.Polygon], saved: Path) -> None:
    whole, rng = saved.read_bytes(), np.random.default_rng(3)
    places = [*range(0, 120, 7), *rng.integers(0, len(whole), 60).tolist()]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        saved.write_bytes(damaged)
        with pytest.raises(StaleIndex):
            AreaIndex.load(saved, areas, [1] * 16 + [0])
    for length in (0, 5, 40, 60, len(whole) // 2, len(whole) - 1):
        saved.write_bytes(whole[:length])
        with pytest.raises(StaleIndex):
            AreaIndex.load(saved, areas, [1] * 16 + [0])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"code,name\n1,a\n", b"\x80\x04\x95 a pickle"])
def test_a_foreign_file_is_no_index(areas: list[shapely.Polygon], tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign"
    path.write_bytes(content)
    with pytest.raises(StaleIndex):
        AreaIndex.load(path, areas)


def test_a_missing_file_and_a_folder_are_no_index(areas: list[shapely.Polygon], tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(StaleIndex):
            AreaIndex.load(path, areas)
    assert issubclass(StaleIndex, ValueError)


def test_bad_areas_are_bad_areas_on_loading_too(saved: Path) -> None:
    with pytest.raises(BadArea, match="area 0"):
        AreaIndex.load(saved, [shapely.Point(1, 1)])


def test_a_save_that_fails_leaves_the_old_file(
    areas: list[shapely.Polygon], saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def full(_: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="full"):
        AreaIndex.build(areas[:3]).save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_no_areas_and_areas_without_a_grid_can_be_saved(tmp_path: Path) -> None:
    path = tmp_path / "none"
    AreaIndex.build([]).save(path)
    assert AreaIndex.load(path, []).locate([1.0], [1.0]).tolist() == [-1]
    dot = [shapely.box(101, 36, 101 + 1e-13, 36 + 1e-13)]
    AreaIndex.build(dot).save(path)
    assert AreaIndex.load(path, dot).locate([101.0], [36.0]).tolist() == [0]


def test_heights_do_not_make_an_index_stale(areas: list[shapely.Polygon], saved: Path) -> None:
    high = [shapely.force_3d(area, 2200.0) for area in areas]
    assert AreaIndex.load(saved, high, [1] * 16 + [0]).locate([101.5], [36.5]).tolist() == [0]
