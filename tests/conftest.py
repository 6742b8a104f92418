"""What all tests share: machines that lack a browser or PostGIS skip, unless REQUIRE=browser,postgis forbids it."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import pytest

from tests.postgis import NoPostgis, Postgis, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# `BAOPIAN_HIDE_FIONA=1 pytest …` is a machine without fiona (Python 3.14 has none): importing it fails.
if os.environ.get("BAOPIAN_HIDE_FIONA") == "1":
    sys.modules["fiona"] = None  # type: ignore[assignment]

# The same examples in every run, and no time limit for one: a busy machine is no failure.
hypothesis.settings.register_profile("baopian", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("baopian")

KINDS = ("browser", "postgis")
MARKED_BY_FIXTURE = {"browser": "browser", "page": "browser", "postgis": "postgis", "postgis_url": "postgis"}
CHROMIUM_FLAGS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-sandbox",
]


def required() -> set[str]:
    """The kinds of tests that may not be skipped, from REQUIRE."""
    return {word.strip() for word in os.environ.get("REQUIRE", "").split(",") if word.strip()}


def lacking(kind: str, reason: str) -> NoReturn:
    """Skip a test for what the machine lacks, or fail it when REQUIRE names the kind."""
    if kind in required():
        pytest.fail(f"REQUIRE={kind}: {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a REQUIRE that would be silently without effect."""
    unknown = required() - set(KINDS)
    if unknown:
        raise pytest.UsageError(f"REQUIRE={','.join(sorted(unknown))}: it may name {' and '.join(KINDS)}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the browser or PostGIS, so that `-m 'not browser'` picks."""
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
        for name in (*getattr(item, "fixturenames", ()), *(p for p in parameters if isinstance(p, str))):
            if name in MARKED_BY_FIXTURE:
                item.add_marker(MARKED_BY_FIXTURE[name])


@pytest.fixture(scope="session")
def postgis() -> Iterator[Postgis]:
    """A PostgreSQL server with PostGIS for this run; `postgis.database()` makes an empty database."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running())
        except NoPostgis as error:
            lacking("postgis", str(error))
        yield server


@pytest.fixture
def postgis_url(postgis: Postgis) -> Iterator[str]:
    """The SQLAlchemy address of an empty PostGIS database of the test's own."""
    with postgis.database() as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Headless Chromium for this run (CHROMIUM names another than the one found)."""
    path = os.environ.get("CHROMIUM") or next(
        filter(
            None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))
        ),
        None,
    )
    if path is None:
        lacking("browser", "no Chromium here (Debian: apt install chromium fonts-noto-cjk)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS, headless=True)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page of a fresh browser context, 1440 x 900."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield context.new_page()
    context.close()
