"""The Folium shell and the settings of a small map on which a place is chosen."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, cast

from flask import current_app

from casework import problem_map
from layers import problem_map as drawing
from layers.problem_map import Bounds, Start
from layers.shell import Shell
from web import context, i18n
from web.assets import asset

CLOSE_ZOOM: Final = 16.75


def shell(lon: float | None = None, lat: float | None = None) -> Shell:
    """The shell of a map on a place (degrees, WGS 84), or on the whole city."""
    bounds = problem_map.bounds(context.office())
    known = lon is not None and lat is not None and abs(lat) <= 85
    start = Start(lat, lon, CLOSE_ZOOM) if known else drawing.fitted(bounds, (700, 320))  # type: ignore[arg-type]
    nonce = cast(Callable[[], str], current_app.jinja_env.globals["csp_nonce"])()
    drawn = _drawn(bounds, start, asset("vendor/leaflet/leaflet.js"), asset("vendor/leaflet/leaflet.css"))
    return drawn.with_nonce(nonce)


@lru_cache(maxsize=64)
def _drawn(bounds: Bounds, start: Start, leaflet: str, styles: str) -> Shell:
    files = {"vendor/leaflet/leaflet.js": leaflet, "vendor/leaflet/leaflet.css": styles}
    return drawing.shell(bounds, start, files.__getitem__)


def config() -> dict[str, Any]:
    """What the scripts of such a page need: language, city, time zone, base maps."""
    facts = context.city()
    assert facts is not None  # noqa: S101 - problem_map.bounds raised NotFound before
    west, south, east, north = problem_map.bounds(context.office())
    basemaps: list[dict[str, Any]] = [{"key": "none", "zh": "示意", "en": "Schematic"}]
    if facts.basemap.kind == "xyz" and facts.basemap.url:
        basemaps.append(
            {
                "key": "tiles", "zh": facts.basemap.name or "街道", "en": facts.basemap.name or "Streets",
                "url": facts.basemap.url, "attribution": facts.basemap.attribution,
                "datum": facts.basemap.datum, "max_zoom": facts.basemap.max_zoom,
            }
        )  # fmt: skip
    return {
        "lang": i18n.lang(),
        "city": {
            "bounds": [[south, west], [north, east]],
            "timezone": facts.timezone,
            "demo": facts.is_demo,
        },
        "basemaps": basemaps,
        "user": context.actor().username,
    }
