"""Contacts: put on, changed with the old line kept, ended; refused at the field that is wrong."""

import pytest

from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.responsibility_contacts import ContactLine, add_contact, change_contact, contacts, end_contact
from tests.factories.city import two_patches
from tests.factories.divisions import DAY, at

GOOD = {"kind": "community", "name": "居委会", "phone": "0971-000 0101 转 2", "note": "白天"}


@pytest.fixture
def city(office: Office) -> Office:
    two_patches(office)
    return office


def _all(office: Office) -> list[ContactLine]:
    with office.database.read() as session:
        return contacts(session, office.now())


def test_a_changed_contact_keeps_what_it_said(city: Office) -> None:
    first = add_contact(city, SYSTEM, "patch:A", GOOD)
    later = at(city, city.now() + DAY)
    second = change_contact(later, SYSTEM, "patch:A", first, {**GOOD, "phone": "0971-000 0102"})
    old, new = sorted(_all(later), key=lambda one: one.id)
    assert (old.id, old.state, old.phone) == (first, "past", "0971-000 0101 转 2")
    assert (new.id, new.state, new.phone) == (second, "now", "0971-000 0102")
    assert old.valid_to == new.valid_from
    assert change_contact(later, SYSTEM, "patch:A", second, {**GOOD, "phone": "0971-000 0102"}) == second
    assert len(_all(later)) == 2  # nothing differed, so nothing was written


def test_ending_now_or_with_a_last_day(city: Office) -> None:
    first = add_contact(city, SYSTEM, "patch:A", GOOD)
    end_contact(city, SYSTEM, "patch:A", first, "2026-09-30")
    [one] = _all(city)
    assert one.state == "now"
    assert _all(at(city, city.now() + 30 * DAY))[0].state == "past"
    with pytest.raises(Refused) as refusal:
        end_contact(city, SYSTEM, "patch:A", first, "2026-08-01")
    assert refusal.value.field == "until"
    end_contact(city, SYSTEM, "patch:A", first)
    with pytest.raises(Conflict):
        end_contact(city, SYSTEM, "patch:A", first)


def test_a_coming_contact_that_is_taken_back_never_began(city: Office) -> None:
    first = add_contact(city, SYSTEM, "patch:A", {**GOOD, "day": "2026-10-01"})
    assert _all(city)[0].state == "later"
    end_contact(city, SYSTEM, "patch:A", first)
    assert _all(city)[0].never_began


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "king"}, "kind"), ({"name": " "}, "name"), ({"name": "x" * 201}, "name"),
        ({"phone": "call me"}, "phone"), ({"phone": "javascript:1"}, "phone"), ({"phone": "1" * 41}, "phone"),
        ({"note": "x" * 501}, "note"), ({"day": "soon"}, "day"), ({"name": "a\x00b"}, "name"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(city: Office, change: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        add_contact(city, SYSTEM, "patch:A", {**GOOD, **change})
    assert refusal.value.field == field
    assert _all(city) == []


def test_two_at_once_and_other_areas_and_roles(city: Office) -> None:
    first = add_contact(city, SYSTEM, "patch:A", GOOD)
    seen = _all(city)[0].seen
    end_contact(city, SYSTEM, "patch:A", first, "2026-12-31")
    with pytest.raises(Conflict):  # somebody set its end meanwhile
        change_contact(city, SYSTEM, "patch:A", first, {**GOOD, "name": "新名"}, seen)
    with pytest.raises(NotFound):
        end_contact(city, SYSTEM, "patch:B", first)
    with pytest.raises(NotFound):
        end_contact(city, SYSTEM, "patch:A", 999)
    for role in ("leader", "inspector", "handler", "archivist"):
        with pytest.raises(Forbidden):
            add_contact(city, Actor(role=role, user_id=1), "patch:A", GOOD)
