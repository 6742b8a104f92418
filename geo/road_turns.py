"""The turns a car may make: from every arc to the arcs that it may continue by.

No turning round in the street except where nothing else is left (a dead end, a barrier). Restrictions at a junction
strike out single turns; one over several streets is followed by further states: the arc, and how far along the
restriction one has come.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from geo.road_graph import ModeGraph

Ints = NDArray[np.int64]
Pending = frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A turn restriction in arcs: whoever came by one of `starts` and then along `via` may (not) take `ends`."""

    starts: frozenset[int]
    via: tuple[int, ...]
    ends: frozenset[int]
    only: bool

    def forbids(self, done: int, arc: int) -> bool:
        return done == len(self.via) and (arc in self.ends) != self.only


def turn_edges(graph: "ModeGraph", closed: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, int]:
    """(from state, to state, arc taken) of every turn, and the number of states; states 0.. are the arcs themselves.

    `closed` marks arcs that end at a barrier.
    """
    before, after = _meetings(graph.tail, graph.head)
    back = _reverse(graph)
    ahead = (after != back[before]) & ~closed[before]
    dead_end = np.bincount(before[ahead], minlength=len(graph.tail)) == 0
    turns = ahead | ((after == back[before]) & dead_end[before])
    ruled = _Ruled(graph, back, before[turns], after[turns])
    plain = turns & ~np.isin(before, ruled.arcs)
    tail, head, arc = ruled.edges()
    return (
        np.concatenate([before[plain], tail]),
        np.concatenate([after[plain], head]),
        np.concatenate([after[plain], arc]),
        ruled.states,
    )


def _meetings(tail: Ints, head: Ints) -> tuple[Ints, Ints]:
    """Every pair of arcs of which the second begins where the first ends."""
    order = np.argsort(tail, kind="stable")
    first = np.searchsorted(tail[order], head)
    count = np.searchsorted(tail[order], head, side="right") - first
    before = np.repeat(np.arange(len(head)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return before, order[first[before] + within]


def _reverse(graph: "ModeGraph") -> Ints:
    """The arc that runs the other way along the same segment, -1 where none."""
    arcs = graph.arcs_of_segment
    pairs = zip(graph.segment.tolist(), graph.along.tolist(), strict=True)
    return np.array([arcs.get((segment, not along), -1) for segment, along in pairs], dtype=np.int64)


class _Ruled:
    """The arcs that a restriction begins with, and the states in which one is on its way along one."""

    def __init__(self, graph: "ModeGraph", back: Ints, before: Ints, after: Ints) -> None:
        self._rules, self._back = _rules(graph), back
        self.states = len(graph.tail)
        self._starting: dict[int, list[int]] = defaultdict(list)
        for number, rule in enumerate(self._rules):
            for arc in rule.starts:
                self._starting[arc].append(number)
        self.arcs: Ints = np.array(sorted(self._starting), dtype=np.int64)
        followed = set(self._starting) | {arc for rule in self._rules for arc in rule.via}
        wanted = np.isin(before, list(followed))
        self._next: dict[int, list[int]] = defaultdict(list)
        for one, two in zip(before[wanted].tolist(), after[wanted].tolist(), strict=True):
            self._next[one].append(two)
        self._ids: dict[tuple[int, Pending], int] = {}
        self._edges: list[tuple[int, int, int]] = []
        self._todo: list[tuple[int, Pending]] = []
        for arc in self._starting:
            self._leave(arc, arc, self._begun(arc))
        while self._todo:
            arc, pending = self._todo.pop()
            self._leave(self._ids[arc, pending], arc, pending | self._begun(arc))

    def edges(self) -> tuple[Ints, Ints, Ints]:
        """(from state, to state, arc taken) of the turns out of these states."""
        table = np.array(self._edges, dtype=np.int64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]

    def _leave(self, state: int, arc: int, pending: Pending) -> None:
        """The turns out of a state. Where all are forbidden one may turn round."""
        allowed = [
            then
            for then in self._next[arc]
            if not any(self._rules[r].forbids(done, then) for r, done in pending)
        ]
        if not allowed and self._back[arc] >= 0:
            allowed = [int(self._back[arc])]
        for then in allowed:
            still = frozenset(
                (r, done + 1)
                for r, done in pending
                if done < len(self._rules[r].via) and self._rules[r].via[done] == then
            )
            self._edges.append((state, self._state(then, still), then))

    def _begun(self, arc: int) -> Pending:
        return frozenset((rule, 0) for rule in self._starting.get(arc, ()))

    def _state(self, arc: int, pending: Pending) -> int:
        if not pending:
            return arc
        if (arc, pending) not in self._ids:
            self._ids[arc, pending] = self.states
            self.states += 1
            self._todo.append((arc, pending))
        return self._ids[arc, pending]


def _rules(graph: "ModeGraph") -> list[_Rule]:
    network = graph.network
    by_way: dict[int, list[int]] = defaultdict(list)
    wanted = set(network.turns[:, :2].ravel().tolist()) | set(network.turn_via.tolist())
    for segment in np.flatnonzero(np.isin(network.way, list(wanted))).tolist():
        by_way[int(network.way[segment])].append(segment)
    rules = []
    for number, (start, end, node, only) in enumerate(network.turns.tolist()):
        ways = network.turn_via[network.turn_offset[number] : network.turn_offset[number + 1]].tolist()
        rule = _rule(graph, by_way, [start, *ways, end], node, bool(only))
        if rule is not None:
            rules.append(rule)
    return rules


def _rule(
    graph: "ModeGraph", by_way: dict[int, list[int]], ways: list[int], node: int, only: bool
) -> _Rule | None:
    """A restriction in arcs; None where the extract lacks a way of it or its ways do not meet."""
    network = graph.network
    corners = [{*network.start[by_way[w]].tolist(), *network.end[by_way[w]].tolist()} for w in ways]
    meeting = [node] if len(ways) == 2 else [_one(a & b) for a, b in pairwise(corners)]
    if any(at is None for at in meeting):
        return None
    via: list[int] = []
    for way, at, then in zip(ways[1:-1], meeting, meeting[1:], strict=False):
        run = _run(graph, by_way[way], at, then)
        if run is None:
            return None
        via += run
    arcs = graph.arcs_of_segment
    both = [(s, way) for s in (True, False) for way in (0, -1)]
    ends: dict[int, set[int]] = {0: set(), -1: set()}
    for along, which in both:
        for segment in by_way[ways[which]]:
            arc = arcs.get((segment, along))
            side = graph.head if which == 0 else graph.tail
            if arc is not None and side[arc] == meeting[which]:
                ends[which].add(arc)
    if not ends[0] or not ends[-1]:
        return None
    return _Rule(frozenset(ends[0]), tuple(via), frozenset(ends[-1]), only)


def _one(nodes: set[int]) -> int | None:
    return next(iter(nodes)) if len(nodes) == 1 else None


def _run(graph: "ModeGraph", segments: list[int], at: int | None, then: int | None) -> list[int] | None:
    """The arcs along a way from one of its nodes to another. A way's segments are numbered in its order."""
    network = graph.network
    nodes = [int(network.start[segments[0]]), *network.end[segments].tolist()]
    if at not in nodes or then not in nodes:
        return None
    i, j = nodes.index(at), nodes.index(then)
    steps = [(s, True) for s in segments[i:j]] if i < j else [(s, False) for s in reversed(segments[j:i])]
    arcs = [graph.arcs_of_segment.get(step) for step in steps]
    return None if any(arc is None for arc in arcs) else [arc for arc in arcs if arc is not None]
