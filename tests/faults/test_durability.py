"""The server is killed while reports with photos come in: everything acknowledged is there afterwards, once, whole."""

import random

import pytest

from benchmarks.durability import run


@pytest.mark.parametrize("database", ["sqlite", "postgis"])
def test_nothing_acknowledged_is_lost(request: pytest.FixtureRequest, database: str) -> None:
    if database == "sqlite":
        tally = run(2, 24, database, random.Random(1))
    else:
        with request.getfixturevalue("postgis").database() as url:
            tally = run(2, 24, url, random.Random(2))
    assert tally.kills == 2
    assert tally.acknowledged, "the clients were never answered: nothing was tried"
    assert (tally.lost, tally.damaged, tally.duplicated, tally.broken) == ([], [], 0, 0)
