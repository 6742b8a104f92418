"""An office for each test: `office` on SQLite and on PostGIS, `sqlite_office` on SQLite only."""

from tests.factories.fixtures import office, sqlite_office

__all__ = ["office", "sqlite_office"]
