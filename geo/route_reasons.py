"""Why a stop is in no round, and what would make room for it."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from geo.route_board import Board, Room
from geo.route_input import NO_WAY, TICKS_S, is_foreign
from geo.route_kernels import FAR, refresh
from geo.route_types import DAY_S, Inspector, Reason, Remedy, Stop, Unserved

EARLIER_STEP_S = 900
MOST_EXTRA_S = 6 * 3600  # who would have to work longer than that is no remedy
WALK_MS = 1.2
WINDING = 1.4  # ways on foot are so much longer than a straight line
EARTH_M = 6_371_008.8


def apply_remedy(
    inspectors: Sequence[Inspector], stops: Sequence[Stop], remedy: Remedy
) -> tuple[list[Inspector], list[Stop]]:
    """Inspectors and stops with the remedy in force; locks of the stop are the caller's to drop (`any_inspector`).

    The stop becomes one that must be seen: whoever makes room for it wants it before others.
    """
    found = [_helped(one, remedy) if one.id == remedy.inspector else one for one in inspectors]
    return found, [_eased(stop, remedy) if stop.id == remedy.stop else stop for stop in stops]


def _helped(inspector: Inspector, remedy: Remedy) -> Inspector:
    begins, ends = inspector.shift
    limit = inspector.max_distance_m
    return replace(
        inspector,
        shift=(max(0.0, begins - remedy.earlier_s), min(float(DAY_S), ends + remedy.later_s)),
        skills=inspector.skills | remedy.skills,
        patches=inspector.patches | ({remedy.patch} if remedy.patch else frozenset()),
        max_distance_m=limit if limit is None else limit + remedy.further_m,
    )


def _eased(stop: Stop, remedy: Remedy) -> Stop:
    changes: dict[str, object] = {"must_see": True, "priority": 9}
    if remedy.any_time:
        changes |= {"windows": (), "deadline_s": None, "day": None}
    if remedy.reached_from:
        changes |= {"reached_from": remedy.reached_from, "walk_s": remedy.walk_s}
    return replace(stop, **changes)  # type: ignore[arg-type]


class Reasons:
    """Explains what a plan leaves out. `board` holds the plan, `bare` the same stops in empty rounds."""

    def __init__(self, board: Board, bare: Board) -> None:
        """Both boards must be of the same request with all its stops."""
        self.board, self.bare, self.request = board, bare, board.request
        self._by_id = {stop.id: stop for stop in self.request.stops}
        self._inspectors = {inspector.id: inspector for inspector in self.request.inspectors}

    def why(self, name: str) -> Reason:
        """The first reason that holds, the rounds of others left aside; NO_TIME when it is them."""
        stop, everybody = self._by_id[name], self._open()
        able = [r for r in everybody if stop.skills <= self._who(r).skills]
        if not able:
            return Reason.NO_SKILL
        near = [r for r in able if self.request.own_patch != "only" or not is_foreign(stop, self._who(r))]
        if not near:
            return Reason.OWN_PATCH
        lock = self.request.locked.get(name)
        agreed = [r for r in near if lock is None or (lock.inspector, lock.day) == self.bare.rounds[r]]
        if not agreed:
            return Reason.LOCKED
        reached = [r for r in agreed if _is_reached(self.bare, name, r)]
        if not reached:
            return Reason.UNREACHABLE
        return self._alone(name, reached)

    def _alone(self, name: str, rounds: Sequence[int]) -> Reason:
        lacking = self.bare.room(name, rounds)
        if lacking is None or lacking.later_s > 0:
            return Reason.OUTSIDE_HOURS
        if lacking.further_m > 0:
            return Reason.TOO_FAR
        return Reason.NOT_TRIED if self.board.cheapest(name) is not None else Reason.NO_TIME

    def unserved(self, name: str) -> Unserved:
        """Reason and remedy."""
        reason = self.why(name)
        return Unserved(name, reason, None if reason is Reason.NOT_TRIED else self._remedy(name, reason))

    def _remedy(self, name: str, reason: Reason) -> Remedy | None:
        stop = self._by_id[name]
        everybody = self._open()
        if reason is Reason.UNREACHABLE:
            return self._on_foot(stop, everybody)
        groups = self._by_need(stop, everybody)
        for needs in sorted(groups, key=lambda needs: (len(needs), sorted(needs))):
            found = self._make_room(stop, groups[needs])
            if found is not None:
                return self._with_needs(stop, found)
        return None

    def _by_need(self, stop: Stop, rounds: Sequence[int]) -> dict[frozenset[str], list[int]]:
        """Rounds by what would have to be waived for them besides time."""
        groups: dict[frozenset[str], list[int]] = {}
        lock = self.request.locked.get(stop.id)
        for r in rounds:
            needs = set()
            if not stop.skills <= self._who(r).skills:
                needs.add("skill")
            if self.request.own_patch == "only" and is_foreign(stop, self._who(r)):
                needs.add("patch")
            if lock is not None and (lock.inspector, lock.day) != self.board.rounds[r]:
                needs.add("lock")
            if _is_reached(self.board, stop.id, r):
                groups.setdefault(frozenset(needs), []).append(r)
        return groups

    def _with_needs(self, stop: Stop, remedy: Remedy) -> Remedy:
        who = self._inspectors[remedy.inspector]
        lock = self.request.locked.get(stop.id)
        return replace(
            remedy,
            skills=stop.skills - who.skills,
            patch=stop.patch if self.request.own_patch == "only" and is_foreign(stop, who) else "",
            any_inspector=lock is not None and (lock.inspector, lock.day) != (remedy.inspector, remedy.day),
        )

    def _make_room(self, stop: Stop, rounds: Sequence[int]) -> Remedy | None:
        found = self._later(stop, rounds) or self._earlier(stop, rounds)
        if found is None:
            with _always_open(self.board, stop.id):
                found = self._later(stop, rounds)
            found = None if found is None else replace(found, any_time=True)
        return found

    def _later(self, stop: Stop, rounds: Sequence[int]) -> Remedy | None:
        lacking = self.board.room(stop.id, rounds)
        if lacking is None:
            return None
        name, day = self.board.rounds[lacking.round]
        if lacking.later_s > self._most_later(lacking.round):
            return None
        return Remedy(stop.id, name, day, later_s=_up(lacking.later_s), further_m=lacking.further_m)

    def _most_later(self, r: int) -> float:
        return min(MOST_EXTRA_S, DAY_S - self._who(r).shift[1])

    def _earlier(self, stop: Stop, rounds: Sequence[int]) -> Remedy | None:
        """Begin earlier, by quarters of an hour, where that helps."""
        best: Remedy | None = None
        for r in rounds:
            if self.request.standing.get(self.board.rounds[r]):
                continue
            most = min(MOST_EXTRA_S, int(self._who(r).shift[0]))
            for earlier in range(EARLIER_STEP_S, most + 1, EARLIER_STEP_S):
                if best is not None and earlier >= best.earlier_s + best.later_s:
                    break
                lacking = self._room_when_earlier(stop.id, r, earlier)
                if lacking is not None and lacking.later_s <= min(
                    self._most_later(r), MOST_EXTRA_S - earlier
                ):
                    name, day = self.board.rounds[r]
                    best = Remedy(stop.id, name, day, float(earlier), _up(lacking.later_s), lacking.further_m)
                    break
        return best

    def _room_when_earlier(self, name: str, r: int, earlier_s: float) -> Room | None:
        begins = self.board.facts.shift_start
        begins[r] -= int(earlier_s * TICKS_S)
        refresh(self.board.facts, self.board.state, r, self.board.times)
        found = self.board.room(name, [r])
        begins[r] += int(earlier_s * TICKS_S)
        refresh(self.board.facts, self.board.state, r, self.board.times)
        return found

    def _on_foot(self, stop: Stop, rounds: Sequence[int]) -> Remedy | None:
        """Walk the last bit, from the nearest stop that streets lead to."""
        others = sorted(
            (one for one in self.request.stops if one.id != stop.id), key=lambda one: straight_m(stop, one)
        )
        for other in others[:20]:
            if other.reached_from or other.id not in self.board.position:
                continue
            walk = _up(straight_m(stop, other) * WINDING / WALK_MS)
            with _reached_from(self.board, stop.id, other.id, walk):
                groups = self._by_need(stop, [r for r in rounds if _is_reached(self.board, other.id, r)])
                for needs in sorted(groups, key=lambda needs: (len(needs), sorted(needs))):
                    found = self._make_room(stop, groups[needs])
                    if found is not None:
                        return replace(self._with_needs(stop, found), reached_from=other.id, walk_s=walk)
        return None

    def _open(self) -> list[int]:
        return [r for r, key in enumerate(self.board.rounds) if key not in self.request.closed]

    def _who(self, r: int) -> Inspector:
        return self._inspectors[self.board.rounds[r][0]]


def _up(seconds: float) -> float:
    return float(math.ceil(seconds - 1e-6))


def straight_m(a: Stop, b: Stop) -> float:
    """Metres in a straight line."""
    east = math.radians(b.lon - a.lon) * math.cos(math.radians((a.lat + b.lat) / 2))
    return EARTH_M * math.hypot(east, math.radians(b.lat - a.lat))


def _is_reached(board: Board, name: str, r: int) -> bool:
    """Whether streets lead from the round's start to the stop and on to its end."""
    place, n = board.facts.place, len(board.ids)
    stop = place[board.position[name]]
    there, home = (
        board.facts.duration[place[n + 2 * r], stop],
        board.facts.duration[stop, place[n + 2 * r + 1]],
    )
    return bool(there < NO_WAY and home < NO_WAY)


@contextmanager
def _always_open(board: Board, name: str) -> Iterator[None]:
    f = board.facts
    stop = board.position[name]
    own = slice(int(f.window_at[stop]), int(f.window_at[stop + 1]))
    opens, closes = f.opens[own].copy(), f.closes[own].copy()
    f.opens[own], f.closes[own] = 0, FAR
    try:
        yield
    finally:
        f.opens[own], f.closes[own] = opens, closes


@contextmanager
def _reached_from(board: Board, name: str, other: str, walk_s: float) -> Iterator[None]:
    f = board.facts
    here, base = int(f.place[board.position[name]]), int(f.place[board.position[other]])
    tables = [(f.duration, math.ceil(walk_s * TICKS_S))]
    if f.distance is not f.duration:
        tables.append((f.distance, 0))
    kept = [(table[here].copy(), table[:, here].copy()) for table, _ in tables]
    for table, walk in tables:
        table[here] = np.minimum(table[base] + walk, NO_WAY)
        table[:, here] = np.minimum(table[:, base] + walk, NO_WAY)
        table[here, base] = table[base, here] = walk
        table[-1, here] = table[here, -1] = table[here, here] = 0
    try:
        yield
    finally:
        for (table, _), (row, column) in zip(tables, kept, strict=True):
            table[here], table[:, here] = row, column
