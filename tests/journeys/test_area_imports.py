"""Boundaries brought in by page: a GBK shapefile to the map in force, the questions that only a person can answer."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casework.accounts import create_user
from casework.office import Office
from casework.policy import SYSTEM
from db import schema
from settings import ROOT, Settings
from tests.conftest import lacking
from tests.factories.city import NOW, two_patches
from tests.factories.hostile import TEXTS
from tests.factories.map_files import gbk_shapefile, two_layers
from tests.geo.geojson import collection, feature
from tests.journeys.site import Site, Watch, opened, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "correct horse 9"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Site]:
    """A city of two patches of this test's own, as it changes its boundaries."""
    if not (ROOT / "web" / "static" / "vendor" / "leaflet" / "leaflet.js").is_file():
        lacking("browser", "the front-end libraries are not there: make vendor")
    (tmp_path / "instance").mkdir()
    settings = Settings(instance=tmp_path / "instance", now=NOW)
    office = Office.open(settings)
    schema.upgrade(office.database)
    two_patches(office)
    create_user(office, SYSTEM, "chief", "supervisor", PASSWORD)
    office.database.close()
    with serving(settings) as site:
        yield site


def bring(site: Site, page: "Page", *paths: Path) -> None:
    """Sign in, bring files, and wait for their preview."""
    site.sign_in(page, "chief", PASSWORD)
    page.goto(f"{site.url}/areas/import")
    page.set_input_files("input[name=files]", [str(path) for path in paths])
    page.wait_for_url("**/areas/import/*")
    settled(page)


def settled(page: "Page") -> None:
    page.wait_for_selector("#side[aria-busy=false]", state="attached", timeout=60_000)


def counts(page: "Page") -> list[int]:
    """New, changed, unchanged, left out."""
    return [int(text) for text in page.locator(".ai-n b").all_inner_texts()]


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390)])
def test_a_gbk_shapefile_to_published_areas(
    browser: "Browser", small: Site, tmp_path: Path, lang: str, width: int
) -> None:
    with opened(browser, lang=lang, width=width) as page:
        watch = Watch(page, small.url)
        bring(small, page, *gbk_shapefile(tmp_path / "up"))
        assert counts(page) == [1, 1, 1, 0]
        assert page.locator("input[name=encoding]:checked").get_attribute("value") == "gb18030"
        assert page.locator("#table tbody tr").count() == 3
        assert page.locator("#table").inner_text().count("北片") == 1
        assert page.locator("path.ai-shape").count() == 3
        page.locator("input[name=encoding][value=cp1252]").check()
        page.locator("#table", has_not_text="北片").wait_for()
        settled(page)
        page.locator("input[name=encoding][value=gb18030]").check()
        page.locator("#table", has_text="北片").wait_for()
        settled(page)
        page.fill("#why", "after the new street")
        page.click("#publish")
        page.wait_for_url(lambda address: "/areas/import" not in address)
        page.goto(f"{small.url}/areas/N?level=patch")
        assert page.locator("h1").inner_text().startswith("北片")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert watch.faults() == []


def test_a_file_of_several_layers_asks_which(browser: "Browser", small: Site, tmp_path: Path) -> None:
    with opened(browser, lang="en") as page:
        watch = Watch(page, small.url)
        bring(small, page, two_layers(tmp_path / "two.gpkg"))
        assert page.locator("#questions select").count() == 1
        assert page.locator("#acts").is_hidden()
        page.select_option("select[name=layer]", "片区")
        page.wait_for_selector("#outcome:not([hidden])")
        settled(page)
        assert counts(page) == [1, 1, 1, 0]
        page.select_option("select[name=layer]", "old")
        page.locator("#table tbody tr").nth(1).wait_for(state="detached")
        settled(page)
        page.select_option("select[name=level]", "patch")
        page.wait_for_selector("input[name=keep]")
        settled(page)
        page.locator("input[name=keep][value=end]").check()
        page.wait_for_selector("#problems .ai-list li")
        settled(page)
        page.locator("#problems .ai-list button").first.click()
        assert watch.faults() == []


@pytest.mark.parametrize("width", [1440, 390])
def test_metres_without_a_system_ask_for_it(
    browser: "Browser", small: Site, tmp_path: Path, width: int
) -> None:
    with opened(browser, width=width) as page:
        watch = Watch(page, small.url)
        bring(small, page, *gbk_shapefile(tmp_path / "up", "EPSG:4522", states_system=False))
        choices = page.locator("select[name=crs] option").all_inner_texts()
        assert "EPSG:4522" in choices[0]
        assert any("EPSG:2358" in choice for choice in choices)
        assert counts(page) == [1, 1, 1, 0]
        page.select_option(
            "select[name=crs]", label=next(choice for choice in choices if "EPSG:2358" in choice)
        )
        page.locator(".ai-n b").nth(2).filter(has_text="0").wait_for()
        settled(page)
        assert counts(page)[2] == 0  # some ten metres elsewhere: no area is as it was
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert watch.faults() == []


def test_a_dangerous_zip_is_refused_and_nothing_else_happens(
    browser: "Browser", small: Site, tmp_path: Path
) -> None:
    path = tmp_path / "up.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("../../areas.geojson", "{}")
    with opened(browser, lang="en") as page:
        watch = Watch(page, small.url)
        bring(small, page, path)
        assert "../../areas.geojson" in page.locator("#fault").inner_text()
        assert page.locator("#acts").is_hidden()
        page.locator(".ai-h form button").click()
        page.wait_for_url("**/areas/import")
        assert page.locator(".ai-waiting").count() == 0
        assert watch.faults() == []
    assert list((small.office.settings.instance / "imports").iterdir()) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_hostile_names_of_files_fields_and_areas_are_text(
    browser: "Browser", small: Site, tmp_path: Path, width: int
) -> None:
    corner = [[101.1, 36.1], [101.2, 36.1], [101.2, 36.2], [101.1, 36.1]]
    shape = {"type": "Polygon", "coordinates": [corner]}
    features = [feature(shape, **{"code": f"c{i}", "name": text, text: text}) for i, text in enumerate(TEXTS)]
    path = tmp_path / "{{ 7193*7191 - 182 }}<img src=x onerror=window.attacked=1>.geojson"
    path.write_text(json.dumps(collection(*features)), encoding="utf-8")
    with opened(browser, lang="en", width=width) as page:
        watch = Watch(page, small.url)
        bring(small, page, path)
        page.locator("#questions summary").click()
        page.locator("#table button").first.click()
        assert page.evaluate("window.attacked") is None
        assert page.locator("img[src=x], svg[onload]").count() == 0
        assert "51724681" not in page.content()
        assert TEXTS[4] in page.locator("#table").inner_text()
        assert watch.faults() == []
        page.locator(".ai-h a").click()
        page.wait_for_selector(".ai-waiting")
        assert page.evaluate("window.attacked") is None
        assert watch.faults() == []


def test_taking_out_gives_a_file(browser: "Browser", small: Site) -> None:
    with opened(browser, lang="en", width=390) as page:
        watch = Watch(page, small.url)
        small.sign_in(page, "chief", PASSWORD)
        page.goto(f"{small.url}/areas/export")
        page.locator("input[name=format][value='.geojson']").check()
        page.locator("input[name=crs][value=gcj02]").check()
        with page.expect_download() as download:
            page.locator(".ai-export button").click()
        assert download.value.suggested_filename == "patch_2026-09-02_gcj02.geojson"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert watch.faults() == []
