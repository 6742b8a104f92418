"""The city itself: its names, time zone, usual language and extent."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from casework import edits, fields
from casework.cities import Basemap
from casework.deadline_updates import recompute
from casework.errors import Refused, mark
from casework.founding import checked_timezone, outline_of
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from geo.crs import area_m2
from geo.problems import UnreadableFile

LANGUAGES: Final = ("zh", "en")
SEEN = ("name_zh", "name_en", "timezone", "default_lang")
MAX_DRAFT: Final = 3_000_000  # characters of a drawn-up extent that a form carries back


@dataclass(frozen=True, slots=True)
class Extent:
    """An extent to look at: its rings in degrees (lon, lat), its size and bounds; ``draft`` is it as text."""

    rings: tuple[tuple[tuple[float, float], ...], ...]
    km2: float
    bounds: tuple[float, float, float, float]
    points: int
    draft: str = ""


@dataclass(frozen=True, slots=True)
class CitySettings:
    """What can be set about the city."""

    name_zh: str
    name_en: str
    timezone: str
    default_lang: str
    basemap: Basemap
    extent: Extent
    seen: str


def city_settings(office: Office, actor: Actor) -> CitySettings:
    """How the city is set now; raises NotFound before there is one."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        city = the_city(session)
        basemap = Basemap(
            city.basemap_kind, city.basemap_name, city.basemap_url, city.basemap_attribution, city.basemap_datum,
            city.basemap_max_zoom,
        )  # fmt: skip
        return CitySettings(
            city.name_zh, city.name_en, city.timezone, city.default_lang, basemap, _drawn(city.extent),
            edits.seen(city, SEEN),
        )  # fmt: skip


def change_city(office: Office, actor: Actor, values: Mapping[str, object], seen: str = "") -> None:
    """Give the city other names, another time zone or usual language. Raises Refused naming the field, Conflict."""
    require(actor, Act.MANAGE_SETTINGS)
    zh = fields.text(values.get("name_zh"), "name_zh", limit=fields.MAX_LINE, required=True)
    en = fields.text(values.get("name_en"), "name_en", limit=fields.MAX_LINE) or zh
    zone = checked_timezone(fields.text(values.get("timezone"), "timezone", limit=64, required=True))
    language = values.get("default_lang")
    if language not in LANGUAGES:
        raise Refused(mark("Choose Chinese or English"), field="default_lang")
    with office.database.write() as session:
        city = the_city(session)
        edits.require_fresh(seen, city, SEEN)
        is_elsewhere = zone != city.timezone
        city.name_zh, city.name_en, city.timezone, city.default_lang = zh, en, zone, str(language)
        if is_elsewhere:  # working hours and days begin at other moments
            recompute(session, office.now())


def read_extent(office: Office, actor: Actor, path: Path) -> Extent:
    """A file's polygons as the extent that they would make. Raises Refused; nothing is written."""
    require(actor, Act.MANAGE_SETTINGS)
    try:
        outline = outline_of(path)
    except UnreadableFile as error:
        raise Refused(error.message, error.params, field="file") from error
    except Refused as error:  # founding calls it "extent"; on the form it is the file
        raise _no_outline() from error
    if not _is_outline(outline):
        raise _no_outline()
    return _drafted(outline)


def set_extent(office: Office, actor: Actor, draft: str) -> Extent:
    """Make a looked-at extent (``Extent.draft``) the city's. Raises Refused when the text is not whole."""
    require(actor, Act.MANAGE_SETTINGS)
    broken = Refused(mark("The outline did not arrive whole: choose the file again"), field="file")
    if len(draft) > MAX_DRAFT:
        raise broken
    try:
        outline = shapely.from_wkb(base64.b64decode(draft, validate=True))
    except (binascii.Error, ValueError, ShapelyError):
        raise broken from None
    if not _is_outline(outline):
        raise broken
    with office.database.write() as session:
        the_city(session).extent = outline
    return _drawn(outline)


@cache
def timezones() -> tuple[str, ...]:
    """The names of all time zones that this machine knows, those of places only."""
    return tuple(
        sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    )


def _no_outline() -> Refused:
    return Refused(mark("The file holds no polygons: the city's outline is made of them"), field="file")


def _is_outline(outline: BaseGeometry | None) -> bool:
    if outline is None or outline.geom_type not in ("Polygon", "MultiPolygon") or outline.is_empty:
        return False
    west, south, east, north = outline.bounds
    return outline.is_valid and west >= -180 and south >= -90 and east <= 180 and north <= 90


def _drafted(outline: BaseGeometry) -> Extent:
    draft = base64.b64encode(shapely.to_wkb(outline)).decode()
    if len(draft) > MAX_DRAFT:
        raise Refused(
            mark("The outline has %(count)s points, too many: simplify it first"),
            {"count": shapely.get_num_coordinates(outline)},
            field="file",
        )
    return _drawn(outline, draft)


def _drawn(outline: BaseGeometry, draft: str = "") -> Extent:
    west, south, east, north = outline.bounds
    coarse = shapely.simplify(outline, max(east - west, north - south) / 800, preserve_topology=True)
    rings = tuple(
        tuple((x, y) for x, y in shapely.get_coordinates(ring).tolist())
        for part in shapely.get_parts(coarse)
        for ring in (part.exterior, *part.interiors)
    )
    return Extent(
        rings,
        area_m2(outline) / 1e6,
        (west, south, east, north),
        int(shapely.get_num_coordinates(outline)),
        draft,
    )
