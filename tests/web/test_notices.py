"""Notices on pages: the bell, the list, reading, and how somebody wants to be told."""

import re
from dataclasses import replace

import pytest

from casework import accounts, findings, notices
from casework.office import Office
from casework.policy import SYSTEM, Actor
from db.models import Finding, Notice, User
from settings import MailServer
from tests.factories.city import two_patches
from tests.web.pages import WholeSite, whole_site
from tests.web.sites import Browser

FORM = {
    "category": "0105",
    "lon": 101.2,
    "lat": 36.5,
    "subject": "小杨超市 <b>x</b>",
    "place": "树林巷 {{ 7*7 }}",
}


@pytest.fixture
def site(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return whole_site(sqlite_office)


def told(site: WholeSite, reader: str, *, act: str = "file") -> tuple[int, int]:
    """A finding of this person's, of which an act was told; returns finding and notice."""
    with site.office.database.write() as session:
        user = session.query(User).filter_by(username=reader).one()
        actor = Actor(role=user.role, user_id=user.id, bureau_id=user.bureau_id)
    finding_id = findings.report(site.office, replace(actor, role="inspector"), FORM).finding_id
    with site.office.database.write() as session:
        notices.tell(session, finding_id, act, site.office.now(), occasion="1")
        return finding_id, session.query(Notice).filter_by(user_id=actor.user_id).all()[-1].id


def bell(browser: Browser) -> str:
    page = browser.get("/notices").get_data(as_text=True)
    found = re.search(r'class="ib bell".*?aria-label="([^"]*)"', page, re.S)
    assert found
    return found[1]


def test_a_notice_rings_the_bell_and_leads_to_its_case(site: WholeSite) -> None:
    browser = site.signed_in("inspector")
    assert bell(browser) == "Notices"
    finding_id, notice_id = told(site, "some.inspector")
    assert bell(browser) == "Notices: 1 not read"
    page = browser.get("/notices").get_data(as_text=True)
    assert "Your report became a case" in page
    assert "小杨超市 &lt;b&gt;x&lt;/b&gt;" in page
    assert "{{ 7*7 }}" in page
    answer = browser.post(f"/notices/{notice_id}/open", {}, at="/notices")
    assert (answer.status_code, answer.location) == (303, f"/findings/{finding_id}")
    assert bell(browser) == "Notices"
    assert "Your report became a case" in browser.get("/notices").get_data(as_text=True)


def test_opening_the_case_itself_reads_its_notices(site: WholeSite) -> None:
    browser = site.signed_in("inspector")
    finding_id, _notice = told(site, "some.inspector")
    assert browser.get(f"/findings/{finding_id}").status_code == 200
    assert bell(browser) == "Notices"


def test_nobody_reads_or_opens_anothers(site: WholeSite) -> None:
    site.signed_in("inspector")
    _finding, notice_id = told(site, "some.inspector")
    other = site.signed_in("leader")
    assert "Your report became a case" not in other.get("/notices").get_data(as_text=True)
    assert other.post(f"/notices/{notice_id}/open", {}, at="/me").location == "/notices"
    other.post("/notices/read", {"notice": str(notice_id)}, at="/me")
    other.post("/notices/read", {"all": "1"}, at="/me")
    with site.office.database.read() as session:
        assert session.get_one(Notice, notice_id).read_at is None


def test_of_a_case_that_one_may_no_longer_see_nothing_is_shown(site: WholeSite) -> None:
    browser = site.signed_in("inspector")
    finding_id, notice_id = told(site, "some.inspector")
    with site.office.database.write() as session:
        finding = session.get_one(Finding, finding_id)
        finding.reporter_id, number = None, finding.number
    page = browser.get("/notices").get_data(as_text=True)
    assert "a case that you no longer see" in page
    assert number not in page
    assert "小杨超市" not in page
    assert "Your report became a case" not in page
    assert browser.post(f"/notices/{notice_id}/open", {}, at="/notices").location == "/notices"


def test_filters_and_all_read(site: WholeSite) -> None:
    browser = site.signed_in("inspector")
    told(site, "some.inspector")
    told(site, "some.inspector", act="close")
    assert "What you reported is put right and closed" in browser.get("/notices?kind=mine&unread=1").get_data(
        as_text=True
    )
    assert "No notice fits" in browser.get("/notices?kind=overdue").get_data(as_text=True)
    assert browser.get("/notices?kind=nonsense&before=-7&unread=x").status_code == 200
    answer = browser.post("/notices/read", {"all": "1", "kind": "", "back": "//evil.example"}, at="/notices")
    assert answer.location == "/notices"
    assert bell(browser) == "Notices"
    assert "No notice fits" in browser.get("/notices?unread=1").get_data(as_text=True)


def test_who_is_not_signed_in_has_none(site: WholeSite) -> None:
    stranger = site.client()
    assert stranger.get("/notices").status_code in {302, 303, 401}
    assert stranger.get("/notices/choices").status_code in {302, 303, 401}
    assert 'class="ib bell"' not in stranger.get("/sign-in").get_data(as_text=True)


def test_choices_are_kept_and_faults_are_named(site: WholeSite) -> None:
    site.office = replace(
        site.office, settings=replace(site.office.settings, mail=MailServer(host="x", sender="a@b.cn"))
    )
    site.app.extensions["baopian"] = site.office
    browser = site.signed_in("handler")
    wrong = {"address": "a@b.cn\r\nBcc: c@d.cn", "lang": "en", "mail-task": "daily"}
    answer = browser.post("/notices/choices", wrong, at="/notices/choices")
    assert answer.status_code == 422
    assert "write it as name@example.cn" in answer.get_data(as_text=True)
    for value in ({"mail-task": "hourly"}, {"lang": "fr"}):
        assert (
            browser.post(
                "/notices/choices", {**wrong, "address": "", **value}, at="/notices/choices"
            ).status_code
            == 422
        )
    right = {"address": "li@城东.example", "lang": "en", "mail-task": "daily"}
    assert browser.post("/notices/choices", right, at="/notices/choices").status_code == 303
    page = browser.get("/notices/choices").get_data(as_text=True)
    assert re.search(r'value="li@xn--[a-z0-9]+\.example"', page)
    assert re.search(r'name="mail-task" value="daily" checked', page)
    assert browser.post("/notices/choices/test", {}, at="/notices/choices").status_code == 303
    browser.post("/notices/choices", {**right, "address": ""}, at="/notices/choices")
    assert 'value="li@' not in browser.get("/notices/choices").get_data(as_text=True)


def test_a_closed_account_is_told_nothing(site: WholeSite) -> None:
    user_id = site.user("gone", "supervisor")
    accounts.deactivate(site.office, SYSTEM, "gone")
    finding_id = findings.report(site.office, Actor(role="inspector"), FORM).finding_id
    with site.office.database.write() as session:
        notices.tell(session, finding_id, "return", site.office.now(), occasion="1")
        assert session.query(Notice).filter_by(user_id=user_id).count() == 0
