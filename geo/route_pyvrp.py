"""The same problem in PyVRP's terms, where it has them: its iterated local search is best with time windows."""

import time
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from geo.route_kernels import FAR
from geo.route_problem import Problem

if TYPE_CHECKING:
    from pyvrp import ProblemData, Route

    from geo.route_search import Effort, Routes

LATEST = 1 << 44  # PyVRP multiplies times by penalties in 64 bits
STEPS_FOR_ONE = 20  # steps of ruin and recreate in the time of one of PyVRP's


def can_express(problem: Problem) -> bool:
    """Windows, loads, shifts and skills, but one window a stop, no breaks, no wishes, nothing agreed before."""
    facts = problem.facts
    timed = bool(np.any(facts.closes < FAR))
    plain = len(facts.opens) == len(facts.prize) and len(facts.break_earliest) == 0
    free = not facts.fixed.any() and facts.balance[0] == 0 and not np.any(facts.extra > 0)
    limited = bool(np.any(facts.max_distance < FAR))
    return timed and plain and free and (not limited or facts.distance is facts.cost)


def improve(problem: Problem, start: "Routes", effort: "Effort", share: float) -> "Routes | None":
    """PyVRP's best until `share` of the effort is spent; None when it finds nothing that keeps every condition.

    Only for problems of which a plan that serves every stop is known. Travel time is the distance: with a unit
    cost of duration PyVRP 0.14 leaves out stops that could be served.
    """
    import pyvrp

    data = _data(problem)
    ends = time.thread_time() + share * effort.left
    initial = pyvrp.Solution(data, _assigned(data, start))
    most = 1 << 60 if effort.steps is None else max(1, effort.steps // STEPS_FOR_ONE)
    done = 0

    def stop(best_cost: int) -> bool:
        nonlocal done
        done += 1
        return done > most or effort.spent >= 1.0 or (effort.steps is None and time.thread_time() >= ends)

    given = initial if initial.is_feasible() and _rough(problem) else None
    best = pyvrp.solve(data, stop, seed=effort.seed + 1, collect_stats=False, initial_solution=given).best
    if not best.is_feasible():
        return None
    found: Routes = [[] for _ in problem.routes]
    by_type: dict[int, list[int]] = {}
    for r, kind in enumerate(_types(problem)):
        by_type.setdefault(kind, []).append(r)
    for route in best.routes():
        r = by_type[route.vehicle_type()].pop(0)
        found[r] = [activity.idx for activity in route.schedule() if activity.is_client()]
    return found


def _rough(problem: Problem) -> bool:
    """Whether the start is worth more to PyVRP than one of its own: few long routes, where its own is slow."""
    return len(problem.stops) > 100 * len(problem.routes)


def _types(problem: Problem) -> list[int]:
    """The vehicle type of each route: those that are alike share one."""
    seen: dict[tuple[object, ...], int] = {}
    return [
        seen.setdefault((r.start, r.end, r.shift, r.max_distance, r.capacity, r.kind), len(seen))
        for r in problem.routes
    ]


def _data(problem: Problem) -> "ProblemData":
    import pyvrp

    facts = problem.facts
    kinds = facts.extra.shape[0]
    barred = [k for k in range(kinds) if np.any(facts.extra[k] < 0)]
    clients = [
        pyvrp.Client(
            int(facts.place[i]),
            delivery=[int(facts.load[i]), *(int(facts.extra[k, i] < 0) for k in barred)],
            service_duration=int(facts.service[i]),
            tw_early=int(facts.opens[i]),
            tw_late=int(min(facts.closes[i], LATEST)),
        )
        for i in range(len(facts.prize))
    ]
    depots: dict[int, int] = {}
    types: dict[int, pyvrp.VehicleType] = {}
    numbers = _types(problem)
    for r, number in enumerate(numbers):
        route = problem.routes[r]
        start = depots.setdefault(route.start, len(depots))
        end = depots.setdefault(route.end, len(depots))
        limits = [min(route.capacity, LATEST), *(0 if k == route.kind else LATEST for k in barred)]
        types[number] = pyvrp.VehicleType(
            num_available=numbers.count(number),
            capacity=limits,
            start_depot=start,
            end_depot=end,
            tw_early=route.shift[0],
            tw_late=min(route.shift[1], LATEST),
            max_distance=min(route.max_distance, LATEST),
        )
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(len(facts.cost))],
        clients,
        [pyvrp.Depot(place) for place in depots],
        [types[number] for number in sorted(types)],
        [cast("Any", facts.cost)],
        [cast("Any", facts.duration)],
    )


def _assigned(data: "ProblemData", routes: "Routes") -> "list[Route]":
    """The routes in PyVRP's terms, where all vehicles are alike."""
    import pyvrp

    return (
        [pyvrp.Route(data, route, 0) for route in routes if route] if len(data.vehicle_types()) == 1 else []
    )
