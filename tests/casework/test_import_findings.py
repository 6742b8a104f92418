"""Importing findings: every row accounted for, the same again changes nothing, nothing half-written."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from casework import counters
from casework.errors import Refused
from casework.history import first_broken
from casework.import_findings import FindingImport, FindingReport, NothingKept, import_findings
from casework.office import Office
from db.models import Area, Assignment, Finding, HistoryEntry
from geo.problems import UnreadableFile
from tests.factories.city import two_patches

HEADER = "id,lon,lat,category,status,reported_at,closed_at,description"
GOOD = "1,101.2,36.5,0102,filed,2026-09-01 08:00,,堆放"
EAST = "2,101.7,36.5,0105,closed,2026-09-01 08:00,2026-09-02 08:00,"
FAR = "3,99,30,0102,reported,2026-09-01 08:00,,"
NOWHERE = "4,0,0,0102,filed,2026-09-01 08:00,,"
UNKNOWN = "5,101.2,36.5,noise,filed,2026-09-01 08:00,,"
AGAIN = "1,101.3,36.5,0102,filed,2026-09-01 08:00,,"


def table(folder: Path, rows: Sequence[str], header: str = HEADER) -> Path:
    """A CSV file of findings."""
    path = folder / "findings.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def run(office: Office, path: Path, *, commit: bool = True, rejects: Path | None = None) -> FindingReport:
    """Import a file."""
    return import_findings(office, FindingImport(path, rejects=rejects), commit=commit)


def counted(report: FindingReport) -> tuple[int, int, int, int]:
    """New, updated, unchanged, rejected."""
    done = report.outcomes
    return done["new"], done["updated"], done["unchanged"], report.rejected


def test_every_row_is_taken_or_refused_with_its_reason(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    path = table(tmp_path, [GOOD, EAST, FAR, NOWHERE, UNKNOWN, AGAIN])
    rejects = tmp_path / "rejects.csv"
    dry = run(office, path, commit=False)
    report = run(office, path, rejects=rejects)
    assert counted(dry) == counted(report) == (3, 0, 0, 3)
    assert (dry.places, dry.reasons) == (report.places, report.reasons)
    assert report.places == {"inside": 2, "outside": 1}
    with rejects.open(encoding="utf-8", newline="") as file:
        refused = list(csv.DictReader(file))
    assert [row["id"] for row in refused] == ["4", "5", "1"]
    assert [row["reason"] for row in refused] == [
        "no location: longitude and latitude are 0,0",
        "category: nobody said what “noise” means; map it with --values category=FILE.csv",
        "the id 1 stands in row 1 already",
    ]
    assert list(refused[0])[:-1] == HEADER.split(",")


def test_a_dry_run_writes_nothing(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    run(office, table(tmp_path, [GOOD]), commit=False)
    with office.database.read() as session:
        assert session.query(Finding).count() == 0
        assert counters.current(session, "findings") == 0


def test_what_is_on_record_afterwards(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    run(office, table(tmp_path, [GOOD, EAST, FAR]))
    with office.database.read() as session:
        good, east, far = session.query(Finding).order_by(Finding.external_id)
        assert session.get_one(Area, good.area_id).code == "A"
        assert (good.source, good.number, good.triage) == ("import", "2026-0001", False)
        assert good.due_at is not None, "an open case gets its category's limit"
        assert (east.status, east.due_at) == ("closed", None)
        assert east.closed_at is not None
        assert (far.area_id, far.assignment, far.triage) == (None, "outside", True)
        [entry] = session.query(HistoryEntry).filter_by(finding_id=good.id)
        assert (entry.act, entry.to_status) == ("import", "filed")
        assert (entry.payload["source"], entry.payload["id"]) == ("import", "1")
        assert first_broken([entry]) is None


def test_a_second_import_changes_nothing(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    path = table(tmp_path, [GOOD, EAST, FAR, NOWHERE])
    run(office, path)
    with office.database.read() as session:
        before = counters.current(session, "findings"), session.query(HistoryEntry).count()
    assert counted(run(office, path, commit=False)) == counted(run(office, path)) == (0, 0, 3, 1)
    with office.database.read() as session:
        after = counters.current(session, "findings"), session.query(HistoryEntry).count()
    assert after == before


def test_the_same_id_again_updates_and_locates_again(office: Office, tmp_path: Path) -> None:
    made = two_patches(office)
    run(office, table(tmp_path, [GOOD, EAST]))
    moved = "1,101.7,36.5,0105,closed,2026-09-01 08:00,2026-09-02 09:00,清走"
    report = run(office, table(tmp_path, [moved, EAST]))
    assert counted(report) == (0, 1, 1, 0)
    with office.database.read() as session:
        finding = session.query(Finding).filter_by(external_id="1").one()
        assert session.get_one(Area, finding.area_id).code == "B"
        assert (finding.status, finding.description, finding.due_at) == ("closed", "清走", None)
        assert finding.bureau_id == made.bureaus["CG"]
        current = session.query(Assignment).filter_by(finding_id=finding.id, valid_to=None).all()
        assert len(current) == 2, "one a level"
        entries = (
            session.query(HistoryEntry).filter_by(finding_id=finding.id).order_by(HistoryEntry.seq).all()
        )
        assert first_broken(entries) is None
        last = entries[-1]
        assert (last.act, last.from_status, last.to_status) == ("import", "filed", "closed")
        assert last.payload["changed"]["category"] == ["0102", "0105"]
        assert last.payload["changed"]["lon"] == [101.2, 101.7]
        assert last.payload["changed"]["texts"] == ["description"], "texts stay outside the sealed chain"


def test_our_own_progress_is_not_undone_by_the_same_row(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    path = table(tmp_path, [GOOD])
    run(office, path)
    with office.database.write() as session:
        session.query(Finding).update({"status": "handled"})
    assert counted(run(office, path)) == (0, 0, 1, 0)
    with office.database.read() as session:
        assert session.query(Finding).one().status == "handled"


def test_a_finding_that_a_person_pinned_stays_in_its_patch(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    run(office, table(tmp_path, [GOOD]))
    with office.database.write() as session:
        session.query(Finding).update({"pinned": True})
    report = run(office, table(tmp_path, [GOOD.replace("101.2", "101.7")]))
    assert report.said.total() == 1
    with office.database.read() as session:
        finding = session.query(Finding).one()
        assert finding.lon == 101.7
        assert session.get_one(Area, finding.area_id).code == "A"


def test_another_source_may_use_the_same_ids(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    path = table(tmp_path, [GOOD])
    run(office, path)
    report = import_findings(office, FindingImport(path, source="12345"), commit=True)
    assert counted(report) == (1, 0, 0, 0)


def test_nothing_kept_is_a_refusal(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    rejects = tmp_path / "rejects.csv"
    with pytest.raises(NothingKept, match=r"None of the 1 rows can be taken.*0,0"):
        run(office, table(tmp_path, [NOWHERE]), rejects=rejects)
    assert rejects.read_text(encoding="utf-8").count("\n") == 2


def test_a_wrong_column_leaves_no_rejects_behind(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused, match="no such column"):
        import_findings(sqlite_office, FindingImport(table(tmp_path, [GOOD]), id="key"))
    assert [path.name for path in tmp_path.glob("*rejects*")] == []


def test_many_chunks_are_one_transaction(
    sqlite_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.import_findings._CHUNK", 2)
    two_patches(sqlite_office)
    rows = [GOOD.replace("1,", f"{i},", 1) for i in range(1, 6)]
    told: list[tuple[int, int]] = []
    report = import_findings(
        sqlite_office,
        FindingImport(table(tmp_path, rows)),
        commit=True,
        progress=lambda done, total: told.append((done, total)),
    )
    assert counted(report) == (5, 0, 0, 0)
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_a_header_without_rows_says_so(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    path = tmp_path / "a.csv"
    path.write_text("lon,lat,category\n", encoding="utf-8")
    with pytest.raises(NothingKept, match="has no rows"):
        import_findings(sqlite_office, FindingImport(path))
    path.write_text("lon,lat,category\n101.2,36.5,0102\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="not utf-16"):
        import_findings(sqlite_office, FindingImport(path, encoding="utf-16"))
