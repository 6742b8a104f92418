"""The canvases of the problem map in Chromium, on a page of their own: drawing, pointing, keys, themes, basemaps."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import lacking

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

HERE = Path(__file__).parent
STATIC = HERE.parent.parent / "web" / "static"
ADDRESS = "http://canvas.test/"
OVER_ORANGE = [0xD5, 0x5E, 0x00]
CHECK_BLUE = [0x56, 0xB4, 0xE9]
TRANSPARENT_TILE = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82"
)

Opener = Callable[..., "Page"]


def _answer(route: "Route") -> None:
    path = route.request.url.removeprefix(ADDRESS).partition("?")[0]
    if path.startswith("tile/"):
        route.fulfill(body=TRANSPARENT_TILE, content_type="image/png")
    elif path.startswith("static/"):
        file = STATIC / path.removeprefix("static/")
        route.fulfill(path=file) if file.is_file() else route.fulfill(status=404)
    else:
        route.fulfill(path=HERE / "map_canvas.html")


@pytest.fixture
def open_map(browser: "Browser") -> Iterator[Opener]:
    """Open the page and start the map; `options` is JavaScript for what differs, `context` for the browser."""
    if not (STATIC / "vendor" / "leaflet" / "leaflet.js").is_file():
        lacking("browser", "the front-end libraries are not there: make vendor")
    contexts = []

    def opener(options: str = "{}", **context: Any) -> "Page":
        made = browser.new_context(**{"viewport": {"width": 1000, "height": 700}, **context})
        contexts.append(made)
        page = made.new_page()
        page.route("**/*", _answer)
        page.goto(ADDRESS)
        page.wait_for_function("() => window.ready")
        page.evaluate(f"async () => {{ start({options}); await frames() }}")
        return page

    yield opener
    for context in contexts:
        context.close()


def module(page: "Page", name: str, expression: str) -> Any:
    """Value of an expression over the exports `m` of one of our modules."""
    return page.evaluate(
        f"async () => {{ const m = await import('/static/js/{name}.js'); return {expression} }}"
    )


def test_symbols_are_drawn_where_the_findings_are(open_map: Opener) -> None:
    page = open_map()
    assert page.evaluate("pixel('symbols', 101.805, 36.605, -4, 3)")[:3] == OVER_ORANGE
    assert page.evaluate("pixel('symbols', 101.795, 36.605)")[:3] == CHECK_BLUE
    assert page.evaluate("pixel('symbols', 101.81, 36.61)") == [0, 0, 0, 0]


def test_the_shade_follows_the_counts(open_map: Opener) -> None:
    page = open_map()
    assert page.evaluate("pixel('base', 101.812, 36.615)")[:3] == [0xBB, 0xAD, 0xCE]
    assert page.evaluate("pixel('base', 101.788, 36.615)")[:3] == [0xEE, 0xEB, 0xF2]
    page.evaluate("async () => { view.setShade('over'); await frames() }")
    assert page.evaluate("pixel('base', 101.812, 36.615)")[:3] == [0xEE, 0xEB, 0xF2]
    page.evaluate("async () => { view.setLayers({shade: false}); await frames() }")
    assert page.evaluate("pixel('base', 101.812, 36.615)")[:3] == [0xF7, 0xF6, 0xF7]


def test_a_click_picks_the_finding_the_donut_or_the_patch(open_map: Opener) -> None:
    page = open_map()
    for place in ("101.805, 36.605", "101.8133, 36.6133", "101.775, 36.6"):
        page.mouse.click(*page.evaluate(f"at({place})"))
    assert page.evaluate("calls") == [["pick", 1], ["area", "ne"], ["area", None]]


def test_a_donut_zooms_to_its_members(open_map: Opener) -> None:
    page = open_map()
    page.mouse.click(*page.evaluate("at(101.805, 36.596)"))
    page.wait_for_function("() => map.getZoom() > 15.4 && !map._animatingZoom")
    assert page.evaluate("calls[0]") == ["cluster", "101.8045,36.5955,101.8055,36.5965", 6]
    assert page.evaluate("map.getBounds().contains([[36.5955, 101.8045], [36.5965, 101.8055]])")


def test_a_finger_needs_not_be_exact(open_map: Opener) -> None:
    page = open_map(
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 700}, device_scale_factor=2
    )
    x, y = page.evaluate("at(101.805, 36.605)")
    page.touchscreen.tap(x + 17, y - 8)
    page.wait_for_function("() => calls.length")
    assert page.evaluate("calls[0]") == ["pick", 1]


def test_hover_shows_words_as_text(open_map: Opener) -> None:
    page = open_map()
    page.mouse.move(*page.evaluate("at(101.805, 36.605)"))
    page.wait_for_selector(".bp-hover.is-on > span")
    assert page.text_content(".bp-hover > span") == "<img src=x onerror=alert(1)> · Overdue"
    assert page.query_selector(".bp-hover img") is None
    page.mouse.move(500, 690)
    assert not page.is_visible(".bp-hover > span")


def test_a_selection_has_ring_callout_and_patch(open_map: Opener) -> None:
    page = open_map()
    before = page.evaluate("map.getCenter().toString()")
    page.evaluate(
        "async () => { view.select({id: 1, lon: 101.805, lat: 36.605, label: '<i>12</i>'}); await frames() }"
    )
    assert page.text_content(".bp-callout") == "<i>12</i>"
    assert page.evaluate("map.getCenter().toString()") == before, "it was in view: nothing moves"
    assert page.evaluate("view.highlights()") == ["ne"]
    accent = [0x0A, 0x66, 0x63]
    ring = page.evaluate("[17, 18, 19, 20, 21].map((dx) => pixel('symbols', 101.805, 36.605, dx, 0))")
    assert accent in [colour[:3] for colour in ring]
    assert page.evaluate("pixel('base', 101.81, 36.62)")[:3] == accent
    page.evaluate("async () => { view.select(null); await frames() }")
    assert not page.is_visible(".bp-callout > span")
    assert page.evaluate("view.highlights()") == []


def test_a_hidden_selection_is_brought_into_view(open_map: Opener) -> None:
    page = open_map(reduced_motion="reduce")
    page.evaluate("view.select({id: 9, lon: 101.9, lat: 36.605})")
    assert page.evaluate("map.getBounds().contains([36.605, 101.9])")


def test_the_known_patch_of_a_finding_counts_more_than_its_place(open_map: Opener) -> None:
    page = open_map()
    page.evaluate("view.select({id: 1, lon: 101.805, lat: 36.605, patch: 'sw'})")
    assert page.evaluate("view.highlights()") == ["sw"]
    page.evaluate("view.select({id: 1, lon: 101.805, lat: 36.605, patch: null}); view.focusArea('nw')")
    assert page.evaluate("view.highlights()") == ["nw"]


def test_no_label_lies_under_a_control_or_a_symbol(open_map: Opener) -> None:
    page = open_map()
    inked = """([x, y, w, h]) => {
        const layer = view.labels, d = layer._density;
        const data = layer._context.getImageData(x * d, y * d, w * d, h * d).data;
        return data.some((value, i) => i % 4 === 3 && value > 0) }"""
    assert page.evaluate(inked, [0, 0, 1000, 700]), "there are labels"
    assert not page.evaluate(inked, [20, 20, 300, 200])
    x, y = page.evaluate("at(101.805, 36.605)")
    assert not page.evaluate(inked, [x - 7, y - 7, 14, 14])
    page.evaluate("async () => { view.setLayers({labels: false, streets: false}); await frames() }")
    page.evaluate("async () => { view.setBackdrop(null); await frames() }")
    assert not page.evaluate(inked, [0, 0, 1000, 700])


def test_the_theme_changes_without_a_reload(open_map: Opener) -> None:
    page = open_map()
    assert page.evaluate("pixel('base', 101.77, 36.59)")[:3] == [0xE8, 0xE7, 0xE2]
    page.evaluate(
        "async () => { document.documentElement.dataset.bsTheme = 'dark'; view.setTheme(); await frames() }"
    )
    assert page.evaluate("pixel('base', 101.77, 36.59)")[:3] == [0x0B, 0x0D, 0x0F]


def test_areas_may_come_later_and_a_backdrop_may_never_come(open_map: Opener) -> None:
    page = open_map("{areas: null, backdrop: null}")
    assert page.evaluate("pixel('base', 101.812, 36.615)")[:3] == [0xE8, 0xE7, 0xE2]
    assert page.evaluate("pixel('symbols', 101.795, 36.605)")[:3] == CHECK_BLUE
    page.evaluate("async () => { view.setAreas(areas); await frames() }")
    assert page.evaluate("pixel('base', 101.812, 36.615)")[:3] == [0xBB, 0xAD, 0xCE]
    assert page.evaluate("pixel('base', 101.77, 36.59)")[:3] == [0xE8, 0xE7, 0xE2]


def test_the_keyboard_moves_the_map(open_map: Opener) -> None:
    page = open_map(reduced_motion="reduce")
    page.focus("#map")
    longitude, zoom = page.evaluate("[map.getCenter().lng, map.getZoom()]")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => map.getCenter().lng > {longitude}")
    page.keyboard.press("+")
    page.wait_for_function(f"() => map.getZoom() > {zoom}")
    assert page.get_attribute("#map", "aria-label")


def test_gcj02_is_exact_both_ways(open_map: Opener) -> None:
    page = open_map()
    assert module(page, "map/gcj02", "m.toGcj02(116.404, 39.915)") == pytest.approx(
        [116.410245, 39.916404], abs=1e-6
    )
    assert module(page, "map/gcj02", "m.toGcj02(-122.4, 37.8)") == [-122.4, 37.8]
    worst = module(
        page,
        "map/gcj02",
        """Math.max(...Array.from({length: 2000}, (_, i) => {
            const [lon, lat] = [74 + (i * 0.618) % 1 * 60, 4 + (i * 0.414) % 1 * 50];
            const [x, y] = m.fromGcj02(...m.toGcj02(lon, lat));
            return Math.max(Math.abs(x - lon), Math.abs(y - lat)) }))""",
    )
    assert worst < 1e-12


def test_a_gcj02_basemap_is_shown_in_place(open_map: Opener) -> None:
    page = open_map()
    centre = page.evaluate("[map.getCenter().lat, map.getCenter().lng, map.getZoom()]")
    with page.expect_request("**/tile/**"):
        page.evaluate("view.setBasemap('tiles')")
    page.evaluate("frames()")
    assert page.evaluate("[map.getCenter().lat, map.getCenter().lng, map.getZoom()]") == pytest.approx(centre)
    shift = module(
        page,
        "map/gcj02",
        """(() => { const [lon, lat] = m.toGcj02(101.805, 36.605);
            const tile = L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lon), map.getZoom());
            return map.project([36.605, 101.805]).distanceTo(tile) })()""",
    )
    assert shift < 0.01
    assert page.text_content(".bp-credit") == "<b>Maps & more</b>"
    alpha = page.evaluate("pixel('base', 101.812, 36.615)")[3]
    assert alpha == pytest.approx(0.35 * 255, abs=2), "the shade lets the tiles through"
    assert page.evaluate("pixel('base', 101.77, 36.59)")[3] == 0, "no schematic ground over tiles"
    page.evaluate("async () => { view.setBasemap('none'); await frames() }")
    assert page.evaluate("map.options.crs.code") == "EPSG:3857"
    assert page.evaluate("pixel('base', 101.812, 36.615)")[3] == 255


@pytest.mark.parametrize(
    ("counts", "bins"),
    [
        ([], [0, 3, 6, 10]),
        ([1, 2, 40], [0, 3, 6, 10]),
        ([41, 41, 41], [0, 40, 41, 42]),
        ([10, 100, 1000, 10_000], [0, 10, 100, 1000]),
    ],
)
def test_shade_bins(open_map: Opener, counts: list[int], bins: list[int]) -> None:
    assert module(open_map(), "map/bins", f"m.shadeBins({json.dumps(counts)})") == bins


def test_shade_words(open_map: Opener) -> None:
    page = open_map()
    assert module(page, "map/bins", "m.binLabels([0, 3, 6, 10])") == ["0", "1–3", "4–6", "7–10", "11+"]
    assert module(page, "map/bins", "[0, 1, 3, 4, 10, 11].map((n) => m.binOf(n, [0, 3, 6, 10]))") == [
        0,
        1,
        1,
        2,
        3,
        4,
    ]


def test_many_findings_change_the_bins(open_map: Opener) -> None:
    page = open_map()
    page.evaluate(
        "view.setView({points: [], clusters: [], shade: {ne: [900, 1], nw: [200, 0], sw: [50, 0]}})"
    )
    assert page.evaluate("calls.at(-1)[0]") == "bins"


def test_each_border_is_drawn_once(open_map: Opener) -> None:
    lines = module(
        open_map(), "map/mesh", "m.mesh(areas.areas.filter((a) => a.level === 'patch').map((a) => a.g[0][0]))"
    )
    edges = [frozenset((tuple(a), tuple(b))) for line in lines for a, b in pairwise(line)]
    assert len(edges) == len(set(edges)) == 12


def test_crowded_donuts_are_joined(open_map: Opener) -> None:
    joined = module(
        open_map(),
        "map/merge",
        """m.mergeDonuts([[0, 6, 'over'], [10, 4, 'prog'], [300, 9, 'prog']].map(([x, n, key]) => ({
            n, mix: {[key]: n}, radius: 17, at: L.point(x, 0), bounds: L.latLngBounds([0, x], [1, x + 1])})))
            .map(({n, mix, at, bounds}) => [n, mix, at.x, bounds.getEast()])""",
    )
    assert joined == [[10, {"over": 6, "prog": 4}, 4, 11], [9, {"prog": 9}, 300, 301]]


def test_symbols_in_html_have_shape_and_word(open_map: Opener) -> None:
    page = open_map()
    shapes = module(page, "symbols", "m.ORDER.map((key) => m.sym(key).innerHTML)")
    assert len(set(shapes)) == 7
    assert module(page, "symbols", "m.tag('over').outerHTML").startswith(
        '<span class="tag tag-over"><svg class="sym"'
    )
    assert module(page, "symbols", "m.tag('over').textContent") == "Overdue"
    labels = "[9999, 12_345, 1_200_000].flatMap((n) => [m.countLabel(n), m.countLabel(n, 'zh')])"
    assert module(page, "symbols", labels) == ["9999", "9999", "12k", "1.2万", "1.2M", "120万"]


def test_scale_bar(open_map: Opener) -> None:
    page = open_map()
    assert module(page, "map/scale", "m.scaleBar(3)") == {"length_m": 300, "width_px": 100, "text": "300 m"}
    assert module(page, "map/scale", "m.scaleBar(40).text") == "3 km"
    assert module(page, "map/scale", "m.addScale(map).textContent").endswith(" m")


def test_the_position_says_why_it_is_off(open_map: Opener) -> None:
    message = module(
        open_map(),
        "map/locate",
        "await new Promise((said) => m.createLocator(map, {onMessage: said}).locate())",
    )
    assert message == "The position works only over HTTPS"
