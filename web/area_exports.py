"""Taking boundaries out: which level, as on which day, in which system and format."""

import tempfile
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import area_exports
from casework.area_exports import FORMATS, AreaExport
from casework.errors import Refused, mark
from casework.policy import Act
from web import case_words, context

blueprint = Blueprint("area_exports", __name__, url_prefix="/areas/export")

_TYPES = {
    ".geojson": "application/geo+json", ".gpkg": "application/geopackage+sqlite3", ".zip": "application/zip",
    ".kml": "application/vnd.google-earth.kml+xml", ".dxf": "image/vnd.dxf", ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@blueprint.get("")
def show() -> ResponseReturnValue:
    """What can be taken out, as a form."""
    offered = area_exports.choices(context.office(), context.actor(), public_map=context.public_map())
    return render_template(
        "area_exports/show.html",
        offered=offered,
        formats=_formats(),
        systems=_systems(offered.systems),
        words=case_words,
    )


@blueprint.get("/file")
def file() -> ResponseReturnValue:
    """The file itself: ``level``, ``on``, ``crs`` and ``format`` say which."""
    context.require(Act.VIEW_MAP)
    given = request.args
    ending = given.get("format", ".geojson")
    if ending not in FORMATS:
        known = " ".join(FORMATS)
        raise Refused(
            mark("%(ending)s is no format here: %(known)s"),
            {"ending": ending[:20], "known": known},
            field="format",
        )
    wanted = AreaExport(given.get("level", ""), given.get("on", ""), given.get("crs", "").strip() or "wgs84")
    office = context.office()
    with tempfile.TemporaryDirectory(prefix="baopian-") as folder:
        name = area_exports.file_name(office, wanted, ending)
        made = Path(folder) / f"areas{ending}"
        area_exports.export_areas(office, made, wanted.level or None, wanted.on, wanted.system)
        content = made.read_bytes()
    answer = Response(content, content_type=_TYPES[ending])
    plain = name.encode("ascii", errors="replace").decode().replace("?", "_").replace('"', "_")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _formats() -> list[tuple[str, str, str]]:
    """Ending, name, and what to know about it."""
    return [
        (".gpkg", "GeoPackage", _("Opens in QGIS with outlines and names; a layer for each level")),
        (".zip", "Shapefile", _("UTF-8, zipped; field names have at most 10 letters there")),
        (".geojson", "GeoJSON", _("For web maps and programs")),
        (".kml", "KML", _("For Google Earth and phones; always WGS 84")),
        (".dxf", "DXF", _("For CAD: closed lines with code and name as texts; best in metres")),
        (".csv", "CSV", _("A table with the shapes as WKT")),
        (".xlsx", "Excel", _("A table with the shapes as WKT")),
    ]


def _systems(systems: tuple[tuple[str, str], ...]) -> list[tuple[str, str, str]]:
    """Code, name, and what it is for."""
    said = {
        "wgs84": (_("WGS 84, degrees"), _("What GPS and web maps use")),
        "EPSG:4490": (_("CGCS2000, degrees"), _("The national system")),
        "gcj02": (_("GCJ-02, degrees"), _("Shifted, for Amap and Tencent maps; the file's name says so")),
        "bd09": (_("BD-09, degrees"), _("Shifted, for Baidu maps; the file's name says so")),
    }
    found = []
    for code, name in systems:
        title, hint = said.get(code, (f"{name} ({code})", _hint(name)))
        found.append((code, title, hint))
    return found


def _hint(name: str) -> str:
    if "zone" in name and "Gauss" in name:
        return _("Metres, the zone's number before each easting")
    return _("Metres, for measuring and CAD")
