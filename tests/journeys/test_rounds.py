"""A round walked on a phone: arrive, look, done, skip, a finding on the way, a supervisor's change, no connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from casework import tracks
from casework.office import Office
from db import schema
from db.models import Finding, RouteInspector, TrackPoint
from settings import ROOT, Settings
from tests.conftest import lacking
from tests.factories.city import NOW
from tests.factories.everyday import PASSWORD
from tests.factories.photos import encoded, picture
from tests.factories.rounds import BAZAAR, PLACES, Walking, walking
from tests.journeys.site import Site, Watch, opened, serving
from tests.journeys.test_accessibility import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTH = 390


@pytest.fixture
def served(tmp_path: Any) -> Iterator[tuple[Site, Walking]]:
    """An office with one round of today, served."""
    if not (ROOT / "web" / "static" / "vendor" / "leaflet" / "leaflet.js").is_file():
        lacking("browser", "the front-end libraries are not there: make vendor")
    settings = Settings(instance=tmp_path, now=NOW)
    office = Office.open(settings)
    schema.upgrade(office.database)
    walk = walking(office)
    with serving(settings) as site:
        yield site, walk
    office.database.close()


@contextmanager
def phone(
    site: Site, browser: "Browser", at: tuple[float, float] | None = PLACES[0], name: str = "ins"
) -> Iterator["Page"]:
    """The inspector's phone at a place; at the end it must have done nothing that it must not."""
    here = {"longitude": at[0], "latitude": at[1], "accuracy": 9} if at else None
    options: dict[str, Any] = {"geolocation": here, "permissions": ["geolocation"]} if at else {}
    with opened(browser, width=WIDTH, lang="en", **options) as page:
        watch = Watch(page, site.url)
        site.sign_in(page, name, PASSWORD)
        page.goto(f"{site.url}/round")
        page.locator("#rd-next h2").wait_for()
        yield page
        assert watch.faults() == []
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def stand(page: "Page", place: tuple[float, float]) -> None:
    """The phone is carried to a place."""
    page.context.set_geolocation({"longitude": place[0], "latitude": place[1], "accuracy": 9})


def title(page: "Page", text: str) -> None:
    """Wait until this stop is the next one."""
    page.locator("#rd-next h2").filter(has_text=text).wait_for()


def sent(page: "Page") -> None:
    """Wait until the server has everything."""
    page.wait_for_function("() => window.BP.page.outbox.waiting.length === 0")


def arrive(page: "Page") -> str:
    page.click("#rd-arrive")
    page.locator("#rd-arrival").wait_for()
    return page.locator("#rd-arrival").inner_text()


def test_a_round_is_walked(served: tuple[Site, Walking], browser: "Browser") -> None:
    site, walk = served
    with phone(site, browser) as page:
        title(page, "shop 1")
        assert "Class 0105" in page.locator(".rd-what").inner_text()
        assert "2026-0001" in page.locator(".rd-what").inner_text()
        page.locator(".rd-facts small").filter(has_text="from where you are").wait_for()
        assert "late by" in page.locator(".rd-facts").inner_text()  # the plan begins at 8:30, it is 10:24
        assert "The day holds" in page.locator("#rd-standing").inner_text()

        assert "At the place" in arrive(page)
        page.click(".rd-result[data-result=fixed]")
        page.fill("#rd-note", "swept")
        assert page.locator("#rd-done").inner_text() == "Done: Put right"
        page.click("#rd-done")
        title(page, "shop 2")
        sent(page)
        row = walk.row(walk.stops[0])
        assert (row.state, row.note) == ("done", "swept")
        assert row.arrived_m == pytest.approx(0, abs=1)

        said = arrive(page)  # still at the first one: 246 m away
        assert "You were 210 m from the place" in said
        page.click("#rd-undo")
        page.locator("#rd-skip").click()
        page.click(".act-dialog [type=submit]")
        page.locator(".act-dialog .err").filter(has_text="Say why").wait_for()
        page.locator(".act-dialog .rd-choice").nth(1).click()
        page.fill("#skip-note", "ice on the stairs")
        page.click(".act-dialog [type=submit]")
        title(page, "shop 3")
        sent(page)
        assert walk.row(walk.stops[1]).note == "No way to get there. ice on the stairs"
        assert "skipped" in page.locator(f"#stop-{walk.stops[1]}").inner_text()
        page.locator(f"#stop-{walk.stops[1]} button").click()  # taken back
        title(page, "shop 2")
        sent(page)
        assert walk.row(walk.stops[1]).state == "planned"


def test_a_finding_is_recorded_on_the_way_and_stands_with_the_stop(
    served: tuple[Site, Walking], browser: "Browser"
) -> None:
    site, walk = served
    bazaar = walk.stops[3]
    with phone(site, browser, (BAZAAR["lon"], BAZAAR["lat"])) as page:  # type: ignore[arg-type]
        page.locator(f"#stop-{bazaar} button").click()  # take this one next
        title(page, "早市")
        arrive(page)
        page.click("#rd-record")
        page.wait_for_url("**/report?*")
        page.wait_for_function("() => document.querySelector('[name=lon]').value === '101.206'")
        assert page.locator("#place").input_value() == "早市"
        page.click("#all-categories")
        page.fill(".cat-find input", "0105")
        page.click(".cat-tree [data-code='0105']")
        page.click("#send")
        page.wait_for_url("**/report/done/*")
        number = page.locator(".done-h .num").inner_text()
        page.click("#to-round")
        title(page, "早市")
        page.click(".rd-result[data-result=recorded]")
        page.click("#rd-done")
        title(page, "shop 1")
        page.locator(f"#stop-{bazaar}").filter(has_text=number).wait_for()
    with walk.office.database.read() as session:
        found = session.query(Finding).filter_by(number=number).one()
    assert walk.events("done")[0].details["findings"] == [{"id": found.id, "number": number}]


def test_a_supervisor_changes_the_round_meanwhile(served: tuple[Site, Walking], browser: "Browser") -> None:
    site, walk = served
    with phone(site, browser) as page:
        title(page, "shop 1")
        page.wait_for_function("() => window.BP.page.ready.then(() => true)")
        finding = walk.report(101.202, 36.503, subject="burst pipe")
        walk.change({"act": "insert", "finding": finding}, {"act": "remove", "stop": walk.stops[3]})
        page.evaluate("window.BP.page.refresh()")
        news = page.locator(".rd-news")
        news.wait_for()
        assert "sup changed your round" in news.inner_text()
        assert "New: burst pipe" in news.inner_text()
        assert "Gone: 早市" in news.inner_text()
        page.locator(".rd-stop .rd-new").wait_for()
        page.click("#rd-seen")
        news.wait_for(state="detached")
        page.reload()
        title(page, "shop 1")
        assert page.locator(".rd-news").count() == 0
    assert len(walk.events("seen")) == 2


def test_what_is_done_without_a_connection_is_sent_later_and_counts_once(
    served: tuple[Site, Walking], browser: "Browser"
) -> None:
    site, walk = served
    with phone(site, browser) as page:
        title(page, "shop 1")
        page.wait_for_function("() => window.BP.page.ready.then(() => true)")
        page.context.set_offline(True)
        page.locator("#rd-say").filter(has_text="No connection").wait_for()
        arrive(page)
        page.click(".rd-result[data-result=still]")
        page.locator("#rd-done").dblclick()  # cold fingers
        title(page, "shop 2")
        page.locator("#rd-outbox").filter(has_text="2 steps are not sent yet").wait_for()
        page.locator(f"#stop-{walk.stops[0]}").filter(has_text="not sent").wait_for()
        assert walk.row(walk.stops[0]).state == "planned"
        page.context.set_offline(False)
        page.locator("#rd-outbox").wait_for(state="hidden")
        page.locator("#rd-say .note").wait_for(state="detached")
        title(page, "shop 2")
    row = walk.row(walk.stops[0])
    assert row.state == "done"
    assert [len(walk.events(act)) for act in ("arrived", "done", "skipped")] == [1, 1, 0]
    assert walk.row(walk.stops[1]).state == "planned"


def test_what_waited_and_is_refused_says_why(served: tuple[Site, Walking], browser: "Browser") -> None:
    site, walk = served
    with phone(site, browser) as page:
        page.wait_for_function("() => window.BP.page.ready.then(() => true)")
        page.context.set_offline(True)
        arrive(page)
        walk.change({"act": "remove", "stop": walk.stops[0]})
        page.context.set_offline(False)
        page.locator("#rd-outbox").filter(has_text="not in your round any more").wait_for()
        title(page, "shop 2")
        page.locator("#rd-outbox").get_by_text("Throw away").click()
        page.locator("#rd-outbox").wait_for(state="hidden")


def test_positions_are_recorded_after_consent_only_and_deleted_on_request(
    served: tuple[Site, Walking], browser: "Browser"
) -> None:
    site, walk = served

    def points() -> int:
        with walk.office.database.read() as session:
            return session.query(TrackPoint).count()

    with phone(site, browser, (101.2, 36.5)) as page:
        page.locator(".rd-tracks summary").click()
        text = page.locator(".rd-tracks").inner_text()
        for said in ("once a minute", "30 days", "supervisors", "stop and delete at any time"):
            assert said in text
        page.evaluate("window.BP.page.tracking.flush()")
        assert points() == 0
        page.click("#rd-agree")
        page.locator("#rd-stop-tracks").wait_for()
        page.wait_for_function("() => window.BP.page.store.points().then((all) => all.length === 1)")
        stand(page, (101.2006, 36.5004))
        page.wait_for_function("() => window.BP.page.store.points().then((all) => all.length === 2)")
        page.evaluate("window.BP.page.tracking.flush()")
        page.wait_for_function("() => window.BP.page.store.points().then((all) => all.length === 0)")
        # The office's clock stands still here, so that the consent and both positions fall into one moment.
        assert points() <= 2
        page.click("#rd-stop-tracks")
        page.locator("#rd-agree").wait_for()
        assert tracks.keeping(walk.office, walk.who).agreed_at is None
        if points():
            page.reload()
            page.locator(".rd-tracks summary").click()
            page.on("dialog", lambda dialog: dialog.accept())
            page.click("#rd-delete-tracks")
            page.locator(".rd-tracks").filter(has_text="Nothing is kept of you").wait_for()
    assert points() == 0


def test_without_a_position_the_arrival_counts_and_is_marked(
    served: tuple[Site, Walking], browser: "Browser"
) -> None:
    site, walk = served
    with phone(site, browser, None) as page:
        assert "position was not known" in arrive(page)
        sent(page)
    assert walk.row(walk.stops[0]).arrived_m is None
    assert walk.row(walk.stops[0]).state == "arrived"


def test_a_supervisor_looks_on_and_prints(served: tuple[Site, Walking], browser: "Browser") -> None:
    site, walk = served
    with walk.office.database.read() as session:
        person = session.query(RouteInspector).one().id
    for width in (1440, WIDTH):
        with opened(browser, width=width, lang="zh") as page:
            watch = Watch(page, site.url)
            site.sign_in(page, "sup", PASSWORD)
            page.goto(f"{site.url}/routes/{walk.plan_id}/{person}/round")
            page.locator("#rd-next h2").filter(has_text="shop 1").wait_for()
            assert page.locator("#rd-foot, .rd-tracks, .rd-stop button").filter(visible=True).count() == 0
            page.locator(".rd-links a").first.click()
            page.wait_for_url("**/sheet?day=2026-09-02")
            assert page.locator(".sheet-map .pin").count() == 5
            assert page.locator("#print").is_visible()
            page.emulate_media(media="print")
            assert not page.locator("#print").is_visible()
            assert watch.faults() == []


def test_a_check_with_a_photo_waits_for_a_connection_too(
    served: tuple[Site, Walking], browser: "Browser", tmp_path: Any
) -> None:
    site, walk = served
    finding = walk.row(walk.stops[0]).finding_id
    assert finding is not None
    walk.world.led_to("handled", finding)
    photo = tmp_path / "result.jpg"
    photo.write_bytes(encoded(picture(320, 240)))
    with phone(site, browser) as page:
        page.wait_for_function("() => window.BP.page.ready.then(() => true)")
        arrive(page)
        sent(page)
        page.locator(".rd-acts [data-act=verify]").wait_for()
        page.context.set_offline(True)
        page.click(".rd-acts [data-act=verify]")
        dialog = page.locator(".act-dialog")
        dialog.locator(".ps input[type=file]").first.set_input_files(photo)
        dialog.locator(".ps .pic img").first.wait_for()
        dialog.locator("#act-note").fill("clean again")
        dialog.locator("[type=submit]").click()
        dialog.wait_for(state="detached")
        page.locator("#rd-outbox").filter(has_text="1 step is not sent yet").wait_for()
        assert walk.world.finding(finding).status == "handled"
        page.context.set_offline(False)
        page.locator("#rd-outbox").wait_for(state="hidden")
    last = walk.world.history(finding)[-1]
    assert (last.act, last.note) == ("verify", "clean again")
    assert last.payload["photos"] == 1


def test_the_demo_has_a_round_of_today(demo: Site, browser: "Browser") -> None:
    for width, theme in ((WIDTH, "light"), (1440, "dark")):
        with opened(browser, width=width, lang="zh", color_scheme=theme) as page:
            watch = Watch(page, demo.url)
            demo.sign_in(page, "inspector")
            page.goto(f"{demo.url}/round")
            page.locator("#rd-next h2").wait_for()
            assert page.locator(".rd-stop").count() >= 3
            assert page.locator("path.rd-way").count() >= 1
            page.locator(".rd-tracks summary").click()
            assert violations(page) == []
            page.locator(".rd-links a").first.click()
            page.wait_for_url("**/sheet?*")
            assert violations(page) == []
            assert watch.faults() == []
