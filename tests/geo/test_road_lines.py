from typing import Any

import numpy as np
import pytest
from shapely.geometry import LineString

from geo.crs import GEOD
from geo.road_lines import streets_of_lines
from geo.roads import RoadNetwork, network_of


def network(*lines: Any, tags: Any = None) -> RoadNetwork:
    return network_of(
        streets_of_lines(
            [LineString(line) for line in lines], tags or [{"highway": "residential"}] * len(lines)
        )
    )


def test_lines_that_cross_are_joined_there() -> None:
    cross = network([(101.75, 36.60), (101.77, 36.60)], [(101.76, 36.59), (101.76, 36.61)])
    assert len(cross.node_lon) == 5
    assert len(cross.start) == 4
    matrix = cross.matrix([101.75, 101.76], [36.60, 36.61], "foot")
    east, north = GEOD.inv(101.75, 36.6, 101.76, 36.6)[2], GEOD.inv(101.76, 36.6, 101.76, 36.61)[2]
    assert matrix.distance_m[0, 1] == pytest.approx(east + north, rel=1e-5)


def test_an_end_on_another_line_is_a_junction() -> None:
    tee = network([(101.75, 36.60), (101.7733333, 36.6011111)], [(101.76, 36.6004762), (101.76, 36.61)])
    assert np.isfinite(tee.matrix([101.75, 101.76], [36.60, 36.61], "car").duration_s).all()


def test_lines_that_do_not_meet_are_not_joined() -> None:
    apart = network([(101.75, 36.60), (101.77, 36.60)], [(101.75, 36.61), (101.77, 36.61)])
    assert np.isinf(apart.matrix([101.75, 101.75], [36.60, 36.61], "foot", farthest_m=50).duration_s).any()


def test_names_and_ways_are_kept() -> None:
    named = network([(101.75, 36.60), (101.77, 36.60)], tags=[{"highway": "primary", "name": "东关大街"}])
    assert named.names == ("", "东关大街")
    assert named.way.tolist() == [1]
