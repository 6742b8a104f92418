"""Rounds that were sent out and walked, without solving: what became of each stop is told, not acted."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from casework.clock import day_of
from casework.office import Office
from casework.policy import SYSTEM
from casework.route_plans import at_second, new_plan
from db.models import RouteInspector, RoutePlan, RouteStop, TrackConsent, TrackPoint

ZONE: Final = "Asia/Shanghai"
PLACES: Final = ((101.20, 36.50), (101.21, 36.50), (101.22, 36.50), (101.80, 36.50))
FIRST_S: Final = 9 * 3600
APART_S: Final = 1800


def sent_round(
    office: Office,
    user_id: int,
    day: date,
    states: Sequence[str],
    *,
    late_s: int = 0,
    places: Sequence[tuple[float, float]] = PLACES,
) -> int:
    """A plan of one person and this day: a stop for each state, planned half an hour apart from nine o'clock.

    What is done was reached ``late_s`` seconds after its planned time. Returns the plan's id.
    """
    today = day_of(office.now(), ZONE)
    wanted = [
        {"name": f"站 {n}", "lon": lon, "lat": lat} for n, (lon, lat) in enumerate(places[: len(states)])
    ]
    asked = {"day": today.isoformat(), "inspectors": [{"user_id": user_id}], "places": wanted}
    plan_id = new_plan(office, SYSTEM, asked)
    with office.database.write() as session:
        plan = session.get_one(RoutePlan, plan_id)
        person = session.query(RouteInspector).filter_by(plan_id=plan_id).one()
        person.days, plan.day, plan.status, plan.sent_at = [day.isoformat()], day, "sent", plan.created_at
        kept = {f"{person.id}/{day.isoformat()}": {"distance_m": 4000}}
        plan.outcome = {"distance_m": 4000, "rounds": kept}
        stops = session.query(RouteStop).filter_by(plan_id=plan_id).order_by(RouteStop.id)
        for n, (row, state) in enumerate(zip(stops, states, strict=True)):
            row.inspector_id, row.day, row.position, row.state = person.id, day, n, state
            row.arrive_at = row.start_at = at_second(day, FIRST_S + APART_S * n, ZONE)
            row.leave_at = row.arrive_at + timedelta(seconds=row.service_s)
            if state == "done":
                row.arrived_at = row.arrive_at + timedelta(seconds=late_s)
                row.done_at = row.arrived_at + timedelta(seconds=row.service_s)
    return plan_id


def positions(office: Office, plan_id: int, user_id: int, start: datetime, metres: int) -> None:
    """Consent, and a position every 30 m and 20 s eastward from the first place."""
    lon, lat = PLACES[0]
    with office.database.write() as session:
        session.add(TrackConsent(user_id=user_id, given_at=start, withdrawn_at=None))
        for n in range(metres // 30 + 1):
            session.add(
                TrackPoint(
                    plan_id=plan_id, user_id=user_id, at=start + timedelta(seconds=20 * n),
                    lon=lon + n * 30 / 89_570, lat=lat, accuracy_m=8.0,
                )
            )  # fmt: skip
