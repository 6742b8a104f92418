"""Stored deadlines: of imports, after every act, and brought up to date when an older database is."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select, update

from casework.deadline_updates import check_all, recompute_all
from casework.findings import report
from casework.founding import prepare
from casework.history import append, step
from casework.import_findings import FindingImport, import_findings
from casework.office import Office
from casework.policy import SYSTEM
from casework.statistics import statistics
from casework.time_settings import set_limit
from db.models import Category, Finding
from tests.factories.city import NOW, two_patches
from tests.factories.everyday import account

HEADER = "id,lon,lat,category,status,reported_at,closed_at,due_at,description"


def imported(office: Office, folder: Path, *rows: str) -> dict[str, Finding]:
    path = folder / "findings.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    import_findings(office, FindingImport(path), commit=True)
    with office.database.read() as session:
        return {row.external_id or "": row for row in session.scalars(select(Finding))}


def test_an_import_is_due_by_the_calendar_unless_its_source_says_when(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    ours = "1,101.2,36.5,0102,accepted,2026-08-28 10:00,,,堆放"
    theirs = "2,101.2,36.5,0102,accepted,2026-08-28 10:00,,2026-09-20 12:00,堆放"
    found = imported(
        office, tmp_path, ours, theirs, "3,101.2,36.5,0102,closed,2026-08-28 10:00,2026-09-01 10:00,,x"
    )
    assert found["1"].due_at == datetime(2026, 9, 1, 2, tzinfo=UTC)  # two working days over a weekend
    assert found["2"].due_at == datetime(2026, 9, 20, 4, tzinfo=UTC)
    assert found["3"].due_at is None
    # another limit moves ours alone
    moved = set_limit(
        office, SYSTEM, {"step": "handle", "category": "01", "value": "1", "unit": "working_day"}
    )
    assert (moved.open, moved.due, moved.earlier) == (2, 1, 1)
    total = statistics(office, SYSTEM, {"period": "all"}).total
    assert (total.counts["filed"], total.counts["closed"], total.counts["should_close"]) == (3, 1, 1)
    assert total.times["whole"].wall_mean_h == 96
    again = imported(
        office, tmp_path, ours.replace("08-28 10:00", "08-27 10:00"), theirs.replace("09-20", "09-21")
    )
    assert again["1"].due_at == datetime(2026, 8, 28, 2, tzinfo=UTC)
    assert again["2"].due_at == datetime(2026, 9, 21, 4, tzinfo=UTC)
    assert check_all(office)[0].due == 0


def test_a_report_is_due_from_its_first_moment_and_the_step_too(office: Office) -> None:
    two_patches(office)
    staff = account(office, "inspector", area="A")
    finding_id = report(
        office, staff, {"category": "0105", "lon": 101.2, "lat": 36.5, "description": "x"}
    ).finding_id
    with office.database.read() as session:
        row = session.get_one(Finding, finding_id)
        assert row.due_at == datetime(2026, 9, 4, 2, 24, tzinfo=UTC)
        assert row.step_due_at == datetime(2026, 9, 2, 3, 24, tzinfo=UTC)  # to be filed within a working hour


def test_what_somebody_altered_is_found_and_put_right(office: Office) -> None:
    two_patches(office)
    staff = account(office, "inspector", area="A")
    report(office, staff, {"category": "0105", "lon": 101.2, "lat": 36.5, "description": "x"})
    with office.database.write() as session:
        session.execute(update(Finding).values(due_at=NOW))
    moved, numbers = check_all(office)
    assert (moved.due, len(numbers)) == (1, 1)
    told: list[tuple[int, int]] = []
    assert recompute_all(office, lambda done, total: told.append((done, total))).due == 1
    assert told == [(1, 1)]
    assert check_all(office) == (type(moved)(open=1), [])


def test_a_case_without_a_limit_has_no_deadline_and_a_changed_tree_moves_it(office: Office) -> None:
    two_patches(office)
    staff = account(office, "inspector", area="A")
    with office.database.write() as session:
        session.execute(update(Category).values(limit_value=None, limit_unit=None))
    finding_id = report(
        office, staff, {"category": "0105", "lon": 101.2, "lat": 36.5, "description": "x"}
    ).finding_id
    with office.database.write() as session:
        assert session.get_one(Finding, finding_id).due_at is None
        append(session, finding_id, step("file", NOW, from_status="reported", to_status="filed"))
        session.execute(update(Finding).values(status="filed"))
    moved = set_limit(
        office, SYSTEM, {"step": "handle", "category": "", "value": "5", "unit": "calendar_day"}
    )
    assert moved.due == 1
    with office.database.read() as session:
        assert session.get_one(Finding, finding_id).due_at == datetime(2026, 9, 7, 2, 24, tzinfo=UTC)


def test_preparing_a_current_database_moves_nothing(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    staff = account(sqlite_office, "inspector", area="A")
    report(sqlite_office, staff, {"category": "0105", "lon": 101.2, "lat": 36.5, "description": "x"})
    with sqlite_office.database.write() as session:
        session.execute(update(Finding).values(due_at=NOW))
    assert prepare(sqlite_office) is False
    assert check_all(sqlite_office)[0].due == 1
