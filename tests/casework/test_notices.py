"""Who is told of which act: the table walked, never the one who did it, each event once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework import counters, notices
from casework.clock import Clock
from casework.lifecycle import ACTS
from casework.notice_inbox import inbox, read_all, unread
from casework.notice_kinds import BY_KIND, JOINED_WORDS, SETTLES, TABLE, events_of, words_of
from casework.office import Office
from casework.policy import Actor
from casework.reminders import remind
from db.models import Area, AreaPerson, Finding, Notice, Person, User
from tests.factories.everyday import Everyday, after_photo, everyday


@pytest.fixture
def people(office: Office) -> Everyday:
    return everyday(office)


@pytest.fixture
def some(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


def told(people: Everyday, finding: int, act: str = "") -> dict[int, str]:
    """Who was told of a finding (and act): account -> kind."""
    with people.office.database.read() as session:
        rows = session.query(Notice).filter_by(finding_id=finding).all()
        return {row.user_id: row.kind for row in rows if not act or row.facts["act"] == act}


def later(people: Everyday, **span: float) -> Everyday:
    moved = people.office.now() + timedelta(**span)
    return replace(people, office=replace(people.office, clock=Clock(moved)))


def test_the_table_names_acts_kinds_and_words_that_are_there() -> None:
    others = {"report", "took_in", "soon", "overdue", "recurrence"}
    assert set(TABLE) - others <= set(ACTS)
    for act, rows in TABLE.items():
        assert rows, act
        for row in rows:
            assert row.kind in BY_KIND
            assert words_of(act, row.kind)
        assert events_of(act) == {row.kind for row in rows}
    assert set(JOINED_WORDS) <= set(TABLE)
    assert words_of("never heard of", "task") == BY_KIND["task"].word


def test_the_whole_way_tells_those_whose_turn_it_is(people: Everyday) -> None:
    finding = people.led_to("closed")
    handlers, checkers = {people.handler.user_id}, {people.inspector.user_id}
    supervisors = {people.supervisor.user_id, people.second.user_id}
    assert set(told(people, finding, "dispatch")) == handlers
    assert told(people, finding, "dispatch")[people.handler.user_id or 0] == "task"
    assert set(told(people, finding, "handle")) == checkers | supervisors
    # the inspector reported it: of the end of the own report one is told, of what one did oneself not
    assert told(people, finding, "close") == {people.inspector.user_id: "mine"}
    assert people.inspector.user_id not in told(people, finding, "verify")
    assert people.other.user_id not in told(people, finding)  # another bureau


def test_a_return_asks_the_supervisors_and_a_rework_the_bureau(some: Everyday) -> None:
    finding = some.led_to("accepted")
    some.act(some.handler, finding, "return", note="归环卫")
    assert set(told(some, finding, "return")) == {some.supervisor.user_id, some.second.user_id}
    some.act(some.supervisor, finding, "dispatch", bureau="HW", note="归环卫")
    assert set(told(some, finding, "dispatch")) == {some.handler.user_id, some.other.user_id}
    some.act(some.other, finding, "accept")
    some.act(some.other, finding, "handle", photos=[after_photo()])
    some.act(some.second, finding, "rework", note="没清完")
    assert set(told(some, finding, "rework")) == {some.other.user_id}


def test_handed_on_the_new_bureau_has_a_task_and_the_old_one_knows(some: Everyday) -> None:
    finding = some.led_to("accepted")
    some.act(some.second, finding, "hand_on", bureau="HW", note="归环卫")
    assert told(some, finding, "hand_on") == {some.other.user_id: "task", some.handler.user_id: "taken"}


def test_an_extension_goes_through_two_hands(some: Everyday) -> None:
    finding = some.led_to("accepted")
    some.act(some.handler, finding, "ask_extension", note="要等材料")
    assert set(told(some, finding, "ask_extension")) == {some.supervisor.user_id, some.second.user_id}
    some.act(some.supervisor, finding, "approve_extension")
    first = told(some, finding, "approve_extension")
    assert some.handler.user_id not in first
    with some.office.database.read() as session:
        roles = {session.get_one(User, one).role for one in first}
        assert roles == {"leader"}
        second = next(user for user in session.query(User).filter_by(role="leader"))
    some.act(Actor(role="leader", user_id=second.id), finding, "approve_extension")
    assert told(some, finding, "approve_extension")[some.handler.user_id or 0] == "answer"


def test_the_leader_of_the_patch_is_the_one_that_is_told_when_it_is_overdue(people: Everyday) -> None:
    with people.office.database.write() as session:
        area = session.query(Area).filter_by(code="A").one()
        person = Person(name_zh="马建国", name_en="Ma Jianguo")
        user = User(
            username="ma", password_hash="x", role="leader", created_at=people.office.now(), person=person
        )
        session.add(user)
        session.flush()
        session.add(
            AreaPerson(area_id=area.id, person_id=person.id, duty="leader", valid_from=people.office.now())
        )
        leader = user.id
    finding, elsewhere = people.led_to("dispatched"), people.led_to("dispatched", people.report(lon=101.8))
    closed = people.led_to("closed")
    due = people.finding(finding).due_at
    assert due is not None
    people = replace(people, office=replace(people.office, clock=Clock(due - timedelta(minutes=10))))
    assert remind(people.office) > 0
    assert told(people, finding, "soon") == {people.handler.user_id: "soon"}
    people = later(people, hours=1)
    assert remind(people.office) > 0
    assert set(told(people, finding, "overdue")) == {leader, people.handler.user_id}
    # nobody leads the other patch: then every leader knows
    assert {leader, people.leader.user_id} <= set(told(people, elsewhere, "overdue"))
    assert not told(people, closed, "overdue")
    assert remind(people.office) == 0  # each deadline once
    with people.office.database.write() as session:  # a new deadline is a new occasion
        session.get_one(Finding, finding).due_at = people.office.now() + timedelta(days=1)

        session.get_one(Finding, finding).revision = counters.advance(session, "findings")
    people = later(people, days=2)
    before = len(told(people, finding, "overdue"))
    assert remind(people.office) == before


def test_what_was_due_long_ago_floods_nobody_and_is_not_looked_at_again(some: Everyday) -> None:
    some.led_to("dispatched")
    far = later(some, days=60)
    assert remind(far.office) == 0
    looked_at: set[str] = set()
    with some.office.database.write() as session:
        session.query(User).update({"is_active": False})
    near = later(some, days=4)
    assert remind(near.office, looked_at) == 0
    assert looked_at  # nobody was there to be told: remembered for this process' next rounds


def test_one_event_is_told_once_and_each_person_of_one_thing(some: Everyday) -> None:
    finding = some.report()
    with some.office.database.write() as session:
        assert notices.tell(session, finding, "return", some.office.now(), occasion="7") == 3
        assert notices.tell(session, finding, "return", some.office.now(), occasion="7") == 0
        assert notices.tell(session, finding, "no such act", some.office.now(), occasion="7") == 0


def test_a_failing_act_tells_nobody(some: Everyday) -> None:
    finding = some.led_to("accepted")
    before = told(some, finding)
    with pytest.raises(Exception, match="photo"):
        some.act(some.handler, finding, "handle")
    assert told(some, finding) == before


def test_what_somebody_settled_waits_for_nobody_else(some: Everyday) -> None:
    assert set(SETTLES) <= set(ACTS)
    assert set().union(*SETTLES.values()) <= set(BY_KIND)
    finding = some.led_to("accepted")
    some.act(some.handler, finding, "return", note="归环卫")
    assert unread(some.office, some.second) == 1
    some.act(some.supervisor, finding, "dispatch", bureau="HW", note="归环卫")
    assert unread(some.office, some.second) == 0
    assert unread(some.office, some.other) == 1  # whose turn it is now
    some.act(some.other, finding, "accept")
    some.act(some.other, finding, "handle", photos=[after_photo()])
    assert unread(some.office, some.second) == 1
    some.act(some.inspector, finding, "verify")
    assert unread(some.office, some.second) == 0


def test_the_inbox_is_ones_own(some: Everyday) -> None:
    finding = some.led_to("dispatched")
    assert unread(some.office, some.handler) == 1
    assert unread(some.office, some.other) == unread(some.office, Actor()) == 0
    [group] = inbox(some.office, some.handler).groups
    assert group.row is not None
    assert group.row["id"] == finding
    assert read_all(some.office, some.other) == 0
    assert unread(some.office, some.handler) == 1
    assert read_all(some.office, some.handler, "overdue") == 0
    assert read_all(some.office, some.handler) == 1
    assert unread(some.office, some.handler) == 0
