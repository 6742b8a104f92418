"""Offices for tests: an empty, migrated database and a frozen clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casework.clock import Clock
from casework.office import Office
from db import schema
from db.session import Database
from settings import Settings
from tests.factories.city import NOW


@contextmanager
def office_at(folder: Path, url: str = "") -> Iterator[Office]:
    """An office with its instance in ``folder``, on SQLite unless ``url`` says otherwise."""
    settings = Settings(instance=folder, database_url=url, now=NOW)
    office = Office(Database(settings.url), settings, Clock(NOW))
    schema.upgrade(office.database)
    try:
        yield office
    finally:
        office.database.close()
