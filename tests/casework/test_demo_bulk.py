"""Generated findings: as many as asked for, spread over two years, the same again."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from casework import demo_bulk
from casework.demo import load_demo
from casework.demo_bulk import SOURCE
from casework.history import first_broken
from casework.office import Office
from db.models import Assignment, Finding, HistoryEntry
from tests.factories.offices import office_at

AS_OF = date(2026, 9, 2)
MIDNIGHT = datetime(2026, 9, 1, 16, tzinfo=UTC)
COUNT = 1500


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with pytest.MonkeyPatch.context() as patch, office_at(tmp_path_factory.mktemp("bulk")) as office:
        patch.setattr(demo_bulk, "CHUNK", 700)
        load_demo(office, AS_OF, findings=COUNT)
        yield office


def generated(office: Office) -> list[Finding]:
    with office.database.read() as session:
        return list(session.scalars(select(Finding).where(Finding.source == SOURCE).order_by(Finding.id)))


def test_as_many_as_asked_for(demo: Office) -> None:
    assert len(generated(demo)) == COUNT
    with demo.database.read() as session:
        assert session.scalar(select(func.count(func.distinct(Finding.number)))) == COUNT + 417


def test_over_two_years_before_the_day(demo: Office) -> None:
    reported = [f.reported_at for f in generated(demo)]
    assert max(reported) < MIDNIGHT
    assert MIDNIGHT - timedelta(days=732) < min(reported) < MIDNIGHT - timedelta(days=600)
    assert {r.year for r in reported} == {2024, 2025, 2026}


def test_most_are_closed_and_some_are_open(demo: Office) -> None:
    statuses = Counter(f.status for f in generated(demo))
    assert statuses["closed"] > 0.95 * COUNT
    assert set(statuses) == {"closed", "reported", "dispatched", "handled"}


def test_each_has_assignments_and_a_short_whole_history(demo: Office) -> None:
    with demo.database.read() as session:
        for finding in generated(demo)[::50]:
            steps = list(
                session.scalars(
                    select(HistoryEntry)
                    .where(HistoryEntry.finding_id == finding.id)
                    .order_by(HistoryEntry.seq)
                )
            )
            assert first_broken(steps) is None
            assert steps[-1].to_status == finding.status
            assert steps[-1].at < MIDNIGHT
            assert len(steps) <= 2
            assert session.scalar(select(func.count()).where(Assignment.finding_id == finding.id)) == 3


def test_they_lie_in_the_city_and_few_on_its_borders(demo: Office) -> None:
    found = generated(demo)
    assert sum(f.area_id is None for f in found) < 0.02 * COUNT
    assert sum(f.triage for f in found) < 0.1 * COUNT
    assert len({f.area_id for f in found}) > 45


def test_the_same_day_gives_the_same_findings(
    demo: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_bulk, "CHUNK", 700)
    with office_at(tmp_path) as again:
        load_demo(again, AS_OF, findings=COUNT)
        assert [(f.number, f.lon, f.place, f.status) for f in generated(again)] == [
            (f.number, f.lon, f.place, f.status) for f in generated(demo)
        ]
