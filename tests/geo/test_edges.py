from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.crs import GEOD
from geo.edges import Borders, reach


def polygons(*shapes: Any) -> NDArray[np.object_]:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def brute_force_m(shape: Any, lon: float, lat: float, step: float = 2e-6) -> float:
    """The geodesic distance to a densely sampled border: never too short, and too long by under 0.1 %."""
    dense = shapely.get_coordinates(shapely.segmentize(shape.boundary, step))
    return float(np.min(GEOD.inv(np.full(len(dense), lon), np.full(len(dense), lat), *dense.T)[2]))


@pytest.mark.parametrize(
    "place", [(101.801, 36.5995), (101.7993, 36.6123), (101.815, 36.62), (101.77, 36.60)]
)
def test_distances_are_geodesics_to_the_border(place: tuple[float, float]) -> None:
    shape = shapely.Polygon([(101.80, 36.60), (101.81, 36.603), (101.807, 36.612), (101.801, 36.611)])
    index = Borders.of(polygons(shape))
    expected = brute_force_m(shape, *place)
    _, _, metres = index.within(np.array([place[0]]), np.array([place[1]]), 5000)
    assert metres[0] == pytest.approx(expected, rel=1e-3)
    assert index.nearest(np.array([place[0]]), np.array([place[1]]))[1][0] == pytest.approx(
        expected, rel=1e-3
    )


def test_within_is_sharp() -> None:
    box = shapely.box(101.80, 36.60, 101.81, 36.61)
    index = Borders.of(polygons(box))
    start = np.full(2, 101.80), np.full(2, 36.605)
    lon, lat, _ = GEOD.fwd(*start, np.full(2, 270.0), np.array([4.9999, 5.0005]))
    point, _, metres = index.within(lon, lat, 5)
    assert point.tolist() == [0]
    assert metres[0] == pytest.approx(4.9999, abs=1e-6)


def test_the_nearest_of_many_is_the_one_that_brute_force_finds() -> None:
    rng = np.random.default_rng(5)
    shapes = [
        shapely.Point(x, y).buffer(0.004, 3) for x, y in rng.uniform([101.6, 36.4], [102.0, 36.8], (20, 2))
    ]
    index = Borders.of(polygons(*shapes))
    lon, lat = rng.uniform(101.4, 102.2, 60), rng.uniform(36.2, 37.0, 60)
    position, metres = index.nearest(lon, lat)
    for x, y, where, away in zip(lon, lat, position, metres, strict=True):
        if any(shape.covers(shapely.Point(x, y)) for shape in shapes):
            continue
        by_hand = [brute_force_m(shape, x, y, 5e-5) for shape in shapes]
        assert by_hand[where] <= min(by_hand) * 1.001
        assert away == pytest.approx(min(by_hand), rel=1e-3)


def test_holes_have_borders_too() -> None:
    ring = shapely.box(0, 0, 0.1, 0.1).difference(shapely.box(0.04, 0.04, 0.06, 0.06))
    _, area, metres = Borders.of(polygons(ring)).within(np.array([0.0401]), np.array([0.05]), 20)
    assert area.tolist() == [0]
    assert metres[0] == pytest.approx(11.13, abs=0.01)


def test_nothing_near_is_empty() -> None:
    index = Borders.of(polygons(shapely.box(0, 0, 1, 1)))
    assert [len(part) for part in index.within(np.array([50.0]), np.array([50.0]), 5)] == [0, 0, 0]
    assert [len(part) for part in index.within(np.zeros(0), np.zeros(0), 5)] == [0, 0, 0]


def test_many_points_find_the_nearest_that_few_find() -> None:
    rng = np.random.default_rng(9)
    shapes = [
        shapely.Point(x, y).buffer(r, 5)
        for x, y, r in np.column_stack(
            [rng.uniform([101.6, 36.4], [102.0, 36.8], (60, 2)), rng.uniform(0, 0.02, 60)]
        )
    ]
    shapes.append(shapely.box(99.0, 36.0, 101.0, 37.5))  # long edges beside short ones
    index = Borders.of(polygons(*shapes))
    lon, lat = rng.uniform([99.0, 35.0], [104.0, 38.0], (400, 2)).T
    lon[:5], lat[:5] = [0.0, -100.0, 116.4, 101.8, 179.0], [0.0, 40.0, 39.9, -36.0, 89.0]
    together, together_m = index.nearest(lon, lat)
    parts = [index.nearest(lon[first : first + 50], lat[first : first + 50]) for first in range(0, 400, 50)]
    apart_m = np.concatenate([metres for _, metres in parts])
    assert together_m[5:] == pytest.approx(apart_m[5:], rel=1e-6)
    assert together_m[:5] == pytest.approx(apart_m[:5], rel=1e-2)
    same = together == np.concatenate([position for position, _ in parts])
    assert same[5:].all()


def test_a_borders_own_vertices_are_at_no_distance() -> None:
    shape = shapely.Point(101.8, 36.6).buffer(0.01, 90)
    lon, lat = shapely.get_coordinates(shape).T
    position, metres = Borders.of(polygons(shape)).nearest(lon, lat)
    assert len(lon) > 256
    assert (position == 0).all()
    assert metres.max() < 1e-6


def test_reach_is_never_too_short() -> None:
    lat = np.array([-89.0, -60.0, 0.0, 36.6, 36.7, 80.0])
    for some in (lat, lat[3:5], lat[:1]):
        dx, dy = reach(some, 500.0)
        for away, wide in zip(some, np.broadcast_to(dx, some.shape), strict=True):
            assert GEOD.inv(100.0, away, 100.0 + wide, away)[2] >= 500
            assert GEOD.inv(100.0, away, 100.0, away + dy)[2] >= 500
