"""Setting limits, hours and days off: what it does to open cases is told first, and rows are ended, not changed."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from casework.deadline_updates import check_all
from casework.demo import load_demo
from casework.errors import Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.time_limits import time_rules
from casework.time_settings import add_days, end_day, end_hours, end_limit, set_hours, set_limit
from casework.time_settings_view import time_settings
from db.models import CalendarDay, Category, Finding, TimeLimit, WorkingHours
from tests.factories.offices import office_at

WEEK = ["0", "1", "2", "3", "4"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office_at(tmp_path_factory.mktemp("limits")) as office:
        load_demo(office, date(2026, 9, 2))
        yield office


def stored(office: Office) -> dict[int, tuple[object, object]]:
    with office.database.read() as session:
        return {row.id: (row.due_at, row.step_due_at) for row in session.scalars(select(Finding))}


def rows(office: Office, model: type) -> int:
    with office.database.read() as session:
        return len(session.scalars(select(model)).all())


def test_the_effect_is_told_before_anything_is_written(demo: Office) -> None:
    before = stored(demo)
    day_off = {"days": "2026-09-02..2026-09-04 抢险", "kind": "off"}
    told = add_days(demo, SYSTEM, day_off, look=True)
    assert told.due > 20
    assert told.earlier == 0
    assert stored(demo) == before
    assert rows(demo, CalendarDay) == 0


def test_days_off_move_open_deadlines_and_taking_them_back_undoes_it(demo: Office) -> None:
    before = stored(demo)
    moved = add_days(demo, SYSTEM, {"days": "2026-09-03 抢险\n2026-09-04", "kind": "off", "name": "放假"})
    after = stored(demo)
    assert sum(after[one][0] != before[one][0] for one in before) == moved.due > 0
    assert check_all(demo)[0].due == 0
    days = [one for one in time_settings(demo, SYSTEM, "2026").days if one.id]
    assert [(one.day.name, one.day.is_worked) for one in days] == [("抢险", False), ("放假", False)]
    for one in days:
        end_day(demo, SYSTEM, one.id or 0)
    assert stored(demo) == before
    assert rows(demo, CalendarDay) == 2  # ended, still on record
    with pytest.raises(NotFound):
        end_day(demo, SYSTEM, days[0].id or 0)


def test_a_limit_of_a_step_and_of_handling(demo: Office) -> None:
    before = stored(demo)
    moved = set_limit(demo, SYSTEM, {"step": "check", "category": "", "value": "3", "unit": "working_day"})
    assert moved.step > 30
    assert moved.due == 0
    [line] = [one for one in time_settings(demo, SYSTEM).limits if one.step == "check"]
    end_limit(demo, SYSTEM, line.id or 0)
    assert stored(demo) == before
    shorter = {"step": "handle", "category": "0504", "value": "2", "unit": "working_hour"}
    told = set_limit(demo, SYSTEM, shorter, look=True)
    moved = set_limit(demo, SYSTEM, shorter)
    assert moved == told
    assert moved.earlier == moved.due > 0
    with demo.database.read() as session:
        category = session.scalars(select(Category).where(Category.code == "0504")).one()
        assert (category.limit_value, category.limit_unit) == (2, "working_hour")
        kept = session.scalars(select(TimeLimit).where(TimeLimit.category_id == category.id)).one()
        assert (kept.limit_value, kept.limit_unit, kept.retired_at is not None) == (8, "working_hour", True)
    set_limit(demo, SYSTEM, {**shorter, "value": "8"})
    assert stored(demo) == before


def test_the_warning_begins_where_it_is_set(demo: Office) -> None:
    early = {"step": "handle", "category": "", "value": "0", "unit": "hour", "warn": "50"}
    assert set_limit(demo, SYSTEM, early).due == 0
    assert time_settings(demo, SYSTEM).warn_share == 0.5
    with demo.database.read() as session:
        limit = time_rules(session).limits.of(1, "handle")
    assert limit is not None
    assert limit.warn_share == 0.5
    [line] = [one for one in time_settings(demo, SYSTEM).limits if one.step == "handle"]
    end_limit(demo, SYSTEM, line.id or 0)
    for refused in ({**early, "step": "file"}, {**early, "category": "0504"}):
        with pytest.raises(Refused) as told:
            set_limit(demo, SYSTEM, refused)
        assert told.value.field == "warn"


def test_hours_count_from_their_day_and_those_before_stay(demo: Office) -> None:
    before = stored(demo)
    moved = set_hours(
        demo, SYSTEM, {"from": "2026-09-03", "spans": "9:00-12:00,13:00-17:00", "own_4": "9-12"}, WEEK
    )
    assert moved.due > 0
    lines = time_settings(demo, SYSTEM).hours
    assert [(one.hours.valid_from, one.is_now) for one in lines] == [
        (date(2026, 9, 3), False),
        (date(1900, 1, 1), True),
    ]
    assert lines[0].hours.of(4) == ((540, 720),)
    for one in lines:
        end_hours(demo, SYSTEM, one.id or 0)
    assert stored(demo) == before
    assert rows(demo, WorkingHours) == 2


def test_what_cannot_be_counted_with_is_refused_by_field(demo: Office) -> None:
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: set_limit(demo, SYSTEM, {"step": "x", "value": "1", "unit": "hour"}), "step"),
        (lambda: set_limit(demo, SYSTEM, {"step": "file", "value": "1.5", "unit": "hour"}), "value"),
        (lambda: set_limit(demo, SYSTEM, {"step": "file", "value": "10001", "unit": "hour"}), "value"),
        (lambda: set_limit(demo, SYSTEM, {"step": "file", "value": "1", "unit": "week"}), "unit"),
        (lambda: set_limit(demo, SYSTEM, {"step": "file", "value": "1", "unit": "hour", "warn": "99"}), "warn"),
        (lambda: set_limit(demo, SYSTEM, {"step": "file", "category": "no", "value": "1", "unit": "hour"}), "category"),
        (lambda: set_hours(demo, SYSTEM, {"from": "2026-09-03", "spans": "12:00-08:00"}, WEEK), "spans"),
        (lambda: set_hours(demo, SYSTEM, {"from": "2026-09-03", "spans": ""}, WEEK), "spans"),
        (lambda: set_hours(demo, SYSTEM, {"from": "2026-09-03", "spans": "8-12"}, []), "weekdays"),
        (lambda: set_hours(demo, SYSTEM, {"from": "3 Sep", "spans": "8-12"}, WEEK), "from"),
        (lambda: add_days(demo, SYSTEM, {"days": "soon", "kind": "off"}), "days"),
        (lambda: add_days(demo, SYSTEM, {"days": "2026-09-04..2026-09-01", "kind": "off"}), "days"),
        (lambda: add_days(demo, SYSTEM, {"days": "2026-01-01..2030-01-01", "kind": "off"}), "days"),
        (lambda: add_days(demo, SYSTEM, {"days": "2026-09-04", "kind": "maybe"}), "kind"),
    ]  # fmt: skip
    before = stored(demo)
    for act, field in cases:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.field == field
    for role in ("leader", "supervisor", "inspector", "handler", "archivist"):
        with pytest.raises(Forbidden):
            add_days(demo, Actor(role), {"days": "2026-09-04", "kind": "off"})
    assert stored(demo) == before


def test_a_year_entered_by_the_office_is_known(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        load_demo(office, date(2026, 9, 2))
        assert time_settings(office, SYSTEM).unannounced == (2027,)
        add_days(office, SYSTEM, {"days": "2027-02-05..2027-02-12 春节", "kind": "off"})
        assert time_settings(office, SYSTEM).unannounced == ()
        assert len(time_settings(office, SYSTEM, "2027").days) == 8
