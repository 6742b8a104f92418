"""What waits in triage, why, and who it could go to."""

import pytest

from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.findings import report
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from casework.triage import settle
from casework.triage_decisions import area_named, leave_unassigned, settle_as_located, settle_several
from casework.triage_questions import open_question
from casework.triage_queue import decided_page, queue_page, waiting
from tests.factories.city import INSPECTOR, two_patches

SUPERVISOR = Actor(role="supervisor")
NEAR = 101.5 + 3e-5  # about 2.7 m east of the border


def _at(office: Office, lon: float, lat: float = 36.5, category: str = "0105") -> int:
    return report(office, INSPECTOR, {"category": category, "lon": lon, "lat": lat}).finding_id


def test_what_waits_is_counted_by_kind_and_listed(office: Office) -> None:
    two_patches(office)
    inside, border, near, outside = (_at(office, lon) for lon in (101.2, 101.5, NEAR, 102.01))
    page = queue_page(office, SUPERVISOR)
    assert page.counts == {"border": 1, "near": 1, "overlap": 0, "outside": 1}
    assert {line.row["id"]: line.kind for line in page.lines} == {
        border: "border",
        near: "near",
        outside: "outside",
    }
    assert waiting(office, SUPERVISOR) == 3
    [line] = queue_page(office, SUPERVISOR, "near").lines
    assert (line.area and line.area.code, [one.code for one, _ in line.others]) == ("B", ["A"])
    assert 2 < line.others[0][1] < 3
    assert inside not in {line.row["id"] for line in page.lines}


def test_a_question_names_candidates_distances_and_bureaus(office: Office) -> None:
    two_patches(office)
    question = open_question(office, SUPERVISOR, _at(office, 101.5, category="0102"))
    [asked] = question.questions
    assert (asked.level_code, asked.kind, asked.is_implied) == ("patch", "border", False)
    assert [(one.code, one.distance_m, one.is_current) for one in asked.candidates] == [
        ("A", 0, True),
        ("B", 0, False),
    ]
    assert asked.candidates[0].bureau == ["HW", "HW"]
    assert [one.code for one in asked.others] == ["B"]
    assert {area.code for area in question.around.areas} == {"A", "B"}


def test_a_level_that_follows_a_finer_one_is_implied(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    outside = open_question(sqlite_office, SUPERVISOR, _at(sqlite_office, 102.01))
    assert [(one.level_code, one.is_implied) for one in outside.questions] == [
        ("patch", False),
        ("district", True),
    ]


def test_leaving_it_without_an_area_settles_every_level(office: Office) -> None:
    two_patches(office)
    finding = _at(office, 102.01)
    seen = open_question(office, SUPERVISOR, finding).revision
    assert not leave_unassigned(office, SUPERVISOR, finding, "不在本区", seen).still_waiting
    assert waiting(office, SUPERVISOR) == 0
    after = open_question(office, SUPERVISOR, finding)
    assert after.questions == []
    assert [(one.area, one.reason) for one in after.decisions] == [(None, "不在本区")] * 2
    with pytest.raises(Conflict):
        leave_unassigned(office, SUPERVISOR, finding, "不在本区", seen)


def test_only_what_lies_outside_can_be_left_without_an_area(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused):
        leave_unassigned(sqlite_office, SUPERVISOR, _at(sqlite_office, 101.5), "不归")
    with pytest.raises(Refused):
        settle_as_located(sqlite_office, SUPERVISOR, _at(sqlite_office, 102.01), "按坐标")


def test_several_are_confirmed_at_once_and_changed_ones_are_left(office: Office) -> None:
    two_patches(office)
    near, border = _at(office, NEAR), _at(office, 101.5)
    picked = [(line.row["id"], line.revision) for line in queue_page(office, SUPERVISOR).lines]
    settle(office, SUPERVISOR, border, "patch", "B", "路东")
    batch = settle_several(office, SUPERVISOR, picked, "按坐标")
    assert batch.done == [near]
    [(left, why)] = batch.refused
    assert left == border
    assert isinstance(why, Conflict)
    decided = decided_page(office, SUPERVISOR)
    assert [line.row["id"] for line in decided.lines] == [near, border]
    assert [line.decisions[0].reason for line in decided.lines] == ["按坐标", "路东"]
    assert decided.decided == 2


def test_confirming_several_needs_a_reason_and_findings(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused) as refused:
        settle_several(sqlite_office, SUPERVISOR, [(1, 1)], " ")
    assert refused.value.field == "reason"
    with pytest.raises(Refused) as refused:
        settle_several(sqlite_office, SUPERVISOR, [], "按坐标")
    assert refused.value.field == "pick"


@pytest.mark.parametrize("text", ["B", "东片", "east", "East · B", "东片 · B"])
def test_an_area_is_found_by_code_or_name(sqlite_office: Office, text: str) -> None:
    two_patches(sqlite_office)
    assert area_named(sqlite_office, "patch", text) == "B"


@pytest.mark.parametrize("text", ["", "nowhere", "D", "a\0"])
def test_an_unknown_area_is_refused(sqlite_office: Office, text: str) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused) as refused:
        area_named(sqlite_office, "patch", text)
    assert refused.value.field == "other"


def test_who_may_not_look_is_told(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    assert waiting(sqlite_office, ANONYMOUS) == 0
    with pytest.raises(Forbidden):
        queue_page(sqlite_office, Actor(role="handler"))
    with pytest.raises(NotFound):
        open_question(sqlite_office, SUPERVISOR, 99)
