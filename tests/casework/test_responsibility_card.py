"""A leader's card: what is theirs, how it stands, what comes next, and who may see it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework import counters, duties, people
from casework.errors import NotFound, NotSignedIn
from casework.findings import report
from casework.office import Office
from casework.policy import ANONYMOUS, SYSTEM, Actor
from casework.responsibility_card import LeaderCard, leader_card
from db.models import City, Finding
from tests.factories.city import INSPECTOR, two_patches
from tests.factories.divisions import DAY, at, redraw

STAFF = Actor(role="leader", user_id=1)


@pytest.fixture
def led(office: Office) -> tuple[Office, int]:
    """Ma leads A, with Tie as a member; three findings in A and one in B, none of them late yet."""
    two_patches(office)
    ma = people.add_person(office, SYSTEM, {"name_zh": "马建国", "phone": "0971-000 0003"}).person_id
    tie = people.add_person(office, SYSTEM, {"name_zh": "铁辉"}).person_id
    duties.give_duty(office, SYSTEM, ma, "leader", "patch:A", "2026-08-01")
    duties.give_duty(office, SYSTEM, tie, "member", "patch:A", "2026-08-01")
    for lon in (101.1, 101.2, 101.3, 101.9):
        report(office, INSPECTOR, {"category": "0105", "lon": lon, "lat": 36.5})
    return office, ma


def _set(office: Office, **values: object) -> list[int]:
    """Give the findings of A, oldest first, these columns; returns their ids."""
    with office.database.write() as session:
        found = session.query(Finding).filter(Finding.lon < 101.5).order_by(Finding.id).all()
        for one in found:
            for name, value in values.items():
                setattr(one, name, value)

        revision = counters.advance(session, "findings")
        for one in found:
            one.revision = revision
        return [one.id for one in found]


def _card(led: tuple[Office, int], actor: Actor = STAFF) -> LeaderCard:
    return leader_card(led[0], actor, led[1])


def test_what_is_theirs_and_who_is_with_them(led: tuple[Office, int]) -> None:
    card = _card(led)
    assert [(one.code, one.held.duty, one.name) for one in card.now_held] == [
        ("A", "leader", ["西片", "West"])
    ]
    assert [one.name_zh for one in card.team] == ["铁辉"]
    assert (card.figures.open, card.figures.over, card.due) == (3, 0, 0)
    assert card.around is not None
    assert card.phone == "0971-000 0003"


def test_late_ones_stand_before_coming_ones(led: tuple[Office, int]) -> None:
    office, _ma = led
    ids = _set(office, status="dispatched", due_at=office.now() - timedelta(hours=5))
    with office.database.write() as session:
        last = session.get(Finding, ids[2])
        assert last is not None
        last.due_at = office.now() + timedelta(hours=2)

        last.revision = counters.advance(session, "findings")
    card = _card(led)
    assert (card.figures.over, card.due) == (2, 1)
    assert [row["id"] for row in card.urgent] == ids[:2]
    assert [row["id"] for row in card.deadlines] == ids[2:]


def test_closed_in_time_and_late_by_week(led: tuple[Office, int]) -> None:
    office, _ma = led
    now = office.now()
    ids = _set(office, status="closed", due_at=now - DAY, closed_at=now - 2 * DAY)
    with office.database.write() as session:
        late = session.get(Finding, ids[0])
        assert late is not None
        late.closed_at = now - timedelta(hours=1)

        late.revision = counters.advance(session, "findings")
    card = _card(led)
    assert (card.closed, card.in_time) == (3, 2)
    assert len(card.weeks) == 8
    assert (card.weeks[-1].in_time + card.weeks[-2].in_time, card.weeks[-1].late) == (2, 1)
    assert card.weeks[-1].first.isoformat() == "2026-08-31"  # a Monday


def test_what_was_and_what_will_be_stays_on_the_card(led: tuple[Office, int]) -> None:
    office, ma = led
    duties.give_duty(office, SYSTEM, ma, "leader", "patch:B", "2026-10-01")
    card = _card(led)
    assert [one.code for one in card.later] == ["B"]
    assert card.figures.open == 3  # what is theirs later does not count yet
    redraw(office, 1, {}, ended=("A",))
    later = leader_card(at(office, office.now() + 2 * DAY), STAFF, ma)
    assert later.now_held == []  # its duties end with an area
    assert [(one.code, one.name, one.card) for one in later.past] == [("A", ["西片", "West"], None)]
    assert (later.led, later.figures.open, later.around) == ([], 0, None)


def test_who_may_see_it(led: tuple[Office, int]) -> None:
    office, ma = led
    with pytest.raises(NotSignedIn):
        leader_card(office, ANONYMOUS, ma)
    opened = replace(office, settings=replace(office.settings, public_map=True))
    with pytest.raises(NotSignedIn):  # a public map names nobody
        leader_card(opened, ANONYMOUS, ma)
    with pytest.raises(NotFound):
        leader_card(office, STAFF, 999)
    nobody = people.add_person(office, SYSTEM, {"name_zh": "白春花"}).person_id
    assert leader_card(office, STAFF, nobody).now_held == []
    with office.database.write() as session:
        session.query(City).one().is_demo = True
    assert leader_card(opened, ANONYMOUS, ma).phone == ""
    with pytest.raises(NotFound):
        leader_card(opened, ANONYMOUS, nobody)


def test_another_bureaus_cases_are_counted_not_listed(led: tuple[Office, int]) -> None:
    office, _ma = led
    _set(office, status="dispatched", due_at=office.now() - timedelta(hours=5))
    card = _card(led, Actor(role="handler", user_id=1, bureau_id=10**6))
    assert (card.figures.over, card.urgent, card.hidden) == (3, [], 3)
