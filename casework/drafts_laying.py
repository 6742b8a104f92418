"""Changes laid into a draft: which rows it holds afterwards, with code, names and parent where nobody said them."""

import re
from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.coverage import CoveredArea, every_coverage
from casework.drafts_map import NEW, id_of, key_of
from casework.drafts_shapes import MOST_SHAPES, BadShape, Change, Untouched
from casework.errors import Refused, mark
from db.models import AreaDraft, AreaDraftLevel, AreaDraftShape, Level


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
        if not isinstance(change.geometry, Untouched):
            row.geometry = change.geometry
        if not isinstance(change.removed, Untouched):
            row.removed = change.removed
        if not isinstance(change.parent, Untouched):
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
