"""What no plan can be made from is refused by name, before any search."""

from typing import Any

import numpy as np
import pytest

from geo.route_input import MAX_STOPS
from geo.routing import BadRouteInput, Break, Lock, RouteRequest, Stop, places, solve
from tests.geo.route_fixtures import HOUR, inspector, line, request_of

NAN = float("nan")


def one(**stop: Any) -> RouteRequest:
    return request_of([Stop("s", **stop)], [inspector()], [(100.0, 0.0)])


def led_by(**person: Any) -> RouteRequest:
    return request_of([Stop("s")], [inspector(**person)], [(100.0, 0.0)])


def changed(**changes: Any) -> RouteRequest:
    return line(2).changed(**changes)


def broken_matrix(value: float) -> RouteRequest:
    request = line(2)
    request.durations_s[0, 1] = value
    return request


BAD = [
    (one(windows=((10 * HOUR, 9 * HOUR),)), "stop s"),
    (one(windows=((-1.0, 9 * HOUR),)), "stop s"),
    (one(windows=((NAN, 9 * HOUR),)), "stop s"),
    (one(service_s=-1.0), "stop s"),
    (one(service_s=NAN), "stop s"),
    (one(lon=NAN), "stop s"),
    (one(priority=10), "stop s"),
    (one(deadline_s=NAN), "stop s"),
    (one(reached_from="nowhere"), "reached_from"),
    (led_by(shift=(9 * HOUR, 9 * HOUR)), "inspector wang"),
    (led_by(shift=(NAN, 9 * HOUR)), "inspector wang"),
    (led_by(shift=(9 * HOUR, 30 * HOUR)), "inspector wang"),
    (led_by(days=()), "inspector wang"),
    (led_by(days=(1, 1)), "inspector wang"),
    (led_by(breaks=(Break(13 * HOUR, 12 * HOUR, 60),)), "inspector wang"),
    (led_by(max_distance_m=-1.0), "inspector wang"),
    (led_by(max_distance_m=NAN), "inspector wang"),
    (changed(inspectors=()), "inspectors"),
    (changed(stops=(Stop("s"), Stop("s"))), "stops"),
    (changed(balance=1.5), "balance"),
    (changed(balance=NAN), "balance"),
    (changed(own_patch="perhaps"), "own_patch"),
    (changed(locked={"nowhere": Lock("wang")}), "locked"),
    (changed(durations_s=np.zeros((3, 3))), "durations_s"),
    (broken_matrix(NAN), "durations_s"),
    (broken_matrix(-1.0), "durations_s"),
]


@pytest.mark.parametrize(("request_", "field"), BAD, ids=[f"{k}-{field}" for k, (_, field) in enumerate(BAD)])
def test_bad_input_is_named(request_: RouteRequest, field: str) -> None:
    with pytest.raises(BadRouteInput) as told:
        solve(request_, steps=10)
    assert told.value.field == field
    assert field in str(told.value)


def test_a_limit_in_metres_needs_metres() -> None:
    with pytest.raises(BadRouteInput, match="distance_m"):
        solve(led_by(max_distance_m=5000.0).changed(distance_m=None), steps=10)


def test_too_many_stops_are_refused_before_anything_is_computed() -> None:
    stops = tuple(Stop(str(k)) for k in range(MAX_STOPS + 1))
    with pytest.raises(BadRouteInput, match="5001 stops; a plan takes 5000"):
        solve(RouteRequest(stops, (inspector(),), np.zeros((1, 1))), steps=10)


def test_an_order_that_cannot_be_kept_is_refused() -> None:
    request = line(3).changed(locked={"s0": Lock("wang", 0, 0.0)})
    stops = (Stop("s0", windows=((8 * HOUR, 8.05 * HOUR),)), *request.stops[1:])
    with pytest.raises(BadRouteInput, match="locked"):
        solve(request.changed(stops=stops), steps=10)


def test_no_stops_is_an_empty_plan() -> None:
    plan = solve(request_of([], [inspector()], []), steps=10)
    assert [route.visits for route in plan.routes] == [()]


def test_rows_of_the_matrix_are_stops_then_starts_and_ends() -> None:
    people = [inspector("a", start=(1.0, 2.0), end=None), inspector("b", start=None, end=(3.0, 4.0))]
    assert places([Stop("s", 5.0, 6.0)], people) == [
        (5.0, 6.0),
        (1.0, 2.0),
        (1.0, 2.0),
        (3.0, 4.0),
        (3.0, 4.0),
    ]
