"""Looking back: what became of rounds, whose they are, how far they led, and when patches were last seen."""

from datetime import date, datetime, timedelta

import pytest

from casework.errors import Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.route_lookback import ON_TIME_S, lookback, read_period
from casework.route_overview import beginning, plan_list
from casework.route_plans import at_second, discard
from casework.route_visits import patch_visits
from casework.route_walked import walked_round
from db.models import TrackPoint
from tests.factories.everyday import Everyday, account, everyday
from tests.factories.walked_rounds import positions, sent_round

TODAY = date(2026, 9, 2)
ZONE = "Asia/Shanghai"


@pytest.fixture
def world(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


@pytest.fixture
def both(office: Office) -> Everyday:
    """On either database: for what the databases group and compare."""
    return everyday(office)


def walked(
    world: Everyday, day: date, states: list[str], *, who: Actor | None = None, late_s: int = 0
) -> int:
    """A plan of this day that was sent and went as told; see ``sent_round``."""
    return sent_round(world.office, (who or world.inspector).user_id or 0, day, states, late_s=late_s)


def recorded(world: Everyday, plan_id: int, who: Actor, start: datetime, metres: int) -> None:
    """Consent, and positions of a straight walk."""
    positions(world.office, plan_id, who.user_id or 0, start, metres)


def test_stops_are_made_skipped_or_missed_and_today_they_wait(world: Everyday) -> None:
    walked(world, TODAY - timedelta(days=1), ["done", "done", "skipped", "planned"])
    walked(world, TODAY, ["done", "arrived", "planned"])
    now, before = lookback(world.office, world.supervisor, {}).rounds
    assert (now.day, now.stops, now.done, now.waiting, now.missed) == (TODAY, 3, 1, 2, 0)
    assert (before.done, before.skipped, before.missed, before.waiting) == (2, 1, 1, 0)
    assert before.planned_m == 4000
    assert before.walked_m is None
    assert before.planned_s == (9 * 3600, 9 * 3600 + 3 * 1800 + 600)
    assert before.walked_s == (9 * 3600, 9 * 3600 + 1800 + 600)
    days = lookback(world.office, world.supervisor, {}).days
    assert [(one.day, one.stops, one.done) for one in days] == [(before.day, 4, 2), (TODAY, 3, 1)]


def test_on_time_is_a_quarter_of_an_hour(world: Everyday) -> None:
    walked(world, TODAY, ["done", "done"], late_s=ON_TIME_S)
    walked(world, TODAY, ["done", "done"], late_s=ON_TIME_S + 60)
    late, good = lookback(world.office, world.supervisor, {}).rounds
    assert (good.on_time, good.timed, good.late_s) == (2, 2, ON_TIME_S)
    assert (late.on_time, late.timed) == (0, 2)


def test_what_was_recorded_is_measured_and_deleting_it_shows(both: Everyday) -> None:
    plan = walked(both, TODAY, ["done"])
    recorded(both, plan, both.inspector, at_second(TODAY, 9 * 3600, ZONE), 3000)
    found = lookback(both.office, both.supervisor, {})
    assert found.rounds[0].walked_m == pytest.approx(3000, rel=0.01)
    assert found.days[0].compared_m == 4000
    assert [one.records for one in found.people] == [True]
    person = found.rounds[0].inspector_id
    assert walked_round(both.office, both.supervisor, plan, person, TODAY)["walked_m"] == pytest.approx(
        3000, rel=0.01
    )
    with both.office.database.write() as session:
        session.query(TrackPoint).delete()
    assert lookback(both.office, both.supervisor, {}).rounds[0].walked_m is None
    assert walked_round(both.office, both.supervisor, plan, person, TODAY)["walked"] == []


def test_positions_too_old_to_be_kept_are_shown_no_more(world: Everyday) -> None:
    day = TODAY - timedelta(days=world.office.settings.track_days)
    plan = walked(world, day, ["done"])
    recorded(world, plan, world.inspector, at_second(day, 9 * 3600, ZONE), 900)
    query = {"from": day.isoformat()}
    round_ = lookback(world.office, world.supervisor, query).rounds[0]
    assert round_.walked_m is None
    assert walked_round(world.office, world.supervisor, plan, round_.inspector_id, day)["walked"] == []


def test_a_round_has_its_planned_way_and_its_times(world: Everyday) -> None:
    plan = walked(world, TODAY, ["done", "skipped"], late_s=300)
    round_ = lookback(world.office, world.supervisor, {}).rounds[0]
    found = walked_round(world.office, world.supervisor, plan, round_.inspector_id, TODAY)
    assert len(found["planned"]) == 3  # to the first stop, to the second, and back
    assert found["planned"][0][-1] == pytest.approx([101.20, 36.50], abs=1e-5)
    first, second = found["stops"]
    assert (first["planned_s"], first["reached_s"], first["late_s"]) == (9 * 3600, 9 * 3600 + 300, 300)
    assert (second["state"], second["reached_s"], second["late_s"]) == ("skipped", None, None)
    assert first["area"]["code"] == "A"


def test_an_inspector_sees_their_own_rounds_and_nobody_elses(world: Everyday) -> None:
    other = account(world.office, "inspector", area="B")
    mine, theirs = walked(world, TODAY, ["done"]), walked(world, TODAY, ["done"], who=other)
    assert [one.plan_id for one in lookback(world.office, world.inspector, {}).rounds] == [mine]
    asked = {"inspector": str(other.user_id)}
    assert [one.plan_id for one in lookback(world.office, world.inspector, asked).rounds] == [mine]
    assert [one.plan_id for one in lookback(world.office, world.supervisor, asked).rounds] == [theirs]
    person = lookback(world.office, world.supervisor, asked).rounds[0].inspector_id
    with pytest.raises(NotFound):
        walked_round(world.office, world.inspector, theirs, person, TODAY)
    assert [one.code for one in patch_visits(world.office, world.inspector, {})] == ["A"]
    with pytest.raises(Forbidden):
        lookback(world.office, world.handler, {})
    with pytest.raises(Forbidden):
        patch_visits(world.office, world.handler, {})
    with pytest.raises(NotFound):
        walked_round(world.office, world.supervisor, mine, person, TODAY)


def test_only_what_was_sent_counts(world: Everyday) -> None:
    plan = walked(world, TODAY, ["planned"])
    person = lookback(world.office, world.supervisor, {}).rounds[0].inspector_id
    discard(world.office, SYSTEM, plan)
    assert lookback(world.office, world.supervisor, {}).rounds == []
    with pytest.raises(NotFound):
        walked_round(world.office, world.supervisor, plan, person, TODAY)


def test_days_since_a_patch_was_seen_are_days_of_the_calendar(both: Everyday) -> None:
    assert {one.code: one.days for one in patch_visits(both.office, both.supervisor, {})} == {
        "A": None,
        "B": None,
    }
    walked(both, TODAY - timedelta(days=3), ["done", "done", "done", "skipped"])
    never, seen = patch_visits(both.office, both.supervisor, {})
    assert (never.code, never.days, never.visits) == ("B", None, 0)
    assert (seen.code, seen.days, seen.visits) == ("A", 3, 3)
    earlier = {"from": "2026-08-01", "to": "2026-08-20"}
    assert [one.visits for one in patch_visits(both.office, both.supervisor, earlier)] == [0, 0]


BAD = [
    ({"from": "x"}, "from"), ({"to": "2026-02-30"}, "to"), ({"from": "2026-09-02", "to": "2026-09-01"}, "to"),
    ({"from": "2025-01-01", "to": "2026-09-01"}, "from"), ({"inspector": "me"}, "inspector"),
    ({"to": "0001-01-01"}, "to"),
]  # fmt: skip


def test_a_period_that_cannot_be_is_refused_by_name() -> None:
    for query, field in BAD:
        with pytest.raises(Refused) as refused:
            read_period(query, TODAY, None)
        assert refused.value.field == field
    usual = read_period({}, TODAY, None)
    assert (usual.first, usual.last) == (date(2026, 8, 20), TODAY)


def test_the_list_says_how_far_each_plan_is(world: Everyday) -> None:
    yesterday = TODAY - timedelta(days=1)
    gone, half = walked(world, yesterday, ["done", "planned"]), walked(world, TODAY, ["done", "planned"])
    whole, waits = walked(world, TODAY, ["done", "skipped"]), walked(world, TODAY, ["planned"])
    soon = walked(world, TODAY + timedelta(days=1), ["planned"])
    listed = plan_list(world.office, world.supervisor, {})
    assert [name for name, _ in listed.groups] == ["today", "coming", "past"]
    stages = {card.id: card.stage for _, cards in listed.groups for card in cards}
    assert stages == {gone: "done", half: "under_way", whole: "done", waits: "sent", soon: "sent"}
    card = next(card for _, cards in listed.groups for card in cards if card.id == half)
    assert (card.stops, card.served, card.done, card.distance_m) == (2, 2, 1, 4000)
    assert card.rounds == [[pytest.approx((101.20, 36.50)), pytest.approx((101.21, 36.50))]]
    assert len(card.people) == 1


def test_the_list_is_narrowed_by_stage_and_period(both: Everyday) -> None:
    half = walked(both, TODAY, ["done", "planned"])
    gone = walked(both, TODAY - timedelta(days=10), ["done"])
    thrown = walked(both, TODAY, ["planned"])
    discard(both.office, SYSTEM, thrown)

    def ids(**query: str) -> list[int]:
        return [
            card.id for _, cards in plan_list(both.office, both.supervisor, query).groups for card in cards
        ]

    assert ids(stage="under_way") == [half]
    assert ids(stage="done") == [gone]
    assert ids(stage="discarded") == [thrown]
    assert ids(period="past") == [gone]
    assert ids(period="today") == ids(period="week") == [half]
    assert ids(page="99") == [half, gone]
    for query, field in (({"stage": "x"}, "stage"), ({"period": "x"}, "period")):
        with pytest.raises(Refused) as refused:
            plan_list(both.office, both.supervisor, query)
        assert refused.value.field == field
    with pytest.raises(Forbidden):
        plan_list(both.office, both.inspector, {})


def test_a_new_plan_begins_with_who_could_go_and_what_streets_there_are(world: Everyday) -> None:
    found = beginning(world.office, world.supervisor)
    assert (found.day, found.now_s) == (TODAY, 10 * 3600 + 24 * 60)
    assert {one.user_id: one.role for one in found.crew}[world.inspector.user_id or 0] == "inspector"
    assert next(one for one in found.crew if one.user_id == world.inspector.user_id).patches == ["A"]
    assert found.network is None
    assert not found.may_import_streets
    with pytest.raises(Forbidden):
        beginning(world.office, world.inspector)
