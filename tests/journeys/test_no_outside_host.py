"""No page asks another host for anything, and none breaks the content security policy."""

from typing import TYPE_CHECKING

import pytest

from casework.basemaps import TileServer, set_basemap
from tests.journeys.site import Site, Watch, opened
from tests.journeys.test_hostile_texts import pages_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

ROLES = ("", "administrator", "handler")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("role", ROLES)
def test_pages_ask_only_us(demo: Site, browser: "Browser", role: str, width: int) -> None:
    with opened(browser, width=width) as page:
        watch = Watch(page, demo.url)
        if role:
            demo.sign_in(page, {"administrator": "admin"}.get(role, role))
        for path in [p.replace("P00", "630102003009") for p in pages_of(demo)] + ["/?finding=1", "/nowhere"]:
            page.goto(f"{demo.url}{path}")
            page.wait_for_load_state("networkidle")
            assert watch.faults() == [], path


def test_the_watch_sees_what_it_must_see(demo: Site, browser: "Browser") -> None:
    """The guard above can fail: a picture of another host and an inline script are both noticed."""
    with opened(browser) as page:
        watch = Watch(page, demo.url)
        page.goto(demo.url)
        page.evaluate(
            "document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.example/x.png'}))"
        )
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))"
        )
        page.wait_for_function("() => performance.now() > 0")
        page.wait_for_load_state("networkidle")
        faults = " ".join(watch.faults())
        assert "elsewhere.example" in faults
        assert "script-src" in faults


def test_an_administrators_tile_server_is_the_only_exception(demo: Site, browser: "Browser") -> None:
    set_basemap(demo.office, TileServer("https://tiles.example/{z}/{x}/{y}.png", "街道", "© tiles"))
    try:
        with opened(browser) as page:
            asked: list[str] = []

            def refuse(route: "Route") -> None:
                asked.append(route.request.url)
                route.abort()

            page.route("https://tiles.example/**", refuse)
            watch = Watch(page, demo.url)
            page.goto(demo.url)
            page.wait_for_selector("#basemaps button")
            assert asked == []  # only when somebody switches it on
            with page.expect_request("https://tiles.example/**"):
                page.locator("#basemaps button").nth(1).click()
            others = [fault for fault in watch.faults() if "tiles.example" not in fault]
            assert others == []
    finally:
        set_basemap(demo.office, None)
