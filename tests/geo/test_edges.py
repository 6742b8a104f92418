from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.crs import GEOD
from geo.edges import Borders


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
