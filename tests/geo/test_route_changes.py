"""Changes by hand and by what the day brings: at once, and nothing moves that need not."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.routing import (
    BadRouteInput,
    CannotPlace,
    Lock,
    Plan,
    Reason,
    Stop,
    check_plan,
    difference,
    insert,
    lock_round,
    move,
    remove,
    retimed,
    solve,
    standing_at,
    without_inspector,
)
from tests.geo.route_fixtures import HOUR, city, inspector, line, request_of

STEPS = 200


@pytest.fixture
def plan() -> Plan:
    people = [inspector("wang"), inspector("li")]
    places = [(float(300 * (k + 1)), 0.0) for k in range(6)]
    return solve(request_of([Stop(f"s{k}", service_s=600) for k in range(6)], people, places), steps=STEPS)


def with_new(plan: Plan, stop: Stop, east_m: float) -> Plan:
    """The plan under a request that has one stop more, `east_m` along the line, not served yet."""
    count = len(plan.request.stops)
    at = np.insert(np.concatenate([300.0 * np.arange(1, count + 1), np.zeros(4)]), count, east_m)
    durations = np.abs(at[:, None] - at[None, :])
    return retimed(plan, plan.request.with_stop(stop, durations, durations))


def test_a_new_stop_goes_in_where_it_costs_least(plan: Plan) -> None:
    before = with_new(plan, Stop("new", service_s=300), 750.0)
    after = insert(before, "new")
    assert check_plan(after) == []
    change = difference(before, after)
    assert change.added == ("new",)
    assert change.moved == 0
    assert change.travel_s == pytest.approx(0)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000))
def test_inserting_never_breaks_a_window(seed: int) -> None:
    plan = solve(city(40, 3, seed), steps=STEPS, seed=seed)
    for stop in list(plan.served)[::7]:
        without = remove(plan, stop)
        assert check_plan(without) == []
        again = insert(without, stop)
        assert check_plan(again) == []
        assert again.travel_s <= plan.travel_s + 1


def test_what_does_not_fit_says_why_and_what_would_help(plan: Plan) -> None:
    before = with_new(plan, Stop("new", service_s=9 * HOUR), 750.0)
    with pytest.raises(CannotPlace) as told:
        insert(before, "new")
    assert told.value.reason is Reason.OUTSIDE_HOURS
    assert told.value.remedy is not None
    assert told.value.remedy.later_s > 0


def test_a_stop_is_dragged_to_another_inspector(plan: Plan) -> None:
    stop = plan.routes[0].stops[0] if plan.routes[0].stops else plan.routes[1].stops[0]
    other = "li" if plan.served[stop][0] == "wang" else "wang"
    after = move(plan, stop, other, 0)
    assert after.served[stop][:2] == (other, 0)
    assert after.served[stop][2] == 0
    assert check_plan(after) == []
    assert difference(plan, after).handed_over == (stop,)


def test_a_stop_is_dragged_within_its_round() -> None:
    plan = solve(line(5), steps=STEPS)
    first = plan.routes[0].stops[0]
    after = move(plan, first, "wang", 4)
    assert after.routes[0].stops == (*plan.routes[0].stops[1:], first)
    assert difference(plan, after).reordered == (first,)
    assert check_plan(after) == []


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (Stop("x", windows=((8 * HOUR, 8.1 * HOUR),)), Reason.NO_TIME),
        (Stop("x", skills=frozenset({"punish"})), Reason.NO_SKILL),
        (Stop("x", patch="east"), Reason.OWN_PATCH),
        (Stop("x", day=2), Reason.NO_TIME),
    ],
)
def test_a_drag_that_breaks_a_condition_is_refused(stop: Stop, reason: Reason) -> None:
    request = request_of([Stop("a", service_s=HOUR), stop], [inspector()], [(900.0, 0.0), (1800.0, 0.0)])
    plan = solve(request.changed(own_patch="only"), steps=STEPS)
    assert "a" in plan.served
    with pytest.raises(CannotPlace) as told:
        move(plan, "x", "wang", 1)
    assert told.value.reason is reason


def test_what_is_agreed_is_not_dragged_away(plan: Plan) -> None:
    stop = next(iter(plan.served))
    agreed = lock_round(plan, [stop], order=True)
    assert agreed.request.locked[stop] == Lock(*plan.served[stop][:2], float(plan.served[stop][2]))
    with pytest.raises(CannotPlace):
        move(agreed, stop, "li" if plan.served[stop][0] == "wang" else "wang", 0)
    with pytest.raises(CannotPlace):
        remove(agreed, stop)


def test_a_skipped_stop_leaves_the_others_in_order() -> None:
    plan = solve(line(5), steps=STEPS)
    after = remove(plan, "s2")
    assert [stop for stop in plan.routes[0].stops if stop != "s2"] == list(after.routes[0].stops)
    assert [left.stop for left in after.unserved] == ["s2"]
    assert after.routes[0].end_s < plan.routes[0].end_s
    assert check_plan(after) == []


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000))
def test_who_falls_ill_is_stood_in_for_and_nobody_elses_round_is_turned_over(seed: int) -> None:
    plan = solve(city(24, 3, seed), steps=STEPS, seed=seed)
    after = without_inspector(plan, "i0")
    assert check_plan(after) == []
    assert not any(route.visits for route in after.routes if route.inspector == "i0")
    change = difference(plan, after)
    assert change.reordered == ()
    assert set(change.handed_over) | set(change.dropped) == set(plan.order()[("i0", 0)])
    again = solve(after.request, steps=STEPS, start=after)
    assert not any(route.visits for route in again.routes if route.inspector == "i0")


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000), st.integers(9, 15))
def test_during_the_day_what_is_made_stays(seed: int, hour: int) -> None:
    plan = solve(city(40, 2, seed), steps=STEPS, seed=seed)
    now = standing_at(plan, hour * HOUR)
    assert check_plan(now) == []
    assert now.order() == plan.order()
    later = solve(now.request, steps=STEPS, seed=seed + 1, start=now)
    assert check_plan(later) == []
    for route, before in zip(later.routes, plan.routes, strict=True):
        made = [visit for visit in before.visits if visit.start_s <= hour * HOUR]
        assert list(route.visits[: len(made)]) == made
        assert all(visit.start_s >= hour * HOUR for visit in route.visits[len(made) :])


def test_the_difference_counts_what_people_are_told() -> None:
    plan = solve(line(5), steps=STEPS)
    later = move(plan, plan.routes[0].stops[4], "wang", 0)
    change = difference(plan, later)
    assert change.reordered == (plan.routes[0].stops[4],)
    assert set(change.retimed) <= set(plan.routes[0].stops[:4])
    assert difference(plan, plan).moved == 0


def test_changes_name_what_is_not_there(plan: Plan) -> None:
    changes: list[Callable[[], object]] = [
        lambda: insert(plan, "nowhere"),
        lambda: move(plan, "nowhere", "wang", 0),
        lambda: move(plan, "s0", "nobody", 0),
        lambda: remove(plan, "nowhere"),
        lambda: without_inspector(plan, "nobody"),
        lambda: lock_round(plan, ["nowhere"]),
    ]
    for change in changes:
        with pytest.raises(BadRouteInput):
            change()
