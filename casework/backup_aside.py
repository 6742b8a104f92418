"""Making room for a backup that is restored: what stands there is moved aside, never deleted."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from casework.backup import sync_folder
from casework.errors import Conflict, mark
from casework.tables import shapes

DATABASE: Final = "baopian.sqlite"
_SQLITE_FILES: Final = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm")
_FOLDERS: Final = ("photos", "derived")


def found_in(instance: Path, *, overwrite: bool) -> list[str]:
    """What of an installation stands in a folder and may be moved aside.

    Raises Conflict where that is a city (and not to be overwritten), or where a server is at work on it.
    """
    there = [name for name in (*_SQLITE_FILES, *_FOLDERS) if (instance / name).exists()]
    file = instance / DATABASE
    if not overwrite and (
        _may_hold_a_city(file) if file.exists() else any(any((instance / name).iterdir()) for name in there)
    ):
        raise Conflict(
            mark("%(folder)s holds an installation already: --force moves it aside"),
            {"folder": str(instance)},
        )
    if file.exists():
        _require_still(file)
    return there


def swap(instance: Path, building: Path, there: list[str]) -> Path | None:
    """Move what is there aside and what was built into its place; on any failure all is as before."""
    aside = instance / f"before-restore-{_stamp()}" if there else None
    moved: list[tuple[Path, Path]] = []
    try:
        if aside is not None:
            aside.mkdir()
        for name in there:
            if aside is not None and (instance / name).exists():  # SQLite takes its side files away itself
                (instance / name).replace(aside / name)
                moved.append((instance / name, aside / name))
        for made in sorted(building.iterdir()):
            made.replace(instance / made.name)
            moved.append((made, instance / made.name))
    except BaseException:
        for source, target in reversed(moved):
            target.replace(source)
        raise
    sync_folder(instance)
    return aside


def clear_the_way(connection: Connection, *, overwrite: bool) -> str:
    """Move PostgreSQL's tables that are there into a schema of their own, in the caller's transaction.

    Returns what it is called, empty when nothing was there. Raises Conflict like ``found_in``.
    """
    found = set(inspect(connection).get_table_names())
    ours = sorted(found & {"alembic_version", *(shape.name for shape in shapes())})
    if not ours:
        return ""
    if "city" in found and connection.scalar(text("SELECT count(*) FROM city")) and not overwrite:
        raise Conflict(mark("The database holds an installation already: --force moves it aside"))
    others = connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    )
    if others:
        raise Conflict(
            mark("%(count)d others are connected to the database: stop the server first"), {"count": others}
        )
    aside = f"before_restore_{_stamp()}"
    connection.execute(text(f"CREATE SCHEMA {aside}"))
    for name in ours:
        connection.execute(text(f"ALTER TABLE {name} SET SCHEMA {aside}"))
    return f"schema {aside}"


def _may_hold_a_city(file: Path) -> bool:
    """Whether an SQLite file has a city; one that cannot be read counts as one."""
    with closing(sqlite3.connect(file)) as connection:
        try:
            return bool(connection.execute("SELECT count(*) FROM city").fetchone()[0])
        except sqlite3.DatabaseError as error:
            return "no such table" not in str(error)


def _require_still(file: Path) -> None:
    """Raise Conflict while another process has an SQLite database open: it would go on writing into what is aside."""
    with closing(sqlite3.connect(file, timeout=0)) as connection:
        try:
            # Leaving WAL needs the file for oneself, and brings all that was written into this one file.
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Conflict(mark("The database is in use: stop the server first")) from None
        except sqlite3.DatabaseError:
            return  # no database at all: it is kept aside as it is


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%d_%H%M%S}"
