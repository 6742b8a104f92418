"""Redrawing borders in a browser: shared and locked corners, faults, tools, two people, publishing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from casework.demo import load_demo
from casework.office import Office
from db import schema
from db.models import Finding
from settings import ROOT, Settings
from tests.conftest import lacking
from tests.journeys.drawing import Desk, Place, desk
from tests.journeys.site import Site, opened, serving
from tests.journeys.test_accessibility import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NORTH, SOUTH = "学院", "康宁"  # neighbours in one sub-district
ONE, OTHER = "德令哈", "康西"
ELSEWHERE = "杨家巷"  # in another sub-district than 德令哈


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo city of this file's own: what is published here moves findings."""
    if not (ROOT / "web" / "static" / "vendor" / "geoman" / "leaflet-geoman.js").is_file():
        lacking("browser", "the front-end libraries are not there: make vendor")
    settings = Settings(
        instance=tmp_path_factory.mktemp("drawing"),
        now=datetime(2026, 9, 2, 2, 24, tzinfo=UTC),
        public_map=None,
    )
    office = Office.open(settings)
    schema.upgrade(office.database)
    load_demo(office, date(2026, 9, 2))
    office.database.close()
    with serving(settings) as site:
        yield site


@pytest.fixture
def at_work(city: Site, browser: "Browser") -> Iterator[Desk]:
    """The supervisor with a new draft over the patches."""
    with desk(city, browser) as someone:
        someone.begin("patch")
        yield someone
        assert someone.watch.faults() == []


def inner(line: list[Place]) -> Place:
    """A corner of a border that is neither of its ends."""
    return line[len(line) // 2]


def moved(
    at_work: Desk, first: str, second: str, dx: float = 30, dy: float = 24
) -> tuple[Place, list[Place]]:
    """Drag a corner of a border; the corner as it was, and the border as it is then."""
    line = at_work.border(first, second)
    at_work.drag(inner(line), dx, dy)
    at_work.saved()
    return inner(line), at_work.page.evaluate("() => BP.page.selection.lines().flat()")


def faults(at_work: Desk) -> list[str]:
    """What the page says is wrong with the borders; patches without a leader are another matter."""
    kinds: list[str] = at_work.page.evaluate("() => BP.page.problems.problems.map((one) => one.kind)")
    return [kind for kind in kinds if kind != "no_leader"]


def test_a_shared_corner_moves_in_both_and_leaves_no_gap(at_work: Desk) -> None:
    before, after = moved(at_work, NORTH, SOUTH)
    first, second = at_work.shape(at_work.key(NORTH)), at_work.shape(at_work.key(SOUTH))
    assert before not in first
    assert before not in second
    new = [tuple(place) for place in after if tuple(place) in first]
    fresh = set(first) & set(second) - {before}
    assert len(new) == len(after), "the border is in the first area, number for number"
    assert {tuple(place) for place in after} <= fresh, "and in the second one"
    assert faults(at_work) == []


def test_a_corner_of_the_parent_stays_and_says_why(at_work: Desk) -> None:
    line = at_work.border(ONE, ELSEWHERE)
    locked = at_work.page.locator(".marker-icon.is-locked")
    assert locked.count() == len(line)
    assert "街道" in (locked.nth(2).get_attribute("aria-label") or "")
    at_work.drag(inner(line), 40, 30)
    at_work.page.wait_for_selector(".toast")
    assert at_work.steps() == 0
    assert inner(line) in at_work.shape(at_work.key(ONE))


def test_with_the_sub_districts_in_the_draft_all_levels_move(city: Site, browser: "Browser") -> None:
    with desk(city, browser) as someone:
        someone.begin("street", "patch")
        before, _ = moved(someone, ONE, ELSEWHERE, 18, 12)
        data = someone.data()
        having = [
            area["level"]
            for area in data["areas"]
            if [*before] in [list(p) for p in _corners(area["geometry"])]
        ]
        assert having == [], "nobody kept the old corner"
        changed = {area["level"] for area in data["areas"] if area["changed"]}
        assert changed == {"street", "patch"}
        assert someone.page.evaluate("() => BP.page.problems.blocking") == 0


def _corners(geometry: dict[str, Any]) -> list[list[float]]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [place for rings in polygons for ring in rings for place in ring]


def test_a_new_corner_and_a_deleted_one_are_in_both(at_work: Desk) -> None:
    at_work.border(NORTH, SOUTH)
    page = at_work.page
    corners = len(at_work.shape(at_work.key(NORTH)))
    middle = page.locator(".marker-icon-middle:visible").first.bounding_box()
    assert middle
    page.mouse.click(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)
    at_work.saved()
    assert [len(at_work.shape(at_work.key(name))) for name in (NORTH,)] == [corners + 1]
    assert page.evaluate("() => document.activeElement.classList.contains('marker-icon')"), (
        "the new one is active"
    )
    page.keyboard.press("Delete")
    at_work.saved()
    assert len(at_work.shape(at_work.key(NORTH))) == corners
    assert at_work.data()["areas"]
    assert not [area["key"] for area in at_work.data()["areas"] if area["changed"]], "as in force again"


def test_keys_move_undo_and_redo(at_work: Desk) -> None:
    line = at_work.border(NORTH, SOUTH)
    page = at_work.page
    page.locator(".leaflet-container").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.classList.contains('is-active')")
    before = page.evaluate("() => JSON.stringify(BP.page.selection.lines())")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    assert at_work.steps() == 1, "a key held down is one step"
    after = page.evaluate("() => JSON.stringify(BP.page.selection.lines())")
    assert after != before
    page.keyboard.press("Control+z")
    assert page.evaluate("() => JSON.stringify(BP.page.selection.lines())") == before
    page.keyboard.press("Control+Shift+z")
    assert page.evaluate("() => JSON.stringify(BP.page.selection.lines())") == after
    page.locator("#tools button[aria-label^='撤销'], #tools button[aria-label^='Undo']").click()
    at_work.saved()
    assert set(line) <= set(at_work.shape(at_work.key(NORTH)))
    page.keyboard.press("Escape")
    assert page.evaluate("() => BP.page.selection.keys.length") == 0


def test_a_border_over_itself_is_taken_back_and_says_why(at_work: Desk) -> None:
    line = at_work.border(NORTH, SOUTH)
    place = inner(line)
    box = at_work.page.evaluate("(key) => BP.page.view.boxOf(key)", at_work.key(NORTH))
    at_work.go(box)
    far = at_work.at((box[0] - 0.002, box[3] + 0.002))
    x, y = at_work.at(place)
    at_work.drag(place, far[0] - x, far[1] - y)
    at_work.page.wait_for_selector(".toast")
    assert "交叉" in at_work.page.locator(".toast").inner_text()
    assert at_work.steps() == 0
    assert place in at_work.shape(at_work.key(NORTH))


def planted(at_work: Desk, name: str, towards: str, share: float) -> str:
    """Move a corner of one area alone,
    towards or away from another: an overlap (share > 0) or a gap (share < 0)."""
    line = at_work.border(name, towards)
    place = inner(line)
    lon, lat = at_work.page.evaluate(
        "(key) => { const [w, s, e, n] = BP.page.view.boxOf(key); return [(w + e) / 2, (s + n) / 2] }",
        at_work.key(towards),
    )
    to = (round(place[0] + (lon - place[0]) * share, 7), round(place[1] + (lat - place[1]) * share, 7))
    key = at_work.key(name)
    ring = [list(to if corner == place else corner) for corner in at_work.shape(key)]
    at_work.put([{"key": key, "geometry": {"type": "Polygon", "coordinates": [ring]}}])
    return key


@pytest.mark.parametrize(("share", "kind", "word"), [(-0.1, "gap", "缝隙"), (0.1, "overlap", "重叠")])
def test_a_planted_fault_is_found_shown_and_mended_when_accepted(
    at_work: Desk, share: float, kind: str, word: str
) -> None:
    page = at_work.page
    planted(at_work, NORTH, SOUTH, share)
    at_work.open(page.url)
    page.wait_for_function("() => BP.page.problems.blocking > 0")
    assert faults(at_work) == [kind]
    row = page.locator("#problems .prob").first
    flag = page.locator(".flag.blocking")
    assert word in row.inner_text()
    assert "m²" in row.locator("b").inner_text()
    assert row.locator(".k").inner_text() == flag.locator("b").inner_text() == "1"
    assert page.locator("#publish").is_disabled()
    assert "1" in page.locator("#publish").inner_text()
    zoom = page.evaluate("() => BP.map.getZoom()")
    row.locator(".btn-quiet").click()
    page.wait_for_function("(zoom) => BP.map.getZoom() > zoom", arg=zoom)
    before = at_work.data()["draft"]["revision"]
    row.locator(".btn-primary").click()
    page.wait_for_selector("#proposal:not([hidden])")
    assert at_work.data()["draft"]["revision"] == before, "a proposal changes nothing"
    page.locator("#proposal .btn-default").click()
    assert page.locator("#proposal").is_hidden()
    row.locator(".btn-primary").click()
    page.locator("#proposal .btn-primary").click()
    page.wait_for_function("() => BP.page.problems.blocking === 0")
    at_work.saved()
    assert faults(at_work) == []
    assert at_work.data()["draft"]["revision"] > before


def test_a_split_makes_two_that_fit(at_work: Desk) -> None:
    page = at_work.page
    key = at_work.area(OTHER)
    box = page.evaluate("(key) => BP.page.view.boxOf(key)", key)
    size = page.evaluate("(key) => BP.page.coverage.size_m2(BP.page.coverage.get(key))", key)
    middle = (box[1] + box[3]) / 2
    page.keyboard.press("s")
    ends = [at_work.at((box[0] - 0.0006, middle)), at_work.at((box[2] + 0.0006, middle + 0.0004))]
    page.mouse.move(*ends[0])
    page.mouse.click(*ends[0])
    page.mouse.move(*ends[1], steps=3)
    page.mouse.dblclick(*ends[1])
    page.wait_for_function("() => BP.page.coverage.get('n1')")
    at_work.saved()
    sizes = page.evaluate(
        "(keys) => keys.map((key) => BP.page.coverage.size_m2(BP.page.coverage.get(key)))", [key, "n1"]
    )
    assert sum(sizes) == pytest.approx(size, rel=1e-6)
    assert page.evaluate("() => BP.page.problems.blocking") == 0
    form = page.locator("#properties form")
    assert form.is_visible(), "a new area is asked for its names"
    form.locator("[name=name_zh]").fill("")
    form.locator("[name=name_en]").fill("")
    form.locator("[name=name_en]").blur()
    assert form.locator("[name=name_zh]").get_attribute("aria-invalid") == "true"
    form.locator("[name=name_zh]").fill("康西南")
    form.locator("[name=name_zh]").blur()
    at_work.saved()
    new = next(area for area in at_work.data()["areas"] if area["key"] == "n1")
    assert new["name_zh"] == "康西南"
    assert new["parent"]


def test_a_merger_takes_the_neighbour_in(at_work: Desk) -> None:
    page = at_work.page
    first, gone = at_work.area(NORTH), at_work.key(SOUTH)
    page.keyboard.press("m")
    rect = page.locator(".leaflet-container").bounding_box()
    assert rect
    page.evaluate(
        "(key) => { const b = BP.page.view.boxOf(key); BP.map.setView([(b[1] + b[3]) / 2, "
        "(b[0] + b[2]) / 2], 14, {animate: false}); }",
        gone,
    )
    inside = page.evaluate(
        "(key) => { const { at } = BP.page.view.scene.byCode.get(key); "
        "const f = BP.page.view.scene.frame.now(); "
        "const c = BP.map.layerPointToContainerPoint([at.x * f.k + f.x, at.y * f.k + f.y]); return [c.x, "
        "c.y] }",
        gone,
    )
    page.mouse.click(rect["x"] + inside[0], rect["y"] + inside[1])
    page.wait_for_function("(key) => BP.page.coverage.get(key).removed", arg=gone)
    at_work.saved()
    areas = {area["key"]: area for area in at_work.data()["areas"]}
    assert areas[gone]["removed"]
    assert areas[first]["changed"]
    page.keyboard.press("Control+z")
    at_work.saved()
    assert not [area for area in at_work.data()["areas"] if area["changed"] or area["removed"]]


def test_a_hole_is_cut_and_its_ground_is_missed(at_work: Desk) -> None:
    page = at_work.page
    key = at_work.area(OTHER)
    lon, lat = page.evaluate(
        "async (key) => (await import('/static/js/editor/scene.js')).labelPlace(BP.page.coverage.get(key))",
        key,
    )
    page.keyboard.press("h")
    corners = [
        at_work.at((lon + dx, lat + dy))
        for dx, dy in ((-3e-4, -2e-4), (3e-4, -2e-4), (3e-4, 2e-4), (-3e-4, 2e-4))
    ]
    for corner in corners[:-1]:
        page.mouse.move(*corner)
        page.mouse.click(*corner)
    page.mouse.move(*corners[-1])
    page.mouse.dblclick(*corners[-1])
    page.wait_for_function("(key) => BP.page.coverage.get(key).parts[0].length === 2", arg=key)
    at_work.saved()
    assert page.evaluate("() => BP.page.problems.problems.filter((one) => one.kind === 'gap').length") == 1


def test_a_drawn_area_fills_up_to_its_neighbours(at_work: Desk) -> None:
    """A patch is removed, and drawn anew roughly: the tool leaves no slivers between the line and the neighbours."""
    page = at_work.page
    key = at_work.area(OTHER)
    box = page.evaluate("(key) => BP.page.view.boxOf(key)", key)
    ring = at_work.shape(key)
    page.locator("#properties summary").click()
    page.locator("#properties .btn-danger-quiet").click()
    at_work.saved()
    page.wait_for_function("() => BP.page.problems.problems.some((one) => one.kind === 'gap')")
    at_work.go(box)
    page.keyboard.press("n")
    page.locator("#tools .snap").click()  # a rough hand: nothing snaps
    step = max(len(ring) // 14, 1)
    for place in ring[:-1:step]:
        x, y = at_work.at(place)
        page.mouse.move(x + 1, y - 1)
        page.mouse.click(x + 1, y - 1)
    page.keyboard.press("Enter")
    page.wait_for_function("() => BP.page.coverage.get('n1')")
    at_work.saved()
    left = page.evaluate(
        "() => BP.page.problems.problems.filter((one) => one.kind === 'sliver' || one.kind === 'overlap').length"
    )
    assert left == 0


def numbers(site: Site) -> dict[str, tuple[int | None, int | None]]:
    """Patch and bureau of every open finding, from the database."""
    with site.office.database.read() as session:
        rows = session.execute(
            select(Finding.number, Finding.area_id, Finding.bureau_id).where(Finding.closed_at.is_(None))
        )
        return {row.number: (row.area_id, row.bureau_id) for row in rows}


def test_the_preview_says_what_publishing_then_does(at_work: Desk, city: Site) -> None:
    page = at_work.page
    line = at_work.border("凯旋", "共和路")
    west, south, east, north = page.evaluate("(key) => BP.page.view.boxOf(key)", at_work.key("共和路"))
    for lon, lat in line[1:-1]:
        to = [
            round(lon + 0.2 * ((west + east) / 2 - lon), 7),
            round(lat + 0.2 * ((south + north) / 2 - lat), 7),
        ]
        page.evaluate("([from, to]) => BP.page.edits.drop(from, to)", [[lon, lat], to])
    preview = at_work.previewed()
    assert preview["area_changes"] > 0, "the line passes findings"
    shown = page.locator("#preview [data-figure=area] b").inner_text()
    assert shown == str(preview["area_changes"])
    assert page.locator("#preview .moved .item").count() == len(preview["findings"])
    before = numbers(city)
    page.locator("#publish").click()
    dialog = page.locator("dialog[open]")
    assert str(preview["area_changes"]) in dialog.locator(".effects").inner_text()
    dialog.locator("button[type=submit]").click()
    assert dialog.locator(".err").first.is_visible(), "it asks why"
    dialog.locator("textarea").fill("沿东关大街重划")
    dialog.locator("button[type=submit]").click()
    page.wait_for_selector("dialog[open] a.btn-primary")
    after = numbers(city)
    assert sum(before[one][0] != after[one][0] for one in before) == preview["area_changes"]
    assert sum(before[one][1] != after[one][1] for one in before) == preview["bureau_changes"]
    told = {row["number"] for row in preview["findings"]}
    assert told == {one for one in before if before[one] != after[one]}
    assert page.locator("dialog[open] a.btn-primary").get_attribute("href")


def test_two_people_lose_nothing(city: Site, browser: "Browser") -> None:
    with desk(city, browser, "admin") as first, desk(city, browser) as second:
        address = first.begin("patch", title="两个人一起改")
        first.share()
        second.open(address)
        moved(first, NORTH, SOUTH)
        line = second.border(ONE, OTHER)
        second.drag(inner(line), 8, 6)
        second.page.wait_for_selector("dialog[open]")
        words = second.page.locator("dialog[open]").inner_text()
        assert NORTH in words, "what the other one changed"
        assert ONE in words, "what I changed"
        second.page.locator("[data-choice=both]").click()
        second.saved()
        changed = {area["name_zh"] for area in second.data()["areas"] if area["changed"]}
        assert changed == {NORTH, SOUTH, ONE, OTHER}

        # The first one, whose page is behind now, keeps what is drawn as a draft of its own.
        line = first.border(ONE, OTHER)
        first.drag(inner(line), 6, -7)
        first.page.wait_for_selector("dialog[open]")
        assert first.page.locator("[data-choice=both]").count() == 0, "both changed the same areas"
        first.page.locator("[data-choice=own]").click()
        first.page.wait_for_url(
            lambda url: url.startswith(f"{city.url}/areas/drafts/") and not url.startswith(address)
        )
        first.page.wait_for_function("() => window.BP?.page?.tools")
        first.saved()
        own = {area["name_zh"] for area in first.data()["areas"] if area["changed"]}
        assert {NORTH, ONE} <= own
        assert first.watch.faults() == []


def test_a_map_that_moved_on_is_taken_in_before_publishing(city: Site, browser: "Browser") -> None:
    with desk(city, browser) as slow, desk(city, browser, "admin") as quick:
        slow.begin("patch", title="慢")
        moved(slow, "康东", "康南", 10, 8)
        quick.begin("patch", title="快")
        moved(quick, "学院", "康宁", -16, 10)
        quick.previewed()
        publish(quick, "先发布")
        slow.page.reload()
        slow.page.wait_for_selector(".banner.stale")
        assert slow.page.locator("#publish").is_disabled()
        slow.page.locator(".banner.stale .btn-primary").click()
        slow.page.wait_for_function("() => !document.querySelector('.banner.stale')")
        slow.previewed()
        publish(slow, "后发布")


def publish(someone: Desk, why: str) -> None:
    """Publish a draft that has no problems."""
    someone.page.wait_for_function("() => !document.querySelector('#publish').disabled")
    someone.page.locator("#publish").click()
    someone.page.locator("dialog[open] textarea").fill(why)
    someone.page.locator("dialog[open] button[type=submit]").click()
    someone.page.wait_for_selector("dialog[open] a.btn-primary")


def test_the_leader_comments_on_a_shared_draft_and_draws_nothing(city: Site, browser: "Browser") -> None:
    with desk(city, browser) as author, desk(city, browser, "leader") as leader:
        address = author.begin("patch", title="请看南边")
        leader.page.goto(address)
        assert "404" in leader.page.content() or leader.page.locator("#tools").count() == 0, "not shared yet"
        author.share()
        leader.open(address)
        tools = leader.page.locator("#tools button").evaluate_all("all => all.map((one) => one.dataset.tool)")
        assert tools == ["select", "comment"]
        assert leader.page.locator("#publish").is_hidden()
        leader.page.keyboard.press("c")
        box = leader.page.locator(".leaflet-container").bounding_box()
        assert box
        leader.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        leader.page.locator("#comment-text").fill("<b>这里</b> 归德令哈更好")
        leader.page.locator(".comment-form button[type=submit]").click()
        leader.page.wait_for_selector(".comments li")
        author.page.reload()
        author.page.wait_for_selector(".comments li")
        assert author.page.locator(".comments .said").inner_text() == "<b>这里</b> 归德令哈更好"
        assert author.page.locator(".flag.comment").count() == 1
        author.page.locator(".comments .btn", has_text="处理").click()
        author.page.wait_for_selector(".comments li.done")
        assert author.page.locator(".flag.comment").count() == 0
        assert leader.watch.faults() + author.watch.faults() == []


def test_nothing_is_lost_when_the_server_is_gone_and_the_page_is_closed(
    city: Site, browser: "Browser"
) -> None:
    with desk(city, browser) as someone:
        address = someone.begin("patch")
        page = someone.page
        context = page.context
        context.set_offline(True)
        line = someone.border(NORTH, SOUTH)
        someone.drag(inner(line), 20, 16)
        page.wait_for_function("() => BP.page.outcome.state.kind === 'kept'")
        assert page.locator("[data-state]").evaluate("one => one.classList.contains('t-over')")
        assert not [area for area in someone.data()["areas"] if area["changed"]], "the server has nothing yet"
        page.close()
        context.set_offline(False)
        again = context.new_page()
        later = Desk(again, city, someone.watch)
        later.open(address)
        later.saved()
        changed = {area["name_zh"] for area in later.data()["areas"] if area["changed"]}
        assert changed == {NORTH, SOUTH}


def test_steps_of_an_earlier_visit_are_not_laid_over_somebody_elses(city: Site, browser: "Browser") -> None:
    with desk(city, browser) as slow, desk(city, browser, "admin") as quick:
        address = slow.begin("patch", title="断网的人")
        slow.share()
        page = slow.page
        context = page.context
        context.set_offline(True)
        slow.drag(inner(slow.border(ONE, OTHER)), 8, 6)
        page.wait_for_function("() => BP.page.outcome.state.kind === 'kept'")
        page.close()
        quick.open(address)
        moved(quick, NORTH, SOUTH)
        context.set_offline(False)
        again = Desk(context.new_page(), city, slow.watch)
        again.open(address)
        again.page.wait_for_selector("dialog[open]")
        assert again.page.locator("[data-choice=both]").count() == 0, "nobody knows what changed meanwhile"
        again.page.locator("[data-choice=own]").click()
        again.page.wait_for_url(lambda url: "/areas/drafts/" in url and not url.startswith(address))
        again.page.wait_for_function("() => window.BP?.page?.tools")
        again.saved()
        own = {area["name_zh"] for area in again.data()["areas"] if area["changed"]}
        assert {ONE, OTHER} <= own
        theirs = {area["name_zh"] for area in quick.data()["areas"] if area["changed"]}
        assert theirs == {NORTH, SOUTH}


def test_a_page_that_is_closed_at_once_is_heard(city: Site, browser: "Browser") -> None:
    with desk(city, browser) as someone:
        address = someone.begin("patch")
        someone.drag(inner(someone.border(NORTH, SOUTH)), 20, 16)
        context = someone.page.context
        someone.page.close()
        later = Desk(context.new_page(), city, someone.watch)
        later.open(address)
        later.saved()
        assert later.page.locator("dialog[open]").count() == 0, "one's own step is no conflict"
        changed = {area["name_zh"] for area in later.data()["areas"] if area["changed"]}
        assert changed == {NORTH, SOUTH}


def test_saving_goes_on_by_itself_when_the_server_is_back(at_work: Desk) -> None:
    page = at_work.page
    page.route("**/shapes", lambda route: route.abort())
    line = at_work.border(NORTH, SOUTH)
    at_work.drag(inner(line), 14, 10)
    page.wait_for_function("() => BP.page.outcome.state.kind === 'kept'")
    page.unroute("**/shapes")
    at_work.saved()
    assert len([area for area in at_work.data()["areas"] if area["changed"]]) == 2


def test_the_ways_into_drawing(city: Site, browser: "Browser") -> None:
    with desk(city, browser) as someone:
        someone.page.goto(f"{city.url}/areas/630102003011")
        someone.page.locator(".redraw button").click()
        someone.page.wait_for_function("() => window.BP?.page?.tools")
        assert someone.page.locator("#title").inner_text() == ONE
        here = someone.page.url.partition("?")[0]
        someone.page.goto(f"{city.url}/areas")
        someone.page.locator(".redraw button").click()
        someone.page.wait_for_function("() => window.BP?.page?.tools")
        assert someone.page.url.partition("?")[0] == here, "the open draft goes on"
    with opened(browser) as page:
        city.sign_in(page, "leader")
        page.goto(f"{city.url}/areas")
        assert page.locator(".redraw").count() == 0


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    city: Site, browser: "Browser", width: int, theme: str, lang: str
) -> None:
    with desk(city, browser, width=width, lang=lang, color_scheme=theme) as someone:
        someone.begin("patch", title="看得见")
        planted(someone, NORTH, SOUTH, 0.1)
        someone.open(someone.page.url)
        someone.page.wait_for_function("() => BP.page.problems.problems.length > 0")
        someone.border(ONE, OTHER)
        assert violations(someone.page) == []
        assert someone.page.evaluate("document.documentElement.scrollWidth") <= width
        someone.area("树林巷")
        assert violations(someone.page) == []
        assert someone.watch.faults() == []
