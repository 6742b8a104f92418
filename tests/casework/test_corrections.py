"""Corrections: patch, bureau and deadline follow, the old ones stay in the history."""

from datetime import timedelta

import pytest

from casework.acts import perform
from casework.corrections import correct
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.history import first_broken
from casework.office import Office
from casework.policy import Actor
from casework.triage import settle
from db.models import Area, Assignment, Category
from tests.factories.everyday import Everyday, everyday


@pytest.fixture
def people(office: Office) -> Everyday:
    return everyday(office)


@pytest.fixture
def some(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


def _area(people: Everyday, finding: int) -> str | None:
    with people.office.database.read() as session:
        area_id = people.finding(finding).area_id
        return session.get_one(Area, area_id).code if area_id else None


def test_a_moved_pin_moves_the_patch_and_keeps_the_old_place(people: Everyday) -> None:
    finding = people.report()
    done = correct(people.office, people.supervisor, finding, {"lon": 101.8, "lat": 36.5}, "图钉点错了")
    assert done.area == ("A", "B")
    assert done.changed == ("lon",)
    assert _area(people, finding) == "B"
    step = people.history(finding)[-1]
    assert (step.act, step.note) == ("correct", "图钉点错了")
    assert step.payload == {"fields": ["lon"], "lon": [101.2, 101.8], "lat": [36.5, 36.5], "area": ["A", "B"]}
    assert first_broken(people.history(finding)) is None
    with people.office.database.read() as session:
        rows = session.query(Assignment).filter_by(finding_id=finding).order_by("id").all()
        assert [row.valid_to is None for row in rows] == [False, False, True, True]
        assert {row.reason for row in rows if row.valid_to is None} == {"图钉点错了"}


def test_a_pin_outside_waits_in_triage(some: Everyday) -> None:
    finding = some.report()
    done = correct(some.office, some.supervisor, finding, {"lon": "103.5", "lat": "36.5"}, "在外面")
    assert done.area == ("A", None)
    now = some.finding(finding)
    assert (now.assignment, now.triage) == ("outside", True)


def test_another_category_brings_another_bureau_and_limit(people: Everyday) -> None:
    finding = people.report()
    with people.office.database.write() as session:
        one = session.query(Category).filter_by(code="0102").one()
        one.limit_value, one.limit_unit = 5, "calendar_day"
    done = correct(people.office, people.supervisor, finding, {"category": "0102"}, "选错类别")
    assert done.bureau == ("CG", "HW")
    now = people.finding(finding)
    assert now.due_at == now.reported_at + timedelta(days=5)
    assert people.history(finding)[-1].payload == {
        "fields": ["category"], "category": ["0105", "0102"], "bureau": ["CG", "HW"],
    }  # fmt: skip


def test_old_words_stay_in_notes_of_their_own(people: Everyday) -> None:
    finding = people.report(description="张三家门口", place="树林巷 12 号")
    changed = {"description": "门口有垃圾", "place": "", "subject": "小杨超市"}
    correct(people.office, people.supervisor, finding, changed, "去掉人名")
    steps = people.history(finding)
    assert [(step.act, step.note) for step in steps[1:]] == [
        ("former_text", "树林巷 12 号"), ("former_text", "张三家门口"), ("correct", "去掉人名"),
    ]  # fmt: skip
    assert "张三" not in str([step.payload for step in steps])
    assert first_broken(steps) is None
    assert people.finding(finding).place == ""


def test_a_hand_settled_patch_stays_when_only_the_category_changes(some: Everyday) -> None:
    finding = some.report(lon=101.5)
    settle(some.office, some.supervisor, finding, "patch", "B", "摊位在路东")
    correct(some.office, some.supervisor, finding, {"category": "0102"}, "选错类别")
    assert _area(some, finding) == "B"
    assert some.finding(finding).pinned
    assert some.finding(finding).bureau_id == some.city.bureaus["HW"]
    correct(some.office, some.supervisor, finding, {"lon": 101.2, "lat": 36.5}, "图钉点错了")
    assert _area(some, finding) == "A"
    assert not some.finding(finding).pinned


def test_what_does_not_differ_is_no_correction(some: Everyday) -> None:
    finding = some.report(description="原样")
    same = {
        "category": "0105",
        "lon": "101.2",
        "lat": "36.5",
        "description": "原样",
        "place": "",
        "subject": "",
    }
    with pytest.raises(Refused, match="differs"):
        correct(some.office, some.supervisor, finding, same, "没有改")
    assert len(some.history(finding)) == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"lon": 101.8}, "lat"), ({"lon": "abc", "lat": 36}, "lon"), ({"lon": 0, "lat": 0}, "lon"),
        ({"lon": "1e999", "lat": 36}, "lon"), ({"category": "nothing"}, "category"), ({"status": "closed"}, "status"),
        ({"place": "x" * 201}, "place"), ({"description": "a\x00b"}, "description"), ({"lon": 101.8, "lat": 91}, "lat"),
    ],
)  # fmt: skip
def test_bad_values_are_refused_by_name(some: Everyday, form: dict[str, object], field: str) -> None:
    finding = some.report()
    with pytest.raises(Refused) as refusal:
        correct(some.office, some.supervisor, finding, form, "weil")
    assert refusal.value.field == field
    assert len(some.history(finding)) == 1


def test_a_reason_is_asked_for(some: Everyday) -> None:
    with pytest.raises(Refused) as refusal:
        correct(some.office, some.supervisor, some.report(), {"place": "别处"}, " ")
    assert refusal.value.field == "reason"


def test_who_may_correct(some: Everyday) -> None:
    own, west, east = some.report(lon=101.8), some.report(), some.report(lon=101.9)
    stranger = Actor(role="inspector", user_id=some.second.user_id, area_ids=some.inspector.area_ids)
    correct(some.office, some.inspector, own, {"place": "自己报的"}, "补充")
    correct(some.office, stranger, west, {"place": "在自己片区"}, "补充")
    with pytest.raises(NotFound):
        correct(some.office, stranger, east, {"place": "别人的"}, "补充")
    for who in (some.handler, Actor(role="leader", user_id=5), Actor(role="archivist", user_id=6)):
        with pytest.raises(Forbidden):
            correct(some.office, who, own, {"place": "不行"}, "补充")


def test_a_closed_one_is_reopened_first(some: Everyday) -> None:
    finding = some.led_to("closed")
    with pytest.raises(Refused, match="reopen"):
        correct(some.office, some.supervisor, finding, {"place": "晚了"}, "补充")


def test_a_stale_form_and_a_missing_finding(some: Everyday) -> None:
    finding = some.report()
    seen = some.finding(finding).revision
    perform(some.office, some.supervisor, finding, "file")
    with pytest.raises(Conflict):
        correct(some.office, some.supervisor, finding, {"place": "慢了"}, "补充", revision=seen)
    with pytest.raises(NotFound):
        correct(some.office, some.supervisor, 4242, {"place": "没有"}, "补充")
