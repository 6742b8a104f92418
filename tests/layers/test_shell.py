"""Folium's shell: our own files only, a nonce on every tag, and never a user's text."""

import re

import folium
import folium.plugins
import pytest

from layers.problem_map import MAP_ID, Start, around, fitted, shell
from layers.shell import LINKS, ForeignLink, Shell, localise, split
from settings import ROOT

XINING = (101.75, 36.55, 101.95, 36.66)


def address(path: str) -> str:
    return f"/static/{path}?v=1"


def problem_map() -> Shell:
    return shell(XINING, fitted(XINING), address)


def whole(parts: Shell) -> str:
    return parts.header + parts.html + parts.script


def test_no_other_host_is_named() -> None:
    text = whole(problem_map())
    assert not re.search(r"(https?:)?//[a-z0-9.-]+\.[a-z]", text, re.IGNORECASE)
    files = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert files == ["/static/vendor/leaflet/leaflet.js?v=1", "/static/vendor/leaflet/leaflet.css?v=1"]


def test_only_what_is_used_is_loaded() -> None:
    text = whole(problem_map()).lower()
    for unused in ("jquery", "bootstrap", "awesome", "glyphicons", "openstreetmap"):
        assert unused not in text


def test_every_tag_has_the_nonce_of_its_answer() -> None:
    shown = problem_map().with_nonce("n0nce")
    tags = re.findall(r"<(?:script|style|link)\b[^>]*>", whole(shown))
    assert tags
    assert all('nonce="n0nce"' in tag for tag in tags)
    assert "bp-nonce" not in whole(shown)


def test_the_page_keeps_its_own_viewport_and_layout() -> None:
    header = problem_map().header
    assert "<meta" not in header
    assert "html, body" not in header
    assert "#map {" not in header


def test_the_map_is_handed_to_the_page() -> None:
    parts = problem_map()
    assert f'id="map_{MAP_ID}"' in parts.html
    assert f"window.BP = {{map: map_{MAP_ID}}};" in parts.script
    assert "new Event('bp:map')" in parts.script
    for option in (
        '"zoomSnap": 0.25',
        '"maxZoom": 19',
        '"attributionControl": false',
        '"zoomControl": false',
    ):
        assert option in parts.script
    assert '"zoomControl": true' not in parts.script


def test_the_same_map_is_the_same_text() -> None:
    assert problem_map() == problem_map()


def test_foliums_own_lists_stay_as_they_are() -> None:
    before = (list(folium.Map.default_js), list(folium.Map.default_css))
    problem_map()
    assert (folium.Map.default_js, folium.Map.default_css) == before


def test_an_unknown_link_is_an_error() -> None:
    drawn = folium.Map(tiles=None)
    folium.plugins.MarkerCluster().add_to(drawn)  # type: ignore[no-untyped-call]
    with pytest.raises(ForeignLink, match=r"MarkerCluster.*markercluster"):
        localise(drawn, address)


def test_another_host_anywhere_is_an_error() -> None:
    drawn = folium.Map(tiles=None)
    folium.TileLayer("https://tiles.example.org/{z}/{x}/{y}.png", attr="x").add_to(drawn)
    with pytest.raises(ForeignLink, match=r"example\.org"):
        split(drawn, address)


def test_every_file_that_may_be_linked_is_served() -> None:
    for path in filter(None, LINKS.values()):
        if not (ROOT / "web/static/vendor/leaflet").exists():
            pytest.skip("make vendor has not run")
        assert (ROOT / "web/static" / path).is_file()


def test_a_fitted_view_shows_all_of_the_city() -> None:
    start = fitted(XINING)
    west, south, east, north = around(start)
    assert west <= 101.75
    assert south <= 36.55
    assert east >= 101.95
    assert north >= 36.66
    assert start.zoom % 0.25 == 0
    closer = around(Start(start.lat, start.lon, start.zoom + 0.25))
    assert closer[0] > 101.75 or closer[1] > 36.55


def test_a_city_of_one_point_still_has_a_view() -> None:
    assert fitted((101.8, 36.6, 101.8, 36.6)).zoom == 13
