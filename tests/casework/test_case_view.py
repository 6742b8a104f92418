"""A case in words, its seven steps, what is near, and what stays hidden from the public."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework import lifecycle
from casework.case_view import case
from casework.errors import NotFound, NotSignedIn
from casework.findings import report
from casework.history import append, step
from casework.history_words import ACTS, STEP_KEYS, steps, words
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from casework.status import FINAL_STATUSES
from casework.triage import settle
from db.models import (
    STATUSES,
    Area,
    AreaPerson,
    City,
    Finding,
    HistoryEntry,
    Person,
    Photo,
    RoutingRule,
    User,
)  # fmt: skip
from tests.factories.city import INSPECTOR, NOW, TwoPatches, two_patches

LEADER = Actor(role="leader")
SHOP = {"category": "0102", "lon": 101.2, "lat": 36.5, "subject": "小杨超市", "description": "占道"}


@pytest.fixture
def made(office: Office) -> TwoPatches:
    city = two_patches(office)
    with office.database.write() as session:
        person = Person(name_zh="马建国", name_en="Jianguo Ma", title_zh="包片领导", title_en="Patch leader")
        session.add(person)
        session.flush()
        area = session.scalars(select(Area).where(Area.code == "A")).one()
        session.add(AreaPerson(area_id=area.id, person_id=person.id, duty="leader", valid_from=office.now()))
        session.add(
            User(
                username="ma", person_id=person.id, password_hash="x", role="leader", created_at=office.now()
            )
        )
    return city


def reported(office: Office, **more: Any) -> int:
    return report(office, INSPECTOR, {**SHOP, **more}).finding_id


def move(office: Office, finding_id: int, status: str, *done: dict[str, Any]) -> None:
    """Put steps on record and the status with them, as the lifecycle will."""
    with office.database.write() as session:
        append(session, finding_id, *done)
        session.get_one(Finding, finding_id).status = status


def make_demo(office: Office) -> None:
    with office.database.write() as session:
        session.scalars(select(City)).one().is_demo = True


def test_a_case_says_where_whose_and_until_when(office: Office, made: TwoPatches) -> None:
    shown = case(office, LEADER, reported(office))
    assert shown["category"] == {"code": "0102", "zh": "类0102", "en": "Class 0102"}
    assert shown["patch"] == {"code": "A", "zh": "西片", "en": "West", "leader": ["马建国", "Jianguo Ma"]}
    assert [(one["level"][1], one["code"]) for one in shown["areas"]] == [("District", "D"), ("Patch", "A")]
    assert shown["bureau"]["code"] == "HW"
    assert shown["rule"]["code"] == "R-02"
    assert shown["limit"] == {"value": 2, "unit": "working_day"}
    assert (shown["s"], shown["status"], shown["restricted"]) == ("new", "reported", False)
    assert shown["reported_at"] == "2026-09-02T10:24:00+08:00"


def test_there_is_none_or_none_for_you(office: Office, made: TwoPatches) -> None:
    for number in (0, -1, 99, 2**63):
        with pytest.raises(NotFound):
            case(office, LEADER, number)
    with pytest.raises(NotSignedIn):
        case(office, ANONYMOUS, reported(office))


def test_the_public_sees_no_persons_and_no_history(office: Office, made: TwoPatches) -> None:
    make_demo(office)
    finding = reported(office)
    now = office.now()
    move(office, finding, "filed", step("file", now, user_id=1, note="核实属实"))
    _picture(office, finding)
    shown = case(office, ANONYMOUS, finding)
    assert shown["restricted"]
    assert shown["history"] == []
    assert [one["by"] for one in shown["photos"]] == [None]
    assert "核实属实" not in str(shown)


def test_the_steps_follow_the_history(office: Office, made: TwoPatches) -> None:
    finding = reported(office)
    at = office.now()

    def states() -> dict[str, str]:
        return {one["key"]: one["state"] for one in case(office, LEADER, finding)["steps"]}

    assert list(states()) == list(STEP_KEYS)
    assert states()["file"] == "now"
    move(office, finding, "dispatched", step("file", at), step("dispatch", at + timedelta(minutes=9)))
    shown = case(office, LEADER, finding)["steps"]
    assert [one["state"] for one in shown] == ["ok", "ok", "ok", "now", "todo", "todo", "todo"]
    assert shown[2]["at"] == "2026-09-02T10:33:00+08:00"
    move(office, finding, "handled", step("handle", at + timedelta(hours=1)))
    assert states()["feedback"] == "now"
    move(office, finding, "closed", step("verify", at), step("close", at + timedelta(hours=2)))
    assert list(states().values()) == ["ok"] * 6 + ["todo"]
    move(office, finding, "reopened", step("reopen", at + timedelta(hours=3)))
    assert states()["dispatch"] == "now"


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_at_most_one_current_step(status: str) -> None:
    found = steps(status, [], NOW)
    assert [one["key"] for one in found] == list(STEP_KEYS)
    assert sum(one["state"] == "now" for one in found) == (0 if status in FINAL_STATUSES else 1)


def test_history_is_told_newest_first_in_both_languages(office: Office, made: TwoPatches) -> None:
    finding = reported(office)
    at = office.now()
    move(
        office, finding, "dispatched",
        step("file", at - timedelta(hours=3), user_id=1, note="核实属实"),
        step("dispatch", at - timedelta(hours=2), payload={"bureau": "CG", "rule": "R-01"}),
    )  # fmt: skip
    with office.database.write() as session:
        session.get_one(Finding, finding).due_at = at - timedelta(hours=1)
    told = case(office, LEADER, finding)["history"]
    assert [one["act"] for one in told] == ["report", "overdue", "dispatch", "file"]
    assert told[1]["hot"]
    assert (told[2]["zh"], told[2]["en"]) == ("派遣给CG（规则 R-01）", "Dispatched to CG (rule R-01)")
    assert told[3]["by"] == ["包片领导 马建国", "Jianguo Ma, Patch leader"]
    assert told[3]["note"] == "核实属实"


def test_a_settled_location_says_what_changed(office: Office, made: TwoPatches) -> None:
    finding = reported(office, lon=101.5)
    settle(office, Actor(role="supervisor"), finding, "patch", "B", "摊位在路东")
    [settled, *_] = case(office, LEADER, finding)["history"]
    assert settled["en"] == "Location settled by hand: patch West → East"
    assert settled["zh"] == "人工定位：片区 西片 → 东片"
    shown = case(office, LEADER, finding)
    assert shown["pinned"]
    assert shown["patch"]["code"] == "B"


def test_every_act_that_is_written_has_words(office: Office, made: TwoPatches) -> None:
    settle(office, Actor(role="supervisor"), reported(office, lon=101.5), "patch", "B", "在路东")
    with office.database.read() as session:
        assert set(session.scalars(select(HistoryEntry.act))) <= set(ACTS)
    assert set(lifecycle.ACTS) <= set(ACTS)
    chosen = words("dispatch", {"bureau": "CG", "instead_of": "HW"}, {"CG": ("城管", "Urban")}, {})
    assert chosen[:2] == ("派遣给城管（原为HW）", "Dispatched to Urban (was HW)")
    assert words("something new", {}, {}, {}) == ("something new", "something new", False)
    assert words("dispatch", {"bureau": 7, "rule": None}, {}, {})[1] == "Dispatched"


def test_open_findings_near_are_listed_nearest_first(office: Office, made: TwoPatches) -> None:
    here = reported(office)
    degree_m = 89_500  # of longitude at 36.5 N
    far = reported(office, lon=101.2 + 45 / degree_m)
    second = reported(office, lon=101.2 + 30 / degree_m)
    first = reported(office, lon=101.2 - 5 / degree_m)
    closed = reported(office, lon=101.2 + 1 / degree_m)
    with office.database.write() as session:
        finding = session.get_one(Finding, closed)
        finding.status, finding.revision = "closed", 5
    near = [row["id"] for row in case(office, LEADER, here)["nearby"]]
    assert near == [first, second]
    assert far not in near


def _picture(office: Office, finding_id: int) -> None:
    with office.database.write() as session:
        session.add(
            Photo(
                finding_id=finding_id, kind="before", media_type="image/png", size_bytes=1, sha256="0" * 64,
                width=4, height=3, taken_at=office.now(), created_at=office.now(), created_by=1,
                caption_zh="前", caption_en="Before",
            )
        )  # fmt: skip


def test_photos_are_named_with_who_took_them(office: Office, made: TwoPatches) -> None:
    finding = reported(office)
    _picture(office, finding)
    [photo] = case(office, LEADER, finding)["photos"]
    assert photo["url"] == f"/photos/{photo['id']}"
    assert photo["by"] == ["包片领导 马建国", "Jianguo Ma, Patch leader"]
    assert photo["caption"] == ["前", "Before"]


def test_a_rule_with_a_chinese_note_is_told_in_english_too(office: Office, made: TwoPatches) -> None:
    finding_id = reported(office)
    with office.database.write() as session:
        rule = session.scalars(select(RoutingRule).where(RoutingRule.code == "R-02")).one()
        rule.note = "由环卫中心办理"
    told = case(office, LEADER, finding_id)["rule"]
    assert told["zh"] == "由环卫中心办理"
    assert "→" in told["en"]
    assert told["en"]
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in told["en"])
