"""Every reason why a stop is left out, and that its remedy is true: put in force, the stop is served."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.routing import Break, Lock, Plan, Reason, RouteRequest, Stop, apply_remedy, check_plan, solve
from tests.geo.route_fixtures import HOUR, city, inspector, line, request_of

STEPS = 200


def planned_again(plan: Plan, stop: str) -> Plan:
    """The plan after the stop's remedy is in force, searched on from the plan as it was."""
    remedy = next(left.remedy for left in plan.unserved if left.stop == stop)
    assert remedy is not None
    people, stops = apply_remedy(plan.request.inspectors, plan.request.stops, remedy)
    locked = dict(plan.request.locked)
    if remedy.any_inspector:
        del locked[stop]
    request = plan.request.changed(inspectors=tuple(people), stops=tuple(stops), locked=locked)
    return solve(request, steps=STEPS, start=plan)


def no_skill() -> RouteRequest:
    stops = [Stop("near"), Stop("x", skills=frozenset({"punish"}))]
    return request_of(stops, [inspector()], [(100.0, 0.0), (200.0, 0.0)])


def own_patch() -> RouteRequest:
    stops = [Stop("near", patch="west"), Stop("x", patch="east")]
    people = [inspector(patches=frozenset({"west"}))]
    return request_of(stops, people, [(100.0, 0.0), (200.0, 0.0)], own_patch="only")


def locked() -> RouteRequest:
    return request_of([Stop("x")], [inspector()], [(100.0, 0.0)], locked={"x": Lock("wang", 4)})


def unreachable() -> RouteRequest:
    request = line(3)
    stops = (*request.stops[:2], replace(request.stops[2], id="x"))
    cut = request.durations_s.copy()
    cut[2, :] = cut[:, 2] = np.inf
    return request.changed(stops=stops, durations_s=cut, distance_m=cut)


def closed_when_they_come() -> RouteRequest:
    return request_of([Stop("x", windows=((6 * HOUR, 7 * HOUR),))], [inspector()], [(1000.0, 0.0)])


def open_late() -> RouteRequest:
    return request_of(
        [Stop("x", service_s=900, windows=((18 * HOUR, 20 * HOUR),))], [inspector()], [(1000.0, 0.0)]
    )


def deadline_over() -> RouteRequest:
    return request_of(
        [Stop("x", deadline_s=HOUR)], [inspector(shift=(8 * HOUR, 17 * HOUR))], [(20_000.0, 0.0)]
    )


def other_day() -> RouteRequest:
    return request_of([Stop("x", day=3)], [inspector()], [(1000.0, 0.0)])


def too_far() -> RouteRequest:
    return request_of([Stop("x")], [inspector(max_distance_m=1000.0)], [(900.0, 0.0)])


def too_far_with_others() -> RouteRequest:
    stops = [Stop("a", must_see=True), Stop("x")]
    return request_of(stops, [inspector(max_distance_m=2000.0)], [(900.0, 0.0), (0.0, 400.0)])


def no_time() -> RouteRequest:
    stops = [Stop("a", service_s=2 * HOUR, must_see=True), Stop("x", service_s=HOUR)]
    return request_of(stops, [inspector(shift=(8 * HOUR, 10.75 * HOUR))], [(100.0, 0.0), (200.0, 0.0)])


def no_time_for_lunch() -> RouteRequest:
    stops = [Stop("a", service_s=4.2 * HOUR, must_see=True), Stop("x", service_s=HOUR)]
    lunch = Break(12 * HOUR, 13 * HOUR, HOUR)
    return request_of(
        stops, [inspector(shift=(8 * HOUR, 13.5 * HOUR), breaks=(lunch,))], [(100.0, 0.0), (200.0, 0.0)]
    )


CASES = [
    (Reason.NO_SKILL, no_skill),
    (Reason.OWN_PATCH, own_patch),
    (Reason.LOCKED, locked),
    (Reason.UNREACHABLE, unreachable),
    (Reason.OUTSIDE_HOURS, closed_when_they_come),
    (Reason.OUTSIDE_HOURS, open_late),
    (Reason.OUTSIDE_HOURS, deadline_over),
    (Reason.OUTSIDE_HOURS, other_day),
    (Reason.TOO_FAR, too_far),
    (Reason.NO_TIME, too_far_with_others),
    (Reason.NO_TIME, no_time),
    (Reason.NO_TIME, no_time_for_lunch),
]


@pytest.mark.parametrize(("reason", "made"), CASES, ids=[made.__name__ for _, made in CASES])
def test_the_reason_is_named_and_its_remedy_is_true(reason: Reason, made: Callable[[], RouteRequest]) -> None:
    plan = solve(made(), steps=STEPS)
    assert [(left.stop, left.reason) for left in plan.unserved] == [("x", reason)]
    again = planned_again(plan, "x")
    assert "x" in again.served
    assert set(plan.served) <= set(again.served)
    assert check_plan(again) == []


def test_the_minutes_are_exact() -> None:
    """Three hours at stops and 400 m of way from eight: 11:06:40, where the shift ends at 10:45."""
    plan = solve(no_time(), steps=STEPS)
    (left,) = plan.unserved
    assert left.remedy is not None
    assert left.remedy.later_s == 3 * HOUR + 400 - 2.75 * HOUR
    assert left.remedy.minutes == 22
    people, _ = apply_remedy(plan.request.inspectors, plan.request.stops, left.remedy)
    short = replace(people[0], shift=(people[0].shift[0], people[0].shift[1] - 1))
    assert "x" not in solve(plan.request.changed(inspectors=(short,)), steps=STEPS, start=plan).served


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000))
def test_remedies_of_a_full_day_are_true(seed: int) -> None:
    plan = solve(city(60, 2, seed), steps=STEPS, seed=seed)
    for left in plan.unserved[:4]:
        if left.remedy is not None:
            again = planned_again(plan, left.stop)
            assert left.stop in again.served
            assert check_plan(again) == []


def test_what_has_no_remedy_says_so() -> None:
    stops = [Stop("x", service_s=20 * HOUR)]
    (left,) = solve(request_of(stops, [inspector()], [(100.0, 0.0)]), steps=STEPS).unserved
    assert (left.reason, left.remedy) == (Reason.OUTSIDE_HOURS, None)
