"""Publishing areas: versions opened and closed in one transaction, open findings re-assigned."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import duties_of_areas
from casework.coverage import UNPUBLISHED, Coverage, CoveredArea, every_coverage, keep_after_commit, redrawn
from casework.errors import Refused, mark
from casework.moves import MapChange
from casework.reassigned_rows import Reassigned
from casework.reassignment import reassign_changed
from db.models import Area, AreaVersion, Level
from db.models import Publication as PublicationRow


@dataclass(frozen=True, slots=True)
class NewArea:
    """An area to publish. ``geometry`` is a valid (multi)polygon in WGS 84 on the 1e-7 degree grid.

    ``parent_code`` names a parent of the level above that may be part of the same publication; ``parent_area_id`` one
    that there is already.
    """

    code: str
    name_zh: str
    name_en: str
    geometry: BaseGeometry
    parent_area_id: int | None = None
    rank: int = 0
    drawn: bool = False
    parent_code: str | None = None


@dataclass(frozen=True, slots=True)
class LevelChange:
    """What a publication does to one level: areas that come or differ, and the codes of those that end."""

    level: Level
    areas: Sequence[NewArea]
    ended: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication did: area codes, and how many open findings changed their area or bureau.

    ``id`` is its row's, None where nothing differed and so nothing was published.
    """

    opened: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    findings_moved: int
    ended: tuple[str, ...] = ()
    bureaus_changed: int = 0
    id: int | None = None


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
    kind: str = "program",
    ended: Collection[str] = (),
    draft_id: int | None = None,
    restored_id: int | None = None,
) -> Publication:
    """Publish areas of one level inside the caller's write transaction.

    An area whose code exists gets a new version when its shape, name or parent differ; the old version ends
    ``at``. Areas that are not named stay; those whose codes ``ended`` names end. Open findings are located again;
    closed ones keep the area that they were closed under.
    """
    return publish_many(
        session, [LevelChange(level, areas, ended)], at, near_m=near_m, user_id=user_id, note=note, kind=kind,
        draft_id=draft_id, restored_id=restored_id,
    )  # fmt: skip


def publish_many(
    session: Session,
    changes: Sequence[LevelChange],
    at: datetime,
    *,
    near_m: float,
    user_id: int | None = None,
    note: str = "",
    kind: str = "program",
    draft_id: int | None = None,
    restored_id: int | None = None,
) -> Publication:
    """``publish`` for several levels at once, as one publication.

    Raises Refused for a parent or an ended area that there is not.
    """
    before = every_coverage(session, lock=True)
    row = PublicationRow(
        at=at, user_id=user_id, note=note, kind=kind, draft_id=draft_id, restored_id=restored_id,
        findings_moved=0, bureaus_changed=0,
    )  # fmt: skip
    press = _Press(session, row, {level.level_id: level for level in before})
    with session.no_autoflush:
        for change in sorted(changes, key=lambda one: one.level.position):
            press.take(change)
    if not press.is_used:
        return press.publication(Reassigned())
    session.info[UNPUBLISHED] = True
    after = [press.after.get(level.level_id, level) for level in before]
    for level in press.after.values():
        keep_after_commit(session, level)
    done = reassign_changed(
        session, MapChange(_in_use(before), _in_use(after)), at, near_m=near_m, ended=press.ended_ids,
        user_id=user_id, reason=note,
    )  # fmt: skip
    row.findings_moved, row.bureaus_changed = done.moved, done.bureaus
    session.flush()
    return press.publication(done)


def _in_use(levels: Iterable[Coverage]) -> list[Coverage]:
    return [level for level in levels if level.areas]


@dataclass(slots=True)
class _Press:
    """One publication while its versions are written, level by level, the coarsest first."""

    session: Session
    row: PublicationRow
    before: dict[int, Coverage]
    after: dict[int, Coverage] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    ended_ids: list[int] = field(default_factory=list)

    @property
    def is_used(self) -> bool:
        """Whether anything differs from the map in force."""
        return bool(self.after)

    def publication(self, done: Reassigned) -> Publication:
        """What the caller is told."""
        return Publication(
            tuple(self.opened), tuple(self.changed), tuple(self.unchanged), done.moved, tuple(self.ended),
            done.bureaus, self.row.id if self.is_used else None,
        )  # fmt: skip

    def take(self, change: LevelChange) -> None:
        """Write one level's versions."""
        level, before = change.level, self.before[change.level.id]
        known = {area.code: area for area in before.areas}
        above = self._codes_above(level)
        versions: list[CoveredArea] = []
        for new in change.areas:
            new_parent = self._parent_id(new, above)
            was = known.get(new.code)
            if was is not None and _same(was, new, new_parent):
                self.unchanged.append(new.code)
                continue
            versions.append(self._open(level, new, was, new_parent))
        gone = {code: known[code] for code in change.ended if code in known}
        if missing := sorted(set(change.ended) - set(known)):
            raise Refused(
                mark("There is no area %(code)s that could end"), {"code": missing[0]}, field="ended"
            )
        for was in gone.values():
            self._end(was)
        if versions or gone:
            level.coverage_version += 1
            self.after[level.id] = redrawn(
                before, versions, {area.id for area in gone.values()}, level.coverage_version
            )
        self.session.flush()

    def _codes_above(self, level: Level) -> dict[str, int]:
        coarser = [
            self.after.get(one.level_id, one)
            for one in self.before.values()
            if one.level_id == level.parent_id or (level.parent_id is None and one.position < level.position)
        ]
        return {area.code: area.id for one in coarser for area in one.areas}

    def _parent_id(self, new: NewArea, above: dict[str, int]) -> int | None:
        if new.parent_code is None:
            return new.parent_area_id
        if new.parent_code not in above:
            raise Refused(
                mark("%(code)s: there is no area %(parent)s in the level above"),
                {"code": new.code, "parent": new.parent_code}, field="parent",
            )  # fmt: skip
        return above[new.parent_code]

    def _open(
        self, level: Level, new: NewArea, was: CoveredArea | None, parent_id: int | None
    ) -> CoveredArea:
        self._begin()
        at = self.row.at
        if was is None:
            area = self._area(level, new, at)
            self.opened.append(new.code)
        else:
            area = self.session.get_one(Area, was.id)
            area.rank = new.rank
            self._close(was)
            self.changed.append(new.code)
        self.session.flush()
        minx, miny, maxx, maxy = new.geometry.bounds
        version = AreaVersion(
            area_id=area.id, name_zh=new.name_zh, name_en=new.name_en, parent_area_id=parent_id,
            geometry=new.geometry, minx=minx, miny=miny, maxx=maxx, maxy=maxy, drawn=new.drawn, valid_from=at,
            valid_to=None, published_by=self.row.user_id, note=self.row.note, publication_id=self.row.id,
        )  # fmt: skip
        self.session.add(version)
        self.session.flush()
        # The shape in force keeps its identity when only a name differs: then no ground changes hands.
        same = was is not None and _same_shape(was.geometry, new.geometry)
        geometry = was.geometry if was is not None and same else new.geometry
        return CoveredArea(
            area.id, version.id, new.code, new.rank, new.name_zh, new.name_en, parent_id, new.drawn, geometry
        )

    def _area(self, level: Level, new: NewArea, at: datetime) -> Area:
        """A new area, or one that has ended and comes back under its code."""
        area = self.session.scalars(
            select(Area).where(Area.level_id == level.id, Area.code == new.code)
        ).first()
        if area is None:
            area = Area(level_id=level.id, code=new.code, rank=new.rank)
            self.session.add(area)
            self.session.flush()
        else:
            area.rank = new.rank
            duties_of_areas.bring_back(self.session, area.id, at, self.row.user_id)
        return area

    def _end(self, was: CoveredArea) -> None:
        self._begin()
        self._close(was)
        duties_of_areas.end(self.session, was.id, self.row.at, self.row.user_id)
        self.ended.append(was.code)
        self.ended_ids.append(was.id)

    def _close(self, was: CoveredArea) -> None:
        version = self.session.get_one(AreaVersion, was.version_id)
        version.valid_to = max(self.row.at, version.valid_from)
        version.ended_by_id = self.row.id

    def _begin(self) -> None:
        """The publication is on record with the first thing that differs."""
        if self.row not in self.session:
            self.session.add(self.row)
            self.session.flush()


def _same(was: CoveredArea, new: NewArea, parent_id: int | None) -> bool:
    named = (was.name_zh, was.name_en, was.parent_id, was.drawn, was.rank)
    return named == (new.name_zh, new.name_en, parent_id, new.drawn, new.rank) and _same_shape(
        was.geometry, new.geometry
    )


def _same_shape(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two shapes have the same corners: one more on the same line is one that a neighbour may share."""
    return one is other or bool(shapely.equals_exact(one.normalize(), other.normalize()))
