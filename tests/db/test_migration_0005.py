"""A database of the first lifecycle is brought forward: bureaus that have a case get the leading part of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, Table, insert, select

from db import schema
from db.models import BureauTask, Finding
from db.session import Database
from db.types import UtcDateTime
from tests.db.olden import database_at

START = datetime(2026, 8, 31, 1, tzinfo=UTC)
# Each finding of the old lifecycle: its status, and the acts that led there with the status before and after.
OLD = {
    1: ("reported", ()),
    2: ("dispatched", ("dispatch", "accept", "handle", "rework")),
    3: ("accepted", ("dispatch", "accept")),
    4: ("verified", ("dispatch", "accept", "handle", "verify")),
    5: ("suspended", ("dispatch", "accept", "suspend")),
    6: ("closed", ("dispatch", "accept", "handle", "verify", "close")),
    7: ("returned", ("dispatch", "return")),
}
_AFTER = {
    "report": "reported", "dispatch": "dispatched", "accept": "accepted", "handle": "handled", "rework": "dispatched",
    "verify": "verified", "close": "closed", "return": "returned", "suspend": "suspended",
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgis"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A database at 0004 with one finding for each way that matters."""
    with database_at("0004", request, tmp_path, _fill) as database:
        yield database


def test_open_cases_get_the_part_of_their_bureau(old: Database) -> None:
    schema.upgrade(old)
    with old.read() as session:
        tasks = {task.finding_id: task for task in session.scalars(select(BureauTask))}
        reworks = {row.id: row.reworks for row in session.execute(select(Finding.id, Finding.reworks))}
    assert {one: (task.role, task.status) for one, task in tasks.items()} == {
        2: ("lead", "dispatched"), 3: ("lead", "accepted"), 4: ("lead", "handled"), 5: ("lead", "accepted"),
    }  # fmt: skip
    assert all(task.ended_at is None and not task.is_punishment for task in tasks.values())
    assert tasks[3].begun_at == START + timedelta(hours=1)
    assert (tasks[3].accepted_at, tasks[3].handled_at) == (START + timedelta(hours=2), None)
    assert tasks[4].handled_at == START + timedelta(hours=3)
    assert (tasks[2].accepted_at, tasks[2].handled_at) == (None, None)  # it has to be done again
    assert reworks == {1: 0, 2: 1, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0}


def test_it_can_be_taken_back(old: Database) -> None:
    schema.upgrade(old)
    with old.engine.execution_options(baopian_write=True).begin() as connection:
        command.downgrade(schema._config(connection), "0004")
    schema.upgrade(old)
    with old.read() as session:
        assert len(session.scalars(select(BureauTask)).all()) == 4


def _fill(connection: Connection) -> None:
    def put(table: str, **values: Any) -> None:
        there = Table(table, MetaData(), autoload_with=connection)
        for name, value in values.items():
            if isinstance(value, datetime):
                there.c[name].type = UtcDateTime()
        connection.execute(insert(there), [values])

    put("categories", id=1, code="01", name_zh="类", name_en="Class")
    put("bureaus", id=1, code="CG", name_zh="局", name_en="Bureau", short_zh="局", short_en="B")
    for finding, (status, acts) in OLD.items():
        put(
            "findings", id=finding, number=f"2026-{finding:04d}", source="web", category_id=1, status=status,
            subject="", place="", description="", lon=101.2, lat=36.5, reported_at=START, bureau_id=1,
            assignment="inside", near_border=False, pinned=False, triage=False, revision=1,
        )  # fmt: skip
        before = None
        for seq, act in enumerate(("report", *acts), start=1):
            more: dict[str, Any] = {} if before is None else {"from_status": before}
            put("history", finding_id=finding, seq=seq, act=act, to_status=_AFTER[act], payload={}, hash="x",
                at=START + timedelta(hours=seq - 1), prev_hash="x", **more)  # fmt: skip
            before = _AFTER[act]
