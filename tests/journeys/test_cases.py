"""The life of a case in a browser: the supermarket's two days, a second dispatch, extension, suspension, a merge."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from db.models import BureauTask, Extension, Finding
from tests.factories.photos import encoded, picture
from tests.journeys.site import Site, Watch, opened
from tests.journeys.test_everyday import act, report, status

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "after.jpg"
    file.write_bytes(encoded(picture(320, 240)))
    return file


def _dialog(page: "Page", name: str) -> None:
    """Open the dialog of an act on the page of a case, wherever it stands."""
    button = page.locator(f".act-card [data-act={name}]")
    if not button.is_visible():
        page.locator(".act-rest summary").click()
    button.click()
    page.locator(".act-dialog").wait_for()


def _send(page: "Page") -> None:
    page.locator(".act-dialog [type=submit]").click()
    page.locator(".toast").wait_for()


def _tasks(demo: Site, finding: int) -> list[tuple[str, str, bool]]:
    with demo.office.database.read() as session:
        rows = session.scalars(
            select(BureauTask)
            .where(BureauTask.finding_id == finding, BureauTask.ended_at.is_(None))
            .order_by(BureauTask.role.desc())
        ).all()
        return [(row.role, row.status, row.is_punishment) for row in rows]


def test_the_supermarkets_two_days(demo: Site, browser: "Browser", photo: Path) -> None:
    """A word is of no use: referred, punished with a decision, checked by somebody else, closed."""
    finding = report(demo, browser, photo, words="goods on the pavement")
    act(demo, browser, "inspector", finding, "dissuasion_failed", note="they stay")
    assert status(demo, finding) == "filed"
    with opened(browser, width=1440, lang="en") as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, "supervisor")
        row = page.locator("#refer .line", has=page.locator(f"a[href='/findings/{finding}']"))
        assert "they stay" in (row.text_content() or "")
        row.locator("[data-act=refer]").click()
        page.wait_for_url(f"**/findings/{finding}/acts/refer")
        page.fill("#note", "two words were of no use")
        page.click(".form-end [type=submit]")
        page.locator(".case-parts").filter(has_text="referred for punishment").wait_for()
        assert watch.faults() == []
    assert _tasks(demo, finding) == [("lead", "dispatched", True)]
    act(demo, browser, "handler", finding, "accept")
    with opened(browser, width=390, lang="en") as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, "handler")
        page.goto(f"{demo.url}/findings/{finding}")
        _dialog(page, "handle")
        page.locator(".act-dialog .ps input[type=file]").first.set_input_files(photo)
        page.locator(".act-dialog .ps .pic img").wait_for()
        page.locator(".act-dialog [type=submit]").click()  # the decision is missing, and is asked for
        page.locator("[data-err=punishment_number]").wait_for()
        page.fill("#act-punishment_number", "2026-118")
        page.select_option("#act-punishment_kind", "fine")
        _send(page)
        page.locator(".case-parts").filter(has_text="Decision 2026-118").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert watch.faults() == []
    assert status(demo, finding) == "handled"
    act(demo, browser, "supervisor", finding, "verify", note="clear")
    act(demo, browser, "supervisor", finding, "close")
    assert status(demo, finding) == "closed"


def test_a_return_and_a_second_dispatch_with_a_joint_bureau(demo: Site, browser: "Browser") -> None:
    finding = report(demo, browser, words="whose is it")
    act(demo, browser, "supervisor", finding, "file")
    act(demo, browser, "supervisor", finding, "dispatch")
    act(demo, browser, "handler", finding, "return", note="not ours")
    assert _tasks(demo, finding) == []
    with opened(browser, width=1440, lang="en") as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, "supervisor")
        assert "not ours" in (page.locator("#back").text_content() or "")
        page.goto(f"{demo.url}/findings/{finding}")
        _dialog(page, "dispatch")
        page.select_option("#act-bureau", "huanwei")
        page.locator(".act-joint summary").click()
        page.locator(".act-joint .check", has_text="Urban Management").locator("input").check()
        _send(page)
        parts = page.locator(".case-parts")
        parts.filter(has_text="takes part").wait_for()
        assert "leads" in parts.inner_text()
        assert watch.faults() == []
    assert _tasks(demo, finding) == [("lead", "dispatched", False), ("joint", "dispatched", False)]
    with opened(browser, width=1440, lang="en") as page:
        demo.sign_in(page, "handler")
        assert page.locator(f"#joint a[href='/findings/{finding}']").count() == 1


def test_a_check_of_ones_own_handling_is_refused(demo: Site, browser: "Browser", photo: Path) -> None:
    finding = report(demo, browser, words="settled at once")
    act(demo, browser, "inspector", finding, "settle", photo=photo)
    assert status(demo, finding) == "handled"
    with opened(browser, width=1440, lang="en") as page:
        demo.sign_in(page, "inspector")
        page.goto(f"{demo.url}/findings/{finding}")
        card = page.locator(".act-card")
        card.locator("summary").click()
        assert "Whoever handled it may not check it" in card.inner_text()
        page.goto(f"{demo.url}/findings/{finding}/acts/verify")
        assert page.locator(".form-end [type=submit]").is_disabled()
    act(demo, browser, "supervisor", finding, "verify")


def test_extension_and_suspension(demo: Site, browser: "Browser") -> None:
    finding = report(demo, browser, words="takes longer")
    act(demo, browser, "supervisor", finding, "file")
    act(demo, browser, "supervisor", finding, "dispatch")
    act(demo, browser, "handler", finding, "accept")
    due = _finding(demo, finding).due_at
    act(demo, browser, "handler", finding, "ask_extension", note="the crane comes tomorrow")
    for username in ("supervisor", "leader"):
        with opened(browser, width=1440, lang="en") as page:
            demo.sign_in(page, username)
            row = page.locator("#extension .line", has=page.locator(f"a[href='/findings/{finding}']"))
            assert "the crane comes tomorrow" in (row.text_content() or "")
            row.get_by_role("button").click()  # one click
            page.wait_for_load_state()
    now = _finding(demo, finding)
    assert now.extensions == 1
    assert due is not None
    assert now.due_at is not None
    assert now.due_at > due
    with demo.office.database.read() as session:
        assert (
            session.scalars(select(Extension.status).where(Extension.finding_id == finding)).one()
            == "approved"
        )
    act(demo, browser, "supervisor", finding, "suspend", note="the owner is away")
    assert _finding(demo, finding).paused_at is not None
    with opened(browser, width=1440, lang="en") as page:
        demo.sign_in(page, "supervisor")
        row = page.locator("#susp .line", has=page.locator(f"a[href='/findings/{finding}']"))
        assert "the owner is away" in (row.text_content() or "")  # it may be folded
    act(demo, browser, "supervisor", finding, "resume")
    assert status(demo, finding) == "accepted"
    assert _finding(demo, finding).paused_at is None


def test_a_double_click_files_once(demo: Site, browser: "Browser") -> None:
    finding = report(demo, browser, words="clicked twice")
    with opened(browser, width=1440, lang="en") as page:
        demo.sign_in(page, "supervisor")
        page.goto(f"{demo.url}/findings/{finding}/acts/file")
        form = page.evaluate(
            """async () => {
              const form = new FormData(document.querySelector('form[action$="/acts/file"]'));
              const headers = { Accept: 'application/json', 'X-CSRFToken': form.get('csrf_token') };
              const send = () => fetch(location.pathname, { method: 'POST', body: form, headers });
              const answers = await Promise.all([send(), send(), send()]);
              return answers.map((answer) => answer.status);
            }"""
        )
        assert form == [200, 200, 200]
    with demo.office.database.read() as session:
        finding_ = session.get_one(Finding, finding)
        assert finding_.status == "filed"
    with opened(browser, width=1440, lang="en") as page:
        demo.sign_in(page, "supervisor")
        page.goto(f"{demo.url}/findings/{finding}")
        assert page.locator(".hs td", has_text="Filed").count() == 1


def test_a_merge_and_its_undoing(demo: Site, browser: "Browser") -> None:
    stays, again = report(demo, browser, words="first"), report(demo, browser, words="the same")
    number = _finding(demo, stays).number
    with opened(browser, width=390, lang="en") as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, "supervisor")
        page.goto(f"{demo.url}/findings/{again}")
        _dialog(page, "merge")
        page.locator(f".act-other .near input[value='{number}']").check()
        _send(page)
        page.locator(".side .card", has_text="This one was merged into").locator(
            f"[href='/findings/{stays}']"
        ).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.goto(f"{demo.url}/findings/{stays}")
        page.locator(".side .card", has_text="1 report was merged").locator(
            f"[href='/findings/{again}']"
        ).wait_for()
        assert watch.faults() == []
    assert status(demo, again) == "duplicate"
    act(demo, browser, "supervisor", again, "unmerge")
    assert status(demo, again) == "reported"


def _finding(demo: Site, finding: int) -> Finding:
    with demo.office.database.read() as session:
        return session.get_one(Finding, finding)
