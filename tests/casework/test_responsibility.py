"""The tree with its people and contacts, what is missing in it, and one area's people."""

import pytest

from casework import duties, people
from casework.accounts import create_user
from casework.errors import NotFound, NotSignedIn
from casework.office import Office
from casework.policy import ANONYMOUS, SYSTEM, Actor
from casework.responsibility import area_people_page, responsibility_page
from casework.responsibility_contacts import add_contact
from db.models import User
from tests.factories.city import two_patches
from tests.factories.divisions import DAY, at, redraw

STAFF = Actor(role="leader", user_id=1)


@pytest.fixture
def city(office: Office) -> Office:
    """Ma leads A, Tie led B until yesterday, Bai will lead B; the district has a director only."""
    two_patches(office)
    ids = {
        name: people.add_person(office, SYSTEM, {"name_zh": name}).person_id
        for name in ("马建国", "铁辉", "白春花", "丁明")
    }
    duties.give_duty(office, SYSTEM, ids["马建国"], "leader", "patch:A", "2026-08-01")
    duties.give_duty(office, SYSTEM, ids["铁辉"], "leader", "patch:B", "2026-08-01", "2026-09-01")
    duties.give_duty(office, SYSTEM, ids["白春花"], "leader", "patch:B", "2026-10-01")
    duties.give_duty(office, SYSTEM, ids["丁明"], "director", "district:D")
    add_contact(
        office, SYSTEM, "district:D", {"kind": "street", "name": "街道值班室", "phone": "0971-000 0001"}
    )
    add_contact(office, SYSTEM, "patch:A", {"kind": "community", "name": "居委会", "phone": "0971-000 0002"})
    return office


def test_the_tree_names_people_and_contacts(city: Office) -> None:
    page = responsibility_page(city, STAFF)
    [tree] = page.trees
    [district] = tree.areas
    west, east = district.below
    assert ([one.name_zh for one in west.people["leader"]], east.people["leader"]) == (["马建国"], [])
    assert [one.name_zh for one in district.people["director"]] == ["丁明"]
    assert [one.name for one in page.contacts[west.area_id]] == ["居委会"]


def test_what_is_missing_is_counted_with_what_is_coming(city: Office) -> None:
    page = responsibility_page(city, STAFF)
    assert [(one.card.code, one.coming.name_zh if one.coming else "") for one in page.lacks] == [
        ("B", "白春花")
    ]
    assert [one.card.code for one in page.lacks_above] == ["D"]
    idle = {one.name_zh: one for one in page.idle}
    assert set(idle) == {"铁辉", "白春花"}  # a director is no leader
    assert idle["铁辉"].last is not None
    assert idle["白春花"].coming is not None
    october = responsibility_page(at(city, city.now() + 40 * DAY), STAFF)
    assert october.lacks == []
    assert [one.name_zh for one in october.idle] == ["铁辉"]


def test_a_leader_whose_patch_ended_or_who_never_had_one(city: Office) -> None:
    redraw(city, 1, {}, ended=("A",))
    create_user(city, SYSTEM, "ding", "leader", "correct horse 9")
    with city.database.write() as session:
        user = session.query(User).filter_by(username="ding").one()
        user.person_id = next(one.id for one in people.list_people(city, SYSTEM) if one.name_zh == "丁明")
    idle = {one.name_zh: one.last for one in responsibility_page(at(city, city.now() + 2 * DAY), STAFF).idle}
    assert {"马建国", "丁明"} <= set(idle)
    assert idle["丁明"] is None


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("马建", ["D", "A"]),
        ("west", ["D", "A"]),
        ("0971-000 0002", ["D", "A"]),
        ("街道值班", ["D", "A", "B"]),
        ("nobody", []),
    ],
)
def test_searching_keeps_the_branches_with_a_match(city: Office, query: str, codes: list[str]) -> None:
    page = responsibility_page(city, STAFF, query)
    found = [card for tree in page.trees for card in tree.areas]
    assert [card.code for root in found for card in (root, *root.below)] == codes
    assert len(page.cards) == 3  # what is missing is told for the whole


def test_one_areas_people_and_whom_to_call(city: Office) -> None:
    page = area_people_page(city, Actor(role="supervisor", user_id=1), "A")
    assert [(one.name_zh, one.duty, one.state) for one in page.duties] == [("马建国", "leader", "now")]
    assert [one.name for one in page.contacts] == ["居委会"]
    assert [(area.code, [one.name for one in lines]) for area, lines in page.contacts_above] == [
        ("D", ["街道值班室"])
    ]
    assert [one.name_zh for one in page.people] == sorted(["马建国", "铁辉", "白春花", "丁明"])
    assert area_people_page(city, STAFF, "A").people == []
    with pytest.raises(NotFound):
        area_people_page(city, STAFF, "A", "district")


def test_whom_persons_are_not_shown_to(city: Office) -> None:
    for ask in (lambda: responsibility_page(city, ANONYMOUS), lambda: area_people_page(city, ANONYMOUS, "A")):
        with pytest.raises(NotSignedIn):
            ask()
