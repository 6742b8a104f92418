"""My round: what is next, what is left and whether the day holds; acts count once and stay on record."""

from datetime import timedelta
from typing import Any

import pytest

from casework import round_acts, rounds
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import Act, Actor, may
from db.models import RouteInspector, RoutePlan
from tests.factories.rounds import PLACES, Walking, walking


@pytest.fixture
def walk(sqlite_office: Office) -> Walking:
    return walking(sqlite_office)


def test_the_round_says_what_is_next_where_and_why(walk: Walking) -> None:
    told = walk.round()
    assert [stop["id"] for stop in told["stops"]] == walk.stops
    first = told["stops"][0]
    assert (first["kind"], first["name"], first["state"]) == ("finding", "shop 1", "planned")
    assert first["finding"]["category"] == ["类0105", "Class 0105"]
    assert first["area"]["code"] == "A"
    way = told["ways"]["next"]
    assert way["path"][0] == [101.2, 36.5]
    assert way["path"][-1] == [101.201, 36.501]
    assert 100 < way["distance_m"] < 200
    assert told["plan"]["straight"] is True
    assert told["stops"][3]["name"] == "早市"
    assert told["stops"][4]["kind"] == "patch"


def test_from_where_the_person_stands_the_way_begins_there(walk: Walking) -> None:
    told = walk.round(at=(101.2005, 36.5005))
    assert told["ways"]["next"]["from_here"] is True
    assert told["ways"]["next"]["path"][0] == [101.2005, 36.5005]
    far = walk.round(at=(116.4, 39.9))  # a phone that thinks it is in Beijing
    assert far["ways"]["next"]["from_here"] is False
    assert far["ways"]["next"]["path"][0] == [101.2, 36.5]


def test_who_has_no_round_sees_when_the_next_one_is_and_what_is_near(walk: Walking) -> None:
    with walk.office.database.write() as session:
        for stop in walk.stops:
            row = session.get_one(type(walk.row(stop)), stop)
            row.day = walk.day + timedelta(days=2)
    told = rounds.my_round(walk.office, walk.who)
    assert told["round"] is None
    assert told["next"]["day"] == "2026-09-04"
    assert told["next"]["stops"] == 5
    near = rounds.my_round(walk.office, walk.who, at=PLACES[0])
    assert near["near_from"] == "here"
    assert next(row["number"] for row in near["near"]) == "2026-0001"
    assert near["near"][0]["distance_m"] < 1


def test_a_plan_counts_from_when_it_is_sent(walk: Walking) -> None:
    assert rounds.has_round_today(walk.office, walk.who)
    with walk.office.database.write() as session:
        session.get_one(RoutePlan, walk.plan_id).status = "solving"  # worked out again during the day
    assert walk.round() is not None
    with walk.office.database.write() as session:
        session.get_one(RoutePlan, walk.plan_id).sent_at = None
    assert walk.round() is None
    assert not rounds.has_round_today(walk.office, walk.who)
    with pytest.raises(NotFound):
        walk.act(walk.stops[0], "arrive")


def test_times_are_worked_out_from_now(walk: Walking) -> None:
    on_time = walk.round()
    walk.later(hours=2)
    late = walk.round()
    assert late["forecast"]["late_s"] - on_time["forecast"]["late_s"] == 7200
    assert late["stops"][0]["expected_s"] == late["now_s"] + late["ways"]["next"]["duration_s"]
    assert late["forecast"]["missed"] == []
    walk.later(hours=4)  # 16:24; the shift ends at 17:30 and the patch is an hour away
    missed = walk.round()
    assert missed["forecast"]["missed"] == [walk.stops[4]]
    assert missed["stops"][4]["missed"] == "shift"
    assert missed["stops"][0]["expected_s"] is not None
    walk.later(hours=2)
    assert len(walk.round()["forecast"]["missed"]) == 5


def test_a_stop_whose_hours_are_over_is_missed_and_the_others_are_not(walk: Walking) -> None:
    with walk.office.database.write() as session:
        session.get_one(type(walk.row(walk.stops[3])), walk.stops[3]).windows = [[7 * 3600, 10 * 3600]]
    told = walk.round()
    assert told["stops"][3]["missed"] == "window"
    assert told["forecast"]["missed"] == [walk.stops[3]]


def test_arriving_is_checked_against_the_place(walk: Walking) -> None:
    one, two, three = walk.stops[:3]
    near = walk.act(one, "arrive", **walk.there(one))
    assert (near.place, near.state) == ("near", "arrived")
    far = walk.act(two, "arrive", lon=101.2, lat=36.5, accuracy_m=10)
    assert far.place == "far"
    assert far.distance_m == pytest.approx(348, abs=15)
    unknown = walk.act(three, "arrive")
    assert (unknown.place, unknown.distance_m) == ("unknown", None)
    assert walk.row(two).arrived_m is None  # who arrives at the third has left the second
    assert [event.details["distance_m"] is None for event in walk.events("arrived")] == [False, False, True]


def test_a_rough_position_is_believed_only_so_far(walk: Walking) -> None:
    first = walk.stops[0]
    about_200_m: dict[str, Any] = {"lon": 101.201, "lat": 36.5028}
    assert walk.act(first, "arrive", **about_200_m, accuracy_m=4000).place == "far"
    walk.act(first, "undo")
    about_150_m: dict[str, Any] = {"lon": 101.201, "lat": 36.50235}
    assert walk.act(first, "arrive", **about_150_m, accuracy_m=90).place == "near"


def test_anywhere_in_a_patch_is_in_the_patch(walk: Walking) -> None:
    patch = walk.stops[4]
    assert walk.act(patch, "arrive", lon=101.05, lat=36.9).place == "near"
    walk.act(patch, "undo")
    outside = walk.act(patch, "arrive", lon=101.52, lat=36.5)
    assert outside.place == "far"
    assert outside.distance_m == pytest.approx(1790, abs=30)


def test_double_taps_and_what_is_sent_twice_count_once(walk: Walking) -> None:
    first = walk.stops[0]
    one = walk.act(first, "arrive", key="k1", **walk.there(first))
    two = walk.act(first, "arrive", key="k1", **walk.there(first))
    assert (one.repeated, two.repeated) == (False, True)
    walk.act(first, "arrive", key="k2")  # another tap, the same state
    assert len(walk.events("arrived")) == 1
    walk.act(first, "done", key="k3", result="still", note="nobody there")
    again = walk.act(first, "arrive", key="k1")  # an old one that comes late is known
    assert again.state == "done"
    with pytest.raises(Conflict):
        walk.act(first, "skip", key="k4", note="x")
    assert len(walk.events("done")) == 1
    assert walk.row(first).note == "nobody there"


def test_what_happened_offline_keeps_its_time_whatever_the_phones_clock_says(walk: Walking) -> None:
    first = walk.stops[0]
    now = walk.later(hours=1)
    wrong: dict[str, Any] = {
        "at": "2031-01-01T08:00:00+00:00",
        "sent_at": "2031-01-01T08:20:00+00:00",
    }  # years ahead, 20 min apart
    walk.act(first, "arrive", **wrong, **walk.there(first))
    assert walk.row(first).arrived_at == now - timedelta(minutes=20)
    walk.act(first, "done", at="1990-05-05T00:00:00Z", sent_at="1990-05-05T00:10:00Z")
    assert walk.row(first).done_at == now - timedelta(minutes=10)
    assert walk.events("done")[0].at == now
    for bad in (
        {"at": "2026-09-02T12:00:00Z", "sent_at": "2026-09-02T11:00:00Z"},
        {"at": "2026-08-01T12:00:00Z", "sent_at": "2026-09-02T11:00:00Z"},
        {"at": "noon", "sent_at": "2026-09-02T11:00:00Z"},
        {"at": 7, "sent_at": []},
    ):
        with pytest.raises(Refused):
            walk.act(walk.stops[1], "arrive", **bad)


def test_nothing_can_be_done_before_the_plan_was_sent(walk: Walking) -> None:
    walk.later(minutes=1)
    walk.act(walk.stops[0], "arrive", at="2026-09-02T00:00:00Z", sent_at="2026-09-02T05:00:00Z")
    with walk.office.database.read() as session:
        assert walk.row(walk.stops[0]).arrived_at == session.get_one(RoutePlan, walk.plan_id).sent_at


def test_stops_may_be_taken_in_another_order(walk: Walking) -> None:
    third = walk.stops[2]
    walk.act(third, "arrive")
    assert next(stop["id"] for stop in walk.round()["stops"]) == third
    walk.later(minutes=9)
    walk.act(third, "done", result="fixed")
    told = walk.round()
    assert told["stops"][0]["result"] == "fixed"
    assert told["ways"]["next"]["path"][0] == list(PLACES[2])  # on from there
    assert told["stops"][1]["expected_s"] > told["now_s"]


def test_who_stands_at_a_stop_stays_for_what_it_takes(walk: Walking) -> None:
    walk.act(walk.stops[0], "arrive")
    before = walk.round()["stops"][1]["expected_s"]
    walk.later(minutes=5)
    assert walk.round()["stops"][1]["expected_s"] == before  # within the eight minutes that were planned
    walk.later(minutes=10)
    assert walk.round()["stops"][1]["expected_s"] == before + 7 * 60


def test_skipping_needs_a_reason_and_can_be_taken_back(walk: Walking) -> None:
    first = walk.stops[0]
    with pytest.raises(Refused, match="why"):
        walk.act(first, "skip", note="  ")
    walk.act(first, "skip", note="road closed")
    assert walk.stop(first)["state"] == "skipped"
    assert walk.stop(first)["note"] == "road closed"
    assert walk.round()["stops"][1]["expected_s"] is not None
    with pytest.raises(Conflict, match="skipped"):
        walk.act(first, "done")
    walk.act(first, "undo")
    assert walk.stop(first)["state"] == "planned"
    assert [event.details["note"] for event in walk.events("skipped")] == [
        "road closed"
    ]  # what was said stays


def test_done_goes_one_step_back(walk: Walking) -> None:
    first = walk.stops[0]
    walk.act(first, "arrive", **walk.there(first))
    walk.act(first, "done", result="not_found")
    walk.act(first, "undo")
    assert walk.row(first).state == "arrived"
    assert walk.row(first).done_at is None
    walk.act(first, "undo")
    assert walk.row(first).state == "planned"
    assert walk.row(first).arrived_at is None


def test_a_result_must_fit_the_stop(walk: Walking) -> None:
    with pytest.raises(Refused, match="still, fixed, not_found"):
        walk.act(walk.stops[0], "done", result="nothing")
    with pytest.raises(Refused, match="nothing, recorded"):
        walk.act(walk.stops[3], "done", result="still")
    walk.act(walk.stops[3], "done", result="nothing")


def test_what_is_reported_at_a_stop_is_linked_to_it(walk: Walking) -> None:
    place = walk.stops[3]
    walk.later(minutes=30)
    walk.act(place, "arrive", **walk.there(place))
    walk.later(minutes=4)
    walk.report(101.2061, 36.5021, subject="stall")
    walk.report(101.3, 36.6)  # somewhere else
    walk.act(place, "done", result="recorded")
    assert [one["number"] for one in walk.stop(place)["recorded"]] == ["2026-0004"]


def test_only_ones_own_stops(walk: Walking) -> None:
    for who in (walk.world.second, Actor("inspector", 999_999)):
        with pytest.raises(NotFound):
            walk.act(walk.stops[0], "arrive", who)
    with pytest.raises(Forbidden):
        walk.act(walk.stops[0], "arrive", walk.world.handler)
    with pytest.raises(NotFound):
        walk.act(10**9, "arrive")
    with pytest.raises(NotFound):
        round_acts.act(walk.office, walk.who, walk.stops[0], "destroy", {})


def test_a_stop_that_was_given_away_says_so(walk: Walking) -> None:
    with walk.office.database.write() as session:
        session.get_one(type(walk.row(walk.stops[0])), walk.stops[0]).inspector_id = None
    with pytest.raises(Conflict, match="not in your round any more"):
        walk.act(walk.stops[0], "done")


def test_a_supervisors_change_is_news_until_it_was_seen(walk: Walking) -> None:
    assert walk.round()["news"] is None  # before the first look nothing is news
    round_acts.seen(walk.office, walk.who, walk.plan_id, None)
    walk.act(walk.stops[0], "arrive")
    assert walk.round()["news"] is None  # what one does oneself neither
    finding = walk.world.report(101.202, 36.503, subject="new one")
    walk.later(minutes=1)
    walk.change({"act": "insert", "finding": finding}, {"act": "remove", "stop": walk.stops[3]})
    news = walk.round()["news"]
    (added,) = news["added"]
    assert walk.stop(added)["name"] == "new one"
    assert news["gone"] == [{"id": walk.stops[3], "name": "早市", "to": None}]
    assert news["by"] == ["sup", "sup"]
    round_acts.seen(walk.office, walk.who, walk.plan_id, None)
    round_acts.seen(walk.office, walk.who, walk.plan_id, None)
    assert walk.round()["news"] is None
    assert len(walk.events("seen")) == 2


def test_a_change_leaves_what_was_done_and_its_planned_time(walk: Walking) -> None:
    first = walk.stops[0]
    planned = walk.row(first).arrive_at
    walk.later(hours=1)
    walk.act(first, "done")
    walk.change({"act": "insert", "place": {"name": "x", "lon": 101.202, "lat": 36.5}})
    assert walk.row(first).arrive_at == planned
    assert walk.row(first).done_at is not None


def test_who_sees_plans_sees_anothers_round_and_may_not_touch_it(walk: Walking) -> None:
    with walk.office.database.read() as session:
        person = session.query(RouteInspector).one()
    told = rounds.other_round(walk.office, walk.world.supervisor, walk.plan_id, person.id, None)
    assert told["read_only"] is True
    assert len(told["round"]["stops"]) == 5
    assert rounds.other_round(walk.office, walk.who, walk.plan_id, person.id, None)["round"]
    other = Actor("inspector", 77)
    assert not may(other, Act.VIEW_ROUTES)
    with pytest.raises(Forbidden):
        rounds.other_round(walk.office, other, walk.plan_id, person.id, None)
    with pytest.raises(NotFound):
        rounds.other_round(walk.office, walk.world.supervisor, walk.plan_id, 10**6, None)
