"""The problem map: its page, and what the page asks for."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Final, cast

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from casework import case_view, hotspots, map_layers, problem_map, reads
from casework.map_layers import Layer
from casework.office import Office
from casework.policy import Act, Actor
from casework.problem_map import Frame
from layers import problem_map as drawing
from layers.problem_map import Start
from layers.shell import Shell
from web import compress, context, i18n
from web.assets import asset

blueprint = Blueprint("problem_map", __name__)

_KEPT: Final = "baopian_map_layers"


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """The page of the problem map; filters, view and open case stand in its address."""
    context.require(Act.VIEW_MAP)
    bounds = problem_map.bounds(context.office())
    start = _asked(request.args.get("at", "")) or drawing.fitted(bounds)
    frame = Frame(*drawing.around(start), start.zoom)
    first = problem_map.opening(context.office(), context.actor(), request.args, frame)
    language = i18n.lang()
    return render_template(
        "problem_map/show.html",
        shell=_shell(bounds, start).with_nonce(_nonce()),
        first=first,
        map_config=_config(bounds),
        texts=i18n.texts_for_js(language) if language != "en" else {},
    )


@blueprint.get("/map/view")
def view() -> ResponseReturnValue:
    """Counts, symbols and list lines for a view and filters."""
    return compress.answer(problem_map.answer(context.office(), context.actor(), request.args))


@blueprint.get("/map/case/<int:finding_id>")
def case(finding_id: int) -> ResponseReturnValue:
    """One finding for the case panel."""
    found = case_view.case(context.office(), context.actor(), finding_id)
    reads.see(context.office(), context.actor(), [finding_id])
    return compress.answer(found)


@blueprint.get("/map/hotspots")
def hot_spots() -> ResponseReturnValue:
    """Where findings lie closer than chance would have them, under the filters."""
    return compress.answer(hotspots.answer(context.office(), context.actor(), request.args))


@blueprint.get("/map/areas.json")
def areas() -> ResponseReturnValue:
    """The areas of all levels, ready to draw."""
    return _layer("areas", map_layers.areas)


@blueprint.get("/map/backdrop.json")
def backdrop() -> ResponseReturnValue:
    """Streets, rivers, parks and neighbours of the schematic map."""
    return _layer("backdrop", map_layers.backdrop)


@blueprint.get("/map/options.json")
def options() -> ResponseReturnValue:
    """What the filters can be set to."""
    return _layer("options", map_layers.options)


def _layer(name: str, read: Callable[[Office, Actor], AbstractContextManager[Layer]]) -> Response:
    """Answer from what this process made before, as long as its version is the one in force."""
    kept: dict[tuple[str, str], compress.Body] = current_app.extensions.setdefault(_KEPT, {})
    with read(context.office(), context.actor()) as layer:
        body = kept.get((name, layer.version))
        if body is None:
            body = compress.packed(compress.encoded(layer.make()))
            for old in [key for key in kept if key[0] == name][:-1]:
                kept.pop(old, None)
            kept[(name, layer.version)] = body
    return compress.kept_answer(body, layer.version)


def _asked(text: str) -> Start | None:
    """The view of ``at=lat,lon,zoom``; None when it is no view."""
    try:
        lat, lon, zoom = (float(part) for part in text.split(","))
    except ValueError:
        return None
    known = all(map(math.isfinite, (lat, lon, zoom))) and abs(lat) <= 85 and abs(lon) <= 180
    return Start(lat, lon, min(zoom, 22.0)) if known and zoom >= 0 else None


@lru_cache(maxsize=64)
def _drawn(bounds: drawing.Bounds, start: Start, leaflet: str, styles: str) -> Shell:
    files = {"vendor/leaflet/leaflet.js": leaflet, "vendor/leaflet/leaflet.css": styles}
    return drawing.shell(bounds, start, files.__getitem__)


def _shell(bounds: drawing.Bounds, start: Start) -> Shell:
    return _drawn(bounds, start, asset("vendor/leaflet/leaflet.js"), asset("vendor/leaflet/leaflet.css"))


def _nonce() -> str:
    return cast(Callable[[], str], current_app.jinja_env.globals["csp_nonce"])()


def _config(bounds: drawing.Bounds) -> dict[str, Any]:
    facts = context.city()
    assert facts is not None  # noqa: S101 - problem_map.bounds raised NotFound before
    west, south, east, north = bounds
    actor = context.actor()
    basemaps: list[dict[str, Any]] = [{"key": "none", "zh": "示意", "en": "Schematic"}]
    if facts.basemap.kind == "xyz" and facts.basemap.url:
        basemaps.append(
            {
                "key": "tiles",
                "zh": facts.basemap.name or "街道",
                "en": facts.basemap.name or "Streets",
                "url": facts.basemap.url,
                "attribution": facts.basemap.attribution,
                "datum": facts.basemap.datum,
                "max_zoom": facts.basemap.max_zoom,
            }
        )
    return {
        "lang": i18n.lang(),
        "theme": request.args.get("theme") if request.args.get("theme") in {"light", "dark"} else None,
        "city": {
            "zh": facts.name_zh,
            "en": facts.name_en,
            "demo": facts.is_demo,
            "bounds": [[south, west], [north, east]],
            "timezone": facts.timezone,
        },
        "signed_in": {"name": i18n.local(actor, "name"), "role": actor.role} if actor.role else None,
        "basemaps": basemaps,
        "can": {
            "report": context.may(Act.REPORT),
            "triage": context.may(Act.VIEW_TRIAGE),
            "look_back": context.may(Act.VIEW_ROUTES) or context.may(Act.WALK_ROUND),
        },
        "patch_level": problem_map.patch_level(context.office()),
        "texts_url": asset("texts/zh.json"),
    }
