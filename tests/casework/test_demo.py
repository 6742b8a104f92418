"""The demo city: every status, the story, deterministic, and what happens the second time."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from casework import passwords
from casework.deadline_updates import check_all
from casework.demo import DEMO_PASSWORD, load_demo
from casework.errors import Conflict
from casework.founding import require_no_city
from casework.history import first_broken
from casework.office import Office
from casework.photos import photo_path
from casework.status import display_key
from casework.time_limits import time_rules
from casework.verify import verify
from db.models import (
    STATUSES,
    Area,
    AreaVersion,
    Assignment,
    Base,
    Bureau,
    BureauTask,
    Category,
    City,
    Extension,
    Finding,
    FindingLink,
    HistoryEntry,
    Level,
    Photo,
    RoutingRule,
    User,
)
from tests.factories.offices import office_at

AS_OF = date(2026, 9, 2)
MIDNIGHT = datetime(2026, 9, 1, 16, tzinfo=UTC)  # 00:00 in Xining
LOOKED_AT = datetime(2026, 9, 2, 2, 24, tzinfo=UTC)  # 10:24 in Xining


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office_at(tmp_path_factory.mktemp("demo")) as office:
        load_demo(office, AS_OF)
        yield office


def everything(office: Office) -> list[Finding]:
    with office.database.read() as session:
        return list(session.scalars(select(Finding).order_by(Finding.id)))


def one(office: Office, subject: str, status: str) -> Finding:
    [found] = [f for f in everything(office) if f.subject == subject and f.status == status]
    return found


def history_of(office: Office, finding: Finding) -> list[HistoryEntry]:
    with office.database.read() as session:
        rows = select(HistoryEntry).where(HistoryEntry.finding_id == finding.id).order_by(HistoryEntry.seq)
        return list(session.scalars(rows))


def shown_at(office: Office, moment: datetime) -> Counter[str]:
    with office.database.read() as session:
        rules = time_rules(session)
    return Counter(
        display_key(f.status, f.due_at, moment, rules.warn_at(f.category_id, f.due_at))
        for f in everything(office)
    )


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def test_every_status_occurs(demo: Office) -> None:
    assert {f.status for f in everything(demo)} == set(STATUSES)


def test_counts_are_those_of_the_design(demo: Office) -> None:
    shown = shown_at(demo, LOOKED_AT)
    assert shown["due"] >= 8  # when the warning begins is a share of each limit
    assert shown["due"] + shown["prog"] == 93
    assert {key: shown[key] for key in ("over", "new", "check", "susp", "done")} == {
        "over": 38, "new": 30, "check": 52, "susp": 9, "done": 195,
    }  # fmt: skip


@pytest.mark.parametrize("hour", [5, 7, 8, 9, 11, 13, 15, 17, 19])
def test_something_is_due_soon_at_any_hour(demo: Office, hour: int) -> None:
    assert shown_at(demo, at(hour))["due"] >= 3


def test_deadlines_are_what_history_limits_and_calendar_say(demo: Office) -> None:
    moved, numbers = check_all(demo)
    assert (moved.open, moved.due, moved.step, numbers) == (222, 0, 0, [])


def test_some_were_closed_in_time_and_some_late(demo: Office) -> None:
    late = []
    for finding in everything(demo):
        closed_at, due_at = finding.closed_at, finding.due_at
        if finding.status == "closed" and due_at and closed_at:
            late.append(closed_at > due_at)
    assert 0.03 < sum(late) / len(late) < 0.4


def test_nothing_happens_on_the_day_itself(demo: Office) -> None:
    with demo.database.read() as session:
        assert session.scalars(select(func.max(HistoryEntry.at))).one() < MIDNIGHT
        assert (session.scalars(select(func.max(Photo.taken_at))).one() or MIDNIGHT) < MIDNIGHT


def test_histories_are_whole_ordered_and_end_in_the_status(demo: Office) -> None:
    for finding in everything(demo):
        steps = history_of(demo, finding)
        assert first_broken(steps) is None
        assert steps[0].act == "report"
        assert [s.at for s in steps] == sorted(s.at for s in steps)
        assert [s.to_status for s in steps if s.to_status][-1] == finding.status
        assert (finding.closed_at is None) == (
            finding.status not in ("closed", "declined", "cancelled", "duplicate")
        )


def test_numbers_follow_the_reports(demo: Office) -> None:
    findings = sorted(everything(demo), key=lambda f: f.number)
    assert [f.reported_at for f in findings] == sorted(f.reported_at for f in findings)
    assert findings[0].number == "2026-0001"


def test_the_supermarket(demo: Office) -> None:
    """Two days: a word on 31 August, no effect, referred, punished on 1 September, to be checked."""
    case = one(demo, "小杨超市", "handled")
    assert (case.place, display_key(case.status, case.due_at, LOOKED_AT)) == ("树林巷 12 号，盲道旁", "check")
    assert case.dissuasion == "failed"
    with demo.database.read() as session:
        area, bureau = session.get_one(Area, case.area_id), session.get_one(Bureau, case.bureau_id)
        rule = session.scalars(
            select(RoutingRule.code)
            .join(Assignment, Assignment.rule_id == RoutingRule.id)
            .where(Assignment.finding_id == case.id)
        ).one()
        photos = list(session.scalars(select(Photo).where(Photo.finding_id == case.id).order_by(Photo.id)))
        [part] = session.scalars(select(BureauTask).where(BureauTask.finding_id == case.id)).all()
    assert (area.code, bureau.name_zh, rule) == ("630102003009", "城东区城市管理局", "R-14")
    steps = history_of(demo, case)
    assert [step.act for step in steps] == [
        "report", "dissuade", "dissuasion_failed", "refer", "accept", "took_in", "urge", "progress", "handle",
    ]  # fmt: skip
    assert (part.role, part.status, part.is_punishment, part.ended_at) == ("lead", "handled", True, None)
    assert steps[-1].payload["punishment"]["kind"] == "fine"
    assert [p.kind for p in photos] == ["before", "during", "after"]
    assert photos[0].caption_en.startswith("Boxes and fruit crates")


def test_the_same_supermarket_again_is_a_duplicate(demo: Office) -> None:
    again, stays = one(demo, "小杨超市", "duplicate"), one(demo, "小杨超市", "handled")
    assert again.source == "hotline"
    with demo.database.read() as session:
        link = session.scalars(select(FindingLink).where(FindingLink.finding_id == again.id)).one()
    assert (link.kind, link.other_id, link.ended_at) == ("duplicate", stays.id, None)
    assert history_of(demo, again)[-1].payload["other"] == stays.number


def test_every_branch_of_the_lifecycle_has_its_case(demo: Office) -> None:
    with demo.database.read() as session:
        extensions = {(row.finding_id, row.status) for row in session.scalars(select(Extension))}
        parts = session.scalars(select(BureauTask).where(BureauTask.role == "joint")).all()
        children = session.scalars(select(FindingLink.other_id).where(FindingLink.kind == "child")).all()
    assert {status for _finding, status in extensions} == {"approved", "approved_once", "asked"}
    assert sorted(part.status for part in parts) == ["accepted", "handled"]
    assert children == [one(demo, "树林巷集中整治", "accepted").id] * 3
    again = one(demo, "寺巷 40 号前路面", "accepted")
    assert [step.act for step in history_of(demo, again)].count("dispatch") == 2
    assert again.pinned
    assert any(f.status == "suspended" and f.paused_at for f in everything(demo))


def test_the_demo_verifies_whole(demo: Office) -> None:
    assert {check.what: check.faults for check in verify(demo) if check.faults} == {}


@pytest.mark.parametrize(
    ("subject", "status", "bureau"),
    [
        ("东关大街沿街改造工地", "closed", "zhujian"),
        ("旧围墙外空地", "handled", "huanwei"),
        ("宣传墙", "closed", "chengguan"),
        ("宣传栏和横幅", "closed", "chengguan"),
        ("寺巷口", "accepted", "huanwei"),
        ("树林巷中段", "accepted", "shizheng"),
        ("树林巷东段", "closed", "huanwei"),
    ],
)
def test_the_story_is_there(demo: Office, subject: str, status: str, bureau: str) -> None:
    case = one(demo, subject, status)
    with demo.database.read() as session:
        assert session.get_one(Bureau, case.bureau_id).code == bureau
        assert session.scalar(select(func.count()).where(Photo.finding_id == case.id))


def test_the_misread_place_lies_in_no_area_and_waits(demo: Office) -> None:
    case = one(demo, "东关清真大寺门前", "reported")
    assert (case.area_id, case.assignment, case.triage) == (None, "outside", True)


def test_triage_has_work_of_every_kind(demo: Office) -> None:
    waiting = [f for f in everything(demo) if f.triage]
    assert 8 <= len(waiting) <= 30
    assert {f.assignment for f in waiting} == {"border", "outside", "inside"}
    assert any(f.assignment == "inside" and f.near_border for f in waiting)
    assert all(f.status == "reported" for f in waiting)


def test_everything_else_has_a_patch_and_a_bureau_on_each_level(demo: Office) -> None:
    placed = [f for f in everything(demo) if not f.triage]
    assert all(f.area_id and f.bureau_id and f.assignment == "inside" for f in placed)
    with demo.database.read() as session:
        levels = session.scalars(select(func.count()).select_from(Level)).one()
        rows = session.scalar(select(func.count()).select_from(Assignment))
    assert rows == levels * len(everything(demo)) == 3 * len(everything(demo))


def test_assignments_are_those_of_the_versions_in_force(demo: Office) -> None:
    with demo.database.read() as session:
        earliest = session.scalars(select(func.min(Assignment.valid_from))).one()
        assert session.scalars(select(func.max(AreaVersion.valid_from))).one() < earliest
        assert session.scalar(select(func.count()).where(AreaVersion.drawn.is_(False))) == 1


def test_photos_are_stored(demo: Office) -> None:
    with demo.database.read() as session:
        photos = list(session.scalars(select(Photo)))
    assert len(photos) > 100
    for digest, size in {(p.sha256, p.size_bytes) for p in photos}:
        content = photo_path(demo, digest).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (digest, size)


def test_the_city_says_that_it_is_a_sample(demo: Office) -> None:
    with demo.database.read() as session:
        city = session.scalars(select(City)).one()
        users = list(session.scalars(select(User)))
    assert (city.name_zh, city.is_demo, city.sample_as_of) == ("城东区", True, AS_OF)
    assert all(user.is_demo and user.person for user in users)
    assert passwords.fits(DEMO_PASSWORD, users[0].password_hash)


def test_handlers_handle_only_what_is_their_bureaus(demo: Office) -> None:
    with demo.database.read() as session:
        rows = session.execute(
            select(User.bureau_id, Finding.bureau_id, Bureau.code, HistoryEntry.payload)
            .join(HistoryEntry, HistoryEntry.user_id == User.id)
            .join(Finding, Finding.id == HistoryEntry.finding_id)
            .join(Bureau, Bureau.id == User.bureau_id)
            .where(HistoryEntry.act.in_(("accept", "handle", "return", "part_done")))
        ).all()
    assert rows
    # what a step itself names is a joint part, or the part of a bureau that sent it back
    assert all(own == case or payload.get("bureau") == code for own, case, code, payload in rows)


def test_the_same_day_gives_the_same_rows(demo: Office, tmp_path: Path) -> None:
    with office_at(tmp_path) as again:
        load_demo(again, AS_OF)
        for table in Base.metadata.sorted_tables:
            assert rows_of(again, table) == rows_of(demo, table), table.name


def rows_of(office: Office, table: Table) -> list[Any]:
    columns = [c for c in table.c if c.name != "password_hash"]
    with office.database.read() as session:
        return list(session.execute(select(*columns).order_by(*table.primary_key.columns)).all())


def test_another_day_moves_everything(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        load_demo(office, date(2027, 1, 1))
        findings = everything(office)
        assert max(f.reported_at for f in findings) < datetime(2026, 12, 31, 16, tzinfo=UTC)
        assert len({f.number for f in findings}) == 417


def test_loading_twice_changes_nothing(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        load_demo(office, AS_OF)
        load_demo(office, date(2026, 9, 5))
        assert len(everything(office)) == 417
        with pytest.raises(Conflict, match="another INSTANCE"):
            load_demo(office, AS_OF, findings=5)


def test_a_city_of_ones_own_is_left_alone(demo: Office, tmp_path: Path) -> None:
    import shapely

    with office_at(tmp_path) as office:
        with office.database.write() as session:
            require_no_city(session)
            session.add(City(name_zh="西宁", name_en="Xining", extent=shapely.box(101, 36, 102, 37)))
        with pytest.raises(Conflict, match="holds a city already"):
            load_demo(office, AS_OF)
        with office.database.read() as session:
            assert session.scalar(select(func.count()).select_from(Category)) == 0


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with office_at(tmp_path) as office:
        load_demo(office, AS_OF, findings=50, progress=lambda done, total: told.append((done, total)))
        assert told[-1] == (50, 50)
        assert len(everything(office)) == 467
