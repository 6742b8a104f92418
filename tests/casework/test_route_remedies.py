"""The remedy is true: every kind that is offered is applied to the plan on record, and the stop is served by it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from casework.policy import SYSTEM
from casework.route_changes import change
from casework.route_plans import new_plan
from casework.route_problem import as_it_stands, load, solve, store
from casework.route_view import plan_data
from casework.street_networks import import_network
from db.models import RoutePlan
from geo.routing import check_plan
from tests.casework.test_street_networks import blocks
from tests.factories.everyday import Everyday, everyday
from tests.factories.offices import office_at

TOMORROW = date(2026, 9, 3)
HOUR = 3600


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everyday]:
    with office_at(tmp_path_factory.mktemp("remedies")) as office:
        yield everyday(office)


def planned(
    world: Everyday, *places: dict[str, Any], person: dict[str, Any] | None = None, **more: Any
) -> int:
    """A plan of one person and these places, worked out."""
    who = {"user_id": world.inspector.user_id, "start": [101.2, 36.5], "breaks": [], **(person or {})}
    asked = {"day": TOMORROW.isoformat(), "inspectors": [who], "places": list(places), "mode": "foot", **more}
    number = new_plan(world.office, SYSTEM, asked)
    with world.office.database.write() as session:
        plan = session.get_one(RoutePlan, number)
        problem = load(session, plan)
        store(session, plan, problem, solve(problem, 0.3))
        plan.status = "ready"
    return number


def near(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "lon": 101.202, "lat": 36.501, "service_s": 600, **more}


def left_out(world: Everyday, plan: int) -> dict[str, Any]:
    (stop,) = [s for s in plan_data(world.office, SYSTEM, plan)["stops"] if s["unserved"]]
    return dict(stop)


def remedied(world: Everyday, plan: int, stop: int) -> dict[str, Any]:
    """The stop after its remedy; the plan holds, and working it out again keeps the stop."""
    revision = plan_data(world.office, SYSTEM, plan)["plan"]["revision"]
    done = change(
        world.office, SYSTEM, plan, {"revision": revision, "changes": [{"act": "remedy", "stop": stop}]}
    )
    assert done["difference"]["served"] == [stop]
    with world.office.database.write() as session:
        row = session.get_one(RoutePlan, plan)
        problem = load(session, row)
        assert str(stop) in as_it_stands(problem).served
        again = solve(problem, 0.3, again=True)
        assert check_plan(again) == []
        assert str(stop) in again.served
    data = plan_data(world.office, SYSTEM, plan)
    return next(dict(s) for s in data["stops"] if s["id"] == stop)


KINDS: dict[str, tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any], str]] = {
    "skills": ([near("气站", skills=["燃气"])], {}, {}, "no_skill"),
    "patch": ([near("东边", lon=101.52, lat=36.5)], {"start": [101.51, 36.5]}, {"own_patch": "only"}, "own_patch"),
    "any_time": ([near("半夜", windows=[[0, HOUR]])], {}, {}, "outside_hours"),
    "earlier_s": ([near("早市", windows=[[7 * HOUR, 7 * HOUR + 1800]])], {}, {}, "outside_hours"),
    "further_m": ([near("远处")], {"max_distance_m": 100}, {}, "too_far"),
    "later_s": (
        [near("先看", service_s=3600, must=True), near("再看", lon=101.203, service_s=3600)],
        {"shift": [8 * HOUR, 9 * HOUR + 1800]}, {}, "no_time",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_remedy_of_each_kind_brings_the_stop_into_a_round(world: Everyday, kind: str) -> None:
    places, person, more, reason = KINDS[kind]
    plan = planned(world, *places, person=person, **more)
    stop = left_out(world, plan)
    assert stop["unserved"]["reason"] == reason
    assert stop["unserved"]["remedy"][kind], stop["unserved"]
    after = remedied(world, plan, stop["id"])
    assert after["inspector"] is not None
    assert after["unserved"] is None


def test_where_no_street_leads_the_last_bit_is_walked(world: Everyday, tmp_path: Path) -> None:
    import_network(world.office, SYSTEM, blocks(tmp_path / "town.osm"))
    west, south, east, _north = _bounds(world)
    street = {"name": "街上", "lon": west, "lat": south, "service_s": 600}
    hill = {"name": "山上", "lon": west, "lat": south - 0.005, "service_s": 600}
    plan = planned(world, street, hill, person={"start": [west, south], "end": [east, south]})
    stop = left_out(world, plan)
    assert (stop["name"], stop["unserved"]["reason"]) == ("山上", "unreachable")
    assert stop["unserved"]["remedy"]["reached_from"]
    after = remedied(world, plan, stop["id"])
    base = next(s["id"] for s in plan_data(world.office, SYSTEM, plan)["stops"] if s["name"] == "街上")
    assert (after["reached_from"], after["unserved"]) == (base, None)
    assert after["walk_s"] > 300
    # Who walks there walks back: the round is as much longer, on the page too.
    (way,) = plan_data(world.office, SYSTEM, plan)["inspectors"][0]["rounds"]
    assert sum(leg["duration_s"] for leg in way["legs"]) >= 2 * after["walk_s"]


def _bounds(world: Everyday) -> tuple[float, float, float, float]:
    from casework.street_networks import current_facts

    facts = current_facts(world.office)
    assert facts is not None
    return facts.bounds


def test_without_the_stop_that_it_is_reached_from_streets_must_lead_there(
    world: Everyday, tmp_path: Path
) -> None:
    import_network(world.office, SYSTEM, blocks(tmp_path / "town.osm"))
    west, south, _east, _north = _bounds(world)
    street = {"name": "街上", "lon": west, "lat": south, "service_s": 600}
    hill = {"name": "山上", "lon": west, "lat": south - 0.005, "service_s": 600}
    plan = planned(world, street, hill, person={"start": [west, south]})
    stop = left_out(world, plan)["id"]
    remedied(world, plan, stop)
    data = plan_data(world.office, SYSTEM, plan)
    base = next(s["id"] for s in data["stops"] if s["name"] == "街上")
    asked = {"revision": data["plan"]["revision"], "changes": [{"act": "remove", "stop": base}]}
    after = change(world.office, SYSTEM, plan, asked)["data"]
    assert next(s for s in after["stops"] if s["id"] == stop)["unserved"]["reason"] == "unreachable"
