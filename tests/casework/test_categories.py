"""The tree of categories: no loops, limits that are inherited, retired from the leaves up."""

import pytest

from casework import categories
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.findings import report
from casework.office import Office
from casework.policy import SYSTEM, Actor
from db.models import Finding
from tests.factories.city import INSPECTOR, TwoPatches, two_patches

NEW = {"code": "0199", "parent": "01", "name_zh": "新类", "name_en": "", "limit_value": "", "limit_unit": ""}


@pytest.fixture
def made(office: Office) -> TwoPatches:
    return two_patches(office)


def _line(office: Office, code: str) -> categories.CategoryLine:
    return next(line for line in categories.list_categories(office, SYSTEM) if line.code == code)


def _values(line: categories.CategoryLine, **other: str) -> dict[str, str]:
    limit = {"limit_value": str(line.limit_value or ""), "limit_unit": line.limit_unit or ""}
    return {"parent": line.parent, "name_zh": line.name_zh, "name_en": line.name_en, **limit, **other}


def test_the_tree_stands_parents_first_with_the_limits_that_count(office: Office, made: TwoPatches) -> None:
    categories.add_category(office, SYSTEM, NEW)
    categories.add_category(
        office, SYSTEM, {**NEW, "code": "019901", "parent": "0199", "limit_value": "4", "limit_unit": "hour"}
    )
    lines = categories.list_categories(office, SYSTEM)
    assert [(line.code, line.depth) for line in lines] == [
        ("01", 0), ("0102", 1), ("0105", 1), ("0199", 1), ("019901", 2),
    ]  # fmt: skip
    assert [(line.limit, line.inherited) for line in lines[-2:]] == [
        ((2, "working_day"), True),
        ((4, "hour"), False),
    ]
    assert _line(office, "0199").name_en == "新类"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "0102"}, "code"),
        ({"name_zh": " "}, "name_zh"),
        ({"parent": "9999"}, "parent"),
        ({"limit_value": "0", "limit_unit": "hour"}, "limit_value"),
        ({"limit_value": "1.5", "limit_unit": "hour"}, "limit_value"),
        ({"limit_value": "٣", "limit_unit": "hour"}, "limit_value"),
        ({"limit_value": "3"}, "limit_unit"),
        ({"limit_value": "3", "limit_unit": "year"}, "limit_unit"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    office: Office, made: TwoPatches, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        categories.add_category(office, SYSTEM, {**NEW, **wrong})
    assert refusal.value.field == field


def test_a_category_is_never_put_below_itself(office: Office, made: TwoPatches) -> None:
    top = _line(office, "01")
    for parent in ("01", "0102"):
        with pytest.raises(Refused, match="below this category") as refusal:
            categories.change_category(office, SYSTEM, top.id, _values(top, parent=parent))
        assert refusal.value.field == "parent"


def test_a_move_brings_the_rules_of_the_new_parent(office: Office, made: TwoPatches) -> None:
    found = report(office, INSPECTOR, {"category": "0105", "lon": 101.2, "lat": 36.5}).finding_id
    line = _line(office, "0105")
    assert categories.change_category(office, SYSTEM, line.id, _values(line, parent="0102"), line.seen) == 1
    with office.database.read() as session:
        assert session.get_one(Finding, found).bureau_id == made.bureaus["HW"]
    with pytest.raises(Conflict):
        categories.change_category(office, SYSTEM, line.id, _values(line, name_zh="旧表单"), line.seen)


def test_retired_from_the_leaves_up_and_back_from_the_top_down(office: Office, made: TwoPatches) -> None:
    top, leaves = _line(office, "01"), [_line(office, "0102"), _line(office, "0105")]
    with pytest.raises(Refused, match="2 categories below"):
        categories.retire_category(office, SYSTEM, top.id)
    for line in (*leaves, top):
        categories.retire_category(office, SYSTEM, line.id, line.seen)
    with pytest.raises(Refused, match="01"):
        categories.restore_category(office, SYSTEM, leaves[0].id)
    with pytest.raises(Refused):
        categories.add_category(office, SYSTEM, NEW)
    for line in (top, *leaves):
        categories.restore_category(office, SYSTEM, line.id)
    assert all(line.retired_at is None for line in categories.list_categories(office, SYSTEM))


def test_only_administrators_and_only_what_is_there(office: Office, made: TwoPatches) -> None:
    with pytest.raises(Forbidden):
        categories.list_categories(office, Actor(role="inspector", user_id=1))
    with pytest.raises(NotFound):
        categories.one_category(office, SYSTEM, 9999)
