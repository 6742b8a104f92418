"""A plan laid out for changing: where a stop fits, what it costs there, and how much room is lacking."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from geo.route_input import TICKS_S, effective, problem_of
from geo.route_kernels import (
    FAR,
    Facts,
    Ints,
    State,
    best_place,
    compiled,
    first_start,
    fits,
    longer,
    put,
    refresh,
    ride,
)
from geo.route_pool import empty_state
from geo.route_problem import Problem
from geo.route_schedule import timed_route
from geo.route_search import link
from geo.route_types import BadRouteInput, RoundKey, Route, RouteRequest

Order = Mapping[RoundKey, Sequence[str]]


class Place(NamedTuple):
    """Where a stop fits: which round, behind how many stops of it (visited ones counted), at how much more travel."""

    round: int
    position: int
    extra_s: float


class Room(NamedTuple):
    """What a round lacks to take a stop: time after its shift and metres, 0 where it lacks none."""

    round: int
    later_s: float
    further_m: float


@compiled
def room(f: Facts, s: State, stop: int, allowed: Ints, times: Ints) -> tuple[int, int, int]:
    """The round that lacks least to take the stop: (route, ticks after its shift, metres); route -1: none ever.

    Windows and breaks are kept; only the end of the shift and the greatest distance may give.
    """
    n = len(f.prize)
    best, route, later, further = FAR, -1, 0, 0
    for r in range(len(f.kind)):
        if allowed[r] == 0:
            continue
        end = n + 2 * r + 1
        i = n + 2 * r
        while i != end:
            j = s.after[i]
            over = _overtime(f, s, r, i, stop, times)
            beyond = max(0, s.way[r] + longer(f, s, r, i, stop, j) - f.max_distance[r])
            if over < FAR and over + 10 * beyond < best:
                best, route, later, further = over + 10 * beyond, r, over, beyond
            i = j
    return route, later, further


@compiled
def _overtime(f: Facts, s: State, r: int, i: int, stop: int, times: Ints) -> int:
    """How long after the shift the round ends with the stop behind node i; FAR when that never works out."""
    end = len(f.prize) + 2 * r + 1
    breaks = f.break_at[r + 1] - f.break_at[r]
    for k in range(breaks + 1):
        times[k] = s.leave[k, i]
    here, following = i, stop
    while True:
        ride(f, r, times, f.duration[f.place[here], f.place[following]])
        if following == end:
            break
        open_still = False
        for k in range(breaks + 1):
            times[k] = min(FAR, first_start(f, following, times[k]) + f.service[following])
            if times[k] < FAR:
                open_still = True
        if not open_still:
            return FAR
        here, following = following, s.after[i] if following == stop else s.after[following]
    found = FAR
    for k in range(breaks + 1):
        in_time = k == breaks or times[k] <= f.break_latest[f.break_at[r] + k]
        if times[k] < FAR // 2048 and in_time:
            found = min(found, max(0, times[k] - f.shift_end[r]))
    return found


class Board:
    """Rounds of some stops of a request, as arrays."""

    def __init__(
        self, request: RouteRequest, active: Iterable[int] | None = None, like: "Board | None" = None
    ) -> None:
        """Empty rounds; `active`: positions of the stops that take part (none: all that are not visited yet).

        `like`: a board of the same request, whose matrices are used again.
        """
        self.request = request
        gone = {visit.stop for standing in request.standing.values() for visit in standing.visits}
        everything = range(len(request.stops)) if active is None else active
        self.active = [k for k in everything if request.stops[k].id not in gone]
        self.ids = [request.stops[k].id for k in self.active]
        self.position = {name: position for position, name in enumerate(self.ids)}
        self.problem: Problem = problem_of(request, self.active, like=like.problem if like else None)
        self.facts = self.problem.facts
        self.state = empty_state(self.facts)
        self.times = np.zeros(self.state.leave.shape[0], dtype=np.int64)
        self._rng = np.ones(1, dtype=np.int64)
        self.rounds = request.rounds
        self.durations = effective(request, request.durations_s)
        self._inspectors = {inspector.id: inspector for inspector in request.inspectors}
        self._refresh()

    def _refresh(self) -> None:
        for r in range(len(self.rounds)):
            refresh(self.facts, self.state, r, self.times)

    def visited(self, r: int) -> int:
        """How many stops of round r are visited already."""
        standing = self.request.standing.get(self.rounds[r])
        return len(standing.visits) if standing else 0

    def load(self, order: Order) -> list[str]:
        """Take over the order of the rounds as far as it keeps every condition; ids of the stops that do not fit.

        Raises `BadRouteInput` when a stop whose place is agreed does not.
        """
        routes = [
            [self.position[name] for name in order.get(key, ()) if name in self.position]
            for key in self.rounds
        ]
        agreed = [[stop for stop in route if self.facts.fixed[stop]] for route in routes]
        link(self.state, agreed, len(self.ids))
        for r in range(len(self.rounds)):
            good = refresh(self.facts, self.state, r, self.times)
            barred = any(self.facts.extra[self.facts.kind[r], stop] < 0 for stop in agreed[r])
            if (not good or barred or self.state.way[r] > self.facts.max_distance[r]) and agreed[r]:
                raise BadRouteInput("locked", "the agreed stops of %(who)s do not fit", who=self.rounds[r][0])
        out = []
        for r, route in enumerate(routes):
            node = len(self.ids) + 2 * r
            for stop in route:
                if self.facts.fixed[stop]:
                    node = stop
                elif self.takes(r, node, stop):
                    put(self.facts, self.state, node, stop, self.times)
                    node = stop
                else:
                    out.append(self.ids[stop])
        return out

    def takes(self, r: int, node: int, stop: int) -> bool:
        """Whether the stop keeps every condition behind a node of round r."""
        f, s = self.facts, self.state
        following = int(s.after[node])
        if (
            f.extra[f.kind[r], stop] < 0
            or s.way[r] + longer(f, s, r, node, stop, following) > f.max_distance[r]
        ):
            return False
        return bool(fits(f, s, r, node, stop, following, self.times))

    def routes(self) -> list[list[int]]:
        """Positions (in `ids`) of the stops of each round."""
        found: list[list[int]] = []
        for r in range(len(self.rounds)):
            found.append([])
            node = int(self.state.after[len(self.ids) + 2 * r])
            while node < len(self.ids):
                found[-1].append(node)
                node = int(self.state.after[node])
        return found

    def cheapest(self, name: str) -> Place | None:
        """The place where the stop costs least and every condition is kept; None when there is none."""
        stop = self.position[name]
        node, price = best_place(self.facts, self.state, stop, 0.0, FAR, self._rng, self.times)
        if node < 0:
            return None
        r, ahead, node = int(self.state.route[node]), 0, int(node)
        while node < len(self.ids):
            node, ahead = int(self.state.before[node]), ahead + 1
        return Place(r, self.visited(r) + ahead, price / TICKS_S)

    def put(self, name: str, place: Place) -> None:
        """The stop goes to a place that `cheapest` named."""
        node = len(self.ids) + 2 * place.round
        for _ in range(place.position - self.visited(place.round)):
            node = int(self.state.after[node])
        put(self.facts, self.state, node, self.position[name], self.times)

    def room(self, name: str, rounds: Sequence[int]) -> Room | None:
        """Which of the rounds lacks least to take the stop, whatever skill, patch or lock say."""
        allowed = np.zeros(len(self.rounds), dtype=np.int64)
        allowed[list(rounds)] = 1
        r, later, further = room(self.facts, self.state, self.position[name], allowed, self.times)
        return None if r < 0 else Room(int(r), later / TICKS_S, float(further))

    def timed(self) -> tuple[Route, ...]:
        """The rounds with their times."""
        return tuple(
            timed_route(
                self.request, self._inspectors[name], day, [self.ids[stop] for stop in route], self.durations
            )
            for (name, day), route in zip(self.rounds, self.routes(), strict=True)
        )
