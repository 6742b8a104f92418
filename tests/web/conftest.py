"""An office for each test (`office` on SQLite and on PostGIS, `sqlite_office`), and `site`: pages on two patches."""

import pytest

from casework.office import Office
from tests.factories.city import two_patches
from tests.factories.fixtures import office, sqlite_office
from tests.web.sites import Site

__all__ = ["office", "sqlite_office"]


@pytest.fixture
def site(sqlite_office: Office) -> Site:
    """The web application on a city of two patches; its map is not public."""
    two_patches(sqlite_office)
    return Site(sqlite_office)
