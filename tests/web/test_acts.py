"""Acts and corrections through their pages: plain forms, scripts, conflicts that lose nothing."""

import re
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from casework.office import Office
from db.models import Finding, Paper
from tests.factories.everyday import PASSWORD, Everyday, everyday
from tests.factories.photos import encoded, picture
from tests.web.pages import WholeSite
from tests.web.sites import Browser

JSON = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}


@pytest.fixture
def people(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


@pytest.fixture
def whole(people: Everyday) -> WholeSite:
    return WholeSite(people.office)


def _as(whole: WholeSite, name: str) -> Browser:
    browser = whole.client()
    assert browser.sign_in(name, PASSWORD).status_code == 303
    return browser


def _post(browser: Browser, path: str, data: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    return browser.client.post(
        path, data={**data, "csrf_token": browser.csrf_token("/me")}, headers={**browser.headers, **(headers or {})},
        content_type="multipart/form-data",
    )  # fmt: skip


def _seen(people: Everyday, finding: int) -> dict[str, str]:
    return {
        "revision": str(people.finding(finding).revision),
        "steps": str(len(people.history(finding))),
    }


def test_the_page_offers_what_the_role_may_do(people: Everyday, whole: WholeSite) -> None:
    finding = people.report()
    page = _as(whole, "sup").get(f"/findings/{finding}").get_data(as_text=True)
    assert f'href="/findings/{finding}/acts/file"' in page
    assert "Not while the finding is reported" in page
    assert f'href="/findings/{finding}/correct"' in page
    handlers = _as(whole, "han").get(f"/findings/{finding}")
    if handlers.status_code == 200:
        text = handlers.get_data(as_text=True)
        assert "acts/file" not in text
        assert "Nothing for you to do" in text


def test_a_plain_form_does_it_and_says_so(people: Everyday, whole: WholeSite) -> None:
    finding = people.report()
    browser = _as(whole, "sup")
    form = browser.get(f"/findings/{finding}/acts/file").get_data(as_text=True)
    assert "waits to be dispatched" in form
    answer = _post(browser, f"/findings/{finding}/acts/file", {"note": "属实", **_seen(people, finding)})
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert "is now filed" in page
    assert "属实" in page


def test_scripts_get_the_offers_and_what_came_of_it(people: Everyday, whole: WholeSite) -> None:
    finding = people.led_to("accepted")
    browser = _as(whole, "han")
    sheet = browser.get(f"/findings/{finding}/acts", JSON).json
    assert sheet is not None
    assert [one["act"] for one in sheet["offers"] if one["possible"]] == [
        "handle", "return", "ask_extension", "hand_on",
    ]  # fmt: skip
    assert "accepted it already" in next(one["why"] for one in sheet["offers"] if one["act"] == "accept")
    photo = (BytesIO(encoded(picture())), "after.jpg")
    answer = _post(
        browser, f"/findings/{finding}/acts/handle", {"photo-after": photo, **_seen(people, finding)}, JSON
    )
    assert answer.status_code == 200
    assert answer.json["status"] == "handled"


@pytest.mark.parametrize("headers", [{}, JSON])
def test_what_is_missing_is_named_and_the_text_stays(
    people: Everyday, whole: WholeSite, headers: dict[str, str]
) -> None:
    finding = people.led_to("accepted")
    browser = _as(whole, "han")
    answer = _post(
        browser,
        f"/findings/{finding}/acts/handle",
        {"note": "with <care>", **_seen(people, finding)},
        headers,
    )
    assert answer.status_code == 422
    if headers:
        assert answer.json["field"] == "photos"
    else:
        assert "with &lt;care&gt;" in answer.get_data(as_text=True)


def test_a_conflict_shows_what_changed_and_keeps_the_text(people: Everyday, whole: WholeSite) -> None:
    finding = people.report()
    seen = _seen(people, finding)
    people.act(people.second, finding, "file", note="我先立了")
    browser = _as(whole, "sup")
    path = f"/findings/{finding}/acts/decline"
    answer = _post(browser, path, {"note": "typed with care", **seen}, JSON)
    assert answer.status_code == 409
    assert [(one["what"], one["note"]) for one in answer.json["changed"]] == [("Filed", "我先立了")]
    assert answer.json["sheet"]["revision"] == people.finding(finding).revision
    page = _post(browser, path, {"note": "typed with care", **seen}).get_data(as_text=True)
    assert "typed with care" in page
    assert "我先立了" in page
    assert people.finding(finding).status == "filed"


@pytest.mark.parametrize("revision", ["x", "-1", "9" * 40, "1.5", "٣"])
def test_a_revision_that_is_none_is_refused(people: Everyday, whole: WholeSite, revision: str) -> None:
    finding = people.report()
    answer = _post(_as(whole, "sup"), f"/findings/{finding}/acts/file", {"revision": revision}, JSON)
    assert (answer.status_code, answer.json["field"]) == (422, "revision")


def test_addresses_that_are_none(people: Everyday, whole: WholeSite) -> None:
    finding = people.report()
    browser = _as(whole, "sup")
    assert browser.get(f"/findings/{finding}/acts/explode").status_code == 404
    assert browser.get(f"/findings/{finding}/acts/accept").status_code == 403
    assert _post(browser, f"/findings/{finding}/acts/explode", {}, JSON).status_code == 422
    assert _post(browser, "/findings/987/acts/file", {}, JSON).status_code == 404
    assert browser.get("/findings/987/acts", JSON).status_code == 404
    assert browser.get("/findings/987/correct").status_code == 404
    assert whole.client().get(f"/findings/{finding}/acts", JSON).status_code == 401
    assert whole.client().get(f"/findings/{finding}/acts/file").status_code == 401
    without = browser.client.post(f"/findings/{finding}/acts/file", headers=browser.headers)
    assert without.status_code == 400
    assert people.finding(finding).status == "reported"


def test_a_correction_by_form(people: Everyday, whole: WholeSite) -> None:
    finding = people.report(place="树林巷 12 号")
    browser = _as(whole, "sup")
    page = browser.get(f"/findings/{finding}/correct").get_data(as_text=True)
    assert 'value="树林巷 12 号"' in page
    given = {
        "category": "0105", "lon": "101.8", "lat": "36.5", "place": "树林巷 12 号", "subject": "",
        "description": "", "reason": "图钉点错了", **_seen(people, finding),
    }  # fmt: skip
    assert _post(browser, f"/findings/{finding}/correct", given).status_code == 303
    page = browser.get(f"/findings/{finding}").get_data(as_text=True)
    assert "Corrected: place, patch West → East" in page
    stale = _post(browser, f"/findings/{finding}/correct", {**given, "lon": "101.3", "reason": "still here"})
    assert stale.status_code == 409
    assert "still here" in stale.get_data(as_text=True)


def test_a_correction_without_a_reason_stays_in_the_form(people: Everyday, whole: WholeSite) -> None:
    finding = people.report()
    given = {"place": "typed", "reason": "", **_seen(people, finding)}
    browser = _as(whole, "sup")
    answer = _post(browser, f"/findings/{finding}/correct", given)
    assert answer.status_code == 422
    assert 'value="typed"' in answer.get_data(as_text=True)
    assert _post(browser, f"/findings/{finding}/correct", given, JSON).json["field"] == "reason"
    with people.office.database.read() as session:
        assert session.get_one(Finding, finding).place == ""


def test_urging_makes_the_supervision_order(people: Everyday, whole: WholeSite) -> None:
    finding = people.led_to("accepted")
    browser = _as(whole, "sup")
    refused = _post(browser, f"/findings/{finding}/acts/urge", {}, JSON)
    assert refused.status_code == 403  # a leader's
    leader = whole.signed_in("leader")
    answer = _post(leader, f"/findings/{finding}/acts/urge", {"note": "今天", **_seen(people, finding)}, JSON)
    assert answer.status_code == 200
    assert re.search(r"supervision order \d{4}-0001", answer.json["said"])
    assert people.finding(finding).status == "accepted"
    with people.office.database.read() as session:
        paper = session.scalars(select(Paper).where(Paper.finding_id == finding)).one()
    assert paper.kind == "supervision_order"


def test_every_act_has_a_form_that_works_without_scripts(people: Everyday, whole: WholeSite) -> None:
    """The plain form names every field that the act asks for; what a script sends and what it sends is one."""
    finding, other = people.led_to("filed"), people.finding(people.report()).number
    browser = _as(whole, "sup")
    for act in ("dispatch", "suspend", "merge", "link_child", "cancel"):
        page = browser.get(f"/findings/{finding}/acts/{act}")
        assert page.status_code == 200
        assert 'name="request_key"' in page.get_data(as_text=True)
    merged = browser.get(f"/findings/{finding}/acts/merge").get_data(as_text=True)
    assert f'value="{other}"' in merged  # it lies close by
    answer = _post(browser, f"/findings/{finding}/acts/dispatch", {"joint": ["HW"], "bureau": "CG"})
    assert answer.status_code == 303
    shown = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert "takes part" in shown
    assert "Bureau HW" in shown
