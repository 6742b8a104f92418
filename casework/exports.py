"""Everything out: findings and areas as files that other programs read."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.coverage import coverages
from casework.errors import Refused, mark
from casework.office import Office, the_city
from casework.status import is_overdue
from db.models import Area, Assignment, Bureau, Category, Finding, Level
from geo.writers import write

_FINDING_COLUMNS = (
    "id", "number", "source", "external_id", "category", "category_zh", "category_en", "status", "overdue", "subject",
    "place", "description", "found_at", "reported_at", "due_at", "closed_at", "area", "bureau", "bureau_zh",
    "bureau_en", "assignment", "near_border", "pinned", "lon", "lat",
)  # fmt: skip


def export_findings(office: Office, path: Path) -> int:
    """Write all findings, one column ``area_<level>`` for each level, times on the city's clock; returns how many."""
    with office.database.read() as session:
        zone = ZoneInfo(the_city(session).timezone)
        levels = session.execute(select(Level.id, Level.code).order_by(Level.position)).all()
        by_level = {level.id: _assigned(session, level.id) for level in levels}
        rows = [
            _finding(row, zone, office.now())
            | {f"area_{level.code}": by_level[level.id].get(row.id, "") for level in levels}
            for row in _findings(session)
        ]
    columns = [*_FINDING_COLUMNS, *(f"area_{level.code}" for level in levels)]
    points = shapely.points([row["lon"] for row in rows], [row["lat"] for row in rows])
    frame = gpd.GeoDataFrame(
        {name: [row[name] for row in rows] for name in columns}, geometry=points, crs="EPSG:4326"
    )
    write(path, frame)
    return len(rows)


def export_areas(office: Office, path: Path, level: str | None = None) -> int:
    """Write the areas in force of one level, or of all; returns how many. Raises Refused for an unknown level."""
    with office.database.read() as session:
        found = [one for one in coverages(session) if level is None or one.level_code == level]
        if not found:
            raise Refused(
                mark("level: there are no areas of the level %(code)s"), {"code": level or "-"}, field="level"
            )
        codes = {row.id: row.code for row in session.execute(select(Area.id, Area.code))}
    rows: list[dict[str, Any]] = [
        {
            "level": one.level_code, "code": area.code, "name_zh": area.name_zh, "name_en": area.name_en,
            "parent": codes.get(area.parent_id or 0, ""), "rank": area.rank, "drawn": area.drawn,
            "geometry": area.geometry,
        }
        for one in found
        for area in one.areas
    ]  # fmt: skip
    write(path, gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326"))
    return len(rows)


def _findings(session: Session) -> Sequence[Any]:
    return session.execute(
        select(
            Finding.id, Finding.number, Finding.source, Finding.external_id, Category.code.label("category"),
            Category.name_zh.label("category_zh"), Category.name_en.label("category_en"), Finding.status,
            Finding.subject, Finding.place, Finding.description, Finding.found_at, Finding.reported_at,
            Finding.due_at, Finding.closed_at, Area.code.label("area"), Bureau.code.label("bureau"),
            Bureau.name_zh.label("bureau_zh"), Bureau.name_en.label("bureau_en"), Finding.assignment,
            Finding.near_border, Finding.pinned, Finding.lon, Finding.lat,
        )
        .join(Category, Finding.category_id == Category.id)
        .outerjoin(Area, Finding.area_id == Area.id)
        .outerjoin(Bureau, Finding.bureau_id == Bureau.id)
        .order_by(Finding.id)
    ).all()  # fmt: skip


def _finding(row: Any, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    values = {name: "" if value is None else value for name, value in row._mapping.items()}
    for name in ("found_at", "reported_at", "due_at", "closed_at"):
        moment = getattr(row, name)
        values[name] = moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""
    values["overdue"] = is_overdue(row.status, row.due_at, now)
    return values


def _assigned(session: Session, level_id: int) -> dict[int, str]:
    rows = session.execute(
        select(Assignment.finding_id, Area.code)
        .join(Area, Assignment.area_id == Area.id)
        .where(Assignment.level_id == level_id, Assignment.valid_to.is_(None))
    )
    return {row.finding_id: row.code for row in rows}
