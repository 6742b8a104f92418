"""A day without a round: when the next one is, and what is open near the person."""

from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.map_names import read_names
from casework.nearby import open_near
from casework.office import Office, the_city
from casework.policy import Actor
from casework.route_picking import walkers
from casework.scope import scope_of
from db.models import RouteInspector, RoutePlan, RouteStop

NEAR_M: Final = 3_000.0
NEAR_ROWS: Final = 5


def nothing_today(
    office: Office, session: Session, actor: Actor, today: date, at: tuple[float, float] | None
) -> dict[str, Any]:
    """When the next round is, and the open findings near where the person is or usually begins."""
    names, city = read_names(session), the_city(session)
    own = next((one for one in walkers(session, names) if one.user_id == actor.user_id), None)
    middle = city.extent.representative_point()
    place = at or (own.start if own else (middle.x, middle.y))
    rows, _count = open_near(
        office, session, place, names, office.now(), city.timezone, persons=False,
        scope=scope_of(session, actor), within_m=NEAR_M, at_most=NEAR_ROWS,
    )  # fmt: skip
    source = "here" if at else "patches" if own and own.patches else "city"
    return {"next": _next_day(session, actor, today), "near": rows, "near_from": source}


def _next_day(session: Session, actor: Actor, today: date) -> dict[str, Any] | None:
    row = session.execute(
        select(RouteStop.day, RoutePlan.id, RoutePlan.title, RouteInspector.id)
        .join(RouteInspector, RouteInspector.id == RouteStop.inspector_id)
        .join(RoutePlan, RoutePlan.id == RouteStop.plan_id)
        .where(
            RouteInspector.user_id == actor.user_id, RoutePlan.sent_at.is_not(None),
            RoutePlan.status != "discarded", RouteStop.day > today,
        )
        .order_by(RouteStop.day)
        .limit(1)
    ).first()  # fmt: skip
    if row is None or row[0] is None:
        return None
    stops = session.scalar(
        select(func.count()).where(RouteStop.inspector_id == row[3], RouteStop.day == row[0])
    )
    return {
        "day": row[0].isoformat(),
        "plan": row[1],
        "title": row[2],
        "inspector": row[3],
        "stops": stops,
    }
