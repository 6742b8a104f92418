"""In the browser: a notice leads to its case; two reports of one thing are joined and taken apart; the hot spots."""

import re
from typing import TYPE_CHECKING

import pytest

from casework import findings
from casework.policy import Actor
from db.models import Finding, FindingLink, Notice, User
from tests.journeys.site import Site, Watch, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PLACE = {"category": "0504", "lon": 101.8031, "lat": 36.6059}


def actor(site: Site, username: str) -> Actor:
    with site.office.database.read() as session:
        user = session.query(User).filter_by(username=username).one()
        return Actor(role=user.role, user_id=user.id, username=username)


def unread(page: "Page") -> int:
    label = page.locator(".bell").get_attribute("aria-label") or ""
    found = re.search(r"\d+", label)
    return int(found[0]) if found else 0


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390)])
def test_a_notice_rings_leads_to_the_case_and_is_read(
    demo: Site, browser: "Browser", lang: str, width: int
) -> None:
    who = actor(demo, "archivist")  # whom nobody tells anything else
    finding_id = findings.report(
        demo.office, actor(demo, "inspector"), {**PLACE, "subject": f"通知 {lang}"}
    ).finding_id
    with demo.office.database.write() as session:
        session.add(
            Notice(
                user_id=who.user_id, finding_id=finding_id, kind="urged", occasion=f"j:{lang}", facts={"act": "urge"},
                at=demo.office.now(),
            )
        )  # fmt: skip
    try:
        with opened(browser, lang=lang, width=width) as page:
            watch = Watch(page, demo.url)
            demo.sign_in(page, "archivist")
            page.goto(f"{demo.url}/desk")
            assert unread(page) == 1
            assert page.locator(".news").get_by_text(f"通知 {lang}").is_visible()
            page.locator(".bell").click()
            page.wait_for_url("**/notices")
            assert page.locator(".group.unseen").count() == 1
            page.keyboard.press("Tab")  # everything is reached by keys
            page.get_by_role("button", name=f"通知 {lang}").press("Enter")
            page.wait_for_url(f"**/findings/{finding_id}")
            assert unread(page) == 0
            page.goto(f"{demo.url}/notices?unread=1")
            assert page.locator(".group").count() == 0
            assert not watch.faults()
    finally:
        with demo.office.database.write() as session:
            session.query(Notice).filter_by(user_id=who.user_id).delete()
            session.get_one(Finding, finding_id).status = "cancelled"


def test_two_reports_of_one_thing_are_joined_and_taken_apart(demo: Site, browser: "Browser") -> None:
    inspector = actor(demo, "inspector")
    here = {**PLACE, "lon": 101.8042, "lat": 36.6071}
    first = findings.report(demo.office, inspector, {**here, "subject": "第一份"}).finding_id
    second = findings.report(
        demo.office, inspector, {**here, "lon": 101.80422, "subject": "第二份"}
    ).finding_id
    with opened(browser, lang="en") as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, "supervisor")
        page.goto(f"{demo.url}/findings/{second}")
        ties = page.locator("#ties")
        line = ties.locator("li").filter(has_text="第一份")
        assert "same category" in line.inner_text()
        line.get_by_text("The same", exact=True).click()
        line.get_by_label(re.compile("^the other, ")).check()
        line.get_by_role("button", name="Join them").click()
        page.wait_for_url(f"**/findings/{first}*")
        assert page.locator("#ties li").filter(has_text="第二份").count() == 0
        with demo.office.database.read() as session:
            assert session.get_one(Finding, second).status == "duplicate"
            told = {row.facts["act"] for row in session.query(Notice).filter_by(user_id=inspector.user_id)}
            assert {"merge", "took_in"} <= told
        page.goto(f"{demo.url}/findings/{second}/acts/unmerge")
        page.locator("form.act button[type=submit], form button.btn-primary[type=submit]").first.click()
        page.wait_for_url(lambda address: "/acts/" not in address)
        page.goto(f"{demo.url}/findings/{second}")
        line = page.locator("#ties li").filter(has_text="第一份")
        line.get_by_role("button", name=re.compile("^Not the same as")).click()
        page.wait_for_url(f"**/findings/{second}*")
        assert page.locator("#ties li").filter(has_text="第一份").count() == 0
        assert not watch.faults()
    with demo.office.database.write() as session:
        for one in (first, second):
            session.get_one(Finding, one).status = "cancelled"
        assert (
            session.query(FindingLink).filter_by(finding_id=second, kind="duplicate", ended_at=None).count()
            == 0
        )


@pytest.mark.parametrize(("lang", "width", "theme"), [("zh", 1440, "dark"), ("en", 390, "light")])
def test_the_hot_spots_are_switched_on_explained_and_gone_to_by_keys(
    demo: Site, browser: "Browser", lang: str, width: int, theme: str
) -> None:
    with opened(browser, lang=lang, width=width, color_scheme=theme) as page:
        watch = Watch(page, demo.url)
        page.goto(f"{demo.url}/")
        page.wait_for_load_state("networkidle")
        page.locator("[data-layers]:visible").first.click()
        box = page.locator(".popover-layer label").filter(has_text="热点" if lang == "zh" else "Hot spots")
        box.locator("input").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Escape")
        panel = page.locator("#hotspots")
        panel.locator(".spots button").first.wait_for()
        assert ("多于偶然" if lang == "zh" else "more than chance would bring") in panel.inner_text()
        before = page.url
        panel.locator(".spots button").first.press("Enter")
        page.wait_for_function(
            "before => location.href !== before && location.search.includes('at=')", arg=before
        )
        assert page.evaluate("() => window.BP.page.mapView.hotCells.length > 0")
        page.goto(f"{demo.url}/?q=nothing+has+this+name")
        panel.get_by_text(
            re.compile("至少|at least")
        ).wait_for()  # it is remembered, and says that these are too few
        panel.locator(".head button").press("Enter")
        assert panel.is_hidden()
        page.reload()
        page.wait_for_load_state("networkidle")
        assert panel.is_hidden()
        assert not watch.faults()
