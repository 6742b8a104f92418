"""Ruin and recreate, the part of the search that handles every kind of condition (see `geo.route_kernels`)."""

import math
from typing import NamedTuple

import numpy as np

from geo.route_kernels import (
    FAR,
    Facts,
    Ints,
    State,
    best_place,
    chance,
    compiled,
    detour,
    draw,
    fits,
    longer,
    put,
    refresh,
    route_cost,
    take,
)
from geo.route_tour import Tour, descend, next_of, push

HOW = (
    "removed",
    "longest string",
    "neighbours looked at (0: everywhere)",
    "noise of worth in %, -1: drawn order",
    "polish",
)
ORDERS = 8  # rows of Pool.keys, and by chance


class Pool(NamedTuple):
    """Working memory of the search beside the plan itself."""

    kept: State  # the plan that is searched from; State is tried and taken back
    best: Ints  # [n + 2R] `after` of the best plan so far
    absent: Ints  # [n + 1] stops that are left out; their number stands last
    was_absent: Ints  # [n + 1] those of `kept`
    keys: Ints  # [ORDERS, n] in which order stops are put back: lowest first
    order_weights: Ints  # [ORDERS + 1] how often which order is drawn; the last: by chance
    sorting: Ints  # [n]
    touched: Ints  # [R + 1] routes changed in this step; their number stands last
    is_touched: Ints  # [R]
    before_cost: Ints  # [R] cost of each route in `kept`
    times: Ints  # [breaks + 1]
    rng: Ints  # [1]
    where: Ints  # [n] for stops that are left out: the node behind which they cost least, -1: none
    price: Ints  # [n] and what they cost there
    tour: Tour
    even: Ints  # [P, P] cost of the way there or back, the same both ways
    near_places: Ints  # [P, k]
    free: Ints  # [n] 1: may stand anywhere in a route (open all the time, its order not agreed)
    nodes: Ints  # [n] a route's stops in order
    stop_at: Ints  # [P] the stop of a route at a place
    totals: Ints  # [4] way cost and missing prize of `kept`, then of `best`


@compiled
def touch(s: State, p: Pool, r: int) -> None:
    """Note that route r changes in this step."""
    if p.is_touched[r] == 0:
        p.is_touched[r] = 1
        count = p.touched[-1]
        p.touched[count] = r
        p.touched[-1] = count + 1


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
def sort_absent(f: Facts, p: Pool) -> None:
    """Put the stops that are left out in an order drawn by chance."""
    total = 0
    for order in range(len(p.order_weights)):
        total += p.order_weights[order]
    drawn, chosen = draw(p.rng, total), 0
    while drawn >= p.order_weights[chosen]:
        drawn -= p.order_weights[chosen]
        chosen += 1
    for position in range(p.absent[-1]):
        stop = p.absent[position]
        key = draw(p.rng, 1 << 20) if chosen >= len(p.keys) else p.keys[chosen, stop]
        place = position
        while place > 0 and p.sorting[place - 1] > key:
            p.sorting[place] = p.sorting[place - 1]
            p.absent[place] = p.absent[place - 1]
            place -= 1
        p.sorting[place], p.absent[place] = key, stop


@compiled
def recreate(f: Facts, s: State, p: Pool, width: int, blink: float) -> int:
    """Put back one after the other what fits, where it costs least; the prize of what stays out."""
    sort_absent(f, p)
    out, missing = 0, 0
    for position in range(p.absent[-1]):
        stop = p.absent[position]
        if width > 0:
            where, _ = best_near(f, s, stop, width, blink, p.rng, p.times)
        else:
            where, _ = best_place(f, s, stop, blink, FAR, p.rng, p.times)
        if where < 0:
            p.absent[out] = stop
            out += 1
            missing += f.prize[stop]
        else:
            touch(s, p, s.route[where])
            put(f, s, where, stop, p.times)
    p.absent[-1] = out
    return missing


@compiled
def best_near(
    f: Facts, s: State, stop: int, width: int, blink: float, rng: Ints, times: Ints
) -> tuple[int, int]:
    """Like `best_place`, looking only beside the nearest stops and at the ends of the routes."""
    n = len(f.prize)
    where, cheapest = -1, FAR
    for k in range(min(width, f.near.shape[1])):
        neighbour = f.near[stop, k]
        if s.route[neighbour] < 0:
            continue
        for i in (s.before[neighbour], neighbour):
            if blink > 0.0 and chance(rng) < blink:
                continue
            price = _price(f, s, i, stop, cheapest, times)
            if price < cheapest:
                where, cheapest = i, price
    for r in range(len(f.kind)):
        if s.size[r] == 0 and f.twin[r] != r and s.size[f.twin[r]] == 0:
            continue
        for i in (n + 2 * r, s.before[n + 2 * r + 1]):
            price = _price(f, s, i, stop, cheapest, times)
            if price < cheapest:
                where, cheapest = i, price
    return where, cheapest


@compiled
def _price(f: Facts, s: State, i: int, stop: int, limit: int, times: Ints) -> int:
    """What the stop costs behind node i; `limit` where it is not allowed, does not fit or is no cheaper."""
    r, j = s.route[i], s.after[i]
    extra = f.extra[f.kind[r], stop]
    if extra < 0 or s.weight[r] + f.load[stop] > f.capacity[r]:
        return limit
    price = detour(f, s, r, i, stop, j) + extra
    if price >= limit or s.way[r] + longer(f, s, r, i, stop, j) > f.max_distance[r]:
        return limit
    return price if fits(f, s, r, i, stop, j, times) else limit


@compiled
def recreate_by_worth(f: Facts, s: State, p: Pool, width: int, noise: float) -> int:
    """Put back what is left out, always that with the highest prize for its cost; the prize of what stays out."""
    for position in range(p.absent[-1]):
        stop = p.absent[position]
        p.where[stop], p.price[stop] = best_near(f, s, stop, width, 0.0, p.rng, p.times)
    while True:
        best, chosen = -1.0, -1
        for position in range(p.absent[-1]):
            stop = p.absent[position]
            if p.where[stop] >= 0:
                worth = float(f.prize[stop]) / float(max(p.price[stop], 0) + 1)
                worth *= 1.0 + noise * chance(p.rng)
                if worth > best:
                    best, chosen = worth, position
        if chosen < 0:
            break
        stop = p.absent[chosen]
        p.absent[-1] -= 1
        p.absent[chosen] = p.absent[p.absent[-1]]
        i = p.where[stop]
        touch(s, p, s.route[i])
        put(f, s, i, stop, p.times)
        _look_again(f, s, p, i, stop, width)
    missing = 0
    for position in range(p.absent[-1]):
        missing += f.prize[p.absent[position]]
    return missing


@compiled
def _look_again(f: Facts, s: State, p: Pool, i: int, put_in: int, width: int) -> None:
    """Renew `where` of the stops still left out, after `put_in` went in behind i."""
    r = s.route[i]
    for position in range(p.absent[-1]):
        stop = p.absent[position]
        where = p.where[stop]
        if where < 0:
            continue
        if s.route[where] == r:
            price = FAR if where == i else _price(f, s, where, stop, FAR, p.times)
            if price >= FAR and where != i and len(f.kind) == 1 and p.free[stop] == 1:
                p.where[stop] = -1  # its cheapest place is too dear now, so all are
                continue
            if price >= FAR:
                p.where[stop], p.price[stop] = best_near(f, s, stop, width, 0.0, p.rng, p.times)
                continue
            p.price[stop] = price
        for behind in (i, put_in):
            price = _price(f, s, behind, stop, p.price[stop], p.times)
            if price < p.price[stop]:
                p.where[stop], p.price[stop] = behind, price


@compiled
def polish(f: Facts, s: State, p: Pool, r: int) -> bool:
    """Shorten a route whose stops may stand in any order; true when it became cheaper."""
    n = len(f.prize)
    start, end = n + 2 * r, n + 2 * r + 1
    node, count = s.after[start], 0
    while node != end:
        if p.free[node] == 0:
            return False
        p.nodes[count] = node
        count += 1
        node = s.after[node]
    if count < 3:
        return False
    first, last = f.place[start], f.place[end]
    t = p.tour
    old = route_cost(f, s, r)
    if not _load(f, s, p, r, count):
        return False
    link = p.even[first, last]
    if first != last:
        p.even[first, last] = p.even[last, first] = -FAR
    gain = descend(t, p.even, p.near_places, True)
    if first != last:
        p.even[first, last] = p.even[last, first] = link
    if gain > 0:
        _store(f, s, p, start, end)
        good = refresh(f, s, r, p.times)
        if good and route_cost(f, s, r) < old and s.way[r] <= f.max_distance[r]:
            _unload(f, p, count, first, last)
            return True
        _chain(s, p, start, end, count)
        refresh(f, s, r, p.times)
    _unload(f, p, count, first, last)
    return False


@compiled
def _load(f: Facts, s: State, p: Pool, r: int, count: int) -> bool:
    """The stops in p.nodes as a round trip, the way home as a link that is never cut; false: as it was kept."""
    t = p.tour
    n = len(f.prize)
    start, end = n + 2 * r, n + 2 * r + 1
    first, last = f.place[start], f.place[end]
    changed = False
    for k in range(count):
        node = p.nodes[k]
        if (
            s.after[node] != p.kept.after[node]
            or p.kept.route[node] != r
            or s.before[node] != p.kept.before[node]
        ):
            changed = True
            break
    if not changed and s.after[start] == p.kept.after[start]:
        return False
    t.at[0], t.position[first] = first, 0
    size = 1
    for k in range(count):
        place = f.place[p.nodes[k]]
        t.at[size], t.position[place] = place, size
        p.stop_at[place] = p.nodes[k]
        size += 1
    if last != first:
        t.at[size], t.position[last] = last, size
        size += 1
    t.size[0], t.logged[0] = size, 0
    t.queue_ends[0], t.queue_ends[1] = 0, 0
    for k in range(count):
        node = p.nodes[k]
        if (
            s.after[node] != p.kept.after[node]
            or p.kept.route[node] != r
            or s.before[node] != p.kept.before[node]
        ):
            push(t, f.place[node])
    if s.after[start] != p.kept.after[start] or s.before[end] != p.kept.before[end]:
        push(t, first)
        push(t, last)
    return True


@compiled
def _unload(f: Facts, p: Pool, count: int, first: int, last: int) -> None:
    t = p.tour
    for k in range(count):
        t.position[f.place[p.nodes[k]]] = -1
    t.position[first] = t.position[last] = -1


@compiled
def _store(f: Facts, s: State, p: Pool, start: int, end: int) -> None:
    """The round trip becomes the route again, from its start; p.nodes keeps the old order."""
    t = p.tour
    first, last = f.place[start], f.place[end]
    forward = first == last or next_of(t, first) != last
    m = t.size[0]
    position, node = t.position[first], start
    for _ in range(m - (1 if first == last else 2)):
        position = position + 1 if forward else position - 1
        if position == m:
            position = 0
        elif position < 0:
            position = m - 1
        following = p.stop_at[t.at[position]]
        s.after[node], s.before[following] = following, node
        node = following
    s.after[node], s.before[end] = end, node


@compiled
def _chain(s: State, p: Pool, start: int, end: int, count: int) -> None:
    node = start
    for k in range(count):
        s.after[node], s.before[p.nodes[k]] = p.nodes[k], node
        node = p.nodes[k]
    s.after[node], s.before[end] = end, node


@compiled
def copy_route(f: Facts, source: State, target: State, r: int) -> None:
    """Everything about the nodes of one route, from one state into another."""
    n = len(f.prize)
    end = n + 2 * r + 1
    breaks = f.break_at[r + 1] - f.break_at[r]
    node = n + 2 * r
    while True:
        target.after[node], target.before[node] = source.after[node], source.before[node]
        target.route[node] = r
        for k in range(breaks + 1):
            target.leave[k, node], target.reach[k, node] = source.leave[k, node], source.reach[k, node]
        if node == end:
            break
        node = source.after[node]
    target.size[r], target.way[r] = source.size[r], source.way[r]
    target.weight[r], target.work[r] = source.weight[r], source.work[r]


@compiled
def settle(f: Facts, source: State, target: State, p: Pool, from_absent: Ints, to_absent: Ints) -> None:
    """Make `target` the same as `source`, where only the touched routes differ."""
    for t in range(p.touched[-1]):
        copy_route(f, source, target, p.touched[t])
    count = from_absent[-1]
    for position in range(count):
        stop = from_absent[position]
        to_absent[position] = stop
        target.route[stop] = -1
    to_absent[-1] = count


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


@compiled
def insert_some(f: Facts, s: State, p: Pool, stops: Ints, width: int) -> None:
    """Put these stops where they cost least, in this order, as far as they fit."""
    for stop in stops:
        if width > 0:
            where, _ = best_near(f, s, stop, width, 0.0, p.rng, p.times)
        else:
            where, _ = best_place(f, s, stop, 0.0, FAR, p.rng, p.times)
        if where >= 0:
            put(f, s, where, stop, p.times)


@compiled
def take_stock(f: Facts, s: State, p: Pool) -> None:
    """Take the plan as it stands as the kept and the best one."""
    n, routes = len(f.prize), len(f.kind)
    way, missing, out = 0, 0, 0
    for stop in range(n):
        if s.route[stop] < 0:
            p.absent[out] = stop
            out += 1
            missing += f.prize[stop]
    p.absent[n] = out
    p.touched[-1] = 0
    for r in range(routes):
        p.is_touched[r] = 0
        touch(s, p, r)
        p.before_cost[r] = route_cost(f, s, r)
        way += p.before_cost[r]
    settle(f, s, p.kept, p, p.absent, p.was_absent)
    for r in range(routes):
        p.is_touched[r] = 0
    for node in range(len(p.best)):
        p.best[node] = s.after[node]
    p.totals[0], p.totals[1], p.totals[2], p.totals[3] = way, missing, way, missing


def empty_state(f: Facts) -> State:
    """A plan in which every route goes from its start to its end."""
    n, routes = len(f.prize), len(f.kind)
    nodes, breaks = n + 2 * routes, int(np.max(np.diff(f.break_at), initial=0))
    after, before = np.full(nodes, -1), np.full(nodes, -1)
    starts = n + 2 * np.arange(routes)
    after[starts], before[starts + 1] = starts + 1, starts
    route = np.full(nodes, -1)
    route[n:] = np.repeat(np.arange(routes), 2)
    table = (breaks + 1, nodes)
    by_route = [np.zeros(routes, dtype=np.int64) for _ in range(4)]
    return State(
        after, before, route, np.zeros(table, dtype=np.int64), np.zeros(table, dtype=np.int64), *by_route
    )
