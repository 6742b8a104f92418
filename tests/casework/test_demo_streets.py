"""Places along the demo's streets: where they lie and what they are called."""

import math
from functools import cache

import numpy as np
import pytest
from shapely.geometry import LineString, Point, shape

from casework.demo_seeds import Seeds, seed_json
from casework.demo_streets import (
    METRES_PER_DEG_LAT,
    METRES_PER_DEG_LON,
    Streets,
    border_spots,
    load_streets,
    offset,
    on_street,
)


@cache
def seeds() -> Seeds:
    features = [f for f in seed_json("areas.geojson")["features"] if f["properties"]["level"] == "patch"]
    patches = {f["properties"]["code"]: shape(f["geometry"]) for f in features}
    return Seeds({}, {}, {}, {}, patches, {})


@cache
def streets() -> Streets:
    return load_streets(seed_json("backdrop.geojson")["features"], seeds())


def test_points_have_unit_directions_and_weights_that_sum_to_one() -> None:
    assert np.allclose(np.hypot(streets().dx, streets().dy), 1)
    assert math.isclose(streets().weight.sum(), 1)
    assert (streets().weight >= 0).all()


def test_offset_to_the_right_of_north_is_east() -> None:
    lon, lat = offset(101.8, 36.6, 0.0, 1.0, 100.0, 20.0)
    assert (lon - 101.8) * METRES_PER_DEG_LON == pytest.approx(20, abs=0.02)
    assert (lat - 36.6) * METRES_PER_DEG_LAT == pytest.approx(100, abs=0.02)


@pytest.mark.parametrize("number", [3, 12, 21, 30])
def test_a_house_number_is_found_on_its_side_of_the_lane(number: int) -> None:
    spot = on_street(streets(), {"street": "树林巷", "number": number, "offset_m": 13})
    assert spot.place == f"树林巷 {number} 号"
    assert seeds().patches["630102003009"].contains(Point(spot.lon, spot.lat))


def test_near_a_place_on_any_street() -> None:
    spot = on_street(streets(), {"street": None, "near": [101.8118, 36.6206], "offset_m": 12})
    assert (
        math.hypot((spot.lon - 101.8118) * METRES_PER_DEG_LON, (spot.lat - 36.6206) * METRES_PER_DEG_LAT) < 60
    )


def test_a_place_given_by_coordinates_stays() -> None:
    spot = on_street(streets(), {"lon": 101.46333, "lat": 36.38333})
    assert (spot.lon, spot.lat) == (101.46333, 36.38333)


def test_border_spots_lie_on_and_just_beside_borders() -> None:
    spots = [Point(s.lon, s.lat) for s in border_spots(seeds(), streets(), 5.0)]
    lines = [LineString(p.boundary) for p in seeds().patches.values()]  # type: ignore[arg-type]
    gaps = [min(line.distance(spot) for line in lines) * METRES_PER_DEG_LAT for spot in spots]
    assert sum(gap == 0 for gap in gaps) >= 3
    assert sum(0.5 < gap < 5 for gap in gaps) >= 3
    assert all(gap < 40 for gap in gaps)
