"""Changing a plan: times follow at once, what does not fit is refused with why, a trial changes nothing."""

from datetime import date
from typing import Any

import pytest

from casework import accounts
from casework.errors import Conflict, Refused
from casework.office import Office
from casework.policy import SYSTEM
from casework.route_changes import change
from casework.route_plans import new_plan
from casework.route_problem import load, solve, store
from casework.route_view import plan_data
from db.models import RouteEvent, RoutePlan, RouteStop
from tests.factories.everyday import Everyday, everyday

TOMORROW = date(2026, 9, 3)
PLACES = [(101.201, 36.501), (101.202, 36.502), (101.203, 36.499), (101.199, 36.503), (101.205, 36.501)]


class Planned:
    """Two people, five findings, solved."""

    def __init__(self, office: Office) -> None:
        self.world: Everyday = everyday(office)
        self.office = office
        other = accounts.create_user(office, SYSTEM, "ins2", "inspector", "correct horse 9", areas=("A",))
        for lon, lat in PLACES:
            self.world.report(lon, lat)
        people = [{"user_id": i, "start": [101.2, 36.5]} for i in (self.world.inspector.user_id, other)]
        asked = {"day": TOMORROW.isoformat(), "filters": {}, "inspectors": people, "seconds": 1, "balance": 1}
        self.id = new_plan(office, SYSTEM, asked)
        with office.database.write() as session:
            plan = session.get_one(RoutePlan, self.id)
            problem = load(session, plan)
            store(session, plan, problem, solve(problem, 0.5))
            plan.status = "ready"

    @property
    def data(self) -> dict[str, Any]:
        return plan_data(self.office, SYSTEM, self.id)

    @property
    def people(self) -> list[int]:
        return [one["id"] for one in self.data["inspectors"]]

    def round(self, person: int) -> list[int]:
        rounds = next(one["rounds"] for one in self.data["inspectors"] if one["id"] == person)
        return rounds[0]["stops"] if rounds else []

    def stop(self, stop: int) -> dict[str, Any]:
        return next(one for one in self.data["stops"] if one["id"] == stop)

    def change(self, *changes: dict[str, Any], **more: Any) -> dict[str, Any]:
        revision = self.data["plan"]["revision"]
        return change(self.office, SYSTEM, self.id, {"revision": revision, "changes": list(changes), **more})


@pytest.fixture
def plan(sqlite_office: Office) -> Planned:
    return Planned(sqlite_office)


def test_a_stop_goes_to_somebody_else_and_times_follow(plan: Planned) -> None:
    one, two = plan.people
    stop = plan.round(one)[0]
    before = len(plan.round(two))
    told = plan.change({"act": "move", "stop": stop, "inspector": two, "position": 0})
    assert told["difference"]["handed_over"] == [stop]
    assert plan.round(two)[0] == stop
    assert len(plan.round(two)) == before + 1
    times = [plan.stop(s)["arrive_s"] for s in plan.round(two)]
    assert times == sorted(times)
    assert plan.stop(stop)["inspector"] == two


def test_a_trial_says_the_same_and_changes_nothing(plan: Planned) -> None:
    one, two = plan.people
    before = plan.data
    stop = plan.round(one)[0]
    move = {"act": "move", "stop": stop, "inspector": two, "position": 0}
    tried = plan.change(move, dry_run=True)
    assert plan.data == before
    assert tried["difference"] == plan.change(move)["difference"]


def test_what_is_agreed_does_not_move(plan: Planned) -> None:
    one, two = plan.people
    stop = plan.round(one)[0]
    plan.change({"act": "lock", "stop": stop, "lock": "inspector"})
    assert plan.stop(stop)["lock"] == "inspector"
    with pytest.raises(Refused, match="agreed"):
        plan.change({"act": "move", "stop": stop, "inspector": two, "position": 0})
    plan.change(
        {"act": "lock", "stop": stop, "lock": ""},
        {"act": "move", "stop": stop, "inspector": two, "position": 0},
    )
    assert stop in plan.round(two)


def test_a_new_finding_goes_in_and_moves_nobody_elses_stop(plan: Planned) -> None:
    before = {person: plan.round(person) for person in plan.people}
    finding = plan.world.report(101.2035, 36.5005)
    told = plan.change({"act": "insert", "finding": finding})
    (new,) = told["difference"]["served"]
    assert told["difference"]["handed_over"] == told["difference"]["reordered"] == []
    for person, stops in before.items():
        assert [s for s in plan.round(person) if s != new] == stops
    with pytest.raises(Refused, match="already"):
        plan.change({"act": "insert", "finding": finding})


def test_a_place_can_be_worked_in_again_from_scratch(plan: Planned) -> None:
    place = {"name": "清真寺", "lon": 101.204, "lat": 36.5}
    told = plan.change({"act": "insert", "place": place, "how": "resolve"})
    assert len(told["difference"]["served"]) == 1
    assert sum(len(plan.round(person)) for person in plan.people) == 6


def test_somebody_falls_ill_and_the_others_take_over(plan: Planned) -> None:
    one, two = plan.people
    gone, kept = plan.round(one), plan.round(two)
    plan.change({"act": "absent", "inspector": one, "from_s": 0})
    assert plan.round(one) == []
    assert set(plan.round(two)) == {*gone, *kept}
    assert [s for s in plan.round(two) if s in kept] == kept
    with pytest.raises(Refused):
        plan.change({"act": "move", "stop": gone[0], "inspector": one, "position": 0})


def test_a_window_that_nobody_can_keep_leaves_the_stop_out_with_its_reason(plan: Planned) -> None:
    stop = plan.round(plan.people[0])[0]
    told = plan.change({"act": "windows", "stop": stop, "windows": [[0, 3600]]})
    assert told["difference"]["unserved"] == [stop]
    assert plan.stop(stop)["unserved"]["reason"] == "outside_hours"


def test_the_remedy_that_is_offered_works(plan: Planned) -> None:
    stop = plan.round(plan.people[0])[0]
    plan.change({"act": "windows", "stop": stop, "windows": [[0, 3600]]})
    remedy = plan.stop(stop)["unserved"]["remedy"]
    assert remedy is not None
    told = plan.change({"act": "remedy", "stop": stop})
    assert told["difference"]["served"] == [stop]
    assert plan.stop(stop)["inspector"] == remedy["inspector"]


def test_a_skipped_stop_is_gone_and_its_note_stays(plan: Planned) -> None:
    stop = plan.round(plan.people[0])[0]
    plan.change({"act": "skip", "stop": stop, "note": "下雨"})
    with plan.office.database.read() as session:
        row = session.get_one(RouteStop, stop)
        assert (row.state, row.note, row.inspector_id) == ("skipped", "下雨", None)
        assert [e.act for e in session.query(RouteEvent).filter_by(plan_id=plan.id)][-1] == "skip"
    assert stop not in plan.round(plan.people[0])


BAD: list[dict[str, Any]] = [
        {}, {"act": "dance"}, {"act": ["move"]}, {"act": "move"}, {"act": "move", "stop": 10**9},
        {"act": "move", "stop": "1", "inspector": 1, "position": 0}, {"act": "lock", "lock": "maybe"},
        {"act": "insert"}, {"act": "insert", "finding": 10**9}, {"act": "insert", "place": {"lon": 500, "lat": 0}},
        {"act": "insert", "area": 10**9}, {"act": "absent", "inspector": 10**9}, {"act": "settings", "balance": 3},
    ]  # fmt: skip


def test_what_cannot_be_done_is_refused_and_nothing_else_of_it_is_done(plan: Planned) -> None:
    one, two = plan.people
    before = plan.data
    first = {"act": "move", "stop": plan.round(one)[0], "inspector": two, "position": 0}
    for bad in BAD:
        with pytest.raises(Refused):
            plan.change(first, bad)
    assert plan.data == before


def test_who_was_slower_is_told(plan: Planned) -> None:
    stop = plan.round(plan.people[0])[0]
    plan.change({"act": "lock", "stop": stop, "lock": "order"})
    asked = {"revision": 1, "changes": [{"act": "lock", "stop": stop, "lock": ""}]}
    with pytest.raises(Conflict):
        change(plan.office, SYSTEM, plan.id, asked)


def test_how_many_changes_come_at_once_is_bounded(plan: Planned) -> None:
    wrong: tuple[Any, ...] = (None, [], "all", [{}] * 51)
    for changes in wrong:
        with pytest.raises(Refused) as refused:
            change(plan.office, SYSTEM, plan.id, {"revision": 1, "changes": changes})
        assert refused.value.field == "changes"
