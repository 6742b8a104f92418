"""Hot spots: the formula against numbers worked out by hand, and what must hold for any counts."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geo.hotspots import LEAST, SIZES_M, cell_size_m, gi_star, hot_spots

# 0.09 x 0.072 degrees at 36.6 N: 8 km by 8 km
CITY = shapely.box(101.75, 36.56, 101.84, 36.632)
RNG = np.random.default_rng(630102)


def test_the_formula_by_hand() -> None:
    """Three by three fields, all points in one corner: x = 9, n = 9, mean 1, S^2 = 81/9 - 1 = 8."""
    counts = np.zeros((3, 3), dtype=int)
    counts[0, 0] = 9
    z, around, weights = gi_star(counts, np.ones((3, 3), dtype=bool))
    # corner: four fields, (9 - 4) / (sqrt 8 * sqrt((9*4 - 16) / 8)) = 5 / sqrt 20
    assert z[0, 0] == pytest.approx(5 / math.sqrt(20))
    # edge beside it: six fields, (9 - 6) / sqrt((54 - 36)) ; far corner: (0 - 4) / sqrt 20
    assert z[0, 1] == pytest.approx(3 / math.sqrt(18))
    assert z[2, 2] == pytest.approx(-4 / math.sqrt(20))
    assert z[1, 1] == 0  # all nine fields: nothing to compare with
    assert around.tolist() == [[9, 9, 0], [9, 9, 0], [0, 0, 0]]
    assert weights.tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]


def test_fields_outside_the_city_do_not_count() -> None:
    ground = np.ones((3, 4), dtype=bool)
    ground[:, 3] = False
    counts = np.zeros((3, 4), dtype=int)
    counts[0, 0] = 9
    z, _around, weights = gi_star(counts, ground)
    alone, _a, _w = gi_star(counts[:, :3], ground[:, :3])
    assert z[:, :3].tolist() == alone.tolist()
    assert not z[:, 3].any()
    assert weights[0, 2] == 4


@given(arrays(np.int64, (6, 7), elements=st.integers(0, 30)), st.integers(2, 9))
def test_scores_do_not_depend_on_the_unit_and_balance_out(counts: np.ndarray, times: int) -> None:
    ground = np.ones(counts.shape, dtype=bool)
    z, around, weights = gi_star(counts, ground)
    assert np.allclose(gi_star(counts * times, ground)[0], z)
    assert np.allclose(gi_star(counts[::-1].copy(), ground)[0], z[::-1])
    assert np.isfinite(z).all()
    # a field that has more around it than its share is above zero, and the other way round
    share = counts.mean() * weights
    assert ((z > 1e-9) <= (around > share)).all()
    assert ((z < -1e-9) <= (around < share)).all()


def test_a_planted_heap_is_found_where_it_is_and_chance_is_not() -> None:
    west, south, east, north = CITY.bounds
    lon, lat = RNG.uniform(west, east, 2000), RNG.uniform(south, north, 2000)
    assert len(hot_spots(lon, lat, CITY).cells) <= 3  # one field in a hundred may be false
    heap = (np.full(60, 101.80) + RNG.normal(0, 0.0008, 60), np.full(60, 36.60) + RNG.normal(0, 0.0008, 60))
    found = hot_spots(np.concatenate([lon, heap[0]]), np.concatenate([lat, heap[1]]), CITY)
    top = max(found.cells, key=lambda cell: cell.z)
    assert top.level == 2
    assert top.west - 0.004 <= 101.80 <= top.east + 0.004
    assert top.south - 0.004 <= 36.60 <= top.north + 0.004
    assert top.around > 3 * top.expected


def test_two_heaps_have_a_peak_each() -> None:
    west, south, east, north = CITY.bounds
    lon, lat = RNG.uniform(west, east, 1000), RNG.uniform(south, north, 1000)
    heaps = ((101.77, 36.58), (101.82, 36.61))
    lon = np.concatenate([lon, *(np.full(40, x) for x, _y in heaps)])
    lat = np.concatenate([lat, *(np.full(40, y) for _x, y in heaps)])
    found = hot_spots(lon, lat, CITY)
    peaks = sorted((cell for cell in found.cells if cell.is_peak), key=lambda cell: -cell.z)[:2]
    for x, y in heaps:
        assert any(
            abs((p.west + p.east) / 2 - x) < 0.004 and abs((p.south + p.north) / 2 - y) < 0.004 for p in peaks
        )


def test_too_few_points_say_nothing() -> None:
    lon, lat = np.full(LEAST - 1, 101.80), np.full(LEAST - 1, 36.60)
    few = hot_spots(lon, lat, CITY)
    assert (few.enough, few.cells, few.points) == (False, [], LEAST - 1)
    assert hot_spots(np.zeros(0), np.zeros(0), CITY).enough is False


def test_where_nobody_ever_looks_is_no_measure() -> None:
    """A town in one quarter of the city: against the woods all of it is hot, against itself only the heap."""
    lon, lat = RNG.uniform(101.75, 101.795, 800), RNG.uniform(36.56, 36.596, 800)
    heap = np.full(25, 101.77), np.full(25, 36.58)
    all_lon, all_lat = np.concatenate([lon, heap[0]]), np.concatenate([lat, heap[1]])
    whole = hot_spots(all_lon, all_lat, CITY, 300)
    town = hot_spots(all_lon, all_lat, CITY, 300, known=(all_lon, all_lat))
    assert len(town.cells) < len(whole.cells) / 3
    assert any(cell.west <= 101.77 <= cell.east and cell.south <= 36.58 <= cell.north for cell in town.cells)


def test_all_at_one_place_and_far_away_points() -> None:
    lon, lat = np.full(500, 101.80), np.full(500, 36.60)
    found = hot_spots(lon, lat, CITY)
    assert sum(cell.is_peak for cell in found.cells) == 1
    assert sum(cell.count for cell in found.cells) == 500
    away = hot_spots(np.append(lon, [0.0, 181.0]), np.append(lat, [0.0, -91.0]), CITY)
    assert away.points == 500


def test_fields_have_round_sizes_and_are_never_too_many() -> None:
    assert cell_size_m(64e6, 2000) == 100  # sqrt(2 * 64e6 / 2000) / 3 = 84
    assert cell_size_m(64e6, 200) == 300  # 267
    assert cell_size_m(64e6, 10**9) == SIZES_M[0]
    for area in (1e4, 64e6, 1e12, 5e14):
        size = cell_size_m(area, 10**6)
        assert area / size**2 <= 40_000 + 1
