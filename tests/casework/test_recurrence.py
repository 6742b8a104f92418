"""The same problem at the same place after closing: tied, told, shown with both, and only then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework.clock import Clock
from casework.map_names import read_names
from casework.map_rows import described
from casework.office import Office
from casework.recurrence import link, ties_of
from casework.tie_view import tie_view
from db.models import Finding, FindingLink, Notice
from tests.factories.everyday import Everyday, everyday

LON = 101.2
M = 1 / 111_195 / 0.8039  # degrees of longitude in a metre at 36.5 N


@pytest.fixture
def people(office: Office) -> Everyday:
    return everyday(office)


@pytest.fixture
def some(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


def later(people: Everyday, **span: float) -> Everyday:
    moved = people.office.now() + timedelta(**span)
    return replace(people, office=replace(people.office, clock=Clock(moved)))


def test_it_came_back_and_both_cases_say_so(people: Everyday) -> None:
    first = people.led_to("closed")
    people = later(people, days=20)
    second = people.report(lon=LON + 12 * M)
    with people.office.database.read() as session:
        [tie] = session.query(FindingLink).all()
        assert (tie.kind, tie.finding_id, tie.other_id) == ("recurrence", second, first)
        assert tie.distance_m == pytest.approx(12, abs=0.5)
        told = session.query(Notice).filter_by(kind="recurrence").all()
        who = {one.user_id for one in told}
        assert {people.supervisor.user_id, people.second.user_id} <= who
        assert people.inspector.user_id not in who
        rows = described(
            session, [first, second], read_names(session), people.office.now(), "Asia/Shanghai", persons=False
        )
        assert [row["again"] for row in rows] == [1, 1]
    assert [
        (one.row["id"], one.is_earlier) for one in tie_view(people.office, people.supervisor, second).again
    ] == [(first, True)]
    assert [one.row["id"] for one in tie_view(people.office, people.supervisor, first).again] == [second]
    people.act(people.supervisor, second, "file")  # filing looks again, and finds it tied
    with people.office.database.read() as session:
        assert session.query(FindingLink).count() == 1
        assert session.query(Notice).filter_by(kind="recurrence").count() == len(who)


def test_a_chain_is_shown_whole(some: Everyday) -> None:
    ids = []
    for _n in range(3):
        ids.append(some.led_to("closed"))
        some = later(some, days=5)
    with some.office.database.read() as session:
        assert {one.finding_id for one in ties_of(session, ids[0])} == set(ids[1:])
        assert {one.finding_id for one in ties_of(session, ids[2])} == set(ids[:2])
    assert tie_view(some.office, some.supervisor, ids[1]).times == 3


def test_what_is_no_recurrence(some: Everyday) -> None:
    some.led_to("closed")
    some.led_to("dispatched", some.report(lon=LON + 500 * M))
    some = later(some, days=1)
    for other in (
        some.report(category="0102"),  # another category
        some.report(lon=LON + 40 * M),  # too far
        some.report(lon=LON + 500 * M),  # that one is still open
    ):
        with some.office.database.read() as session:
            assert ties_of(session, other) == []
    some = later(some, days=366)
    with some.office.database.read() as session:
        assert ties_of(session, some.report()) == []  # too long ago


def test_what_was_closed_after_the_report_is_no_earlier_one(some: Everyday) -> None:
    old, new = some.led_to("verified"), some.report()
    some = later(some, days=1)
    some.act(some.supervisor, old, "close")
    with some.office.database.write() as session:
        assert link(session, some.office, new, some.office.now()) is None


def test_a_corrected_place_is_looked_at_when_it_is_filed(some: Everyday) -> None:
    first = some.led_to("closed")
    some = later(some, days=1)
    second = some.report(lon=LON + 300 * M)
    with some.office.database.write() as session:
        session.get_one(Finding, second).lon = LON + 3 * M
    some.act(some.supervisor, second, "file")
    with some.office.database.read() as session:
        assert [one.finding_id for one in ties_of(session, second)] == [first]
