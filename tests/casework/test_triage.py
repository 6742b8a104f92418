"""A person decides where an uncertain finding belongs, and the decision holds."""

from typing import Any

import pytest

from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.findings import report
from casework.office import Office
from casework.policy import Actor
from casework.triage import release, settle
from db.models import Area, Assignment, Finding, HistoryEntry
from tests.factories.city import EAST, INSPECTOR, WEST, publish_patches, two_patches

SUPERVISOR = Actor(role="supervisor")


def _on_the_border(office: Office) -> int:
    return report(office, INSPECTOR, {"category": "0105", "lon": 101.5, "lat": 36.5}).finding_id


def _state(office: Office, finding_id: int) -> dict[str, Any]:
    with office.database.read() as session:
        finding = session.get_one(Finding, finding_id)
        codes = {area.id: area.code for area in session.query(Area)}
        current = (
            session.query(Assignment)
            .filter_by(finding_id=finding_id, valid_to=None)
            .order_by("level_id")
            .all()
        )
        return {
            "area": codes.get(finding.area_id or 0),
            "pinned": finding.pinned,
            "triage": finding.triage,
            "levels": [(codes.get(row.area_id or 0), row.kind, row.pinned) for row in current],
            "revision": finding.revision,
            "acts": [
                h.act for h in session.query(HistoryEntry).filter_by(finding_id=finding_id).order_by("seq")
            ],
        }


def test_settling_pins_the_area_and_its_parents_and_leaves_triage(office: Office) -> None:
    two_patches(office)
    finding = _on_the_border(office)
    assert _state(office, finding)["area"] == "A"
    settled = settle(office, SUPERVISOR, finding, "patch", "B", "摊位在路东")
    state = _state(office, finding)
    assert (state["area"], state["pinned"], state["triage"]) == ("B", True, False)
    assert state["levels"] == [("D", "inside", True), ("B", "border", True)]
    assert state["acts"] == ["report", "settle"]
    assert not settled.still_waiting


def test_a_settled_finding_keeps_its_area_when_borders_move(office: Office) -> None:
    made = two_patches(office)
    finding = _on_the_border(office)
    settle(office, SUPERVISOR, finding, "patch", "B", "摊位在路东")
    with office.database.write() as session:
        publish_patches(session, office, made.patch, EAST, WEST)  # the two change places
    assert _state(office, finding)["area"] == "B"


def test_releasing_locates_it_again(office: Office) -> None:
    two_patches(office)
    finding = _on_the_border(office)
    settle(office, SUPERVISOR, finding, "patch", "B", "摊位在路东")
    release(office, SUPERVISOR, finding, "看错了")
    state = _state(office, finding)
    assert (state["area"], state["pinned"], state["triage"]) == ("A", False, True)
    assert state["acts"] == ["report", "settle", "release"]


def test_outside_every_area_it_can_be_left_to_nobody_or_given_to_somebody(office: Office) -> None:
    two_patches(office)
    far = report(office, INSPECTOR, {"category": "0105", "lon": 102.2, "lat": 36.5}).finding_id
    assert settle(office, SUPERVISOR, far, "patch", "B", "代管").bureau_id is not None
    assert _state(office, far)["area"] == "B"
    other = report(office, INSPECTOR, {"category": "0105", "lon": 102.2, "lat": 36.5}).finding_id
    settled = settle(office, SUPERVISOR, other, "patch", None, "不归我们")
    assert settled.area_id is None
    assert settled.still_waiting  # the district is not settled yet
    assert not settle(office, SUPERVISOR, other, "district", None, "不归我们").still_waiting


def test_a_decision_on_an_old_view_is_a_conflict(office: Office) -> None:
    two_patches(office)
    finding = _on_the_border(office)
    seen = _state(office, finding)["revision"]
    settle(office, SUPERVISOR, finding, "patch", "B", "路东", revision=seen)
    with pytest.raises(Conflict):
        settle(office, SUPERVISOR, finding, "patch", "A", "路西", revision=seen)
    assert _state(office, finding)["area"] == "B"


@pytest.mark.parametrize(
    ("level", "area", "reason", "field"),
    [
        ("patch", "Z", "x", "area"),
        ("ward", "A", "x", "level"),
        ("patch", "A", "  ", "reason"),
        ("patch", "A", "\0", "reason"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(
    office: Office, level: str, area: str, reason: str, field: str
) -> None:
    two_patches(office)
    finding = _on_the_border(office)
    with pytest.raises(Refused) as refused:
        settle(office, SUPERVISOR, finding, level, area, reason)
    assert refused.value.field == field
    assert _state(office, finding)["acts"] == ["report"]


def test_who_may_not_settle_is_told(office: Office) -> None:
    two_patches(office)
    finding = _on_the_border(office)
    with pytest.raises(Forbidden):
        settle(office, INSPECTOR, finding, "patch", "B", "路东")
    with pytest.raises(NotFound):
        settle(office, SUPERVISOR, 999, "patch", "B", "路东")
