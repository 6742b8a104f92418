"""The server is killed while reports with photos come in: everything acknowledged is there afterwards, once, whole."""

import random

import pytest

from benchmarks.durability import Tally, run
from tests.postgis import NoPostgis


def test_nothing_acknowledged_is_lost() -> None:
    _is_whole(run(2, 20, "sqlite", random.Random(1)))


def test_nothing_acknowledged_is_lost_on_postgis(request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgis")
    try:
        _is_whole(run(2, 20, "postgis", random.Random(2), kill_database=True))
    except NoPostgis:  # POSTGIS_DSN names somebody's own: only our server may be killed
        with server.database() as url:
            _is_whole(run(2, 20, url, random.Random(2)))


def _is_whole(tally: Tally) -> None:
    assert tally.kills == 2
    assert tally.acknowledged, "the clients were never answered: nothing was tried"
    assert (tally.lost, tally.damaged, tally.duplicated, tally.broken) == ([], [], 0, 0)
