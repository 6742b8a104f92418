"""Putting stops back that were taken out, each where it costs least, in one of several orders or by worth."""

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
)
from geo.route_pool import Pool, touch


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
def insert_some(f: Facts, s: State, p: Pool, stops: Ints, width: int) -> None:
    """Put these stops where they cost least, in this order, as far as they fit."""
    for stop in stops:
        if width > 0:
            where, _ = best_near(f, s, stop, width, 0.0, p.rng, p.times)
        else:
            where, _ = best_place(f, s, stop, 0.0, FAR, p.rng, p.times)
        if where >= 0:
            put(f, s, where, stop, p.times)
