"""A routing problem as arrays (`Facts`), from lists that people write."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.route_kernels import FAR, Facts, Ints

NEAREST = 100  # other stops that strings are looked for around a stop


@dataclass
class RouteFacts:
    """One route that may be driven: an inspector's day."""

    start: int  # row of the matrices
    end: int
    shift: tuple[int, int] = (0, FAR)
    breaks: Sequence[tuple[int, int, int]] = ()  # earliest and latest begin, length
    max_distance: int = FAR
    capacity: int = FAR
    kind: int = 0


@dataclass
class StopFacts:
    """One stop."""

    place: int
    service: int = 0
    windows: Sequence[tuple[int, int]] = ((0, FAR),)
    prize: int = FAR // 4096
    load: int = 0
    fixed: bool = False


@dataclass
class Problem:
    """Stops, routes and matrices; `facts` is what the search works on. All times in ticks, whole numbers."""

    stops: Sequence[StopFacts]
    routes: Sequence[RouteFacts]
    duration: Ints
    cost: Ints
    distance: Ints
    extra: Ints  # [kinds, stops] -1: not allowed
    balance: tuple[int, int] = (0, 1)
    facts: Facts = field(init=False)

    def __post_init__(self) -> None:
        """Build the arrays."""
        self.facts = _facts(self)

    @property
    def is_single(self) -> bool:
        """One route that no window, break, load or length holds: a travelling salesman's."""
        only = self.routes[0]
        return (
            len(self.routes) == 1
            and not only.breaks
            and only.shift[1] >= FAR
            and only.max_distance >= FAR
            and (only.capacity >= FAR or sum(stop.load for stop in self.stops) <= only.capacity)
            and all(tuple(stop.windows) == ((0, FAR),) for stop in self.stops)
            and bool(np.all(self.extra == 0))
            and self.balance[0] == 0
        )


def _facts(problem: Problem) -> Facts:
    stops, routes = problem.stops, problem.routes
    places = [stop.place for stop in stops]
    ends = [place for route in routes for place in (route.start, route.end)]
    windows = [window for stop in stops for window in sorted(stop.windows)]
    breaks = [one for route in routes for one in sorted(route.breaks)]
    return Facts(
        place=_ints(places + ends),
        duration=_matrix(problem.duration),
        cost=_matrix(problem.cost),
        distance=_matrix(problem.distance),
        service=_ints([stop.service for stop in stops] + [0] * len(ends)),
        window_at=_offsets([len(stop.windows) for stop in stops]),
        opens=_ints([window[0] for window in windows]),
        closes=_ints([window[1] for window in windows]),
        shift_start=_ints([route.shift[0] for route in routes]),
        shift_end=_ints([route.shift[1] for route in routes]),
        break_at=_offsets([len(route.breaks) for route in routes]),
        break_earliest=_ints([one[0] for one in breaks]),
        break_latest=_ints([one[1] for one in breaks]),
        break_length=_ints([one[2] for one in breaks]),
        max_distance=_ints([route.max_distance for route in routes]),
        load=_ints([stop.load for stop in stops]),
        capacity=_ints([route.capacity for route in routes]),
        kind=_ints([route.kind for route in routes]),
        twin=_twins(routes),
        extra=_matrix(problem.extra),
        prize=_ints([stop.prize for stop in stops]),
        near=nearest(problem.cost, places),
        fixed=_ints([int(stop.fixed) for stop in stops]),
        balance=_ints(problem.balance),
    )


def nearest(cost: Ints, places: Sequence[int], count: int = NEAREST) -> Ints:
    """For each stop the others by the cost of the way there or back, the cheaper of both, nearest first."""
    stops, count = len(places), min(count, len(places) - 1)
    if count < 1:
        return np.zeros((stops, 0), dtype=np.int64)
    among = cost[np.ix_(places, places)]
    apart = np.minimum(among, among.T)
    np.fill_diagonal(apart, np.iinfo(np.int64).max)
    closest = np.argpartition(apart, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(apart, closest, axis=1), axis=1, kind="stable")
    return np.ascontiguousarray(np.take_along_axis(closest, order, axis=1)).astype(np.int64)


def _twins(routes: Sequence[RouteFacts]) -> Ints:
    """For each route the previous one that is just like it: while that is empty there is no need to try this one."""
    last: dict[tuple[object, ...], int] = {}
    found = []
    for position, route in enumerate(routes):
        key = (
            route.start,
            route.end,
            route.shift,
            tuple(route.breaks),
            route.max_distance,
            route.capacity,
            route.kind,
        )
        found.append(last.get(key, position))
        last[key] = position
    return _ints(found)


def _ints(values: Sequence[int] | NDArray[np.int64]) -> Ints:
    return np.array(values, dtype=np.int64)


def _matrix(values: Ints) -> Ints:
    return np.ascontiguousarray(values, dtype=np.int64)


def _offsets(counts: Sequence[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
