"""Sessions: how they end, and what is written for them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from casework import accounts, sessions
from casework.clock import Clock
from casework.errors import NotSignedIn
from casework.office import Office
from casework.policy import ANONYMOUS, SYSTEM, Actor
from db.models import UserSession
from tests.factories.city import two_patches


@pytest.fixture
def someone(office: Office) -> tuple[Office, Actor, str]:
    """A leader of patch A and an open session's token."""
    two_patches(office)
    user_id = accounts.create_user(office, SYSTEM, "li", "leader", "correct horse 9", areas=["A"])
    with office.database.write() as session:
        token = sessions.open_session(session, office, user_id)
    return office, Actor(role="leader", user_id=user_id), token


def later(office: Office, **span: float) -> Office:
    return replace(office, clock=Clock(office.now() + timedelta(**span)))


def test_a_session_knows_its_owner_s_areas(someone: tuple[Office, Actor, str]) -> None:
    office, _, token = someone
    actor = sessions.actor_of(office, token)
    assert actor is not None
    assert len(actor.area_ids) == 1
    assert (actor.name_zh, actor.name_en) == ("li", "li")


def test_use_keeps_it_alive_until_its_absolute_end(someone: tuple[Office, Actor, str]) -> None:
    office, _, token = someone
    for hours in range(11, 7 * 24, 11):
        assert sessions.actor_of(later(office, hours=hours), token) is not None
    assert sessions.actor_of(later(office, days=7), token) is None


def test_without_use_it_ends(someone: tuple[Office, Actor, str]) -> None:
    office, _, token = someone
    assert sessions.actor_of(later(office, hours=12), token) is None


def test_reading_pages_in_one_minute_writes_nothing(someone: tuple[Office, Actor, str]) -> None:
    office, _, token = someone
    said: list[str] = []
    event.listen(
        office.database.engine, "before_cursor_execute", lambda _c, _k, statement, *_: said.append(statement)
    )
    for _ in range(3):
        sessions.actor_of(later(office, seconds=50), token)
    assert not [statement for statement in said if statement.startswith("UPDATE")]
    sessions.actor_of(later(office, seconds=61), token)
    assert len([statement for statement in said if statement.startswith("UPDATE")]) == 1


def test_ending_one_leaves_the_others(someone: tuple[Office, Actor, str]) -> None:
    office, actor, token = someone
    other = sessions.reopen(office, actor)
    sessions.end(office, token)
    sessions.end(office, "never given out")
    assert sessions.actor_of(office, token) is None
    assert sessions.actor_of(office, other) is not None


def test_others_are_listed_and_ended(someone: tuple[Office, Actor, str]) -> None:
    office, actor, token = someone
    other = sessions.reopen(office, actor)
    assert sorted(one.is_this_one for one in sessions.open_sessions(office, actor, token)) == [False, True]
    sessions.end_others(office, actor, token)
    assert [one.is_this_one for one in sessions.open_sessions(office, actor, token)] == [True]
    assert sessions.actor_of(office, other) is None


def test_long_ended_sessions_are_deleted(someone: tuple[Office, Actor, str]) -> None:
    office, actor, _ = someone
    sessions.reopen(later(office, days=38), actor)
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def test_nobody_has_no_session(someone: tuple[Office, Actor, str]) -> None:
    office, _, _ = someone
    with pytest.raises(NotSignedIn):
        sessions.reopen(office, ANONYMOUS)
