"""Solving while somebody walks: what was done, reached or skipped meanwhile stays as it is and with whom it is."""

from dataclasses import replace

import pytest

from casework.office import Office
from casework.route_meanwhile import as_walked
from casework.route_problem import Loaded, as_it_stands, load, store
from db.models import RouteInspector, RoutePlan
from geo.route_types import Plan, Route
from tests.factories.rounds import START, Walking, walking


@pytest.fixture
def walk(sqlite_office: Office) -> Walking:
    return walking(sqlite_office)


def second_person(walk: Walking) -> str:
    """Somebody else in the plan, who has no stop yet."""
    with walk.office.database.write() as session:
        first = session.query(RouteInspector).filter_by(plan_id=walk.plan_id).one()
        other = RouteInspector(
            plan_id=walk.plan_id, line=1, user_id=walk.world.second.user_id, name_zh="乙", name_en="B",
            start_lon=START[0], start_lat=START[1], shift_start_s=first.shift_start_s,
            shift_end_s=first.shift_end_s, breaks=[], skills=[], patches=[], days=first.days,
        )  # fmt: skip
        session.add(other)
        session.flush()
        return str(other.id)


def given_away(walk: Walking, other: str) -> tuple[Loaded, Plan]:
    """What a solver found that gives the whole round to the other one."""
    with walk.office.database.read() as session:
        problem = load(session, session.get_one(RoutePlan, walk.plan_id))
    found = as_it_stands(problem)
    visits = next(route.visits for route in found.routes if route.visits)
    routes = tuple(
        Route(route.inspector, route.day, visits=visits if route.inspector == other else ())
        for route in found.routes
    )
    return problem, replace(found, routes=routes)


def stored(walk: Walking, problem: Loaded, found: Plan) -> None:
    with walk.office.database.write() as session:
        plan = session.get_one(RoutePlan, walk.plan_id)
        store(session, plan, *as_walked(session, plan, problem, found))


def test_what_was_walked_meanwhile_stays_with_who_walked_it(walk: Walking) -> None:
    other = second_person(walk)
    problem, found = given_away(walk, other)
    done, skipped, reached, *rest = walk.stops
    mine = walk.row(done).inspector_id
    walk.act(done, "arrive")
    walk.act(done, "done")
    walk.act(skipped, "skip", note="closed")
    walk.act(reached, "arrive")
    before = walk.row(done)
    stored(walk, problem, found)
    after = walk.row(done)
    assert (after.inspector_id, after.state, after.done_at, after.arrive_at) == (
        mine, "done", before.done_at, before.arrive_at,
    )  # fmt: skip
    assert (walk.row(skipped).inspector_id, walk.row(skipped).state) == (mine, "skipped")
    assert (walk.row(reached).inspector_id, walk.row(reached).state) == (mine, "arrived")
    assert walk.row(done).position < walk.row(reached).position  # type: ignore[operator]
    assert {walk.row(stop).inspector_id for stop in rest} == {int(other)}
    assert walk.act(reached, "done").state == "done"


def test_a_stop_where_somebody_stands_is_not_given_away_even_if_they_came_before(walk: Walking) -> None:
    other = second_person(walk)
    walk.act(walk.stops[0], "arrive")
    mine = walk.row(walk.stops[0]).inspector_id
    stored(walk, *given_away(walk, other))
    assert walk.row(walk.stops[0]).inspector_id == mine
    assert walk.row(walk.stops[1]).inspector_id == int(other)


def test_what_was_taken_back_meanwhile_is_in_a_round_or_says_why_not(walk: Walking) -> None:
    walk.act(walk.stops[0], "skip", note="closed")
    other = second_person(walk)
    problem, found = given_away(walk, other)
    walk.act(walk.stops[0], "undo")
    stored(walk, problem, found)
    back = walk.row(walk.stops[0])
    assert back.state == "planned"
    assert back.inspector_id is not None or back.unserved


def test_nothing_happened_and_nothing_is_touched(walk: Walking) -> None:
    problem, found = given_away(walk, second_person(walk))
    with walk.office.database.write() as session:
        assert as_walked(session, session.get_one(RoutePlan, walk.plan_id), problem, found) == (
            problem,
            found,
        )
