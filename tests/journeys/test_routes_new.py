"""Planning a day from the form to the plan's page, places from a good and a bad file; looking back at a round."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casework import background_jobs
from casework.policy import SYSTEM
from casework.route_plans import discard
from casework.route_solving import stop
from casework.route_view import plan_data
from db.models import RoutePlan, User
from tests.factories.walked_rounds import sent_round
from tests.journeys.site import Site, Watch, opened
from tests.journeys.test_accessibility import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TODAY = date(2026, 9, 2)
IN_THE_CITY = ((101.803, 36.615), (101.81, 36.61), (101.82, 36.605))


@pytest.fixture
def left_as_found(demo: Site) -> Iterator[Site]:
    """The demo; plans that a journey made are thrown away after it."""
    before = plans_of(demo)
    yield demo
    made = plans_of(demo) - before
    for plan_id in made:
        stop(demo.office, SYSTEM, plan_id, keep=False)
    for process in list(background_jobs._children):
        process.wait(60)
    for plan_id in made:
        discard(demo.office, SYSTEM, plan_id)


def plans_of(site: Site) -> set[int]:
    with site.office.database.read() as session:
        return {row.id for row in session.query(RoutePlan).filter(RoutePlan.status != "discarded")}


def counted(page: "Page") -> None:
    """Wait until the form has its counts."""
    page.wait_for_function("() => document.getElementById('n-findings')?.textContent")


def number(page: "Page") -> int:
    return int(page.locator("#limit").input_value())


def test_a_usual_day_is_planned_with_one_button(left_as_found: Site, browser: "Browser") -> None:
    site = left_as_found
    with opened(browser, lang="en") as page:
        watch = Watch(page, site.url)
        site.sign_in(page, "supervisor")
        page.click("header nav >> text=Routes")
        page.click("text=New plan")
        counted(page)
        assert page.locator("text=Ways follow the schematic streets").is_visible()
        assert page.locator("#crew input[type=checkbox]:checked").count() >= 1
        assert page.locator("#from").input_value() == "10:30"  # it is 10:24
        stops = number(page)
        page.select_option("#seconds", "5")
        page.click("#plan")
        page.wait_for_url(lambda address: address.rsplit("/", 1)[-1].isdecimal())
        plan_id = int(page.url.rsplit("/", 1)[-1])
        data = plan_data(site.office, SYSTEM, plan_id)
        assert len(data["stops"]) == stops
        assert data["plan"]["status"] in ("solving", "ready")
        assert {stop["kind"] for stop in data["stops"]} == {"finding"}
        assert {one["must"] for one in data["stops"] if one["finding"]["key"] == "over"} == {True}
        page.goto(f"{site.url}/routes")
        assert page.locator(f'a[href="/routes/{plan_id}"]').is_visible()
        assert watch.faults() == []


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    left_as_found: Site, browser: "Browser", tmp_path: Path
) -> None:
    site = left_as_found
    good, bad = tmp_path / "places.csv", tmp_path / "bad.csv"
    good.write_text(
        "lon,lat,name\n101.80,36.61,清真寺\n101.82,36.60,东关市场\nabc,36.6,坏的\n", encoding="utf-8"
    )
    bad.write_bytes(b"\x00\x01\x02 no table")
    with opened(browser, lang="en") as page:
        watch = Watch(page, site.url)
        site.sign_in(page, "supervisor")
        page.goto(f"{site.url}/routes/new")
        counted(page)
        # Places: a file that is none, then a good one with a bad row, then one clicked on the map.
        page.click("#open-file")
        page.set_input_files("#file", str(bad))
        page.locator("#e-file").wait_for(state="visible")
        page.set_input_files("#file", str(good))
        page.locator("text=Take these 2 places").wait_for()
        assert page.locator("#e-file").is_hidden()
        assert "1 row cannot be used" in page.locator("#file-preview").inner_text()
        page.click("text=Take these 2 places")
        assert page.locator(".rn-place").count() == 2
        page.click("#click-places")
        page.locator(".mapbox .leaflet-container").click(position={"x": 420, "y": 380})
        assert page.locator(".rn-place").count() == 3
        page.keyboard.press("Escape")
        assert page.locator("#say").is_hidden()
        # Without a name, without people, with hours that end before they begin, it is not sent.
        page.fill("#title", "Thursday")
        page.fill("#from", "18:00")
        people = page.locator("#crew > li > label input[type=checkbox]:checked")
        chosen = people.count()
        for _ in range(chosen):
            people.first.uncheck()
        page.click("#plan")
        for field in ("places", "shift", "inspectors"):
            assert page.locator(f"#e-{field}").is_visible(), field
        assert page.evaluate("() => document.activeElement.closest('.rn') !== null")
        assert violations(page) == []
        assert page.locator("#title").input_value() == "Thursday"
        # Mended, with fewer findings and two days, it goes.
        page.locator(".rn-place input").last.fill("三号门")
        page.fill("#from", "08:00")
        page.locator("#crew > li > label input[type=checkbox]").first.check()
        page.fill("#limit", "5")
        page.select_option("#must-findings", "none")
        page.check("#must-places")
        page.select_option("#days", "2")
        page.select_option("#seconds", "5")
        page.click("#plan")
        page.wait_for_url(lambda address: address.rsplit("/", 1)[-1].isdecimal())
        data = plan_data(site.office, SYSTEM, int(page.url.rsplit("/", 1)[-1]))
        assert data["plan"]["title"] == "Thursday"
        assert data["plan"]["days"] == 2
        assert sorted(one["name"] for one in data["stops"] if one["kind"] == "place") == [
            "三号门",
            "东关市场",
            "清真寺",
        ]
        assert {(one["kind"], one["must"]) for one in data["stops"]} == {("finding", False), ("place", True)}
        assert len(data["stops"]) == 8
        assert data["inspectors"][0]["shift"][0] == 8 * 3600
        assert watch.faults() == []


def test_filters_and_patches_are_counted_and_drawn_at_once_on_a_phone(
    left_as_found: Site, browser: "Browser"
) -> None:
    site = left_as_found
    with opened(browser, width=390) as page:
        watch = Watch(page, site.url)
        site.sign_in(page, "admin")
        page.goto(f"{site.url}/routes/new")
        counted(page)
        whole = page.locator("#n-findings").inner_text()
        page.locator('#filters [data-filter="overdue"]').click()
        page.wait_for_function(f"() => document.getElementById('n-findings').textContent !== '{whole}'")
        page.check("#with-patches")
        patches = page.locator("#patch-list input:checked").count()
        assert 1 <= patches <= 10
        page.fill("#weeks", "52")
        page.wait_for_function(
            "() => document.getElementById('n-patches').textContent === "
            "String(document.querySelectorAll('#patch-list input').length)"
        )
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
        assert watch.faults() == []


def test_a_round_is_looked_back_at(left_as_found: Site, browser: "Browser") -> None:
    site = left_as_found
    with site.office.database.read() as session:
        walker = session.query(User).filter_by(username="inspector").one().id
    plan = sent_round(
        site.office, walker, TODAY, ["done", "skipped", "planned"], late_s=1200, places=IN_THE_CITY
    )
    with opened(browser, lang="en") as page:
        watch = Watch(page, site.url)
        site.sign_in(page, "leader")
        page.goto(site.url)
        page.locator("[data-layers]:visible").click()
        assert page.locator('.pop a[href="/routes/walked#visits"]').is_visible()
        page.goto(f"{site.url}/routes")
        page.click("text=Looking back")
        page.wait_for_load_state("networkidle")
        mine = page.locator(f'.rw-one[data-plan="{plan}"]')
        assert "1 seen · 1 skipped · 1 still to do" in mine.inner_text()
        mine.click()
        page.locator("#round table").wait_for()
        assert page.locator("#round tbody tr").count() == 3
        assert "20 min later" in page.locator("#round").inner_text()
        assert "No positions" in page.locator("#round").inner_text()
        assert page.locator(".mapbox .rw-pin").count() == 3
        assert violations(page) == []
        page.click("#back")
        assert page.locator("#key-visits").is_visible()
        page.locator(".rw-patch").first.click()
        assert page.locator("#card").is_visible()
        assert watch.faults() == []
    with opened(browser, lang="en", width=390) as page:
        site.sign_in(page, "inspector")
        page.goto(f"{site.url}/routes/walked")
        page.wait_for_load_state("networkidle")
        assert page.locator("h1").inner_text() == "My rounds so far"
        assert page.locator("select[name=inspector]").count() == 0
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
