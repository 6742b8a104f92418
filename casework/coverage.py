"""The areas in force, level by level, with an index that finds the area of a point.

A process keeps one index per level; a publication splices what it redrew into it. Every use re-reads the level's
``coverage_version``, so a boundary published by another process is known before the next answer.
"""

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import event, select
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

_CHUNK = 1_000
# Beyond this share of redrawn areas a new index is built sooner than the old one is spliced.
_SPLICED_AT_MOST = 0.5

_cache: dict[tuple[str, int], Coverage] = {}
_lock = threading.Lock()


def coverages(session: Session, *, lock: bool = False) -> list[Coverage]:
    """All levels that have areas, coarsest first; the last one is the patch level.

    With ``lock`` the levels' rows are kept from being published until the caller's transaction ends.
    """
    return [coverage for coverage in every_coverage(session, lock=lock) if coverage.areas]


def every_coverage(session: Session, *, lock: bool = False) -> list[Coverage]:
    """``coverages`` with the levels that have no areas yet."""
    wanted = select(Level).order_by(Level.position)
    if lock:
        wanted = wanted.with_for_update(read=True)
    where = str(session.get_bind().engine.url)
    return [_coverage(session, where, level) for level in session.scalars(wanted)]


def patch_coverage(session: Session) -> Coverage | None:
    """The finest level in use, or None before any area was published."""
    found = coverages(session)
    return found[-1] if found else None


def redrawn(
    before: Coverage, changed: Iterable[CoveredArea], ended: Collection[int] = (), version: int | None = None
) -> Coverage:
    """A level once some areas are other than before (by id; new ones are added) and some have ended (ids).

    Where only shapes differ the index is spliced, not built again.
    """
    areas = {area.id: area for area in before.areas if area.id not in ended}
    areas.update((area.id, area) for area in changed)
    ordered = tuple(sorted(areas.values(), key=lambda one: (one.code, one.id)))
    return replace(
        before,
        version=before.version if version is None else version,
        areas=ordered,
        index=_respliced(before, ordered),
    )


def keep_after_commit(session: Session, coverage: Coverage) -> None:
    """Let this process go on with what the session has just published, once it is committed."""
    where = str(session.get_bind().engine.url)

    def keep(_session: Session) -> None:
        with _lock:
            _cache[(where, coverage.level_id)] = coverage

    event.listen(session, "after_commit", keep, once=True)


def _coverage(session: Session, where: str, level: Level) -> Coverage:
    if session.info.get(UNPUBLISHED):
        return _load(session, level, _cache.get((where, level.id)))
    with _lock:
        kept = _cache.get((where, level.id))
        if kept is not None and _still_true(kept, level):
            return kept
        fresh = _load(session, level, kept)
        _cache[(where, level.id)] = fresh
        return fresh


def _still_true(kept: Coverage, level: Level) -> bool:
    known = (kept.version, kept.level_code, kept.name_zh, kept.name_en, kept.position, kept.parent_level_id)
    return known == (
        level.coverage_version, level.code, level.name_zh, level.name_en, level.position, level.parent_id,
    )  # fmt: skip


def _load(session: Session, level: Level, kept: Coverage | None) -> Coverage:
    """The level from the database. Of what ``kept`` has, only versions that it lacks are read."""
    known = {area.version_id: area for area in kept.areas} if kept else {}
    rows = session.execute(
        select(
            Area.id, Area.code, Area.rank, AreaVersion.id.label("version_id"), AreaVersion.name_zh,
            AreaVersion.name_en, AreaVersion.parent_area_id, AreaVersion.drawn,
        )
        .join(AreaVersion, AreaVersion.area_id == Area.id)
        .where(Area.level_id == level.id, AreaVersion.valid_to.is_(None))
    ).all()  # fmt: skip
    shapes = _shapes(session, [row.version_id for row in rows if row.version_id not in known])
    # The order of codes is Python's own, whatever the database sorts by: it decides who wins where two cover a place.
    areas = tuple(
        CoveredArea(
            id=row.id, version_id=row.version_id, code=row.code, rank=row.rank, name_zh=row.name_zh,
            name_en=row.name_en, parent_id=row.parent_area_id, drawn=row.drawn,
            geometry=known[row.version_id].geometry if row.version_id in known else shapes[row.version_id],
        )
        for row in sorted(rows, key=lambda row: (row.code, row.id))
    )  # fmt: skip
    return Coverage(
        level_id=level.id, level_code=level.code, name_zh=level.name_zh, name_en=level.name_en,
        position=level.position, parent_level_id=level.parent_id, version=level.coverage_version,
        areas=areas, index=_respliced(kept, areas) if kept else _index(areas),
    )  # fmt: skip


def _shapes(session: Session, version_ids: Sequence[int]) -> dict[int, BaseGeometry]:
    shapes: dict[int, BaseGeometry] = {}
    for first in range(0, len(version_ids), _CHUNK):
        wanted = version_ids[first : first + _CHUNK]
        rows = session.execute(select(AreaVersion.id, AreaVersion.geometry).where(AreaVersion.id.in_(wanted)))
        shapes.update((row.id, row.geometry) for row in rows)
    return shapes


def _index(areas: Sequence[CoveredArea]) -> AreaIndex:
    return AreaIndex.build([area.geometry for area in areas], rank=[area.rank for area in areas])


def _respliced(before: Coverage, areas: Sequence[CoveredArea]) -> AreaIndex:
    """An index over ``areas``: the one before with the redrawn ones replaced, where positions and ranks stayed."""
    if [(a.id, a.rank) for a in areas] != [(a.id, a.rank) for a in before.areas]:
        return _index(areas)
    redrawn = {
        position: area.geometry
        for position, (area, was) in enumerate(zip(areas, before.areas, strict=True))
        if area.geometry is not was.geometry and not shapely.equals_exact(area.geometry, was.geometry)
    }
    if not redrawn:
        return before.index
    if len(redrawn) > _SPLICED_AT_MOST * len(areas):
        return _index(areas)
    return before.index.replace_many(redrawn)
