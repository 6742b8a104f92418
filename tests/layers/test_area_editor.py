"""The drawing page's shell: Geoman from our own host, no toolbar of its own, the map handed to the page."""

import re

from layers.area_editor import MAP_ID, MAX_ZOOM, shell
from layers.problem_map import fitted
from layers.shell import Shell

XINING = (101.75, 36.55, 101.95, 36.66)


def address(path: str) -> str:
    return f"/static/{path}?v=1"


def editor() -> Shell:
    return shell(XINING, fitted(XINING), address)


def whole(parts: Shell) -> str:
    return parts.header + parts.html + parts.script


def test_leaflet_and_geoman_come_from_our_own_host_and_nothing_else_does() -> None:
    text = whole(editor())
    assert not re.search(r"(https?:)?//[a-z0-9.-]+\.[a-z]", text, re.IGNORECASE)
    files = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert sorted(files) == [
        "/static/vendor/geoman/leaflet-geoman.css?v=1",
        "/static/vendor/geoman/leaflet-geoman.js?v=1",
        "/static/vendor/leaflet/leaflet.css?v=1",
        "/static/vendor/leaflet/leaflet.js?v=1",
    ]


def test_geoman_is_loaded_after_leaflet() -> None:
    header = editor().header
    assert header.index("leaflet/leaflet.js") < header.index("geoman/leaflet-geoman.js")


def test_geomans_own_toolbar_goes_once_the_map_is_there() -> None:
    script = editor().script
    assert script.index("window.BP = {map:") < script.index("pm.removeControls()")


def test_the_map_is_handed_to_the_page_with_room_to_draw() -> None:
    parts = editor()
    assert f'id="map_{MAP_ID}"' in parts.html
    assert f"window.BP = {{map: map_{MAP_ID}}};" in parts.script
    assert f'"maxZoom": {MAX_ZOOM}' in parts.script
    assert '"doubleClickZoom": false' in parts.script


def test_every_tag_has_the_nonce_of_its_answer() -> None:
    shown = editor().with_nonce("n0nce")
    tags = re.findall(r"<(?:script|style|link)\b[^>]*>", whole(shown))
    assert tags
    assert all('nonce="n0nce"' in tag for tag in tags)
