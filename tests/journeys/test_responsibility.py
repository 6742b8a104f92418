"""Who is responsible, in a browser: the tree, a leader's card, a leader given from a later day."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casework import duties, people
from casework.accounts import create_user
from casework.areas_view import area_page
from casework.office import Office
from casework.policy import SYSTEM
from db import schema
from settings import Settings
from tests.conftest import lacking
from tests.factories.city import NOW, two_patches
from tests.journeys.site import Site, Watch, opened, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PASSWORD = "correct horse 9"
VENDOR = Path(__file__).parents[2] / "web" / "static" / "vendor" / "leaflet"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Site]:
    """Two patches; Ma leads A, Tie leads nothing yet."""
    if not VENDOR.is_dir():
        lacking("browser", "the front-end libraries are not there: make vendor")
    settings = Settings(instance=tmp_path, now=NOW)
    office = Office.open(settings)
    schema.upgrade(office.database)
    two_patches(office)
    ma = people.add_person(office, SYSTEM, {"name_zh": "马建国"}).person_id
    people.add_person(office, SYSTEM, {"name_zh": "铁辉"})
    duties.give_duty(office, SYSTEM, ma, "leader", "patch:A", "2026-08-01")
    create_user(office, SYSTEM, "ye", "supervisor", PASSWORD)
    office.database.close()
    with serving(settings) as site:
        yield site


@pytest.mark.parametrize("width", [1440, 390])
def test_the_tree_is_searched_and_walked_with_keys(demo: Site, browser: "Browser", width: int) -> None:
    with opened(browser, width=width) as page:
        watch = Watch(page, demo.url)
        page.goto(f"{demo.url}/areas")
        page.get_by_role("navigation", name="片区的各个页面").get_by_role("link", name="责任").click()
        assert page.locator("[data-tree] li:visible").count() == 11  # the district and its ten sub-districts
        page.get_by_role("button", name="全部展开").click()
        assert page.locator("[data-tree] li:visible").count() == 71
        page.get_by_role("button", name="全部收起").click()
        assert page.locator("[data-tree] li:visible").count() == 1
        page.fill("[data-tree] input[type=search]", "马建国")
        page.wait_for_selector(".told:not(:empty)")
        assert page.locator(".told").inner_text() == "符合的有 1 个区域"
        assert [t.strip() for t in page.locator("[data-tree] li:visible > .ar .nm").all_inner_texts()] == [
            "城东区", "大众街街道", "树林巷",
        ]  # fmt: skip
        page.fill("[data-tree] input[type=search]", "")
        page.wait_for_selector(".told:empty", state="attached")
        page.locator("[data-tree] .nm a").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.textContent") == "东关大街街道"
        page.keyboard.press("ArrowLeft")
        assert page.evaluate("document.activeElement.textContent") == "城东区"
        lacks = page.get_by_role("region", name="没有领导的片区")
        assert "东川工业园" in lacks.inner_text()
        idle = page.get_by_role("region", name="没有片区的领导").inner_text()
        assert "何立新" in idle
        assert "先进村 10月1日 起" in idle
        assert page.evaluate("document.querySelector('.page').scrollWidth <= innerWidth")
        assert watch.faults() == []


def _open_in(site: Site, code: str) -> int:
    """Open findings of an area: other journeys in the same city add some."""
    return area_page(site.office, SYSTEM, code).card.open


@pytest.mark.parametrize("width", [1440, 390])
def test_a_leaders_card(demo: Site, browser: "Browser", width: int) -> None:
    with opened(browser, width=width) as page:
        watch = Watch(page, demo.url)
        page.goto(f"{demo.url}/areas/630102003009")
        page.locator(".kpis").get_by_role("link", name="马建国").click()
        assert page.locator("h1").inner_text() == "马建国"
        theirs = page.get_by_role("region", name="负责的区域").inner_text()
        assert "树林巷" in theirs
        assert "2024年6月23日 起" in theirs
        figures = page.locator(".figs").inner_text()
        assert re.search(r"未结\n(\d+)", figures)[1] == str(_open_in(demo, "630102003009"))  # type: ignore[index]
        assert "%" in figures
        assert page.get_by_role("region", name="超期，先办这些").get_by_role("link").count() >= 2
        assert page.get_by_role("region", name="一起负责的人").get_by_role("link", name="赵建国").is_visible()
        printed = page.evaluate(
            "() => { let n = 0; window.print = () => { n += 1 };"
            " document.querySelector('[data-print]').click(); return n }"
        )
        assert printed == 1
        page.emulate_media(media="print")
        assert not page.locator(".top").is_visible()
        assert page.locator("h1").is_visible()
        assert watch.faults() == []


def test_a_leader_is_given_from_a_later_day(small: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        watch = Watch(page, small.url)
        small.sign_in(page, "ye", PASSWORD)
        page.goto(f"{small.url}/areas/A")
        page.get_by_role("link", name="修改", exact=True).click()
        assert "新的一开始他就结束" in page.content()
        page.select_option("#f-person", label="铁辉")
        page.fill("#f-day", "2026-10-01")
        page.get_by_role("button", name="安排职责").click()
        held = page.get_by_role("region", name="人员").inner_text()
        assert "到 9月30日" in held
        assert "10月1日 起" in held
        page.select_option("#f-person", label="铁辉")
        page.get_by_role("button", name="安排职责").click()
        assert page.locator("#f-person-more").inner_text() == "此人在这个区域已有这项职责"
        page.goto(f"{small.url}/areas/responsibility")
        idle = page.get_by_role("region", name="没有片区的领导").inner_text()
        assert "铁辉" in idle
        assert watch.faults() == []
