"""What the drawing page is rendered from: the Folium shell with Geoman, the page's settings, its texts."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, cast

from flask import current_app

from casework import problem_map
from layers import area_editor as drawing
from layers.problem_map import Bounds, fitted
from layers.shell import Shell
from web import context, i18n, map_shell
from web.assets import asset

FILES: Final = (
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet/leaflet.css",
    "vendor/geoman/leaflet-geoman.js",
    "vendor/geoman/leaflet-geoman.css",
)


def page(draft_id: int, title: str = "") -> dict[str, Any]:
    """The context of ``drafts/edit.html`` for a draft that whoever asks may see.

    ``title`` goes into the page's title only. Raises NotFound before there is a city.
    """
    bounds = problem_map.bounds(context.office())
    nonce = cast(Callable[[], str], current_app.jinja_env.globals["csp_nonce"])()
    language = i18n.lang()
    return {
        "draft_id": draft_id,
        "draft_title": title,
        "shell": _drawn(bounds, tuple(asset(path) for path in FILES)).with_nonce(nonce),
        "map_config": {**map_shell.config(), "draft_id": draft_id},
        "texts": i18n.texts_for_js(language) if language != "en" else {},
    }


@lru_cache(maxsize=16)
def _drawn(bounds: Bounds, addresses: tuple[str, ...]) -> Shell:
    files = dict(zip(FILES, addresses, strict=True))
    return drawing.shell(bounds, fitted(bounds, drawing.DESKTOP_PX), files.__getitem__)
