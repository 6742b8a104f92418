"""Rules: what a change would do is what it does; one rule for one category and area; which rule decides and why."""

import pytest
from sqlalchemy import update

from casework import rule_preview, rules
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.rules import RuleChange
from db.models import Bureau, Finding, HistoryEntry, RoutingRule
from tests.factories.city import TwoPatches, two_patches
from tests.factories.crowd import crowd


@pytest.fixture
def made(office: Office) -> TwoPatches:
    made = two_patches(office)
    crowd(office, made, 120)
    return made


def _bureaus(office: Office) -> dict[int, int | None]:
    with office.database.read() as session:
        return {row.id: row.bureau_id for row in session.query(Finding.id, Finding.bureau_id)}


def _rule(office: Office, code: str) -> rules.RuleLine:
    return next(line for line in rules.list_rules(office, SYSTEM) if line.code == code)


CHANGES = {
    "a new rule in one patch": RuleChange(category="0105", area="patch:A", bureau="HW"),
    "a new rule in the district": RuleChange(category="01", area="district:D", bureau="HW"),
    "any category in one patch": RuleChange(area="patch:B", bureau="HW"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_preview_of_a_new_rule_is_what_happens(office: Office, made: TwoPatches, name: str) -> None:
    before = _bureaus(office)
    preview = rule_preview.preview(office, SYSTEM, CHANGES[name])
    assert _bureaus(office) == before  # nothing was written
    applied = rules.apply(office, SYSTEM, CHANGES[name])
    after = _bureaus(office)
    moved = {one for one in before if before[one] != after[one]}
    assert preview.moved == applied.moved == len(moved) == sum(flow.count for flow in preview.flows)
    assert {one.id for one in preview.movers} <= moved
    assert all(bar.after - bar.before != 0 for bar in preview.bars)
    ids = made.bureaus
    assert len(moved) == preview.moved
    assert {after[one] for one in moved} <= set(ids.values())


def test_changing_retiring_and_bringing_back_do_what_their_previews_say(
    office: Office, made: TwoPatches
) -> None:
    line = _rule(office, "R-02")
    for change in (
        RuleChange("save", line.id, category="0102", area="patch:A", bureau="HW"),
        RuleChange("save", line.id, category="0105", bureau="HW"),
        RuleChange("retire", line.id),
        RuleChange("restore", line.id),
    ):
        preview = rule_preview.preview(office, SYSTEM, change)
        assert preview.moved > 0
        assert rules.apply(office, SYSTEM, change).moved == preview.moved
        assert rule_preview.preview(office, SYSTEM, RuleChange(area="patch:A", bureau="CG")).moved >= 0
    assert _rule(office, "R-02").category is not None


def test_every_finding_that_moves_keeps_the_step_in_its_history(office: Office, made: TwoPatches) -> None:
    moved = rules.apply(office, SYSTEM, RuleChange(area="patch:A", bureau="HW", note="试点")).moved
    with office.database.read() as session:
        steps = session.query(HistoryEntry).filter_by(act="reassign").all()
    assert len(steps) == moved > 0
    assert {step.note for step in steps} == {"rule */A"}
    assert all(step.payload["bureau"][1] == "HW" for step in steps)


def test_pinned_and_closed_findings_stay_and_are_told(office: Office, made: TwoPatches) -> None:
    with office.database.write() as session:
        session.execute(update(Finding).where(Finding.status == "dispatched").values(pinned=True))
    preview = rule_preview.preview(office, SYSTEM, RuleChange(area="district:D", bureau="HW"))
    assert preview.pinned > 0
    pinned_before = _bureaus(office)
    rules.apply(office, SYSTEM, RuleChange(area="district:D", bureau="HW"))
    after = _bureaus(office)
    with office.database.read() as session:
        stay = {
            row.id
            for row in session.query(Finding.id).filter(
                Finding.pinned | Finding.status.in_(("closed", "declined", "cancelled", "duplicate"))
            )
        }
    assert all(after[one] == pinned_before[one] for one in stay)


def test_one_rule_for_one_category_and_area(office: Office, made: TwoPatches) -> None:
    change = RuleChange(category="0102", bureau="CG")
    with pytest.raises(Refused, match="R-02 already says") as refusal:
        rules.apply(office, SYSTEM, change)
    assert refusal.value.field == "category"
    with pytest.raises(Refused, match="R-02"):
        rule_preview.preview(office, SYSTEM, change)
    line = _rule(office, "R-02")
    rules.apply(office, SYSTEM, RuleChange("retire", line.id))
    rules.apply(office, SYSTEM, change)
    with pytest.raises(Refused, match="0102"):
        rules.apply(office, SYSTEM, RuleChange("restore", line.id))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (RuleChange(category="0102", area="patch:A"), "bureau"),
        (RuleChange(bureau="nobody", area="patch:A"), "bureau"),
        (RuleChange(bureau="CG", category="9999"), "category"),
        (RuleChange(bureau="CG", area="patch:Z"), "area"),
        (RuleChange(bureau="CG", area="A"), "area"),
        (RuleChange(bureau="CG", area="patch:A", note="x" * 501), "note"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    office: Office, made: TwoPatches, change: RuleChange, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        rules.apply(office, SYSTEM, change)
    assert refusal.value.field == field


def test_a_stale_form_is_told_what_changed(office: Office, made: TwoPatches) -> None:
    line = _rule(office, "R-02")
    rules.apply(office, SYSTEM, RuleChange("save", line.id, category="0102", bureau="HW", note="theirs"))
    mine = RuleChange("save", line.id, category="0102", bureau="CG", note="mine", seen=line.seen)
    with pytest.raises(Conflict, match="theirs"):
        rules.apply(office, SYSTEM, mine)
    seen = _rule(office, "R-02").seen
    rules.apply(office, SYSTEM, RuleChange("save", line.id, category="0105", bureau="CG"))
    with pytest.raises(Conflict, match="0102 → 0105, HW → CG"):
        rules.apply(office, SYSTEM, RuleChange("retire", line.id, seen=seen))


def test_a_rule_of_a_retired_bureau_is_not_brought_back(office: Office, made: TwoPatches) -> None:
    line = _rule(office, "R-02")
    rules.apply(office, SYSTEM, RuleChange("retire", line.id))
    with office.database.write() as session:
        session.execute(update(Bureau).where(Bureau.code == "HW").values(retired_at=office.now()))
    with pytest.raises(Refused, match="HW"):
        rules.apply(office, SYSTEM, RuleChange("restore", line.id))
    with pytest.raises(NotFound):
        rules.one_rule(office, SYSTEM, 99_999)


def test_the_most_specific_rule_stands_first_and_decides(office: Office, made: TwoPatches) -> None:
    rules.apply(office, SYSTEM, RuleChange(category="0102", area="patch:A", bureau="CG"))
    rules.apply(office, SYSTEM, RuleChange(category="01", area="district:D", bureau="HW"))
    rules.apply(office, SYSTEM, RuleChange(area="patch:A", bureau="HW"))
    order = [line.code for line in rules.list_rules(office, SYSTEM)]
    assert order == ["0102/A", "R-02", "01/D", "*/A", "R-01"]
    found = rule_preview.which_rule(office, SYSTEM, "0102", "patch:A")
    assert found.winner is not None
    assert [found.winner.code, *(one.code for one in found.others)] == order
    for category, area, code in (
        ("0102", "patch:B", "R-02"),
        ("0105", "patch:B", "01/D"),
        ("01", "", "R-01"),
    ):
        winner = rule_preview.which_rule(office, SYSTEM, category, area).winner
        assert winner is not None
        assert winner.code == code


def test_where_no_rule_fits_nothing_decides(office: Office, made: TwoPatches) -> None:
    rules.apply(office, SYSTEM, RuleChange("retire", _rule(office, "R-01").id))
    assert rule_preview.which_rule(office, SYSTEM, "0105", "patch:A").winner is None
    with pytest.raises(Refused):
        rule_preview.which_rule(office, SYSTEM, "", "")


def test_only_administrators(office: Office, made: TwoPatches) -> None:
    who = Actor(role="supervisor", user_id=1)
    for act in (
        lambda: rules.list_rules(office, who),
        lambda: rules.apply(office, who, RuleChange(bureau="CG", area="patch:A")),
        lambda: rule_preview.preview(office, who, RuleChange(bureau="CG", area="patch:A")),
    ):
        with pytest.raises(Forbidden):
            act()
    with office.database.read() as session:
        assert session.query(RoutingRule).count() == 2
