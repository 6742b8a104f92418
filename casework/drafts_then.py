"""A draft filled with the map of then: the versions of areas that were in force once."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.coverage import every_coverage
from casework.drafts_map import key_of
from db.models import Area, AreaDraft, AreaDraftShape, AreaVersion


def lay_versions(session: Session, draft: AreaDraft, version_ids: Sequence[int], level_ids: set[int]) -> None:
    """Make the draft's map that of the given versions."""
    rows = session.execute(
        select(AreaVersion, Area.code, Area.level_id, Area.rank)
        .join(Area, AreaVersion.area_id == Area.id)
        .where(AreaVersion.id.in_(list(version_ids)), Area.level_id.in_(level_ids))
        .order_by(Area.code)
    ).all()
    wanted = {row.AreaVersion.area_id: row for row in rows}
    current = {
        area.id: area
        for level in every_coverage(session)
        for area in level.areas
        if level.level_id in level_ids
    }
    coming_back = {
        row.AreaVersion.area_id: f"n{number}"
        for number, row in enumerate((r for r in rows if r.AreaVersion.area_id not in current), start=1)
    }
    level_of = {area.id: level for level in every_coverage(session) for area in level.areas}

    def parent_key(area_id: int | None) -> str | None:
        return None if area_id is None else coming_back.get(area_id, key_of(area_id))

    for area_id, row in wanted.items():
        was, then = current.get(area_id), row.AreaVersion
        same = was is not None and was.version_id == then.id
        if same:
            continue
        session.add(
            AreaDraftShape(
                draft_id=draft.id, key=coming_back.get(area_id, key_of(area_id)), area_id=area_id if was else None,
                base_version_id=was.version_id if was else None, level_id=row.level_id, code=row.code,
                name_zh=then.name_zh, name_en=then.name_en, parent_key=parent_key(then.parent_area_id),
                rank=row.rank, geometry=then.geometry, removed=False,
            )
        )  # fmt: skip
    for area_id in current.keys() - wanted.keys():
        was = current[area_id]
        session.add(
            AreaDraftShape(
                draft_id=draft.id, key=key_of(area_id), area_id=area_id, base_version_id=was.version_id,
                level_id=level_of[area_id].level_id, code=was.code, name_zh=was.name_zh, name_en=was.name_en,
                parent_key=parent_key(was.parent_id), rank=was.rank, geometry=None, removed=True,
            )
        )  # fmt: skip
    session.flush()
