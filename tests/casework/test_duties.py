"""Duties: one leader at a time, dated by the city's days, and what was stays on record."""

from datetime import UTC, datetime

import pytest

from casework import duties, people
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from tests.factories.city import NOW, two_patches


@pytest.fixture
def two(office: Office) -> tuple[int, int]:
    """Two people without duties."""
    two_patches(office)
    ma, tie = (people.add_person(office, SYSTEM, {"name_zh": name}).person_id for name in ("马建国", "铁辉"))
    return ma, tie


def _states(office: Office, person: int) -> list[tuple[str, str, str]]:
    return [(one.duty, one.area_code, one.state) for one in duties.duties_of(office, SYSTEM, person)]


def test_a_new_leader_ends_the_former_one(office: Office, two: tuple[int, int]) -> None:
    ma, tie = two
    assert duties.give_duty(office, SYSTEM, ma, "leader", "patch:A", "2026-08-01").instead_of is None
    given = duties.give_duty(office, SYSTEM, tie, "leader", "patch:A")
    assert given.instead_of == ("马建国", "马建国")
    assert _states(office, ma) == [("leader", "A", "past")]
    assert _states(office, tie) == [("leader", "A", "now")]
    (former,) = duties.duties_of(office, SYSTEM, ma)
    assert former.valid_from == datetime(2026, 7, 31, 16, tzinfo=UTC)  # midnight in the city
    assert former.valid_to == NOW


def test_members_stand_beside_each_other(office: Office, two: tuple[int, int]) -> None:
    for person in two:
        assert duties.give_duty(office, SYSTEM, person, "member", "district:D").instead_of is None
        assert _states(office, person) == [("member", "D", "now")]
    assert people.one_person(office, SYSTEM, two[0]).duties == {"member": 1}


def test_a_duty_from_a_later_day(office: Office, two: tuple[int, int]) -> None:
    ma, tie = two
    duties.give_duty(office, SYSTEM, ma, "director", "patch:B")
    duties.give_duty(office, SYSTEM, tie, "director", "patch:B", "2026-10-01")
    assert _states(office, ma) == [("director", "B", "now")]
    assert _states(office, tie) == [("director", "B", "later")]
    other = people.add_person(office, SYSTEM, {"name_zh": "白春花"}).person_id
    with pytest.raises(Refused, match="铁辉") as refusal:
        duties.give_duty(office, SYSTEM, other, "director", "patch:B")
    assert refusal.value.field == "day"


def test_ending(office: Office, two: tuple[int, int]) -> None:
    ma, tie = two
    duty_id = duties.give_duty(office, SYSTEM, ma, "leader", "patch:A", "2026-08-01").duty_id
    with pytest.raises(NotFound):
        duties.end_duty(office, SYSTEM, tie, duty_id)
    duties.end_duty(office, SYSTEM, ma, duty_id)
    with pytest.raises(Conflict):
        duties.end_duty(office, SYSTEM, ma, duty_id)
    duties.give_duty(office, SYSTEM, ma, "leader", "patch:A", "2026-10-01")
    assert people.retire_person(office, SYSTEM, ma) == 1
    assert {one.state for one in duties.duties_of(office, SYSTEM, ma)} == {"past"}
    assert duties.give_duty(office, SYSTEM, tie, "leader", "patch:A").instead_of is None


@pytest.mark.parametrize(
    ("duty", "area", "day", "field"),
    [
        ("king", "patch:A", "", "duty"),
        ("leader", "", "", "area"),
        ("leader", "patch:Z", "", "area"),
        ("leader", "patch:A", "tomorrow", "day"),
        ("leader", "patch:A", "0001-01-01", "day"),
        ("leader", "patch:A", "9999-12-31", "day"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    office: Office, two: tuple[int, int], duty: str, area: str, day: str, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        duties.give_duty(office, SYSTEM, two[0], duty, area, day)
    assert refusal.value.field == field


def test_nobody_gets_the_same_duty_twice_or_after_leaving(office: Office, two: tuple[int, int]) -> None:
    ma, _ = two
    duties.give_duty(office, SYSTEM, ma, "leader", "patch:A")
    with pytest.raises(Refused, match="already"):
        duties.give_duty(office, SYSTEM, ma, "leader", "patch:A")
    people.retire_person(office, SYSTEM, ma)
    with pytest.raises(Refused, match="no more"):
        duties.give_duty(office, SYSTEM, ma, "leader", "patch:B")
    with pytest.raises(NotFound):
        duties.give_duty(office, SYSTEM, 9999, "leader", "patch:B")


def test_a_last_day_is_the_whole_of_that_day(office: Office, two: tuple[int, int]) -> None:
    ma, tie = two
    duties.give_duty(office, SYSTEM, ma, "leader", "patch:A", "2026-08-01", "2026-09-30")
    (held,) = duties.duties_of(office, SYSTEM, ma)
    assert held.valid_to == datetime(2026, 9, 30, 16, tzinfo=UTC)  # midnight in the city
    assert duties.give_duty(office, SYSTEM, tie, "leader", "patch:A", "2026-10-01").instead_of is None
    with pytest.raises(Refused, match="2026-10-01") as refusal:  # it would last into the other's
        duties.end_duty(office, SYSTEM, ma, held.id, "2026-10-15")
    assert refusal.value.field == "until"
    duties.end_duty(office, SYSTEM, ma, held.id, "2026-09-15")
    with pytest.raises(Refused, match="before the first"):
        duties.give_duty(office, SYSTEM, ma, "director", "patch:A", "2026-10-01", "2026-09-30")


def test_between_two_leaders_is_room_until_the_next_one(office: Office, two: tuple[int, int]) -> None:
    ma, tie = two
    duties.give_duty(office, SYSTEM, ma, "leader", "patch:A", "2026-10-01")
    with pytest.raises(Refused, match="马建国 takes this duty on 2026-10-01"):
        duties.give_duty(office, SYSTEM, tie, "leader", "patch:A")
    assert duties.give_duty(office, SYSTEM, tie, "leader", "patch:A", "", "2026-09-30").instead_of is None


def test_the_past_is_never_given_to_somebody_else(office: Office, two: tuple[int, int]) -> None:
    ma, tie = two
    duties.give_duty(office, SYSTEM, ma, "leader", "patch:A", "2026-07-01", "2026-08-20")
    with pytest.raises(Refused, match="until 2026-08-20") as refusal:
        duties.give_duty(office, SYSTEM, tie, "leader", "patch:A", "2026-08-01")
    assert refusal.value.field == "day"
    duties.give_duty(office, SYSTEM, tie, "leader", "patch:A", "2026-08-21")
    (held,) = duties.duties_of(office, SYSTEM, ma)
    assert held.valid_to == datetime(2026, 8, 20, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("role", "may"), [("supervisor", True), ("leader", False), ("inspector", False), ("handler", False)]
)
def test_who_gives_duties(office: Office, two: tuple[int, int], role: str, may: bool) -> None:
    actor = Actor(role=role, user_id=None)
    if may:
        duties.give_duty(office, actor, two[0], "leader", "patch:A")
        return
    with pytest.raises(Forbidden):
        duties.give_duty(office, actor, two[0], "leader", "patch:A")
