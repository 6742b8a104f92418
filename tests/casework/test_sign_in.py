"""Signing in, and slowing down those who guess."""

from dataclasses import replace
from datetime import timedelta

import argon2
import pytest
from sqlalchemy import func, select, update

from casework import accounts, passwords, sessions
from casework.clock import Clock
from casework.errors import Refused, TooManyAttempts
from casework.office import Office
from casework.policy import SYSTEM
from casework.sign_in import ADDRESS_BRAKE, USERNAME_BRAKE, Brake, sign_in
from db.models import SignInAttempt, User

PASSWORD, HERE = "correct horse 9", "192.0.2.1"


@pytest.fixture
def staffed(office: Office) -> Office:
    """An office with one inspector, li."""
    accounts.create_user(office, SYSTEM, "li", "inspector", PASSWORD)
    return office


def later(office: Office, **span: float) -> Office:
    return replace(office, clock=Clock(office.now() + timedelta(**span)))


def guess(office: Office, name: str = "li", address: str = HERE, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Refused):
            sign_in(office, name, "a wrong password", address)


def test_a_token_tells_who_signed_in(staffed: Office) -> None:
    token = sign_in(staffed, "LI", PASSWORD, HERE)
    actor = sessions.actor_of(staffed, token)
    assert actor is not None
    assert (actor.username, actor.role) == ("li", "inspector")
    assert len(token) >= 43
    assert token != sign_in(staffed, "li", PASSWORD, HERE)


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(0, 0), (4, 0), (5, 1), (6, 2), (9, 16), (14, 300), (1000, 300)]
)
def test_the_wait_doubles_and_has_an_end(failures: int, wait_s: int) -> None:
    assert Brake(free=5).wait_s(failures) == wait_s


def test_guessing_one_name_is_slowed_from_any_address(staffed: Office) -> None:
    for number in range(USERNAME_BRAKE.free):
        guess(staffed, address=f"192.0.2.{number}")
    with pytest.raises(TooManyAttempts) as slowed:
        sign_in(staffed, "li", PASSWORD, "198.51.100.7")
    assert slowed.value.params["seconds"] == 1


def test_the_right_password_counts_again_after_the_wait_and_clears_it(staffed: Office) -> None:
    guess(staffed, times=USERNAME_BRAKE.free)
    waited = later(staffed, seconds=1)
    guess(waited)
    with pytest.raises(TooManyAttempts):
        sign_in(later(waited, seconds=1), "li", PASSWORD, HERE)
    calm = later(waited, seconds=2)
    sign_in(calm, "li", PASSWORD, HERE)
    guess(later(calm, seconds=1), times=USERNAME_BRAKE.free)


def test_a_refused_attempt_does_not_lengthen_the_wait(staffed: Office) -> None:
    guess(staffed, times=USERNAME_BRAKE.free)
    for _ in range(50):
        with pytest.raises(TooManyAttempts):
            sign_in(staffed, "li", PASSWORD, HERE)
    sign_in(later(staffed, seconds=1), "li", PASSWORD, HERE)


def test_trying_many_names_from_one_address_is_slowed_too(staffed: Office) -> None:
    for number in range(ADDRESS_BRAKE.free):
        guess(staffed, name=f"user{number}")
    with pytest.raises(TooManyAttempts):
        sign_in(staffed, "li", PASSWORD, HERE)
    assert sign_in(staffed, "li", PASSWORD, "198.51.100.7")


def test_signing_in_oneself_does_not_free_an_address(staffed: Office) -> None:
    for number in range(ADDRESS_BRAKE.free - 1):
        guess(staffed, name=f"user{number}")
    sign_in(staffed, "li", PASSWORD, HERE)
    guess(staffed, name="another")
    with pytest.raises(TooManyAttempts):
        sign_in(staffed, "li", PASSWORD, HERE)


def test_unknown_users_are_slowed_like_known_ones(staffed: Office) -> None:
    guess(staffed, name="nobody", times=USERNAME_BRAKE.free)
    with pytest.raises(TooManyAttempts):
        sign_in(staffed, "nobody", PASSWORD, "198.51.100.7")


def test_all_is_forgotten_after_a_quarter_of_an_hour_and_deleted_after_a_day(staffed: Office) -> None:
    guess(staffed, times=USERNAME_BRAKE.free)
    guess(later(staffed, minutes=16), times=USERNAME_BRAKE.free)
    sign_in(later(staffed, days=3), "li", PASSWORD, HERE)
    with staffed.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 1


def test_a_hash_with_old_costs_is_renewed(staffed: Office) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with staffed.database.write() as session:
        session.execute(update(User).values(password_hash=cheap))
    sign_in(staffed, "li", PASSWORD, HERE)
    with staffed.database.read() as session:
        kept = session.scalars(select(User.password_hash)).one()
    assert kept != cheap
    assert passwords.fits(PASSWORD, kept)


@pytest.mark.parametrize("password", [None, "", 5, ["x"], "x" * 100_000, "\ud800" * 9, "null\x00byte"])
def test_what_is_no_password_is_refused_in_the_same_words(staffed: Office, password: object) -> None:
    with pytest.raises(Refused, match="do not match"):
        sign_in(staffed, "li", password, HERE)
