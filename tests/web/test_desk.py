"""The desk as a page: acts on several findings, marks, saved filters."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from casework.findings import report
from casework.office import Office
from tests.factories.city import two_patches
from tests.factories.everyday import account
from tests.web.pages import WholeSite
from tests.web.sites import Browser
from web import desk


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return WholeSite(sqlite_office)


def _send(browser: Browser, path: str, **data: Any) -> TestResponse:
    token = browser.csrf_token("/desk")
    return browser.client.post(path, data={**data, "csrf_token": token}, headers=browser.headers)


def _two(whole: WholeSite) -> list[int]:
    """Two reports of our own staff, which need no confirmation."""
    form = {"category": "0105", "lon": 101.2, "lat": 36.5, "subject": "{{ 7*7 }}<b>"}
    staff = account(whole.office, "inspector", area="A")
    return [report(whole.office, staff, form).finding_id for _ in "12"]


def test_the_desk_is_for_those_who_are_signed_in(whole: WholeSite) -> None:
    assert whole.client().get("/desk").status_code == 401
    for role in ("administrator", "leader", "supervisor", "inspector", "handler", "archivist"):
        assert whole.signed_in(role).get("/desk").status_code == 200


@pytest.mark.parametrize("path", ["/desk/acts", "/desk/seen", "/desk/views", "/desk/views/1/rename"])
def test_who_is_not_signed_in_is_told_so_whatever_the_form_holds(whole: WholeSite, path: str) -> None:
    assert whole.client().post(path, {"act": "file", "finding": "1", "name": "x"}).status_code == 401


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


def test_one_click_on_a_row_does_that_one_only(whole: WholeSite) -> None:
    first, second = _two(whole)
    browser = whole.signed_in("supervisor")
    page = browser.get("/desk").get_data(as_text=True)
    [button] = re.findall(rf'name="now" value="(file:{first}\.\d+)"', page)
    answer = _send(
        browser, "/desk/acts", now=button, act="close", section="file", note="属实", finding=f"{second}"
    )
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/desk#file")
    after = browser.get("/desk").get_data(as_text=True)
    assert f'value="dispatch:{first}.' in after
    assert f'value="file:{second}.' in after


def test_enter_in_the_remark_means_the_ticked_ones(whole: WholeSite) -> None:
    """A browser presses a form's first button then: it must not be that of the first row."""
    _two(whole)
    page = whole.signed_in("supervisor").get("/desk").get_data(as_text=True)
    form = page[page.index("data-batch") :]
    assert re.findall(r"<button [^>]*>", form)[0] == '<button hidden name="act" value="file">'


def test_what_went_to_another_section_says_why_above(whole: WholeSite) -> None:
    first, _second = _two(whole)
    browser = whole.signed_in("supervisor")
    assert _send(browser, "/desk/acts", now=f"file:{first}").status_code == 303
    again = _send(browser, "/desk/acts", now=f"file:{first}", note="记一笔")
    page = again.get_data(as_text=True)
    assert again.status_code == 409
    assert 'role="alert"' in page
    assert "from there only" in page
    assert "记一笔" in page


@pytest.mark.parametrize(
    "now", ["", ":", "file", "file:", "file:x", "file:1.x:2", "nothing:1", "file:" + "9" * 40]
)
def test_a_button_that_was_made_up_is_refused(whole: WholeSite, now: str) -> None:
    assert _send(whole.signed_in("supervisor"), "/desk/acts", now=now).status_code in {303, 409, 422}


@pytest.mark.parametrize(
    ("series", "words"), [([3, 3], "as yesterday"), ([1, 3], "2 more"), ([3, 1], "2 fewer")]
)
def test_figures_say_how_they_moved(whole: WholeSite, series: list[int], words: str) -> None:
    with whole.app.test_request_context("/desk", headers={"Accept-Language": "en"}):
        assert words in desk.moved(series)
    points = [point.split(",") for point in desk.spark(series).split()]
    assert (points[0][0], points[-1][0]) == ("0.0", "72.0")
    assert all(0 <= float(y) <= 24 for _x, y in points)
