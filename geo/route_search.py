"""The search for good routes: which method for which problem, within a limit of CPU time (see docs/routing.md)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo import route_lin_kernighan, route_pool, route_recreate, route_ruin, route_tour
from geo.route_compiled import HAS_NUMBA
from geo.route_kernels import FAR, Ints, State
from geo.route_problem import Problem, nearest
from geo.route_pyvrp import can_express, improve

Routes = list[list[int]]

SLICE_S = 0.05  # how long the search runs between two looks at the clock
WALL_FACTOR = (
    4.0  # on a busy machine CPU time passes slowly: so many times the limit on the clock on the wall
)
SMALL = 50  # below, so many steps a stop are enough
STEPS_A_STOP = 500
TOUR_NEIGHBOURS = 10
WIDTH = 12
BLINK = 0.01
PLAN_FIRST_SHARE = 0.6  # of the time for PyVRP where there are windows, the rest for ruin and recreate
ORIENTEERING_WEIGHT = 3.0


@dataclass
class Effort:
    """How much the search may spend, and who listens to it. CPU seconds of the calling thread."""

    seconds: float = 5.0
    steps: int | None = None  # a fixed number of steps: the same plan whatever the machine
    seed: int = 0
    progress: Callable[[float, Routes], None] | None = None  # share of the time, best routes so far
    cancel: Callable[[], bool] | None = None
    wall_factor: float = (
        WALL_FACTOR  # on a busy machine CPU time passes slowly: the limit by the clock on the wall
    )
    started: float = field(default_factory=time.thread_time)
    _wall: float = field(default_factory=time.monotonic)
    _told: float = 0.0

    @property
    def spent(self) -> float:
        """Share of the limit that is used up, 1 when it is over."""
        if self.cancel is not None and self.cancel():
            return 1.0
        if self.steps is not None or self.seconds <= 0:
            return 0.0 if self.steps is not None else 1.0
        cpu = (time.thread_time() - self.started) / self.seconds
        wall = (time.monotonic() - self._wall) / (self.seconds * self.wall_factor)
        return min(1.0, max(cpu, wall))

    @property
    def left(self) -> float:
        """CPU seconds that are left."""
        return max(0.0, (1.0 - self.spent) * self.seconds)

    def tell(self, share: float, routes: Callable[[], Routes]) -> None:
        """Let the listener know, twice a second at most."""
        now = time.monotonic()
        if self.progress is not None and now - self._told > 0.5:
            self._told = now
            self.progress(share, routes())


def search(problem: Problem, effort: Effort, start: Routes | None = None) -> Routes:
    """Good routes: for each route the positions of its stops in order; what is in none is not served.

    `start` must keep every condition; stops that are fixed stay where it has them.
    """
    if not problem.stops:
        return [[] for _ in problem.routes]
    if problem.is_single and start is None and len(problem.stops) > 3:
        return _single(problem, effort)
    ruin = Ruin(problem, effort)
    ruin.begin(start)
    if ruin.is_over or not any(not stop.fixed for stop in problem.stops):
        return ruin.best
    if len(problem.routes) == 1 and len(problem.stops) <= 2:
        return ruin.best
    oversubscribed = ruin.missing > 0
    ruin.weigh(oversubscribed)
    if not oversubscribed and len(problem.stops) >= SMALL and start is None and can_express(problem):
        found = improve(problem, ruin.best, effort, PLAN_FIRST_SHARE)
        if found is not None:
            ruin.begin(found)
        ruin.anneal(0.5, 0.01)
    elif oversubscribed:
        ruin.anneal(5.0, 0.1)
    else:
        ruin.anneal(0.5, 0.01)
    if ruin.missing:
        ruin.begin(ruin.best)  # what is left goes in where it costs least
    return ruin.best


class Ruin:
    """Ruin and recreate on one problem."""

    def __init__(self, problem: Problem, effort: Effort) -> None:
        """Lay out the memory."""
        self.problem, self.effort = problem, effort
        self.facts = problem.facts
        self.state = route_pool.empty_state(self.facts)
        self.pool = _pool(problem, self.state, effort.seed)
        near = self.facts.near[:, :5]
        places = self.facts.place[: len(problem.stops)]
        ways = self.facts.cost[places[:, None], places[near]]
        self.unit = max(1.0, float(np.mean(ways))) if near.size else 1.0  # a typical leg, in ticks
        self.how = np.array([10, 10, 0 if len(places) <= 300 else 4 * WIDTH, 50, 1, 0], dtype=np.int64)
        self._done = 0

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.effort.spent >= 1.0

    @property
    def missing(self) -> int:
        """The prize of what the best plan leaves out."""
        return int(self.pool.totals[3])

    @property
    def best(self) -> Routes:
        """The best routes so far."""
        return _listed(self.pool.best, len(self.problem.stops), len(self.problem.routes))

    def begin(self, start: Routes | None = None) -> None:
        """Take over routes (none: empty ones) and put in what is left out, as long as there is time."""
        link(self.state, start or [[] for _ in self.problem.routes], len(self.problem.stops))
        out = np.flatnonzero(self.state.route[: len(self.problem.stops)] < 0)
        for absent in (self.pool.absent, self.pool.was_absent):
            absent[: len(out)], absent[-1] = out, len(out)
        route_ruin.start(self.facts, self.state, self.pool)
        waiting = np.argsort(-self.facts.prize[out], kind="stable")
        chunk = 200 if HAS_NUMBA else 1
        out = out[waiting]
        width = 0 if HAS_NUMBA or len(self.problem.stops) <= 100 else WIDTH
        for first in range(0, len(out), chunk):
            if first and self.is_over:
                break
            route_recreate.insert_some(self.facts, self.state, self.pool, out[first : first + chunk], width)
        route_pool.take_stock(self.facts, self.state, self.pool)

    def weigh(self, oversubscribed: bool) -> None:
        """Set what leaving a stop out costs in the search, against ways: little where not all can be served."""
        prize = self.facts.prize.astype(float)
        if oversubscribed:
            budget = float(np.sum(np.minimum(self.facts.shift_end - self.facts.shift_start, 1 << 40)))
            limits = self.facts.max_distance[self.facts.max_distance < FAR]
            if limits.size:
                budget = min(budget, float(limits.sum()))
            budget = min(budget, 40.0 * self.unit * len(prize))
            scale = (
                ORIENTEERING_WEIGHT * budget / max(float(np.sum(prize[prize <= np.median(prize) * 50])), 1.0)
            )
            self.how[:] = (10, 10, WIDTH, 100, 1, 0)
            self.how[5] = 100 if len(self.problem.routes) == 1 else 15
        else:
            scale = 1000.0 * self.unit
        self.facts = self.facts._replace(
            prize=np.maximum(1, np.minimum(prize * max(scale, 1.0), FAR / 4096)).astype(np.int64)
        )
        self.pool.keys[6] = -self.facts.prize
        route_pool.take_stock(self.facts, self.state, self.pool)

    def anneal(self, hot: float, cold: float) -> None:
        """Search until the time is up; hot and cold: the threshold at its begin and end, in typical legs."""
        first, count = self.effort.spent, 10 if HAS_NUMBA else 1
        total = self._steps()
        while True:
            share = self._done / total if self.effort.steps is not None else self.effort.spent
            share = max(share, self._done / total)
            if share >= 1.0 or self.is_over:
                break
            through = (share - first) / max(1.0 - first, 1e-9) if self.effort.steps is None else share
            heat = self.unit * hot * (cold / hot) ** min(1.0, max(0.0, through))
            count = min(count, total - self._done)
            began = time.thread_time()
            route_ruin.steps(self.facts, self.state, self.pool, self.how, count, BLINK, heat, 1.0)
            took = time.thread_time() - began
            self._done += count
            self.effort.tell(share, lambda: self.best)
            count = (
                50
                if self.effort.steps is not None
                else int(max(1, min(4 * count, count * SLICE_S / max(took, 1e-5))))
            )

    def _steps(self) -> int:
        if self.effort.steps is not None:
            return max(1, self.effort.steps)
        stops = len(self.problem.stops)
        if stops >= SMALL:
            return 1 << 60
        return STEPS_A_STOP * stops if HAS_NUMBA else 30 * stops


def _single(problem: Problem, effort: Effort) -> Routes:
    """One route without conditions: a short round trip, in the direction that is the cheaper one."""
    facts = problem.facts
    places = facts.place[: len(problem.stops)]
    first, last = int(facts.place[-2]), int(facts.place[-1])
    even = np.minimum(facts.cost, facts.cost.T) if not _is_even(facts.cost) else facts.cost.copy()
    if first != last:
        even[first, last] = even[last, first] = -FAR
    tour = route_tour.new_tour(len(facts.cost), effort.seed)
    members = np.unique(np.concatenate([[first, last], places]))
    near = members[nearest(even, members.tolist(), TOUR_NEIGHBOURS)]
    table = np.zeros((len(facts.cost), near.shape[1]), dtype=np.int64)
    table[members] = near
    stop_of = {int(place): stop for stop, place in enumerate(places)}

    def routes() -> Routes:
        order = _from(tour.at[: tour.size[0]].tolist(), first, last)
        there, back = [stop_of[p] for p in order], [stop_of[p] for p in reversed(order)]
        return [
            min(
                (there, back), key=lambda stops: path_cost(facts.cost, [first, *places[stops].tolist(), last])
            )
        ]

    route_tour.nearest_first(tour, even, table, members)
    route_lin_kernighan.descend(tour, even, table, True)
    _kick(tour, even, table, effort, 1.0 if _is_even(facts.cost) else 0.3, routes)
    if _is_even(facts.cost):
        return routes()
    ruin = Ruin(problem, effort)  # one-way streets: the directed costs have the last word
    ruin.begin(routes())
    ruin.weigh(False)
    ruin.how[0] = 6
    ruin.anneal(0.1, 0.01)
    return ruin.best


def _kick(
    tour: route_tour.Tour, even: Ints, near: Ints, effort: Effort, until: float, routes: Callable[[], Routes]
) -> None:
    done, count = 0, 5
    stops = int(tour.size[0])
    most = effort.steps if effort.steps is not None else (1 << 60 if stops > SMALL else 40 * stops)
    while effort.spent < until and done < most:
        began = time.thread_time()
        route_lin_kernighan.kicks(tour, even, near, min(count, most - done))
        took = time.thread_time() - began
        done += count
        effort.tell(effort.spent, routes)
        count = int(max(1, min(4 * count, count * SLICE_S / max(took, 1e-5))))


def _is_even(cost: Ints) -> bool:
    return bool(np.array_equal(cost, cost.T))


def _from(order: list[int], first: int, last: int) -> list[int]:
    """A round trip opened at its start (and end): the places between both."""
    begin = order.index(first)
    opened = order[begin:] + order[:begin]
    if first == last:
        return opened[1:]
    return opened[2:][::-1] if opened[1] == last else opened[1:-1]


def path_cost(cost: Ints, places: Sequence[int]) -> int:
    """What it costs to go along these places."""
    return int(cost[places[:-1], places[1:]].sum())


def link(state: State, routes: Routes, stops: int) -> None:
    """Write routes into a state; its tables are the caller's to refresh."""
    state.route[:stops] = -1
    for r, route in enumerate(routes):
        node, end = stops + 2 * r, stops + 2 * r + 1
        for stop in route:
            state.after[node], state.before[stop] = stop, node
            state.route[stop] = r
            node = stop
        state.after[node], state.before[end] = end, node


def _listed(after: Ints, stops: int, routes: int) -> Routes:
    found: Routes = []
    for r in range(routes):
        found.append([])
        node = int(after[stops + 2 * r])
        while node < stops:
            found[-1].append(node)
            node = int(after[node])
    return found


def _pool(problem: Problem, state: State, seed: int) -> route_pool.Pool:
    facts = problem.facts
    n, routes, places = len(facts.prize), len(facts.kind), len(facts.cost)
    opens, closes = facts.opens[facts.window_at[:-1]], facts.closes[facts.window_at[1:] - 1]
    away = facts.cost[facts.place[n], facts.place[:n]]
    keys = np.stack([-facts.load, -away, away, closes - opens, opens, closes, -facts.prize, facts.load])
    timed = 2 * int(np.any(closes - opens < facts.shift_end.max() - facts.shift_start.min()))
    valued = 4 * int(np.any(facts.prize != facts.prize[0]))
    loaded = 4 * int(np.any(facts.load > 0))
    blank = [np.zeros(n, dtype=np.int64) for _ in range(4)]
    absent = np.append(np.arange(n), n)
    free = (opens <= facts.shift_start.min()) & (closes >= facts.shift_end.max()) & (facts.fixed == 0)
    return route_pool.Pool(
        kept=route_pool.empty_state(facts),
        best=state.after.copy(),
        absent=absent.astype(np.int64),
        was_absent=absent.astype(np.int64),
        keys=keys.astype(np.int64),
        order_weights=np.array([loaded, 2, 1, timed, timed, timed, valued, 0, 4], dtype=np.int64),
        sorting=blank[0],
        touched=np.zeros(routes + 1, dtype=np.int64),
        is_touched=np.zeros(routes, dtype=np.int64),
        before_cost=np.zeros(routes, dtype=np.int64),
        times=np.zeros(state.leave.shape[0], dtype=np.int64),
        rng=np.array([1 + (seed * 7919 + 12345) % 2147483646], dtype=np.int64),
        where=blank[1],
        price=blank[2],
        tour=route_tour.new_tour(places, seed),
        even=np.minimum(facts.cost, facts.cost.T),
        near_places=nearest(facts.cost, list(range(places)), TOUR_NEIGHBOURS),
        free=free.astype(np.int64),
        nodes=blank[3],
        stop_at=np.zeros(places, dtype=np.int64),
        totals=np.zeros(4, dtype=np.int64),
    )
