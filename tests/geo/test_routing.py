"""Plans as a supervisor asks for them: what is asked is kept, what can be served is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.routing import (
    Break,
    Inspector,
    Lock,
    Plan,
    Progress,
    Reason,
    Stop,
    check_plan,
    plan_routes,
    reoptimise,
    solve,
)
from tests.geo.route_fixtures import HOUR, city, inspector, line, request_of

STEPS = 300


def test_a_line_of_stops_is_walked_there_and_back() -> None:
    plan = solve(line(6), steps=STEPS)
    assert not plan.unserved
    assert plan.travel_s == pytest.approx(2 * 6 * 600)
    assert plan.routes[0].end_s - plan.routes[0].depart_s == pytest.approx(2 * 6 * 600 + 6 * 600)


@settings(deadline=None, max_examples=15)
@given(
    st.integers(1, 25),
    st.integers(1, 4),
    st.integers(0, 10_000),
    st.sampled_from(["no", "preferred", "only"]),
)
def test_the_checker_accepts_every_plan(stops: int, people: int, seed: int, own_patch: str) -> None:
    request = city(stops, people, seed, days=(0, 1) if seed % 3 == 0 else (0,)).changed(own_patch=own_patch)
    plan = solve(request, steps=STEPS, seed=seed)
    assert check_plan(plan, request) == []
    # What would still fit is not left out.
    assert not [left for left in plan.unserved if left.reason is Reason.NOT_TRIED]


def test_the_same_seed_and_steps_give_the_same_plan() -> None:
    one, other = (solve(city(40, 2), steps=STEPS, seed=5) for _ in range(2))
    assert one.order() == other.order()


def test_several_windows_the_second_is_used_when_the_first_is_over() -> None:
    far = Stop("far", service_s=600, windows=((8 * HOUR, 8.1 * HOUR), (15 * HOUR, 16 * HOUR)))
    request = request_of([far], [inspector()], [(3000.0, 0.0)])
    visit = solve(request, steps=STEPS).routes[0].visits[0]
    assert visit.start_s == 15 * HOUR


def test_lunch_is_taken_between_visits_and_within_its_hours() -> None:
    request = line(12, 900.0, 1200.0)
    lunch = Break(12 * HOUR, 12.5 * HOUR, 3600)
    plan = solve(request.changed(inspectors=(inspector(breaks=(lunch,)),)), steps=STEPS)
    (rest,) = plan.routes[0].rests
    assert 12 * HOUR <= rest.start_s <= 12.5 * HOUR
    assert rest.end_s - rest.start_s == 3600
    assert all(
        visit.leave_s <= rest.start_s or visit.start_s >= rest.end_s for visit in plan.routes[0].visits
    )


def test_who_is_back_before_lunch_needs_none() -> None:
    lunch = Break(12 * HOUR, 12.5 * HOUR, 3600)
    plan = solve(line(2).changed(inspectors=(inspector(breaks=(lunch,)),)), steps=STEPS)
    assert plan.routes[0].rests == ()
    assert plan.routes[0].end_s < 12 * HOUR


def test_skills_decide_who_goes() -> None:
    stops = [Stop("plain"), Stop("fine", skills=frozenset({"punish"}))]
    people = [inspector("plain"), inspector("judge", skills=frozenset({"punish"}))]
    plan = solve(request_of(stops, people, [(100.0, 0.0), (110.0, 0.0)]), steps=STEPS)
    assert plan.served["fine"][0] == "judge"


@pytest.mark.parametrize(("rule", "who"), [("no", "near"), ("preferred", "owner"), ("only", "owner")])
def test_own_patch(rule: str, who: str) -> None:
    stops = [Stop("s", patch="east")]
    people = [inspector("near", patches=frozenset({"west"})), inspector("owner", patches=frozenset({"east"}))]
    request = request_of(stops, people, [(100.0, 0.0)], [(100.0, 0.0), (300.0, 0.0)], own_patch=rule)
    assert solve(request, steps=STEPS).served["s"][0] == who


def test_own_patch_preferred_gives_way_when_the_owner_is_far() -> None:
    people = [inspector("near"), inspector("owner", patches=frozenset({"east"}))]
    request = request_of([Stop("s", patch="east")], people, [(0.0, 0.0)], [(0.0, 0.0), (2000.0, 0.0)])
    assert solve(request.changed(own_patch="preferred"), steps=STEPS).served["s"][0] == "near"


def test_must_see_stops_come_before_more_of_the_others() -> None:
    stops = [
        Stop("must", service_s=3 * HOUR, must_see=True),
        *(Stop(f"may{k}", service_s=HOUR) for k in range(3)),
    ]
    request = request_of(stops, [inspector(shift=(8 * HOUR, 11.5 * HOUR))], [(100.0, 0.0)] * 4)
    plan = solve(request, steps=STEPS)
    assert plan.order()[("wang", 0)] == ["must"]


def test_priority_decides_what_is_left_out() -> None:
    stops = [Stop("low", service_s=2 * HOUR, priority=0), Stop("high", service_s=2 * HOUR, priority=3)]
    request = request_of(stops, [inspector(shift=(8 * HOUR, 11 * HOUR))], [(100.0, 0.0)] * 2)
    assert list(solve(request, steps=STEPS).served) == ["high"]


def test_days_and_deadlines() -> None:
    stops = [Stop("today", service_s=5 * HOUR, deadline_s=17 * HOUR), Stop("any", service_s=5 * HOUR)]
    stops.append(Stop("third", day=2))
    request = request_of(stops, [inspector(days=(0, 1, 2))], [(100.0, 0.0)] * 3)
    served = solve(request, steps=STEPS).served
    assert (served["today"][1], served["third"][1]) == (0, 2)
    assert served["any"][1] in (1, 2)


def test_an_open_end_saves_the_way_home() -> None:
    request = line(5)
    plan = solve(request.changed(inspectors=(inspector(end=None),)), steps=STEPS)
    assert plan.travel_s == pytest.approx(5 * 600)


def test_start_and_end_may_differ() -> None:
    request = request_of([Stop("a"), Stop("b"), Stop("c"), Stop("d")], [inspector(end=(0.03, 0.0))],
                         [(3000.0, 0.0), (1000.0, 0.0), (4000.0, 0.0), (2000.0, 0.0)])  # fmt: skip
    moved = request.durations_s.copy()
    moved[:, -1] = moved[-1] = np.abs(np.array([3000.0, 1000, 4000, 2000, 0, 5000]) - 5000.0)
    plan = solve(request.changed(durations_s=moved), steps=STEPS)
    assert plan.order()[("wang", 0)] == ["b", "d", "a", "c"]
    assert plan.travel_s == pytest.approx(5000)


def test_the_longest_way_is_kept() -> None:
    plan = solve(line(10).changed(inspectors=(inspector(max_distance_m=5000.0),)), steps=STEPS)
    assert len(plan.served) == 4
    assert plan.routes[0].distance_m <= 5000


def test_balance_evens_work_and_says_what_it_costs() -> None:
    places = [(float(500 + 10 * k), 0.0) for k in range(20)]
    request = request_of([Stop(f"s{k}", service_s=600) for k in range(20)],
                         [inspector("near"), inspector("far")], places, [(500.0, 0.0), (1000.0, 0.0)])  # fmt: skip
    uneven = solve(request, steps=STEPS)
    even = solve(request.changed(balance=1.0), steps=STEPS)
    sizes = [len(route.visits) for route in even.routes]
    assert abs(sizes[0] - sizes[1]) <= 6 < abs(len(uneven.routes[0].visits) - len(uneven.routes[1].visits))
    assert even.evenness is not None
    assert even.evenness.spread_after < even.evenness.spread_before
    assert even.evenness.extra_s == pytest.approx(even.travel_s - uneven.travel_s, abs=1)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000))
def test_a_locked_stop_never_moves(seed: int) -> None:
    request = city(30, 3, seed)
    before = solve(request, steps=STEPS, seed=seed)
    served = before.served
    kept = sorted(served)[:: max(1, len(served) // 6)]
    locks = {
        name: Lock(served[name][0], served[name][1], float(served[name][2]) if k % 2 else None)
        for k, name in enumerate(kept)
    }
    after = solve(request.changed(locked=locks), steps=STEPS, seed=seed + 1, start=before)
    assert check_plan(after) == []
    for name in kept:
        assert name in after.served or locks[name].order is None
        assert after.served.get(name, served[name])[:2] == served[name][:2]
    for route in after.routes:
        orders = [
            locks[stop].order for stop in route.stops if stop in locks and locks[stop].order is not None
        ]
        assert orders == sorted(orders)  # type: ignore[type-var]


def test_searching_on_from_a_plan_never_makes_it_worse() -> None:
    plan = solve(city(40, 2, 3), steps=20)
    better, change = reoptimise(plan, steps=STEPS)
    assert len(better.served) >= len(plan.served)
    assert check_plan(better) == []
    assert change.travel_s == pytest.approx(better.travel_s - plan.travel_s)


def test_progress_gives_plans_and_cancel_ends_the_search() -> None:
    heard: list[Plan] = []

    def listen(progress: Progress) -> None:
        assert 0 <= progress.share <= 1
        heard.append(progress.plan())

    plan = solve(city(30, 2), seconds=60, progress=listen, cancel=lambda: len(heard) > 0)
    assert heard
    assert check_plan(heard[0]) == check_plan(plan) == []


def test_a_stop_that_nobody_reaches_does_not_spoil_the_rest() -> None:
    request = line(4)
    cut = request.durations_s.copy()
    cut[1, :] = cut[:, 1] = np.inf
    plan = solve(request.changed(durations_s=cut), steps=STEPS)
    assert [(left.stop, left.reason) for left in plan.unserved] == [("s1", Reason.UNREACHABLE)]
    assert len(plan.served) == 3


def test_one_way_streets() -> None:
    request = line(8)
    steep = request.durations_s.copy()
    steep += np.triu(np.full_like(steep, 200.0), 1)
    plan = solve(request.changed(durations_s=steep), steps=STEPS)
    assert not plan.unserved
    assert check_plan(plan) == []


def test_matrices_as_the_road_network_gives_them() -> None:
    request = line(3)

    class Matrix:
        duration_s, distance_m = request.durations_s, request.distance_m

    plan = plan_routes(request.stops, request.inspectors, Matrix(), steps=STEPS)  # type: ignore[arg-type]
    assert plan.distance_m == pytest.approx(3600)


def test_a_search_that_finds_no_time_still_gives_a_plan() -> None:
    plan = solve(city(60, 3), seconds=0.05)
    assert check_plan(plan) == []


def test_thousands_of_stops_are_planned() -> None:
    request = city(1500, 4, 1)
    people = tuple(replace(one, max_distance_m=None) for one in request.inspectors)
    plan = solve(request.changed(inspectors=people, distance_m=None), seconds=4)
    assert check_plan(plan) == []
    assert all(left.reason for left in plan.unserved)


def test_nobody_needs_a_start() -> None:
    people = [Inspector("free", shift=(8 * HOUR, 17 * HOUR))]
    plan = solve(request_of([Stop("a"), Stop("b")], people, [(0.0, 0.0), (500.0, 0.0)]), steps=STEPS)
    assert plan.travel_s == pytest.approx(500)
