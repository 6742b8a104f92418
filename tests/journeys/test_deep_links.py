"""A link to one finding: the map lands at it, the page stays where it is, the label stays on the map."""

from typing import TYPE_CHECKING

import pytest

from tests.journeys.site import Site, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LAST_OF_THE_LIST = "/map/view?bbox=101.7,36.4,102,36.8&zoom=12&status=new&rows=60"


def _far_down(page: "Page", site: Site) -> int:
    rows: list[dict[str, int]] = page.request.get(site.url + LAST_OF_THE_LIST).json()["rows"]
    return rows[-1]["id"]


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_page_itself_never_scrolls(demo: Site, browser: "Browser", width: int) -> None:
    with opened(browser, width=width) as page:
        page.goto(f"{demo.url}/?finding={_far_down(page, demo)}")
        page.wait_for_selector("#case-pane .steps")
        page.wait_for_selector("#list-pane [aria-current=true]", state="attached")
        box = page.locator("header.top").bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert page.evaluate(
            "[document.scrollingElement.scrollTop, document.querySelector('.app').scrollTop]"
        ) == [0, 0]


def test_a_link_to_a_finding_that_the_list_does_not_hold_lands_there(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        page.goto(f"{demo.url}/?finding=1")
        page.wait_for_selector("#case-pane .steps")
        page.wait_for_function("() => window.BP.map.getZoom() >= 15")


@pytest.mark.parametrize("side", [-1, 1])
def test_the_label_of_the_selected_point_stays_on_the_map(demo: Site, browser: "Browser", side: int) -> None:
    with opened(browser) as page:
        page.goto(f"{demo.url}/?finding={_far_down(page, demo)}")
        page.wait_for_selector("#case-pane .steps")
        page.wait_for_selector(".bp-callout > span:visible")
        page.evaluate(
            "side => window.BP.map.panBy([side * (window.BP.map.getSize().x / 2 - 30), 0], { animate: false })",
            side,
        )
        label = page.locator(".bp-callout > span").bounding_box()
        around = page.locator(".mapbox").bounding_box()
        assert label is not None
        assert around is not None
        assert label["x"] >= around["x"]
        assert label["x"] + label["width"] <= around["x"] + around["width"]
