"""How the demo's rounds of days gone by were walked: a little later than planned, some stops skipped, with tracks."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework.policy import Actor
from casework.route_plans import note_event
from casework.route_view import round_matrix
from casework.street_networks import network_of_id
from db.models import RouteInspector, RoutePlan, RouteStop, TrackConsent, TrackPoint
from geo.roads import Matrix

Floats = NDArray[np.float64]
EVERY_S: Final = 45
_SKIPPED: Final = 0.08
_MISSED: Final = 0.3  # of the rounds have a last stop that nobody came to any more
_DEG_M: Final = 111_195.0
_WHY: Final = ("门锁着，没有人", "施工封路，过不去", "已经整改好，不用再看", "下雨，改天再来")


def walk(session: Session, plan: RoutePlan, rng: random.Random) -> None:
    """Give the stops of a planned day what happened, and those who agreed a track, in the caller's transaction."""
    agreed = set(session.scalars(select(TrackConsent.user_id).where(TrackConsent.withdrawn_at.is_(None))))
    network = network_of_id(session, plan.network_id)
    rounds: dict[int, list[RouteStop]] = defaultdict(list)
    for stop in session.scalars(
        select(RouteStop)
        .where(RouteStop.plan_id == plan.id, RouteStop.inspector_id.is_not(None))
        .order_by(RouteStop.position)
    ):
        rounds[stop.inspector_id or 0].append(stop)
    points = []
    for person_id, stops in sorted(rounds.items()):
        person = session.get_one(RouteInspector, person_id)
        seen = _happened(session, plan, person, stops, rng)
        if person.user_id in agreed:
            matrix = round_matrix(person, seen, plan.mode, network)
            points += list(_track(plan, person, seen, matrix, rng))
    if points:
        session.execute(insert(TrackPoint), points)


def _happened(
    session: Session, plan: RoutePlan, person: RouteInspector, stops: Sequence[RouteStop], rng: random.Random
) -> list[RouteStop]:
    """Arrivals and ends of the stops that were made, with the delay that grows and shrinks along a day."""
    late_s = rng.uniform(-180, 300)
    seen: list[RouteStop] = []
    missed = stops[-1] if len(stops) > 3 and rng.random() < _MISSED else None
    who = Actor(role="inspector", user_id=person.user_id)
    for stop in stops:
        if stop is missed or stop.arrive_at is None or stop.leave_at is None:
            continue
        if rng.random() < _SKIPPED:
            stop.state, stop.note = "skipped", rng.choice(_WHY)
            note_event(session, plan.id, stop.arrive_at, who, "skipped", stop.id, note=stop.note)
            continue
        late_s = max(late_s + rng.gauss(40, 150), -300)
        stop.arrived_at = max(
            stop.arrive_at + timedelta(seconds=round(late_s)), _soonest(seen, stop.arrive_at)
        )
        stop.arrived_m = round(abs(rng.gauss(0, 22)), 1)
        taken_s = stop.service_s * rng.uniform(0.7, 1.3)
        stop.done_at, stop.state = stop.arrived_at + timedelta(seconds=round(taken_s)), "done"
        late_s += taken_s - stop.service_s
        note_event(session, plan.id, stop.arrived_at, who, "arrived", stop.id)
        note_event(session, plan.id, stop.done_at, who, "done", stop.id)
        seen.append(stop)
    session.flush()
    return seen


def _soonest(seen: Sequence[RouteStop], planned: datetime) -> datetime:
    """When somebody who hurries can be at a stop, after the ones that were made."""
    if not seen or seen[-1].done_at is None or seen[-1].leave_at is None:
        return planned - timedelta(hours=1)
    way = max((planned - seen[-1].leave_at) * 0.7, timedelta(seconds=30))
    return seen[-1].done_at + way


def _track(
    plan: RoutePlan, person: RouteInspector, stops: Sequence[RouteStop], matrix: Matrix, rng: random.Random
) -> Iterator[dict[str, object]]:
    """Positions along the streets from stop to stop, a few metres off, as a phone has them."""
    for leg, stop in enumerate(stops):
        arrived, travel_s = stop.arrived_at, float(matrix.duration_s[leg, leg + 1])
        if arrived is None or not np.isfinite(travel_s):
            continue
        before = stops[leg - 1].done_at if leg else None
        set_out = arrived - timedelta(seconds=travel_s)
        set_out = max(set_out, before) if before else set_out
        way = matrix.path(leg, leg + 1)
        span_s = max((arrived - set_out).total_seconds(), 1.0)
        for second in np.arange(0.0, span_s, EVERY_S).tolist():
            yield _point(plan, person, set_out + timedelta(seconds=second), _along(way, second / span_s), rng)
        yield _point(plan, person, arrived, (stop.lon, stop.lat), rng)
        if stop.done_at:
            yield _point(plan, person, stop.done_at, (stop.lon, stop.lat), rng)


def _along(way: Floats, share: float) -> tuple[float, float]:
    """The place at a share (0 to 1) of a way's length."""
    steps = np.hypot(*np.diff(way, axis=0).T)
    reach = np.concatenate([[0.0], np.cumsum(steps)])
    at = share * reach[-1]
    return float(np.interp(at, reach, way[:, 0])), float(np.interp(at, reach, way[:, 1]))


def _point(
    plan: RoutePlan, person: RouteInspector, at: datetime, place: tuple[float, float], rng: random.Random
) -> dict[str, object]:
    east, north = rng.gauss(0, 4) / (_DEG_M * 0.8), rng.gauss(0, 4) / _DEG_M
    return {
        "plan_id": plan.id, "user_id": person.user_id, "at": at, "lon": round(place[0] + east, 7),
        "lat": round(place[1] + north, 7), "accuracy_m": round(rng.uniform(4, 18), 1),
    }  # fmt: skip
