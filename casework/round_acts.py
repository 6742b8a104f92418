"""What somebody does on a round: arrive, done, skip, take that back. Each counts once, however often it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import fields
from casework.clock import day_of
from casework.coverage import patch_coverage
from casework.errors import Conflict, NotFound, Refused, mark
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from casework.round_moments import happened_at, position_of
from casework.round_news import note_seen
from casework.round_stops import RESULTS, is_near
from casework.rounds import stops_of
from casework.route_plans import note_event
from db.models import Finding, RouteEvent, RouteInspector, RoutePlan, RouteStop
from geo.roads import straight_line_matrix

RECORDED_M: Final = 300.0
KEY_LENGTH: Final = 64
ACTS: Final[Mapping[str, str]] = {"arrive": "arrived", "done": "done", "skip": "skipped", "undo": "undone"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What an act came to: the stop's state, whether it had counted before, and how far from the place it was.

    ``place``: near, far, or unknown (no position was given).
    """

    stop_id: int
    state: str
    repeated: bool
    place: str
    distance_m: float | None


@dataclass
class _Work:
    session: Session
    actor: Actor
    plan: RoutePlan
    person: RouteInspector
    stop: RouteStop
    now: datetime
    moment: datetime
    asked: Mapping[str, Any]


def act(office: Office, actor: Actor, stop_id: int, name: str, asked: Mapping[str, Any]) -> Taken:
    """Do something at a stop of one's own round.

    ``asked``: ``key`` (made up by the phone for this one tap), ``at`` and ``sent_at`` (when it happened and when it is
    sent, both by the phone's clock: only the time between them counts), ``lon``, ``lat``, ``accuracy_m``, ``note``,
    ``result`` (`round_stops.RESULTS`). Raises Refused, Conflict, NotFound, Forbidden.
    """
    require(actor, Act.WALK_ROUND)
    if name not in ACTS:
        raise NotFound(mark("There is no such act"))
    now = office.now()
    key = fields.text(asked.get("key"), "key", limit=KEY_LENGTH)
    moment = happened_at(asked, now)
    where = position_of(asked)
    with office.database.write() as session:
        stop, plan, person = _own(session, actor, stop_id)
        timezone = the_city(session).timezone
        if plan.sent_at is not None:
            moment = max(moment, plan.sent_at)
        if stop.day is None or abs((day_of(moment, timezone) - stop.day).days) > 1:
            raise Refused(mark("%(stop)s is not a stop of today's round"), {"stop": stop.name}, field="stop")
        known = _known(session, stop.id, key)
        distance_m, accuracy_m = _distance(session, stop, where)
        if known is not None:
            return _taken(stop, True, known.details.get("distance_m"), known.details.get("accuracy_m"))
        work = _Work(session, actor, plan, person, stop, now, moment, asked)
        more = _DO[name](work, distance_m)
        if more is not None:
            note_event(
                session, plan.id, now, actor, ACTS[name], stop.id, key=key, happened_at=moment.isoformat(),
                distance_m=distance_m, accuracy_m=accuracy_m, **more,
            )  # fmt: skip
        return _taken(stop, more is None, distance_m, accuracy_m)


def seen(office: Office, actor: Actor, plan_id: int, day: object) -> None:
    """The person has looked at the round as it is now: what changes from now on is news."""
    require(actor, Act.WALK_ROUND)
    with office.database.write() as session:
        person = session.scalars(
            select(RouteInspector).where(
                RouteInspector.plan_id == plan_id, RouteInspector.user_id == actor.user_id
            )
        ).first()
        plan = session.get(RoutePlan, plan_id)
        if person is None or plan is None or plan.sent_at is None or plan.status == "discarded":
            raise NotFound(mark("There is no such round"))
        today = day_of(office.now(), the_city(session).timezone)
        note_seen(session, actor, plan, person, stops_of(session, person.id, today), office.now())


def _own(session: Session, actor: Actor, stop_id: int) -> tuple[RouteStop, RoutePlan, RouteInspector]:
    stop = session.scalars(select(RouteStop).where(RouteStop.id == stop_id).with_for_update()).first()
    plan = session.get(RoutePlan, stop.plan_id) if stop else None
    mine = select(RouteInspector.id).where(RouteInspector.user_id == actor.user_id)
    if stop is None or plan is None or plan.sent_at is None or plan.status == "discarded":
        raise NotFound(mark("There is no such stop in your round"))
    person = session.get(RouteInspector, stop.inspector_id) if stop.inspector_id else None
    if person is None or person.user_id != actor.user_id:
        # Whose plan it is may know what became of the stop; to others it is not there.
        if session.scalar(mine.where(RouteInspector.plan_id == plan.id).limit(1)) is None:
            raise NotFound(mark("There is no such stop in your round"))
        raise Conflict(
            mark("%(stop)s is not in your round any more: somebody changed the plan"), {"stop": stop.name}
        )
    return stop, plan, person


def _known(session: Session, stop_id: int, key: str) -> RouteEvent | None:
    """The act that came under this key before."""
    if not key:
        return None
    events = session.scalars(
        select(RouteEvent).where(RouteEvent.stop_id == stop_id, RouteEvent.act.in_(ACTS.values()))
    )
    return next((one for one in events if one.details.get("key") == key), None)


def _distance(
    session: Session, stop: RouteStop, where: tuple[float, float, float | None] | None
) -> tuple[float | None, float | None]:
    """Metres to the place and what the position may be wrong by; anywhere in a patch that is visited is there."""
    if where is None:
        return None, None
    lon, lat, accuracy_m = where
    target = (stop.lon, stop.lat)
    coverage = patch_coverage(session) if stop.kind == "patch" and stop.area_id else None
    area = coverage.by_id().get(stop.area_id or 0) if coverage else None
    if area is not None:
        here = shapely.Point(lon, lat)
        nearest = shapely.get_coordinates(shapely.shortest_line(area.geometry, here))[0]
        target = (float(nearest[0]), float(nearest[1]))
    away = straight_line_matrix([lon, target[0]], [lat, target[1]], "foot")
    return round(float(away.distance_m[0, 1]), 1), accuracy_m


def _taken(stop: RouteStop, repeated: bool, distance_m: float | None, accuracy_m: float | None) -> Taken:
    place = "unknown" if distance_m is None else "near" if is_near(distance_m, accuracy_m) else "far"
    return Taken(stop.id, stop.state, repeated, place, distance_m)


def _arrive(work: _Work, distance_m: float | None) -> dict[str, Any] | None:
    stop = work.stop
    if stop.state == "arrived":
        return None
    _require_open(stop)
    _leave_others(work)
    stop.state, stop.arrived_at, stop.arrived_m = "arrived", work.moment, distance_m
    _to_front(work)
    return {}


def _done(work: _Work, distance_m: float | None) -> dict[str, Any] | None:
    stop = work.stop
    if stop.state == "done":
        return None
    _require_open(stop)
    result = work.asked.get("result") or ""
    if result and result not in RESULTS[stop.kind]:
        raise Refused(
            mark("result must be one of %(known)s"), {"known": ", ".join(RESULTS[stop.kind])}, field="result"
        )
    stop.note = fields.text(work.asked.get("note"), "note", limit=500)
    begun = stop.arrived_at or work.moment
    recorded = _recorded(work, begun)
    stop.state, stop.done_at = "done", max(work.moment, begun)
    _to_front(work)
    return {"result": result, "note": stop.note, "findings": recorded}


def _skip(work: _Work, _distance_m: float | None) -> dict[str, Any] | None:
    stop = work.stop
    if stop.state == "skipped":
        return None
    _require_open(stop)
    note = fields.text(work.asked.get("note"), "note", limit=500)
    if not note:
        raise Refused(mark("Say why it is skipped"), field="note")
    stop.state, stop.note = "skipped", note
    return {"note": note}


def _undo(work: _Work, _distance_m: float | None) -> dict[str, Any] | None:
    """One step back: done to arrived, arrived or skipped to planned. What was said stays in the events."""
    stop = work.stop
    if stop.state == "planned":
        return None
    before = stop.state
    stop.state = "arrived" if before == "done" and stop.arrived_at is not None else "planned"
    stop.done_at, stop.note = None, ""
    if stop.state == "planned":
        stop.arrived_at = stop.arrived_m = None
    else:
        _leave_others(work)
    return {"before": before}


_DO: Final = {"arrive": _arrive, "done": _done, "skip": _skip, "undo": _undo}


def _require_open(stop: RouteStop) -> None:
    if stop.state == "done":
        raise Conflict(mark("%(stop)s is done already"), {"stop": stop.name})
    if stop.state == "skipped":
        raise Conflict(mark("%(stop)s was skipped: take that back first"), {"stop": stop.name})


def _leave_others(work: _Work) -> None:
    """Nobody is at two places: who arrives here has left a stop where nothing was done."""
    for other in stops_of(work.session, work.person.id, work.stop.day):  # type: ignore[arg-type]
        if other.state == "arrived" and other.id != work.stop.id:
            other.state, other.arrived_at, other.arrived_m = "planned", None, None


def _to_front(work: _Work) -> None:
    """The stop comes right after those that are done: it was taken in another order than planned."""
    stops = [one for one in stops_of(work.session, work.person.id, work.stop.day) if one.id != work.stop.id]  # type: ignore[arg-type]
    made = [one for one in stops if one.state == "done"]
    ahead = [one for one in stops if one.state != "done"]
    for position, one in enumerate([*made, work.stop, *ahead]):
        one.position = position


def _recorded(work: _Work, since: datetime) -> list[dict[str, Any]]:
    """Findings that the person reported at this stop while being there."""
    planned = select(RouteStop.finding_id).where(
        RouteStop.plan_id == work.plan.id, RouteStop.finding_id.is_not(None)
    )
    rows = work.session.scalars(
        select(Finding)
        .where(
            Finding.reporter_id == work.actor.user_id, Finding.id.not_in(planned),
            Finding.reported_at >= since - timedelta(minutes=5),
        )
        .order_by(Finding.id)
    )  # fmt: skip
    found = []
    for row in rows:
        away = straight_line_matrix([row.lon, work.stop.lon], [row.lat, work.stop.lat], "foot").distance_m[
            0, 1
        ]
        if float(away) <= RECORDED_M or (work.stop.kind == "patch" and row.area_id == work.stop.area_id):
            found.append({"id": row.id, "number": row.number})
    return found[:20]
