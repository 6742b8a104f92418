"""Solving in a process of its own: rounds with times are stored, reasons too; it can be stopped and may die."""

import time
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from casework import background_jobs
from casework.errors import Conflict, Forbidden, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.route_plans import at_second, new_plan
from casework.route_solving import SolveState, progress, start, stop
from casework.route_view import plan_data
from db.models import RoutePlan, RouteStop
from tests.factories.everyday import Everyday, everyday

TOMORROW = date(2026, 9, 3)
PLACES = [(101.201, 36.501), (101.202, 36.502), (101.203, 36.499), (101.199, 36.503)]


@pytest.fixture
def world(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


def planned(world: Everyday, **more: Any) -> int:
    for lon, lat in PLACES:
        world.report(lon, lat)
    person = {"user_id": world.inspector.user_id, "start": [101.2, 36.5], **more.pop("person", {})}
    asked = {"day": TOMORROW.isoformat(), "filters": {}, "inspectors": [person], "seconds": 1, **more}
    return new_plan(world.office, SYSTEM, asked)


def ended(world: Everyday, plan: int) -> SolveState:
    """The state once it is no longer solving: asked for again and again, as the page does."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        now = progress(world.office, SYSTEM, plan)
        if now.stage != "solving":
            return now
        time.sleep(0.05)  # between two looks, like the page
    raise AssertionError("it did not end")


def status(world: Everyday, plan: int) -> str:
    with world.office.database.read() as session:
        return session.get_one(RoutePlan, plan).status


def test_a_plan_becomes_a_round_with_times_and_says_what_does_not_fit(world: Everyday) -> None:
    far = {"name": "另一头", "lon": 101.9, "lat": 36.95}
    plan = planned(world, places=[far])
    start(world.office, SYSTEM, plan, {"revision": 1})
    assert ended(world, plan).stage == "done"
    data = plan_data(world.office, SYSTEM, plan)
    assert data["plan"]["status"] == "ready"
    assert data["outcome"]["served"] == 4
    (way,) = data["inspectors"][0]["rounds"]
    assert len(way["stops"]) == 4
    served = sorted((s for s in data["stops"] if s["inspector"]), key=lambda s: s["position"])
    assert [s["id"] for s in served] == way["stops"]
    assert all(a["leave_s"] <= b["arrive_s"] for a, b in pairwise(served))
    assert served[0]["arrive_s"] >= data["inspectors"][0]["shift"][0]
    (left,) = (s for s in data["stops"] if not s["inspector"])
    assert left["name"] == "另一头"
    assert left["unserved"]["reason"] in ("outside_hours", "unreachable", "no_time", "too_far")


def test_while_it_is_solved_nobody_else_begins_or_changes_it(world: Everyday) -> None:
    plan = planned(world, seconds=60)
    start(world.office, SYSTEM, plan, {"revision": 1})
    with pytest.raises(Conflict):
        start(world.office, SYSTEM, plan, {"revision": 2})
    stop(world.office, SYSTEM, plan, keep=False)
    assert ended(world, plan).stage == "stopped"
    assert status(world, plan) == "new"


def test_the_best_so_far_can_be_taken(world: Everyday) -> None:
    plan = planned(world, seconds=60)
    start(world.office, SYSTEM, plan, {"revision": 1})
    end = time.monotonic() + 60
    while progress(world.office, SYSTEM, plan).best is None and time.monotonic() < end:
        time.sleep(0.05)
    stop(world.office, SYSTEM, plan, keep=True)
    assert ended(world, plan).stage == "done"
    assert plan_data(world.office, SYSTEM, plan)["outcome"]["served"] == 4


def test_a_process_that_died_leaves_the_plan_failed_and_it_can_be_begun_again(world: Everyday) -> None:
    plan = planned(world, seconds=60)
    start(world.office, SYSTEM, plan, {"revision": 1})
    process = background_jobs._children[-1]
    process.kill()
    process.wait()
    assert ended(world, plan).stage == "failed"
    assert status(world, plan) == "failed"
    start(world.office, SYSTEM, plan, {"revision": 2, "seconds": 1})
    assert ended(world, plan).stage == "done"


@pytest.mark.parametrize(
    ("asked", "field"), [({"seconds": 0}, "seconds"), ({"balance": 7}, "balance"), ({"mode": "boat"}, "mode")]
)
def test_bad_settings_are_named_and_begin_nothing(world: Everyday, asked: dict[str, Any], field: str) -> None:
    plan = planned(world)
    with pytest.raises(Refused) as refused:
        start(world.office, SYSTEM, plan, {"revision": 1, **asked})
    assert refused.value.field == field
    assert status(world, plan) == "new"


def test_an_old_revision_is_refused(world: Everyday) -> None:
    plan = planned(world)
    with pytest.raises(Conflict):
        start(world.office, SYSTEM, plan, {"revision": 7})
    with pytest.raises(Forbidden):
        start(world.office, Actor(role="inspector"), plan, {"revision": 1})


def test_what_falls_due_before_anybody_sets_out_is_seen_late_rather_than_left_out(world: Everyday) -> None:
    plan = planned(world)
    with world.office.database.write() as session:
        for stop in session.scalars(select(RouteStop).where(RouteStop.plan_id == plan)):
            stop.is_must = False
            stop.due_at = at_second(TOMORROW, 7 * 3600, "Asia/Shanghai")
    start(world.office, SYSTEM, plan, {"revision": 1})
    assert ended(world, plan).stage == "done"
    assert plan_data(world.office, SYSTEM, plan)["outcome"]["served"] == 4
