"""Looking back as a page: figures, tables, whose rounds, faults at their field; and the list of plans and its form."""

import json
import re
from datetime import date, timedelta

import pytest

from casework.office import Office
from casework.policy import SYSTEM
from casework.route_plans import at_second, discard
from db.models import User
from tests.factories.city import two_patches
from tests.factories.walked_rounds import ZONE, positions, sent_round
from tests.web.pages import WholeSite
from tests.web.sites import Browser
from web import route_figures

TODAY = date(2026, 9, 2)
YESTERDAY = TODAY - timedelta(days=1)


class Everybody(WholeSite):
    """Somebody of each role, signed in once."""

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.browsers: dict[str, Browser] = {}

    def signed_in(self, role: str = "inspector", language: str = "en") -> Browser:
        if role not in self.browsers:
            self.browsers[role] = super().signed_in(role, language)
        return self.browsers[role]


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return Everybody(sqlite_office)


def user_of(whole: WholeSite, role: str) -> int:
    """The account of this role; signing in makes it."""
    whole.signed_in(role)
    with whole.office.database.read() as session:
        return session.query(User).filter_by(role=role).one().id


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def text(whole: WholeSite, role: str, path: str) -> str:
    return whole.signed_in(role).get(path).get_data(as_text=True)


def test_who_may_look_back_list_and_plan(whole: WholeSite) -> None:
    assert whole.client().get("/routes/walked").status_code == 401
    everybody = ("administrator", "leader", "supervisor", "archivist", "inspector", "handler")
    may = {
        "/routes/walked": (200, 200, 200, 200, 200, 403),
        "/routes": (200, 200, 200, 200, 403, 403),
        "/routes/new": (200, 403, 200, 403, 403, 403),
    }
    for role, *statuses in zip(everybody, *may.values(), strict=True):
        browser = whole.signed_in(role)
        assert [browser.get(path).status_code for path in may] == statuses, role


def test_the_page_says_what_became_of_the_rounds(whole: WholeSite) -> None:
    walker = user_of(whole, "inspector")
    plan = sent_round(whole.office, walker, YESTERDAY, ["done", "done", "skipped", "planned"], late_s=120)
    sent_round(whole.office, walker, TODAY, ["done"])
    page = words(text(whole, "supervisor", "/routes/walked?lang=en"))
    assert "Rounds 2 on 2 days" in page
    assert "Stops seen 3 of 5 planned · 1 missed" in page
    assert "On time 100 %" in page
    assert "2 seen · 1 skipped · 1 missed" in page
    assert "no positions recorded" in page
    assert "Nobody lets positions be recorded" in page
    positions(whole.office, plan, walker, at_second(YESTERDAY, 32_400, ZONE), 3000)
    page = words(text(whole, "supervisor", "/routes/walked?lang=en"))
    assert "4.0 km planned, 3.0 km gone" in page
    assert "Way gone 3.0 km 4.0 km planned for the same round" in page
    assert "Nobody lets positions be recorded" not in page


def test_one_round_is_answered_with_its_ways_to_those_who_may(whole: WholeSite) -> None:
    plan = sent_round(whole.office, user_of(whole, "inspector"), TODAY, ["done", "planned"])
    page = text(whole, "inspector", "/routes/walked")
    found = re.search(r'data-plan="(\d+)" data-inspector="(\d+)" data-day="([\d-]+)"', page)
    assert found
    assert found[1] == str(plan)
    address = f"/routes/walked/round.json?plan={found[1]}&inspector={found[2]}&day={found[3]}"
    answer = whole.signed_in("inspector").get(address)
    assert answer.status_code == 200
    assert [stop["state"] for stop in json.loads(answer.get_data())["stops"]] == ["done", "planned"]
    assert whole.client().get(address).status_code == 401
    assert whole.signed_in("handler").get(address).status_code == 403
    browser = whole.signed_in("supervisor")
    for bad in (
        "", "?plan=1", "?plan=x&inspector=1&day=2026-09-02", f"?plan={plan}&inspector={found[2]}&day=soon",
        f"?plan={9 * 10**14}&inspector=1&day=2026-09-02", f"?plan={plan}&inspector={found[2]}&day=2026-09-03",
    ):  # fmt: skip
        assert browser.get(f"/routes/walked/round.json{bad}").status_code == 404, bad


def test_a_fault_stands_at_its_field_and_what_was_typed_stays(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    answer = browser.get("/routes/walked?lang=en&from=2026-09-02&to=2026-08-01")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="rw-to-e"' in page
    assert 'value="2026-08-01" aria-invalid="true"' in page
    assert browser.get("/routes/walked?from=<x>&inspector=9e9").status_code == 422


def test_an_empty_period_says_so_and_patches_are_there_all_the_same(whole: WholeSite) -> None:
    page = words(text(whole, "supervisor", "/routes/walked?lang=en"))
    assert "No round in these days" in page
    assert "never" in page


def test_patches_are_sorted_as_asked(whole: WholeSite) -> None:
    sent_round(whole.office, user_of(whole, "inspector"), TODAY, ["done"])

    def order(sort: str) -> list[str]:
        page = text(whole, "supervisor", f"/routes/walked?sort={sort}")
        return re.findall(r'rw-patch" data-code="(\w+)"', page)

    assert order("days") == order("nonsense") == ["B", "A"]
    assert order("visits") == ["A", "B"]
    assert order("name") == ["B", "A"]  # East, West
    assert sorted(order("leader")) == ["A", "B"]


def test_the_list_of_plans_begins_empty_and_leads_to_planning(whole: WholeSite) -> None:
    page = text(whole, "supervisor", "/routes?lang=en")
    assert "No plan has been made yet" in page
    assert 'href="/routes/new"' in page
    assert 'href="/routes/new"' not in text(whole, "leader", "/routes?lang=en")
    plan = sent_round(whole.office, user_of(whole, "inspector"), TODAY, ["done", "planned"])
    page = text(whole, "supervisor", "/routes?lang=en")
    assert f'href="/routes/{plan}"' in page
    assert "under way" in words(page)
    browser = whole.signed_in("supervisor")
    assert "No such plan" in browser.get("/routes?lang=en&stage=failed").get_data(as_text=True)
    assert browser.get("/routes?stage=nonsense").status_code == 422
    discard(whole.office, SYSTEM, plan)
    assert f'href="/routes/{plan}"' not in browser.get("/routes").get_data(as_text=True)


def test_the_form_warns_where_there_are_no_streets(whole: WholeSite) -> None:
    page = text(whole, "supervisor", "/routes/new?lang=en")
    assert "times are not to be trusted" in page
    assert 'href="/settings/streets"' not in page
    assert 'href="/settings/streets"' in text(whole, "administrator", "/routes/new")


def test_a_picture_keeps_north_up_and_fits() -> None:
    assert route_figures.picture([]) == []
    assert route_figures.picture([[(101.8, 36.6)]]) == [[(52.0, 32.0)]]
    [[south, north]] = route_figures.picture([[(101.8, 36.6), (101.8, 36.7)]])
    assert south[1] > north[1]
    for x, y in (south, north):
        assert 0 <= x <= route_figures.PICTURE[0]
        assert 0 <= y <= route_figures.PICTURE[1]
