"""The city and its map on a page."""

import math
import tempfile
from pathlib import Path
from typing import Any, Final

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

from casework import basemaps, city_settings
from casework.basemaps import TileServer
from casework.city_settings import CitySettings, Extent, timezones
from casework.errors import Refused, mark
from casework.policy import Act
from web import context
from web.settings.frame import Tried, blueprint, done, fresh, show, tried, typed

_CITY: Final = ("name_zh", "name_en", "timezone", "default_lang")
_TILES: Final = ("name", "url", "attribution", "datum", "max_zoom")
_BOX_PX: Final = 320


@blueprint.get("/city", endpoint="city")
def show_city() -> ResponseReturnValue:
    """Names, time zone, language, extent, base map."""
    context.require(Act.MANAGE_SETTINGS)
    return _page(fresh())


@blueprint.post("/city", endpoint="city_save")
def save() -> ResponseReturnValue:
    """Change names, time zone or usual language."""
    values, seen = typed(*_CITY), request.form.get("seen", "")
    trial = tried(
        lambda: city_settings.change_city(context.office(), context.actor(), values, seen), fields=_CITY
    )
    if not trial.ok:
        return _page(trial, values=values)
    return done(url_for("settings.city"), _("Saved"))


@blueprint.post("/city/extent", endpoint="city_extent")
def extent() -> ResponseReturnValue:
    """Show the outline that a file would make of the city; with ``draft`` make it so."""
    draft = request.form.get("draft", "")
    if draft:
        saved = tried(
            lambda: city_settings.set_extent(context.office(), context.actor(), draft), fields=("file",)
        )
        return done(url_for("settings.city"), _("The outline is saved")) if saved.ok else _page(saved)
    context.require(Act.MANAGE_SETTINGS)
    trial = tried(lambda: _read(request.files.get("file")), fields=("file",))
    return _page(trial, drawn=trial.result)


@blueprint.post("/city/basemap", endpoint="city_basemap")
def basemap() -> ResponseReturnValue:
    """Put a tile server under the map, or take it away."""
    context.require(Act.MANAGE_SETTINGS)
    values = typed("kind", *_TILES)
    trial = tried(lambda: _set_tiles(values), fields=_TILES)
    if not trial.ok:
        return _page(trial, tiles=values)
    return done(url_for("settings.city"), _("Saved. Look at the map to see it"))


def _set_tiles(values: dict[str, str]) -> None:
    if values["kind"] != "xyz":
        return basemaps.set_basemap(context.office(), None)
    zoom = values["max_zoom"].strip()
    server = TileServer(
        values["url"], values["name"], values["attribution"], values["datum"],
        int(zoom) if zoom.isascii() and zoom.isdigit() and len(zoom) < 4 else 0,
    )  # fmt: skip
    return basemaps.set_basemap(context.office(), server)


def _read(file: FileStorage | None) -> Extent:
    if file is None or not file.filename:
        raise Refused(mark("Choose a file with the city's outline"), field="file")
    with tempfile.TemporaryDirectory() as folder:
        ending = Path(secure_filename(file.filename)).suffix.lower()
        path = Path(folder) / f"extent{ending}"
        file.save(path)
        return city_settings.read_extent(context.office(), context.actor(), path)


def _page(
    trial: Tried[Any],
    *,
    values: dict[str, str] | None = None,
    tiles: dict[str, str] | None = None,
    drawn: Extent | None = None,
) -> ResponseReturnValue:
    facts = city_settings.city_settings(context.office(), context.actor())
    return show(
        "city", trial, facts=facts, values=values or {name: getattr(facts, name) for name in _CITY},
        tiles=tiles or _tiles(facts), zones=timezones(), extent=sketch(facts.extent),
        drawn=drawn, drawing=sketch(drawn) if drawn else None,
    )  # fmt: skip


def _tiles(facts: CitySettings) -> dict[str, str]:
    found = facts.basemap
    return {"kind": found.kind} | {name: str(getattr(found, name)) for name in _TILES}


def sketch(extent: Extent) -> tuple[str, int, int]:
    """An extent as an SVG path with the width and height of its box, north up, at its own proportions."""
    west, south, east, north = extent.bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
    scale = _BOX_PX / max(wide, high)
    path = "".join(
        "M" + "L".join(f"{(x - west) * squeeze * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring) + "Z"
        for ring in extent.rings
    )
    return path, math.ceil(wide * scale), math.ceil(high * scale)
