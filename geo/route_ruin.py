"""Ruin and recreate, the part of the search that handles every kind of condition (see `geo.route_kernels`)."""

import math

from geo.route_kernels import Facts, Ints, State, chance, compiled, draw, refresh, route_cost, take
from geo.route_polish import polish
from geo.route_pool import Pool, settle, touch
from geo.route_recreate import recreate, recreate_by_worth

HOW = (
    "removed",
    "longest string",
    "neighbours looked at (0: everywhere)",
    "noise of worth in %, -1: drawn order",
    "polish",
)


@compiled
def take_string(f: Facts, s: State, p: Pool, stop: int, longest: float) -> None:
    """A string of neighbours around the stop, with a gap in it half of the time, leaves its route."""
    n = len(f.prize)
    r = s.route[stop]
    touch(s, p, r)
    length = 1 + draw(p.rng, max(1, int(min(float(s.size[r]), longest))))
    gap = 0
    if length > 1 and length < s.size[r] and chance(p.rng) < 0.5:
        gap = 1
        while length + gap < s.size[r] and chance(p.rng) >= 0.99:
            gap += 1
    node, back = stop, draw(p.rng, length + gap)
    while back > 0 and s.before[node] < n:
        node = s.before[node]
        back -= 1
    ahead = node  # where fewer than `length` follow, the string begins further ahead
    for _ in range(length + gap - 1):
        ahead = s.after[ahead]
        if ahead >= n:
            if s.before[node] >= n:
                break
            node, ahead = s.before[node], s.before[ahead]
    skip_from = draw(p.rng, length) if gap > 0 else length + gap
    for position in range(length + gap):
        if node >= n:
            break
        following = s.after[node]
        if (position < skip_from or position >= skip_from + gap) and f.fixed[node] == 0:
            take(s, node)
            count = p.absent[-1]
            p.absent[count] = node
            p.absent[-1] = count + 1
        node = following


@compiled
def ruin(f: Facts, s: State, p: Pool, removed: float, longest_string: float) -> None:
    """Strings leave the routes that pass near a stop drawn by chance."""
    n = len(f.prize)
    on, used = 0, 0
    for r in range(len(f.kind)):
        if s.size[r] > 0:
            on += s.size[r]
            used += 1
    longest = min(longest_string, float(on) / max(used, 1))
    strings = 1 + int(chance(p.rng) * (4.0 * removed / (1.0 + longest) - 1.0))
    seed = draw(p.rng, n)
    for position in range(-1, f.near.shape[1]):
        stop = seed if position < 0 else f.near[seed, position]
        r = s.route[stop]
        if r < 0 or p.is_touched[r] == 1:
            continue
        take_string(f, s, p, stop, longest)
        if p.touched[-1] >= strings:
            break
    for t in range(p.touched[-1]):
        refresh(f, s, p.touched[t], p.times)


@compiled
def step(f: Facts, s: State, p: Pool, how: Ints, blink: float, heat: float) -> bool:  # noqa: C901 - hot path
    """One ruin and recreate; true when it is a new best. `how`: see `HOW`."""
    p.touched[-1] = 0
    ruin(f, s, p, float(how[0]), float(how[1]))
    if how[5] > 0 and draw(p.rng, 100) < how[5]:
        missing = recreate_by_worth(f, s, p, how[2], float(how[3]) / 100.0)
    else:
        missing = recreate(f, s, p, how[2], blink)
    if how[4] > 0:
        shorter = False
        for t in range(p.touched[-1]):
            if polish(f, s, p, p.touched[t]):
                shorter = True
        if shorter and p.absent[-1] > 0:
            missing = recreate(f, s, p, how[2], 0.0)
    way = p.totals[0]
    for t in range(p.touched[-1]):
        r = p.touched[t]
        p.is_touched[r] = 0
        way += route_cost(f, s, r) - p.before_cost[r]
    new, old = float(way + missing), float(p.totals[0] + p.totals[1])
    if new >= old - heat * math.log(chance(p.rng)):
        settle(f, p.kept, s, p, p.was_absent, p.absent)
        return False
    for t in range(p.touched[-1]):
        r = p.touched[t]
        p.before_cost[r] = route_cost(f, s, r)
    settle(f, s, p.kept, p, p.absent, p.was_absent)
    p.totals[0], p.totals[1] = way, missing
    if missing < p.totals[3] or (missing == p.totals[3] and way < p.totals[2]):
        p.totals[2], p.totals[3] = way, missing
        for node in range(len(p.best)):
            p.best[node] = s.after[node]
        return True
    return False


@compiled
def steps(
    f: Facts, s: State, p: Pool, how: Ints, count: int, blink: float, heat: float, cooling: float
) -> int:
    """Several steps, the heat falling by a factor after each; how many found a new best."""
    found = 0
    for _ in range(count):
        if step(f, s, p, how, blink, heat):
            found += 1
        heat *= cooling
    return found


@compiled
def start(f: Facts, s: State, p: Pool) -> None:
    """Compute what is known about the nodes of each route."""
    for r in range(len(f.kind)):
        refresh(f, s, r, p.times)
