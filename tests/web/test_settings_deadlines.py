"""Deadlines and days off on a page: the effect is shown first, what is refused stays typed, others may not."""

import pytest

from casework.findings import report
from casework.office import Office
from tests.factories.city import two_patches
from tests.factories.everyday import account
from tests.web.pages import WholeSite
from tests.web.sites import Browser

PAGE = "/settings/deadlines"


@pytest.fixture
def admin(sqlite_office: Office) -> Browser:
    two_patches(sqlite_office)
    staff = account(sqlite_office, "inspector", area="A")
    report(sqlite_office, staff, {"category": "0105", "lon": 101.2, "lat": 36.5, "description": "x"})
    return WholeSite(sqlite_office).signed_in("administrator")


def page(browser: Browser, address: str = PAGE) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_effect_is_shown_before_it_is_saved_and_said_after(admin: Browser) -> None:
    days = {"days": "2026-09-02..2026-09-11 抢险", "kind": "off"}
    looked = admin.post(f"{PAGE}/days", {**days, "look": "1"}, at=PAGE).get_data(as_text=True)
    assert "The deadline of 1 open case moves" in looked
    assert "Nothing is saved yet" in looked
    assert "2026-09-02..2026-09-11 抢险</textarea>" in looked
    assert "抢险" not in page(admin).replace("2026-09-02..2026-09-11 抢险</textarea>", "")
    saved = admin.post(f"{PAGE}/days", days, at=PAGE)
    assert saved.status_code == 303
    after = page(admin)
    assert "Saved. The deadline of 1 open case moves" in after
    assert after.count("抢险") == 10
    assert "National Day" in after
    assert "Nothing is known about 2027" in page(admin, f"{PAGE}?year=2027")


def test_limits_and_hours_are_set_and_ended(admin: Browser) -> None:
    limit = {"step": "check", "category": "01", "value": "3", "unit": "hour", "warn": ""}
    assert admin.post(f"{PAGE}/limits", limit, at=PAGE).status_code == 303
    assert "3 hours" in page(admin)
    assert admin.post(f"{PAGE}/limits/1/end", {}, at=PAGE).status_code == 303
    assert "3 hours" not in page(admin)
    assert admin.post(f"{PAGE}/limits/1/end", {}, at=PAGE).status_code == 404
    hours = {"from": "2026-10-08", "spans": "9:00-12:00, 13:00-17:30", "weekdays": "5"}
    assert admin.post(f"{PAGE}/hours", hours, at=PAGE).status_code == 303
    assert "09:00-12:00, 13:00-17:30</b> · Sat" in page(admin)


def test_what_is_refused_stays_typed_beside_why(admin: Browser) -> None:
    for form, typed, told in (
        ("limits", {"step": "check", "value": "<b>soon", "unit": "hour"}, "whole number"),
        ("hours", {"from": "2026-10-08", "spans": "<b>8-7", "weekdays": "1"}, "Write hours such as"),
        ("days", {"days": "<b>soon", "kind": "off"}, "is no day such as"),
    ):
        answer = admin.post(f"{PAGE}/{form}", typed, at=PAGE)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert told in text
        assert "&lt;b&gt;" in text
        assert "<b>soon" not in text
    assert admin.post(f"{PAGE}/days/999999999999/end", {}, at=PAGE).status_code == 404
    assert admin.get(f"{PAGE}?year=x").status_code == 200


def test_nobody_else_may(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    site = WholeSite(sqlite_office)
    for role in ("supervisor", "handler"):
        browser = site.signed_in(role)
        assert browser.get(PAGE).status_code == 403
        assert (
            browser.post(f"{PAGE}/days", {"days": "2026-09-02", "kind": "off"}, at="/desk").status_code == 403
        )
