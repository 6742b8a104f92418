"""Possible duplicates: found by distance, category and time; joined and taken apart; called different for good."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.acts import perform
from casework.clock import Clock
from casework.duplicates import Candidate, call_alike, call_different, candidates, likeness
from casework.errors import Forbidden, NotFound, Refused
from casework.map_names import read_names
from casework.office import Office
from casework.scope import EVERYTHING, scope_of
from casework.tie_view import tie_view
from db.models import FindingLink, Notice
from tests.factories.everyday import Everyday, everyday

LON, LAT = 101.2, 36.5
M = 1 / 111_195 / np.cos(np.radians(LAT))  # degrees of longitude in a metre


@pytest.fixture
def people(office: Office) -> Everyday:
    return everyday(office)


@pytest.fixture
def some(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


def later(people: Everyday, **span: float) -> Everyday:
    moved = people.office.now() + timedelta(**span)
    return replace(people, office=replace(people.office, clock=Clock(moved)))


def alike(people: Everyday, finding: int, scope: object = EVERYTHING) -> list[Candidate]:
    row = people.finding(finding)
    with people.office.database.read() as session:
        return candidates(
            people.office, session, (row.lon, row.lat), row.category_id, row.reported_at, read_names(session),
            "Asia/Shanghai", but=finding, scope=scope,  # type: ignore[arg-type]
        )  # fmt: skip


def test_the_likeliest_stands_first_and_says_why(people: Everyday) -> None:
    near = people.report(lon=LON + 10 * M)
    other_kind = people.report(lon=LON + 3 * M, category="0102")
    farther = people.report(lon=LON + 60 * M)
    people.report(lon=LON + 400 * M)  # too far
    people.led_to("closed", people.report(lon=LON + 1 * M))  # not open
    people = later(people, hours=2)
    asked = people.report()
    found = alike(people, asked)
    assert [one.row["id"] for one in found] == [near, other_kind, farther]
    assert [one.same for one in found] == ["category", "class", "category"]
    assert found[0].row["distance_m"] == pytest.approx(10, abs=0.2)
    assert found[0].apart_s == pytest.approx(-7200)


def test_what_is_weeks_apart_is_not_asked_about(some: Everyday) -> None:
    some.report()
    some = later(some, days=29)
    assert len(alike(some, some.report(lon=LON + 2 * M))) == 1
    some = later(some, days=60)
    assert alike(some, some.report(lon=LON + 4 * M)) == []


def test_of_what_one_does_not_see_nothing_is_offered(some: Everyday) -> None:
    some.report()
    asked = some.led_to("dispatched", some.report(lon=LON + 2 * M))
    with some.office.database.read() as session:
        scope = scope_of(session, some.other)
    assert alike(some, asked, scope) == []
    with pytest.raises(NotFound):
        tie_view(some.office, some.other, asked)


def test_joined_both_reporters_stay_and_are_told_and_it_can_be_undone(people: Everyday) -> None:
    stays, gone = people.led_to("dispatched"), people.report(lon=LON + 5 * M)
    perform(people.office, people.supervisor, gone, "merge", extra={"other": people.finding(stays).number})
    assert people.finding(gone).status == "duplicate"
    assert people.finding(gone).reporter_id == people.finding(stays).reporter_id == people.inspector.user_id
    assert alike(people, stays) == []
    with people.office.database.read() as session:
        acts = {row.facts["act"] for row in session.query(Notice).filter_by(user_id=people.inspector.user_id)}
        assert {"merge", "took_in"} <= acts
        assert session.query(FindingLink).filter_by(kind="duplicate", ended_at=None).count() == 1
    people.act(people.handler, stays, "accept")
    perform(people.office, people.supervisor, gone, "unmerge")
    assert people.finding(gone).status == "reported"
    assert [one.row["id"] for one in alike(people, stays)] == [gone]


def test_called_different_nobody_is_asked_again_until_it_is_taken_back(people: Everyday) -> None:
    first, second = people.report(), people.report(lon=LON + 5 * M)
    call_different(people.office, people.supervisor, first, second)
    call_different(people.office, people.supervisor, second, first)  # said twice, the other way round
    assert alike(people, first) == alike(people, second) == []
    call_alike(people.office, people.supervisor, second, first)
    assert len(alike(people, first)) == 1


def test_who_may_call_findings_different(some: Everyday) -> None:
    first, second = some.report(), some.report()
    for who in (some.inspector, some.handler):
        with pytest.raises(Forbidden):
            call_different(some.office, who, first, second)
    with pytest.raises(Refused):
        call_different(some.office, some.supervisor, first, first)
    with pytest.raises(NotFound):
        call_different(some.office, some.supervisor, first, 98765)


@given(
    away=st.floats(0, 200), more=st.floats(0, 200), apart=st.floats(-4e6, 4e6),
    same=st.sampled_from(["category", "class", ""]),
)  # fmt: skip
def test_likeness_falls_with_distance_and_never_leaves_its_range(
    away: float, more: float, apart: float, same: str
) -> None:
    near, far = likeness(np.array([away, away + more]), np.array([apart, apart]), [same, same])
    assert 0 <= far <= near <= 1
    [best] = likeness(np.array([away]), np.array([apart]), ["category"])
    assert best >= near
