"""The triage page: deciding, conflicts that lose nothing, several at once, taking back."""

import re

import pytest

from casework.findings import report
from casework.office import Office
from casework.policy import Actor
from casework.triage import settle
from db.models import Finding
from tests.factories.city import INSPECTOR, two_patches
from tests.web.pages import WholeSite
from tests.web.sites import Browser

SUPERVISOR = Actor(role="supervisor")
NEAR = 101.5 + 3e-5


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return WholeSite(sqlite_office)


def _at(whole: WholeSite, lon: float = 101.5, **more: object) -> int:
    return report(whole.office, INSPECTOR, {"category": "0105", "lon": lon, "lat": 36.5, **more}).finding_id


def _revision(whole: WholeSite, finding: int) -> str:
    with whole.office.database.read() as session:
        return str(session.get_one(Finding, finding).revision)


def _settle(whole: WholeSite, browser: Browser, finding: int, give: str, **more: str) -> object:
    data = {"give": give, "reason": "摊位在路东", "revision": _revision(whole, finding), **more}
    return browser.post(f"/triage/{finding}/settle", data, at="/triage")


def test_a_question_says_why_and_what_each_answer_does(whole: WholeSite) -> None:
    _at(whole, description="<b>x</b>")
    page = whole.signed_in("supervisor").get("/triage").get_data(as_text=True)
    assert "It lies on the border of West and East." in page
    assert re.search(r'value="patch:A">To West → CG<', page)
    assert re.search(r'value="patch:B">To East → CG<', page)
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert '<span class="count">1</span>' in page


def test_settling_offers_to_take_it_back(whole: WholeSite) -> None:
    finding = _at(whole)
    browser = whole.signed_in("supervisor")
    answer = _settle(whole, browser, finding, "patch:B")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)  # type: ignore[attr-defined]
    assert "East" in page
    assert f'action="/triage/{finding}/release"' in page
    decided = browser.get("/triage?kind=decided").get_data(as_text=True)
    assert "摊位在路东" in decided
    back = browser.post(f"/triage/{finding}/release", {"reason": "看错了"}, at="/triage?kind=decided")
    assert back.status_code == 303
    assert "on the border" in browser.get(f"/triage?finding={finding}").get_data(as_text=True)


def test_somebody_else_was_quicker_and_the_reason_stays(whole: WholeSite) -> None:
    finding = _at(whole)
    browser = whole.signed_in("supervisor")
    seen = _revision(whole, finding)
    settle(whole.office, SUPERVISOR, finding, "patch", "B", "路东")
    _at(whole, NEAR)  # something must wait for the page to have a form
    answer = browser.post(
        f"/triage/{finding}/settle",
        {"give": "patch:A", "reason": "typed with care", "revision": seen},
        at="/triage",
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "typed with care" in page
    assert "East → CG" in page


@pytest.mark.parametrize(
    ("give", "more"),
    [
        ("patch:Z", {}),
        ("ward:A", {}),
        ("patch:A", {"reason": ""}),
        ("patch:?", {"other-patch": "nowhere"}),
        ("", {}),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_form(
    whole: WholeSite, give: str, more: dict[str, str]
) -> None:
    finding = _at(whole)
    answer = _settle(whole, whole.signed_in("supervisor"), finding, give, **more)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert 'role="alert"' in answer.get_data(as_text=True)  # type: ignore[attr-defined]


def test_another_area_is_found_by_name(whole: WholeSite) -> None:
    finding = _at(whole, 102.01)
    answer = _settle(whole, whole.signed_in("supervisor"), finding, "patch:?", **{"other-patch": "East · B"})
    assert answer.status_code == 303  # type: ignore[attr-defined]


def test_outside_can_be_left_without_an_area(whole: WholeSite) -> None:
    finding = _at(whole, 102.01)
    browser = whole.signed_in("supervisor")
    assert "Leave it without an area" in browser.get("/triage?kind=outside").get_data(as_text=True)
    assert _settle(whole, browser, finding, "patch:").status_code == 303  # type: ignore[attr-defined]
    assert "Nothing waits" in browser.get("/triage").get_data(as_text=True)


def test_several_are_confirmed_with_one_reason(whole: WholeSite) -> None:
    made = [_at(whole, NEAR, lat=36.1 + i / 10) for i in range(3)]
    browser = whole.signed_in("supervisor")
    token = browser.csrf_token("/triage")
    data = {
        "pick": [f"{one}.{_revision(whole, one)}" for one in made],
        "batch_reason": "按坐标",
        "csrf_token": token,
    }
    assert browser.client.post("/triage/settle", data=data, headers=browser.headers).status_code == 303
    assert "3 findings settled" in browser.get("/triage").get_data(as_text=True)
    for wrong in ({"pick": "x.1"}, {"pick": "1"}, {}, {"pick": f"{made[0]}.1", "batch_reason": " "}):
        answer = browser.client.post(
            "/triage/settle",
            data={"batch_reason": "x", "csrf_token": token, **wrong},
            headers=browser.headers,
        )
        assert answer.status_code == 422, wrong


def test_who_may_look_but_not_settle_has_no_buttons(whole: WholeSite) -> None:
    finding = _at(whole)
    browser = whole.signed_in("leader")
    page = browser.get("/triage").get_data(as_text=True)
    assert "A supervisor or an administrator settles it." in page
    assert 'name="give"' not in page
    answer = browser.post(f"/triage/{finding}/settle", {"give": "patch:A", "reason": "x"}, at="/me")
    assert answer.status_code == 403


def test_roles_without_triage_are_refused(whole: WholeSite) -> None:
    assert whole.signed_in("handler").get("/triage").status_code == 403


def test_a_form_without_its_token_is_refused(whole: WholeSite) -> None:
    finding = _at(whole)
    browser = whole.signed_in("supervisor")
    answer = browser.client.post(
        f"/triage/{finding}/settle", data={"give": "patch:B", "reason": "x"}, headers=browser.headers
    )
    assert answer.status_code == 400


def test_an_unknown_finding_is_not_found(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    assert browser.get("/triage?finding=99").status_code == 404
    assert browser.get("/triage?finding=x&kind=purple&after=1.1").status_code == 200
    assert browser.get("/triage?after=x").status_code == 422
