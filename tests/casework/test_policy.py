"""Who may do what: every role and every act, written out a second time."""

import pytest

from casework.errors import Forbidden, NotSignedIn
from casework.policy import ALLOWED, ANONYMOUS, PUBLIC, SYSTEM, Act, Actor, map_is_public, may, require
from db.models import ROLES

# a administrator, l leader, s supervisor, i inspector, h handler, r archivist
MATRIX = {
    Act.VIEW_MAP: "alsihr",
    Act.VIEW_CASE: "alsihr",
    Act.BLUR_PHOTOS: "asi",
    Act.VIEW_ORIGINALS: "alsr",
    Act.MAKE_PAPERS: "als",
    Act.VIEW_STATISTICS: "alsihr",
    Act.REPORT: "alsi",
    Act.CORRECT: "asi",
    Act.VIEW_TRIAGE: "als",
    Act.SETTLE: "as",
    Act.DRAW_AREAS: "as",
    Act.PUBLISH_AREAS: "as",
    Act.IMPORT_AREAS: "as",
    Act.COMMENT_AREAS: "alsi",
    Act.VIEW_ROUTES: "alsr",
    Act.PLAN_ROUTES: "as",
    Act.WALK_ROUND: "asi",
    Act.MANAGE_PEOPLE: "a",
    Act.MANAGE_AREA_PEOPLE: "as",
    Act.MANAGE_KEYS: "a",
    Act.JUDGE_TIES: "as",
    Act.MANAGE_WEBHOOKS: "a",
    Act.MANAGE_SETTINGS: "a",
}
LETTER = dict(zip(ROLES, "alsihr", strict=True))


def test_every_act_is_decided() -> None:
    assert set(ALLOWED) == set(Act) == set(MATRIX)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says(role: str, act: Act) -> None:
    actor, expected = Actor(role=role, user_id=1), LETTER[role] in MATRIX[act]
    assert may(actor, act) is expected
    assert may(actor, act, public_map=True) is expected
    if not expected:
        with pytest.raises(Forbidden):
            require(actor, act)


@pytest.mark.parametrize("act", Act)
def test_nobody_sees_only_the_public_map(act: Act) -> None:
    assert not may(ANONYMOUS, act)
    assert may(ANONYMOUS, act, public_map=True) is (act is Act.VIEW_MAP)
    with pytest.raises(NotSignedIn):
        require(ANONYMOUS, act)


def test_the_public_map_is_one_row() -> None:
    assert frozenset({Act.VIEW_MAP}) == PUBLIC


@pytest.mark.parametrize("act", Act)
def test_a_role_that_is_none_of_ours_may_do_nothing(act: Act) -> None:
    assert not may(Actor(role="root", user_id=1), act)


def test_the_system_itself_may_do_everything() -> None:
    assert all(may(SYSTEM, act) for act in Act)


@pytest.mark.parametrize(
    ("setting", "is_demo", "public"),
    [(None, True, True), (None, False, False), (True, False, True), (False, True, False)],
)
def test_only_the_demo_s_map_is_public_unless_somebody_says_so(
    setting: bool | None, is_demo: bool, public: bool
) -> None:
    assert map_is_public(setting, is_demo=is_demo) is public
