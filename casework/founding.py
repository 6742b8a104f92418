"""Founding an installation: creating its database, starting one's own city in it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.deadline_updates import recompute_all
from casework.errors import Conflict, NotFound, Refused, mark
from casework.fields import MAX_LINE, text
from casework.office import Office
from db.models import Category, City
from db.schema import is_current, upgrade
from geo.crs import area_m2, snap
from geo.readers import read
from settings import ROOT

CATEGORIES = ROOT / "data" / "categories.json"


@dataclass(frozen=True, slots=True)
class StartedCity:
    """A city that was just started."""

    name: str
    km2: float
    categories: int


def prepare(office: Office) -> bool:
    """Create the database or bring it to the newest form; returns whether it is new."""
    office.settings.instance.mkdir(parents=True, exist_ok=True)
    with office.database.engine.connect() as connection:
        fresh = not office.database.engine.dialect.has_table(connection, "alembic_version")
    was_current = not fresh and is_current(office.database)
    upgrade(office.database)
    if not fresh and not was_current and _has_city(office):
        recompute_all(office)  # deadlines of before may have been worked out by other rules
    return fresh


@contextmanager
def nothing_half_made(office: Office) -> Iterator[bool]:
    """Prepare the database; if what follows fails and it is new and still empty, take it away again.

    Gives whether the database is new. An empty database would look like an installation to the next start.
    """
    fresh = prepare(office)
    try:
        yield fresh
    except BaseException:
        if fresh and office.database.engine.dialect.name == "sqlite" and not _has_city(office):
            office.database.close()
            for ending in ("", "-wal", "-shm"):
                Path(f"{office.database.engine.url.database}{ending}").unlink(missing_ok=True)
        raise


def _has_city(office: Office) -> bool:
    with office.database.read() as session:
        return session.scalar(select(City.id).limit(1)) is not None


def require_current(office: Office) -> None:
    """Raise NotFound unless the database has the newest form."""
    if not is_current(office.database):
        raise NotFound(mark("The database is missing or older than this program: run `baopian init` first"))


def require_ready(office: Office) -> None:
    """Raise NotFound unless the database has the newest form and a city."""
    require_current(office)
    if not _has_city(office):
        raise NotFound(
            mark("There is no city yet: run `baopian init --demo`, or `baopian init --city NAME …`")
        )


def require_no_city(session: Session) -> None:
    """Raise Conflict when this installation has a city already."""
    city = session.scalars(select(City).limit(1)).first()
    if city is not None:
        raise Conflict(
            mark(
                "This installation holds a city already: %(name)s. Another one needs another INSTANCE folder"
            ),
            {"name": city.name_zh},
        )


def start(office: Office, name: str, name_en: str, extent: Path, timezone: str) -> StartedCity:
    """Start one's own city with the national categories, in one transaction.

    ``extent`` is a file of polygons that together are the city. Raises Refused, Conflict or UnreadableFile.
    """
    zh = text(name, "city", limit=MAX_LINE, required=True)
    en = text(name_en, "name-en", limit=MAX_LINE) or zh
    zone = checked_timezone(timezone)
    with office.database.read() as session:
        require_no_city(session)
    outline = outline_of(extent)
    with office.database.write() as session:
        require_no_city(session)
        session.add(City(name_zh=zh, name_en=en, extent=outline, timezone=zone))
        count = seed_categories(session, json.loads(CATEGORIES.read_text("utf-8")))
    return StartedCity(zh, area_m2(outline) / 1e6, count)


def checked_timezone(name: str) -> str:
    """The name of a time zone that this machine knows; raises Refused."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # an unknown zone is a KeyError, a folder an OSError
        raise Refused(
            mark("timezone: %(name)s is not known; write a name such as Asia/Shanghai"),
            {"name": name},
            field="timezone",
        ) from None
    return name


def seed_categories(session: Session, categories: list[dict[str, Any]]) -> int:
    """Insert categories (parents first: each has code, parent, names and limit); returns how many."""
    ids: dict[str, int] = {}
    for row in categories:
        parent = row.get("parent")
        category = Category(
            code=row["code"],
            parent_id=ids[parent] if parent else None,
            name_zh=row["zh"],
            name_en=row["en"],
            limit_value=row.get("limit_value"),
            limit_unit=row.get("limit_unit"),
        )
        session.add(category)
        session.flush()
        ids[category.code] = category.id
    return len(ids)


def outline_of(extent: Path) -> BaseGeometry:
    """The union of a file's polygons, valid and on the grid."""
    shapes = [shape for shape in read(extent).features.geometry if shape is not None and not shape.is_empty]
    polygons = [shape for shape in shapes if shape.geom_type in ("Polygon", "MultiPolygon")]
    if not polygons:
        raise Refused(mark("extent: %(file)s holds no polygons"), {"file": extent.name}, field="extent")
    merged = shapely.union_all([shapely.make_valid(shape) for shape in polygons])
    snapped = shapely.make_valid(snap(merged))
    parts = [part for part in shapely.get_parts(snapped) if part.geom_type == "Polygon"]
    outline: BaseGeometry = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return outline
