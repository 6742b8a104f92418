"""Which version of each area was in force after each publication."""

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import day_bounds
from casework.natural_order import natural
from db.models import Area, AreaVersion, Level, Publication

BEFORE: Final = -1  # the position before the first publication: nothing is in force
_FOREVER: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class VersionOf:
    """An area's version without its shape: in force after the publications ``start`` to ``end`` - 1 (positions)."""

    id: int
    area_id: int
    level_id: int
    code: str
    name_zh: str
    name_en: str
    parent_id: int | None
    drawn: bool
    valid_from: datetime
    valid_to: datetime | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LevelChange:
    """What a publication did to a level: areas that it opened, changed and ended."""

    level_id: int
    opened: list[VersionOf] = field(default_factory=list)
    changed: list[VersionOf] = field(default_factory=list)
    ended: list[VersionOf] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many areas it touched."""
        return len(self.opened) + len(self.changed) + len(self.ended)


class Timeline:
    """All publications, oldest first, and the versions of all areas. A position counts publications from 0."""

    def __init__(
        self, publications: list[Publication], levels: list[Level], versions: list[VersionOf]
    ) -> None:
        self.publications = publications
        self.levels = levels
        self.versions = versions
        self._position = {one.id: at for at, one in enumerate(publications)}

    def position(self, publication_id: int) -> int | None:
        """Where a publication stands; None for one that there is not."""
        return self._position.get(publication_id)

    def on(self, day: date, timezone: str) -> int:
        """The position of what was in force at the end of a city day; BEFORE where that was nothing yet."""
        end = day_bounds(day, day, timezone)[1]
        return bisect_left(self.publications, end, key=lambda one: one.at) - 1

    def in_force(self, position: int, level_ids: Collection[int] | None = None) -> list[VersionOf]:
        """The versions in force after a publication, by level and in the order that people count in."""
        return [
            one
            for one in self.versions
            if one.start <= position < one.end and (level_ids is None or one.level_id in level_ids)
        ]

    def changes(self, position: int) -> list[LevelChange]:
        """What a publication changed, coarsest level first."""
        found = {level.id: LevelChange(level.id) for level in self.levels}
        ended = {one.area_id: one for one in self.versions if one.end == position}
        for one in self.versions:
            if one.start == position:
                known = ended.pop(one.area_id, None)
                (found[one.level_id].changed if known else found[one.level_id].opened).append(one)
        for one in ended.values():
            found[one.level_id].ended.append(one)
        return [one for one in found.values() if one.count]

    def positions_of(self, level_id: int | None = None, area_ids: Collection[int] | None = None) -> list[int]:
        """The publications that changed a level or these areas, oldest first; all of them without either."""
        if level_id is None and area_ids is None:
            return list(range(len(self.publications)))
        touched = set()
        for one in self.versions:
            wanted = level_id in (None, one.level_id) and (area_ids is None or one.area_id in area_ids)
            if wanted:
                touched |= {one.start, one.end}
        return [at for at in range(len(self.publications)) if at in touched]


def read_timeline(session: Session) -> Timeline:
    """The whole history, without shapes."""
    publications = list(session.scalars(select(Publication).order_by(Publication.at, Publication.id)))
    position = {one.id: at for at, one in enumerate(publications)}
    moments = [one.at for one in publications]
    levels = list(session.scalars(select(Level).order_by(Level.position)))
    order = {level.id: at for at, level in enumerate(levels)}
    rows = session.execute(
        select(
            AreaVersion.id, AreaVersion.area_id, Area.level_id, Area.code, AreaVersion.name_zh, AreaVersion.name_en,
            AreaVersion.parent_area_id, AreaVersion.drawn, AreaVersion.valid_from, AreaVersion.valid_to,
            AreaVersion.publication_id, AreaVersion.ended_by_id,
        ).join(Area, AreaVersion.area_id == Area.id)
    ).all()  # fmt: skip
    versions = [
        VersionOf(
            *row[:10],
            start=position.get(row.publication_id, _at(moments, row.valid_from)),
            end=_end(row, position, moments),
        )
        for row in rows
    ]
    versions.sort(key=lambda one: (order[one.level_id], natural(one.code), one.start, one.id))
    return Timeline(publications, levels, versions)


def shapes_of(session: Session, versions: Iterable[VersionOf]) -> dict[int, BaseGeometry]:
    """The shapes (WGS 84) of versions, by version id."""
    ids = [one.id for one in versions]
    found: dict[int, BaseGeometry] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows = session.execute(select(AreaVersion.id, AreaVersion.geometry).where(AreaVersion.id.in_(part)))
        found |= {row.id: row.geometry for row in rows}
    return found


def _end(row: Any, position: dict[int, int], moments: list[datetime]) -> int:
    if row.ended_by_id is not None:
        return position[row.ended_by_id]
    if row.valid_to is None:
        return _FOREVER
    return max(_at(moments, row.valid_to), position.get(row.publication_id, BEFORE) + 1)


def _at(moments: list[datetime], moment: datetime) -> int:
    """The first publication at or after a moment: for versions from before publications were kept."""
    return bisect_left(moments, moment)
