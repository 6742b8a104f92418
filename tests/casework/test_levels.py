"""Levels: renamed, nested in coarser ones only, removed only while empty."""

import pytest

from casework import drafts, levels
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from tests.factories.city import two_patches
from tests.factories.everyday import account

CELL = {"code": "cell", "name_zh": "网格", "name_en": "Cell", "parent": "patch"}


@pytest.fixture(autouse=True)
def _city(office: Office) -> None:
    two_patches(office)


def _line(office: Office, code: str) -> levels.LevelLine:
    return next(line for line in levels.list_levels(office, SYSTEM) if line.code == code)


def test_a_new_level_is_the_finest_and_counts_once_it_has_areas(office: Office) -> None:
    levels.add_level(office, SYSTEM, CELL)
    lines = levels.list_levels(office, SYSTEM)
    assert [(line.code, line.parent, line.areas, line.is_patch, line.is_empty) for line in lines] == [
        ("district", "", 1, False, False),
        ("patch", "district", 2, True, False),
        ("cell", "patch", 0, False, True),
    ]
    with pytest.raises(Refused, match="taken"):
        levels.add_level(office, SYSTEM, CELL)


def test_renaming_and_nesting(office: Office) -> None:
    line = _line(office, "patch")
    levels.change_level(office, SYSTEM, line.id, {"name_zh": "责任片", "parent": ""}, line.seen)
    assert (_line(office, "patch").name_en, _line(office, "patch").parent) == ("责任片", "")
    with pytest.raises(Conflict, match="责任片"):
        levels.change_level(office, SYSTEM, line.id, {"name_zh": "别名"}, line.seen)
    for parent in ("patch", "nowhere"):
        with pytest.raises(Refused) as refusal:
            levels.change_level(
                office, SYSTEM, _line(office, "district").id, {"name_zh": "区", "parent": parent}
            )
        assert refusal.value.field == "parent"


def test_only_an_empty_level_is_removed(office: Office) -> None:
    cell = levels.add_level(office, SYSTEM, CELL)
    with pytest.raises(Refused):
        levels.remove_level(office, SYSTEM, _line(office, "patch").id)
    levels.remove_level(office, SYSTEM, cell)
    assert [line.code for line in levels.list_levels(office, SYSTEM)] == ["district", "patch"]
    with pytest.raises(NotFound):
        levels.remove_level(office, SYSTEM, cell)


def test_a_level_that_a_draft_would_draw_stays(office: Office) -> None:
    cell = levels.add_level(office, SYSTEM, CELL)
    actor = account(office, "supervisor")
    drafts.create(office, actor, [CELL["code"]])
    with pytest.raises(Refused):
        levels.remove_level(office, SYSTEM, cell)


def test_only_administrators(office: Office) -> None:
    with pytest.raises(Forbidden):
        levels.list_levels(office, Actor(role="supervisor", user_id=1))
