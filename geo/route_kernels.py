"""The inner loops of route planning, compiled by numba where it is installed and switched on.

The search is ruin and recreate by *slack induction by string removals* (Christiaens and Vanden Berghe, A fast
ruin and recreate heuristic for vehicle routing problems, INFORMS Transportation Science 2020): strings of
neighbouring stops are taken out of routes that pass near a seed and put back greedily, some places skipped by
chance; a threshold that falls with time decides what is kept. Whether a stop fits between two others is exact and
takes constant time: every stop knows, for each number of breaks already taken, the earliest moment at which it can
be left and the latest at which it may be reached (Savelsbergh 1992, here with breaks and several windows).

Everything is whole ticks in int64 arrays; `Facts` never changes, `State` is the plan. Without numba the same code
runs as plain Python: right, and slow.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from geo.route_compiled import HAS_NUMBA, forget_stale

Ints = NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])

FAR = 1 << 50  # later than any moment, dearer than any way
forget_stale()


def compiled(function: F) -> F:
    """The function compiled on its first call and kept on disk; unchanged without numba."""
    if not HAS_NUMBA:
        return function
    import numba

    # No function here allocates, so none counts references: that makes the search twenty times faster.
    options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
    return cast("F", numba.njit(**options)(function))


class Facts(NamedTuple):
    """The problem. n stops, R routes; nodes are the stops, then start and end of route 0, of 1 and so on."""

    place: Ints  # [n + 2R] row of the matrices
    duration: Ints  # [P, P]
    cost: Ints  # [P, P]
    distance: Ints  # [P, P]
    service: Ints  # [n + 2R]
    window_at: Ints  # [n + 1] a stop's windows are window_at[i] … window_at[i + 1]
    opens: Ints
    closes: Ints
    shift_start: Ints  # [R]
    shift_end: Ints  # [R]
    break_at: Ints  # [R + 1]
    break_earliest: Ints
    break_latest: Ints
    break_length: Ints
    max_distance: Ints  # [R]
    load: Ints  # [n]
    capacity: Ints  # [R]
    kind: Ints  # [R] row of `extra`
    twin: Ints  # [R] first route that is the same as this one while both are empty
    extra: Ints  # [kinds, n] what a stop costs beside the way on such a route; -1: not allowed
    prize: Ints  # [n] what leaving the stop out costs
    near: Ints  # [n, k] other stops, nearest first
    fixed: Ints  # [n] 1: never taken out
    balance: Ints  # [2] weight and scale of the evenness term; weight 0 switches it off


class State(NamedTuple):
    """A plan: each route a linked list, and what is known about each node on it."""

    after: Ints  # [n + 2R] next node
    before: Ints  # [n + 2R]
    route: Ints  # [n + 2R] -1: not on a route
    leave: Ints  # [breaks + 1, n + 2R] earliest leaving with so many breaks taken
    reach: Ints  # [breaks + 1, n + 2R] latest arrival with so many breaks taken
    size: Ints  # [R] stops
    way: Ints  # [R] distance
    weight: Ints  # [R] load
    work: Ints  # [R] travel and service


@compiled
def draw(rng: Ints, bound: int) -> int:
    """A whole number in 0 … bound-1 (Lehmer's generator, so that plain Python draws the same)."""
    rng[0] = rng[0] * 48271 % 2147483647
    return int(rng[0] % bound)


@compiled
def chance(rng: Ints) -> float:
    """A number in 0 … 1, neither of them."""
    rng[0] = rng[0] * 48271 % 2147483647
    return float(rng[0]) / 2147483647.0


@compiled
def first_start(f: Facts, stop: int, arrival: int) -> int:
    """When service can begin at the earliest; FAR where every window is over."""
    for w in range(f.window_at[stop], f.window_at[stop + 1]):
        if arrival <= f.closes[w]:
            return int(max(arrival, f.opens[w]))
    return FAR


@compiled
def last_start(f: Facts, stop: int, limit: int) -> int:
    """When service may begin at the latest, not after `limit`; -FAR where no window has begun by then."""
    for w in range(f.window_at[stop + 1] - 1, f.window_at[stop] - 1, -1):
        if limit >= f.opens[w]:
            return int(min(limit, f.closes[w]))
    return -FAR


@compiled
def ride(f: Facts, r: int, times: Ints, travel: int) -> None:
    """Earliest leaving -> earliest arrival, in place, for each number of breaks; a break before or after the ride.

    A break is taken as late as the ride's end where it may still begin then, otherwise before the ride.
    """
    first, breaks = f.break_at[r], f.break_at[r + 1] - f.break_at[r]
    left = times[0]
    times[0] = min(left + travel, FAR)
    for k in range(1, breaks + 1):
        b = first + k - 1
        own = times[k]
        found = own + travel
        begin = max(times[k - 1], f.break_earliest[b])
        if begin <= f.break_latest[b]:
            found = min(found, begin + f.break_length[b])
        begin = max(left, f.break_earliest[b])
        if begin <= f.break_latest[b]:
            found = min(found, begin + f.break_length[b] + travel)
        left = own
        times[k] = min(found, FAR)


@compiled
def ride_back(f: Facts, r: int, times: Ints, travel: int) -> None:
    """Latest arrival -> latest leaving, in place: the mirror of `ride`."""
    first, breaks = f.break_at[r], f.break_at[r + 1] - f.break_at[r]
    for k in range(breaks - 1, -1, -1):  # at the end of the ride, before any break there
        b = first + k
        if f.break_earliest[b] + f.break_length[b] <= times[k + 1]:
            times[k] = max(times[k], min(f.break_latest[b], times[k + 1] - f.break_length[b]))
    for k in range(breaks + 1):
        found = times[k] - travel
        if k < breaks:
            b = first + k
            limit = times[k + 1] - f.break_length[b] - travel
            if f.break_earliest[b] <= limit:
                found = max(found, min(f.break_latest[b], limit))
        times[k] = found


@compiled
def refresh(f: Facts, s: State, r: int, times: Ints) -> bool:
    """What is known about each node of a route, anew; false when its times do not work out."""
    n = len(f.prize)
    start, end = n + 2 * r, n + 2 * r + 1
    breaks = f.break_at[r + 1] - f.break_at[r]
    count, way, weight, work = 0, 0, 0, 0
    for k in range(breaks + 1):
        times[k] = FAR if k > 0 else f.shift_start[r]
        s.leave[k, start] = times[k]
    node = start
    while node != end:
        following = s.after[node]
        a, b = f.place[node], f.place[following]
        way += f.distance[a, b]
        work += f.duration[a, b] + f.service[following]
        if breaks == 0:
            times[0] += f.duration[a, b]
        else:
            ride(f, r, times, f.duration[a, b])
        if following != end:
            count += 1
            weight += f.load[following]
            for k in range(breaks + 1):
                times[k] = min(FAR, first_start(f, following, times[k]) + f.service[following])
        for k in range(breaks + 1):
            s.leave[k, following] = times[k]
        node = following
    good = _look_back(f, s, r, times)
    if count == 0:
        way, work, good = 0, 0, True
    s.size[r], s.way[r], s.weight[r], s.work[r] = count, way, weight, work
    return good


@compiled
def _look_back(f: Facts, s: State, r: int, times: Ints) -> bool:
    n = len(f.prize)
    start, end = n + 2 * r, n + 2 * r + 1
    breaks = f.break_at[r + 1] - f.break_at[r]
    good = False
    for k in range(breaks + 1):
        times[k] = f.shift_end[r]
        if k < breaks:  # a round that is over before the break has to begin needs none
            times[k] = min(times[k], f.break_latest[f.break_at[r] + k])
        s.reach[k, end] = times[k]
        if s.leave[k, end] <= times[k]:
            good = True
    node = end
    while node != start:
        previous = s.before[node]
        travel = f.duration[f.place[previous], f.place[node]]
        if breaks == 0:
            times[0] -= travel
        else:
            ride_back(f, r, times, travel)
        if previous != start:
            for k in range(breaks + 1):
                times[k] = last_start(f, previous, times[k] - f.service[previous])
        for k in range(breaks + 1):
            s.reach[k, previous] = times[k]
        node = previous
    return good


@compiled
def fits(f: Facts, s: State, r: int, i: int, stop: int, j: int, times: Ints) -> bool:
    """Whether the times work out with the stop between the neighbours i and j of route r."""
    there = f.duration[f.place[i], f.place[stop]]
    onward = f.duration[f.place[stop], f.place[j]]
    breaks = f.break_at[r + 1] - f.break_at[r]
    if breaks == 0:
        begin = first_start(f, stop, s.leave[0, i] + there)
        return bool(begin + f.service[stop] + onward <= s.reach[0, j])
    for k in range(breaks + 1):
        times[k] = s.leave[k, i]
    ride(f, r, times, there)
    for k in range(breaks + 1):
        times[k] = min(FAR, first_start(f, stop, times[k]) + f.service[stop])
    ride(f, r, times, onward)
    for k in range(breaks + 1):  # noqa: SIM110 - any() over a generator is not compiled
        if times[k] <= s.reach[k, j]:
            return True
    return False


@compiled
def uneven(f: Facts, s: State, r: int, added: int) -> int:
    """What so much more work on a route costs in evenness: weight * ((w + a)^2 - w^2) / scale."""
    if f.balance[0] == 0:
        return 0
    work = float(s.work[r])
    more = (work + added) * (work + added) - work * work
    return int(float(f.balance[0]) * more / float(f.balance[1]))


@compiled
def detour(f: Facts, s: State, r: int, i: int, stop: int, j: int) -> int:
    """What the stop costs between i and j, without its `extra`."""
    a, b, c = f.place[i], f.place[stop], f.place[j]
    found = f.cost[a, b] + f.cost[b, c]
    if s.size[r] > 0:  # an inspector without stops does not go from start to end either
        found -= f.cost[a, c]
    if f.balance[0] != 0:
        added = f.duration[a, b] + f.duration[b, c] + f.service[stop]
        found += uneven(f, s, r, added - f.duration[a, c] if s.size[r] > 0 else added)
    return int(found)


@compiled
def longer(f: Facts, s: State, r: int, i: int, stop: int, j: int) -> int:
    """How much distance the stop adds between i and j."""
    a, b, c = f.place[i], f.place[stop], f.place[j]
    found = f.distance[a, b] + f.distance[b, c]
    return int(found - f.distance[a, c] if s.size[r] > 0 else found)


@compiled
def best_place(
    f: Facts, s: State, stop: int, blink: float, limit: int, rng: Ints, times: Ints
) -> tuple[int, int]:
    """The cheapest place that fits: (node before it, cost), (-1, limit) when none is cheaper than `limit`."""
    n = len(f.prize)
    where, cheapest = -1, limit
    latest = f.closes[f.window_at[stop + 1] - 1]
    for r in range(len(f.kind)):
        extra = f.extra[f.kind[r], stop]
        if extra < 0 or s.weight[r] + f.load[stop] > f.capacity[r] or extra >= cheapest:
            continue
        if s.size[r] == 0 and f.twin[r] != r and s.size[f.twin[r]] == 0:
            continue
        end = n + 2 * r + 1
        i = n + 2 * r
        while i != end and s.leave[0, i] <= latest:
            j = s.after[i]
            price = detour(f, s, r, i, stop, j) + extra
            if price < cheapest and (blink == 0.0 or chance(rng) >= blink):
                added = longer(f, s, r, i, stop, j)
                if s.way[r] + added <= f.max_distance[r] and fits(f, s, r, i, stop, j, times):
                    where, cheapest = i, price
            i = j
    return where, cheapest


@compiled
def put(f: Facts, s: State, i: int, stop: int, times: Ints) -> None:
    """The stop goes in behind node i."""
    j, r = s.after[i], s.route[i]
    s.after[i], s.after[stop] = stop, j
    s.before[j], s.before[stop] = stop, i
    s.route[stop] = r
    refresh(f, s, r, times)


@compiled
def take(s: State, stop: int) -> None:
    """The stop leaves its route; `refresh` is the caller's."""
    i, j = s.before[stop], s.after[stop]
    s.after[i], s.before[j] = j, i
    s.route[stop] = -1


@compiled
def route_cost(f: Facts, s: State, r: int) -> int:
    """Way, extras and evenness of one route."""
    n = len(f.prize)
    end = n + 2 * r + 1
    node, total, kind = n + 2 * r, 0, f.kind[r]
    if s.size[r] == 0:
        return 0
    while node != end:
        following = s.after[node]
        total += f.cost[f.place[node], f.place[following]]
        if following != end:
            total += f.extra[kind, following]
        node = following
    if f.balance[0] != 0:
        work = float(s.work[r])
        total += int(float(f.balance[0]) * work * work / float(f.balance[1]))
    return int(total)
