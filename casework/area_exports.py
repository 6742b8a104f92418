"""Areas out: any level, as it was on any day, in the coordinate system that the other side wants."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy
from casework.area_history import read_day
from casework.area_timeline import Timeline, VersionOf, read_timeline, shapes_of
from casework.coverage import Coverage, coverages
from casework.errors import Refused, mark
from casework.office import Office, the_city
from casework.policy import Act, Actor
from db.models import Area
from geo.crs import DATUMS, UnknownCrs
from geo.projections import offered, projected, system
from geo.writers import ENDINGS, write

FORMATS: Final = (".geojson", ".gpkg", ".zip", ".kml", ".dxf", ".csv", ".xlsx")
_ONLY_WGS84: Final = (".kml",)
_COLUMNS: Final = ("level", "code", "name_zh", "name_en", "parent", "rank", "drawn", "geometry")


@dataclass(frozen=True, slots=True)
class AreaExport:
    """What goes out: the level's code (empty: all), the day (empty: now), and the system (EPSG:n or a datum)."""

    level: str = ""
    on: str = ""
    system: str = "wgs84"


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """What a person may choose from: levels (code, zh, en, areas), first day with areas, systems with their names."""

    levels: tuple[tuple[str, str, str, int], ...]
    first_day: date | None
    today: date
    systems: tuple[tuple[str, str], ...]


def choices(office: Office, actor: Actor, *, public_map: bool = False) -> ExportChoices:
    """What the page of exports offers. Raises NotSignedIn or Forbidden."""
    policy.require(actor, Act.VIEW_MAP, public_map=public_map)
    with office.database.read() as session:
        city = the_city(session)
        place = city.extent.centroid
        timeline = read_timeline(session)
        day = _city_day(office, session)
        first = min((one.at for one in timeline.publications), default=None)
        return ExportChoices(
            levels=tuple((c.level_code, c.name_zh, c.name_en, len(c.areas)) for c in coverages(session)),
            first_day=_local_day(first, session) if first else None,
            today=day,
            systems=tuple((code, system(code).name) for code in offered(place.x, place.y)),
        )


def export_areas(
    office: Office, path: Path, level: str | None = None, on: str = "", target: str = "wgs84"
) -> int:
    """Write the areas of one level, or of all, by the ending of the file's name; returns how many.

    ``on`` is a day (YYYY-MM-DD: as they were at its end), ``target`` EPSG:n, wgs84, gcj02 or bd09. GeoPackage and
    shapefile get a layer for each level. Raises Refused for a level, day or system that is none.
    """
    wanted = AreaExport(level or "", on, target)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise Refused(
            mark("%(ending)s is no format here: %(known)s"), {"ending": ending or "-", "known": " ".join(FORMATS)},
            field="format",
        )  # fmt: skip
    name = _known_system(wanted.system)
    if ending in _ONLY_WGS84 and name not in ("wgs84", "EPSG:4326"):
        raise Refused(mark("KML is always in WGS 84: take another format, or WGS 84"), field="crs")
    with office.database.read() as session:
        frame = _on_day(office, session, wanted) if wanted.on else _in_force(session, wanted.level)
    try:
        placed = projected(frame, name)
    except UnknownCrs as error:
        raise Refused(
            mark("crs: %(crs)s does not reach as far as this city"), {"crs": wanted.system[:60]}, field="crs"
        ) from error
    write(path, placed, layers="level", label="name_zh")
    return len(frame)


def file_name(office: Office, wanted: AreaExport, ending: str) -> str:
    """What a file is called: level, day and system are in its name, as no format tells them all."""
    with office.database.read() as session:
        day = read_day(wanted.on) or _city_day(office, session)
    name = _known_system(wanted.system)
    where = "" if name in ("wgs84", "EPSG:4326") else "_" + name.replace("EPSG:", "epsg").replace(":", "")
    return f"{wanted.level or 'areas'}_{day.isoformat()}{where}{ending}"


def _known_system(text: str) -> str:
    name = text.strip()
    if name.lower().replace("-", "") in DATUMS:
        return name.lower().replace("-", "")
    code = f"EPSG:{name}" if name.isdigit() else name.upper() if name.upper().startswith("EPSG:") else name
    try:
        if code.startswith("EPSG:"):
            system(code)
            return code
    except UnknownCrs:
        pass
    raise Refused(
        mark("crs: %(crs)s is not known: write EPSG:4490 for example, or wgs84, gcj02, bd09"), {"crs": name[:60]},
        field="crs",
    )  # fmt: skip


def _in_force(session: Session, level: str) -> gpd.GeoDataFrame:
    found: list[Coverage] = [one for one in coverages(session) if not level or one.level_code == level]
    if not found:
        raise _no_level(level)
    codes = {row.id: row.code for row in session.execute(select(Area.id, Area.code))}
    return _frame(
        [
            (
                one.level_code, area.code, area.name_zh, area.name_en, codes.get(area.parent_id or 0, ""), area.rank,
                area.drawn, area.geometry,
            )
            for one in found
            for area in one.areas
        ]
    )  # fmt: skip


def _on_day(office: Office, session: Session, wanted: AreaExport) -> gpd.GeoDataFrame:
    timeline = read_timeline(session)
    day = read_day(wanted.on)
    if day is None or day > _city_day(office, session):
        raise Refused(mark("on: %(day)s lies in the future"), {"day": wanted.on}, field="on")
    levels = {one.id: one.code for one in timeline.levels if not wanted.level or one.code == wanted.level}
    if not levels:
        raise _no_level(wanted.level)
    versions = timeline.in_force(timeline.on(day, the_city(session).timezone), levels.keys())
    if not versions:
        raise Refused(mark("on: no areas were in force on %(day)s"), {"day": wanted.on}, field="on")
    return _then(session, timeline, versions, levels)


def _then(
    session: Session, timeline: Timeline, versions: list[VersionOf], levels: dict[int, str]
) -> gpd.GeoDataFrame:
    shapes = shapes_of(session, versions)
    codes = {one.area_id: one.code for one in timeline.versions}
    ranks = {row.id: row.rank for row in session.execute(select(Area.id, Area.rank))}
    return _frame(
        [
            (
                levels[one.level_id], one.code, one.name_zh, one.name_en, codes.get(one.parent_id or 0, ""),
                ranks[one.area_id], one.drawn, shapes[one.id],
            )
            for one in versions
        ]
    )  # fmt: skip


def _frame(rows: list[tuple[Any, ...]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        [dict(zip(_COLUMNS, row, strict=True)) for row in rows], geometry="geometry", crs="EPSG:4326"
    )


def _no_level(code: str) -> Refused:
    return Refused(
        mark("level: there are no areas of the level %(code)s"), {"code": code or "-"}, field="level"
    )


def _city_day(office: Office, session: Session) -> date:
    return _local_day(office.now(), session)


def _local_day(moment: datetime, session: Session) -> date:
    return moment.astimezone(ZoneInfo(the_city(session).timezone)).date()
