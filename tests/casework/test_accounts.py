"""Accounts: made, given another password, closed."""

import pytest
from sqlalchemy import select, update

from casework import accounts, passwords, sessions, sign_in
from casework.errors import Forbidden, NotFound, NotSignedIn, Refused
from casework.office import Office
from casework.policy import ANONYMOUS, SYSTEM, Actor
from db.models import ROLES, City, User, UserArea
from tests.factories.city import two_patches

PASSWORD = "correct horse 9"


def user(office: Office, name: str = "li", role: str = "inspector", **more: object) -> int:
    return accounts.create_user(office, SYSTEM, name, role, PASSWORD, **more)  # type: ignore[arg-type]


def actor(user_id: int, role: str = "inspector") -> Actor:
    return Actor(role=role, user_id=user_id)


def test_an_account_keeps_name_role_bureau_and_areas(office: Office) -> None:
    city = two_patches(office)
    made = user(office, "Wang.Li", "inspector", bureau="CG", areas=["A", "B", "A"])
    with office.database.read() as session:
        stored = session.get_one(User, made)
        areas = session.scalars(select(UserArea.area_id)).all()
    assert (stored.username, stored.role, stored.bureau_id) == ("wang.li", "inspector", city.bureaus["CG"])
    assert stored.password_hash.startswith("$argon2id$")
    assert PASSWORD not in stored.password_hash
    assert len(areas) == 2
    card = accounts.own_card(office, actor(made))
    assert card.bureau == ("CG局", "Bureau CG")
    assert card.areas == (("西片", "West"), ("东片", "East"))


@pytest.mark.parametrize("name", ["ab", "李雷", "a.b-c_d", "x" * 64, "7seven"])
def test_names_that_may_be_used(sqlite_office: Office, name: str) -> None:
    assert user(sqlite_office, name)


@pytest.mark.parametrize(
    "name", ["", "a", "x" * 65, "a b", "a/b", "<b>", "{{7}}", ".ab", "a\x00b", "a\nb", None, 5, "-ab"]
)
def test_names_that_may_not(sqlite_office: Office, name: object) -> None:
    with pytest.raises(Refused) as refused:
        accounts.create_user(sqlite_office, SYSTEM, name, "inspector", PASSWORD)
    assert refused.value.field == "username"


@pytest.mark.parametrize("name", ["LI", "Li", "ｌｉ"])
def test_a_name_is_taken_once_however_it_is_written(sqlite_office: Office, name: str) -> None:
    user(sqlite_office, "li")
    with pytest.raises(Refused, match="already"):
        user(sqlite_office, name)


@pytest.mark.parametrize(
    "password", ["short", "x" * 201, None, 12345678, "null\x00byte", passwords.DEMO_PASSWORD]
)
def test_passwords_that_may_not_be_used(sqlite_office: Office, password: object) -> None:
    with pytest.raises(Refused) as refused:
        accounts.create_user(sqlite_office, SYSTEM, "li", "inspector", password)
    assert refused.value.field == "password"


@pytest.mark.parametrize(
    ("role", "more", "field"),
    [
        ("root", {}, "role"),
        ("handler", {}, "bureau"),
        ("handler", {"bureau": "XX"}, "bureau"),
        ("inspector", {"areas": ["XX"]}, "area"),
    ],
)
def test_what_is_not_there_is_named_and_nothing_is_made(
    sqlite_office: Office, role: str, more: dict[str, object], field: str
) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused) as refused:
        user(sqlite_office, "li", role, **more)
    assert refused.value.field == field
    with sqlite_office.database.read() as session:
        assert session.scalars(select(User)).all() == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_only_administrators_make_and_close_accounts(sqlite_office: Office, role: str) -> None:
    for who in (actor(1, role), ANONYMOUS):
        with pytest.raises((Forbidden, NotSignedIn)):
            accounts.create_user(sqlite_office, who, "li", "inspector", PASSWORD)
        with pytest.raises((Forbidden, NotSignedIn)):
            accounts.deactivate(sqlite_office, who, "li")


def test_a_new_password_replaces_the_old_one_and_ends_all_sessions(office: Office) -> None:
    made = user(office)
    token = sign_in.sign_in(office, "li", PASSWORD, "192.0.2.1")
    accounts.change_password(office, actor(made), PASSWORD, "another one 10")
    assert sessions.actor_of(office, token) is None
    with pytest.raises(Refused):
        sign_in.sign_in(office, "li", PASSWORD, "192.0.2.1")
    assert sign_in.sign_in(office, "li", "another one 10", "192.0.2.1")


def test_a_new_password_needs_the_present_one_and_somebody(sqlite_office: Office) -> None:
    made = user(sqlite_office)
    with pytest.raises(Refused) as refused:
        accounts.change_password(sqlite_office, actor(made), "wrong", "another one 10")
    assert refused.value.field == "present"
    with pytest.raises(NotSignedIn):
        accounts.change_password(sqlite_office, ANONYMOUS, PASSWORD, "another one 10")


def test_a_closed_account_is_signed_out_and_kept(sqlite_office: Office) -> None:
    user(sqlite_office)
    token = sign_in.sign_in(sqlite_office, "li", PASSWORD, "192.0.2.1")
    accounts.deactivate(sqlite_office, SYSTEM, "LI")
    assert sessions.actor_of(sqlite_office, token) is None
    with pytest.raises(Refused):
        sign_in.sign_in(sqlite_office, "li", PASSWORD, "192.0.2.1")
    with pytest.raises(NotFound):
        accounts.deactivate(sqlite_office, SYSTEM, "nobody")


def test_the_demo_s_passwords_are_in_use_until_they_are_changed(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    first, second = user(sqlite_office, "one", "leader"), user(sqlite_office, "two", "leader")
    with sqlite_office.database.write() as session:
        assert not accounts.demo_passwords_in_use(session)
        session.execute(update(City).values(is_demo=True))
        session.execute(update(User).values(is_demo=True))
    assert [card.username for card in accounts.demo_cards(sqlite_office)] == ["one"]
    accounts.change_password(sqlite_office, actor(first), PASSWORD, "another one 10")
    assert [card.username for card in accounts.demo_cards(sqlite_office)] == ["two"]
    with sqlite_office.database.read() as session:
        assert accounts.demo_passwords_in_use(session)
    accounts.change_password(sqlite_office, actor(second), PASSWORD, "another one 10")
    with sqlite_office.database.read() as session:
        assert not accounts.demo_passwords_in_use(session)
