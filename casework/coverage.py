"""The areas in force, level by level, with an index that finds the area of a point.

A process keeps one index per level. Every use re-reads the level's ``coverage_version``, so a boundary published
by another process is known before the next answer.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Area, AreaVersion, Level
from geo.assignment import AreaIndex


@dataclass(frozen=True, slots=True)
class CoveredArea:
    """An area as it is in force now (WGS 84)."""

    id: int
    version_id: int
    code: str
    rank: int
    name_zh: str
    name_en: str
    parent_id: int | None
    drawn: bool
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Coverage:
    """One level's areas, sorted by code, and their index: position in ``areas`` is position in the index."""

    level_id: int
    level_code: str
    name_zh: str
    name_en: str
    position: int
    parent_level_id: int | None
    version: int
    areas: tuple[CoveredArea, ...]
    index: AreaIndex

    def by_id(self) -> dict[int, CoveredArea]:
        """The areas by their id."""
        return {area.id: area for area in self.areas}


# Set in the ``info`` of a session that has published areas: until it commits, what it reads is kept for nobody.
UNPUBLISHED = "unpublished areas"

_cache: dict[tuple[str, int], Coverage] = {}
_lock = threading.Lock()


def coverages(session: Session, *, lock: bool = False) -> list[Coverage]:
    """All levels that have areas, coarsest first; the last one is the patch level.

    With ``lock`` the levels' rows are kept from being published until the caller's transaction ends.
    """
    wanted = select(Level).order_by(Level.position)
    if lock:
        wanted = wanted.with_for_update(read=True)
    where = str(session.get_bind().engine.url)
    found = [_coverage(session, where, level) for level in session.scalars(wanted)]
    return [coverage for coverage in found if coverage.areas]


def patch_coverage(session: Session) -> Coverage | None:
    """The finest level in use, or None before any area was published."""
    found = coverages(session)
    return found[-1] if found else None


def _coverage(session: Session, where: str, level: Level) -> Coverage:
    if session.info.get(UNPUBLISHED):
        return _load(session, level)
    with _lock:
        kept = _cache.get((where, level.id))
        if kept is not None and _still_true(kept, level):
            return kept
        fresh = _load(session, level)
        _cache[(where, level.id)] = fresh
        return fresh


def _still_true(kept: Coverage, level: Level) -> bool:
    known = (kept.version, kept.level_code, kept.name_zh, kept.name_en, kept.position, kept.parent_level_id)
    return known == (
        level.coverage_version, level.code, level.name_zh, level.name_en, level.position, level.parent_id,
    )  # fmt: skip


def _load(session: Session, level: Level) -> Coverage:
    rows = session.execute(
        select(Area.id, Area.code, Area.rank, AreaVersion)
        .join(AreaVersion, AreaVersion.area_id == Area.id)
        .where(Area.level_id == level.id, AreaVersion.valid_to.is_(None))
        .order_by(Area.code)
    ).all()
    areas = tuple(
        CoveredArea(
            id=row.id, version_id=row.AreaVersion.id, code=row.code, rank=row.rank,
            name_zh=row.AreaVersion.name_zh, name_en=row.AreaVersion.name_en,
            parent_id=row.AreaVersion.parent_area_id, drawn=row.AreaVersion.drawn,
            geometry=row.AreaVersion.geometry,
        )
        for row in rows
    )  # fmt: skip
    return Coverage(
        level_id=level.id, level_code=level.code, name_zh=level.name_zh, name_en=level.name_en,
        position=level.position, parent_level_id=level.parent_id, version=level.coverage_version,
        areas=areas, index=_index(areas),
    )  # fmt: skip


def _index(areas: Sequence[CoveredArea]) -> AreaIndex:
    return AreaIndex.build([area.geometry for area in areas], rank=[area.rank for area in areas])
