"""The database: engine, pragmas, and one way each to read and to write."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

WRITERS_TURN = 0x62616F7069616E  # "baopian": any number that nobody else in the database uses


class Database:
    """One engine with two doors: ``read()`` and ``write()``.

    On SQLite a writer begins with BEGIN IMMEDIATE: a transaction that first reads and then writes would fail at
    once with "database is locked" when another writer came between. Files use WAL and synchronous=FULL, so what
    is committed is on disk. On PostgreSQL writers take turns as well: nearly all of them advance the same counter,
    and an act, a correction and a publication that lock rows in different orders would deadlock.
    """

    def __init__(self, url: str, info: Mapping[str, Any] | None = None) -> None:
        """``info`` goes along with every session (``session.info``)."""
        # An error's message must not carry what people wrote into a log.
        options: dict[str, Any] = {"hide_parameters": True}
        if url.startswith("sqlite"):
            options["connect_args"] = {"timeout": 30, "check_same_thread": False}
        else:
            options["pool_pre_ping"] = True
        self.url, self._info = url, dict(info or {})
        self.engine: Engine = create_engine(url, **options)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "begin", _begin_postgresql)
        self._writing = self.engine.execution_options(baopian_write=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing is committed."""
        with Session(self.engine, expire_on_commit=False, info=self._info) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one write transaction: committed at the end, rolled back on any exception."""
        with Session(self._writing, expire_on_commit=False, info=self._info) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the "begin" event below speaks BEGIN itself
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if _writes(connection):  # given back by itself when the transaction ends
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_TURN})")


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("baopian_write", False))
