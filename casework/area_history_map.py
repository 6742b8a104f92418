"""The map as it was, and the difference of two maps, ready to draw."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from casework.area_history import allowed, asked, used_levels
from casework.area_history_difference import chosen_level, exchange_between, finest_changed, positions
from casework.area_timeline import BEFORE, Timeline, VersionOf, read_timeline, shapes_of
from casework.clock import day_bounds, day_of
from casework.coverage import CoveredArea
from casework.map_layers import described, drawn, polygons
from casework.map_names import Pair, leaders
from casework.office import Office, the_city
from casework.policy import Actor
from db.models import Level

LINE_DEGREES: Final = 2e-6  # about 0.2 m: lines are thinned so far
_DECIMALS: Final = 7


def map_then(
    office: Office, actor: Actor, *, level: str = "", on: str = "", publication: str = ""
) -> dict[str, Any]:
    """``/map/areas-then.json``: the areas of a day or after a publication, with who led them then.

    Same shape as ``/map/areas.json``, with ``gone`` for areas that there are no more; with ``level`` that one is drawn
    as the finest. Raises NotFound, Refused,
    NotSignedIn or Forbidden.
    """
    now = office.now()
    with office.database.read() as session:
        persons, _staff = allowed(office, actor, session)
        timeline, timezone = read_timeline(session), the_city(session).timezone
        day, position = asked(timeline, on, publication, day_of(now, timezone), timezone)
        moment = timeline.publications[position].at if publication else _end_of(day, timezone, now)
        led = leaders(session, None, moment) if persons else {}
        levels = _up_to(timeline, level)
        versions = timeline.in_force(position, {one.id for one in levels})
        current = {one.area_id for one in timeline.in_force(len(timeline.publications) - 1)}
        answer = _drawn(session, levels, versions, led)
        gone = {(one.level_id, one.code) for one in versions if one.area_id not in current}
        code_of = {level.code: level.id for level in levels}
        for area in answer["areas"]:
            area["gone"] = (code_of[area["level"]], area["code"]) in gone
        return {
            "day": day.isoformat(),
            "publication": timeline.publications[position].id if position != BEFORE else None,
            **answer,
        }


def difference_layer(
    office: Office, actor: Actor, *, earlier: str = "", later: str = "", level: str = ""
) -> dict[str, Any]:
    """``/map/areas-difference.json``: the later map, the ground that changed hands, the old and the new line."""
    with office.database.read() as session:
        persons, _staff = allowed(office, actor, session)
        timeline = read_timeline(session)
        first, last = positions(office, session, timeline, earlier, later)
        shown = finest_changed(timeline, level, first, last)
        levels = _up_to(timeline, shown.code if shown else level)
        versions = timeline.in_force(last, {one.id for one in levels})
        led = leaders(session, None, timeline.publications[last].at) if persons else {}
        found = exchange_between(office, session, timeline, shown, first, last)
        code_of: dict[int | None, str] = {one.area_id: one.code for one in timeline.versions}
        return {
            "level": shown.code if shown else None,
            **_drawn(session, levels, versions, led),
            "ground": [
                {
                    "from": code_of.get(one.before) if one.before is not None else None,
                    "to": code_of.get(one.after) if one.after is not None else None,
                    "m2": round(one.area_m2, 1), "g": polygons(one.geometry),
                }
                for one in found.ground
            ],
            "old_lines": _lines(found.old_lines), "new_lines": _lines(found.new_lines),
        }  # fmt: skip


def _end_of(day: date, timezone: str, now: datetime) -> datetime:
    """The last moment of a day, or now where that is still to come."""
    return min(day_bounds(day, day, timezone)[1] - timedelta(microseconds=1), now)


def _up_to(timeline: Timeline, code: str) -> list[Level]:
    """The levels in use, down to the one asked for."""
    chosen = chosen_level(timeline, code)
    return [one for one in used_levels(timeline) if chosen is None or one.position <= chosen.position]


def _drawn(
    session: Session, levels: list[Level], versions: list[VersionOf], led: Mapping[int, Pair]
) -> dict[str, Any]:
    shapes = shapes_of(session, versions)
    code_of = {one.area_id: one.code for one in versions}
    by_level = {
        one.id: sorted((v for v in versions if v.level_id == one.id), key=lambda v: v.code) for one in levels
    }
    used = [one for one in levels if by_level[one.id]]
    return {
        "levels": [
            {
                "code": one.code, "zh": one.name_zh, "en": one.name_en, "position": one.position,
                "count": len(by_level[one.id]),
            }
            for one in used
        ],
        "patch_level": used[-1].code if used else None,
        "areas": [
            described(area, code_of, dict(led))
            for one in used
            for area in drawn(one.code, [_covered(v, shapes[v.id]) for v in by_level[one.id]])
        ],
    }  # fmt: skip


def _covered(version: VersionOf, shape: BaseGeometry) -> CoveredArea:
    return CoveredArea(
        version.area_id, version.id, version.code, 0, version.name_zh, version.name_en, version.parent_id,
        version.drawn, shape,
    )  # fmt: skip


def _lines(lines: BaseGeometry) -> list[list[list[float]]]:
    """Lines as lists of [lon, lat], joined where they meet."""
    if lines.is_empty:
        return []
    parts = [part for part in shapely.get_parts(lines) if part.geom_type in {"LineString", "LinearRing"}]
    joined = shapely.line_merge(shapely.multilinestrings([shapely.linestrings(p.coords) for p in parts]))
    thin = shapely.simplify(joined, LINE_DEGREES, preserve_topology=True)
    return [shapely.get_coordinates(part).round(_DECIMALS).tolist() for part in shapely.get_parts(thin)]
