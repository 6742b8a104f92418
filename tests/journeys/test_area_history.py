"""The history of boundaries in a browser: the map of a past day, the difference of two versions, one brought back."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casework.accounts import create_user
from casework.office import Office
from casework.policy import SYSTEM
from db import schema
from settings import Settings
from tests.conftest import lacking
from tests.factories.city import NOW, two_patches
from tests.factories.divisions import DAY, at, three_maps
from tests.journeys.site import Site, Watch, opened, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "correct horse 9"
VENDOR = Path(__file__).parents[2] / "web" / "static" / "vendor" / "leaflet"
DELINGHA, LIYUAN = "630102003011", "630102003014"


@pytest.fixture
def redrawn(tmp_path: Path) -> Iterator[Site]:
    """Two patches redrawn twice, a month ago, in an installation of this test's own."""
    if not VENDOR.is_dir():
        lacking("browser", "the front-end libraries are not there: make vendor")
    settings = Settings(instance=tmp_path, now=NOW + 30 * DAY)
    office = Office.open(settings)
    schema.upgrade(office.database)
    two_patches(at(office, NOW))
    three_maps(office)
    create_user(office, SYSTEM, "ye", "supervisor", PASSWORD)
    office.database.close()
    with serving(settings) as site:
        yield site


def _shown(page: "Page", number: int) -> None:
    """Wait until the map shows the version with this number."""
    page.wait_for_selector(f"body[data-version='{number}']")


def _names(page: "Page") -> dict[str, str]:
    found: dict[str, str] = page.evaluate(
        "Object.fromEntries(window.BP.page.history.areas.areas.map((one) => [one.code, one.zh]))"
    )
    return found


@pytest.mark.parametrize("width", [1440, 390])
def test_the_slider_shows_the_map_of_a_past_day(demo: Site, browser: "Browser", width: int) -> None:
    with opened(browser, width=width) as page:
        watch = Watch(page, demo.url)
        page.goto(f"{demo.url}/areas/history")
        _shown(page, 3)
        assert _names(page)[LIYUAN] == "梨园"
        slider = page.locator("#slider")
        slider.focus()
        slider.press("Home")
        _shown(page, 1)
        assert DELINGHA not in _names(page)
        assert _names(page)[LIYUAN] == "梨园新村"
        assert page.locator("#then-day").inner_text() == "2022年7月24日"
        assert "v1" in (slider.get_attribute("aria-valuetext") or "")
        assert page.locator("#versions li[aria-current]").count() == 1
        assert re.search(r"[?&]p=\d+", page.url)
        slider.press("ArrowRight")
        _shown(page, 2)
        assert DELINGHA in _names(page)
        leader = page.evaluate(
            "window.BP.page.history.areas.areas.find((one) => one.code === '630102003009').leader[0]"
        )
        assert leader == "喇文成"  # who led it then
        page.fill("#on", "2024-06-23")
        page.locator("#on").dispatch_event("change")
        _shown(page, 3)
        page.reload()
        _shown(page, 3)
        assert "2024年6月23日" in page.locator("#then-day").inner_text()
        assert watch.faults() == []


def test_two_versions_compared(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, "archivist")
        page.goto(f"{demo.url}/areas/history")
        page.locator("#versions li").nth(1).get_by_role("link", name="改了什么").click()
        page.wait_for_selector("body[data-ready='true']")
        assert page.locator("h1").inner_text() == "v2 对比 v1"
        row = page.locator(f"tr[data-code='{DELINGHA}']")
        assert "+1.13 km²" in row.inner_text()
        row.get_by_role("button").press("Enter")
        assert row.get_by_role("button").get_attribute("aria-pressed") == "true"
        card = page.locator("#area-card")
        assert "德令哈" in card.inner_text()
        assert "+1.13 km²" in card.inner_text()
        assert "德令哈 划入的" in page.locator(".key-map").inner_text()
        hatched = page.evaluate(
            "() => { const c = document.querySelector('.leaflet-bp-ground-pane canvas');"
            " const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);"
            " return data.some((v, i) => i % 4 === 3 && v > 0) }"
        )
        assert hatched
        page.get_by_text("对比别的版本").click()
        page.locator("#c-from").select_option(index=3)  # the oldest
        page.locator("#c-to").select_option(index=0)
        page.get_by_role("button", name="对比", exact=True).click()
        page.wait_for_selector("body[data-ready='true']")
        assert page.locator("h1").inner_text() == "v3 对比 v1"
        assert page.locator(".steps-between li").count() == 2
        assert page.get_by_role("button", name="恢复").count() == 0  # an archivist does not draw
        assert watch.faults() == []


def test_an_old_version_is_brought_back_through_a_draft(redrawn: Site, browser: "Browser") -> None:
    with opened(browser, lang="en") as page:
        watch = Watch(page, redrawn.url)
        redrawn.sign_in(page, "ye", PASSWORD)
        page.goto(f"{redrawn.url}/areas/history")
        _shown(page, 4)
        page.locator("#versions li").nth(1).get_by_role("button", name="Bring back").click()
        page.wait_for_url(re.compile(r"/areas/drafts/\d+"))
        page.wait_for_selector("#publish:not([disabled])")
        page.click("#publish")
        page.fill("#publish-note", "Two patches were enough")
        page.get_by_role("dialog").get_by_role("button", name="Publish").click()
        page.get_by_role("link", name="See the new version").click()
        page.wait_for_url(re.compile(r"/areas/history/\d+"))
        page.goto(f"{redrawn.url}/areas/history")
        _shown(page, 5)
        first = page.locator("#versions li").first
        assert "Two patches were enough" in first.inner_text()
        assert "brought back v3" in first.inner_text()
        assert "ye" in first.inner_text()
        assert sorted(_names(page)) == ["A", "B", "D"]
        assert watch.faults() == []
