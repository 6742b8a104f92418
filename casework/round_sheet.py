"""A round on paper: its stops with planned times, the way between them, and what lies around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from casework.coverage import patch_coverage
from casework.office import Office, the_city
from casework.policy import Actor
from casework.round_stops import facts_of, stop_json
from casework.rounds import Walk, walk_of
from casework.route_view import round_matrix
from casework.street_networks import ways_of_id
from casework.surroundings import Box, Surroundings, surroundings
from db.models import RouteStop, StreetNetwork

Place = tuple[float, float]
_FLATTEST: Final = 1.6
_STEEPEST: Final = 1.2
_MARGIN: Final = 0.16


@dataclass(frozen=True, slots=True)
class RoundSheet:
    """A round to be printed. ``stops`` as `round_stops.stop_json` has them, with ``number``; ``legs`` are the ways
    from the start over the stops to the end (lists of lon, lat; empty where there is none).
    """

    title: str
    mode: str
    day: date
    name: list[str]
    shift_s: tuple[int, int]
    breaks_s: list[list[int]]
    starts_s: int | None
    ends_s: int | None
    distance_m: float
    stops: list[dict[str, Any]]
    start: Place
    end: Place | None
    legs: list[list[list[float]]]
    around: Surroundings | None
    straight: bool
    schematic: bool
    plan_id: int
    inspector_id: int


def round_sheet(
    office: Office, actor: Actor, plan_id: int, inspector_id: int, day: date | None
) -> RoundSheet:
    """The sheet of one person's round. Raises NotFound, Forbidden."""
    with office.database.read() as session:
        walk = walk_of(session, actor, plan_id, inspector_id, day)
        plan, person, timezone = walk.plan, walk.person, the_city(session).timezone
        stops = [one for one in walk.stops if one.state != "skipped"]
        facts = facts_of(session, actor, stops)
        lines = [
            stop_json(one, facts, walk.day, timezone, office.now()) | {"number": number}
            for number, one in enumerate(stops, 1)
        ]
        network = ways_of_id(session, plan.network_id)
        matrix = round_matrix(person, stops, plan.mode, network)
        steps = range(len(matrix.lon) - 1)
        good = [i for i in steps if np.isfinite(matrix.duration_s[i, i + 1])]
        legs = [np.round(matrix.path(i, i + 1), 6).tolist() if i in good else [] for i in steps]
        row = session.get(StreetNetwork, plan.network_id) if plan.network_id else None
        kept = plan.outcome.get("rounds", {}).get(f"{person.id}/{walk.day.isoformat()}", {})
        around = (
            surroundings(office, session, _box(walk, stops, legs), patch_coverage(session)) if stops else None
        )
        return RoundSheet(
            title=plan.title, mode=plan.mode, day=walk.day, name=[person.name_zh, person.name_en],
            shift_s=(person.shift_start_s, person.shift_end_s), breaks_s=kept.get("breaks", []),
            starts_s=kept.get("depart_s"), ends_s=kept.get("end_s"),
            distance_m=float(sum(matrix.distance_m[i, i + 1] for i in good)), stops=lines,
            start=(person.start_lon, person.start_lat),
            end=(person.end_lon, person.end_lat)
            if person.end_lon is not None and person.end_lat is not None
            else None,
            legs=legs, around=around, straight=row is None, schematic=bool(row and row.is_schematic),
            plan_id=plan.id, inspector_id=person.id,
        )  # fmt: skip


def _box(walk: Walk, stops: Sequence[RouteStop], legs: Sequence[Sequence[Sequence[float]]]) -> Box:
    """What the map shows: everything of the round, as flat or steep as that is, within what a page takes."""
    places = [(walk.person.start_lon, walk.person.start_lat), *((stop.lon, stop.lat) for stop in stops)]
    shapes: list[BaseGeometry] = [shapely.Point(place) for place in places]
    shapes += [shapely.LineString(leg) for leg in legs if len(leg) > 1]
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    shrink = max(np.cos(np.radians((south + north) / 2)), 0.01)
    aspect = ((east - west) * shrink + 1e-9) / (north - south + 1e-9)
    return Box.of(shapes, min(_FLATTEST, max(_STEEPEST, aspect)), _MARGIN)
