"""Changing a plan by hand or by what the day brings: at once, nothing moved that need not be."""

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from geo.route_board import Board
from geo.route_check import FaultKind, check_plan
from geo.route_input import effective
from geo.route_reasons import Reasons
from geo.route_schedule import Infeasible, timed_route
from geo.route_types import (
    BadRouteInput,
    Lock,
    Plan,
    Reason,
    Remedy,
    RoundKey,
    Route,
    RouteRequest,
    Standing,
    Unserved,
)


class CannotPlace(ValueError):
    """A stop cannot go where it was put; `reason`, and `remedy` where one is known."""

    def __init__(self, stop: str, reason: Reason, remedy: Remedy | None = None) -> None:
        super().__init__(f"{stop}: {reason}")
        self.stop, self.reason, self.remedy = stop, reason, remedy


@dataclass(frozen=True)
class Change:
    """What one plan has other than another."""

    added: tuple[str, ...] = ()  # served now
    dropped: tuple[str, ...] = ()  # served before
    handed_over: tuple[str, ...] = ()  # to another inspector or day
    reordered: tuple[str, ...] = ()  # in the same round, at another place among those that stayed
    retimed: tuple[str, ...] = ()  # only their times moved, by more than a minute
    travel_s: float = 0.0  # more travel than before; below 0: less
    distance_m: float = 0.0

    @property
    def moved(self) -> int:
        """How many people are told something new about a stop."""
        return len(self.handed_over) + len(self.reordered)


def difference(before: Plan, after: Plan) -> Change:
    """What `after` changes."""
    old, new = before.served, after.served
    both = [stop for stop in old if stop in new]
    handed_over = {stop for stop in both if old[stop][:2] != new[stop][:2]}
    reordered: set[str] = set()
    for route in before.routes:
        stayed = [stop for stop in route.stops if stop in new and stop not in handed_over]
        now = sorted(stayed, key=lambda stop: new[stop][2])
        reordered |= set(stayed) - set(_longest_kept(stayed, now))
    start = {visit.stop: visit.start_s for route in before.routes for visit in route.visits}
    later = {
        visit.stop
        for route in after.routes
        for visit in route.visits
        if visit.stop in start and abs(visit.start_s - start[visit.stop]) > 60
    }
    return Change(
        added=tuple(stop for stop in new if stop not in old),
        dropped=tuple(stop for stop in old if stop not in new),
        handed_over=tuple(stop for stop in both if stop in handed_over),
        reordered=tuple(stop for stop in both if stop in reordered),
        retimed=tuple(stop for stop in both if stop in later - handed_over - reordered),
        travel_s=after.travel_s - before.travel_s,
        distance_m=after.distance_m - before.distance_m,
    )


def _longest_kept(before: Sequence[str], now: Sequence[str]) -> list[str]:
    """The most stops that keep their order among each other (longest increasing subsequence, Fredman 1975)."""
    position = {stop: k for k, stop in enumerate(now)}
    tails: list[int] = []
    ends: list[str] = []
    last: dict[str, str | None] = {}
    for stop in before:
        at = bisect.bisect_left(tails, position[stop])
        if at == len(tails):
            tails.append(position[stop])
            ends.append(stop)
        else:
            tails[at], ends[at] = position[stop], stop
        last[stop] = ends[at - 1] if at else None
    kept: list[str] = []
    stop_: str | None = ends[-1] if ends else None
    while stop_ is not None:
        kept.append(stop_)
        stop_ = last[stop_]
    return kept[::-1]


def insert(plan: Plan, stop: str) -> Plan:
    """Put a stop that is left out where it costs least; no other stop changes its round or order.

    A new stop comes into the request first (`plan.request.with_stop`, then `retimed`). Raises `CannotPlace`.
    """
    board = _board(plan)
    if stop not in board.position or stop in plan.served:
        raise BadRouteInput("stop", "%(stop)s is not among those left out", stop=stop)
    place = board.cheapest(stop)
    if place is None:
        found = Reasons(board, Board(plan.request)).unserved(stop)
        raise CannotPlace(stop, found.reason, found.remedy)
    key = board.rounds[place.round]
    order = plan.order()
    changed = list(order.get(key, []))
    changed.insert(place.position, stop)
    left = tuple(one for one in plan.unserved if one.stop != stop)
    return replace(_with_rounds(plan, {key: changed}), unserved=left)


def move(plan: Plan, stop: str, inspector: str, position: int, day: int = 0) -> Plan:
    """Put a stop into a round as its `position`-th visit (from 0), from another or from those left out.

    Times follow at once. Raises `CannotPlace` when a condition would break, `BadRouteInput` for what is not there.
    """
    key = (inspector, day)
    by_id = {one.id: one for one in plan.request.stops}
    if stop not in by_id or key not in plan.request.rounds:
        raise BadRouteInput("move", "there is no stop %(stop)s or no such round", stop=stop)
    _may_leave(plan, stop, key)
    order = plan.order()
    changed = {name: [one for one in stops if one != stop] for name, stops in order.items() if stop in stops}
    target = changed.setdefault(key, list(order.get(key, [])))
    visited = len(plan.request.standing[key].visits) if key in plan.request.standing else 0
    target.insert(max(visited, min(position, len(target))), stop)
    left = tuple(one for one in plan.unserved if one.stop != stop)
    found = replace(_with_rounds(plan, changed, stop), unserved=left)
    _accept_move(plan, found, stop)
    return found


def _may_leave(plan: Plan, stop: str, key: RoundKey) -> None:
    lock = plan.request.locked.get(stop)
    if lock is not None and ((lock.inspector, lock.day) != key or lock.order is not None):
        raise CannotPlace(stop, Reason.LOCKED)
    if any(visit.stop == stop for standing in plan.request.standing.values() for visit in standing.visits):
        raise CannotPlace(stop, Reason.LOCKED)


def _accept_move(before: Plan, plan: Plan, stop: str) -> None:
    told = {
        FaultKind.SKILL: Reason.NO_SKILL,
        FaultKind.PATCH: Reason.OWN_PATCH,
        FaultKind.LOCK: Reason.LOCKED,
        FaultKind.DISTANCE: Reason.TOO_FAR,
        FaultKind.WINDOW: Reason.OUTSIDE_HOURS,
        FaultKind.DAY: Reason.OUTSIDE_HOURS,
        FaultKind.DEADLINE: Reason.OUTSIDE_HOURS,
    }
    for fault in check_plan(plan):
        raise CannotPlace(stop, told.get(fault.kind, Reason.NO_TIME))


def remove(plan: Plan, stop: str) -> Plan:
    """Take a stop out (skipped, or not wanted): it is left out, `NOT_TRIED`; the others keep their order."""
    _may_leave(plan, stop, plan.served.get(stop, ("", 0, 0))[:2])
    key = next((route.key for route in plan.routes if stop in route.stops), None)
    if key is None:
        raise BadRouteInput("stop", "%(stop)s is in no round", stop=stop)
    changed = {key: [one for one in plan.order()[key] if one != stop]}
    return replace(_with_rounds(plan, changed), unserved=(*plan.unserved, Unserved(stop, Reason.NOT_TRIED)))


def without_inspector(plan: Plan, inspector: str, day: int | None = None) -> Plan:
    """Somebody falls ill: the open stops go where they cost least among the others, who keep theirs.

    Visits already made (`standing`) stay. Stops agreed for this inspector are free again. What nobody can take is
    left out with its reason.
    """
    request = plan.request
    gone = [key for key in request.rounds if key[0] == inspector and day in (None, key[1])]
    if not gone:
        raise BadRouteInput("inspector", "%(who)s makes no round", who=inspector)
    order = plan.order()
    visited = {
        key: [visit.stop for visit in request.standing[key].visits] for key in gone if key in request.standing
    }
    freed = [stop for key in gone for stop in order.get(key, []) if stop not in visited.get(key, [])]
    agreed = {stop: lock for stop, lock in request.locked.items() if (lock.inspector, lock.day) not in gone}
    board = Board(request.changed(locked=agreed, closed=request.closed | set(gone)))
    board.load({key: stops for key, stops in order.items() if key not in gone})
    by_id = {stop.id: stop for stop in request.stops}
    left = []
    for stop in sorted(freed, key=lambda name: (by_id[name].must_see, by_id[name].priority), reverse=True):
        place = board.cheapest(stop)
        if place is None:
            left.append(stop)
        else:
            board.put(stop, place)
    reasons = Reasons(board, Board(board.request) if left else board)
    return Plan(board.request, board.timed(), (*plan.unserved, *(reasons.unserved(stop) for stop in left)))


def lock_round(plan: Plan, stops: Iterable[str], *, order: bool = False) -> Plan:
    """Agree these stops for the inspectors who have them, with `order` in their order, too."""
    served = plan.served
    locked = dict(plan.request.locked)
    for stop in stops:
        if stop not in served:
            raise BadRouteInput("locked", "%(stop)s is in no round", stop=stop)
        inspector, day, position = served[stop]
        locked[stop] = Lock(inspector, day, float(position) if order else None)
    return replace(plan, request=plan.request.changed(locked=locked))


def standing_at(plan: Plan, now_s: float, day: int = 0) -> Plan:
    """The plan as it stands at a time of day: stops seen or on the way to which an inspector is stay as they are."""
    standing = dict(plan.request.standing)
    for route in plan.routes:
        if route.day != day:
            continue
        made = _set_out(plan, route, now_s)
        visits = route.visits[:made]
        rests = tuple(rest for rest in route.rests if rest.after < made or rest.start_s <= now_s)
        free = max([now_s, *(visit.leave_s for visit in visits[-1:]), *(rest.end_s for rest in rests)])
        standing[route.key] = Standing(visits, rests, free)
    return retimed(replace(plan, request=plan.request.changed(standing=standing)))


def _set_out(plan: Plan, route: Route, now_s: float) -> int:
    """How many stops of the round the inspector has at least set out for."""
    request = plan.request
    row = {stop.id: k for k, stop in enumerate(request.stops)}
    durations = effective(request, request.durations_s)
    number = next(k for k, one in enumerate(request.inspectors) if one.id == route.inspector)
    here = None if request.inspectors[number].start is None else len(request.stops) + 2 * number
    made = 0
    for visit in route.visits:
        travel = 0.0 if here is None else float(durations[here, row[visit.stop]])
        if visit.arrive_s - travel > now_s:
            break
        here, made = row[visit.stop], made + 1
    return made


def retimed(plan: Plan, request: RouteRequest | None = None) -> Plan:
    """The same order of stops under another request: times anew, what no longer fits left out with its reason."""
    asked = request or plan.request
    board = Board(asked)
    out = board.load(plan.order())
    served = {board.ids[stop] for route in board.routes() for stop in route}
    bare = Board(asked) if len(served) < len(board.ids) else board
    reasons = Reasons(board, bare)
    known = {one.stop: one for one in plan.unserved}
    left = [
        known[name] if name in known and name not in out and request is None else reasons.unserved(name)
        for name in board.ids
        if name not in served
    ]
    return Plan(board.request, board.timed(), tuple(left))


def _board(plan: Plan) -> Board:
    board = Board(plan.request)
    board.load(plan.order())
    return board


def _with_rounds(plan: Plan, changed: dict[RoundKey, list[str]], stop: str = "") -> Plan:
    """The plan with other stops in some rounds. Raises `CannotPlace` when their times do not work out."""
    inspectors = {one.id: one for one in plan.request.inspectors}
    durations = effective(plan.request, plan.request.durations_s)
    found: list[Route] = []
    for route in plan.routes:
        stops = changed.get(route.key)
        if stops is None:
            found.append(route)
            continue
        standing = plan.request.standing.get(route.key)
        ahead = stops[len(standing.visits) :] if standing else stops
        try:
            found.append(timed_route(plan.request, inspectors[route.inspector], route.day, ahead, durations))
        except Infeasible as fault:
            raise CannotPlace(stop, Reason.NO_TIME) from fault
    return replace(plan, routes=tuple(found), evenness=None)
