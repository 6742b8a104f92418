"""A round trip as an array, changed by turning stretches of it round, each on record so that it can be undone."""

from typing import NamedTuple

import numpy as np

from geo.route_kernels import Ints, compiled

DEPTH = 40
LOG = 1 << 16


class Tour(NamedTuple):
    """A round trip and the memory to change it."""

    at: Ints  # [n] the place at each position, as many as size[0]
    position: Ints  # [n] of each place; -1: not on the trip
    size: Ints  # [1]
    log: Ints  # [LOG, 2] stretches that were turned round: first position, length; their number is in logged
    logged: Ints  # [1]
    queue: Ints  # [n] places whose surroundings changed
    queued: Ints  # [n]
    queue_ends: Ints  # [2] first, count
    joined: Ints  # [2, DEPTH + 2] ends of the links added by the present step
    rng: Ints  # [1]


@compiled
def next_of(t: Tour, place: int) -> int:
    """The place after this one."""
    position = t.position[place] + 1
    return int(t.at[0 if position == t.size[0] else position])


@compiled
def last_of(t: Tour, place: int) -> int:
    """The place before this one."""
    position = t.position[place]
    return int(t.at[t.size[0] - 1 if position == 0 else position - 1])


@compiled
def turn(t: Tour, first: int, length: int) -> None:
    """Turn the stretch of so many positions from `first` round."""
    m = t.size[0]
    i, j = first, first + length - 1
    if j >= m:
        j -= m
    for _ in range(length // 2):
        a, b = t.at[i], t.at[j]
        t.at[i], t.at[j] = b, a
        t.position[b], t.position[a] = i, j
        i += 1
        if i == m:
            i = 0
        j -= 1
        if j < 0:
            j = m - 1


@compiled
def flip(t: Tour, a: int, b: int) -> None:
    """Turn the way from a to b round, or all the rest, whichever is shorter; noted in the log."""
    m = t.size[0]
    i = t.position[a]
    length = t.position[b] - i + 1
    if length <= 0:
        length += m
    if 2 * length > m:
        i = t.position[b] + 1
        if i == m:
            i = 0
        length = m - length
    turn(t, i, length)
    count = t.logged[0]
    if count < len(t.log):
        t.log[count, 0], t.log[count, 1] = i, length
    t.logged[0] = count + 1


@compiled
def undo(t: Tour, count: int) -> None:
    """Take back what was turned round since the log had `count` entries."""
    while t.logged[0] > count:
        t.logged[0] -= 1
        turn(t, t.log[t.logged[0], 0], t.log[t.logged[0], 1])


@compiled
def push(t: Tour, place: int) -> None:
    """Look at the place again."""
    if t.queued[place] == 0:
        t.queued[place] = 1
        end = t.queue_ends[0] + t.queue_ends[1]
        t.queue[end % len(t.queue)] = place
        t.queue_ends[1] += 1


@compiled
def turn_between(t: Tour, outside: int, a: int, b: int) -> None:
    """Turn the way a … b round, whose end a stands beside `outside`."""
    if next_of(t, outside) == a:
        flip(t, a, b)
    else:
        flip(t, b, a)


@compiled
def nearest_first(t: Tour, cost: Ints, near: Ints, members: Ints) -> None:
    """A first trip through the members: always to the nearest that is left."""
    n = len(t.position)
    for place in range(n):
        t.position[place] = -1
        t.queued[place] = 0
    for place in members:
        t.position[place] = -2
    t.queue_ends[0], t.queue_ends[1] = 0, 0
    here, count, rest = members[0], 0, 0
    while True:
        t.at[count], t.position[here] = here, count
        count += 1
        push(t, here)
        if count == len(members):
            break
        following = -1
        for k in range(near.shape[1]):
            if t.position[near[here, k]] == -2:
                following = near[here, k]
                break
        while following < 0:  # all its neighbours are visited: the first that is not
            if t.position[members[rest]] == -2:
                following = members[rest]
            else:
                rest += 1
        here = following
    t.size[0], t.logged[0] = count, 0


def new_tour(places: int, seed: int) -> Tour:
    """Memory for a trip through some of so many places."""
    blank = [np.zeros(places, dtype=np.int64) for _ in range(4)]
    return Tour(
        at=blank[0],
        position=blank[1] - 1,
        size=np.zeros(1, dtype=np.int64),
        log=np.zeros((LOG, 2), dtype=np.int64),
        logged=np.zeros(1, dtype=np.int64),
        queue=blank[2],
        queued=blank[3],
        queue_ends=np.zeros(2, dtype=np.int64),
        joined=np.full((2, DEPTH + 2), -1),
        rng=np.array([1 + seed % 2147483646]),
    )
