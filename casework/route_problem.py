"""Between the rows of a plan and what ``geo.routing`` plans: times of the city's days, ids, ways on the streets."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import day_of
from casework.errors import Refused
from casework.office import the_city
from casework.route_asked import DAY_S
from casework.route_plans import at_second, second_of
from casework.street_networks import ways_of_id
from db.models import RouteInspector, RoutePlan, RouteStop
from geo import routing
from geo.roads import Matrix, straight_line_matrix
from geo.route_types import (
    Break,
    Inspector,
    Lock,
    OwnPatch,
    Plan,
    Reason,
    Remedy,
    Rest,
    Route,
    RouteRequest,
    Standing,
    Stop,
    Unserved,
    Visit,
    places,
)

Floats = NDArray[np.float64]
_GONE: Final = ("done", "skipped")


@dataclass(frozen=True)
class Loaded:
    """A plan's rows as a problem. Rows of ``matrix``: stops, then each inspector's start and end."""

    plan_id: int
    day: date
    days: int
    timezone: str
    stops: dict[str, RouteStop]
    people: dict[str, RouteInspector]
    request: RouteRequest
    matrix: Matrix

    @property
    def current(self) -> dict[tuple[str, int], list[str]]:
        """The rounds as they stand: ids of stops in order, by inspector and day."""
        rounds: dict[tuple[str, int], list[RouteStop]] = {}
        for row in self.stops.values():
            if row.inspector_id is not None and row.day is not None:
                rounds.setdefault((str(row.inspector_id), (row.day - self.day).days), []).append(row)
        return {key: [str(r.id) for r in sorted(rows, key=_position)] for key, rows in rounds.items()}


def load(session: Session, plan: RoutePlan, person: int | None = None) -> Loaded:
    """The problem of a plan; ways are found on its street network, or straight where it has none.

    ``person``: only this inspector (id) and what stands in their rounds.
    """
    timezone = the_city(session).timezone
    wanted_stops = select(RouteStop).where(RouteStop.plan_id == plan.id, RouteStop.state != "skipped")
    wanted_people = select(RouteInspector).where(RouteInspector.plan_id == plan.id)
    if person is not None:
        wanted_stops = wanted_stops.where(RouteStop.inspector_id == person)
        wanted_people = wanted_people.where(RouteInspector.id == person)
    stops = session.scalars(wanted_stops.order_by(RouteStop.id)).all()
    people = session.scalars(wanted_people.order_by(RouteInspector.line)).all()
    loaded = {row.id for row in stops}
    sets_out_s = min((row.shift_start_s for row in people), default=0)
    wanted = tuple(_stop(row, plan.day, timezone, loaded, sets_out_s) for row in stops)
    crew = tuple(_inspector(row, plan) for row in people)
    where = places(wanted, crew)
    lon, lat = [place[0] for place in where], [place[1] for place in where]
    network = ways_of_id(session, plan.network_id)
    matrix = network.matrix(lon, lat, plan.mode) if network else straight_line_matrix(lon, lat, plan.mode)
    own: OwnPatch = (
        "only" if plan.own_patch == "only" else "preferred" if plan.own_patch == "preferred" else "no"
    )
    request = RouteRequest(
        stops=wanted, inspectors=crew, durations_s=matrix.duration_s, distance_m=matrix.distance_m, own_patch=own,
        balance=plan.balance, locked=_locks(stops, plan.day), standing=_standing(stops, people, plan, timezone),
        closed=_closed(people, plan, timezone),
    )  # fmt: skip
    return Loaded(
        plan.id, plan.day, plan.days, timezone, {str(row.id): row for row in stops},
        {str(row.id): row for row in people}, request, matrix,
    )  # fmt: skip


def solve(
    problem: Loaded,
    seconds: float,
    *,
    again: bool = False,
    better: Callable[[Plan], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan:
    """Plan the rounds; ``again`` begins with them as they stand. Raises Refused for what no plan can be made from."""
    start = as_it_stands(problem) if again and problem.current else None
    try:
        return routing.solve(
            problem.request, seconds=seconds, start=start, cancel=cancel,
            progress=(lambda now: better(now.plan())) if better else None,
        )  # fmt: skip
    except routing.BadRouteInput as error:
        raise Refused(error.problem, error.params, field=error.field) from error


def as_it_stands(problem: Loaded) -> Plan:
    """The rounds as they are on record, timed anew; what no longer fits is left out with its reason."""
    current = problem.current
    routes = tuple(
        Route(*key, visits=tuple(Visit(stop, 0.0, 0.0, 0.0) for stop in current.get(key, ())))
        for key in problem.request.rounds
    )
    return routing.retimed(Plan(problem.request, routes), problem.request)


def store(session: Session, plan: RoutePlan, problem: Loaded, found: Plan) -> None:
    """Write a plan's rounds and reasons into its rows, in the caller's transaction."""
    rows = {
        str(row.id): row for row in session.scalars(select(RouteStop).where(RouteStop.plan_id == plan.id))
    }
    for route in found.routes:
        day = problem.day + timedelta(days=route.day)
        for position, visit in enumerate(route.visits):
            row = rows.pop(visit.stop)
            row.inspector_id, row.day, row.position, row.unserved = int(route.inspector), day, position, None
            if row.done_at is not None:
                continue  # when it was planned for stays on record: looking back compares it with what happened
            row.arrive_at = at_second(day, visit.arrive_s, problem.timezone)
            row.start_at = at_second(day, visit.start_s, problem.timezone)
            row.leave_at = at_second(day, visit.leave_s, problem.timezone)
    reasons = {one.stop: one for one in found.unserved}
    for name, row in rows.items():
        if row.state in _GONE:
            continue
        row.inspector_id = row.day = row.position = row.arrive_at = row.start_at = row.leave_at = None
        row.unserved = unserved_json(reasons[name]) if name in reasons else None
    plan.outcome = outcome_json(problem, found)


def outcome_json(problem: Loaded, found: Plan) -> dict[str, Any]:
    """What is kept of a plan beside its stops: totals, breaks, the price of evenness."""
    busy = [route.travel_s + route.service_s for route in found.routes if route.visits]
    even = found.evenness
    return {
        "served": sum(len(route.visits) for route in found.routes), "stops": len(problem.stops),
        "distance_m": round(found.distance_m), "travel_s": round(found.travel_s), "router": problem.matrix.router,
        "spread_s": round(max(busy) - min(busy)) if busy else 0,
        "evenness": None if even is None else {
            "shortest_travel_s": round(even.shortest_travel_s), "extra_s": round(even.extra_s),
            "extra_percent": round(even.extra_percent, 1), "spread_before": round(even.spread_before, 3),
            "spread_after": round(even.spread_after, 3),
        },
        "rounds": {
            f"{route.inspector}/{(problem.day + timedelta(days=route.day)).isoformat()}": {
                "breaks": [[round(rest.start_s), round(rest.end_s)] for rest in route.rests],
                "depart_s": round(route.depart_s), "end_s": round(route.end_s),
                "distance_m": round(route.distance_m),
            }
            for route in found.routes if route.visits
        },
    }  # fmt: skip


def summary(problem: Loaded, found: Plan) -> dict[str, Any]:
    """The best plan so far, small enough to be sent every half second: rounds as positions of their stops."""
    return {
        "served": sum(len(route.visits) for route in found.routes), "distance_m": round(found.distance_m),
        "rounds": [
            {
                "inspector": int(route.inspector),
                "day": (problem.day + timedelta(days=route.day)).isoformat(),
                "stops": [int(stop) for stop in route.stops],
                "path": _positions(problem, route),
            }
            for route in found.routes if route.visits
        ],
    }  # fmt: skip


def unserved_json(one: Unserved) -> dict[str, Any]:
    """Why a stop is in no round, in data; the page puts it in words."""
    return {"reason": str(one.reason), "remedy": None if one.remedy is None else _remedy_json(one.remedy)}


def remedy_of(stop_id: int, said: dict[str, Any]) -> Remedy | None:
    """The remedy that was kept with a stop."""
    kept = said.get("remedy")
    if not kept:
        return None
    return Remedy(
        stop=str(stop_id), inspector=str(kept["inspector"]), day=int(kept["day"]), earlier_s=kept["earlier_s"],
        later_s=kept["later_s"], further_m=kept["further_m"], skills=frozenset(kept["skills"]), patch=kept["patch"],
        any_time=kept["any_time"], any_inspector=kept["any_inspector"], reached_from=kept["reached_from"],
        walk_s=kept["walk_s"],
    )  # fmt: skip


def reason_of(said: dict[str, Any]) -> Reason:
    """The reason that was kept with a stop."""
    return Reason(said["reason"])


def _remedy_json(one: Remedy) -> dict[str, Any]:
    return {
        "inspector": int(one.inspector), "day": one.day, "minutes": one.minutes, "earlier_s": one.earlier_s,
        "later_s": one.later_s, "further_m": round(one.further_m), "skills": sorted(one.skills), "patch": one.patch,
        "any_time": one.any_time, "any_inspector": one.any_inspector, "reached_from": one.reached_from,
        "walk_s": one.walk_s,
    }  # fmt: skip


def _positions(problem: Loaded, route: Route) -> list[list[float]]:
    person = problem.people[route.inspector]
    rows = [problem.stops[stop] for stop in route.stops]
    path = [[person.start_lon, person.start_lat], *([row.lon, row.lat] for row in rows)]
    return path if person.end_lon is None else [*path, [person.end_lon, person.end_lat or 0.0]]


def _stop(row: RouteStop, first: date, timezone: str, loaded: Set[int], sets_out_s: int) -> Stop:
    """A row as a stop; ``sets_out_s`` is when the first person sets out.

    Where the stop that it is reached from is no stop any more, streets must lead there.
    """
    on_foot = row.reached_from_id is not None and row.reached_from_id in loaded
    due = second_of(row.due_at, first, timezone) if row.due_at is not None else None
    late = row.due_at is not None and row.start_at is not None and row.start_at > row.due_at
    return Stop(
        id=str(row.id), lon=row.lon, lat=row.lat, service_s=float(row.service_s),
        windows=tuple((float(start), float(end)) for start, end in row.windows), priority=row.priority,
        must_see=row.is_must, skills=frozenset(row.skills), patch=str(row.area_id or ""),
        # What is late before anybody sets out cannot be on time any more: it is seen late, not left out, and stays
        # so when somebody sets out earlier afterwards.
        deadline_s=float(due) if due is not None and due > sets_out_s and not (row.is_must or late) else None,
        reached_from=str(row.reached_from_id) if on_foot else "", walk_s=float(row.walk_s) if on_foot else 0.0,
    )  # fmt: skip


def _inspector(row: RouteInspector, plan: RoutePlan) -> Inspector:
    days = [(date.fromisoformat(one) - plan.day).days for one in row.days]
    return Inspector(
        id=str(row.id), name=row.name_zh, start=(row.start_lon, row.start_lat),
        end=(row.end_lon, row.end_lat) if row.end_lon is not None and row.end_lat is not None else None,
        shift=(float(row.shift_start_s), float(row.shift_end_s)),
        breaks=tuple(Break(one["earliest_s"], one["latest_s"], one["duration_s"]) for one in row.breaks),
        skills=frozenset(row.skills), patches=frozenset(str(area) for area in row.patches),
        max_distance_m=row.max_distance_m, days=tuple(day for day in days if 0 <= day < plan.days),
    )  # fmt: skip


def _locks(stops: Sequence[RouteStop], first: date) -> dict[str, Lock]:
    return {
        str(row.id): Lock(
            str(row.inspector_id),
            (row.day - first).days,
            float(row.position or 0) if row.lock == "order" else None,
        )
        for row in stops
        if row.lock and row.inspector_id is not None and row.day is not None
    }


def _closed(people: Sequence[RouteInspector], plan: RoutePlan, timezone: str) -> frozenset[tuple[str, int]]:
    """Rounds of those who cannot go on."""
    gone = [(row, day_of(row.absent_from, timezone)) for row in people if row.absent_from is not None]
    return frozenset(
        (str(row.id), number)
        for row, since in gone
        for number in range(plan.days)
        if plan.day + timedelta(days=number) >= since
    )


def _standing(
    stops: Sequence[RouteStop], people: Sequence[RouteInspector], plan: RoutePlan, timezone: str
) -> dict[tuple[str, int], Standing]:
    """How far each round has come: stops that are done stay where they are."""
    standing = {}
    for person in people:
        done = sorted(
            (row for row in stops if row.inspector_id == person.id and row.done_at and row.day), key=_position
        )
        by_day: dict[date, list[RouteStop]] = {}
        for row in done:
            by_day.setdefault(row.day or plan.day, []).append(row)
        for day, rows in by_day.items():
            visits = tuple(_visit(row, day, timezone) for row in rows)
            kept = plan.outcome.get("rounds", {}).get(f"{person.id}/{day.isoformat()}", {})
            free = max(visit.leave_s for visit in visits)
            rests = tuple(
                Rest(float(start), float(end), sum(v.leave_s <= start for v in visits))
                for start, end in kept.get("breaks", [])
                if end <= free
            )
            standing[str(person.id), (day - plan.day).days] = Standing(visits, rests, free)
    return standing


def _visit(row: RouteStop, day: date, timezone: str) -> Visit:
    leave = second_of(row.done_at, day, timezone) if row.done_at else 0
    arrive = second_of(row.arrived_at, day, timezone) if row.arrived_at else max(0, leave - row.service_s)
    arrive = min(max(arrive, 0), DAY_S)
    return Visit(str(row.id), float(arrive), float(arrive), float(max(leave, arrive)))


def _position(row: RouteStop) -> int:
    return row.position if row.position is not None else 0
