"""Each role's desk in a browser: what waits, one click or several at once, marks that go, filters that stay."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.journeys.site import Site, Watch, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ROLES = ("supervisor", "handler", "inspector", "leader", "archivist", "admin")


@contextmanager
def at_desk(demo: Site, browser: "Browser", username: str, width: int = 1440) -> Iterator["Page"]:
    """Somebody's desk right after signing in; at the end the page must have done nothing that it must not."""
    with opened(browser, width=width, lang="en") as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, username)
        assert page.url == f"{demo.url}/desk"
        yield page
        assert watch.faults() == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def _count(page: "Page", section: str) -> int:
    return int(page.locator(f"#h-{section} .n").inner_text())


def _numbers(rows: "Locator") -> list[str]:
    return [str(number) for number in rows.locator(".meta .num").all_inner_texts()]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("username", ROLES)
def test_every_role_starts_at_its_desk(demo: Site, browser: "Browser", username: str, width: int) -> None:
    with at_desk(demo, browser, username, width) as page:
        assert page.locator("h1").inner_text() == "My desk"
        jumps = page.locator(".jump a").all()
        assert len(jumps) == page.locator(".part").count() > 0
        for jump in jumps:
            jump.click()
        for section in page.locator(".part").all():
            rows, empty = section.locator(".line").count(), section.locator(".none").count()
            assert rows or empty  # a section never stands there without a word
        assert page.locator(".figures .fig").count() == 4


def test_several_are_filed_at_once_with_the_keyboard(demo: Site, browser: "Browser") -> None:
    with at_desk(demo, browser, "supervisor") as page:
        before, to_dispatch = _count(page, "file"), _count(page, "dispatch")
        section = page.locator("#file")
        numbers = _numbers(section.locator(".line"))[:3]
        section.locator("[data-all]").wait_for()  # the script is there
        section.locator(".line input").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Shift+ArrowDown")
        assert section.locator("[data-count]").inner_text() == "3"
        section.locator("[name=note]").fill("seen on site")
        page.keyboard.press("Enter")
        page.locator(".flash", has_text="3 findings").wait_for()
        assert (_count(page, "file"), _count(page, "dispatch")) == (before - 3, to_dispatch + 3)
        assert not set(numbers) & set(_numbers(page.locator("#file .line")))


def test_somebody_quicker_is_told_and_the_others_are_done(demo: Site, browser: "Browser") -> None:
    with at_desk(demo, browser, "supervisor") as page, at_desk(demo, browser, "admin") as other:
        slow = page.locator("#close .line")
        first = _numbers(slow)[0]
        other.locator("#close .line", has_text=first).get_by_role("button").click()
        other.locator(".flash", has_text=first).wait_for()
        total = _count(page, "close")
        page.locator("#close [data-all]").check()
        page.locator("#close [name=note]").fill("fine")
        page.locator("#close .batch [name=act]").click()
        gone = page.locator(".gone")
        gone.wait_for()
        assert "Somebody was quicker" in gone.inner_text()
        assert "fine" in gone.inner_text()
        said = page.locator(".flashes").inner_text()
        assert "1 was not done" in said
        assert total < 3 or f"{total - 1} findings" in said
        assert _count(page, "close") == 0


def test_a_handler_accepts_with_one_tap(demo: Site, browser: "Browser") -> None:
    with at_desk(demo, browser, "handler", 390) as page:
        waiting, in_hand = _count(page, "accept"), _count(page, "hand")
        row = page.locator("#accept .line").first
        number = row.locator(".meta .num").inner_text()
        row.get_by_role("button").click()
        page.locator(".flash", has_text=number).wait_for()
        assert (_count(page, "accept"), _count(page, "hand")) == (waiting - 1, in_hand + 1)
        page.locator("#hand .line").first.get_by_role("link", name="Report as handled").click()
        page.locator("input[type=file]").first.wait_for(state="attached")


def test_opening_a_case_takes_its_mark_away(demo: Site, browser: "Browser") -> None:
    with at_desk(demo, browser, "leader", 390) as page:
        row = page.locator(".line.unseen").first
        number = row.locator(".meta .num").inner_text()
        row.locator("a.what").click()
        page.wait_for_url("**/findings/*")
        page.goto(f"{demo.url}/desk")
        assert page.locator(".line", has_text=number).first.locator(".mark").count() == 0
        if page.locator(".seen button").count():
            left = page.locator(".seen").count()
            page.locator(".seen button").first.click()
            page.wait_for_url("**/desk#*")
            assert page.locator(".seen").count() == left - 1


def test_filters_saved_on_the_map_are_on_the_desk(demo: Site, browser: "Browser") -> None:
    with at_desk(demo, browser, "inspector") as page:
        page.goto(f"{demo.url}/?overdue=1")
        page.locator(".saved-views").click()
        page.locator(".pop-saved input").fill("Late ones")
        page.locator(".pop-saved form button").click()
        page.locator(".toast", has_text="Late ones").wait_for()
        page.goto(f"{demo.url}/?category=05")
        page.locator(".saved-views").click()
        page.locator(".pop-saved .opt", has_text="Late ones").click()
        page.wait_for_url("**/?overdue=1*")
        page.goto(f"{demo.url}/desk")
        saved = page.locator("#saved li", has_text="Late ones")
        saved.locator("summary").click()
        saved.locator("input[name=name]").fill("Überfällig 超期")
        saved.get_by_role("button", name="Rename").click()
        page.locator("#saved li", has_text="Überfällig 超期").get_by_role("link", name="as a list").click()
        page.wait_for_url("**/findings?overdue=1")
        page.locator(".saved-menu:not(.export-menu) summary").click()
        assert page.locator(".saved-menu [aria-current]").inner_text() == "Überfällig 超期"


def test_anothers_case_on_a_public_map_says_that_it_is_not_ones_own(demo: Site, browser: "Browser") -> None:
    with at_desk(demo, browser, "supervisor") as page:
        page.goto(f"{demo.url}/findings?bureau=huanwei")
        theirs = page.locator(".rows .c-t a").first.get_attribute("href") or ""
    with at_desk(demo, browser, "handler") as page:
        page.goto(f"{demo.url}{theirs}")
        assert "whose case it is" in page.locator("#main").inner_text()
        page.goto(f"{demo.url}/?finding={theirs.rsplit('/', 1)[1]}")
        page.locator("#case-pane .note", has_text="not one of yours").wait_for()
        assert page.locator("#case-pane [data-act]").count() == 0
