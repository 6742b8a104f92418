"""What was changed behind the program's back is found, by case number, and nothing else is."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import Connection, text

from casework.findings import report
from casework.office import Office
from casework.photos import photo_path, store_bytes
from casework.verify import MOST_FAULTS, Check, verify
from db.models import Photo
from tests.factories.city import INSPECTOR, NOW, two_patches

PICTURE = b"\xff\xd8 not a real picture, but kept byte for byte \x00\xff\xd9"
DIGEST = hashlib.sha256(PICTURE).hexdigest()
LATER = "UPDATE history SET note = 'a note that nobody wrote', note_salt = 's' WHERE finding_id = 1"


@pytest.fixture
def kept(office: Office) -> Office:
    """Two findings, the first with a photo."""
    two_patches(office)
    for lon in (101.2, 101.7):
        report(office, INSPECTOR, {"category": "0105", "lon": lon, "lat": 36.5})
    store_bytes(office, PICTURE)
    with office.database.write() as session:
        session.add(
            Photo(finding_id=1, kind="before", media_type="image/jpeg", size_bytes=len(PICTURE), sha256=DIGEST,
                  width=1, height=1, created_at=NOW)
        )  # fmt: skip
    return office


def _behind_the_back(office: Office, statement: str) -> None:
    """Run a statement as somebody with the database's own tools would, references or not."""

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))

    if office.database.engine.dialect.name == "sqlite":
        with office.database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            run(connection)
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            connection.exec_driver_sql("BEGIN")
    else:
        with office.database.engine.begin() as connection:
            run(connection)


def _faults(office: Office) -> dict[str, list[str]]:
    return {check.what: check.faults for check in verify(office) if check.broken}


def test_what_is_whole_is_whole_and_counted(kept: Office) -> None:
    told: list[tuple[int, int]] = []
    checks = {check.what: check for check in verify(kept, lambda done, total: told.append((done, total)))}
    assert {name: check.broken for name, check in checks.items()} == dict.fromkeys(checks, 0)
    assert checks["history chains"].looked_at == 2
    assert checks["assignments"].looked_at == 4  # two findings on two levels
    assert checks["photos"].looked_at == 1
    assert told[-1] == (1, 1)


@pytest.mark.parametrize(
    ("statement", "what", "words"),
    [
        ("UPDATE history SET act = 'file' WHERE finding_id = 1", "history chains", "2026-0001: the history"),
        (LATER, "history chains", "2026-0001: the history does not fit from step 1"),
        ("UPDATE history SET seq = 2 WHERE finding_id = 2", "history chains", "2026-0002: the history"),
        ("DELETE FROM history WHERE finding_id = 2", "history chains", "2026-0002: has no history"),
        ("UPDATE findings SET status = 'closed' WHERE id = 1", "history chains", "2026-0001: is closed, but"),
        ("UPDATE findings SET area_id = NULL WHERE id = 2", "assignments", "2026-0002: its patch"),
        ("UPDATE findings SET bureau_id = 2 WHERE id = 2", "assignments", "2026-0002: its patch"),
        ("UPDATE assignments SET area_id = 1 WHERE finding_id = 1 AND level_id = 2", "assignments", "2026-0001"),
        ("DELETE FROM assignments WHERE finding_id = 1", "assignments", "2026-0001: has a patch, but no"),
        ("UPDATE counters SET value = 1 WHERE name = 'number:2026'", "counters", "number:2026 stands at 1, and 2"),
        ("DELETE FROM counters WHERE name = 'findings'", "counters", "the counter findings stands at 0"),
        ("UPDATE findings SET number = 'X' WHERE id = 1", "counters", "X: is no case number"),
        ("UPDATE photos SET size_bytes = 7", "photos", "2026-0001: a photo's size"),
        ("UPDATE photos SET sha256 = '../../etc/passwd'", "photos", "2026-0001: the file of a photo is missing"),
        ("UPDATE findings SET category_id = 999 WHERE id = 1", "tables", "findings 1: the category_id that it"),
        ("DELETE FROM findings WHERE id = 1", "tables", "history 1: the finding_id that it names is not in findings"),
    ],
)  # fmt: skip
def test_a_change_behind_the_programs_back_is_found(
    kept: Office, statement: str, what: str, words: str
) -> None:
    _behind_the_back(kept, statement)
    found = _faults(kept)
    assert [fault for fault in found[what] if fault.startswith(words) or words in fault], found


def test_one_step_in_the_middle_of_a_long_history_is_found(kept: Office) -> None:
    from casework.history import append, step

    with kept.database.write() as session:
        append(session, 1, *(step("note", NOW, note=f"{n}") for n in range(40)))
    assert _faults(kept) == {}
    _behind_the_back(kept, "UPDATE history SET user_id = 1, act = act WHERE finding_id = 1 AND seq = 17")
    assert _faults(kept)["history chains"] == ["2026-0001: the history does not fit from step 17 on"]


def test_a_note_may_be_deleted_without_breaking_the_chain(kept: Office) -> None:
    from casework.history import append, step

    with kept.database.write() as session:
        append(session, 1, step("note", NOW, note="a name, say"))
    _behind_the_back(kept, "UPDATE history SET note = NULL, note_salt = NULL")
    assert _faults(kept) == {}


@pytest.mark.parametrize("content", [PICTURE + b"!", PICTURE[:-1] + b"\xd8", b"", None])
def test_a_photo_that_changed_or_went_is_found(kept: Office, content: bytes | None) -> None:
    path = photo_path(kept, DIGEST)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    words = "is missing" if content is None else "has changed"
    assert [words in fault for fault in _faults(kept)["photos"]] == [True]


def test_broken_pages_are_found(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    for n in range(30):
        report(sqlite_office, INSPECTOR, {"category": "0105", "lon": 101.2 + n / 1000, "lat": 36.5})
    with sqlite_office.database.engine.connect() as connection:
        page = connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = 'ix_findings_triage'"))
        size = connection.scalar(text("PRAGMA page_size"))
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    sqlite_office.database.close()
    assert page is not None
    assert size is not None
    with (sqlite_office.settings.instance / "baopian.sqlite").open("r+b") as file:
        file.seek((page - 1) * size + size - 40)
        file.write(b"\x01" * 40)
    assert _faults(sqlite_office)["tables"]


def test_only_the_first_faults_are_kept_in_words() -> None:
    check = Check("x")
    words: list[Any] = [f"{n}" for n in range(MOST_FAULTS + 5)]
    for one in words:
        check.fault(one)
    assert (check.broken, check.faults) == (MOST_FAULTS + 5, words[:MOST_FAULTS])
