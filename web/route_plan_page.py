"""What a plan's page is rendered from: the Folium shell, the page's settings, its texts, the plan as it stands."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, cast

from flask import current_app

from casework import problem_map
from casework.route_view import plan_data
from layers import routes as drawing
from layers.problem_map import Bounds, fitted
from layers.shell import Shell
from web import context, i18n, map_shell, route_words
from web.assets import asset

FILES: Final = ("vendor/leaflet/leaflet.js", "vendor/leaflet/leaflet.css")


def page(plan_id: int) -> dict[str, Any]:
    """The context of ``routes/plan.html``. Raises NotFound, NotSignedIn, Forbidden."""
    data = route_words.with_texts(plan_data(context.office(), context.actor(), plan_id))
    bounds = problem_map.bounds(context.office())
    nonce = cast(Callable[[], str], current_app.jinja_env.globals["csp_nonce"])()
    language = i18n.lang()
    config = {**map_shell.config(), "plan_id": plan_id, "now": context.office().now().isoformat()}
    return {
        "plan_id": plan_id,
        "title": data["plan"]["title"],
        "data": data,
        "may_plan": data["plan"]["may_change"],
        "shell": _drawn(bounds, *(asset(path) for path in FILES)).with_nonce(nonce),
        "map_config": config,
        "texts": i18n.texts_for_js(language) if language != "en" else {},
    }


@lru_cache(maxsize=16)
def _drawn(bounds: Bounds, *addresses: str) -> Shell:
    files = dict(zip(FILES, addresses, strict=True))
    return drawing.shell(bounds, fitted(bounds, drawing.DESKTOP_PX), files.__getitem__)
