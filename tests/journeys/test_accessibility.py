"""Axe finds nothing serious on any page, in both themes, at a desk and on a phone."""

from typing import TYPE_CHECKING, Any

import pytest

from settings import ROOT
from tests.journeys.site import Site, opened
from tests.journeys.test_hostile_texts import pages_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = ROOT / "web" / "static" / "vendor" / "axe" / "axe.min.js"
GRAVE = {"serious", "critical"}
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def violations(page: "Page") -> list[str]:
    """What axe calls serious or critical on the page as it stands, each with its first place."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [
        f"{one['id']}: {one['help']} at {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious(demo: Site, browser: "Browser", width: int, theme: str) -> None:
    found: dict[str, list[str]] = {}
    with opened(browser, width=width, color_scheme=theme) as page:
        demo.sign_in(page, "admin")
        for path in [p.replace("P00", "630102003009") for p in pages_of(demo)] + ["/?finding=1", "/nowhere"]:
            page.goto(f"{demo.url}{path}")
            page.wait_for_load_state("networkidle")
            if faults := violations(page):
                found[path] = faults
        page.context.clear_cookies()
        page.goto(f"{demo.url}/sign-in")
        if faults := violations(page):
            found["/sign-in"] = faults
    assert found == {}


def test_axe_can_find_something(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        page.goto(f"{demo.url}/about")
        page.evaluate("document.body.append(document.createElement('button'))")
        assert any(fault.startswith("button-name") for fault in violations(page))
