"""A plan as its page shows it: people, rounds with times and ways on the streets, stops, and what is not served."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from casework.map_names import Named, read_names
from casework.office import Office, the_city
from casework.outside_router import USED, OutsideWays
from casework.policy import Act, Actor, may, require
from casework.route_plans import plan_of, second_of
from casework.route_undo import can_undo
from casework.status import display_key
from casework.street_networks import NetworkFacts, facts_in, ways_of_id
from db.models import Category, Finding, RouteInspector, RoutePlan, RouteStop, StreetNetwork, User
from geo.roads import Matrix, RoadNetwork, straight_line_matrix

Ways = RoadNetwork | OutsideWays


def plan_data(office: Office, actor: Actor, plan_id: int) -> dict[str, Any]:
    """Everything that a plan's page shows, as JSON. Raises NotFound, Forbidden."""
    require(actor, Act.VIEW_ROUTES)
    with office.database.read() as session:
        plan = plan_of(session, plan_id)
        return described(office, session, actor, plan)


def described(office: Office, session: Session, actor: Actor, plan: RoutePlan) -> dict[str, Any]:
    """The same for a plan at hand, in the caller's session."""
    network = ways_of_id(session, plan.network_id)
    timezone = the_city(session).timezone
    people = session.scalars(
        select(RouteInspector).where(RouteInspector.plan_id == plan.id).order_by(RouteInspector.line)
    ).all()
    stops = session.scalars(
        select(RouteStop)
        .where(RouteStop.plan_id == plan.id)
        .order_by(RouteStop.day, RouteStop.position, RouteStop.id)
    ).all()
    areas = read_names(session).areas
    return {
        "plan": {**_plan(session, actor, plan), "undo": can_undo(office.settings, plan)},
        "inspectors": [_person(one, stops, plan, network, areas, timezone) for one in people],
        "stops": _stops(office, session, stops, plan, areas, timezone),
        "outcome": plan.outcome,
    }


def round_matrix(
    person: RouteInspector, stops: Sequence[RouteStop], mode: str, network: Ways | None
) -> Matrix:
    """Times between a person's start, these stops in order, and the end (the last stop again where it is open)."""
    where = [_on_streets(stop) for stop in stops]
    lon = [person.start_lon, *(stop.lon for stop in where)]
    lat = [person.start_lat, *(stop.lat for stop in where)]
    if person.end_lon is not None and person.end_lat is not None:
        lon, lat = [*lon, person.end_lon], [*lat, person.end_lat]
    if network is None:
        return straight_line_matrix(lon, lat, mode)
    return network.matrix(lon, lat, mode)


def _on_streets(stop: RouteStop) -> RouteStop:
    """Where streets lead to: the stop itself, or the one from which its last bit is walked."""
    session = object_session(stop)
    if stop.reached_from_id is None or session is None:
        return stop
    return session.get(RouteStop, stop.reached_from_id) or stop


def _plan(session: Session, actor: Actor, plan: RoutePlan) -> dict[str, Any]:
    made_by = session.get(User, plan.created_by) if plan.created_by else None
    row = session.get(StreetNetwork, plan.network_id) if plan.network_id else None
    now = facts_in(session)
    return {
        "id": plan.id, "title": plan.title, "day": plan.day.isoformat(), "days": plan.days, "mode": plan.mode,
        "status": plan.status, "revision": plan.revision, "balance": plan.balance, "own_patch": plan.own_patch,
        "solve_s": plan.solve_s, "straight": row is None and plan.outcome.get("router") != USED,
        "network": {"id": row.id, "name": row.name, "schematic": row.is_schematic} if row else None,
        "stale": _is_stale(plan, now), "created_by": _name(made_by), "created_at": plan.created_at.isoformat(),
        "sent_at": plan.sent_at.isoformat() if plan.sent_at else None,
        "may_change": may(actor, Act.PLAN_ROUTES),
        "may_send": may(actor, Act.PLAN_ROUTES) and plan.status in ("ready", "sent"),
    }  # fmt: skip


def _is_stale(plan: RoutePlan, now: NetworkFacts | None) -> bool:
    """Whether another street network is in use by now."""
    return plan.network_id != (now.id if now else None)


def _name(user: User | None) -> list[str] | None:
    if user is None:
        return None
    return [user.person.name_zh, user.person.name_en] if user.person else [user.username, user.username]


def _person(
    one: RouteInspector,
    stops: Iterable[RouteStop],
    plan: RoutePlan,
    network: Ways | None,
    areas: dict[int, Named],
    timezone: str,
) -> dict[str, Any]:
    by_day: dict[date, list[RouteStop]] = defaultdict(list)
    for stop in stops:
        if stop.inspector_id == one.id and stop.day is not None and stop.state != "skipped":
            by_day[stop.day].append(stop)
    return {
        "id": one.id, "line": one.line, "user_id": one.user_id, "zh": one.name_zh, "en": one.name_en,
        "start": [one.start_lon, one.start_lat],
        "end": [one.end_lon, one.end_lat] if one.end_lon is not None else None,
        "shift": [one.shift_start_s, one.shift_end_s], "breaks": one.breaks, "skills": one.skills,
        "patches": [areas[i].code for i in one.patches if i in areas], "max_distance_m": one.max_distance_m,
        "days": one.days, "absent_from": one.absent_from.isoformat() if one.absent_from else None,
        "rounds": [_round(one, day, by_day[day], plan, network, timezone) for day in sorted(by_day)],
    }  # fmt: skip


def _round(
    person: RouteInspector,
    day: date,
    stops: Sequence[RouteStop],
    plan: RoutePlan,
    network: Ways | None,
    timezone: str,
) -> dict[str, Any]:
    matrix = round_matrix(person, stops, plan.mode, network)
    steps = range(len(matrix.lon) - 1)
    walks = [0.0, *(float(stop.walk_s) if stop.reached_from_id else 0.0 for stop in stops), 0.0]
    travel = [float(matrix.duration_s[i, i + 1]) + walks[i] + walks[i + 1] for i in steps]
    lengths = [float(matrix.distance_m[i, i + 1]) for i in steps]
    good = [i for i in steps if np.isfinite(travel[i])]
    service_s = sum(stop.service_s for stop in stops)
    wait_s = sum(
        max(0, round((s.start_at - s.arrive_at).total_seconds())) for s in stops if s.start_at and s.arrive_at
    )
    leave = [stop.leave_at for stop in stops if stop.leave_at]
    begin = [stop.arrive_at for stop in stops if stop.arrive_at]
    out_s = _finite(travel[0]) or 0
    back_s = (_finite(travel[-1]) or 0) if person.end_lon is not None else 0
    kept = plan.outcome.get("rounds", {}).get(f"{person.id}/{day.isoformat()}", {})
    return {
        "day": day.isoformat(), "stops": [stop.id for stop in stops],
        "begins_s": second_of(begin[0], day, timezone) - out_s if begin else person.shift_start_s,
        "ends_s": second_of(leave[-1], day, timezone) + back_s if leave else person.shift_start_s,
        "distance_m": round(sum(lengths[i] for i in good)), "travel_s": round(sum(travel[i] for i in good)),
        "service_s": service_s, "wait_s": wait_s, "breaks": kept.get("breaks", []),
        "path": _path(matrix, good),
        "legs": [
            {"duration_s": _finite(t), "distance_m": _finite(d)} for t, d in zip(travel, lengths, strict=True)
        ],
    }  # fmt: skip


def _path(matrix: Matrix, legs: Iterable[int]) -> list[list[list[float]]]:
    """The ways from stop to stop, to a decimetre."""
    return [np.round(matrix.path(i, i + 1), 6).tolist() for i in legs]


def _finite(value: float) -> int | None:
    return round(value) if np.isfinite(value) else None


def _stops(
    office: Office,
    session: Session,
    stops: Sequence[RouteStop],
    plan: RoutePlan,
    areas: dict[int, Named],
    timezone: str,
) -> list[dict[str, Any]]:
    wanted = [stop.finding_id for stop in stops if stop.finding_id]
    findings = {row.id: row for row in session.scalars(select(Finding).where(Finding.id.in_(wanted)))}
    categories = {row.id: [row.name_zh, row.name_en] for row in session.scalars(select(Category))}
    now = office.now()
    lines = []
    for stop in stops:
        finding = findings.get(stop.finding_id or 0)
        area = areas.get(stop.area_id or 0)
        seconds = {
            name: second_of(moment, stop.day, timezone) if moment and stop.day else None
            for name, moment in (
                ("arrive_s", stop.arrive_at), ("start_s", stop.start_at), ("leave_s", stop.leave_at),
            )
        }  # fmt: skip
        lines.append(
            {
                "id": stop.id, "kind": stop.kind, "name": stop.name, "lon": stop.lon, "lat": stop.lat,
                "finding": _finding(finding, categories, now) if finding else None,
                "place": finding.place if finding else "", "area": area.coded if area else None,
                "service_s": stop.service_s, "windows": stop.windows, "skills": stop.skills,
                "priority": stop.priority, "must": stop.is_must,
                "due_s": second_of(stop.due_at, stop.day or plan.day, timezone) if stop.due_at else None,
                "inspector": stop.inspector_id, "day": stop.day.isoformat() if stop.day else None,
                "position": stop.position, **seconds, "lock": stop.lock, "state": stop.state,
                "arrived_m": stop.arrived_m, "note": stop.note, "unserved": stop.unserved,
                "reached_from": stop.reached_from_id, "walk_s": stop.walk_s,
            }
        )  # fmt: skip
    return lines


def _finding(finding: Finding, categories: dict[int, list[str]], now: Any) -> dict[str, Any]:
    return {
        "id": finding.id, "number": finding.number, "key": display_key(finding.status, finding.due_at, now),
        "category": categories[finding.category_id], "due_at": finding.due_at.isoformat() if finding.due_at else None,
    }  # fmt: skip
