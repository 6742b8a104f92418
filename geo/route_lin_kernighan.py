"""One round trip without conditions, as short as can be: chained Lin-Kernighan on an array.

Steps after Lin and Kernighan (Operations Research 21, 1973), with segments moved as a whole (Or 1976), restarted
from small local changes that are undone when they do not pay (Martin, Otto and Felten 1991; Applegate, Cook and
Rohe 2003). Costs are symmetric; what is not is made so by the caller. A trip may leave places out: those stand
nowhere in it and are skipped.
"""

from geo.route_kernels import Ints, compiled, draw
from geo.route_tour import DEPTH, Tour, flip, last_of, next_of, push, turn, turn_between, undo

BREADTH = 5  # links tried for the first exchange, three for the second
SPAN = 100  # how far a restart's change reaches


@compiled
def _exchange(
    t: Tour, cost: Ints, near: Ints, t1: int, t2: int, gain: int, rank: int, depth: int
) -> tuple[int, int]:
    """The rank-th best place to link t2 with, and the place then cut off: (t3, t4); (-1, -1) when none pays."""
    forward = next_of(t, t1) == t2
    taken = -1
    limit, best3, best4 = 1 << 60, -1, -1
    for _ in range(rank + 1):  # the best below the last one's value
        value, best3, best4 = -(1 << 60), -1, -1
        choice = -1
        for k in range(near.shape[1]):
            t3 = near[t2, k]
            left = gain - cost[t2, t3]
            if left <= 0:
                break
            if t.position[t3] < 0 or t3 == t1:
                continue
            t4 = last_of(t, t3) if forward else next_of(t, t3)
            if t4 == t2:
                continue
            found = left + cost[t3, t4]
            if found > limit or (found == limit and k <= taken) or found <= value:
                continue
            if not _is_joined(t, t3, t4, depth):
                value, best3, best4, choice = found, t3, t4, k
        if choice < 0:
            return -1, -1
        limit, taken = value, choice
    return best3, best4


@compiled
def _is_joined(t: Tour, a: int, b: int, depth: int) -> bool:
    for k in range(depth):
        x, y = t.joined[0, k], t.joined[1, k]
        if (x == a and y == b) or (x == b and y == a):
            return True
    return False


@compiled
def _link(t: Tour, t1: int, t2: int, t3: int, t4: int, depth: int) -> None:
    """Link t2 with t3 instead of t3 with t4; t4 then stands beside t1."""
    if next_of(t, t1) == t2:
        flip(t, t2, t4)
    else:
        flip(t, t4, t2)
    t.joined[0, depth], t.joined[1, depth] = t2, t3


@compiled
def _deepen(t: Tour, cost: Ints, near: Ints, t1: int, t2: int, gain: int, depth: int) -> int:
    """Go on from an open exchange, always the best link; keeps the best moment and returns its gain (0: none)."""
    best, best_logged = gain - cost[t2, t1], t.logged[0]
    if best <= 0:
        best, best_logged = 0, -1
    start = t.logged[0]
    while depth < DEPTH:
        t3, t4 = _exchange(t, cost, near, t1, t2, gain, 0, depth)
        if t3 < 0:
            break
        _link(t, t1, t2, t3, t4, depth)
        gain += cost[t3, t4] - cost[t2, t3]
        t2 = t4
        depth += 1
        if gain - cost[t2, t1] > best:
            best, best_logged = gain - cost[t2, t1], t.logged[0]
    undo(t, best_logged if best > 0 else start)
    t.joined[0, depth] = -1
    return int(best)


@compiled
def _try_exchanges(t: Tour, cost: Ints, near: Ints, t1: int, t2: int) -> int:
    """Improve by exchanges that cut t1 from its neighbour t2; the gain, 0 when there is none."""
    gain = cost[t1, t2]
    start = t.logged[0]
    for first in range(BREADTH):
        t3, t4 = _exchange(t, cost, near, t1, t2, gain, first, 0)
        if t3 < 0:
            break
        _link(t, t1, t2, t3, t4, 0)
        then = gain + cost[t3, t4] - cost[t2, t3]
        closed = then - cost[t4, t1]
        level = t.logged[0]
        for second in range(3):
            t5, t6 = _exchange(t, cost, near, t1, t4, then, second, 1)
            if t5 < 0:
                break
            _link(t, t1, t4, t5, t6, 1)
            found = _deepen(t, cost, near, t1, t6, then + cost[t5, t6] - cost[t4, t5], 2)
            if found > 0:
                _push_ends(t, t1, t2)
                return found
            undo(t, level)
        if closed > 0:
            t.joined[0, 1], t.joined[1, 1], t.joined[0, 2] = t4, t1, -1
            _push_ends(t, t1, t2)
            return int(closed)
        undo(t, start)
    return 0


@compiled
def _push_ends(t: Tour, t1: int, t2: int) -> None:
    push(t, t1)
    push(t, t2)
    for k in range(DEPTH):
        if t.joined[0, k] < 0:
            break
        push(t, t.joined[0, k])
        push(t, t.joined[1, k])


@compiled
def _try_segments(t: Tour, cost: Ints, near: Ints, head: int) -> int:  # noqa: C901 - one nest of loops
    """Move one to three places that end at `head` between two others, either way round; the gain."""
    m = t.size[0]
    for toward in range(2):
        tail = head
        for length in range(1, 4):
            if m < length + 4:
                break
            if length > 1:
                tail = last_of(t, tail) if toward == 0 else next_of(t, tail)
            ahead = next_of(t, head) if toward == 0 else last_of(t, head)
            behind = last_of(t, tail) if toward == 0 else next_of(t, tail)
            freed = cost[head, ahead] + cost[behind, tail] - cost[behind, ahead]
            if freed <= 0:
                continue
            for k in range(near.shape[1]):
                c = near[head, k]
                if cost[head, c] >= freed:
                    break
                if t.position[c] < 0 or _within(t, c, head, tail, toward):
                    continue
                for side in range(2):
                    d = next_of(t, c) if side == 0 else last_of(t, c)
                    if _within(t, d, head, tail, toward):
                        continue
                    gain = freed - cost[head, c] - cost[tail, d] + cost[c, d]
                    if gain > 0:
                        _move_segment(t, head, tail, c, d, toward)
                        for place in (head, tail, c, d, ahead, behind):
                            push(t, place)
                        return int(gain)
    return 0


@compiled
def _within(t: Tour, place: int, head: int, tail: int, toward: int) -> bool:
    m = t.size[0]
    first, last = (tail, head) if toward == 0 else (head, tail)
    span = (t.position[last] - t.position[first] + m) % m
    return bool((t.position[place] - t.position[first] + m) % m <= span)


@compiled
def _move_segment(t: Tour, head: int, tail: int, c: int, d: int, toward: int) -> None:
    """Put the segment between the neighbours c and d, its head beside c, by two or three turns."""
    first, last = (tail, head) if toward == 0 else (head, tail)  # as the trip goes
    low, high = (c, d) if next_of(t, c) == d else (d, c)
    m = t.size[0]
    forward = (t.position[low] - t.position[last] + m) % m
    backward = (t.position[first] - t.position[high] + m) % m
    # A turn may go round the rest instead, which mirrors the trip: the direction is looked up each time.
    if forward <= backward:  # … p [first … last] n … low high …
        p, n = last_of(t, first), next_of(t, last)
        flip(t, first, low)  # p low … n last … first high
        turn_between(t, p, low, n)
    else:  # … low high … p [first … last] n …
        p = last_of(t, first)
        flip(t, high, last)  # low last … first p … high n
        turn_between(t, first, p, high)
    # The segment now lies turned round: low, last … first, high.
    if (head == first) == (c == low):
        turn_between(t, low, last, first)


@compiled
def descend(t: Tour, cost: Ints, near: Ints, forget: bool) -> int:
    """Improve around every queued place until nothing does; the whole gain. With `forget` it cannot be undone."""
    total = 0
    while t.queue_ends[1] > 0:
        place = t.queue[t.queue_ends[0]]
        t.queue_ends[0] = (t.queue_ends[0] + 1) % len(t.queue)
        t.queue_ends[1] -= 1
        t.queued[place] = 0
        if t.position[place] < 0:
            continue
        improved = True
        while improved:
            improved = False
            gain = _try_exchanges(t, cost, near, place, next_of(t, place))
            if gain == 0:
                gain = _try_exchanges(t, cost, near, place, last_of(t, place))
            if gain == 0:
                gain = _try_segments(t, cost, near, place)
            if gain > 0:
                total += gain
                improved = True
                if forget:
                    t.logged[0] = 0
    return total


@compiled
def kick(t: Tour, cost: Ints) -> int:
    """Exchange two stretches that follow each other somewhere; how much longer the trip became."""
    m = t.size[0]
    span = min(3 + draw(t.rng, SPAN), (m - 2) // 2)
    first = draw(t.rng, m)
    one, two = 1 + draw(t.rng, span), 1 + draw(t.rng, span)
    middle, last = first + one, first + one + two - 1
    a, b = t.at[(first + m - 1) % m], t.at[first]
    c, d = t.at[(middle - 1) % m], t.at[middle % m]
    e, g = t.at[last % m], t.at[(last + 1) % m]
    for begin, length in ((first, one + two), (first, two), (first + two, one)):
        turn(t, begin % m, length)
        t.log[t.logged[0], 0], t.log[t.logged[0], 1] = begin % m, length
        t.logged[0] += 1
    for place in (a, b, c, d, e, g):
        push(t, place)
    return int(cost[a, d] + cost[e, b] + cost[c, g] - cost[a, b] - cost[c, d] - cost[e, g])


@compiled
def kicks(t: Tour, cost: Ints, near: Ints, count: int) -> int:
    """So many restarts; the whole gain."""
    total = 0
    if t.size[0] < 8:
        return 0
    for _ in range(count):
        t.logged[0] = 0
        added = kick(t, cost)
        gain = descend(t, cost, near, False) - added
        if gain >= 0:
            total += gain
        else:
            undo(t, 0)
    t.logged[0] = 0
    return total
