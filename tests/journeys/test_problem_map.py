"""What people do on the problem map, in Chinese and English, at a desk and on a phone."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.journeys.site import Site, Watch, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MARKET = "小杨超市"
WORDS = {
    "zh": {"title": "问题地图", "over": "超期", "in_view": r"视野内 (\d+) 件", "bureau": "城市管理局"},
    "en": {
        "title": "Problem map",
        "over": "Overdue",
        "in_view": r"(\d+) in view",
        "bureau": "Urban Management",
    },
}
SIZES = (1440, 390)


def _ready(page: "Page") -> None:
    page.wait_for_selector("#list-pane .item")


def _in_view(page: "Page", lang: str) -> int:
    found = re.search(WORDS[lang]["in_view"], page.locator("#list-pane h2").inner_text())
    assert found, page.locator("#list-pane h2").inner_text()
    return int(found[1])


def _chip_count(page: "Page", key: str) -> int:
    return int(page.locator(f"[data-s={key}] .n:visible, [data-key={key}] .n:visible").first.inner_text())


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_map_opens_full(demo: Site, browser: "Browser", lang: str, width: int) -> None:
    with opened(browser, lang=lang, width=width) as page:
        watch = Watch(page, demo.url)
        page.goto(demo.url)
        _ready(page)
        assert WORDS[lang]["title"] in page.title()
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if lang == "zh" else "en")
        assert _in_view(page, lang) > 100
        assert page.locator(".leaflet-container canvas").count() >= 2
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert watch.faults() == []


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_finding_the_supermarket_and_reading_its_case(
    demo: Site, browser: "Browser", lang: str, width: int
) -> None:
    with opened(browser, lang=lang, width=width) as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, "supervisor")
        page.goto(f"{demo.url}/?q=小杨超市")
        _ready(page)
        page.locator("#list-pane .item").first.click()
        case = page.locator("#case-pane")
        case.wait_for()
        page.wait_for_function(
            "() => document.querySelector('#case-pane .body').innerText.includes('小杨超市')"
        )
        case.locator(".steps li").first.wait_for()  # before that only what the list knew stands there
        text = case.inner_text()
        assert MARKET in text
        assert WORDS[lang]["bureau"] in text
        assert "finding=" in page.url
        assert case.locator(".steps li").count() == 7
        assert case.locator("img").count() >= 1
        page.go_back()
        page.wait_for_function("() => !location.search.includes('finding=')")
        case.wait_for(state="hidden")
        assert watch.faults() == []


def test_filters_count_stand_in_the_address_and_back_takes_them_back(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        page.goto(demo.url)
        _ready(page)
        everything = _in_view(page, "zh")
        over = _chip_count(page, "over")
        page.goto(f"{demo.url}/?status=over")
        _ready(page)
        assert _in_view(page, "zh") == over
        groups = page.locator("#list-pane .grp").all_inner_texts()
        assert len(groups) == 1
        assert WORDS["zh"]["over"] in groups[0]
        page.locator(
            "#bar [data-s=over], #bar [data-key=over]"
        ).first.click()  # off again: nothing chosen is the usual view
        page.wait_for_function("() => !location.search.includes('status=over')")
        page.wait_for_function(
            "n => document.querySelector('#list-pane h2').innerText.includes(n)", arg=str(everything)
        )
        page.go_back()
        page.wait_for_function("() => location.search.includes('status=over')")
        page.wait_for_function(
            "n => document.querySelector('#list-pane h2').innerText.includes(n)", arg=str(over)
        )


def test_a_deep_link_opens_the_case(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        page.goto(f"{demo.url}/?finding=1")
        page.wait_for_function("() => document.querySelector('.case-head')?.innerText.includes('2026-')")
        assert page.locator("#case-pane").is_visible()


def test_a_link_to_no_finding_says_so_and_the_map_stays(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        watch = Watch(page, demo.url)
        page.goto(f"{demo.url}/?finding=987654321")
        _ready(page)
        page.wait_for_function(
            "() => document.body.innerText.includes('987654321') || document.body.innerText.includes('没有')"
        )
        assert watch.faults() == []


def test_an_empty_result_says_why_and_offers_a_way_out(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        page.goto(f"{demo.url}/?q=没有这样的东西")
        page.wait_for_selector("#list-pane .blank .opts button")
        page.locator("#list-pane .blank .opts button").first.click()
        _ready(page)
        assert "q=" not in page.url


def test_the_list_is_the_keyboards_way_to_the_map(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        page.goto(demo.url)
        _ready(page)
        page.locator("#list-pane .item").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.locator("#case-pane").wait_for()
        page.wait_for_function("() => location.search.includes('finding=')")
        page.keyboard.press("Escape")
        page.locator("#case-pane").wait_for(state="hidden")


def test_somebody_not_signed_in_sees_no_history(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        page.goto(f"{demo.url}/?finding=1")
        page.locator("#case-pane .steps").wait_for()
        assert page.locator("#case-pane .hist").count() == 0
        assert page.evaluate("fetch('/map/case/1').then(r => r.json()).then(c => c.restricted)") is True


def test_a_new_report_is_on_the_next_map(demo: Site, browser: "Browser") -> None:
    with opened(browser) as page:
        demo.sign_in(page, "inspector")
        page.goto(demo.url)
        _ready(page)
        status = page.evaluate(
            """async () => {
              const token = document.querySelector('meta[name=csrf-token]')?.content
                ?? document.querySelector('input[name=csrf_token]').value;
              const answer = await fetch('/api/v1/findings', {method: 'POST',
                headers: {'Content-Type': 'application/json', 'X-CSRFToken': token},
                body: JSON.stringify({category: '0102', lon: 101.803, lat: 36.6155, description: '旅程里报的一件'})});
              return answer.status;
            }"""
        )
        assert status == 201
        page.goto(f"{demo.url}/?q=旅程里报的一件")
        _ready(page)
        assert page.locator("#list-pane .item").count() == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_draw_the_map(demo: Site, browser: "Browser", theme: str) -> None:
    with opened(browser, color_scheme=theme) as page:
        page.goto(demo.url)
        _ready(page)
        assert page.locator("html").get_attribute("data-bs-theme") == theme
