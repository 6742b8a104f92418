"""A draft as the drawing page reads it: its map, who answers where, how each area stands, what was published lately."""

import json
from collections.abc import Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import policy
from casework.drafts import may_edit, people, visible
from casework.drafts_map import DraftArea, DraftLevel, DraftMap, map_of
from casework.filters import Filters
from casework.map_names import Pair, leaders
from casework.map_rows import iso
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.selection import KEY_AT, find
from casework.snapshot import areas_of_level
from casework.status import DISPLAY_KEYS
from db.models import AreaDraft, AreaVersion, Publication

LATELY: Final = 20
_EVERYTHING: Final = Filters(shown=frozenset(DISPLAY_KEYS))

Standing = dict[int, tuple[int, int]]


def draft_data(office: Office, actor: Actor, draft_id: int) -> dict[str, Any]:
    """The answer to ``/areas/drafts/<id>/data``. Raises NotFound, NotSignedIn or Forbidden."""
    policy.require(actor, Act.COMMENT_AREAS)
    with office.database.read() as session:
        draft = visible(session, actor, draft_id)
        city, zone = the_city(session), ZoneInfo(the_city(session).timezone)
        map_ = map_of(session, draft)
        shown = shown_levels(map_)
        led = (
            leaders(session, None, office.now()) if policy.shows_persons(actor, is_demo=city.is_demo) else {}
        )
        standing = _standing(office, session, shown)
        return {
            "draft": _facts(session, actor, draft, map_, zone),
            "levels": [
                {
                    "code": one.in_force.level_code, "zh": one.in_force.name_zh, "en": one.in_force.name_en,
                    "position": one.in_force.position, "editable": one.editable,
                }
                for one in shown
            ],
            "areas": [
                area_json(area, level.in_force.level_code, led, standing)
                for level in shown
                for area in (*level.areas, *level.gone)
            ],
            "publications": publications(session, zone),
        }  # fmt: skip


def shown_levels(map_: DraftMap) -> list[DraftLevel]:
    """The levels that a draft redraws, and those above and below them."""
    at = {i for i, level in enumerate(map_.levels) if level.editable}
    around = {i + step for i in at for step in (-1, 0, 1)}
    above = {level.in_force.parent_level_id for i, level in enumerate(map_.levels) if i in at}
    below = {
        level.level_id
        for level in map_.levels
        if level.in_force.parent_level_id in {map_.levels[i].level_id for i in at}
    }
    return [level for i, level in enumerate(map_.levels) if i in around or level.level_id in (above | below)]


def area_json(area: DraftArea, level: str, led: dict[int, Pair], standing: Standing) -> dict[str, Any]:
    """One area. ``was`` is left out where the shape is the one in force; it is null for a new area."""
    was = area.was
    open_, over = standing.get(area.area_id, (0, 0))
    shown: dict[str, Any] = {
        "key": area.key, "level": level, "code": area.code, "name_zh": area.name_zh, "name_en": area.name_en,
        "parent": area.parent_key, "leader": led.get(area.area_id), "geometry": geojson(area.geometry),
        "changed": area.changed, "removed": area.removed, "open": open_, "over": over,
    }  # fmt: skip
    if was is None:
        shown["was"] = None
    elif area.geometry is not was.geometry:
        shown["was"] = geojson(was.geometry)
    return shown


def geojson(geometry: BaseGeometry) -> Any:
    """A geometry as GeoJSON with every digit of the grid."""
    return json.loads(shapely.to_geojson(geometry))


def publications(session: Session, zone: ZoneInfo, limit: int = LATELY) -> list[dict[str, Any]]:
    """The last publications, newest first: when, who, why, how many areas."""
    rows = session.scalars(select(Publication).order_by(Publication.id.desc()).limit(limit)).all()
    names = people(session, [row.user_id for row in rows])
    opened = {
        row[0]: row[1]
        for row in session.execute(
            select(AreaVersion.publication_id, func.count())
            .where(AreaVersion.publication_id.in_([row.id for row in rows]))
            .group_by(AreaVersion.publication_id)
        )
    }
    return [
        {
            "id": row.id, "at": iso(row.at, zone), "who": names[row.user_id] if row.user_id else None,
            "note": row.note, "kind": row.kind, "areas": opened.get(row.id, 0),
        }
        for row in rows
    ]  # fmt: skip


def _facts(
    session: Session, actor: Actor, draft: AreaDraft, map_: DraftMap, zone: ZoneInfo
) -> dict[str, Any]:
    names = people(session, [draft.updated_by, draft.created_by])
    edits = may_edit(actor, draft)
    return {
        "id": draft.id, "title": draft.title, "note": draft.note, "revision": draft.revision,
        "status": draft.status, "shared": draft.shared, "stale": draft.status == "open" and map_.is_stale,
        "mine": draft.created_by == actor.user_id, "may_edit": edits,
        "may_publish": edits and policy.may(actor, Act.PUBLISH_AREAS),
        "levels": [level.in_force.level_code for level in map_.levels if level.editable],
        "updated_at": iso(draft.updated_at, zone), "updated_by": names[draft.updated_by],
        "created_at": iso(draft.created_at, zone), "created_by": names[draft.created_by],
        "publication": draft.publication_id, "restores": draft.restores_id,
    }  # fmt: skip


def _standing(office: Office, session: Session, levels: Iterable[DraftLevel]) -> Standing:
    """Open and overdue findings by area id."""
    selection = find(office, session, _EVERYTHING)
    keys = selection.display.keys
    is_open, is_over = keys != KEY_AT["done"], keys == KEY_AT["over"]
    found: Standing = {}
    for level in levels:
        if not level.in_force.areas:
            continue
        areas = areas_of_level(office.database, session, selection.display.snapshot, level.level_id)
        size = int(areas.max(initial=0)) + 1
        open_ = np.bincount(areas[is_open], minlength=size)
        over = np.bincount(areas[is_over], minlength=size)
        for area in level.in_force.areas:
            if area.id < size:
                found[area.id] = (int(open_[area.id]), int(over[area.id]))
    return found
