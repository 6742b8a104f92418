"""The map as a draft would have it: the map in force with the draft's own shapes laid over it, level by level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.coverage import Coverage, CoveredArea, every_coverage, redrawn
from db.models import AreaDraft, AreaDraftLevel, AreaDraftShape

NEW: Final = "n"
OLD: Final = "a"


@dataclass(frozen=True, slots=True)
class DraftArea:
    """An area as the draft has it (WGS 84). ``was`` is the area in force, None for one that there is not yet.

    ``key`` is "a<area id>" or "n<number>"; ``base_version_id`` the version in force when the draft first changed it.
    """

    key: str
    level_id: int
    code: str
    name_zh: str
    name_en: str
    parent_key: str | None
    rank: int
    geometry: BaseGeometry
    was: CoveredArea | None
    removed: bool = False
    changed: bool = False
    base_version_id: int | None = None

    @property
    def area_id(self) -> int:
        """The area's id; a negative number of its own for one that there is not yet."""
        return self.was.id if self.was else -int(self.key[1:])


@dataclass(frozen=True, slots=True)
class DraftLevel:
    """One level: as it is in force, and as the draft has it (without the areas that it removes, sorted by code)."""

    in_force: Coverage
    editable: bool
    base_version: int | None
    areas: tuple[DraftArea, ...]
    gone: tuple[DraftArea, ...]

    @property
    def level_id(self) -> int:
        """The level's id."""
        return self.in_force.level_id

    @property
    def is_changed(self) -> bool:
        """Whether the draft differs here from the map in force."""
        return bool(self.gone) or any(area.changed for area in self.areas)

    @property
    def is_stale(self) -> bool:
        """Whether the map in force has moved on since the draft began."""
        return self.base_version is not None and self.base_version != self.in_force.version

    def after(self) -> Coverage:
        """The level as it would be in force. New areas have negative ids."""
        if not self.is_changed:
            return self.in_force
        changed = [_covered(area) for area in self.areas if area.changed]
        return redrawn(self.in_force, changed, {area.area_id for area in self.gone})


@dataclass(frozen=True, slots=True)
class DraftMap:
    """All levels, coarsest first."""

    levels: tuple[DraftLevel, ...]

    def by_key(self) -> dict[str, DraftArea]:
        """Every area of the draft's map by its key, removed ones included."""
        return {area.key: area for level in self.levels for area in (*level.areas, *level.gone)}

    def level(self, level_id: int | None) -> DraftLevel | None:
        """The level with this id."""
        return next((one for one in self.levels if one.level_id == level_id), None)

    @property
    def is_stale(self) -> bool:
        """Whether the map in force has moved on since the draft began."""
        return any(level.is_stale for level in self.levels)

    def before_and_after(self) -> tuple[list[Coverage], list[Coverage]]:
        """The levels in use now, and those in use once the draft is published."""
        before = [level.in_force for level in self.levels]
        after = [level.after() for level in self.levels]
        return [one for one in before if one.areas], [one for one in after if one.areas]


def key_of(area_id: int) -> str:
    """The key of an area in force, or of a new one by its negative id."""
    return f"{OLD}{area_id}" if area_id > 0 else f"{NEW}{-area_id}"


def id_of(key: str | None) -> int | None:
    """The id behind a key: negative for a new area, None for none."""
    if not key:
        return None
    return int(key[1:]) if key[0] == OLD else -int(key[1:])


def shapes_of(session: Session, draft_id: int) -> list[AreaDraftShape]:
    """What a draft changes, in a fixed order."""
    rows = session.scalars(
        select(AreaDraftShape).where(AreaDraftShape.draft_id == draft_id).order_by(AreaDraftShape.key)
    )
    return list(rows)


def map_of(session: Session, draft: AreaDraft, shapes: Sequence[AreaDraftShape] | None = None) -> DraftMap:
    """The map of a draft; ``shapes`` stands in for what is stored (to look at something before it is saved)."""
    rows = shapes_of(session, draft.id) if shapes is None else shapes
    bases = {
        row.level_id: row.base_version
        for row in session.scalars(select(AreaDraftLevel).where(AreaDraftLevel.draft_id == draft.id))
    }
    by_level: dict[int, list[AreaDraftShape]] = {}
    for row in rows:
        by_level.setdefault(row.level_id, []).append(row)
    return DraftMap(
        tuple(
            _level(coverage, bases.get(coverage.level_id), by_level.get(coverage.level_id, ()))
            for coverage in every_coverage(session)
        )
    )


def _level(in_force: Coverage, base_version: int | None, rows: Iterable[AreaDraftShape]) -> DraftLevel:
    drawn = {row.key: row for row in rows}
    areas = [_area(in_force.level_id, area, drawn.pop(key_of(area.id), None)) for area in in_force.areas]
    # Rows that are left: new areas. An area that somebody else ended meanwhile has nothing in force to differ from.
    areas += [_new(row) for row in drawn.values() if row.area_id is None and row.geometry is not None]
    ordered = sorted(areas, key=lambda one: (one.code, one.key))
    return DraftLevel(
        in_force=in_force,
        editable=base_version is not None,
        base_version=base_version,
        areas=tuple(one for one in ordered if not one.removed),
        gone=tuple(one for one in ordered if one.removed),
    )


def _area(level_id: int, was: CoveredArea, row: AreaDraftShape | None) -> DraftArea:
    parent = key_of(was.parent_id) if was.parent_id is not None else None
    if row is None:
        return DraftArea(
            key_of(was.id), level_id, was.code, was.name_zh, was.name_en, parent, was.rank, was.geometry, was
        )
    drawn = DraftArea(
        key=row.key,
        level_id=level_id,
        code=was.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        parent_key=row.parent_key,
        rank=row.rank,
        geometry=was.geometry if row.geometry is None else row.geometry,
        was=was,
        removed=row.removed,
        changed=True,
        base_version_id=row.base_version_id,
    )
    return drawn


def _new(row: AreaDraftShape) -> DraftArea:
    assert row.geometry is not None  # noqa: S101 - the caller looked
    return DraftArea(
        row.key, row.level_id, row.code, row.name_zh, row.name_en, row.parent_key, row.rank, row.geometry, None,
        removed=row.removed, changed=True,
    )  # fmt: skip


def _covered(area: DraftArea) -> CoveredArea:
    return CoveredArea(
        id=area.area_id,
        version_id=0,
        code=area.code,
        rank=area.rank,
        name_zh=area.name_zh,
        name_en=area.name_en,
        parent_id=id_of(area.parent_key),
        drawn=False,
        geometry=area.geometry,
    )
