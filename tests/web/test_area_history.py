"""The pages of the history of boundaries: list, map data, difference, bringing one back."""

from dataclasses import replace
from typing import Any

import pytest
import shapely

from casework.clock import Clock
from casework.findings import report
from casework.office import Office
from db.models import City
from tests.factories.city import INSPECTOR, two_patches
from tests.factories.divisions import DAY, three_maps
from tests.web.pages import WholeSite
from web.area_history import square


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    """Four publications, the last two of them on day 10 and 20; it is day 30."""
    two_patches(sqlite_office)
    report(sqlite_office, INSPECTOR, {"category": "0105", "lon": 101.55, "lat": 36.5})
    site = WholeSite(sqlite_office)
    three_maps(sqlite_office)
    site.office = replace(sqlite_office, clock=Clock(sqlite_office.now() + 30 * DAY))
    site.app.extensions["baopian"] = site.office
    return site


def _json(site: WholeSite, path: str) -> Any:
    return site.signed_in("inspector").get(path).get_json()


def test_the_list_says_when_why_and_how_much(whole: WholeSite) -> None:
    page = whole.signed_in("leader").get("/areas/history").get_data(as_text=True)
    assert page.index("B becomes two") < page.index("A grows")
    assert "2 areas changed · 1 finding moved" in page
    assert 'href="/areas/history/3"' in page
    assert "Bring back" not in page  # a leader does not draw


def test_filters_and_days_keep_to_the_address(whole: WholeSite) -> None:
    browser = whole.signed_in("leader")
    page = browser.get("/areas/history?level=patch&area=C").get_data(as_text=True)
    assert "B becomes two" in page
    assert "A grows" not in page
    assert 'value="2026-09-15"' in browser.get("/areas/history?on=2026-09-15").get_data(as_text=True)


def test_the_map_of_a_day(whole: WholeSite) -> None:
    answer = _json(whole, "/map/areas-then.json?on=2026-09-15")
    assert (answer["publication"], sorted(one["code"] for one in answer["areas"])) == (3, ["A", "B", "D"])


def test_the_difference_as_a_page_and_as_data(whole: WholeSite) -> None:
    browser = whole.signed_in("leader")
    page = browser.get("/areas/history/3").get_data(as_text=True)
    assert "v3 against v2" in page
    assert 'data-code="A"' in page
    assert "Findings that moved" in page
    assert 'href="/findings/1"' in page
    data = browser.get("/map/areas-difference.json?to=3").get_json()
    assert [(one["from"], one["to"]) for one in data["ground"]] == [("B", "A")]
    both = browser.get("/areas/history/compare?from_day=2026-09-03&to=4").get_data(as_text=True)
    assert "v4 against v2" in both
    assert "2 versions lead from one to the other" in both
    assert "Both are the same map." in browser.get("/areas/history/compare?from=4&to=4").get_data(
        as_text=True
    )
    assert "v1, the first one" in browser.get("/areas/history/1").get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/areas/history?on=soon", 422), ("/areas/history?p=99", 404), ("/areas/history?p=%C2%B2", 404),
        ("/areas/history?level=x", 404), ("/areas/history?area=" + "9" * 3000, 404), ("/areas/history/99", 404),
        ("/areas/history/compare?from=x", 422), ("/areas/history/compare?from=1990-01-01&to=1990-01-02", 404),
        ("/map/areas-then.json?on=2026-99-99", 422), ("/map/areas-then.json?p=-1", 404),
        ("/map/areas-difference.json?to=99", 404), ("/map/areas-difference.json?from=%00", 422),
        ("/areas/history?on=9999-12-31", 422), ("/areas/history/99999999999999999999", 404),
    ],
)  # fmt: skip
def test_what_is_not_there_or_no_day(whole: WholeSite, path: str, status: int) -> None:
    assert whole.signed_in("inspector").get(path).status_code == status


def test_bringing_back_opens_a_draft(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    assert "Bring back" in browser.get("/areas/history").get_data(as_text=True)
    answer = browser.post("/areas/history/3/restore", {"number": "3", "level": ""}, at="/areas/history")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/areas/drafts/")
    data = browser.get(answer.headers["Location"] + "/data").get_json()
    assert data["draft"]["title"] == "As in v3"
    same = browser.post("/areas/history/4/restore", {"number": "4", "level": ""}, at="/areas/history")
    assert same.headers["Location"] == "/areas/history/4"
    assert "nothing to bring back" in browser.get("/areas/history/4").get_data(as_text=True)


@pytest.mark.parametrize("role", ["leader", "inspector", "handler", "archivist"])
def test_only_who_may_draw_brings_back(whole: WholeSite, role: str) -> None:
    browser = whole.signed_in(role)
    assert browser.post("/areas/history/3/restore", {"number": "3"}, at="/me").status_code == 403


def test_who_published_is_for_staff(whole: WholeSite) -> None:
    for path in (
        "/areas/history",
        "/areas/history/3",
        "/map/areas-then.json",
        "/map/areas-difference.json?to=3",
    ):
        assert whole.client().get(path).status_code in {302, 303, 401}, path


def test_before_anything_was_published(sqlite_office: Office) -> None:

    with sqlite_office.database.write() as session:
        session.add(City(name_zh="西宁", name_en="Xining", extent=shapely.box(101, 36, 102, 37)))
    browser = WholeSite(sqlite_office).signed_in("administrator")
    assert "No boundary has been published yet" in browser.get("/areas/history").get_data(as_text=True)
    assert browser.get("/areas/history/1").status_code == 404
    assert browser.get("/map/areas-then.json").get_json()["areas"] == []


@pytest.mark.parametrize(
    ("area_m2", "sign", "text"),
    [
        (312, False, "312 m²"),
        (-312, True, "−312 m²"),
        (45_000, True, "+0.045 km²"),
        (13_350_000, False, "13.35 km²"),
        (0, True, "±0 m²"),
    ],
)
def test_areas_in_words(area_m2: float, sign: bool, text: str) -> None:
    assert square(area_m2, sign=sign) == text
