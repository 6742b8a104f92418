"""Publishing areas: versions opened and closed in one transaction, open findings re-assigned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.coverage import UNPUBLISHED
from casework.reassignment import reassign
from db.models import Area, AreaVersion, Level


@dataclass(frozen=True, slots=True)
class NewArea:
    """An area to publish. ``geometry`` is a valid (multi)polygon in WGS 84 on the 1e-7 degree grid."""

    code: str
    name_zh: str
    name_en: str
    geometry: BaseGeometry
    parent_area_id: int | None = None
    rank: int = 0
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication did: area codes, and how many open findings changed their area or bureau."""

    opened: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    findings_moved: int


def ensure_level(
    session: Session, code: str, name_zh: str, name_en: str, *, parent_id: int | None = None
) -> Level:
    """The level with this code; a new one is put below all others."""
    level = session.scalars(select(Level).where(Level.code == code)).first()
    if level is None:
        last = session.scalars(select(Level.position).order_by(Level.position.desc()).limit(1)).first()
        position = 0 if last is None else last + 1
        level = Level(code=code, name_zh=name_zh, name_en=name_en, position=position, parent_id=parent_id)
        session.add(level)
        session.flush()
    return level


def publish(
    session: Session,
    level: Level,
    areas: Sequence[NewArea],
    at: datetime,
    *,
    near_m: float,
    user_id: int | None = None,
    note: str = "",
) -> Publication:
    """Publish areas of one level inside the caller's write transaction.

    An area whose code exists gets a new version when its shape, name or parent differ; the old version ends
    ``at``. Areas that are not named stay. Open findings are located again; closed ones keep the area that they
    were closed under.
    """
    known = _current(session, level)
    opened, changed, unchanged = [], [], []
    for new in areas:
        before = known.get(new.code)
        if before is None:
            area = Area(level_id=level.id, code=new.code, rank=new.rank)
            session.add(area)
            session.flush()
            opened.append(new.code)
        elif _same(before, new):
            unchanged.append(new.code)
            continue
        else:
            area = before.area
            area.rank = new.rank
            before.valid_to = max(at, before.valid_from)
            session.flush()
            changed.append(new.code)
        session.add(_version(area.id, new, at, user_id, note))
    session.flush()
    moved = 0
    if opened or changed:
        session.info[UNPUBLISHED] = True
        level.coverage_version += 1
        session.flush()
        moved = reassign(session, at, near_m=near_m, user_id=user_id, reason=note)
    return Publication(tuple(opened), tuple(changed), tuple(unchanged), moved)


def _current(session: Session, level: Level) -> dict[str, AreaVersion]:
    versions: Iterable[AreaVersion] = session.scalars(
        select(AreaVersion)
        .join(Area, AreaVersion.area_id == Area.id)
        .where(Area.level_id == level.id, AreaVersion.valid_to.is_(None))
    )
    return {version.area.code: version for version in versions}


def _same(before: AreaVersion, new: NewArea) -> bool:
    named = (before.name_zh, before.name_en, before.parent_area_id, before.drawn, before.area.rank)
    return named == (new.name_zh, new.name_en, new.parent_area_id, new.drawn, new.rank) and bool(
        shapely.equals(before.geometry, new.geometry)
    )


def _version(area_id: int, new: NewArea, at: datetime, user_id: int | None, note: str) -> AreaVersion:
    minx, miny, maxx, maxy = new.geometry.bounds
    return AreaVersion(
        area_id=area_id, name_zh=new.name_zh, name_en=new.name_en, parent_area_id=new.parent_area_id,
        geometry=new.geometry, minx=minx, miny=miny, maxx=maxx, maxy=maxy, drawn=new.drawn,
        valid_from=at, valid_to=None, published_by=user_id, note=note,
    )  # fmt: skip
