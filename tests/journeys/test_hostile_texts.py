"""Every text that attacks templates, scripts or markup goes through every page, and is there to read, as text."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from casework.office import Office
from db import schema
from settings import ROOT, Settings
from tests.conftest import lacking
from tests.factories.city import NOW
from tests.factories.hostile import PASSWORD, SUM, TEXTS, HostileCity, hostile_city
from tests.journeys.site import Site, Watch, opened, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Pages that show nothing that a person typed, but the city's name in the header.
PLAIN = {
    "/about", "/sign-in", "/me", "/settings", "/settings/keys", "/settings/levels", "/settings/accounts/1",
    "/settings/people/new", "/settings/bureaus/new", "/settings/categories/new", "/settings/rules/new",
    "/notices/choices", "/settings/city", "/settings/streets", "/settings/tracks",
    "/areas/export", "/areas/import", "/areas/import/gone",
    "/papers", "/settings/papers", "/settings/papers/weekly_list/zh",
    "/round",  # of somebody who is sent nowhere; another one's round is among the pages
}  # fmt: skip
# Answers that are no page: JSON, files, redirects. Their texts are looked at below, or shown by the pages.
NOT_PAGES = re.compile(
    r"^/(static|api|map|photos|language|healthz|reports)\b|^/api|^/findings/.*/acts$|^/areas/export/file$"
    r"|^/papers/.*/file$|^/settings/papers/.*/(template|sample)$|^/.*\.xlsx$"
    r"|^/areas/drafts/.*/(data|comments)$|^/settings/streets/progress$"
    r"|^/routes/(candidates|walked/round.json|.*/(data|progress|round\.<ending>))$|^/round/data$"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, HostileCity]]:
    """The hostile city, served."""
    if not (ROOT / "web" / "static" / "vendor" / "leaflet" / "leaflet.js").is_file():
        lacking("browser", "the front-end libraries are not there: make vendor")
    settings = Settings(instance=tmp_path_factory.mktemp("hostile"), now=NOW)
    office = Office.open(settings)
    schema.upgrade(office.database)
    city = hostile_city(office)
    office.database.close()
    with serving(settings) as site:
        yield site, city


def pages_of(site: Site) -> list[str]:
    """Every page's address, with what stands in for its places. A page that is forgotten here fails the test."""
    places = {
        "<int:finding_id>": "1",
        "<code>": "P00",
        "<path:filename>": "",
        "<lang>": "zh",
        "<kind>": "weekly_list",
        "<act>": "dispatch",
        "<int:user_id>": "1",
        "<int:person_id>": "1",
        "<int:bureau_id>": "1",
        "<int:category_id>": "1",
        "<int:rule_id>": "1",
        "<int:publication_id>": "1",
        "<int:draft_id>": "1",
        "<token>": "gone",
        "<int:plan_id>": "1",
        "<int:inspector_id>": "1",
        "<int:webhook_id>": "1",
    }
    found = []
    for rule in sorted(set(site.routes)):
        if NOT_PAGES.match(rule):
            continue
        address = rule
        for place, value in places.items():
            address = address.replace(place, value)
        assert "<" not in address, f"say in pages_of what stands for the places of {rule}"
        found.append(address)
    return found


def _unharmed(page: "Page", watch: Watch, where: str) -> str:
    text: str = page.evaluate("document.body.innerText")
    assert page.evaluate("window.attacked") is None, where
    assert SUM not in page.content(), f"{where}: somebody calculated a text"
    assert page.locator("img[src=x], svg[onload]").count() == 0, where
    assert watch.faults() == [], where
    return text


def _squeezed(text: str) -> str:
    return " ".join(text.replace("\u202e", "").replace("\u202c", "").split())


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_shows_the_texts_and_runs_none(
    hostile: tuple[Site, HostileCity], browser: "Browser", lang: str, width: int
) -> None:
    site, _city = hostile
    pages = pages_of(site)
    assert {"/", "/findings", "/findings/1", "/areas", "/areas/P00", "/triage"} <= set(pages)
    with opened(browser, lang=lang, width=width) as page:
        watch = Watch(page, site.url)
        site.sign_in(page, "hostile-admin", PASSWORD)
        for path in pages:
            page.goto(f"{site.url}{path}")
            page.wait_for_load_state("networkidle")
            text = _unharmed(page, watch, path)
            if path not in PLAIN:
                assert _squeezed(TEXTS[0]) in _squeezed(text), f"{path} does not show {TEXTS[0]}"


@pytest.mark.parametrize("text", TEXTS)
def test_each_text_is_readable_where_it_was_written(
    hostile: tuple[Site, HostileCity], browser: "Browser", text: str
) -> None:
    site, city = hostile
    finding, patch = city.findings[text], city.patch_codes[text]
    with opened(browser) as page:
        watch = Watch(page, site.url)
        site.sign_in(page, "hostile-admin", PASSWORD)
        for path in (f"/?finding={finding}", f"/findings/{finding}"):
            page.goto(f"{site.url}{path}")
            page.wait_for_load_state("networkidle")
            seen = _squeezed(_unharmed(page, watch, path))
            for part in ("desc", "place", "note"):
                assert _squeezed(f"{text} {part}") in seen, f"{path}: {part}"
        page.goto(f"{site.url}/areas/{patch}")
        assert _squeezed(text) in _squeezed(_unharmed(page, watch, patch))
        page.goto(f"{site.url}/findings?q={'desc'}&status=new,over,due,prog")
        assert _squeezed(text) in _squeezed(_unharmed(page, watch, "/findings"))


def test_the_search_shows_a_hostile_question_as_text(
    hostile: tuple[Site, HostileCity], browser: "Browser"
) -> None:
    site, _city = hostile
    with opened(browser) as page:
        watch = Watch(page, site.url)
        site.sign_in(page, "hostile-admin", PASSWORD)
        for text in TEXTS:
            for path in ("/", "/findings"):
                page.goto(
                    f"{site.url}{path}?" + page.evaluate("q => new URLSearchParams({q}).toString()", text)
                )
                page.wait_for_load_state("networkidle")
                _unharmed(page, watch, f"{path}?q={text}")
