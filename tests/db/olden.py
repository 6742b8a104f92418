"""Databases of an earlier version, filled by SQL of that time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from db import schema
from db.session import Database


@contextmanager
def database_at(
    revision: str, request: pytest.FixtureRequest, folder: Path, fill: Callable[[Connection], None]
) -> Iterator[Database]:
    """A database at ``revision`` on what the fixture's parameter names, "sqlite" or "postgis"."""
    url = request.getfixturevalue("postgis_url") if request.param == "postgis" else f"sqlite:///{folder}/o.db"
    database = Database(url)
    schema.upgrade(database, revision)
    with database.engine.execution_options(baopian_write=True).begin() as connection:
        fill(connection)
    yield database
    database.close()
