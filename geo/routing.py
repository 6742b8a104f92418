"""Inspection rounds: which inspector sees which stops in which order, at what times, and why a stop is left out.

`plan_routes` searches, `check_plan` verifies independently, `apply_remedy` puts a remedy in force; `insert`, `move`
and their neighbours change a plan at once, `plan_routes(..., start=plan)` or `reoptimise` search on from one.
Method and measurements: docs/routing.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

import numpy as np

from geo.route_board import Board, Order
from geo.route_changes import (
    CannotPlace,
    Change,
    difference,
    insert,
    lock_round,
    move,
    remove,
    retimed,
    standing_at,
    without_inspector,
)
from geo.route_check import Fault, FaultKind, check_plan
from geo.route_input import checked, problem_of
from geo.route_reasons import Reasons, apply_remedy
from geo.route_schedule import Infeasible
from geo.route_search import Effort, Routes, search
from geo.route_types import (
    BadRouteInput,
    Break,
    Evenness,
    Floats,
    Inspector,
    Lock,
    OwnPatch,
    Plan,
    Reason,
    Remedy,
    Rest,
    RoundKey,
    Route,
    RouteRequest,
    Standing,
    Stop,
    Unserved,
    Visit,
    places,
)

__all__ = [
    "BadRouteInput",
    "Break",
    "CannotPlace",
    "Change",
    "Evenness",
    "Fault",
    "FaultKind",
    "Infeasible",
    "Inspector",
    "Lock",
    "Plan",
    "PlanRejected",
    "Progress",
    "Reason",
    "Remedy",
    "Rest",
    "Route",
    "RouteRequest",
    "Standing",
    "Stop",
    "Unserved",
    "Visit",
    "apply_remedy",
    "check_plan",
    "difference",
    "insert",
    "lock_round",
    "move",
    "places",
    "plan_routes",
    "remove",
    "reoptimise",
    "retimed",
    "solve",
    "standing_at",
    "without_inspector",
]

SHORTEST_SHARE = 0.4  # of the time for the shortest rounds, before they are made even
REASONS_SHARE = 0.04  # of the time, and so many seconds a stop, are kept for reasons and the final check
REASON_S = 0.0006


class PlanRejected(RuntimeError):
    """The checker refused what the search found: a fault of ours, never shown as a plan."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{f.kind} {f.inspector} {f.day} {f.stop} {f.detail}" for f in faults[:5]))
        self.faults = list(faults)


class Matrix(Protocol):
    """What `geo.roads` gives: travel times and ways between all places, inf where no street leads."""

    @property
    def duration_s(self) -> Floats:
        """Seconds, [n, n]."""

    @property
    def distance_m(self) -> Floats:
        """Metres, [n, n]."""


@dataclass(frozen=True)
class Progress:
    """How far the search is, 0 … 1; `plan` is the best so far, made when it is asked for (no reasons yet)."""

    share: float
    plan: Callable[[], Plan]


@dataclass
class _Search:
    """One call of `solve`."""

    request: RouteRequest
    effort: Effort
    listener: Callable[[Progress], None] | None
    bare: Board = field(init=False)
    active: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Leave aside what no round could take even if it did nothing else."""
        self.bare = Board(self.request)
        reasons = Reasons(self.bare, self.bare)
        self.active = [
            k
            for k, name in zip(self.bare.active, self.bare.ids, strict=True)
            if reasons.why(name) in (Reason.NOT_TRIED, Reason.NO_TIME) or self._agreed(name)
        ]

    def _agreed(self, name: str) -> bool:
        lock = self.request.locked.get(name)
        return lock is not None and lock.order is not None

    def start(self, order: Order | None) -> Routes | None:
        """A plan to start from, what is agreed in it; None where nothing is given."""
        agreed = self._agreed_order()
        if order is None and not agreed:
            return None
        board = Board(self.request, self.active, self.bare)
        known = set(board.ids)
        board.load(
            {
                key: _merged(list((order or {}).get(key, ())), agreed.get(key, []), known)
                for key in board.rounds
            }
        )
        return board.routes()

    def _agreed_order(self) -> dict[RoundKey, list[str]]:
        found: dict[RoundKey, list[tuple[float, str]]] = {}
        for name, lock in self.request.locked.items():
            if lock.order is not None:
                found.setdefault((lock.inspector, lock.day), []).append((lock.order, name))
        return {key: [name for _, name in sorted(pairs)] for key, pairs in found.items()}

    def run(self, start: Routes | None, scale_s: float | None = None) -> Routes:
        """Search; `scale_s`: mean work of a round, to make them even."""
        problem = problem_of(self.request, self.active, scale_s, self.bare.problem)
        if self.listener is not None:
            listener = self.listener
            self.effort.progress = lambda share, routes: listener(
                Progress(share, lambda: self.plan(routes, explain=False))
            )
        return search(problem, self.effort, start)

    def plan(self, routes: Routes, explain: bool = True, evenness: Evenness | None = None) -> Plan:
        """Routes with times and reasons."""
        ids = [self.request.stops[k].id for k in self.active]
        board = Board(self.request, like=self.bare)
        order = {key: [ids[stop] for stop in route] for key, route in zip(board.rounds, routes, strict=True)}
        board.load(order)
        served = {ids[stop] for route in routes for stop in route}
        left = [name for name in board.ids if name not in served]
        if explain:
            left = self._put_in(board, left)
            reasons = Reasons(board, self.bare)
            unserved = tuple(reasons.unserved(name) for name in left)
        else:
            unserved = tuple(Unserved(name, Reason.NOT_TRIED) for name in left)
        return Plan(self.request, board.timed(), unserved, evenness)

    def _put_in(self, board: Board, left: Sequence[str]) -> list[str]:
        """What would still fit goes in where it costs least, the worthiest first; the others."""
        worth = {stop.id: (stop.must_see, stop.priority) for stop in self.request.stops}
        out = set()
        for name in sorted(left, key=lambda name: worth[name], reverse=True):
            place = board.cheapest(name)
            if place is None:
                out.add(name)
            else:
                board.put(name, place)
        return [name for name in left if name in out]


def plan_routes(
    stops: Sequence[Stop],
    inspectors: Sequence[Inspector],
    matrix: "Matrix | Floats",
    *,
    distance_m: Floats | None = None,
    seconds: float = 5.0,
    balance: float = 0.0,
    own_patch: OwnPatch = "no",
    locked: Mapping[str, Lock] | None = None,
    standing: Mapping[RoundKey, Standing] | None = None,
    start: Plan | None = None,
    seed: int = 0,
    steps: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan:
    """Rounds for the inspectors that see as many stops as can be (by must-see, then worth) in little travel.

    `matrix`: travel times in seconds between `places(stops, inspectors)`, as an array or with `duration_s` and
    `distance_m` (as `geo.roads` gives them); inf where there is no way. `seconds`: CPU seconds of this thread for
    everything, or four times as long by the clock on the wall. `steps` fixes the number of search steps instead of
    leaving it to the clock: then the same seed gives the same plan. `start`: a plan to search on from. `progress`
    hears twice a second; `cancel` ends the search when it says so, with the best plan so far.

    Every plan has passed `check_plan`. Raises `BadRouteInput`, which names the field.
    """
    with_ways = not isinstance(matrix, np.ndarray | list)
    request = RouteRequest(
        stops=tuple(stops),
        inspectors=tuple(inspectors),
        durations_s=cast("Matrix", matrix).duration_s if with_ways else cast("Floats", matrix),
        distance_m=distance_m
        if distance_m is not None or not with_ways
        else cast("Matrix", matrix).distance_m,
        own_patch=own_patch,
        balance=balance,
        locked=dict(locked or {}),
        standing=dict(standing or {}),
    )
    return solve(
        request, seconds=seconds, start=start, seed=seed, steps=steps, progress=progress, cancel=cancel
    )


def solve(
    request: RouteRequest,
    *,
    seconds: float = 5.0,
    start: Plan | None = None,
    seed: int = 0,
    steps: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan:
    """`plan_routes` for a request that is put together already."""
    effort = Effort(seconds, steps, seed, cancel=cancel)
    if not seconds > 0:
        raise BadRouteInput("seconds", "must be more than 0")
    request = checked(request)
    reserve = min(0.4 * seconds, REASONS_SHARE * seconds + REASON_S * len(request.stops) + 0.01)
    effort.seconds = seconds - reserve
    searching = _Search(request, effort, progress)
    routes = searching.start(start.order() if start is not None else None)
    if request.balance == 0 or len(request.rounds) == 1:
        return accepted(searching.plan(searching.run(routes)))
    if start is None:
        effort.seconds *= SHORTEST_SHARE
        routes = searching.run(routes)
        effort.seconds /= SHORTEST_SHARE
    shortest = searching.plan(routes or searching.run(None), explain=False)
    works = [route.travel_s + route.service_s for route in shortest.routes]
    routes = searching.run(_from_plan(searching, shortest), max(1.0, sum(works) / len(works)))
    plan = searching.plan(routes)
    return accepted(replace(plan, evenness=_evenness(shortest, plan)))


def _from_plan(searching: _Search, plan: Plan) -> Routes:
    position = {searching.request.stops[k].id: number for number, k in enumerate(searching.active)}
    return [[position[name] for name in route.stops if name in position] for route in plan.routes]


def _evenness(shortest: Plan, plan: Plan) -> Evenness:
    return Evenness(shortest.travel_s, plan.travel_s, _spread(shortest), _spread(plan))


def _spread(plan: Plan) -> float:
    works = [route.travel_s + route.service_s for route in plan.routes]
    mean = sum(works) / len(works)
    return (max(works) - min(works)) / mean if mean else 0.0


def accepted(plan: Plan) -> Plan:
    """The plan, when the checker accepts it. Raises `PlanRejected`."""
    faults = check_plan(plan)
    if faults:
        raise PlanRejected(faults)
    return plan


def reoptimise(
    plan: Plan, *, seconds: float = 5.0, seed: int = 0, steps: int | None = None,
    progress: Callable[[Progress], None] | None = None, cancel: Callable[[], bool] | None = None,
) -> tuple[Plan, Change]:  # fmt: skip
    """Search on from a plan; the better plan, and what it changes."""
    found = solve(
        plan.request, seconds=seconds, start=plan, seed=seed, steps=steps, progress=progress, cancel=cancel
    )
    return found, difference(plan, found)


def _merged(order: list[str], agreed: list[str], known: set[str]) -> list[str]:
    """The order with the agreed stops in theirs: where they are not in it already, they come first."""
    order = [name for name in order if name in known]
    if [name for name in order if name in agreed] == agreed:
        return order
    return [*agreed, *(name for name in order if name not in agreed)]
