"""One round looked back at: the planned way and the walked one, and when each stop was planned and reached."""

from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import NotFound, mark
from casework.map_names import read_names
from casework.office import Office, the_city
from casework.policy import Actor
from casework.route_lookback import delay_s, only_own, reached_at
from casework.route_plans import second_of
from casework.route_tracks import track_of, with_consent
from casework.route_view import round_matrix
from casework.street_networks import ways_of_id
from db.models import Category, Finding, RouteInspector, RoutePlan, RouteStop


def walked_round(
    office: Office, actor: Actor, plan_id: int, inspector_id: int, asked_day: str | date
) -> dict[str, Any]:
    """A round of a plan that was sent, as JSON; ways are lists of [lon, lat] (WGS 84), times seconds from midnight.

    Raises NotFound, for somebody else's round too where only one's own may be seen; Forbidden.
    """
    own = only_own(actor)
    try:
        day = date.fromisoformat(str(asked_day))
    except ValueError:
        raise NotFound(mark("There is no such round")) from None
    with office.database.read() as session:
        plan, person = session.get(RoutePlan, plan_id), session.get(RouteInspector, inspector_id)
        missing = plan is None or person is None or person.plan_id != plan_id or plan.status != "sent"
        if missing or (own and person is not None and person.user_id != actor.user_id):
            raise NotFound(mark("There is no such round"))
        assert plan is not None  # noqa: S101 - told apart above
        assert person is not None  # noqa: S101
        stops = session.scalars(
            select(RouteStop)
            .where(RouteStop.inspector_id == person.id, RouteStop.day == day)
            .order_by(RouteStop.position)
        ).all()
        if not stops:
            raise NotFound(mark("There is no such round"))
        timezone = the_city(session).timezone
        track = track_of(office, session, plan.id, person.user_id, day, timezone)
        return {
            "plan": plan.id, "inspector": person.id, "day": day.isoformat(), "mode": plan.mode,
            "name": [person.name_zh, person.name_en], "start": [person.start_lon, person.start_lat],
            "planned": _planned(session, plan, person, stops),
            "walked": [np.round(line, 6).tolist() for line in track.lines] if track else [],
            "walked_m": round(track.distance_m) if track else None, "gaps": track.gaps if track else 0,
            "records": person.user_id in with_consent(session, [person.user_id or 0]),
            "stops": _stops(session, stops, day, timezone),
        }  # fmt: skip


def _planned(
    session: Session, plan: RoutePlan, person: RouteInspector, stops: list[RouteStop] | Any
) -> list[list[list[float]]]:
    """The ways from stop to stop on the plan's own street network; what cannot be reached is left out."""
    matrix = round_matrix(person, stops, plan.mode, ways_of_id(session, plan.network_id))
    return [
        np.round(matrix.path(leg, leg + 1), 6).tolist()
        for leg in range(len(matrix.lon) - 1)
        if np.isfinite(matrix.duration_s[leg, leg + 1])
    ]


def _stops(session: Session, stops: Any, day: date, timezone: str) -> list[dict[str, Any]]:
    wanted = [stop.finding_id for stop in stops if stop.finding_id]
    findings = {row.id: row for row in session.scalars(select(Finding).where(Finding.id.in_(wanted)))}
    categories = {row.id: [row.name_zh, row.name_en] for row in session.scalars(select(Category))}
    areas = read_names(session).areas

    def second(moment: datetime | None) -> int | None:
        return second_of(moment, day, timezone) if moment else None

    lines = []
    for stop in stops:
        finding, area, late = findings.get(stop.finding_id), areas.get(stop.area_id), delay_s(stop)
        lines.append(
            {
                "id": stop.id, "kind": stop.kind, "name": stop.name, "lon": stop.lon, "lat": stop.lat,
                "state": stop.state, "note": stop.note, "finding": finding.id if finding else None,
                "number": finding.number if finding else "",
                "category": categories.get(finding.category_id) if finding else None,
                "area": area.coded if area else None, "planned_s": second(stop.arrive_at),
                "reached_s": second(reached_at(stop)), "done_s": second(stop.done_at),
                "late_s": None if late is None or stop.state != "done" else round(late),
                "away_m": None if stop.arrived_m is None else round(stop.arrived_m),
            }
        )  # fmt: skip
    return lines
