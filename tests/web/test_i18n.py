"""The page's language, and how days, moments and spans are written."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casework.errors import Refused
from tests.factories.city import NOW
from tests.web.sites import Site
from web import i18n


@pytest.mark.parametrize(
    ("address", "cookie", "accepted", "language"),
    [
        ("/", None, None, "zh"),
        ("/", None, "en-GB,en;q=0.9", "en"),
        ("/", None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("/", None, "fr-FR", "zh"),
        ("/", "en", "zh-CN", "en"),
        ("/?lang=zh", "en", "en", "zh"),
        ("/?lang=xx", "en", None, "en"),
        ("/?lang=../../etc", "x", "*", "zh"),
    ],
)
def test_the_language_is_what_was_said_last(
    site: Site, address: str, cookie: str | None, accepted: str | None, language: str
) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    if cookie:
        headers["Cookie"] = f"lang={cookie}"
    with site.app.test_request_context(address, headers=headers):
        assert i18n.lang() == language


def test_a_language_in_the_address_is_remembered(site: Site) -> None:
    browser = site.client("zh")
    assert 'lang="en"' in browser.get("/about?lang=en").get_data(as_text=True)
    assert '<html lang="en"' in browser.get("/about").get_data(as_text=True)
    cookie = browser.client.get_cookie("lang")
    assert cookie is not None
    assert cookie.http_only


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        (NOW, "9月2日 10:24", "2 Sep 10:24"),
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), "2025年12月31日 23:59", "31 Dec 2025 23:59"),
        (datetime(2025, 12, 31, 16, 1, tzinfo=UTC), "1月1日 00:01", "1 Jan 00:01"),
    ],
)
def test_moments_are_the_city_s(site: Site, moment: datetime, zh: str, en: str) -> None:
    for language, written in (("zh", zh), ("en", en)):
        with site.app.test_request_context(f"/?lang={language}"):
            assert i18n.fmt_datetime(moment) == written
            assert i18n.fmt_day(moment) == written.rsplit(" ", 1)[0]


def test_what_is_not_there_is_written_as_nothing(site: Site) -> None:
    with site.app.test_request_context("/"):
        assert i18n.fmt_datetime(None) == i18n.fmt_day(None) == i18n.time_left(None, NOW) == ""


@pytest.mark.parametrize(
    ("left", "written"),
    [
        (timedelta(days=3, hours=5), "3 days left"),
        (timedelta(hours=30), "30 h left"),
        (timedelta(hours=12, minutes=10), "12 h left"),
        (timedelta(hours=3), "3 h left"),
        (timedelta(hours=2, minutes=24), "2 h 24 min left"),
        (timedelta(minutes=40, seconds=59), "40 min left"),
        (timedelta(0), "0 min left"),
        (-timedelta(hours=2, minutes=24), "2 h 24 min late"),
        (-timedelta(days=2), "2 days late"),
    ],
)
def test_deadlines_are_told_as_spans(site: Site, left: timedelta, written: str) -> None:
    with site.app.test_request_context("/?lang=en"):
        assert i18n.time_left(NOW + left, NOW) == written


class Thing:
    name_zh = "树林巷"
    name_en = ""


def test_a_name_that_lacks_in_one_language_is_shown_in_the_other(site: Site) -> None:
    for language in i18n.LANGUAGES:
        with site.app.test_request_context(f"/?lang={language}"):
            assert i18n.local(Thing(), "name") == "树林巷"
            assert i18n.local(Thing(), "title") == ""


def test_values_in_a_message_may_hold_percent_signs(site: Site) -> None:
    with site.app.test_request_context("/?lang=en"):
        error = Refused("there is no %(code)s", {"code": "50%(x)s {{ 7*7 }}"})
        assert i18n.said(error) == "there is no 50%(x)s {{ 7*7 }}"


def test_scripts_get_their_texts(site: Site, tmp_path: Path) -> None:
    site.app.static_folder = str(tmp_path)
    with site.app.test_request_context("/"):
        assert i18n.texts_for_js("zh") == {}
        (tmp_path / "texts").mkdir()
        (tmp_path / "texts" / "zh.json").write_text('{"Map": "地图"}', encoding="utf-8")
        assert i18n.texts_for_js("zh") == {"Map": "地图"}
        assert i18n.texts_for_js("en") == {}
        assert i18n.texts_for_js("../secret") == {}
