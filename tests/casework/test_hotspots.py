"""Hot spots of findings: what counts, for which days, for whom, and that they are kept until something changes."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from casework import counters
from casework.errors import NotSignedIn, Refused
from casework.hotspots import answer
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from db.models import Finding
from geo.hotspots import Hotspots, hot_spots
from tests.factories.city import TwoPatches, two_patches

LEADER = Actor(role="leader", user_id=1)


@pytest.fixture
def city(sqlite_office: Office) -> TwoPatches:
    return two_patches(sqlite_office)


def put(
    office: Office, city: TwoPatches, lon: np.ndarray, lat: np.ndarray, days_ago: int = 5, **more: object
) -> None:
    with office.database.write() as session:
        revision = counters.advance(session, "findings")
        at = office.now() - timedelta(days=days_ago)
        session.execute(
            insert(Finding),
            [
                {"number": f"{revision}-{i}", "source": "test", "category_id": city.categories["0105"],
                 "status": "reported", "lon": x, "lat": y, "reported_at": at, "revision": revision, **more}
                for i, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
            ],
        )  # fmt: skip


def scattered(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(101, 102, n), rng.uniform(36, 37, n)


def heap(n: int, lon: float = 101.21, lat: float = 36.41) -> tuple[np.ndarray, np.ndarray]:
    return np.full(n, lon), np.full(n, lat)


def test_a_heap_is_a_spot_with_its_patch(sqlite_office: Office, city: TwoPatches) -> None:
    put(sqlite_office, city, *scattered(300))
    put(sqlite_office, city, *heap(40))
    said = answer(sqlite_office, LEADER, {})
    assert said["enough"]
    assert (said["from"], said["to"], said["n"]) == ("2026-06-05", "2026-09-02", 340)
    spot = said["spots"][0]
    assert spot["area"]["code"] == "A"
    assert spot["n"] >= 40 > 3 * spot["expected"]
    assert any(
        west <= 101.21 <= east and south <= 36.41 <= north for west, south, east, north, _l in said["cells"]
    )


def test_only_the_period_counts_and_what_was_no_problem_does_not(
    sqlite_office: Office, city: TwoPatches
) -> None:
    put(sqlite_office, city, *scattered(100))
    put(sqlite_office, city, *heap(40), days_ago=200)
    for status in ("declined", "cancelled", "duplicate"):
        put(sqlite_office, city, *heap(40), status=status)
    assert answer(sqlite_office, LEADER, {})["n"] == 100
    said = answer(sqlite_office, LEADER, {"from": "2026-01-01", "status": "over", "overdue": "1"})
    assert (said["n"], said["from"], said["to"]) == (140, "2026-01-01", None)
    assert said["spots"]
    put(sqlite_office, city, *heap(20), status="closed")
    assert answer(sqlite_office, LEADER, {})["n"] == 120


def test_too_few_and_an_empty_city(sqlite_office: Office, city: TwoPatches) -> None:
    assert answer(sqlite_office, LEADER, {})["enough"] is False
    put(sqlite_office, city, *heap(29))
    said = answer(sqlite_office, LEADER, {})
    assert (said["enough"], said["least"], said["cells"], said["spots"]) == (False, 30, [], [])


def test_it_is_worked_out_once_until_something_changes(
    sqlite_office: Office, city: TwoPatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(sqlite_office, city, *scattered(100))
    done: list[int] = []

    def counted(*given: Any, **more: Any) -> Hotspots:
        done.append(1)
        return hot_spots(*given, **more)

    monkeypatch.setattr("casework.hotspots.hot_spots", counted)
    for _n in range(3):
        answer(sqlite_office, LEADER, {})
    assert len(done) == 1
    answer(sqlite_office, LEADER, {"category": "0105"})
    put(sqlite_office, city, *heap(1))
    assert answer(sqlite_office, LEADER, {})["n"] == 101
    assert len(done) == 3


def test_who_sees_what(sqlite_office: Office, city: TwoPatches) -> None:
    put(sqlite_office, city, *scattered(100), bureau_id=city.bureaus["CG"])
    with pytest.raises(NotSignedIn):
        answer(sqlite_office, ANONYMOUS, {})
    for bureau, n in (("CG", 100), ("HW", 0)):
        handler = Actor(role="handler", user_id=2, bureau_id=city.bureaus[bureau])
        assert answer(sqlite_office, handler, {})["n"] == n
    with pytest.raises(Refused):
        answer(sqlite_office, LEADER, {"category": "none"})
    with pytest.raises(Refused):
        answer(sqlite_office, LEADER, {"from": "yesterday"})
