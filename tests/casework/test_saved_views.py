"""Saved filters: a person's own, by name, not without end."""

import pytest

from casework.desk import desk
from casework.errors import NotFound, NotSignedIn, Refused
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from casework.saved_views import MOST, list_views, remove_view, rename_view, save_view
from tests.factories.city import two_patches
from tests.factories.everyday import account


def test_saved_filters_are_ones_own(office: Office) -> None:
    two_patches(office)
    centre, other = account(office, "supervisor"), account(office, "leader")
    view = save_view(office, centre, " 西片超期 ", "?area=A&overdue=1&nonsense=1")
    assert (view.name, view.query) == ("西片超期", "area=A&overdue=1")
    assert save_view(office, centre, "西片超期", "area=A").id == view.id
    assert [one.query for one in desk(office, centre).views] == ["area=A"]
    assert desk(office, other).views == []
    with pytest.raises(NotFound, match="no such saved filter"):
        remove_view(office, other, view.id)
    remove_view(office, centre, view.id)
    assert desk(office, centre).views == []


BAD_VIEWS = [("", "area=A", "name"), ("x" * 61, "", "name"), ("x", "area=Z", "area")]


@pytest.mark.parametrize(("name", "query", "field"), BAD_VIEWS)
def test_bad_saved_filters_are_refused(office: Office, name: str, query: str, field: str) -> None:
    two_patches(office)
    with pytest.raises(Refused) as refused:
        save_view(office, account(office, "supervisor"), name, query)
    assert refused.value.field == field


def test_there_is_an_end_to_saved_filters(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    centre = account(sqlite_office, "supervisor")
    for number in range(MOST):
        save_view(sqlite_office, centre, f"v{number}", "area=A")
    with pytest.raises(Refused, match="the most"):
        save_view(sqlite_office, centre, "one more", "area=A")


def test_they_are_renamed_unless_the_name_is_taken(office: Office) -> None:
    two_patches(office)
    centre, other = account(office, "supervisor"), account(office, "leader")
    first, second = save_view(office, centre, "一", "area=A"), save_view(office, centre, "二", "area=B")
    assert rename_view(office, centre, first.id, " 三 ").name == "三"
    assert rename_view(office, centre, first.id, "三").name == "三"
    with pytest.raises(Refused, match="already"):
        rename_view(office, centre, first.id, "二")
    for name in ("", "x" * 61, "\x00", None):
        with pytest.raises(Refused):
            rename_view(office, centre, second.id, name)
    with pytest.raises(NotFound):
        rename_view(office, other, first.id, "四")
    assert [view.name for view in list_views(office, centre)] == ["三", "二"]


@pytest.mark.parametrize("view_id", [0, -1, 999, 2**63, 10**30])
def test_an_id_that_is_none_is_not_found(office: Office, view_id: int) -> None:
    two_patches(office)
    with pytest.raises(NotFound):
        remove_view(office, account(office, "supervisor"), view_id)


def test_nobody_and_no_key_keeps_filters(office: Office) -> None:
    two_patches(office)
    with pytest.raises(NotSignedIn):
        list_views(office, ANONYMOUS)
    with pytest.raises(Refused, match="sign in"):
        save_view(office, Actor(role="leader", key_id=1), "x", "area=A")
