"""The demo's open draft: a border that a supervisor would move, shared, and what a leader says of it."""

from datetime import date, time
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.demo_past import moment_of
from casework.demo_seeds import TIMEZONE, Seeds
from casework.drafts_map import key_of
from db.models import Area, AreaDraft, AreaDraftComment, AreaDraftLevel, AreaDraftShape, AreaVersion
from geo.crs import snap

_LOSES, _GAINS = "630102003007", "630102003011"  # Kaixuan, Delingha
_WEST_DEG: Final = 0.0006
_TITLE: Final = "凯旋东边划给德令哈"
_NOTE: Final = "沿街店铺归一个人管，好找人 one leader for the shops of the street"
_COMMENT: Final = "这几家店一直是凯旋在管，整改到一半的先办完再交接"


def plant_draft(session: Session, seeds: Seeds, as_of: date) -> None:
    """Begin the draft two days before ``as_of``, in the caller's transaction. The areas must be published."""
    rows = {
        row.code: row
        for row in session.execute(
            select(Area.code, Area.level_id, AreaVersion)
            .join(AreaVersion, AreaVersion.area_id == Area.id)
            .where(AreaVersion.valid_to.is_(None))
        )
    }
    losing, gaining = rows[_LOSES], rows[_GAINS]
    others = [row.AreaVersion.geometry for code, row in rows.items() if code not in (_LOSES, _GAINS)]
    shapes = _moved(losing.AreaVersion.geometry, gaining.AreaVersion.geometry, others)
    begun, saved, said = (
        moment_of(as_of, day, TIMEZONE, time(hour, minute))
        for day, hour, minute in ((-2, 16, 20), (-1, 9, 35), (-1, 10, 50))
    )
    supervisor = seeds.users["supervisor"]
    draft = AreaDraft(
        title=_TITLE, note=_NOTE, created_by=supervisor, created_at=begun, updated_by=supervisor,
        updated_at=saved, revision=3, status="open", shared=True,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    level = session.get_one(Area, losing.AreaVersion.area_id).level
    session.add(AreaDraftLevel(draft_id=draft.id, level_id=level.id, base_version=level.coverage_version))
    for row, shape in zip((losing, gaining), shapes, strict=True):
        was = row.AreaVersion
        session.add(
            AreaDraftShape(
                draft_id=draft.id, key=key_of(was.area_id), area_id=was.area_id, base_version_id=was.id,
                level_id=row.level_id, code=row.code, name_zh=was.name_zh, name_en=was.name_en,
                parent_key=key_of(was.parent_area_id) if was.parent_area_id else None, rank=0, geometry=shape,
                removed=False,
            )
        )  # fmt: skip
    place = shapely.point_on_surface(shapely.difference(shapes[1], gaining.AreaVersion.geometry))
    session.add(
        AreaDraftComment(
            draft_id=draft.id, user_id=seeds.users["leader"], at=said, text=_COMMENT, lon=round(place.x, 7),
            lat=round(place.y, 7),
        )
    )  # fmt: skip
    session.flush()


def _moved(
    losing: BaseGeometry, gaining: BaseGeometry, others: list[BaseGeometry]
) -> tuple[BaseGeometry, BaseGeometry]:
    """Both areas with the corners that only they share moved west."""
    elsewhere = {corner for one in others for corner in _corners(one)}
    between = (_corners(losing) & _corners(gaining)) - elsewhere

    def move(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        west = np.array([tuple(corner) in between for corner in coordinates.tolist()])
        moved: NDArray[np.float64] = coordinates.copy()
        moved[west, 0] -= _WEST_DEG
        return moved

    return snap(shapely.transform(losing, move)), snap(shapely.transform(gaining, move))


def _corners(shape: BaseGeometry) -> set[tuple[float, ...]]:
    return {tuple(corner) for corner in shapely.get_coordinates(shape).tolist()}
