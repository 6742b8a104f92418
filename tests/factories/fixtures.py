"""Fixtures that several folders' conftest.py take in by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from casework.office import Office
from tests.factories.offices import office_at


@pytest.fixture(params=["sqlite", "postgis"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An empty office, once on SQLite and once on PostGIS."""
    url = request.getfixturevalue("postgis_url") if request.param == "postgis" else ""
    with office_at(tmp_path, url) as opened:
        yield opened


@pytest.fixture
def sqlite_office(tmp_path: Path) -> Iterator[Office]:
    """An empty office on SQLite, for what does not depend on the database."""
    with office_at(tmp_path) as opened:
        yield opened
