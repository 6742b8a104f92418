"""Plans of rounds: what is picked, who goes, and every fault named before anything is written."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from casework import route_plans
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.route_picking import candidates, pick_patches
from casework.route_places import pick_places
from casework.route_plans import at_second, changed_plan, discard, list_plans, new_plan, second_of, send
from casework.route_view import plan_data
from casework.street_networks import import_network
from db.models import RoutePlan, RouteStop
from tests.casework.test_street_networks import blocks
from tests.factories.everyday import Everyday, everyday

TOMORROW = date(2026, 9, 3)


@pytest.fixture
def world(office: Office) -> Everyday:
    return everyday(office)


def found(world: Everyday, **query: str) -> Any:
    return candidates(world.office, SYSTEM, query, TOMORROW)


def asked(world: Everyday, **more: Any) -> Mapping[str, Any]:
    return {
        "day": TOMORROW.isoformat(), "filters": {}, "inspectors": [{"user_id": world.inspector.user_id}], **more,
    }  # fmt: skip


def test_open_findings_are_offered_and_closed_ones_are_not(world: Everyday) -> None:
    first, _ = world.report(101.2, 36.5), world.led_to("closed")
    seen = found(world)
    assert seen.findings == 1
    assert [point[3] for point in seen.points] == [first]


def test_patches_that_nobody_saw_come_first(world: Everyday) -> None:
    world.report(101.2, 36.5)
    unseen = {code: days for _, code, _, days in found(world).unseen}
    assert unseen == {"B": None, "A": 0}
    assert [code for _, code, _, _ in found(world).unseen] == ["B", "A"]


def test_a_plan_keeps_what_it_is_for(world: Everyday) -> None:
    finding = world.report(101.2, 36.5)
    patch = next(area for area, code, _, _ in found(world).unseen if code == "B")
    place = {"name": "清真寺", "lon": 101.3, "lat": 36.6}
    plan = new_plan(world.office, SYSTEM, asked(world, patches=[patch], places=[place], title="周四"))
    data = plan_data(world.office, SYSTEM, plan)
    assert data["plan"]["title"] == "周四"
    assert data["plan"]["straight"] is True
    kinds = {stop["kind"]: stop for stop in data["stops"]}
    assert set(kinds) == {"finding", "patch", "place"}
    assert kinds["finding"]["finding"]["id"] == finding
    assert kinds["patch"]["area"]["code"] == "B"
    assert kinds["place"]["area"]["code"] == "A"
    assert 101.5 < kinds["patch"]["lon"] < 102
    assert data["inspectors"][0]["shift"] == list(route_plans.USUAL_SHIFT_S)
    assert [line.id for line in list_plans(world.office, SYSTEM)] == [plan]


def test_a_patch_is_visited_on_a_street_of_it(sqlite_office: Office, tmp_path: Path) -> None:
    world = everyday(sqlite_office)
    facts = import_network(world.office, SYSTEM, blocks(tmp_path / "town.osm"))
    west, south, east, north = facts.bounds
    with world.office.database.read() as session:
        (seen,) = pick_patches(session, [area for area, code, _, _ in found(world).unseen if code == "B"])
        (other,) = pick_patches(session, [area for area, code, _, _ in found(world).unseen if code == "A"])
    assert west - 1e-6 <= seen.lon <= east + 1e-6
    assert south - 1e-6 <= seen.lat <= north + 1e-6
    assert other.lon < 101.5  # no street runs there: a place inside all the same


def test_a_finding_is_a_stop_once_however_it_was_chosen(world: Everyday) -> None:
    finding = world.report(101.2, 36.5)
    plan = new_plan(world.office, SYSTEM, asked(world, findings=[finding, finding]))
    assert len(plan_data(world.office, SYSTEM, plan)["stops"]) == 1


FAULTS: list[tuple[dict[str, Any], str]] = [
        ({"day": "tomorrow"}, "day"), ({"day": None}, "day"), ({"day": "2020-01-01"}, "day"), ({"days": 0}, "days"),
        ({"days": 1.5}, "days"), ({"mode": "boat"}, "mode"), ({"mode": ["foot"]}, "mode"), ({"balance": 2}, "balance"),
        ({"balance": "x"}, "balance"), ({"own_patch": "maybe"}, "own_patch"), ({"seconds": 10_000}, "seconds"),
        ({"inspectors": []}, "inspectors"), ({"inspectors": None}, "inspectors"), ({"inspectors": ["x"]}, "inspectors"),
        ({"inspectors": [{"user_id": 99_999}]}, "inspectors"), ({"inspectors": [{"user_id": []}]}, "inspectors"),
        ({"patches": [99_999]}, "patches"), ({"patches": "all"}, "patches"), ({"findings": [99_999]}, "finding"),
        ({"findings": [True]}, "findings"), ({"places": [{"lon": 500, "lat": 1}]}, "lon"), ({"places": [7]}, "places"),
        ({"places": "x"}, "places"), ({"filters": {"status": "no"}}, "status"), ({"limit": -1}, "limit"),
        ({"title": "x" * 300}, "title"),
    ]  # fmt: skip
BAD_PEOPLE: list[dict[str, Any]] = [
        {"shift": [40_000, 30_000]}, {"shift": [0]}, {"shift": "all day"}, {"shift": [0, 200_000]}, {"start": [1]},
        {"start": [500, 0]}, {"breaks": [{"duration_s": 0}]}, {"breaks": "lunch"}, {"days": ["2026-01-01"]},
        {"days": [[]]},
        {"skills": "all"}, {"max_distance_m": -5}, {"max_distance_m": "far"},
    ]  # fmt: skip


def test_what_cannot_be_is_named_and_nothing_is_written(sqlite_office: Office) -> None:
    world = everyday(sqlite_office)
    world.report(101.2, 36.5)
    for more, field in FAULTS:
        with pytest.raises(Refused) as refused:
            new_plan(world.office, SYSTEM, asked(world, **more))
        assert refused.value.field == field, more
    assert list_plans(world.office, SYSTEM) == []


def test_a_person_who_cannot_go_like_that_is_refused(sqlite_office: Office) -> None:
    world = everyday(sqlite_office)
    world.report(101.2, 36.5)
    for person in BAD_PEOPLE:
        with pytest.raises(Refused):
            new_plan(
                world.office,
                SYSTEM,
                asked(world, inspectors=[{"user_id": world.inspector.user_id, **person}]),
            )


def test_a_break_outside_the_shift_is_no_break_of_that_day(world: Everyday) -> None:
    world.report(101.2, 36.5)
    people = [{"user_id": world.inspector.user_id, "shift": [8 * 3600, 11 * 3600]}]
    plan = new_plan(world.office, SYSTEM, asked(world, inspectors=people))
    assert plan_data(world.office, SYSTEM, plan)["inspectors"][0]["breaks"] == []


def test_nothing_to_see_is_said(world: Everyday) -> None:
    with pytest.raises(Refused, match="nothing fits"):
        new_plan(world.office, SYSTEM, asked(world))


def test_who_may_not_plan(world: Everyday) -> None:
    for role in ("leader", "inspector", "handler", "archivist"):
        actor = Actor(role=role, user_id=1)
        with pytest.raises(Forbidden):
            new_plan(world.office, actor, asked(world))
        with pytest.raises(Forbidden):
            candidates(world.office, actor, {}, TOMORROW)


def test_an_unsolved_plan_cannot_be_sent_and_a_discarded_one_is_gone(world: Everyday) -> None:
    world.report(101.2, 36.5)
    plan = new_plan(world.office, SYSTEM, asked(world))
    with pytest.raises(Refused):
        send(world.office, SYSTEM, plan)
    discard(world.office, SYSTEM, plan)
    assert list_plans(world.office, SYSTEM) == []
    with pytest.raises(NotFound):
        plan_data(world.office, SYSTEM, plan)


def test_a_sent_plan_says_when(world: Everyday) -> None:
    world.report(101.2, 36.5)
    plan = new_plan(world.office, SYSTEM, asked(world))
    with world.office.database.write() as session:
        session.get_one(RoutePlan, plan).status = "ready"
        stop = session.query(RouteStop).filter_by(plan_id=plan).one()
        stop.inspector_id = plan_data(world.office, SYSTEM, plan)["inspectors"][0]["id"]
        stop.day, stop.position = TOMORROW, 0
    send(world.office, SYSTEM, plan)
    line = list_plans(world.office, SYSTEM)[0]
    assert (line.status, line.served, line.sent_at) == ("sent", 1, world.office.now())
    way = plan_data(world.office, SYSTEM, plan)["inspectors"][0]["rounds"][0]
    assert len(way["path"]) == 2
    assert way["distance_m"] > 1000


def test_who_was_slower_is_told(world: Everyday) -> None:
    world.report(101.2, 36.5)
    plan = new_plan(world.office, SYSTEM, asked(world))
    with world.office.database.write() as session:
        assert changed_plan(session, plan, 1, world.office.now()).revision == 2
    with pytest.raises(Conflict), world.office.database.write() as session:
        changed_plan(session, plan, 1, world.office.now())


def test_times_are_those_of_the_citys_clock() -> None:
    # On 29 March 2026 clocks in Berlin go from 2 to 3 at night.
    day = date(2026, 3, 29)
    noon = at_second(day, 12 * 3600, "Europe/Berlin")
    assert noon.hour == 12
    assert noon.utcoffset() == timedelta(hours=2)
    assert second_of(noon, day, "Europe/Berlin") == 12 * 3600
    assert second_of(noon + timedelta(days=1), day, "Europe/Berlin") == 36 * 3600


def test_a_place_outside_every_patch_is_a_stop_all_the_same(world: Everyday) -> None:
    with world.office.database.read() as session:
        assert pick_places(session, [{"name": "外面", "lon": 105.0, "lat": 36.5}])[0].area_id is None
