"""Findings out, as files that other programs read; areas are in ``area_exports``."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.area_exports import export_areas
from casework.office import Office, the_city
from casework.status import is_overdue
from db.models import Area, Assignment, Bureau, Category, Finding, Level
from geo.writers import write

__all__ = ["export_areas", "export_findings"]

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
