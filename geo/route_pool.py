"""The working memory of the search: what was left out, what changed, the plan that is kept and the best one."""

from typing import NamedTuple

import numpy as np

from geo.route_kernels import Facts, Ints, State, compiled, route_cost
from geo.route_tour import Tour

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
