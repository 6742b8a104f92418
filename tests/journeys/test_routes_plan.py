"""A plan in a browser: worked out, read, mended, changed by mouse, keys and menu, with a finding and a place added."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from casework.clock import day_of
from casework.map_names import read_names
from casework.office import Office
from casework.policy import SYSTEM
from casework.route_changes import change
from casework.route_picking import walkers
from casework.route_plans import discard, new_plan
from casework.route_problem import load, solve, store
from casework.route_view import plan_data
from db.models import RoutePlan, RouteStop
from tests.journeys.site import Site, Watch, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DAY = "2026-09-03"
MORNING = [8 * 3600 + 1800, 12 * 3600 + 1800]
TIGHT = [8 * 3600 + 1800, 9 * 3600 + 1800]

Make = Callable[..., int]


class Seen:
    """A plan as its page holds it, and as the server does."""

    def __init__(self, page: "Page", office: Office, plan_id: int) -> None:
        self.page, self.office, self.id = page, office, plan_id

    @property
    def data(self) -> dict[str, Any]:
        return plan_data(self.office, SYSTEM, self.id)

    def stop(self, stop_id: int) -> dict[str, Any]:
        return next(stop for stop in self.data["stops"] if stop["id"] == stop_id)

    def round(self, line: int) -> list[int]:
        rounds = self.data["inspectors"][line]["rounds"]
        return list(rounds[0]["stops"]) if rounds else []

    def revision(self) -> int:
        return int(self.data["plan"]["revision"])

    def until(self, revision: int) -> None:
        """Wait until the page shows a later revision than this one, and nothing is on its way."""
        self.page.wait_for_function(
            "(then) => window.BP.page.store.plan.facts.revision > then"
            " && !document.body.classList.contains('is-loading')",
            arg=revision,
        )


@pytest.fixture
def make(demo: Site) -> Iterator[Make]:
    """Make plans in the demo city; they are thrown away afterwards."""
    made: list[int] = []

    def plan(
        people: int = 2, stops: int = 12, shift: list[int] = MORNING, *, solved: bool = True, **more: Any
    ) -> int:
        office = demo.office
        with office.database.read() as session:
            who = walkers(session, read_names(session))[:people]
        asked = {
            "day": DAY, "mode": "bike", "seconds": 1, "filters": {}, "limit": stops,
            "inspectors": [{"user_id": one.user_id, "shift": shift, "breaks": []} for one in who], **more,
        }  # fmt: skip
        plan_id = new_plan(office, SYSTEM, asked)
        made.append(plan_id)
        if solved:
            with office.database.write() as session:
                row = session.get_one(RoutePlan, plan_id)
                problem = load(session, row)
                store(session, row, problem, solve(problem, 0.4))
                row.status = "ready"
        return plan_id

    yield plan
    for plan_id in made:
        discard(demo.office, SYSTEM, plan_id)


def _open(site: Site, page: "Page", plan_id: int, who: str = "supervisor") -> Seen:
    site.sign_in(page, who)
    page.goto(f"{site.url}/routes/{plan_id}")
    page.wait_for_selector("body[data-ready]")
    return Seen(page, site.office, plan_id)


def _middle(page: "Page", selector: str) -> tuple[float, float]:
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_day_is_worked_out_and_a_stop_that_is_not_served_says_why_and_gets_in(
    demo: Site, browser: "Browser", make: Make
) -> None:
    with opened(browser) as page:
        watch = Watch(page, demo.url)
        seen = _open(demo, page, make(2, 14, TIGHT, solved=False))
        assert page.locator(".un-item").count() == 14
        assert page.locator("#send").is_disabled()
        page.locator("#solve").click()
        page.wait_for_selector("#solving:not([hidden]) [data-solving='cancel']")
        page.reload()  # who leaves the page and comes back finds it going on, or done
        page.wait_for_selector("body[data-ready]")
        page.wait_for_selector(".tl-stop", timeout=60_000)
        served = {stop["id"] for stop in seen.data["stops"] if stop["inspector"] is not None}
        assert 0 < len(served) < 14
        assert page.locator(".tl-stop").count() == len(served)
        assert "示意路网" in page.locator("#warnings").inner_text()
        assert page.locator(".price").inner_text().startswith("最忙和最闲的差")

        why = page.locator(".un-item:has(.btn)").first
        stop = int(why.locator(".un-stop").get_attribute("data-stop") or 0)
        assert why.locator(".why").inner_text() != ""
        before = seen.revision()
        why.locator(".btn").click()
        accept = page.locator("#tell [data-accept]:not([disabled])")
        accept.wait_for()
        assert "现在排进" in page.locator("#tell").inner_text()
        assert page.locator(f".tl-stop[data-stop='{stop}']").count() == 1  # shown, not made
        assert seen.stop(stop)["inspector"] is None
        accept.click()
        seen.until(before)
        assert seen.stop(stop)["inspector"] is not None
        before = seen.revision()
        page.locator("#tell [data-undo]").click()
        seen.until(before)
        assert seen.stop(stop)["inspector"] is None
        assert watch.faults() == []


def test_a_stop_is_moved_by_mouse_keys_and_menu_and_stays_where_it_is_locked(
    demo: Site, browser: "Browser", make: Make
) -> None:
    with opened(browser, lang="en") as page:
        watch = Watch(page, demo.url)
        seen = _open(demo, page, make(2, 12))
        first, second = (0, 1) if len(seen.round(0)) >= len(seen.round(1)) else (1, 0)
        stop = seen.round(first)[0]
        lane = f".tl-lane[data-lane='{seen.data['inspectors'][second]['id']}']"
        x, y = _middle(page, f".tl-stop[data-stop='{stop}']")
        box = page.locator(lane).bounding_box()
        assert box is not None
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 12, y + 4, steps=3)
        page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2, steps=4)
        page.wait_for_selector("body.is-trial .rt-tip")  # times move before it is let go
        assert "goes to" in page.locator(".rt-tip").inner_text()
        assert seen.stop(stop)["inspector"] == seen.data["inspectors"][first]["id"]
        before = seen.revision()
        page.mouse.up()
        seen.until(before)
        assert seen.round(second)[-1] == stop
        assert (
            "later" in page.locator("#tell").inner_text() or "earlier" in page.locator("#tell").inner_text()
        )

        block = page.locator(f".tl-stop[data-stop='{stop}']")
        before = seen.revision()
        block.focus()
        block.press("Alt+ArrowLeft")
        seen.until(before)
        assert seen.round(second)[-2] == stop
        page.wait_for_function("(id) => document.activeElement.dataset.stop === id", arg=str(stop))

        before = seen.revision()
        page.keyboard.press("Control+z")
        seen.until(before)
        assert seen.round(second)[-1] == stop

        before = seen.revision()
        block.focus()
        block.press("l")
        seen.until(before)
        assert seen.stop(stop)["lock"] == "order"
        block.click()
        page.locator(".popover-layer [data-to]").first.click()
        page.wait_for_selector(".toast")  # agreed: it says why it does not move
        assert seen.round(second)[-1] == stop
        block.click()
        before = seen.revision()
        page.locator(".popover-layer").get_by_role("button", name="Unlock it").click()
        seen.until(before)
        block.click()
        before = seen.revision()
        page.locator(".popover-layer [data-to]").first.click()
        seen.until(before)
        assert stop in seen.round(first)
        assert watch.faults() == []


def test_a_finding_and_a_place_are_added_with_what_they_change_shown_first(
    demo: Site, browser: "Browser", make: Make
) -> None:
    with opened(browser) as page:
        watch = Watch(page, demo.url)
        seen = _open(demo, page, make(2, 8))
        known = {stop["id"] for stop in seen.data["stops"]}
        page.locator("[data-add]").first.click()
        page.locator(".add-list .item").first.click()
        accept = page.locator("#tell [data-accept]:not([disabled])")
        accept.wait_for()
        page.locator("#tell .seg button").nth(1).click()  # the other way, a few seconds
        accept.wait_for()
        shown = page.evaluate("() => window.BP.page.store.trial.arranged.map((one) => one.stops.length)")
        before = seen.revision()
        accept.click()
        seen.until(before)
        assert {stop["id"] for stop in seen.data["stops"]} > known
        assert [len(seen.round(line)) for line in (0, 1)] == shown  # what was shown is what is kept

        page.locator("[data-add]").first.click()
        page.get_by_role("dialog").get_by_role("button", name="在图上定一个地点").click()
        page.locator(".leaflet-container").press("Enter")
        page.fill("#place-name", "<b>早市</b>")
        page.locator("#place-name").press("Enter")
        accept.wait_for()
        before = seen.revision()
        accept.click()
        seen.until(before)
        place = next(stop for stop in seen.data["stops"] if stop["kind"] == "place")
        assert place["name"] == "<b>早市</b>"
        assert place["inspector"] is not None

        page.locator(f".tl-stop[data-stop='{place['id']}']").click()
        page.get_by_role("button", name="时间和用时…").click()
        page.get_by_role("button", name="能去的时间").click()
        page.locator(".win-list input").first.fill("11:00")
        page.locator(".win-list input").nth(1).fill("10:00")
        page.get_by_role("button", name="就用这些时间").click()
        assert "结束早于开始" in page.locator("dialog .rp-fault").inner_text()
        page.locator(".win-list input").first.fill("09:00")
        page.get_by_role("button", name="就用这些时间").click()
        accept.wait_for()
        before = seen.revision()
        accept.click()
        seen.until(before)
        assert seen.stop(place["id"])["windows"] == [[9 * 3600, 10 * 3600]]
        assert page.locator(f".tl-win[data-of='{place['id']}']").count() == 1
        assert watch.faults() == []


def test_who_was_slower_sees_the_other_change_and_makes_his_own_on_top(
    demo: Site, browser: "Browser", make: Make
) -> None:
    plan_id = make(2, 8)
    with opened(browser, lang="en") as page:
        watch = Watch(page, demo.url)
        seen = _open(demo, page, plan_id)
        line = 0 if len(seen.round(0)) > 1 else 1
        gone, mine = seen.round(line)[:2]
        asked = {"revision": seen.revision(), "changes": [{"act": "unserve", "stop": gone}]}
        change(demo.office, SYSTEM, plan_id, asked)
        block = page.locator(f".tl-stop[data-stop='{mine}']")
        block.focus()
        block.press("l")
        banner = page.locator("#banner .banner")
        banner.wait_for()
        assert "Not served any more" in banner.inner_text()
        assert page.locator(f".un-stop[data-stop='{gone}']").count() == 1
        before = seen.revision()
        banner.get_by_role("button", name="Do mine on top").click()
        page.locator("#tell [data-accept]:not([disabled])").click()
        seen.until(before)
        assert seen.stop(mine)["lock"] == "order"
        page.locator("#send").click()
        sent = page.get_by_role("dialog")
        assert "first at" in sent.inner_text()
        sent.get_by_role("button", name="Send it").click()
        page.wait_for_selector("#facts .is-sent")
        assert seen.data["plan"]["status"] == "sent"
        assert watch.faults() == []
    with opened(browser) as page:
        _open(demo, page, plan_id, "leader")
        assert page.locator(".tl-stop").count() == 7
        page.locator(".tl-stop").first.click()
        assert page.locator(".popover-layer .opt[href]").count() >= 1  # reads the case, changes nothing
        assert page.locator(".popover-layer button.opt").count() == 0
        for hidden in ("#send", "#solve", "[data-add]", "#locks button"):
            assert page.locator(hidden).locator("visible=true").count() == 0, hidden


def test_the_plan_of_two_days_in_the_hand(demo: Site, browser: "Browser", make: Make) -> None:
    with opened(browser, width=390) as page:
        watch = Watch(page, demo.url)
        seen = _open(demo, page, make(2, 14, TIGHT, days=2))
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        for tab in ("timeline", "unserved", "settings", "rounds"):
            page.locator(f"#tabs [data-tab='{tab}']").click()
            assert page.locator(f".part[data-tab='{tab}']").is_visible()
        days = page.locator("#days button")
        assert days.count() == 2
        days.nth(1).click()
        assert days.nth(1).get_attribute("aria-pressed") == "true"
        second = [stop["id"] for stop in seen.data["stops"] if stop["day"] == "2026-09-04"]
        assert page.locator(".rd-stop").count() == len(second) > 0
        page.locator(".grab").first.press("ArrowUp")
        head = page.locator(".rd-head:not([disabled])").first
        head.click()
        row = page.locator(".rd-stops:not([hidden]) .rd-stop").first
        stop = int(row.get_attribute("data-stop") or 0)
        row.click()
        before = seen.revision()
        page.locator(".popover-layer").get_by_role("button", name="从路线里拿出来").click()
        seen.until(before)
        assert seen.stop(stop)["inspector"] is None
        assert watch.faults() == []


def test_a_plan_whose_day_is_over_tells_how_it_went_and_offers_nothing_to_change(
    demo: Site, browser: "Browser"
) -> None:
    today = day_of(demo.office.now(), "Asia/Shanghai")
    with demo.office.database.read() as session:
        past = session.scalars(
            select(RoutePlan).where(RoutePlan.day < today, RoutePlan.days == 1, RoutePlan.status == "sent")
        ).first()
        assert past is not None
        stops = session.scalars(select(RouteStop).where(RouteStop.plan_id == past.id)).all()
    done = sum(stop.state == "done" for stop in stops)
    with opened(browser, lang="en") as page:
        watch = Watch(page, demo.url)
        _open(demo, page, past.id)
        assert page.locator("#settings .plan-went dd").first.inner_text().startswith(f"{done} / ")
        for gone in ("#send", "#solve", "#locks .btn", "[data-add]:visible"):
            assert page.locator(gone).count() == 0, gone
        page.locator("#look-back").click()
        page.wait_for_url(lambda address: f"from={past.day}&to={past.day}" in address)
        assert watch.faults() == []
