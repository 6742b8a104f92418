"""Mending what is wrong with a draft, and the drawing tools: proposals only, nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from casework import policy
from casework.drafts import editable, seen_revision, visible
from casework.drafts_check import (
    CheckedLevel,
    DraftProblem,
    checked_level,
    is_concerned,
    problems_of,
)
from casework.drafts_laying import laid
from casework.drafts_map import DraftArea, DraftMap, map_of
from casework.drafts_shapes import MOST_SHAPES, naming, reach, read_changes, read_geometry, read_line
from casework.errors import NotFound, Refused, mark
from casework.map_names import leaders
from casework.office import Office, the_city
from casework.policy import Act, Actor
from geo import border_edits
from geo.boundaries import EditRefused, difference_of, gap_into, overlap_to, repair

TOOLS: Final = ("split", "merge", "trace", "cut")


@dataclass(frozen=True, slots=True)
class Proposal:
    """How one area would change: shapes in WGS 84 (None: not there), what it gains and loses in m²."""

    area: DraftArea
    before: BaseGeometry | None
    after: BaseGeometry | None
    added: BaseGeometry
    removed: BaseGeometry
    added_m2: float
    removed_m2: float


class ToolRefused(Refused):
    """An edit of borders that is not made. ``why`` is geography's reason, ``areas`` those that it names."""

    def __init__(self, why: EditRefused, areas: tuple[DraftArea, ...]) -> None:
        super().__init__(mark("The borders cannot be changed like that"), field="shapes")
        self.why, self.areas = why, areas


def check(office: Office, actor: Actor, draft_id: int, changes: object) -> list[DraftProblem]:
    """What would be wrong with a draft once these changes were made. Nothing is stored.

    A border that crosses itself is a problem among the others here. Raises Refused, NotFound, Forbidden.
    """
    policy.require(actor, Act.COMMENT_AREAS)
    with office.database.read() as session:
        draft = visible(session, actor, draft_id)
        with naming(session):
            wanted = read_changes(session, changes, valid=False)
            map_ = map_of(session, draft, laid(session, draft, wanted) if wanted else None)
        return problems_in(office, session, map_)


def problems_in(office: Office, session: Session, map_: DraftMap) -> list[DraftProblem]:
    """What is wrong with a draft's map."""
    return problems_of(session, map_, lambda: set(leaders(session, None, office.now())))


def fix(
    office: Office, actor: Actor, draft_id: int, revision: object, problem: object, how: object
) -> list[Proposal]:
    """What one area or several would become if a problem (its id) were mended in a way that it offers.

    Raises NotFound when the problem or the way is not there (any more), Refused when it cannot be done.
    """
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.read() as session:
        map_ = _seen_map(session, actor, draft_id, revision)
        one = next((p for p in problems_in(office, session, map_) if p.id == problem), None)
        way = next((w for w in one.fixes if w.id == how), None) if one else None
        if one is None or one.found is None or way is None:
            raise NotFound(mark("This problem is not there any more: the draft was changed"))
        level = checked_level(session, map_, one.level)
        polygons = level.checked.polygons
        if way.act == "give" and way.area is not None:
            at = [area.key for area in level.areas].index(way.area.key)
            after = _given(level, one, at)
        else:
            after = repair(
                polygons,
                parents=[parent.geometry for parent in level.parents],
                parent_of=list(level.checked.parent_of),
                problems=[one.found],
            ).polygons
        return _proposals(level, after)


def fix_all(office: Office, actor: Actor, draft_id: int, revision: object) -> list[Proposal]:
    """A proposal that mends whatever moves hardly anything: never more than 0.5 % of an area."""
    policy.require(actor, Act.DRAW_AREAS)
    with office.database.read() as session:
        map_ = _seen_map(session, actor, draft_id, revision)
        found: list[Proposal] = []
        for level in map_.levels:
            if level.editable and is_concerned(map_, level):
                checked = checked_level(session, map_, level)
                mended = repair(
                    checked.checked.polygons,
                    parents=[parent.geometry for parent in checked.parents],
                    parent_of=list(checked.checked.parent_of),
                )
                found += _proposals(checked, mended.polygons)
        return found


def use_tool(
    office: Office, actor: Actor, draft_id: int, tool: str, words: Mapping[str, Any]
) -> dict[str, BaseGeometry | None]:
    """Split, merge, trace or cut on what the page holds; returns shapes by key ("new", "new2" … for new areas).

    Neighbours that get vertices are among them; an area that ends has None. Raises ToolRefused, Refused, NotFound.
    """
    policy.require(actor, Act.DRAW_AREAS)
    if tool not in TOOLS:
        raise NotFound(mark("There is no tool %(tool)s"), {"tool": tool[:40]})
    with office.database.read() as session:
        draft = visible(session, actor, draft_id)
        map_ = map_of(session, draft)
        bounds = reach(the_city(session).extent)
        with naming(session):
            table = _table(map_, words, bounds)
        parents = {key: area.geometry for key, area in map_.by_key().items()}
    try:
        edit = _edited(tool, table, words, parents)
    except EditRefused as why:
        raise ToolRefused(why, _named(table, why)) from None
    shapes: dict[str, BaseGeometry | None] = {table.keys[at]: shape for at, shape in edit.changed.items()}
    for number, shape in enumerate(edit.new, start=1):
        shapes["new" if number == 1 else f"new{number}"] = shape
    shapes.update((table.keys[at], None) for at in edit.removed)
    return shapes


@dataclass(frozen=True, slots=True)
class _Table:
    """The areas of the draft's levels as the page holds them, with level numbers and positions of parents."""

    keys: list[str]
    areas: list[DraftArea | None]
    shapes: list[BaseGeometry]
    levels: list[int]
    parent_of: list[int]

    def position(self, key: object) -> int:
        """Where an area stands; raises NotFound."""
        if not isinstance(key, str) or key not in self.keys:
            raise NotFound(mark("The draft has no area %(key)s"), {"key": str(key)[:24]})
        return self.keys.index(key)


def _table(map_: DraftMap, words: Mapping[str, Any], bounds: tuple[float, float, float, float]) -> _Table:
    given = words.get("shapes") or {}
    if not isinstance(given, dict) or len(given) > MOST_SHAPES:
        raise Refused(mark("%(field)s must be objects"), {"field": "shapes"}, field="shapes")
    held = {
        str(key): read_geometry(str(key)[:24], value, bounds)
        for key, value in given.items()
        if value is not None
    }
    code = words.get("level")
    known = [area for level in map_.levels if level.editable for area in level.areas]
    table = _Table([], [], [], [], [])
    number = {level.level_id: at for at, level in enumerate(map_.levels)}
    gone = {key for key, value in given.items() if value is None}
    for area in known:
        if area.key not in gone:
            _add(table, area.key, area, held.pop(area.key, area.geometry), number[area.level_id])
    own = next((at for at, level in enumerate(map_.levels) if level.in_force.level_code == code), None)
    for key, shape in held.items():
        if key.startswith("n") and own is not None:
            _add(table, key, None, shape, own)
    at = {key: position for position, key in enumerate(table.keys)}
    table.parent_of.extend(at.get(area.parent_key or "", -1) if area else -1 for area in table.areas)
    return table


def _add(table: _Table, key: str, area: DraftArea | None, shape: BaseGeometry, level: int) -> None:
    table.keys.append(key)
    table.areas.append(area)
    table.shapes.append(shape)
    table.levels.append(level)


def _edited(
    tool: str, table: _Table, words: Mapping[str, Any], parents: Mapping[str, BaseGeometry]
) -> border_edits.Edit:
    more: dict[str, Any] = {"levels": table.levels, "parent_of": table.parent_of}
    if tool == "split":
        return border_edits.split(
            table.shapes, table.position(words.get("key")), read_line("line", words.get("line")), **more
        )
    if tool == "merge":
        keys = words.get("keys")
        if not isinstance(keys, list) or not 2 <= len(keys) <= MOST_SHAPES:
            raise Refused(mark("keys: name two areas or more to merge"), field="keys")
        return border_edits.merge(table.shapes, [table.position(key) for key in keys], **more)
    if tool == "cut":
        hole = read_geometry("hole", words.get("hole"))
        as_area = bool(words.get("as_area"))
        return border_edits.cut(table.shapes, table.position(words.get("key")), hole, as_area=as_area, **more)
    return _traced(table, words, parents)


def _traced(
    table: _Table, words: Mapping[str, Any], parents: Mapping[str, BaseGeometry]
) -> border_edits.Edit:
    drawn = read_geometry("drawn", words.get("drawn"), valid=False)
    parent = words.get("parent")
    within = parents.get(parent) if isinstance(parent, str) else None
    level = next(
        (number for key, number in zip(table.keys, table.levels, strict=True) if key == words.get("key")),
        None,
    )
    own = level if level is not None else max(table.levels, default=0)
    at = [i for i, number in enumerate(table.levels) if number == own]
    edit = border_edits.trace([table.shapes[i] for i in at], drawn, parent=within)
    return border_edits.Edit({at[i]: shape for i, shape in edit.changed.items()}, edit.new)


def _named(table: _Table, why: EditRefused) -> tuple[DraftArea, ...]:
    positions = why.data.get("positions", why.data.get("position", ()))
    wanted = positions if isinstance(positions, tuple | list) else (positions,)
    found = (table.areas[at] for at in wanted if isinstance(at, int) and 0 <= at < len(table.areas))
    return tuple(area for area in found if area is not None)


def _seen_map(session: Session, actor: Actor, draft_id: int, revision: object) -> DraftMap:
    draft = editable(session, actor, draft_id, seen_revision(revision), lock=False)
    return map_of(session, draft)


def _given(level: CheckedLevel, problem: DraftProblem, position: int) -> list[BaseGeometry | None]:
    """The level's polygons once a gap or an overlap belongs to one area."""
    assert problem.found is not None  # noqa: S101 - the caller looked
    polygons = level.checked.polygons
    nature = problem.detail if problem.kind == "sliver" else problem.kind
    try:
        if nature == "gap":
            changed = gap_into(polygons, problem.place, position)
        else:
            losers = [at for at in problem.found.positions if at != position]
            changed = overlap_to(polygons, problem.place, position, losers)
    except EditRefused as why:
        raise ToolRefused(why, problem.areas) from None
    return [changed.get(at, one) for at, one in enumerate(polygons)]


def _proposals(level: CheckedLevel, after: Sequence[BaseGeometry | None]) -> list[Proposal]:
    before = level.checked.polygons
    differences = {one.position: one for one in difference_of(before, after)}
    empty = shapely.MultiPolygon()
    found = []
    for at, area in enumerate(level.areas):
        if before[at] is after[at] or _equal(before[at], after[at]):
            continue
        difference = differences.get(at)
        found.append(
            Proposal(
                area, before[at], after[at], difference.added if difference else empty,
                difference.removed if difference else empty, difference.added_m2 if difference else 0.0,
                difference.removed_m2 if difference else 0.0,
            )
        )  # fmt: skip
    return found


def _equal(one: BaseGeometry | None, other: BaseGeometry | None) -> bool:
    return one is not None and other is not None and bool(shapely.equals_exact(one, other))
