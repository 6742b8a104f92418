"""Duties by area and state; what accounts are called."""

from casework import duties, people
from casework.accounts import create_user
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.responsibility_people import by_area, held_duties, names_of_users
from db.models import Area
from tests.factories.city import two_patches


def test_past_present_and_future_are_told_apart(office: Office) -> None:
    two_patches(office)
    ma, tie, bai = (
        people.add_person(office, SYSTEM, {"name_zh": name}).person_id
        for name in ("马建国", "铁辉", "白春花")
    )
    boss = create_user(office, SYSTEM, "ye", "supervisor", "correct horse 9")
    who = Actor(role="supervisor", user_id=boss)
    duties.give_duty(office, who, ma, "leader", "patch:A", "2026-08-01")
    duties.give_duty(office, who, tie, "leader", "patch:A", "2026-10-01", "2026-12-31")
    gone = duties.give_duty(office, who, bai, "member", "patch:A", "2026-11-01").duty_id
    duties.end_duty(office, who, bai, gone)
    with office.database.read() as session:
        found = held_duties(session, office.now())
        later = held_duties(session, office.now(), states={"later"})
        area = session.query(Area).filter_by(code="A").one().id
    assert [(one.name_zh, one.state, one.never_began) for one in found] == [
        ("马建国", "now", False), ("铁辉", "later", False), ("白春花", "past", True),
    ]  # fmt: skip
    assert [one.name_zh for one in later] == ["铁辉"]
    assert {duty: len(held) for duty, held in by_area(found)[area].items()} == {
        "leader": 2,
        "member": 1,
        "director": 0,
    }
    assert {one.given_by for one in found} == {boss}
    assert [one.ended_by for one in found] == [boss, None, boss]  # the coming leader ends the present one
    with office.database.read() as session:
        assert names_of_users(session, [boss, None, 999]) == {boss: ["ye", "ye"]}
