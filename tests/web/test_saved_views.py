"""Saved filters over HTTP: from the list's form, from the map's script, on the desk."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from casework.findings import report
from casework.office import Office
from tests.factories.city import INSPECTOR, two_patches
from tests.web.pages import WholeSite
from tests.web.sites import Browser

JSON = {"Accept": "application/json"}


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    report(sqlite_office, INSPECTOR, {"category": "0105", "lon": 101.2, "lat": 36.5})
    return WholeSite(sqlite_office)


def _send(browser: Browser, path: str, headers: dict[str, str] | None = None, **data: Any) -> TestResponse:
    token = browser.csrf_token("/desk")
    return browser.client.post(
        path, data={**data, "csrf_token": token}, headers={**browser.headers, **(headers or {})}
    )


def test_filters_are_saved_from_the_list_and_removed(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    assert "save-view" in browser.get("/findings?area=A").get_data(as_text=True)
    _send(browser, "/desk/views", name="<i>西片</i>", query="area=A", next="//evil.example")
    page = browser.get("/desk").get_data(as_text=True)
    assert "&lt;i&gt;西片&lt;/i&gt;" in page
    assert "?area=A" in page
    [path] = re.findall(r'action="(/desk/views/\d+/remove)"', page)
    assert _send(browser, path).status_code == 303
    browser.get("/desk")  # says that it is gone
    assert "西片" not in browser.get("/desk").get_data(as_text=True)


def test_the_map_s_script_saves_and_lists(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    made = _send(browser, "/desk/views", JSON, name="超期", query="overdue=1")
    assert made.status_code == 200
    assert made.get_json()["said"] == "Saved as “超期”: it is on your desk"
    listed = browser.client.get("/desk/views", headers=JSON).get_json()
    assert [(one["name"], one["query"]) for one in listed["views"]] == [("超期", "overdue=1")]
    refused = _send(browser, "/desk/views", JSON, name="x", query="area=nowhere")
    assert refused.status_code == 422
    assert "nowhere" in refused.get_json()["detail"]
    page = browser.get("/findings?overdue=1").get_data(as_text=True)
    assert re.search(r'href="/findings\?overdue=1" aria-current="true"', page)


def test_a_bad_name_is_said_on_the_page_that_sent_it(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    answer = _send(browser, "/desk/views", name=" ", query="area=A", next="/findings?area=A")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/findings?area=A")
    assert "name" in browser.get("/findings?area=A").get_data(as_text=True)


def test_they_are_renamed_on_the_desk(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    view = _send(browser, "/desk/views", JSON, name="一", query="area=A").get_json()["id"]
    assert _send(browser, f"/desk/views/{view}/rename", name="<b>二</b>").status_code == 303
    assert "&lt;b&gt;二&lt;/b&gt;" in browser.get("/desk").get_data(as_text=True)
    assert _send(browser, f"/desk/views/{view}/rename", name="").status_code == 303
    stranger = whole.signed_in("leader")
    for path in (f"/desk/views/{view}/rename", f"/desk/views/{view}/remove", f"/desk/views/{10**30}/remove"):
        assert _send(stranger, path, name="mine").status_code == 404


def test_they_are_for_those_who_are_signed_in(whole: WholeSite) -> None:
    assert whole.client().client.get("/desk/views", headers=JSON).status_code == 401
    browser = whole.signed_in("supervisor")
    assert browser.client.post("/desk/views", data={"name": "x"}, headers=browser.headers).status_code == 400
    assert browser.get("/desk/views").headers["Location"].endswith("/desk#saved")
