"""Settings → Mail and webhooks: added, tried, retired; the log; what is secret is never shown again."""

import pytest

from casework import deliveries
from casework.office import Office
from casework.posting import Answer
from db.models import Delivery
from tests.factories.city import two_patches
from tests.web.pages import WholeSite, whole_site
from tests.web.sites import Browser

URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=geheim-1"
HOOK = {
    "name": "指挥群 <b>",
    "form": "wecom",
    "url": URL,
    "secret": "",
    "lang": "zh",
    "bureau": "CG",
    "kinds": "overdue",
}


@pytest.fixture
def site(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return whole_site(sqlite_office)


def added(browser: Browser, **values: str) -> str:
    answer = browser.post("/settings/messages", {**HOOK, **values}, at="/settings/messages")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def test_a_webhook_from_its_form_to_its_log(site: WholeSite) -> None:
    browser = site.signed_in("administrator")
    page = added(browser)
    assert browser.post(f"{page}/try", {}, at=page).location == page
    deliveries.settle(
        site.office, [1], Answer(False, "it refused the message", "errcode 93000", "<i>bad key</i>")
    )
    shown = browser.get(page).get_data(as_text=True)
    assert "it refused the message" in shown
    assert "errcode 93000" in shown
    assert "&lt;i&gt;bad key&lt;/i&gt;" in shown
    for address in (page, "/settings/messages", "/settings"):
        assert "geheim-1" not in browser.get(address).get_data(as_text=True)
    assert "指挥群 &lt;b&gt;" in browser.get("/settings/messages").get_data(as_text=True)
    with site.office.database.write() as session:
        session.get_one(Delivery, 1).status = "given_up"
    assert (
        browser.get("/settings/messages?status=given_up&before=99").get_data(as_text=True).count("Try again")
        == 1
    )
    assert browser.post("/settings/messages/1/again", {}, at="/settings/messages").status_code == 303
    assert browser.post("/settings/messages/1/again", {}, at="/settings/messages").status_code == 303
    assert browser.post(f"{page}/retire", {}, at=page).status_code == 303
    assert "retired" in browser.get("/settings/messages").get_data(as_text=True)
    assert "Only what was given up" not in browser.get(page).get_data(as_text=True)


def test_a_fault_stands_beside_its_field_and_no_secret_comes_back(site: WholeSite) -> None:
    browser = site.signed_in("administrator")
    for values, said in (
        ({"url": "https://evil.example/x"}, "begins with https://qyapi.weixin.qq.com/"),
        ({"form": "json", "secret": "kurz"}, "at least 16 characters"),
        ({"kinds": "gossip"}, "Choose what it is told of"),
    ):
        answer = browser.post("/settings/messages", {**HOOK, **values}, at="/settings/messages")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert said in page
        assert "kurz" not in page


def test_only_administrators_and_nothing_that_is_not_there(site: WholeSite) -> None:
    admin = site.signed_in("administrator")
    page = added(admin)
    for path in ("/settings/messages/webhooks/99", "/settings/messages/webhooks/0"):
        assert admin.get(path).status_code == 404
        assert admin.post(f"{path}/try", {}, at="/settings/messages").status_code == 303
    for role in ("supervisor", "leader", "handler"):
        other = site.signed_in(role)
        assert other.get(page).status_code == 403
        for path in (f"{page}/try", f"{page}/retire", "/settings/messages/1/again", "/settings/messages"):
            assert other.post(path, dict(HOOK), at="/me").status_code == 403
