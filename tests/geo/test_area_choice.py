import numpy as np
import pytest
import shapely

from geo.area_choice import CELLS, MAX_BYTES, Costs, chosen
from geo.assignment import AreaIndex

BOUNDS = np.array([[101.5, 36.5, 102.0, 37.0]])
CITY = Costs(edges=1_000_000, reach=330.0, stacked=1.7)
COUNTRY = Costs(edges=200_000_000, reach=9_000.0, stacked=1.7)


def test_few_points_ask_the_tree_and_many_a_finer_grid() -> None:
    sizes = [chosen(CITY, BOUNDS, 0, points) for points in (10, 10_000, 400_000, 5_000_000, 100_000_000)]
    assert sizes[:2] == [0, 0]
    assert sizes == sorted(sizes)
    assert 0 < sizes[2] < sizes[4]


def test_of_very_many_areas_no_grid_is_slow() -> None:
    fifty_thousand = Costs(edges=10_700_000, reach=1_240.0, stacked=1.5)
    for points in (300_000, 1_000_000, 2_000_000):
        cells = chosen(fifty_thousand, BOUNDS, 0, points)
        assert cells == 0 or fifty_thousand.point_ns(cells) <= 90


def test_a_grid_is_never_made_coarser() -> None:
    for cells in CELLS:
        assert chosen(CITY, BOUNDS, cells, 10) == cells


def test_no_grid_takes_more_than_its_bound() -> None:
    cells = chosen(COUNTRY, BOUNDS, 0, 10**12)
    assert cells == 0 or COUNTRY.table_bytes(cells) <= MAX_BYTES


def test_areas_too_small_for_a_float_have_no_grid() -> None:
    speck = np.array([[101.5, 36.5, 101.5 + 1e-12, 36.5 + 1e-12]])
    assert chosen(CITY, speck, 0, 10**9) == 0


def test_costs_are_those_of_the_shapes() -> None:
    boxes = [shapely.box(x, y, x + 1, y + 1) for x in range(10) for y in range(10)]
    costs = Costs.of(np.array(boxes, dtype=object))
    assert costs.edges == 500
    assert costs.stacked == pytest.approx(1.0)
    assert costs.reach == pytest.approx(40 * 1.27)


def test_an_index_changes_to_a_grid_as_points_come(west: shapely.Polygon, east: shapely.Polygon) -> None:
    index = AreaIndex.build([west, east])
    lon, lat = np.random.default_rng(1).uniform([101.78, 36.59], [101.82, 36.62], (20_000, 2)).T
    first = index.locate(lon[:100], lat[:100])
    assert index.nbytes == 0
    for _ in range(20):
        answers = index.locate(lon, lat)
    assert index.nbytes > 0
    assert answers[:100].tolist() == first.tolist()
