"""What is left of a round, timed anew from the present moment: when each stop is reached and which are missed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from geo.route_input import effective
from geo.route_schedule import Infeasible, timed_route
from geo.route_types import DAY_S, Inspector, Rest, Route, RouteRequest, Standing, Stop, Visit

_LATEST_S: Final = 3 * DAY_S
"""An end of the working day that nobody reaches: with it only the stop's own hours can be missed."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds from midnight. ``visits`` are the open stops that can still be made, in order; ``missed`` the others
    with why: shift (the working day is over), window (its hours are), deadline, unreachable.
    """

    visits: tuple[Visit, ...]
    missed: dict[str, str]
    rests: tuple[Rest, ...]
    end_s: float


def forecast(request: RouteRequest, key: tuple[str, int], order: Sequence[str], now_s: float) -> Forecast:
    """Go on now with these open stops (ids) in this order; whatever does not fit is left out and the rest goes on.

    ``request`` knows what was done already (`RouteRequest.standing`). Nothing is compiled: a round is short.
    """
    inspector = next(one for one in request.inspectors if one.id == key[0])
    standing = standing_now(request.standing.get(key), inspector, now_s)
    asked = request.changed(standing={**request.standing, key: standing})
    durations = effective(asked, asked.durations_s)
    kept: list[str] = []
    missed: dict[str, str] = {}
    best: Route | None = None
    for stop in order:
        try:
            best = timed_route(asked, inspector, key[1], [*kept, stop], durations)
            kept.append(stop)
        except Infeasible:
            missed[stop] = _why(asked, inspector, key, [*kept, stop])
    if best is None or not kept:
        return Forecast((), missed, standing.rests, max(now_s, standing.free_s))
    made = len(standing.visits)
    return Forecast(best.visits[made:], missed, best.rests[len(standing.rests) :], best.end_s)


def standing_now(standing: Standing | None, inspector: Inspector, now_s: float) -> Standing:
    """How far the round has come at a moment: free now at the earliest; a break whose time has passed was taken."""
    visits = standing.visits if standing else ()
    known = standing.rests if standing else ()
    free_s = max(now_s, standing.free_s if standing else 0.0)
    breaks = sorted(inspector.breaks, key=lambda rest: rest.earliest_s)
    taken = list(known)
    for rest in breaks[len(known) :]:
        if rest.latest_s >= free_s:
            break
        taken.append(Rest(rest.earliest_s, rest.earliest_s + rest.duration_s, len(visits)))
    return Standing(visits, tuple(taken), free_s)


def _why(request: RouteRequest, inspector: Inspector, key: tuple[str, int], order: Sequence[str]) -> str:
    free = replace(inspector, shift=(inspector.shift[0], _LATEST_S), breaks=())
    eased = request.changed(
        inspectors=tuple(free if one.id == inspector.id else one for one in request.inspectors),
        standing={key: replace(request.standing[key], rests=())},
    )
    durations = effective(eased, eased.durations_s)
    try:
        timed_route(eased, free, key[1], order, durations)
    except Infeasible:
        row = next(k for k, stop in enumerate(request.stops) if stop.id == order[-1])
        return "unreachable" if _is_cut_off(durations, row) else _closed(request.stops[row])
    return "shift"


def _is_cut_off(durations: object, row: int) -> bool:
    column = durations[:, row]  # type: ignore[index]
    return all(math.isinf(value) for k, value in enumerate(column.tolist()) if k != row)


def _closed(stop: Stop) -> str:
    return "window" if stop.windows else "deadline"
