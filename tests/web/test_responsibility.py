"""The pages of responsibility: the tree, an area's people and contacts, a leader's card, and their forms."""

import re

import pytest

from casework import duties, people
from casework.office import Office
from casework.policy import SYSTEM
from db.models import AreaContact, AreaPerson
from tests.factories.city import two_patches
from tests.web.pages import WholeSite
from tests.web.sites import Browser
from web.responsibility import dialled


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return WholeSite(sqlite_office)


def _person(site: WholeSite, name: str, phone: str = "") -> int:
    return people.add_person(site.office, SYSTEM, {"name_zh": name, "phone": phone}).person_id


def _send(browser: Browser, path: str, data: dict[str, str], at: str = "/areas/A/people") -> int:
    return browser.post(path, data, at=at).status_code


def test_the_tree_shows_who_and_what_is_missing(whole: WholeSite) -> None:
    duties.give_duty(whole.office, SYSTEM, _person(whole, "马建国"), "leader", "patch:A")
    page = whole.signed_in("inspector").get("/areas/responsibility").get_data(as_text=True)
    assert "马建国" in page
    assert 'href="/areas/B/people?level=patch"' in page  # the patch that nobody leads
    assert "Patches without a leader" in page


def test_searching_without_scripts(whole: WholeSite) -> None:
    browser = whole.signed_in("inspector")
    page = browser.get("/areas/responsibility?search=east").get_data(as_text=True)
    assert "1 area fits" in page
    tree = page[page.index("data-tree") : page.index("Patches without")]
    assert "East" in tree
    assert ">West<" not in tree
    assert "Nothing in the tree" in browser.get("/areas/responsibility?search=%00").get_data(as_text=True)


def test_a_leader_from_a_later_day_is_given_and_told(whole: WholeSite) -> None:
    ma, tie = _person(whole, "马建国"), _person(whole, "铁辉")
    duties.give_duty(whole.office, SYSTEM, ma, "leader", "patch:A", "2026-08-01")
    browser = whole.signed_in("supervisor")
    sent = {"duty": "leader", "person": str(tie), "day": "2026-10-01", "until": ""}
    answer = browser.post("/areas/A/people?level=patch", sent, at="/areas/A/people")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/areas/A/people?level=patch")
    page = browser.get("/areas/A/people?level=patch").get_data(as_text=True)
    assert "That of 马建国 ends with it" in page
    assert "from 1 Oct" in page
    assert "since 1 Aug, until 30 Sep" in page


def test_a_refused_duty_keeps_what_was_typed_and_says_why_beside_the_field(whole: WholeSite) -> None:
    tie = _person(whole, "铁辉")
    browser = whole.signed_in("administrator")
    wrong = {"duty": "leader", "person": str(tie), "day": "2026-10-01", "until": "2026-09-01"}
    answer = browser.post("/areas/A/people", wrong, at="/areas/A/people")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "The last day lies before the first one" in page
    assert 'value="2026-10-01"' in page
    assert re.search(rf'value="{tie}" selected', page)
    good = wrong | {"until": ""}
    assert _send(browser, "/areas/A/people", good) == 303
    again = browser.post("/areas/A/people", good, at="/areas/A/people").get_data(as_text=True)
    assert "This person has this duty in this area already" in again


def test_ending_a_duty_with_a_last_day(whole: WholeSite) -> None:
    ma = _person(whole, "马建国")
    duty = duties.give_duty(whole.office, SYSTEM, ma, "leader", "patch:A", "2026-08-01").duty_id
    browser = whole.signed_in("supervisor")
    assert _send(browser, f"/areas/A/people/{duty}/end", {"person": str(ma), "until": "2026-09-30"}) == 303
    assert "until 30 Sep" in browser.get("/areas/A").get_data(as_text=True)
    assert _send(browser, f"/areas/A/people/{duty}/end", {"person": "x", "until": ""}) == 404


def test_contacts_are_added_changed_ended_and_dialled(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    sent = {
        "kind": "community",
        "name": "<b>居委会</b>",
        "phone": "0971-000 0101 转 2",
        "note": "白天",
        "day": "",
    }
    assert _send(browser, "/areas/A/contacts", sent) == 303
    page = browser.get("/areas/A").get_data(as_text=True)
    assert "&lt;b&gt;居委会&lt;/b&gt;" in page
    assert 'href="tel:09710000101;ext=2"' in page
    with whole.office.database.read() as session:
        contact = session.query(AreaContact).one().id
    assert _send(browser, f"/areas/A/contacts/{contact}", sent | {"phone": "not a number"}) == 422
    assert _send(browser, f"/areas/A/contacts/{contact}", sent | {"phone": "0971-000 0102"}) == 303
    with whole.office.database.read() as session:
        assert [one.phone for one in session.query(AreaContact).order_by(AreaContact.id)] == [
            "0971-000 0101 转 2", "0971-000 0102",
        ]  # fmt: skip
    assert _send(browser, f"/areas/A/contacts/{contact + 1}/end", {"until": ""}) == 303
    assert "Contacts before" in browser.get("/areas/A/people").get_data(as_text=True)


@pytest.mark.parametrize("role", ["leader", "inspector", "handler", "archivist"])
def test_others_look_and_do_not_touch(whole: WholeSite, role: str) -> None:
    ma = _person(whole, "马建国", "0971-000 0003")
    duties.give_duty(whole.office, SYSTEM, ma, "leader", "patch:A")
    browser = whole.signed_in(role)
    page = browser.get("/areas/A/people").get_data(as_text=True)
    assert "马建国" in page
    assert "tel:09710000003" in page
    assert "Give a duty" not in page
    assert _send(browser, "/areas/A/people", {"duty": "member", "person": str(ma)}, at="/me") == 403
    assert _send(browser, "/areas/A/contacts", {"kind": "other", "name": "x"}, at="/me") == 403
    with whole.office.database.read() as session:
        assert session.query(AreaPerson).count() == 1
        assert session.query(AreaContact).count() == 0


def test_nobody_sees_persons_without_signing_in(whole: WholeSite) -> None:
    browser = whole.client()
    for path in ("/areas/responsibility", "/areas/leaders/1", "/areas/A/people"):
        assert browser.get(path).status_code in {302, 303, 401}, path


def test_a_card_shows_and_unknown_ones_are_not_found(whole: WholeSite) -> None:
    ma = _person(whole, "马建国")
    duties.give_duty(whole.office, SYSTEM, ma, "leader", "patch:A")
    browser = whole.signed_in("leader")
    page = browser.get(f"/areas/leaders/{ma}").get_data(as_text=True)
    assert 'href="/areas/A?level=patch"' in page
    assert "What is theirs" in page
    for path in (
        "/areas/leaders/999",
        "/areas/leaders/99999999999999999999",
        "/areas/Z/people",
        "/areas/A/people?level=x",
    ):
        assert browser.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("phone", "address"),
    [
        ("0971-817 6543", "tel:09718176543"), ("+86 (971) 000", "tel:+86971000"), ("010-1 转 23", "tel:0101;ext=23"),
        ("12345 x 6", "tel:12345;ext=6"), ("", ""), ("()", ""), ("javascript:alert(1)", "tel:1"),
    ],
)  # fmt: skip
def test_numbers_are_dialled_as_numbers(phone: str, address: str) -> None:
    assert dialled(phone) == address
