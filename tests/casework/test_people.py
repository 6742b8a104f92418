"""People and accounts: never deleted, never without an administrator; a new role or password counts at once."""

import pytest

from casework import people, people_accounts, sign_in
from casework.accounts import create_user
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.sessions import actor_of
from tests.factories.city import two_patches

PASSWORD = "correct horse 9"
MA = {
    "name_zh": "马建国", "name_en": "Ma Jianguo", "title_zh": "包片领导", "username": "Ma.JG", "role": "inspector",
    "password": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _city(office: Office) -> None:
    two_patches(office)


def _account(office: Office, user_id: int) -> people.AccountLine:
    line = people.one_account(office, SYSTEM, user_id)
    return next(one for one in line.accounts if one.id == user_id)


def test_a_person_with_an_account_signs_in_with_the_password_that_was_made_up(office: Office) -> None:
    added = people.add_person(office, SYSTEM, MA, ["patch:A"])
    assert added.username == "ma.jg"
    assert len(added.password) == 19
    token = sign_in.sign_in(office, "ma.jg", added.password, "::1")
    actor = actor_of(office, token)
    assert actor is not None
    assert (actor.name_zh, actor.role, len(actor.area_ids)) == ("马建国", "inspector", 1)
    line = people.one_person(office, SYSTEM, added.person_id)
    assert (line.title_en, line.accounts[0].areas) == ("包片领导", actor.area_ids)


def test_people_are_found_by_any_of_their_names(office: Office) -> None:
    people.add_person(office, SYSTEM, MA)
    people.add_person(office, SYSTEM, {"name_zh": "铁辉"})
    create_user(office, SYSTEM, "alone", "leader", PASSWORD)
    for query, count in (
        ("", 3),
        ("建国", 1),
        ("jianguo", 1),
        ("MA.JG", 1),
        ("alone", 1),
        ("包片", 1),
        ("zzz", 0),
    ):
        assert len(people.list_people(office, SYSTEM, query=query)) == count


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name_zh": ""}, "name_zh"),
        ({"username": "x"}, "username"),
        ({"username": "taken"}, "username"),
        ({"role": "king"}, "role"),
        ({"role": "handler"}, "bureau"),
        ({"bureau": "nobody"}, "bureau"),
        ({"password": "short"}, "password"),
        ({"phone": "1" * 41}, "phone"),
    ],
)
def test_a_refusal_names_its_field_and_leaves_nobody_behind(
    office: Office, wrong: dict[str, str], field: str
) -> None:
    create_user(office, SYSTEM, "taken", "leader", PASSWORD)
    with pytest.raises(Refused) as refusal:
        people.add_person(office, SYSTEM, {**MA, **wrong})
    assert refusal.value.field == field
    assert len(people.list_people(office, SYSTEM)) == 1
    with pytest.raises(Refused) as refusal:
        people.add_person(office, SYSTEM, MA, ["patch:Z"])
    assert refusal.value.field == "areas"


def test_a_new_role_counts_from_the_next_click(office: Office) -> None:
    user_id = create_user(office, SYSTEM, "han", "inspector", PASSWORD, areas=["A"])
    token = sign_in.sign_in(office, "han", PASSWORD, "::1")
    seen = _account(office, user_id).seen
    people_accounts.change_account(office, SYSTEM, user_id, "handler", "HW", [], seen)
    actor = actor_of(office, token)
    assert actor is not None
    assert (actor.role, actor.bureau_id is not None, actor.area_ids) == ("handler", True, frozenset())
    with pytest.raises(Conflict, match="inspector → handler"):
        people_accounts.change_account(office, SYSTEM, user_id, "leader", "", [], seen)
    with pytest.raises(Refused) as refusal:
        people_accounts.change_account(office, SYSTEM, user_id, "handler")
    assert refusal.value.field == "bureau"


def test_the_last_administrator_is_not_locked_out(office: Office) -> None:
    first = create_user(office, SYSTEM, "first", "administrator", PASSWORD)
    added = people.add_person(office, SYSTEM, {**MA, "role": "administrator"})
    assert added.user_id is not None
    people_accounts.close_account(office, SYSTEM, first)
    with pytest.raises(Refused, match="last administrator"):
        people_accounts.close_account(office, SYSTEM, added.user_id)
    with pytest.raises(Refused, match="last administrator") as refusal:
        people_accounts.change_account(office, SYSTEM, added.user_id, "leader")
    assert refusal.value.field == "role"
    with pytest.raises(Refused, match="last administrator"):
        people.retire_person(office, SYSTEM, added.person_id)
    assert people.one_person(office, SYSTEM, added.person_id).retired_at is None
    people_accounts.reopen_account(office, SYSTEM, first)
    people_accounts.close_account(office, SYSTEM, added.user_id)


def test_a_closed_account_is_signed_out_and_can_come_back(office: Office) -> None:
    user_id = create_user(office, SYSTEM, "han", "inspector", PASSWORD)
    token = sign_in.sign_in(office, "han", PASSWORD, "::1")
    people_accounts.close_account(office, SYSTEM, user_id)
    assert actor_of(office, token) is None
    with pytest.raises(Refused):
        sign_in.sign_in(office, "han", PASSWORD, "::1")
    people_accounts.reopen_account(office, SYSTEM, user_id)
    assert sign_in.sign_in(office, "han", PASSWORD, "::1")


def test_a_reset_password_ends_all_sessions(office: Office) -> None:
    user_id = create_user(office, SYSTEM, "han", "inspector", PASSWORD)
    token = sign_in.sign_in(office, "han", PASSWORD, "::1")
    made_up = people_accounts.reset_password(office, SYSTEM, user_id)
    assert actor_of(office, token) is None
    assert sign_in.sign_in(office, "han", made_up, "::1")
    assert people_accounts.reset_password(office, SYSTEM, user_id, "typed by hand") == "typed by hand"
    with pytest.raises(Refused) as refusal:
        people_accounts.reset_password(office, SYSTEM, user_id, "short")
    assert refusal.value.field == "password"


def test_who_left_keeps_no_account_and_gets_one_only_when_back(office: Office) -> None:
    added = people.add_person(office, SYSTEM, MA)
    assert added.user_id is not None
    people.retire_person(office, SYSTEM, added.person_id)
    line = people.one_person(office, SYSTEM, added.person_id)
    assert line.retired_at is not None
    assert not line.is_open
    with pytest.raises(Refused, match="bring them back"):
        people_accounts.reopen_account(office, SYSTEM, added.user_id)
    with pytest.raises(Refused, match="bring them back"):
        people_accounts.add_account(office, SYSTEM, added.person_id, {"username": "other", "role": "leader"})
    people.restore_person(office, SYSTEM, added.person_id)
    assert people_accounts.add_account(
        office, SYSTEM, added.person_id, {"username": "other", "role": "leader"}
    ).password


def test_names_change_unless_somebody_was_quicker(office: Office) -> None:
    person_id = people.add_person(office, SYSTEM, {"name_zh": "铁辉", "bureau": "HW"}).person_id
    seen = people.one_person(office, SYSTEM, person_id).seen
    people.change_person(office, SYSTEM, person_id, {"name_zh": "铁慧", "bureau": "HW"}, seen)
    with pytest.raises(Conflict, match="铁辉 → 铁慧"):
        people.change_person(office, SYSTEM, person_id, {"name_zh": "铁会"}, seen)


def test_only_administrators_and_only_who_is_there(office: Office) -> None:
    with pytest.raises(Forbidden):
        people.list_people(office, Actor(role="leader", user_id=1))
    with pytest.raises(NotFound):
        people.one_person(office, SYSTEM, 9999)
    with pytest.raises(NotFound):
        people.one_account(office, SYSTEM, 9999)
    with pytest.raises(NotFound):
        people_accounts.reset_password(office, SYSTEM, 9999)
