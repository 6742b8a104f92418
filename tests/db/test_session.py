"""Reading and writing: whole transactions, durable, and no lock error when two write at once."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from casework import counters
from casework.office import Office
from db.session import Database
from tests.factories.offices import office_at


def test_a_failed_write_leaves_nothing(office: Office) -> None:
    with pytest.raises(RuntimeError, match="half way"), office.database.write() as session:
        counters.advance(session, "findings", 7)
        raise RuntimeError("half way")
    with office.database.read() as session:
        assert counters.current(session, "findings") == 0


def test_counters_of_concurrent_writers_never_collide(office: Office) -> None:
    seen: list[int] = []

    def raise_it() -> None:
        for _ in range(20):
            with office.database.write() as session:
                counters.current(
                    session, "findings"
                )  # read first: the case that SQLite refuses when deferred
                seen.append(counters.advance(session, "findings"))

    with office.database.write() as session:
        counters.advance(session, "findings")
    threads = [threading.Thread(target=raise_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(2, 82))


def test_sqlite_is_durable_and_checks_references(tmp_path: Path) -> None:
    with office_at(tmp_path) as office, office.database.read() as session:
        pragmas = {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in PRAGMAS}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


PRAGMAS = ("journal_mode", "synchronous", "foreign_keys")


def test_a_second_process_sees_what_was_committed(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        other = Database(office.settings.url)
        with office.database.write() as session:
            counters.advance(session, "findings", 3)
        with other.read() as session:
            assert counters.current(session, "findings") == 3
        other.close()
