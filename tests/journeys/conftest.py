"""The demo city of 2 September 2026, served once for all journeys."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from casework.demo import load_demo
from casework.office import Office
from db import schema
from settings import ROOT, Settings
from tests.conftest import lacking
from tests.journeys.site import Site, serving

AS_OF = date(2026, 9, 2)
MORNING = datetime(2026, 9, 2, 2, 24, tzinfo=UTC)  # 10:24 in Xining


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo city at 10:24 on 2 September 2026."""
    if not (ROOT / "web" / "static" / "vendor" / "leaflet" / "leaflet.js").is_file():
        lacking("browser", "the front-end libraries are not there: make vendor")
    settings = Settings(instance=tmp_path_factory.mktemp("demo"), now=MORNING, public_map=None)
    office = Office.open(settings)
    schema.upgrade(office.database)
    load_demo(office, AS_OF)
    office.database.close()
    with serving(settings) as site:
        yield site
