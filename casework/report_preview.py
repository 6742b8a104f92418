"""What a report would come to before it is sent: the patch, its leader, the bureau, and open findings nearby."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy.orm import Session

from casework import fields, policy
from casework.assignment import LevelAnswer, Placement, place
from casework.coverage import Coverage, coverages
from casework.deadlines import first_due
from casework.duplicates import candidates
from casework.findings import category_by_code
from casework.map_names import Named, Names, Pair, leaders, read_names
from casework.nearby import NEARBY_ROWS, open_near
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.referral import RoutingTable
from casework.surroundings import Box, surroundings
from casework.time_limits import time_rules
from db.models import Category, RoutingRule

STREET_M: Final = 60.0
# Beyond this it is another part of the world, not a slip of the finger.
FAR_M: Final = 50_000.0
_METRES_A_DEGREE: Final = 111_195.0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a place lies: the patch (None: outside), how sure that is, and what else is near (area, metres)."""

    patch: Named | None
    leader: Pair | None
    kind: str
    near_border: bool
    others: list[tuple[Named, float]]
    far_m: float | None  # distance to the city where it is another part of the world


@dataclass(frozen=True, slots=True)
class Destination:
    """Who would receive it: the bureau by which rule, the limit in its unit, the deadline."""

    bureau: Named | None
    rule: tuple[str, str] | None  # code, note
    limit: tuple[int, str] | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the page shows before a report is sent. ``nearby`` are rows of the map's list with ``distance_m``.

    Those that may be the same thing stand first, with ``same`` and ``apart_s`` of a ``duplicates.Candidate``.
    """

    lon: float
    lat: float
    where: Whereabouts
    goes_to: Destination | None
    street: Pair | None
    nearby: list[dict[str, Any]]
    nearby_total: int
    now: datetime


def preview(office: Office, actor: Actor, lon: object, lat: object, category: object = "") -> Preview:
    """What a report of this category (a code; empty: not chosen yet) at this place would come to.

    Nothing is written. Raises NotSignedIn, Forbidden, or Refused naming the field.
    """
    policy.require(actor, Act.REPORT)
    x, y = fields.location(lon, lat)
    now = office.now()
    with office.database.read() as session:
        city = the_city(session)
        names, levels = read_names(session), coverages(session)
        placement = place(levels, x, y, office.settings.near_m)
        nearby, total = open_near(office, session, (x, y), names, now, city.timezone, persons=True)
        if category:
            nearby = _likeliest_first(office, session, (x, y), category, names, nearby, city.timezone)
        return Preview(
            lon=x, lat=y,
            where=_whereabouts(session, placement, names, now, _far_m(city.extent, x, y)),
            goes_to=_destination(session, placement, names, category, now) if category else None,
            street=_street(office, session, levels, x, y),
            nearby=nearby, nearby_total=total, now=now,
        )  # fmt: skip


def _likeliest_first(
    office: Office, session: Session, here: tuple[float, float], code: object, names: Names,
    nearby: list[dict[str, Any]], timezone: str,
) -> list[dict[str, Any]]:  # fmt: skip
    """What may be the same thing with why, the likeliest first, then what else is open nearby."""
    category = category_by_code(session, code)
    alike = candidates(office, session, here, category.id, office.now(), names, timezone, at_most=NEARBY_ROWS)
    rows = [{**one.row, "same": one.same, "apart_s": one.apart_s} for one in alike]
    known = {row["id"] for row in rows}
    return (rows + [row for row in nearby if row["id"] not in known])[:NEARBY_ROWS]


def _whereabouts(
    session: Session, placement: Placement, names: Names, now: datetime, far_m: float | None
) -> Whereabouts:
    answer: LevelAnswer | None = placement.patch
    if answer is None:
        return Whereabouts(None, None, "outside", False, [], far_m)
    area_id = answer.area_id
    others = [
        (names.areas[other], metres)
        for other, metres in answer.candidates
        if other != area_id and other in names.areas
    ]
    leader = leaders(session, [area_id], now).get(area_id) if area_id is not None else None
    patch = names.areas.get(area_id) if area_id is not None else None
    return Whereabouts(patch, leader, answer.kind, answer.near_border, others, far_m)


def _destination(
    session: Session, placement: Placement, names: Names, code: object, now: datetime
) -> Destination:
    category: Category = category_by_code(session, code)
    referral = RoutingTable.load(session).refer(category.id, placement.area_ids)
    rule = session.get(RoutingRule, referral.rule_id) if referral.rule_id else None
    rules = time_rules(session)
    limit = rules.limits.of(category.id, "handle")
    return Destination(
        bureau=names.bureaus.get(referral.bureau_id or 0),
        rule=(rule.code, rule.note) if rule else None,
        limit=(limit.value, limit.unit) if limit else None,
        due_at=first_due(rules, category.id, now),
    )


def _metres(lon: float, lat: float) -> Any:
    """Coordinates as metres east and north of a place: true enough within a district."""
    scale = np.array([_METRES_A_DEGREE * math.cos(math.radians(lat)), _METRES_A_DEGREE])
    return lambda points: (points - np.array([lon, lat])) * scale


def _far_m(extent: shapely.Geometry | None, lon: float, lat: float) -> float | None:
    if extent is None:
        return None
    away = shapely.distance(shapely.transform(extent, _metres(lon, lat)), shapely.Point(0, 0))
    return float(away) if away > FAR_M else None


def _street(office: Office, session: Session, levels: list[Coverage], lon: float, lat: float) -> Pair | None:
    """The names of the nearest street of the schematic map, when one is near."""
    if not levels or abs(lat) > 85:
        return None
    around = surroundings(office, session, Box.around(lon, lat, STREET_M, STREET_M), None)
    here, ours = shapely.Point(0, 0), _metres(lon, lat)
    found = [
        (float(shapely.distance(shapely.transform(one.geometry, ours), here)), one.zh, one.en)
        for one in around.backdrop
        if one.kind == "street" and (one.zh or one.en)
    ]
    nearest = min(found, default=None)
    return [nearest[1], nearest[2]] if nearest and nearest[0] <= STREET_M else None
