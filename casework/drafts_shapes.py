"""Shapes that a browser sends: read with bounds, checked, snapped to the grid, and laid into a draft."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import fields
from casework.coverage import CoveredArea, every_coverage
from casework.drafts_map import NEW, id_of, key_of
from casework.errors import Refused, mark
from casework.map_names import Pair
from casework.office import the_city
from db.models import AreaDraft, AreaDraftLevel, AreaDraftShape, Level
from geo.crs import snap

MOST_SHAPES: Final = 2_000
MOST_VERTICES: Final = 50_000
_KEY: Final = re.compile(r"[an][1-9]\d{0,8}")
_DEPTH: Final = {"Polygon": 3, "MultiPolygon": 4}
_MARGIN: Final = 0.25  # of the city's width and height: a draft may reach that far beyond its extent
_LEAST_MARGIN_DEG: Final = 0.02
_PLACE: Final = re.compile(r"\[(\S+) (\S+)\]")


@contextmanager
def naming(session: Session) -> Iterator[None]:
    """Let a BadShape that is raised inside know the name of its area."""
    try:
        yield
    except BadShape as error:
        known = (area for level in every_coverage(session) for area in level.areas)
        error.names = next(([one.name_zh, one.name_en] for one in known if key_of(one.id) == error.key), None)
        raise


class _Untouched:
    """What a change leaves as it is in the draft."""


UNTOUCHED: Final = _Untouched()


class BadShape(Refused):
    """A shape that cannot be taken: whose (``key``), and where (lon, lat), when a place is at fault."""

    def __init__(
        self, key: str, message: str, params: Mapping[str, object] | None = None,
        at: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message, {"key": key, **(params or {})}, field="changes")
        self.key, self.at = key, at
        self.names: Pair | None = None  # of the area, where there is one in force


@dataclass(frozen=True, slots=True)
class Change:
    """One area as it was drawn. ``geometry`` None is the shape in force; a new area without one is dropped.

    What is UNTOUCHED stays as the draft has it.
    """

    key: str
    geometry: BaseGeometry | _Untouched | None = UNTOUCHED
    removed: bool | _Untouched = UNTOUCHED
    level: str | None = None
    code: str | None = None
    name_zh: str | None = None
    name_en: str | None = None
    parent: str | _Untouched | None = UNTOUCHED


def read_changes(session: Session, value: object, *, valid: bool = True) -> list[Change]:
    """The changes of a request's JSON, each area once. Raises Refused (BadShape where a shape is at fault).

    Unless ``valid`` is False a border that crosses itself is such a fault.
    """
    if not isinstance(value, list):
        raise Refused(mark("%(field)s must be a list"), {"field": "changes"}, field="changes")
    if len(value) > MOST_SHAPES:
        raise Refused(
            mark("At most %(limit)s areas are taken at once"), {"limit": MOST_SHAPES}, field="changes"
        )
    bounds = reach(the_city(session).extent)
    found: dict[str, Change] = {}
    for one in value:
        change = _change(one, bounds, valid=valid)
        if change.key in found:
            raise BadShape(change.key, mark("%(key)s stands twice among the changes"))
        found[change.key] = change
    return list(found.values())


def reach(extent: BaseGeometry) -> tuple[float, float, float, float]:
    """How far boundaries may go (west, south, east, north): the city's extent and a margin around it."""
    west, south, east, north = extent.bounds
    x = max((east - west) * _MARGIN, _LEAST_MARGIN_DEG)
    y = max((north - south) * _MARGIN, _LEAST_MARGIN_DEG)
    return west - x, south - y, east + x, north + y


def read_geometry(
    key: str, value: object, bounds: tuple[float, float, float, float] | None = None, *, valid: bool = True
) -> BaseGeometry:
    """A polygon or multipolygon from GeoJSON, on the grid, without a third dimension.

    Raises BadShape: another type, no numbers, out of range, outside ``bounds``, too many vertices, and, unless
    ``valid`` is False, a border that crosses itself (with the place).
    """
    if not isinstance(value, dict) or value.get("type") not in _DEPTH:
        raise BadShape(key, mark("%(key)s: a shape must be a GeoJSON Polygon or MultiPolygon"))
    kind = value["type"]
    parts = value.get("coordinates")
    polygons = [parts] if kind == "Polygon" else parts
    if not isinstance(polygons, list) or not polygons:
        raise BadShape(key, mark("%(key)s: the shape is empty"))
    budget = MOST_VERTICES
    made = []
    for polygon in polygons:
        rings = _rings(key, polygon, budget)
        budget -= sum(len(ring) for ring in rings)
        made.append(shapely.Polygon(rings[0], rings[1:]))
    geometry = snap(made[0] if len(made) == 1 else shapely.MultiPolygon(made))
    _require_inside(key, geometry, bounds)
    if valid:
        require_valid(key, geometry)
    return shapely.orient_polygons(geometry) if geometry.is_valid else geometry


def read_line(name: str, value: object) -> BaseGeometry:
    """A line from GeoJSON, on the grid. Raises BadShape."""
    if not isinstance(value, dict) or value.get("type") != "LineString":
        raise BadShape(name, mark("%(key)s must be a GeoJSON LineString"))
    corners = value.get("coordinates")
    if not isinstance(corners, list) or not 2 <= len(corners) <= MOST_VERTICES:
        raise BadShape(name, mark("%(key)s: a line needs two points or more"))
    line = snap(shapely.LineString([_corner(name, one) for one in corners]))
    if line.length == 0:
        raise BadShape(name, mark("%(key)s: a line needs two points or more"))
    return line


def require_valid(key: str, geometry: BaseGeometry) -> None:
    """Raise BadShape, with the place, for a border that crosses or touches itself, or a shape without area."""
    if geometry.is_empty or geometry.convex_hull.area == 0:
        raise BadShape(key, mark("%(key)s: the shape has no area"))
    if geometry.is_valid:
        return
    reason = shapely.is_valid_reason(geometry)
    place = _PLACE.search(reason)
    at = (float(place[1]), float(place[2])) if place else None
    where = f"{at[0]:.5f}, {at[1]:.5f}" if at else "?"
    raise BadShape(
        key, mark("%(key)s: the border crosses itself at %(where)s. Move a corner there, or undo"),
        {"where": where}, at,
    )  # fmt: skip


def apply(session: Session, draft: AreaDraft, changes: list[Change]) -> None:
    """Lay changes into a draft. Raises Refused for what does not belong to its levels."""
    rows = laid(session, draft, changes)
    if len(rows) > MOST_SHAPES * 10:
        raise Refused(
            mark("A draft holds at most %(limit)s areas"), {"limit": MOST_SHAPES * 10}, field="changes"
        )
    stored = {
        row.key: row
        for row in session.scalars(select(AreaDraftShape).where(AreaDraftShape.draft_id == draft.id))
    }
    kept = {row.key: row for row in rows}
    for key, row in stored.items():
        if key not in kept:
            session.delete(row)
    session.flush()
    for row in rows:
        session.merge(row)
    session.flush()


def laid(session: Session, draft: AreaDraft, changes: list[Change]) -> list[AreaDraftShape]:
    """The draft's rows once these changes are made; nothing is stored. Raises Refused."""
    levels = {level.id: level for level in session.scalars(select(Level))}
    open_levels = set(
        session.scalars(select(AreaDraftLevel.level_id).where(AreaDraftLevel.draft_id == draft.id))
    )
    in_force = {
        key_of(area.id): (level.level_id, area) for level in every_coverage(session) for area in level.areas
    }
    with session.no_autoflush:
        rows = {
            row.key: _copy(row)
            for row in session.scalars(select(AreaDraftShape).where(AreaDraftShape.draft_id == draft.id))
        }
    laying = _Laying(draft.id, levels, open_levels, in_force, rows)
    for change in changes:
        laying.take(change)
    laying.settle()
    return list(rows.values())


@dataclass(slots=True)
class _Laying:
    """Changes while they are laid over the rows of a draft."""

    draft_id: int
    levels: dict[int, Level]
    open_levels: set[int]
    in_force: dict[str, tuple[int, CoveredArea]]
    rows: dict[str, AreaDraftShape]

    def take(self, change: Change) -> None:
        row = self.rows.get(change.key)
        if row is None:
            row = self._begun(change)
            self.rows[change.key] = row
        if change.geometry is None and row.area_id is None:
            del self.rows[change.key]
            return
        if not isinstance(change.geometry, _Untouched):
            row.geometry = change.geometry
        if not isinstance(change.removed, _Untouched):
            row.removed = change.removed
        if not isinstance(change.parent, _Untouched):
            row.parent_key = change.parent
        row.name_zh = row.name_zh if change.name_zh is None else change.name_zh
        row.name_en = row.name_en if change.name_en is None else change.name_en
        if change.code is not None and row.area_id is None:
            row.code = change.code
        if row.area_id is None and row.removed:
            del self.rows[change.key]

    def _begun(self, change: Change) -> AreaDraftShape:
        if change.key.startswith(NEW):
            return self._new(change)
        known = self.in_force.get(change.key)
        if known is None:
            raise BadShape(change.key, mark("%(key)s is no area in force: load the draft again"))
        level_id, area = known
        if level_id not in self.open_levels:
            raise BadShape(
                change.key, mark("%(name)s belongs to a level that this draft does not redraw"), {"name": area.name_zh}
            )  # fmt: skip
        return AreaDraftShape(
            draft_id=self.draft_id, key=change.key, area_id=area.id, base_version_id=area.version_id,
            level_id=level_id, code=area.code, name_zh=area.name_zh, name_en=area.name_en,
            parent_key=key_of(area.parent_id) if area.parent_id is not None else None, rank=area.rank,
            geometry=None, removed=False,
        )  # fmt: skip

    def _new(self, change: Change) -> AreaDraftShape:
        level = next((one for one in self.levels.values() if one.code == change.level), None)
        if level is None and len(self.open_levels) == 1 and change.level is None:
            level = self.levels[next(iter(self.open_levels))]
        if level is None or level.id not in self.open_levels:
            raise BadShape(
                change.key, mark("%(key)s: say which of the draft's levels the new area belongs to")
            )
        number = change.key[1:]
        return AreaDraftShape(
            draft_id=self.draft_id, key=change.key, area_id=None, base_version_id=None, level_id=level.id,
            code="", name_zh=f"新{level.name_zh} {number}"[:200], name_en=f"New {level.name_en.lower()} {number}"[:200],
            parent_key=None, rank=0, geometry=None, removed=False,
        )  # fmt: skip

    def settle(self) -> None:
        """Fill in what nobody said, and drop the rows that say nothing any more."""
        for key, row in list(self.rows.items()):
            if row.area_id is None and row.geometry is None:
                raise BadShape(key, mark("%(key)s: a new area needs a shape"))
            if row.area_id is not None and self._says_nothing(row):
                del self.rows[key]
        for row in self.rows.values():
            self._require_parent(row)
            if row.parent_key is None and row.area_id is None:
                row.parent_key = self._holder(row)
            if not row.code:
                row.code = self._free_code(row)

    def _says_nothing(self, row: AreaDraftShape) -> bool:
        known = self.in_force.get(row.key)
        if known is None or row.removed:
            return False
        area = known[1]
        if row.geometry is not None and shapely.equals_exact(
            row.geometry.normalize(), area.geometry.normalize()
        ):
            row.geometry = None
        same = (row.name_zh, row.name_en, id_of(row.parent_key), row.rank) == (
            area.name_zh, area.name_en, area.parent_id, area.rank,
        )  # fmt: skip
        return row.geometry is None and same

    def _require_parent(self, row: AreaDraftShape) -> None:
        if row.parent_key is None:
            return
        drawn = self.rows.get(row.parent_key)
        known = self.in_force.get(row.parent_key)
        level_id = drawn.level_id if drawn is not None else known[0] if known else None
        above = self.levels.get(level_id or 0)
        if above is None or above.position >= self.levels[row.level_id].position:
            raise BadShape(
                row.key, mark("%(key)s: its parent %(parent)s is no area of a level above"), {"parent": row.parent_key}
            )  # fmt: skip

    def _holder(self, row: AreaDraftShape) -> str | None:
        """The area of the level above that holds most of a new one."""
        above = self.levels.get(self.levels[row.level_id].parent_id or 0)
        if above is None or row.geometry is None:
            return None
        shapes = {
            key: area.geometry for key, (level_id, area) in self.in_force.items() if level_id == above.id
        }
        for key, one in self.rows.items():
            if one.level_id == above.id and one.geometry is not None:
                shapes[key] = one.geometry
            if one.level_id == above.id and one.removed:
                shapes.pop(key, None)
        if not shapes:
            return None
        keys = sorted(shapes)
        held = shapely.area(
            shapely.intersection(np.asarray([shapes[k] for k in keys], dtype=object), row.geometry)
        )
        best = int(np.argmax(held))
        return keys[best] if held[best] > 0 else None

    def _free_code(self, row: AreaDraftShape) -> str:
        """A code that no area of the level has: the highest number among its siblings and one more."""
        level = [area for level_id, area in self.in_force.values() if level_id == row.level_id]
        taken = {area.code for area in level} | {one.code for one in self.rows.values() if one.code}
        siblings = [area.code for area in level if key_of(area.parent_id or 0) == row.parent_key]
        model = max(siblings or [area.code for area in level], key=lambda code: (len(code), code), default="")
        stem, digits = _split(model)
        number = int(digits or 0)
        while True:
            number += 1
            code = f"{stem}{number:0{max(len(digits), 1)}d}"
            if code not in taken:
                return code


def _split(code: str) -> tuple[str, str]:
    digits = re.search(r"\d{1,9}$", code, re.ASCII)
    if digits is None:
        return (f"{code}-" if code else ""), ""
    return code[: digits.start()], digits[0]


def _copy(row: AreaDraftShape) -> AreaDraftShape:
    return AreaDraftShape(
        **{column.key: getattr(row, column.key) for column in AreaDraftShape.__mapper__.column_attrs}
    )


def _change(value: object, bounds: tuple[float, float, float, float], *, valid: bool) -> Change:
    if not isinstance(value, dict):
        raise Refused(mark("%(field)s must be objects"), {"field": "changes"}, field="changes")
    key = value.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Refused(mark("key must be that of an area, such as a12, or n1 for a new one"), field="changes")
    geometry: Any = value.get("geometry", UNTOUCHED)
    if geometry is not None and not isinstance(geometry, _Untouched):
        geometry = read_geometry(key, geometry, bounds, valid=valid)
    removed: Any = value.get("removed", UNTOUCHED)
    if not isinstance(removed, bool | _Untouched):
        raise BadShape(key, mark("%(key)s: removed must be true or false"))
    parent: Any = value.get("parent", UNTOUCHED)
    if isinstance(parent, str) and not _KEY.fullmatch(parent):
        raise BadShape(key, mark("%(key)s: parent must be the key of an area"))
    if not isinstance(parent, str | None | _Untouched):
        raise BadShape(key, mark("%(key)s: parent must be the key of an area"))
    return Change(
        key=key, geometry=geometry, removed=removed, parent=parent,
        level=_word(value, "level", 64), code=_word(value, "code", 64), name_zh=_word(value, "name_zh", 200),
        name_en=_word(value, "name_en", 200),
    )  # fmt: skip


def _word(value: dict[str, Any], name: str, limit: int) -> str | None:
    given = value.get(name)
    if given is None:
        return None
    return fields.text(given, name, limit=limit) or None


def _rings(key: str, polygon: object, budget: int) -> list[list[tuple[float, float]]]:
    if not isinstance(polygon, list) or not polygon:
        raise BadShape(key, mark("%(key)s: the shape is empty"))
    rings: list[list[tuple[float, float]]] = []
    for ring in polygon:
        if not isinstance(ring, list) or len(ring) < 3:
            raise BadShape(key, mark("%(key)s: a ring needs three corners or more"))
        budget -= len(ring)
        if budget < 0:
            raise BadShape(
                key,
                mark("%(key)s has more than %(limit)s corners: simplify it first"),
                {"limit": MOST_VERTICES},
            )
        corners = [_corner(key, one) for one in ring]
        if len(set(corners)) < 3:
            raise BadShape(key, mark("%(key)s: a ring needs three corners or more"))
        rings.append(corners)
    return rings


def _corner(key: str, value: object) -> tuple[float, float]:
    if (
        not isinstance(value, list)
        or len(value) < 2
        or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in value[:2])
    ):
        raise BadShape(key, mark("%(key)s: a corner must be two numbers, longitude and latitude"))
    lon, lat = float(value[0]), float(value[1])
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # NaN and infinity too
        raise BadShape(key, mark("%(key)s: a corner lies at no longitude and latitude on Earth"))
    return lon, lat


def _require_inside(
    key: str, geometry: BaseGeometry, bounds: tuple[float, float, float, float] | None
) -> None:
    if bounds is None or geometry.is_empty:
        return
    west, south, east, north = geometry.bounds
    if west < bounds[0] or south < bounds[1] or east > bounds[2] or north > bounds[3]:
        at = (west if west < bounds[0] else east, south if south < bounds[1] else north)
        raise BadShape(
            key, mark("%(key)s reaches far beyond the city: is a corner in the wrong place?"), at=at
        )
