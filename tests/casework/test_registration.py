"""Putting findings on record: numbers by the city's year, one history chain each, one revision a batch."""

from datetime import UTC, datetime

from casework import counters
from casework.history import first_broken, step
from casework.office import Office
from casework.registration import Entry, Register
from db.models import Finding, HistoryEntry
from tests.factories.city import two_patches

NEW_YEAR_IN_XINING = datetime(2025, 12, 31, 16, 30, tzinfo=UTC)
OLD_YEAR = datetime(2025, 12, 31, 15, 30, tzinfo=UTC)


def _add(office: Office, category: int, *moments: datetime) -> list[str]:
    entries = [
        Entry(category, 101.2, 36.5, at, steps=[step("report", at, to_status="reported", note="堆放")])
        for at in moments
    ]
    with office.database.write() as session:
        ids = [finding_id for finding_id, _ in Register(session, "Asia/Shanghai", 5).add(entries)]
        return [session.get_one(Finding, finding_id).number for finding_id in ids]


def test_numbers_count_within_the_citys_year(office: Office) -> None:
    category = two_patches(office).categories["0102"]
    assert _add(office, category, OLD_YEAR, NEW_YEAR_IN_XINING, OLD_YEAR) == [
        "2025-0001",
        "2026-0001",
        "2025-0002",
    ]
    assert _add(office, category, NEW_YEAR_IN_XINING) == ["2026-0002"]


def test_each_finding_has_its_own_whole_chain(office: Office) -> None:
    category = two_patches(office).categories["0102"]
    _add(office, category, OLD_YEAR, OLD_YEAR)
    with office.database.read() as session:
        for finding_id in (1, 2):
            entries = session.query(HistoryEntry).filter_by(finding_id=finding_id).all()
            assert len(entries) == 1
            assert first_broken(entries) is None


def test_a_batch_raises_the_revision_once_and_marks_its_rows(office: Office) -> None:
    category = two_patches(office).categories["0102"]
    _add(office, category, OLD_YEAR)
    _add(office, category, OLD_YEAR, OLD_YEAR)
    with office.database.read() as session:
        revisions = [row.revision for row in session.query(Finding).order_by(Finding.id)]
        assert revisions == [1, 2, 2]
        assert counters.current(session, "findings") == 2
