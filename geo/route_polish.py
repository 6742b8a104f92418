"""Shortening a route whose stops may stand in any order, as a round trip by Lin-Kernighan."""

from geo.route_kernels import FAR, Facts, State, compiled, refresh, route_cost
from geo.route_lin_kernighan import descend
from geo.route_pool import Pool
from geo.route_tour import next_of, push


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
