"""Reporting a finding."""

import pytest
from sqlalchemy import select, update

from casework import findings
from casework.errors import Forbidden, NotSignedIn, Refusals
from casework.history import first_broken
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from db.models import Assignment, Category, Finding, HistoryEntry
from tests.factories.city import INSPECTOR, two_patches

GOOD: dict[str, object] = {"category": "0102", "lon": 101.2, "lat": 36.5, "description": "垃圾"}


def test_a_report_is_assigned_referred_timed_and_begins_a_history(office: Office) -> None:
    city = two_patches(office)
    done = findings.report(office, INSPECTOR, {**GOOD, "subject": " 小杨超市 ", "place": "树林巷 12 号"})
    assert done.warnings == ()
    with office.database.read() as session:
        finding = session.get_one(Finding, done.finding_id)
        rows = session.scalars(select(Assignment)).all()
        history = session.scalars(select(HistoryEntry)).all()
    assert (finding.status, finding.subject, finding.place) == ("reported", "小杨超市", "树林巷 12 号")
    assert finding.bureau_id == city.bureaus["HW"]
    assert finding.due_at is not None
    assert finding.due_at > office.now()
    assert len(rows) == 2
    assert [entry.act for entry in history] == ["report"]
    assert first_broken(history) is None


def test_every_fault_is_named_at_once_and_nothing_is_stored(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refusals) as refused:
        findings.report(sqlite_office, INSPECTOR, {"lon": 1, "lat": 91, "description": 1, "found_at": "x"})
    assert [fault.field for fault in refused.value.errors] == ["category", "lat", "description", "found_at"]
    with sqlite_office.database.read() as session:
        assert session.scalars(select(Finding)).all() == []


def test_a_category_no_longer_in_use_is_refused(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with sqlite_office.database.write() as session:
        session.execute(
            update(Category).where(Category.code == "0102").values(retired_at=sqlite_office.now())
        )
    with pytest.raises(Refusals, match="0102"):
        findings.report(sqlite_office, INSPECTOR, GOOD)


@pytest.mark.parametrize(("lon", "words"), [(101.5, "border"), (103.0, "outside every area")])
def test_a_doubtful_place_is_kept_and_warned_about(sqlite_office: Office, lon: float, words: str) -> None:
    two_patches(sqlite_office)
    done = findings.report(sqlite_office, INSPECTOR, {**GOOD, "lon": lon})
    assert words in done.warnings[0]
    with sqlite_office.database.read() as session:
        assert session.get_one(Finding, done.finding_id).triage is True


def test_a_limit_is_inherited_from_the_nearest_parent(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with sqlite_office.database.read() as session:
        below = findings.category_by_code(session, "0105")
        assert findings.limit_of(session, below) == (2, "working_day")


def test_who_may_report(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with pytest.raises(NotSignedIn):
        findings.report(sqlite_office, ANONYMOUS, GOOD)
    with pytest.raises(Forbidden):
        findings.report(sqlite_office, Actor(role="handler"), GOOD)
