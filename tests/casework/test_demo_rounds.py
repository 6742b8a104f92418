"""The demo's rounds: walked ones to look back at, today's for its inspectors, tomorrow's with what does not fit."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from casework.demo import load_demo
from casework.office import Office
from casework.policy import SYSTEM
from casework.route_plans import list_plans
from casework.route_problem import as_it_stands, load
from casework.route_view import plan_data
from db.models import RoutePlan, RouteStop, TrackPoint, User
from geo.routing import check_plan
from tests.factories.offices import office_at

AS_OF = date(2026, 9, 2)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder: Path = tmp_path_factory.mktemp("demo")
    with office_at(folder) as office:
        load_demo(office, AS_OF)
        yield office


def test_there_is_one_for_today_one_to_decide_and_some_that_were_walked(demo: Office) -> None:
    lines = list_plans(demo, SYSTEM)
    today = next(line for line in lines if line.day == AS_OF)
    assert (today.status, today.done, today.served) == ("sent", 0, today.stops)
    coming = next(line for line in lines if line.day > AS_OF)
    assert coming.status == "ready"
    assert 0 < coming.served < coming.stops
    past = [line for line in lines if line.day < AS_OF]
    assert len(past) >= 5
    assert all(
        line.day.weekday() < 5 and line.status == "sent" and line.done > line.stops / 2 for line in past
    )


def test_each_kind_of_reason_is_there_to_be_read(demo: Office) -> None:
    coming = next(line for line in list_plans(demo, SYSTEM) if line.day > AS_OF)
    left = [stop["unserved"] for stop in plan_data(demo, SYSTEM, coming.id)["stops"] if stop["unserved"]]
    assert {"no_time", "no_skill", "outside_hours"} <= {one["reason"] for one in left}
    assert all(one["remedy"] for one in left)


def test_the_demos_inspector_has_a_round_today(demo: Office) -> None:
    today = next(line for line in list_plans(demo, SYSTEM) if line.day == AS_OF)
    with demo.database.read() as session:
        user = session.query(User).filter_by(username="inspector").one().id
    person = next(one for one in plan_data(demo, SYSTEM, today.id)["inspectors"] if one["user_id"] == user)
    assert len(person["rounds"][0]["stops"]) > 4
    assert person["rounds"][0]["distance_m"] > 1000


def test_every_plan_stands_up_to_the_checker(demo: Office) -> None:
    with demo.database.read() as session:
        for plan in session.query(RoutePlan).filter(RoutePlan.day >= AS_OF):
            assert check_plan(as_it_stands(load(session, plan))) == []


def test_walked_rounds_lie_in_the_past_and_run_forwards(demo: Office) -> None:
    with demo.database.read() as session:
        done = session.query(RouteStop).filter(RouteStop.done_at.is_not(None)).all()
        assert len(done) > 80
        assert all(s.arrived_at and s.done_at and s.arrived_at < s.done_at for s in done)
        assert max(s.done_at for s in done if s.done_at).date() < AS_OF
        assert (
            session.query(RouteStop).filter(RouteStop.state == "skipped", RouteStop.note == "").count() == 0
        )
        assert session.query(RouteStop).filter_by(state="skipped").count() > 0


def test_only_who_agreed_has_tracks(demo: Office) -> None:
    with demo.database.read() as session:
        walked = {row[0] for row in session.query(TrackPoint.user_id).distinct()}
        names = {row[0] for row in session.query(User.username).filter(User.id.in_(walked))}
        assert names == {"inspector", "inspector2", "inspector3"}
        points = (
            session.query(TrackPoint).order_by(TrackPoint.user_id, TrackPoint.plan_id, TrackPoint.id).all()
        )
        same = [
            (a, b) for a, b in pairwise(points)
            if (a.user_id, a.plan_id) == (b.user_id, b.plan_id)
        ]  # fmt: skip
        assert all(a.at <= b.at for a, b in same)
