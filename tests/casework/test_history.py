"""The chain of a finding's history: whole when untouched, broken where somebody changed it behind our back."""

from typing import Any

import pytest
from sqlalchemy import delete, update

from casework.findings import report
from casework.history import append, first_broken, step
from casework.office import Office
from db.models import HistoryEntry
from tests.factories.city import INSPECTOR, NOW, two_patches


@pytest.fixture
def finding(office: Office) -> int:
    """A finding with three steps, one of them with a note."""
    two_patches(office)
    finding_id = report(office, INSPECTOR, {"category": "0102", "lon": 101.2, "lat": 36.5}).finding_id
    with office.database.write() as session:
        append(
            session, finding_id, step("file", NOW, from_status="reported", to_status="filed", note="核实属实")
        )
        append(session, finding_id, step("dispatch", NOW, from_status="filed", to_status="dispatched"))
    return finding_id


def _entries(office: Office, finding_id: int) -> list[HistoryEntry]:
    with office.database.read() as session:
        query = session.query(HistoryEntry).filter_by(finding_id=finding_id).order_by(HistoryEntry.seq)
        return query.all()


def test_an_untouched_chain_is_whole(office: Office, finding: int) -> None:
    entries = _entries(office, finding)
    assert [entry.act for entry in entries] == ["report", "file", "dispatch"]
    assert first_broken(entries) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"act": "decline"},
        {"to_status": "closed"},
        {"note": "别的话"},
        {"payload": {"a": 1}},
        {"user_id": None, "hash": "0" * 64},
    ],
)
def test_a_changed_step_is_found(office: Office, finding: int, changes: dict[str, Any]) -> None:
    with office.database.write() as session:
        session.execute(update(HistoryEntry).where(HistoryEntry.act == "file").values(**changes))
    assert first_broken(_entries(office, finding)) == 2


def test_a_removed_step_is_found(office: Office, finding: int) -> None:
    with office.database.write() as session:
        session.execute(delete(HistoryEntry).where(HistoryEntry.act == "file"))
    assert first_broken(_entries(office, finding)) == 3


def test_a_note_can_be_deleted_without_breaking_the_chain(office: Office, finding: int) -> None:
    with office.database.write() as session:
        session.execute(
            update(HistoryEntry).where(HistoryEntry.act == "file").values(note=None, note_salt=None)
        )
    assert first_broken(_entries(office, finding)) is None
