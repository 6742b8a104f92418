"""My round: what somebody walks on a day, the next stop, what is left of it and whether the day still holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework.clock import day_of
from casework.errors import Forbidden, NotFound, mark
from casework.office import Office, the_city
from casework.policy import Act, Actor, may, require
from casework.round_forecast import Forecast, forecast, standing_now
from casework.round_news import news_of
from casework.round_none import nothing_today
from casework.round_stops import facts_of, in_walking_order, open_stops, stop_json
from casework.route_plans import plan_of, second_of
from casework.route_problem import Loaded, load
from casework.street_networks import network_of_id
from db.models import RouteInspector, RoutePlan, RouteStop, StreetNetwork
from geo.roads import Matrix, straight_line_matrix
from geo.route_types import Standing, Visit

FURTHEST_M: Final = 30_000.0
"""From further away no way to the next stop is drawn."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Somebody's round of a day: the rows that it is made of."""

    plan: RoutePlan
    person: RouteInspector
    day: date
    stops: Sequence[RouteStop]
    first: int | None = None

    @property
    def ahead(self) -> list[RouteStop]:
        """Open stops in order: the one that the person is at, then the one to be taken ``first``, then as planned."""
        return sorted(
            open_stops(self.stops),
            key=lambda one: 0 if one.state == "arrived" else 1 if one.id == self.first else 2,
        )


def walks_of(session: Session, user_id: int | None, day: date) -> list[Walk]:
    """The rounds that were sent to this person for a day; the one sent last comes first."""
    rows = session.execute(
        select(RoutePlan, RouteInspector)
        .join(RouteInspector, RouteInspector.plan_id == RoutePlan.id)
        .where(
            RouteInspector.user_id == user_id,
            # One that is worked out again meanwhile stays on the phone.
            RoutePlan.sent_at.is_not(None),
            RoutePlan.status != "discarded",
            exists().where(RouteStop.inspector_id == RouteInspector.id, RouteStop.day == day),
        )
        .order_by(RoutePlan.sent_at.desc(), RoutePlan.id.desc())
    ).all()
    return [Walk(plan, person, day, stops_of(session, person.id, day)) for plan, person in rows]


def stops_of(session: Session, inspector_id: int, day: date) -> list[RouteStop]:
    """The stops of a round, skipped ones too."""
    return in_walking_order(
        session.scalars(
            select(RouteStop).where(RouteStop.inspector_id == inspector_id, RouteStop.day == day)
        ).all()
    )


def has_round_today(office: Office, actor: Actor) -> bool:
    """Whether this person has a round today; cheap enough for every page."""
    if actor.user_id is None or not may(actor, Act.WALK_ROUND):
        return False
    with office.database.read() as session:
        today = day_of(office.now(), the_city(session).timezone)
        found = session.scalar(
            select(RouteInspector.id)
            .join(RoutePlan, RoutePlan.id == RouteInspector.plan_id)
            .join(RouteStop, RouteStop.inspector_id == RouteInspector.id)
            .where(
                RouteInspector.user_id == actor.user_id, RoutePlan.sent_at.is_not(None),
                RoutePlan.status != "discarded", RouteStop.day == today,
            )
            .limit(1)
        )  # fmt: skip
        return found is not None


def my_round(
    office: Office,
    actor: Actor,
    plan_id: int | None = None,
    at: tuple[float, float] | None = None,
    first: int | None = None,
) -> dict[str, Any]:
    """The signed-in person's round of today, or ``round`` None with what is near and when the next one is.

    ``plan_id`` chooses among several of one day, else the first with something left. ``at`` (lon, lat): where the
    person is, for the way to the next stop; it is kept nowhere. ``first``: the stop (id) that the person wants to take
    next. Raises Forbidden, NotSignedIn.
    """
    require(actor, Act.WALK_ROUND)
    with office.database.read() as session:
        today = day_of(office.now(), the_city(session).timezone)
        walks = walks_of(session, actor.user_id, today)
        chosen = next((one for one in walks if one.plan.id == plan_id), None)
        chosen = chosen or next((one for one in walks if open_stops(one.stops)), walks[0] if walks else None)
        told: dict[str, Any] = {
            "day": today.isoformat(), "now": office.now().isoformat(), "read_only": False,
            "rounds": [
                {"plan": one.plan.id, "title": one.plan.title, "left": len(open_stops(one.stops))} for one in walks
            ],
            "round": None,
        }  # fmt: skip
        if chosen is not None:
            return {**told, "round": described(office, session, actor, replace(chosen, first=first), at)}
        return {**told, **nothing_today(office, session, actor, today, at)}


def other_round(
    office: Office, actor: Actor, plan_id: int, inspector_id: int, day: date | None
) -> dict[str, Any]:
    """Somebody's round as they see it, to be looked at only. Raises NotFound, Forbidden."""
    with office.database.read() as session:
        walk = walk_of(session, actor, plan_id, inspector_id, day)
        return {
            "day": walk.day.isoformat(), "now": office.now().isoformat(), "read_only": True, "rounds": [],
            "round": described(office, session, actor, walk, None),
        }  # fmt: skip


def walk_of(session: Session, actor: Actor, plan_id: int, inspector_id: int, day: date | None) -> Walk:
    """A round by plan, person and day (None: the first); for who sees plans, and for the person who walks it."""
    if not may(actor, Act.VIEW_ROUTES):
        require(actor, Act.WALK_ROUND)
    plan = plan_of(session, plan_id)
    person = session.get(RouteInspector, inspector_id)
    is_mine = person is not None and person.user_id is not None and person.user_id == actor.user_id
    if not may(actor, Act.VIEW_ROUTES) and not (is_mine and plan.sent_at is not None):
        raise Forbidden(mark("This is somebody else's round"))
    if person is None or person.plan_id != plan.id:
        raise NotFound(mark("There is no such person in this plan"))
    days = session.scalars(
        select(RouteStop.day).where(RouteStop.inspector_id == person.id).distinct().order_by(RouteStop.day)
    ).all()
    chosen = day or next((one for one in days if one is not None), plan.day)
    return Walk(plan, person, chosen, stops_of(session, person.id, chosen))


def described(
    office: Office, session: Session, actor: Actor, walk: Walk, at: tuple[float, float] | None
) -> dict[str, Any]:
    """A round with its stops, the times worked out from now, the way to the next stop, and what was changed."""
    plan, person, timezone = walk.plan, walk.person, the_city(session).timezone
    now, facts = office.now(), facts_of(session, actor, walk.stops)
    now_s = _second_now(now, walk.day, timezone)
    problem = load(session, plan, person.id)
    expected = expectation(problem, walk, now_s)
    visits = {visit.stop: visit for visit in expected.visits}
    lines = []
    for stop in walk.stops:
        visit = visits.get(str(stop.id))
        lines.append(
            stop_json(stop, facts, walk.day, timezone, now)
            | {
                "expected_s": round(visit.arrive_s) if visit else None,
                "begins_s": round(visit.start_s) if visit else None,
                "missed": expected.missed.get(str(stop.id)),
            }
        )
    network = session.get(StreetNetwork, plan.network_id) if plan.network_id else None
    return {
        "plan": {
            "id": plan.id, "title": plan.title, "mode": plan.mode, "revision": plan.revision,
            "straight": network is None, "schematic": bool(network and network.is_schematic),
            "sent_at": plan.sent_at.isoformat() if plan.sent_at else None,
        },
        "person": {
            "id": person.id, "zh": person.name_zh, "en": person.name_en,
            "start": [person.start_lon, person.start_lat],
            "end": [person.end_lon, person.end_lat] if person.end_lon is not None else None,
            "shift": [person.shift_start_s, person.shift_end_s],
            "absent_from": person.absent_from.isoformat() if person.absent_from else None,
        },
        "day": walk.day.isoformat(), "now_s": now_s, "stops": lines,
        "forecast": {
            "end_s": round(expected.end_s), "shift_end_s": person.shift_end_s,
            "late_s": _late_s(walk, visits, timezone), "missed": [int(stop) for stop in expected.missed],
            "breaks": [[round(rest.start_s), round(rest.end_s)] for rest in expected.rests],
        },
        "ways": _ways(session, walk, at),
        "news": news_of(session, actor, plan, person, walk.stops),
    }  # fmt: skip


def expectation(problem: Loaded, walk: Walk, now_s: float) -> Forecast:
    """What is left, from now on. Who stands at a stop stays there for what it takes."""
    key = (str(walk.person.id), (walk.day - walk.plan.day).days)
    request = problem.request
    inspector = request.inspectors[0]
    ahead = walk.ahead
    standing = standing_now(request.standing.get(key), inspector, now_s)
    here = next((stop for stop in ahead if stop.state == "arrived" and stop.arrived_at), None)
    if here is not None and here.arrived_at is not None:
        arrived_s = float(second_of(here.arrived_at, walk.day, problem.timezone))
        leave_s = max(now_s, arrived_s + here.service_s)
        visit = Visit(str(here.id), arrived_s, arrived_s, leave_s)
        standing = Standing((*standing.visits, visit), standing.rests, max(standing.free_s, leave_s))
    request = request.changed(standing={**request.standing, key: standing})
    return forecast(request, key, [str(stop.id) for stop in ahead if stop is not here], now_s)


def _second_now(now: datetime, day: date, timezone: str) -> float:
    """Seconds from the round's midnight; a round of another day is told as it is planned."""
    return float(second_of(now, day, timezone)) if day_of(now, timezone) >= day else 0.0


def _late_s(walk: Walk, visits: dict[str, Visit], timezone: str) -> int | None:
    """How much later than planned the next stop is reached; negative: earlier. None when nothing is ahead."""
    for stop in walk.ahead:
        visit = visits.get(str(stop.id))
        if visit is not None and stop.arrive_at is not None:
            return round(visit.arrive_s) - second_of(stop.arrive_at, walk.day, timezone)
    return None


def _ways(session: Session, walk: Walk, at: tuple[float, float] | None) -> dict[str, Any]:
    """The way to the next stop, from where the person is or was last, and the ways after it."""
    ahead = [stop for stop in walk.ahead if stop.state == "planned"]
    here = [stop for stop in walk.stops if stop.state == "arrived"]
    behind = here or [stop for stop in walk.stops if stop.state == "done"]
    last = (behind[-1].lon, behind[-1].lat) if behind else (walk.person.start_lon, walk.person.start_lat)
    places = [(stop.lon, stop.lat) for stop in ahead]
    if walk.person.end_lon is not None and walk.person.end_lat is not None:
        places.append((walk.person.end_lon, walk.person.end_lat))
    if not places:
        return {"next": None, "rest": []}
    straight = straight_line_matrix([at[0], places[0][0]], [at[1], places[0][1]], "foot") if at else None
    is_near = straight is not None and float(straight.distance_m[0, 1]) <= FURTHEST_M
    start = at if at and is_near else last
    matrix = _matrix(session, walk.plan, [start, *places])
    legs = [_leg(matrix, i) for i in range(len(places))]
    return {
        "next": (legs[0] | {"from_here": bool(at and is_near)}) if ahead and legs[0]["path"] else None,
        "rest": [leg["path"] for leg in legs[1 if ahead else 0 :]],
    }  # fmt: skip


def _matrix(session: Session, plan: RoutePlan, places: Sequence[tuple[float, float]]) -> Matrix:
    lon, lat = [place[0] for place in places], [place[1] for place in places]
    network = network_of_id(session, plan.network_id)
    return network.matrix(lon, lat, plan.mode) if network else straight_line_matrix(lon, lat, plan.mode)


def _leg(matrix: Matrix, i: int) -> dict[str, Any]:
    duration, distance = float(matrix.duration_s[i, i + 1]), float(matrix.distance_m[i, i + 1])
    if not np.isfinite(duration):
        return {"duration_s": None, "distance_m": None, "path": []}
    path = np.round(matrix.path(i, i + 1), 6).tolist()
    return {"duration_s": round(duration), "distance_m": round(distance), "path": path}
