"""A database of the version before drafts is brought forward with what it holds, and can be taken back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from alembic import command
from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.orm import Session

from db import schema
from db.models import AreaVersion, Publication
from db.session import Database
from db.types import Geometry, UtcDateTime
from tests.db.olden import database_at

FIRST = datetime(2024, 3, 1, tzinfo=UTC)
SECOND = FIRST + timedelta(days=200)
SHAPE = shapely.box(101, 36, 102, 37)


@pytest.fixture(params=["sqlite", "postgis"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A database at 0002 in which A was redrawn once and B never."""
    with database_at("0002", request, tmp_path, _fill) as database:
        yield database


def test_old_versions_get_the_publications_that_they_came_with(old: Database) -> None:
    schema.upgrade(old)
    with old.read() as session:
        first, second = session.scalars(select(Publication).order_by(Publication.at)).all()
        versions = session.scalars(select(AreaVersion).order_by(AreaVersion.id)).all()
    assert [(p.at, p.user_id, p.note, p.kind) for p in (first, second)] == [
        (FIRST, None, "first", "program"),
        (SECOND, 1, "market moved", "program"),
    ]
    assert [(v.publication_id, v.ended_by_id) for v in versions] == [
        (first.id, second.id),
        (first.id, None),
        (second.id, None),
    ]
    assert all(shapely.equals(v.geometry, SHAPE) for v in versions)


def test_it_can_be_taken_back_with_what_it_holds(old: Database) -> None:
    schema.upgrade(old)
    with old.engine.execution_options(baopian_write=True).begin() as connection:
        command.downgrade(schema._config(connection), "0002")
    with old.read() as session:
        assert _count(session, "area_versions") == 3
    schema.upgrade(old)
    with old.read() as session:
        assert _count(session, "publications") == 2


def _count(session: Session, table: str) -> int:
    rows = session.execute(select(Table(table, MetaData(), autoload_with=session.connection())))
    return len(rows.all())


def _fill(connection: Connection) -> None:
    def put(table: str, **values: Any) -> None:
        there = Table(table, MetaData(), autoload_with=connection)
        for name, value in values.items():
            if isinstance(value, datetime):
                there.c[name].type = UtcDateTime()
            if value is SHAPE:
                there.c[name].type = Geometry()
        connection.execute(insert(there), [values])

    put("users", id=1, username="s", password_hash="x", role="supervisor", is_active=True, is_demo=False,
        created_at=FIRST)  # fmt: skip
    put("levels", id=1, code="patch", name_zh="片区", name_en="Patch", position=0, coverage_version=2)
    for identity, code in ((1, "A"), (2, "B")):
        put("areas", id=identity, level_id=1, code=code, rank=0)
    for identity, area, since, until, by, note in (
        (1, 1, FIRST, SECOND, None, "first"),
        (2, 2, FIRST, None, None, "first"),
        (3, 1, SECOND, None, 1, "market moved"),
    ):
        ended = {} if until is None else {"valid_to": until}
        put("area_versions", id=identity, area_id=area, name_zh=note, name_en=note, geometry=SHAPE, minx=101.0,
            miny=36.0, maxx=102.0, maxy=37.0, drawn=False, valid_from=since, note=note,
            **ended, **({} if by is None else {"published_by": by}))  # fmt: skip
