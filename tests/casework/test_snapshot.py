"""The copy in memory is the table, also after another process wrote."""

from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import func, select

from casework.clock import day_of
from casework.findings import report
from casework.office import Office
from casework.policy import Actor
from casework.snapshot import (
    EPOCH,
    NO_TIME,
    Snapshot,
    areas_of_level,
    day_number,
    day_starts,
    local_days,
    snapshot,
)
from casework.triage import settle
from db.models import STATUSES, Assignment, Finding
from db.session import Database
from tests.factories.city import EAST, INSPECTOR, WEST, publish_patches, two_patches
from tests.factories.crowd import crowd

ZONE = "Asia/Shanghai"
WALL = (101.2, 36.5)


def now_in(office: Office) -> Snapshot:
    with office.database.read() as session:
        return snapshot(office.database, session, ZONE)


def same_as_table(office: Office) -> None:
    """Compare every column with the rows themselves."""
    known = now_in(office).columns
    with office.database.read() as session:
        rows = session.scalars(select(Finding).order_by(Finding.id)).all()
    assert known.id.tolist() == [row.id for row in rows]
    for i, row in enumerate(rows):
        assert (known.lon[i], known.lat[i]) == (row.lon, row.lat)
        assert STATUSES[known.status[i]] == row.status
        assert (known.category[i], known.bureau[i], known.area[i]) == (
            row.category_id,
            row.bureau_id or 0,
            row.area_id or 0,
        )
        assert known.reported_at[i] == int(row.reported_at.timestamp())
        for column, moment in ((known.due_at, row.due_at), (known.closed_at, row.closed_at)):
            assert column[i] == (int(moment.timestamp()) if moment else NO_TIME)
        assert known.day[i] == day_number(day_of(row.reported_at, ZONE))
        assert (known.triage[i], known.near_border[i]) == (row.triage, row.near_border)


def test_an_empty_table_is_an_empty_copy(office: Office) -> None:
    two_patches(office)
    assert len(now_in(office)) == 0
    assert len(now_in(office).columns.positions([1])) == 0


def test_the_copy_is_the_table(office: Office) -> None:
    crowd(office, two_patches(office), 60)
    same_as_table(office)


def test_nothing_new_is_the_same_copy(sqlite_office: Office) -> None:
    crowd(sqlite_office, two_patches(sqlite_office), 5)
    assert now_in(sqlite_office) is now_in(sqlite_office)


def test_what_another_process_wrote_is_there(office: Office) -> None:
    made = two_patches(office)
    crowd(office, made, 20)
    before = now_in(office)
    elsewhere = Office(Database(office.database.url), office.settings, office.clock)
    crowd(elsewhere, made, 10, seed=2)
    [lon, lat] = WALL
    reported = report(elsewhere, INSPECTOR, {"category": "0105", "lon": lon, "lat": lat})
    elsewhere.database.close()
    after = now_in(office)
    assert len(before) == 20
    assert len(after) == 31
    assert after.columns.positions([reported.finding_id]).tolist() == [30]
    same_as_table(office)


def test_what_moved_has_moved(office: Office) -> None:
    made = two_patches(office)
    ids = crowd(office, made, 40)
    now_in(office)
    border = next(one for one in ids if _is_open_on_the_border(office, one))
    settle(office, Actor(role="supervisor"), border, "patch", "B", "在路东")
    same_as_table(office)
    with office.database.write() as session:
        publish_patches(session, office, made.patch, EAST, WEST)
    same_as_table(office)


def _is_open_on_the_border(office: Office, finding_id: int) -> bool:
    with office.database.read() as session:
        row = session.get_one(Finding, finding_id)
    return row.lon == 101.5 and row.status == "reported"


def test_areas_of_a_level_follow_the_assignments(office: Office) -> None:
    made = two_patches(office)
    crowd(office, made, 30)

    def check() -> None:
        with office.database.read() as session:
            known = snapshot(office.database, session, ZONE)
            column = areas_of_level(office.database, session, known, made.patch.id)
            rows = session.execute(
                select(Assignment.finding_id, func.coalesce(Assignment.area_id, 0))
                .where(Assignment.level_id == made.patch.id, Assignment.valid_to.is_(None))
                .order_by(Assignment.finding_id)
            ).all()
        assert column.tolist() == [area for _, area in rows]

    check()
    crowd(office, made, 5, seed=9)
    with office.database.write() as session:
        publish_patches(session, office, made.patch, EAST, WEST)
    check()


def test_a_database_put_back_is_read_anew(sqlite_office: Office) -> None:
    made = two_patches(sqlite_office)
    crowd(sqlite_office, made, 3)
    crowd(sqlite_office, made, 3, seed=2)
    now_in(sqlite_office)
    with sqlite_office.database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("DELETE FROM history WHERE finding_id > 3")
        connection.exec_driver_sql("DELETE FROM assignments WHERE finding_id > 3")
        connection.exec_driver_sql("DELETE FROM findings WHERE id > 3")
        connection.exec_driver_sql("UPDATE counters SET value = 1 WHERE name = 'findings'")
    assert len(now_in(sqlite_office)) == 3


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles", "Australia/Lord_Howe", "UTC"])
def test_days_are_those_of_the_citys_clock(zone: str) -> None:
    moments = np.random.default_rng(5).integers(1_700_000_000, 1_800_000_000, 300)
    expected = [day_of(datetime.fromtimestamp(int(one), UTC), zone).toordinal() - EPOCH for one in moments]
    assert local_days(moments, zone).tolist() == expected
    assert len(day_starts(0, 9, zone)) == 10
