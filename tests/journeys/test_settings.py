"""A changed routing rule: the numbers that stood there before saving are what happens."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casework import rules
from casework.accounts import create_user
from casework.office import Office
from casework.policy import SYSTEM
from db import schema
from settings import Settings
from tests.conftest import lacking
from tests.factories.city import NOW, two_patches
from tests.factories.crowd import crowd
from tests.journeys.site import Site, Watch, opened, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PASSWORD = "correct horse 9"
VENDOR = Path(__file__).parents[2] / "web" / "static" / "vendor" / "leaflet"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Site]:
    """A city of two patches of this test's own, as it changes the rules."""
    if not VENDOR.is_dir():
        lacking("browser", "the front-end libraries are not there: make vendor")
    settings = Settings(instance=tmp_path, now=NOW)
    office = Office.open(settings)
    schema.upgrade(office.database)
    crowd(office, two_patches(office), 150)
    create_user(office, SYSTEM, "chief", "administrator", PASSWORD)
    office.database.close()
    with serving(settings) as site:
        yield site


def _sent(site: Site) -> dict[str, int]:
    return {line.code: line.open for line in rules.list_rules(site.office, SYSTEM)}


@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 1440)])
def test_the_preview_of_a_rule_is_what_happens(
    browser: "Browser", small: Site, lang: str, width: int
) -> None:
    before = _sent(small)
    with opened(browser, lang=lang, width=width) as page:
        watch = Watch(page, small.url)
        small.sign_in(page, "chief", PASSWORD)
        page.goto(f"{small.url}/settings/rules")
        page.locator(".rows a", has_text="R-01").click()
        page.select_option("select[name=bureau]", "HW")
        page.locator("button[value=preview]").first.click()
        moved = int(page.locator("[data-moved]").inner_text())
        assert moved > 0
        flows = [int(text) for text in page.locator(".flows b").all_inner_texts()]
        assert sum(flows) == moved
        assert page.locator(".movers li").count() == min(moved, 50)
        assert _sent(small) == before  # looked at, not saved
        page.locator("button[value=save]").click()
        page.wait_for_selector(".flash")
        said = page.locator(".flash").inner_text()
        assert re.search(rf"\b{moved}\b", said)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert watch.faults() == []
    after = {line.code: line.bureau.code for line in rules.list_rules(small.office, SYSTEM)}
    assert after["R-01"] == "HW"
