"""Whether a plan keeps every condition, computed anew from what was asked: shares no code with the search."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from geo.route_types import Floats, Inspector, Plan, Rest, Route, RouteRequest, Stop

TOLERANCE_S = 0.05


class FaultKind(StrEnum):
    """What is wrong with a plan."""

    UNKNOWN = "unknown"  # a stop or inspector that was not asked for
    TWICE = "twice"  # a stop in two places
    FORGOTTEN = "forgotten"  # a stop neither served nor left out
    TIMES = "times"  # arithmetic: an arrival that does not follow from the last leaving
    WINDOW = "window"
    DEADLINE = "deadline"
    DAY = "day"
    SHIFT = "shift"
    BREAK = "break"
    SKILL = "skill"
    PATCH = "patch"
    DISTANCE = "distance"
    LOCK = "lock"
    STANDING = "standing"  # a visit that was made already is changed
    SUMS = "sums"  # travel, service or distance of a round


@dataclass(frozen=True)
class Fault:
    """One condition that a plan breaks, and where."""

    kind: FaultKind
    inspector: str = ""
    day: int = 0
    stop: str = ""
    detail: str = ""


def check_plan(plan: Plan, request: RouteRequest | None = None) -> list[Fault]:
    """Every fault of a plan against a request (none: its own); empty when it is good."""
    asked = request or plan.request
    faults = _membership(plan, asked)
    if faults:
        return faults
    durations, stops = _walked(asked, asked.durations_s, 1.0), {stop.id: stop for stop in asked.stops}
    for route in plan.routes:
        number = next(k for k, inspector in enumerate(asked.inspectors) if inspector.id == route.inspector)
        faults += _Round(asked, route, number, durations, stops).faults()
    return faults + _locks(plan, asked)


def _membership(plan: Plan, request: RouteRequest) -> list[Fault]:
    faults = []
    known, seen = {stop.id for stop in request.stops}, set[str]()
    rounds = {(inspector.id, day) for inspector in request.inspectors for day in inspector.days}
    names = [(route.inspector, route.day, visit.stop) for route in plan.routes for visit in route.visits]
    names += [("", 0, left.stop) for left in plan.unserved]
    for inspector, day, stop in names:
        if stop not in known:
            faults.append(Fault(FaultKind.UNKNOWN, inspector, day, stop))
        if stop in seen:
            faults.append(Fault(FaultKind.TWICE, inspector, day, stop))
        seen.add(stop)
    faults += [Fault(FaultKind.FORGOTTEN, stop=stop) for stop in sorted(known - seen)]
    made = [(route.inspector, route.day) for route in plan.routes]
    faults += [Fault(FaultKind.UNKNOWN, *key) for key in made if key not in rounds]
    return faults + [
        Fault(FaultKind.TWICE, *key) for key in sorted({key for key in made if made.count(key) > 1})
    ]


def _walked(request: RouteRequest, matrix: Floats, counts: float) -> Floats:
    """Travel times (or distances, in which walks do not count), for stops reached on foot from another one, too."""
    table = np.array(matrix, dtype=float)
    position = {stop.id: k for k, stop in enumerate(request.stops)}
    for k, stop in enumerate(request.stops):
        if stop.reached_from:
            base = position[stop.reached_from]
            for other in range(len(table)):
                table[k, other] = table[base, other] + counts * stop.walk_s
                table[other, k] = table[other, base] + counts * stop.walk_s
            table[k, base] = table[base, k] = counts * stop.walk_s
            table[k, k] = 0.0
    return table


class _Round:
    """The check of one route."""

    def __init__(
        self, request: RouteRequest, route: Route, number: int, durations: Floats, stops: dict[str, Stop]
    ) -> None:
        self.request, self.route, self.durations, self.stops = request, route, durations, stops
        self.inspector: Inspector = request.inspectors[number]
        base = len(request.stops) + 2 * number
        self.start = base if self.inspector.start is not None else None
        self.end = base + 1 if self.inspector.end is not None else None
        self.row = {stop.id: k for k, stop in enumerate(request.stops)}
        self.found: list[Fault] = []

    def fault(self, kind: FaultKind, stop: str = "", detail: str = "") -> None:
        self.found.append(Fault(kind, self.route.inspector, self.route.day, stop, detail))

    def faults(self) -> list[Fault]:
        if not self.route.visits:
            return self.found
        self._times()
        for visit in self.route.visits:
            self._stop(self.stops[visit.stop], visit.start_s)
        self._shift()
        self._breaks()
        self._sums()
        self._standing()
        return self.found

    def _times(self) -> None:
        here, left = self.start, self.route.depart_s
        for count, visit in enumerate(self.route.visits):
            there = self.row[visit.stop]
            self._gap(here, there, left, visit.arrive_s, count, visit.stop)
            rests = [
                rest
                for rest in self.route.rests
                if rest.after == count and rest.start_s >= visit.arrive_s - 1e-3
            ]
            if visit.start_s < max([visit.arrive_s, *(rest.end_s for rest in rests)]) - TOLERANCE_S:
                self.fault(FaultKind.TIMES, visit.stop, "service begins before the arrival")
            if abs(visit.leave_s - visit.start_s - self.stops[visit.stop].service_s) > TOLERANCE_S:
                self.fault(FaultKind.TIMES, visit.stop, "service takes another time than asked")
            here, left = there, visit.leave_s
        rests = [rest for rest in self.route.rests if rest.after == len(self.route.visits)]
        arrive = self.route.end_s
        for rest in rests:
            if abs(rest.end_s - arrive) < TOLERANCE_S:
                arrive = left + (0.0 if self.end is None else float(self.durations[here, self.end]))
                break
        self._gap(here, self.end, left, arrive, len(self.route.visits), "")
        if self.route.end_s < max([arrive, *(rest.end_s for rest in rests)]) - TOLERANCE_S:
            self.fault(FaultKind.TIMES, detail="the round ends before the arrival")

    def _gap(
        self, here: int | None, there: int | None, left: float, arrive: float, count: int, stop: str
    ) -> None:
        """The ride between two places takes just the travel time, and the breaks taken before it."""
        travel = 0.0 if here is None or there is None else float(self.durations[here, there])
        rests = [
            rest for rest in self.route.rests if rest.after == count and rest.end_s <= arrive + TOLERANCE_S
        ]
        before = [
            rest
            for rest in rests
            if rest.start_s < arrive - 1e-3 and rest.end_s <= arrive - travel + TOLERANCE_S
        ]
        ready = max([left, *(rest.end_s for rest in before if rest.end_s > left)])
        standing = self.request.standing.get(self.route.key)
        if standing and standing.visits and count == len(standing.visits):
            ready = max(ready, standing.free_s)
        if not math.isfinite(travel):
            self.fault(FaultKind.TIMES, stop, "there is no way")
        elif abs(ready + travel - arrive) > TOLERANCE_S:
            self.fault(FaultKind.TIMES, stop, f"arrives at {arrive:.1f}, not {ready + travel:.1f}")

    def _stop(self, stop: Stop, begin: float) -> None:
        if stop.windows and not any(a - TOLERANCE_S <= begin <= b + TOLERANCE_S for a, b in stop.windows):
            self.fault(FaultKind.WINDOW, stop.id)
        if stop.day is not None and stop.day != self.route.day:
            self.fault(FaultKind.DAY, stop.id)
        if stop.deadline_s is not None and begin + self.route.day * 86_400 > stop.deadline_s + TOLERANCE_S:
            self.fault(FaultKind.DEADLINE, stop.id)
        if stop.skills - self.inspector.skills:
            self.fault(FaultKind.SKILL, stop.id, ", ".join(sorted(stop.skills - self.inspector.skills)))
        if self.request.own_patch == "only" and stop.patch and stop.patch not in self.inspector.patches:
            self.fault(FaultKind.PATCH, stop.id, stop.patch)

    def _shift(self) -> None:
        begins, ends = self.inspector.shift
        if self.route.depart_s < begins - TOLERANCE_S and not self.request.standing.get(self.route.key):
            self.fault(FaultKind.SHIFT, detail="sets out before the shift begins")
        if self.route.end_s > ends + TOLERANCE_S:
            self.fault(
                FaultKind.SHIFT, detail=f"is back at {self.route.end_s:.0f}, the shift ends at {ends:.0f}"
            )

    def _breaks(self) -> None:
        wanted = sorted(self.inspector.breaks, key=lambda rest: rest.earliest_s)
        taken = sorted(self.route.rests, key=lambda rest: rest.start_s)
        if len(taken) > len(wanted):
            self.fault(FaultKind.BREAK, detail="more breaks than agreed")
        for number, rest in enumerate(wanted):
            if number >= len(taken):
                if self.route.end_s > rest.latest_s + TOLERANCE_S:
                    self.fault(FaultKind.BREAK, detail="a break is missing")
                continue
            got = taken[number]
            good = rest.earliest_s - TOLERANCE_S <= got.start_s <= rest.latest_s + TOLERANCE_S
            if not good or got.end_s - got.start_s < rest.duration_s - TOLERANCE_S:
                self.fault(
                    FaultKind.BREAK, detail=f"a break at {got.start_s:.0f}, at a wrong time or too short"
                )
        self._rests_are_free(taken)

    def _rests_are_free(self, rests: Sequence[Rest]) -> None:
        for rest in rests:
            for visit in self.route.visits:
                if rest.start_s < visit.leave_s - TOLERANCE_S and visit.start_s < rest.end_s - TOLERANCE_S:
                    self.fault(FaultKind.BREAK, visit.stop, "works during a break")

    def _sums(self) -> None:
        along = [self.row[visit.stop] for visit in self.route.visits]
        along = (
            ([] if self.start is None else [self.start]) + along + ([] if self.end is None else [self.end])
        )
        legs = list(pairwise(along))
        travel = math.fsum(float(self.durations[a, b]) for a, b in legs)
        service = math.fsum(visit.leave_s - visit.start_s for visit in self.route.visits)
        if (
            abs(travel - self.route.travel_s) > TOLERANCE_S
            or abs(service - self.route.service_s) > TOLERANCE_S
        ):
            self.fault(FaultKind.SUMS)
        if self.request.distance_m is None:
            return
        ways = _walked(self.request, self.request.distance_m, 0.0)
        distance = math.fsum(float(ways[a, b]) for a, b in legs)
        if abs(distance - self.route.distance_m) > 0.5:
            self.fault(FaultKind.SUMS, detail="distance")
        if self.inspector.max_distance_m is not None and distance > self.inspector.max_distance_m + 0.5:
            self.fault(FaultKind.DISTANCE, detail=f"{distance:.0f} m")

    def _standing(self) -> None:
        standing = self.request.standing.get(self.route.key)
        if self.route.key in self.request.closed and len(self.route.visits) > len(
            standing.visits if standing else ()
        ):
            self.fault(FaultKind.SHIFT, detail="the round takes nothing more")
        if standing and self.route.visits[: len(standing.visits)] != standing.visits:
            self.fault(FaultKind.STANDING)


def _locks(plan: Plan, request: RouteRequest) -> list[Fault]:
    faults: list[Fault] = []
    for route in plan.routes:
        orders = []
        for visit in route.visits:
            lock = request.locked.get(visit.stop)
            if lock is None:
                continue
            if (lock.inspector, lock.day) != route.key:
                faults.append(Fault(FaultKind.LOCK, route.inspector, route.day, visit.stop))
            elif lock.order is not None:
                orders.append(lock.order)
        if orders != sorted(orders):
            faults.append(Fault(FaultKind.LOCK, route.inspector, route.day, detail="order"))
    for left in plan.unserved:
        lock = request.locked.get(left.stop)
        if lock is not None and lock.order is not None:
            faults.append(Fault(FaultKind.LOCK, lock.inspector, lock.day, left.stop, "left out"))
    return faults
