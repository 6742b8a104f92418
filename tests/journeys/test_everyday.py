"""The everyday journey on a phone: from a photo on the pavement to a closed case, and what may go wrong on the way."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.models import Finding
from tests.factories.photos import encoded, exif, picture
from tests.journeys.site import Site, Watch, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

PAVEMENT = {"longitude": 101.8031, "latitude": 36.6156, "accuracy": 6}
AT = "/report?lon=101.8031&lat=36.6156"
CATEGORY = "0504"  # trading outside shop: the urban management bureau, whose handler the demo has
WIDTH = 390


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "pavement.jpg"
    file.write_bytes(encoded(picture(320, 240)))
    return file


@contextmanager
def phone(demo: Site, browser: "Browser", username: str, **options: object) -> Iterator["Page"]:
    """A phone of 390 px in which somebody is signed in; at the end it must have done nothing that it must not."""
    with opened(browser, width=WIDTH, lang="en", **options) as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, username)
        yield page
        assert watch.faults() == []
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def _add_photo(page: "Page | Locator", photo: Path) -> None:
    page.locator(".ps input[type=file]").first.set_input_files(photo)
    page.locator(".ps .pic img").first.wait_for()


def _choose(page: "Page", code: str = CATEGORY) -> None:
    page.click("#all-categories")
    page.fill(".cat-find input", code)
    page.click(f".cat-tree [data-code='{code}']")


def _number(page: "Page") -> tuple[int, str]:
    page.wait_for_url("**/report/done/*")
    return int(page.url.rsplit("/", 1)[1]), page.locator(".done-h .num").inner_text()


def _holds(page: "Page", field: str, value: str) -> None:
    from playwright.sync_api import expect  # not there on a machine without a browser

    expect(page.locator(field)).to_have_value(value)


def _kept(page: "Page") -> None:
    """Wait until the draft is on disk."""
    page.evaluate("window.BP.page.save()")


def report(demo: Site, browser: "Browser", photo: Path | None = None, words: str = "journey") -> int:
    """Report something as the inspector does; returns its id."""
    with phone(demo, browser, "inspector") as page:
        page.goto(demo.url + AT)
        page.locator("#own b").filter(has_text="Patch").wait_for()
        if photo:
            _add_photo(page, photo)
        _choose(page)
        page.fill("#description", words)
        page.click("#send")
        return _number(page)[0]


def act(demo: Site, browser: "Browser", username: str, finding: int, act: str, **more: object) -> None:
    """One act in the foot of the map's case, as this person; the case shows it afterwards."""
    with phone(demo, browser, username) as page:
        page.goto(f"{demo.url}/?finding={finding}")
        foot = page.locator("#case-pane .acts")
        foot.locator("[aria-haspopup=dialog]").wait_for()
        if not foot.locator(f"[data-act={act}]").count():
            foot.locator("[aria-haspopup=dialog]").click()
        page.locator(f"#case-pane .acts [data-act={act}], .act-more [data-act={act}]").click()
        dialog = page.locator(".act-dialog")
        for field, value in more.items():
            if isinstance(value, Path):
                _add_photo(dialog, value)
            elif field == "bureau":
                dialog.locator("#act-bureau").select_option(str(value))
            else:
                dialog.locator("#act-note").fill(str(value))
        dialog.locator("[type=submit]").click()
        dialog.wait_for(state="detached")
        page.locator(".toast").wait_for()
        foot.locator(f"[data-act={act}]").wait_for(state="detached")


def status(demo: Site, finding: int) -> str:
    with demo.office.database.read() as session:
        return session.get_one(Finding, finding).status


def test_from_a_photo_on_the_pavement_to_a_closed_case(demo: Site, browser: "Browser", photo: Path) -> None:
    with phone(demo, browser, "inspector", geolocation=PAVEMENT, permissions=["geolocation"]) as page:
        page.goto(demo.url)
        page.click(".report-tab")
        _add_photo(page, photo)
        page.locator("#accuracy").filter(has_text="6 m").wait_for()
        assert page.locator("path.bp-position-accuracy").count() == 1
        page.locator("#own").filter(has_text="Jianguo Ma").wait_for()
        _choose(page)
        page.locator("#own").filter(has_text="Urban Management").wait_for()
        page.click("#send")
        finding, number = _number(page)
        assert re.fullmatch(r"2026-\d{4}", number)
        assert "Shulin Lane" in page.locator(".facts").inner_text()
    act(demo, browser, "supervisor", finding, "file")
    act(demo, browser, "supervisor", finding, "dispatch")
    act(demo, browser, "handler", finding, "accept")
    act(demo, browser, "handler", finding, "handle", photo=photo, note="cleared")
    act(demo, browser, "inspector", finding, "verify", note="seen on site")
    act(demo, browser, "supervisor", finding, "close")
    assert status(demo, finding) == "closed"
    with phone(demo, browser, "supervisor") as page:
        page.goto(f"{demo.url}/findings/{finding}")
        words = page.locator(".hs").inner_text()
        for told in (
            "Reported",
            "Filed",
            "Dispatched",
            "Accepted",
            "cleared",
            "seen on site",
            "Closed",
            "Haiyan Han",
        ):
            assert told in words
        assert page.locator("figure.on-photos img").count() == 2


def test_a_photos_place_is_offered_and_another_continent_is_not(
    demo: Site, browser: "Browser", tmp_path: Path
) -> None:
    near, far = tmp_path / "near.jpg", tmp_path / "far.jpg"
    near.write_bytes(encoded(picture(), exif=exif(lon=101.8040, lat=36.6160)))
    far.write_bytes(encoded(picture(), exif=exif(lon=-74.0, lat=40.7)))
    with phone(demo, browser, "inspector") as page:
        page.goto(demo.url + AT)
        _add_photo(page, near)
        page.locator("#photo-offer .btn").click()
        _holds(page, "[name=lon]", "101.804")
        _add_photo(page, far)
        page.locator("#photo-offer.warn").filter(has_text="km").wait_for()
        assert page.locator("#photo-offer .btn").count() == 0


def test_returned_and_dispatched_again(demo: Site, browser: "Browser") -> None:
    finding = report(demo, browser)
    act(demo, browser, "supervisor", finding, "file")
    act(demo, browser, "supervisor", finding, "dispatch")
    act(demo, browser, "handler", finding, "return", note="not ours")
    with phone(demo, browser, "supervisor") as page:
        page.goto(f"{demo.url}/?finding={finding}")
        page.locator("#case-pane .hist").filter(has_text="not ours").wait_for()
    other = "huanwei"
    act(demo, browser, "supervisor", finding, "dispatch", bureau=other, note="theirs")
    assert status(demo, finding) == "dispatched"


def test_a_draft_survives_a_reload(demo: Site, browser: "Browser", photo: Path) -> None:
    with phone(demo, browser, "inspector") as page:
        page.goto(demo.url + AT)
        _add_photo(page, photo)
        page.locator(".ps .kind").select_option("far")
        _choose(page)
        page.fill("#description", "typed before the reload")
        _kept(page)
        page.goto(f"{demo.url}/report")
        _holds(page, "#description", "typed before the reload")
        assert page.locator(".ps .kind").input_value() == "far"
        assert page.locator("#category").input_value() == CATEGORY
        assert page.locator("[name=lon]").input_value() == "101.8031"
        page.locator("#own").filter(has_text="Shulin Lane").wait_for()


def test_without_a_connection_it_waits_and_goes_out_by_itself(
    demo: Site, browser: "Browser", photo: Path
) -> None:
    with phone(demo, browser, "inspector") as page:
        page.goto(demo.url + AT)
        _add_photo(page, photo)
        _choose(page)
        page.fill("#description", "sent from the tunnel")
        page.context.set_offline(True)
        page.locator("#kept").filter(has_text="No connection").wait_for()
        page.click("#send")
        page.locator("#outbox").filter(has_text="1 report is not sent yet").wait_for()
        assert "/report/done" not in page.url
        page.context.set_offline(False)
        page.locator("#outbox .ok a").click()
        _number(page)
        page.goto(f"{demo.url}/findings?q=sent+from+the+tunnel")
        assert page.locator(".rows tbody tr").count() == 1


def test_an_answer_that_is_lost_files_it_once(demo: Site, browser: "Browser") -> None:
    """The report arrives, its answer does not: the same report goes out again, and is known."""
    with phone(demo, browser, "inspector") as page:
        page.goto(demo.url + AT)
        _choose(page)
        page.fill("#description", "whose answer was lost")

        def swallow(route: "Route") -> None:
            route.fetch()
            route.abort()

        page.route("**/report", swallow, times=1)
        page.click("#send")
        page.locator("#outbox").filter(has_text="not sent yet").wait_for()
        page.locator("#outbox .link").first.click()
        page.locator("#outbox .ok a").wait_for()
        page.goto(f"{demo.url}/findings?q=whose+answer+was+lost")
        assert page.locator(".rows tbody tr").count() == 1


def test_a_double_tap_files_once(demo: Site, browser: "Browser") -> None:
    with phone(demo, browser, "inspector") as page:
        page.goto(demo.url + AT)
        _choose(page)
        page.fill("#description", "tapped twice")
        page.evaluate("() => { const b = document.querySelector('#send'); b.click(); b.click(); b.click(); }")
        _number(page)
        page.goto(f"{demo.url}/findings?q=tapped+twice")
        assert page.locator(".rows tbody tr").count() == 1


def test_what_is_missing_is_said_beside_its_field(demo: Site, browser: "Browser") -> None:
    with phone(demo, browser, "inspector") as page:
        page.goto(f"{demo.url}/report")
        page.fill("#description", "still here")
        page.click("#send")
        assert page.locator("[data-err=lon]").is_visible()
        assert page.locator("[data-err=category]").is_visible()
        assert page.locator("#description").input_value() == "still here"


def test_one_that_is_open_already_needs_no_report(demo: Site, browser: "Browser") -> None:
    with phone(demo, browser, "inspector") as page:
        page.goto(f"{demo.url}/report?lon=101.8033&lat=36.6157")
        page.locator("#near .btn").first.click()
        page.wait_for_url(re.compile(r"/findings/\d+$"))


def test_two_at_once_the_slower_one_sees_what_changed(demo: Site, browser: "Browser") -> None:
    finding = report(demo, browser, words="two at once")
    with phone(demo, browser, "supervisor") as page:
        page.goto(f"{demo.url}/findings/{finding}")
        page.locator("details:has([data-act=decline]) > summary").click()
        page.click("[data-act=decline]")
        page.fill("#act-note", "typed with care")
        act(demo, browser, "admin", finding, "file", note="first")
        page.click(".act-dialog [type=submit]")
        page.locator(".act-dialog .changed").filter(has_text="first").wait_for()
        assert page.locator("#act-note").input_value() == "typed with care"


def test_a_corrected_pin_moves_the_patch(demo: Site, browser: "Browser") -> None:
    finding = report(demo, browser, words="wrong pin")
    with phone(demo, browser, "supervisor") as page:
        page.goto(f"{demo.url}/findings/{finding}/correct")
        page.locator("#own").filter(has_text="Shulin Lane").wait_for()
        page.locator(".rp-map .leaflet-container").press("Minus")
        before = page.locator("[name=lon]").input_value()
        pin = page.locator(".pin").bounding_box()
        assert pin is not None
        page.mouse.move(pin["x"] + 17, pin["y"] + 16)
        page.mouse.down()
        page.mouse.move(pin["x"] - 60, pin["y"] + 20, steps=5)
        page.mouse.move(30, pin["y"] + 20, steps=5)
        page.mouse.up()
        assert page.locator("[name=lon]").input_value() != before
        page.evaluate("window.BP.page.place.put({lon: 101.79, lat: 36.62}, 'drag')")
        page.locator("#own:not(.is-old) b").filter(has_not_text="Shulin Lane").wait_for()
        page.fill("#reason", "the pin was wrong")
        page.click("#correct [type=submit]")
        page.wait_for_url(re.compile(rf"/findings/{finding}$"))
        words = page.locator(".hs").inner_text()
        assert re.search(r"Corrected: place, patch Shulin Lane → ", words)
        assert "the pin was wrong" in words


def test_a_finger_held_on_the_map_offers_to_report_there(demo: Site, browser: "Browser") -> None:
    with phone(demo, browser, "inspector") as page:
        page.goto(f"{demo.url}/?at=36.6155,101.803,16")
        page.locator("#list-pane .item").first.wait_for()
        page.mouse.click(195, 300, button="right")
        page.locator(".report-here a").click()
        page.wait_for_url(re.compile(r"/report\?lon=101\.80\d+&lat=36\.61\d+"))


def test_where_the_position_is_not_to_be_had_the_page_says_so(demo: Site, browser: "Browser") -> None:
    with phone(demo, browser, "inspector") as page:
        page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
        page.goto(f"{demo.url}/report")
        page.click("#locate")
        page.locator("#accuracy").filter(has_text="HTTPS").wait_for()
