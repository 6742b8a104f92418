"""The checker finds each kind of fault, planted one at a time into a good plan."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from geo.route_check import FaultKind, check_plan
from geo.routing import Break, Lock, Plan, Rest, Route, Stop, Visit, solve
from tests.geo.route_fixtures import HOUR, inspector, request_of


@pytest.fixture
def plan() -> Plan:
    stops = [
        Stop("a", service_s=600, windows=((8 * HOUR, 10 * HOUR),), skills=frozenset({"audit"}), patch="p"),
        Stop("b", service_s=600, deadline_s=16 * HOUR, day=0),
        Stop("c", service_s=5 * HOUR),
    ]
    person = inspector(
        skills=frozenset({"audit"}), patches=frozenset({"p"}), breaks=(Break(11 * HOUR, 13 * HOUR, 1800),),
        max_distance_m=5000.0,
    )  # fmt: skip
    other = inspector("li", patches=frozenset({"p"}))
    places = [(500.0, 0.0), (900.0, 0.0), (1500.0, 0.0)]
    locked = {"c": Lock("wang")}
    return solve(request_of(stops, [person, other], places, locked=locked, own_patch="only"), steps=200)


def shifted(route: Route, by_s: float) -> Route:
    """The whole round later."""
    visits = tuple(Visit(v.stop, v.arrive_s + by_s, v.start_s + by_s, v.leave_s + by_s) for v in route.visits)
    rests = tuple(Rest(r.start_s + by_s, r.end_s + by_s, r.after) for r in route.rests)
    return replace(
        route, visits=visits, rests=rests, depart_s=route.depart_s + by_s, end_s=route.end_s + by_s
    )


def visit(route: Route, position: int, **changes: Any) -> Route:
    visits = list(route.visits)
    visits[position] = replace(visits[position], **changes)
    return replace(route, visits=tuple(visits))


FAULTS: list[tuple[FaultKind, Callable[[Route], Route]]] = [
    (FaultKind.TWICE, lambda r: replace(r, visits=(*r.visits, r.visits[0]))),
    (FaultKind.FORGOTTEN, lambda r: replace(r, visits=r.visits[:-1])),
    (FaultKind.UNKNOWN, lambda r: visit(r, 0, stop="nowhere")),
    (FaultKind.UNKNOWN, lambda r: replace(r, day=7)),
    (FaultKind.TIMES, lambda r: visit(r, 1, arrive_s=r.visits[1].arrive_s - 60)),
    (FaultKind.TIMES, lambda r: visit(r, 1, leave_s=r.visits[1].leave_s - 60)),
    (
        FaultKind.TIMES,
        lambda r: visit(r, 1, start_s=r.visits[1].arrive_s - 5, leave_s=r.visits[1].arrive_s + 595),
    ),
    (FaultKind.TIMES, lambda r: replace(r, end_s=r.end_s - 60)),
    (FaultKind.WINDOW, lambda r: shifted(r, 8 * HOUR)),
    (FaultKind.DEADLINE, lambda r: shifted(r, 12 * HOUR)),
    (FaultKind.SHIFT, lambda r: shifted(r, 7 * HOUR)),
    (FaultKind.SHIFT, lambda r: shifted(r, -2 * HOUR)),
    (FaultKind.BREAK, lambda r: replace(r, rests=())),
    (FaultKind.BREAK, lambda r: replace(r, rests=tuple(replace(x, end_s=x.end_s - 300) for x in r.rests))),
    (FaultKind.BREAK, lambda r: replace(r, rests=r.rests * 2)),
    (FaultKind.SUMS, lambda r: replace(r, travel_s=r.travel_s + 60)),
    (FaultKind.SUMS, lambda r: replace(r, distance_m=r.distance_m + 60)),
]


@pytest.mark.parametrize(("kind", "fault"), FAULTS, ids=[f"{k}-{kind}" for k, (kind, _) in enumerate(FAULTS)])
def test_a_planted_fault_is_found(plan: Plan, kind: FaultKind, fault: Callable[[Route], Route]) -> None:
    assert check_plan(plan) == []
    routes = tuple(fault(route) if route.inspector == "wang" else route for route in plan.routes)
    assert kind in {found.kind for found in check_plan(replace(plan, routes=routes))}


CHANGED: list[tuple[FaultKind, dict[str, Any]]] = [
    (FaultKind.SKILL, {"skills": frozenset()}),
    (FaultKind.PATCH, {"patches": frozenset({"q"})}),
    (FaultKind.DISTANCE, {"max_distance_m": 2000.0}),
    (FaultKind.SHIFT, {"shift": (8 * HOUR, 10 * HOUR)}),
    (FaultKind.BREAK, {"breaks": (Break(9 * HOUR, 9.1 * HOUR, 600), Break(11 * HOUR, 13 * HOUR, 1800))}),
]


@pytest.mark.parametrize(("kind", "changes"), CHANGED, ids=[kind for kind, _ in CHANGED])
def test_a_plan_for_somebody_else_is_refused(plan: Plan, kind: FaultKind, changes: dict[str, Any]) -> None:
    people = (replace(plan.request.inspectors[0], **changes), plan.request.inspectors[1])
    assert kind in {found.kind for found in check_plan(plan, plan.request.changed(inspectors=people))}


@pytest.mark.parametrize(
    "lock", [Lock("li"), Lock("wang", 1), Lock("wang", 0, 5.0)], ids=["inspector", "day", "order"]
)
def test_a_broken_lock_is_found(plan: Plan, lock: Lock) -> None:
    first = plan.routes[0].stops[0]
    locked = {first: lock, plan.routes[0].stops[1]: Lock("wang", 0, 1.0)}
    assert FaultKind.LOCK in {found.kind for found in check_plan(plan, plan.request.changed(locked=locked))}


def test_a_stop_on_its_wrong_day_is_found(plan: Plan) -> None:
    stops = tuple(replace(stop, day=3) if stop.id == "b" else stop for stop in plan.request.stops)
    assert FaultKind.DAY in {found.kind for found in check_plan(plan, plan.request.changed(stops=stops))}
