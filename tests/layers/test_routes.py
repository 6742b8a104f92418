"""The shell of a plan's page: our own files only, a nonce on every tag, the map handed to the page."""

import re

from layers.problem_map import fitted
from layers.routes import DESKTOP_PX, MAP_ID, MAX_ZOOM, shell
from layers.shell import Shell

XINING = (101.75, 36.55, 101.95, 36.66)


def _plan_map() -> Shell:
    return shell(XINING, fitted(XINING, DESKTOP_PX), lambda path: f"/static/{path}?v=1")


def test_no_other_host_is_named_and_only_leaflet_is_loaded() -> None:
    parts = _plan_map()
    text = parts.header + parts.html + parts.script
    assert not re.search(r"(https?:)?//[a-z0-9.-]+\.[a-z]", text, re.IGNORECASE)
    files = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert files == ["/static/vendor/leaflet/leaflet.js?v=1", "/static/vendor/leaflet/leaflet.css?v=1"]


def test_every_tag_has_the_nonce_of_its_answer() -> None:
    parts = _plan_map().with_nonce("n0nce")
    tags = re.findall(r"<(?:script|style|link)\b[^>]*>", parts.header + parts.html)
    assert tags
    assert all('nonce="n0nce"' in tag for tag in tags)


def test_the_map_over_the_whole_city_is_handed_to_the_page() -> None:
    parts = _plan_map()
    assert f'id="map_{MAP_ID}"' in parts.html
    assert f"window.BP = {{map: map_{MAP_ID}}};" in parts.script
    assert f'"maxZoom": {MAX_ZOOM}' in parts.script
    zoom = float(re.search(r'"zoom": ([\d.]+)', parts.script)[1])  # type: ignore[index]
    least = float(re.search(r'"minZoom": ([\d.]+)', parts.script)[1])  # type: ignore[index]
    assert least < zoom == fitted(XINING, DESKTOP_PX).zoom
