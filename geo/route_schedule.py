"""Times along a round whose order is given: as early as possible, breaks where they delay least."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from geo.route_input import effective, way_m
from geo.route_types import DAY_S, Break, Floats, Inspector, Rest, Route, RouteRequest, Stop, Visit

SLACK_S = 1e-6


class Infeasible(ValueError):
    """The order cannot be kept with these windows, breaks and hours."""


@dataclass(frozen=True)
class _Moment:
    """Being ready at a place: when, how it was reached, and the breaks taken on the way there."""

    ready_s: float
    arrive_s: float
    begin_s: float
    rests: tuple[Rest, ...]
    before: "_Moment | None"


def timed_route(
    request: RouteRequest,
    inspector: Inspector,
    day: int,
    stops: Sequence[str],
    durations: Floats | None = None,
) -> Route:
    """The round with its times. Raises `Infeasible`. `durations`: `effective` ones, where they are at hand."""
    if durations is None:
        durations = effective(request, request.durations_s)
    k = request.inspectors.index(inspector)
    index = {stop.id: row for row, stop in enumerate(request.stops)}
    standing = request.standing.get((inspector.id, day))
    done = standing.visits if standing else ()
    if not stops and not done:
        return Route(inspector.id, day)
    begins = max(inspector.shift[0], standing.free_s) if standing else inspector.shift[0]
    taken = standing.rests if standing else ()
    breaks = sorted(inspector.breaks, key=lambda rest: rest.earliest_s)[len(taken) :]
    here: int | None = len(request.stops) + 2 * k if inspector.start is not None else None
    if done:
        here = index[done[-1].stop]
    states: dict[int, _Moment] = {0: _Moment(begins, begins, begins, (), None)}
    for count, name in enumerate(stops):
        row = index[name]
        stop = request.stops[row]
        travel = 0.0 if here is None else float(durations[here, row])
        states = _ride(states, travel, breaks, len(done) + count)
        states = _serve(states, stop, day)
        here = row
    home = 0.0
    if inspector.end is not None and here is not None:
        home = float(durations[here, len(request.stops) + 2 * k + 1])
    states = _ride(states, home, breaks, len(done) + len(stops))
    final = _end(states, inspector.shift[1], breaks)
    passed = [visit.stop for visit in done] + list(stops)
    return _built(request, inspector, day, k, passed, done, taken, final, durations)


def _ride(
    states: dict[int, _Moment], travel: float, breaks: Sequence[Break], after: int
) -> dict[int, _Moment]:
    """Go on to the next place; before the ride or at its end the next breaks may be taken."""
    if math.isinf(travel):
        raise Infeasible("there is no way")
    found: dict[int, _Moment] = {}
    for k in range(len(breaks) + 1):
        options = []
        if k in states:
            left = states[k].ready_s
            options.append(_Moment(left + travel, left + travel, 0.0, (), states[k]))
        if k > 0:
            rest = breaks[k - 1]
            if k - 1 in found:  # at the end of the ride
                so_far = found[k - 1]
                begin = max(so_far.ready_s, rest.earliest_s)
                if begin <= rest.latest_s + SLACK_S:
                    end = begin + rest.duration_s
                    rests = (*so_far.rests, Rest(begin, end, after))
                    options.append(_Moment(end, so_far.arrive_s, 0.0, rests, so_far.before))
            if k - 1 in states:  # before it
                begin = max(states[k - 1].ready_s, rest.earliest_s)
                if begin <= rest.latest_s + SLACK_S:
                    end = begin + rest.duration_s
                    options.append(
                        _Moment(end + travel, end + travel, 0.0, (Rest(begin, end, after),), states[k - 1])
                    )
        if options:
            found[k] = min(options, key=lambda moment: moment.ready_s)
    return found


def _serve(states: dict[int, _Moment], stop: Stop, day: int) -> dict[int, _Moment]:
    found = {}
    for k, moment in states.items():
        begin = first_start(stop, day, moment.ready_s)
        if begin is not None:
            found[k] = _Moment(begin + stop.service_s, moment.arrive_s, begin, moment.rests, moment.before)
    if not found:
        raise Infeasible(f"stop {stop.id} is reached after its last window")
    return found


def first_start(stop: Stop, day: int, ready_s: float) -> float | None:
    """When service may begin for somebody who is ready then; None when no window is left that day."""
    if stop.day is not None and stop.day != day:
        return None
    latest = math.inf if stop.deadline_s is None else stop.deadline_s - day * DAY_S
    for opens, closes in sorted(stop.windows) or [(-math.inf, math.inf)]:
        begin = max(ready_s, opens)
        if begin <= min(closes, latest) + SLACK_S:
            return begin
    return None


def _end(states: dict[int, _Moment], shift_end: float, breaks: Sequence[Break]) -> _Moment:
    good = [
        moment
        for k, moment in states.items()
        if moment.ready_s <= shift_end + SLACK_S
        and (k == len(breaks) or moment.ready_s <= breaks[k].latest_s + SLACK_S)
    ]
    if not good:
        raise Infeasible("the round ends after the shift or leaves no room for a break")
    return min(good, key=lambda moment: moment.ready_s)


def _built(
    request: RouteRequest, inspector: Inspector, day: int, k: int, passed: Sequence[str], done: Sequence[Visit],
    taken: Sequence[Rest], final: _Moment, durations: Floats,
) -> Route:  # fmt: skip
    chain = [final]
    while chain[-1].before is not None:
        chain.append(chain[-1].before)
    chain.reverse()
    new = passed[len(done) :]
    visits = [Visit(name, m.arrive_s, m.begin_s, m.ready_s) for name, m in zip(new, chain[1:-1], strict=True)]
    rests = [rest for moment in chain for rest in moment.rests]
    depart = chain[0].ready_s
    if done:
        depart = done[0].arrive_s
        if inspector.start is not None:
            depart -= float(durations[len(request.stops) + 2 * k, _row(request, done[0].stop)])
    elif visits:
        depart = _later_start(visits, rests, depart)
    everything = [*done, *visits]
    travel = _travel(request, inspector, k, passed, durations)
    service = sum(visit.leave_s - visit.start_s for visit in everything)
    return Route(
        inspector.id, day, tuple(everything), (*taken, *rests), depart, final.ready_s, travel, service,
        way_m(request, inspector, k, passed),
    )  # fmt: skip


def _later_start(visits: list[Visit], rests: Sequence[Rest], depart: float) -> float:
    """Set out later rather than wait at the first stop; the first visit's arrival changes, nothing after it."""
    first = visits[0]
    wait = first.start_s - first.arrive_s
    if wait <= 0 or any(rest.after == 0 for rest in rests):
        return depart
    visits[0] = Visit(first.stop, first.start_s, first.start_s, first.leave_s)
    return depart + wait


def _row(request: RouteRequest, name: str) -> int:
    return next(row for row, stop in enumerate(request.stops) if stop.id == name)


def _travel(
    request: RouteRequest, inspector: Inspector, k: int, passed: Sequence[str], durations: Floats
) -> float:
    index = {stop.id: row for row, stop in enumerate(request.stops)}
    along = [index[name] for name in passed]
    if inspector.start is not None:
        along.insert(0, len(request.stops) + 2 * k)
    if inspector.end is not None:
        along.append(len(request.stops) + 2 * k + 1)
    return float(durations[along[:-1], along[1:]].sum())
