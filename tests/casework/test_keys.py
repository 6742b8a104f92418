"""Keys for other programs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework import keys
from casework.clock import Clock
from casework.errors import Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from db.models import ROLES, ApiKey
from tests.factories.city import two_patches


def test_a_key_acts_in_its_role_and_is_stored_nowhere(office: Office) -> None:
    city = two_patches(office)
    key = keys.add_key(office, SYSTEM, "数据平台", "handler", bureau="HW")
    assert key.startswith("bp_")
    assert len(key) == 46
    actor = keys.bearer(office, key)
    assert actor is not None
    assert (actor.role, actor.bureau_id, actor.user_id) == ("handler", city.bureaus["HW"], None)
    with office.database.read() as session:
        stored = session.scalars(select(ApiKey)).one()
    assert key not in repr(vars(stored))
    assert stored.prefix == key[:10]


@pytest.mark.parametrize("key", ["", "bp_", "bp_wrong", "xx_" + "a" * 43, "bp_\x00", "bp_" + "é" * 10_000])
def test_other_words_are_no_keys(sqlite_office: Office, key: str) -> None:
    keys.add_key(sqlite_office, SYSTEM, "a", "inspector")
    assert keys.bearer(sqlite_office, key) is None


def test_a_revoked_key_is_no_longer_one(office: Office) -> None:
    kept, lost = (keys.add_key(office, SYSTEM, name, "inspector") for name in "ab")
    keys.revoke(office, SYSTEM, lost[:10])
    assert keys.bearer(office, lost) is None
    assert keys.bearer(office, kept) is not None
    with pytest.raises(NotFound):
        keys.revoke(office, SYSTEM, lost[:10])


def test_its_last_use_is_noted_once_a_minute(sqlite_office: Office) -> None:
    key = keys.add_key(sqlite_office, SYSTEM, "a", "inspector")

    def used_at(seconds: int) -> float:
        office = replace(sqlite_office, clock=Clock(sqlite_office.now() + timedelta(seconds=seconds)))
        keys.bearer(office, key)
        with office.database.read() as session:
            noted = session.scalars(select(ApiKey.last_used_at)).one()
        assert noted is not None
        return (noted - sqlite_office.now()).total_seconds()

    assert [used_at(0), used_at(59), used_at(60), used_at(61)] == [0, 0, 60, 60]


@pytest.mark.parametrize(
    ("name", "role", "bureau", "field"),
    [
        ("", "inspector", None, "name"),
        ("x" * 300, "inspector", None, "name"),
        ("a", "root", None, "role"),
        ("a", "handler", None, "bureau"),
        ("a", "inspector", "XX", "bureau"),
    ],
)
def test_a_key_that_cannot_be_made_names_why(
    sqlite_office: Office, name: str, role: str, bureau: str | None, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        keys.add_key(sqlite_office, SYSTEM, name, role, bureau=bureau)
    assert refused.value.field == field


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_only_administrators_make_and_revoke_keys(sqlite_office: Office, role: str) -> None:
    with pytest.raises(Forbidden):
        keys.add_key(sqlite_office, Actor(role=role, user_id=1), "a", "inspector")
    with pytest.raises(Forbidden):
        keys.revoke(sqlite_office, Actor(role=role, user_id=1), "bp_")
