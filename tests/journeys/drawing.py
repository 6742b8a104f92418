"""The hands of somebody who draws borders: open a draft, go to a border, take a corner, ask the server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.journeys.site import Site, Watch, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Place = tuple[float, float]

READY = "() => window.BP?.page?.tools && !document.body.classList.contains('is-loading')"
SAVED = "() => !BP.page.draft.saver.isPending && BP.page.outcome.state.kind === 'saved'"
PREVIEWED = "() => BP.page.outcome.preview && !document.querySelector('#preview[aria-busy]')"


@dataclass
class Desk:
    """One person's window on a draft."""

    page: "Page"
    site: Site
    watch: Watch

    def open(self, address: str) -> None:
        """Open a draft and wait until one can draw."""
        self.page.goto(address)
        self.page.wait_for_function(READY)

    def begin(self, *levels: str, title: str = "") -> str:
        """Begin a draft of one's own over these levels and open it; its address."""
        self.page.goto(f"{self.site.url}/areas/drafts")
        token = self.page.locator("input[name=csrf_token]").first.get_attribute("value")
        answer = self.page.request.post(
            f"{self.site.url}/areas/drafts",
            data={"levels": list(levels), "title": title},
            headers={"X-CSRFToken": str(token)},
        )
        address = answer.url.partition("?")[0]
        self.open(address)
        return address

    def key(self, name: str) -> str:
        """The key of an area by its Chinese name."""
        found: str = self.page.evaluate(
            "(name) => [...BP.page.coverage.areas.values()].find((area) => area.name_zh === name && "
            "!area.removed).key",
            name,
        )
        return found

    def go(self, box: list[float]) -> None:
        """Bring a box of degrees into the middle of the map, at once."""
        self.page.evaluate(
            "([w, s, e, n]) => { BP.map.fitBounds([[s, w], [n, e]], {animate: false, paddingTopLeft: [90, "
            "90],"
            " paddingBottomRight: [70, 110]}); }",
            box,
        )

    def at(self, place: Place) -> Place:
        """Where a lon, lat is in the window, in px."""
        x, y = self.page.evaluate(
            "([lon, lat]) => { const p = BP.map.latLngToContainerPoint([lat, lon]); "
            "const r = BP.map.getContainer().getBoundingClientRect(); return [p.x + r.left, p.y + r.top] }",
            list(place),
        )
        return x, y

    def border(self, first: str, second: str) -> list[Place]:
        """Go to what two areas share, click it, and return its corners."""
        keys = [self.key(first), self.key(second)]
        lines: list[list[list[float]]] = self.page.evaluate(
            "async (keys) => (await import('/static/js/editor/selecting.js')).borderOf(BP.page.coverage, "
            "keys)",
            keys,
        )
        line: list[Place] = [(lon, lat) for lon, lat in max(lines, key=len)]
        lons, lats = [p[0] for p in line], [p[1] for p in line]
        self.go([min(lons), min(lats), max(lons), max(lats)])
        middle = len(line) // 2
        x, y = self.at(
            ((line[middle - 1][0] + line[middle][0]) / 2, (line[middle - 1][1] + line[middle][1]) / 2)
        )
        self.page.mouse.click(x, y)
        self.page.wait_for_function(
            "() => document.querySelectorAll('.leaflet-marker-pane .marker-icon').length > 0"
        )
        return line

    def area(self, name: str) -> str:
        """Go to an area, choose it from the list, and return its key."""
        self.page.locator("#choose").click()
        self.page.locator(".choices-pop input").fill(name)
        self.page.locator(".choices-pop .opt").first.click()
        key = self.key(name)
        self.page.wait_for_function("(key) => BP.page.selection.keys[0] === key", arg=key)
        self.go(self.page.evaluate("(key) => BP.page.view.boxOf(key)", key))
        return key

    def drag(self, place: Place, dx: float, dy: float) -> None:
        """Drag the handle at a place by some px."""
        x, y = self.at(place)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx / 2, y + dy / 2, steps=4)
        self.page.mouse.move(x + dx, y + dy, steps=4)
        self.page.mouse.up()

    def share(self) -> None:
        """Share the draft that is open, and wait until others may open it."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/share") and answer.ok):
            self.page.locator(".share input").check()

    def saved(self) -> None:
        """Wait until everything is saved."""
        self.page.wait_for_function(SAVED)

    def previewed(self) -> dict[str, Any]:
        """Wait for what publishing would do, of what is saved now."""
        self.saved()
        self.page.wait_for_function(
            "() => BP.page.outcome.preview && BP.page.outcome.previewed === BP.page.draft.saver.revision && "
            "!document.querySelector('#preview[aria-busy]')"
        )
        preview: dict[str, Any] = self.page.evaluate("() => BP.page.outcome.preview")
        return preview

    def data(self) -> dict[str, Any]:
        """The draft as the server has it."""
        answer = self.page.request.get(f"{self.page.url.partition('?')[0]}/data")
        found: dict[str, Any] = answer.json()
        return found

    def shape(self, key: str) -> list[Place]:
        """The outer corners of an area as the server has it."""
        area = next(one for one in self.data()["areas"] if one["key"] == key)
        coordinates = area["geometry"]["coordinates"]
        rings = coordinates if area["geometry"]["type"] == "Polygon" else coordinates[0]
        return [(lon, lat) for lon, lat in rings[0]]

    def put(self, changes: list[dict[str, Any]]) -> None:
        """Save shapes past the page, as a program would: that is how faults get in."""
        draft = self.data()["draft"]
        token = self.page.locator("input[name=csrf_token]").first.get_attribute("value")
        answer = self.page.request.put(
            f"{self.page.url.partition('?')[0]}/shapes",
            data=json.dumps({"revision": draft["revision"], "changes": changes}),
            headers={"X-CSRFToken": str(token), "Content-Type": "application/json"},
        )
        assert answer.ok, answer.text()

    def steps(self) -> int:
        """How many steps can be undone."""
        count: int = self.page.evaluate("() => BP.page.draft.history.done.length")
        return count


@contextmanager
def desk(site: Site, browser: "Browser", username: str = "supervisor", **options: Any) -> Iterator[Desk]:
    """Somebody at a window, signed in and watched for what a page must not do."""
    # Without motion a map is where it was sent at once.
    with opened(browser, **{"reduced_motion": "reduce", **options}) as page:
        watch = Watch(page, site.url)
        site.sign_in(page, username)
        yield Desk(page, site, watch)
