"""The desk as a page: acts on several findings, marks, saved filters."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from casework.findings import report
from casework.office import Office
from tests.factories.city import INSPECTOR, two_patches
from tests.web.pages import WholeSite
from tests.web.sites import Browser


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return WholeSite(sqlite_office)


def _send(browser: Browser, path: str, **data: Any) -> TestResponse:
    token = browser.csrf_token("/desk")
    return browser.client.post(path, data={**data, "csrf_token": token}, headers=browser.headers)


def _two(whole: WholeSite) -> list[int]:
    form = {"category": "0105", "lon": 101.2, "lat": 36.5, "subject": "{{ 7*7 }}<b>"}
    return [report(whole.office, INSPECTOR, form).finding_id for _ in "12"]


def test_the_desk_is_for_those_who_are_signed_in(whole: WholeSite) -> None:
    assert whole.client().get("/desk").status_code == 401
    for role in ("administrator", "leader", "supervisor", "inspector", "handler", "archivist"):
        assert whole.signed_in(role).get("/desk").status_code == 200


def test_signing_in_leads_to_the_desk_unless_a_page_was_asked_for(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    page = browser.get("/desk").get_data(as_text=True)
    assert 'href="/desk"' in page


def test_two_are_filed_at_once_and_one_refused_says_why(whole: WholeSite) -> None:
    _two(whole)
    browser = whole.signed_in("supervisor")
    page = browser.get("/desk").get_data(as_text=True)
    assert "{{ 7*7 }}&lt;b&gt;" in page
    ticked = re.findall(r'name="finding" value="(\d+\.\d+)"', page)
    assert len(ticked) == 2
    answer = _send(browser, "/desk/acts", act="file", note="属实", finding=ticked)
    assert answer.status_code == 303
    assert "2 findings" in browser.get("/desk").get_data(as_text=True)
    again = _send(browser, "/desk/acts", act="file", note="再来", finding=ticked[:1])
    assert again.status_code == 409
    assert "再来" in again.get_data(as_text=True)  # what was typed stays


def test_an_act_that_this_desk_does_not_offer_is_refused(whole: WholeSite) -> None:
    first, _ = _two(whole)
    assert _send(whole.signed_in("inspector"), "/desk/acts", act="file", finding=first).status_code == 422
    assert _send(whole.signed_in("supervisor"), "/desk/acts", act="file", finding="x").status_code == 422


def test_opening_a_case_takes_its_mark_away(whole: WholeSite) -> None:
    first, second = _two(whole)
    browser = whole.signed_in("supervisor")
    assert browser.get("/desk").get_data(as_text=True).count("mark-new") == 2
    browser.get(f"/findings/{first}")
    assert browser.get("/desk").get_data(as_text=True).count("mark-new") == 1
    _send(browser, "/desk/seen", finding=second)
    assert "mark-new" not in browser.get("/desk").get_data(as_text=True)


def test_filters_are_saved_from_the_list_and_removed(whole: WholeSite) -> None:
    _two(whole)
    browser = whole.signed_in("supervisor")
    assert "save-view" in browser.get("/findings?area=A").get_data(as_text=True)
    _send(browser, "/desk/views", name="<i>西片</i>", query="area=A", next="//evil.example")
    page = browser.get("/desk").get_data(as_text=True)
    assert "&lt;i&gt;西片&lt;/i&gt;" in page
    assert "?area=A" in page
    [path] = re.findall(r'action="(/desk/views/\d+/remove)"', page)
    assert _send(browser, path).status_code == 303
    assert "西片" not in browser.get("/desk").get_data(as_text=True)
