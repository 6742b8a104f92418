"""OR-Tools and pyvroom on the same instances, at equal CPU time. They are not installed with Baopian."""

import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks._routing_instances import Instance
from benchmarks._routing_solution import Solution

PIP = ".venv/bin/python -m pip install ortools pyvroom"
SCALE = 1_000  # unrounded distances in whole numbers
FOREVER = 1 << 40
WALL_FACTOR = 10


def missing() -> list[str]:
    """Peers that are not installed."""
    return [
        name for name, module in (("ortools", "ortools"), ("pyvroom", "vroom")) if find_spec(module) is None
    ]


def peers() -> dict[str, Callable[[Instance, float], Solution]]:
    """Those that are installed."""
    known: dict[str, tuple[str, Callable[[Instance, float], Solution]]] = {
        "OR-Tools": ("ortools", _ortools),
        "pyvroom": ("vroom", _vroom),
    }
    return {name: solve for name, (module, solve) in known.items() if find_spec(module) is not None}


def apart(
    solve: Callable[[Instance, float], Solution], instance: Instance, seconds: float
) -> tuple[Solution, float]:
    """Run in a process of its own; the solution and the CPU seconds that it took."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(_work, solve, instance, seconds).result()


def _work(
    solve: Callable[[Instance, float], Solution], instance: Instance, seconds: float
) -> tuple[Solution, float]:
    found = solve(instance, seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return found, used.ru_utime + used.ru_stime


def _whole(instance: Instance, values: Any, up: bool = True) -> Any:
    scale = SCALE if instance.decimals < 0 else 10**instance.decimals
    finite = np.where(np.isfinite(values), values, 1e9)
    return (np.ceil(finite * scale - 1e-6) if up else np.floor(finite * scale + 1e-6)).astype(np.int64)


def _ortools(instance: Instance, seconds: float) -> Solution:
    """Guided local search from the cheapest arcs, as OR-Tools' own guide starts."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # type: ignore[import-not-found,unused-ignore]

    distance = _whole(instance, instance.distance)
    service = _whole(instance, instance.service)
    fleet = instance.vehicles
    manager = pywrapcp.RoutingIndexManager(
        len(distance), fleet, [instance.start] * fleet, [instance.end] * fleet
    )
    model = pywrapcp.RoutingModel(manager)

    def way(a: int, b: int) -> int:
        return int(distance[manager.IndexToNode(a), manager.IndexToNode(b)])

    def duration(a: int, b: int) -> int:
        return way(a, b) + int(service[manager.IndexToNode(a)])

    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitCallback(way))
    if instance.capacity:
        load = model.RegisterUnaryTransitCallback(lambda a: int(instance.demand[manager.IndexToNode(a)]))
        model.AddDimension(load, 0, instance.capacity, True, "load")
    if np.isfinite(instance.limit) or np.isfinite(instance.closes).any():
        longest = int(min(_whole(instance, np.array([instance.limit, instance.closes[instance.end]]), False)))
        model.AddDimension(model.RegisterTransitCallback(duration), longest, longest, False, "time")
        clock = model.GetDimensionOrDie("time")
        opens, closes = _whole(instance, instance.opens), _whole(instance, instance.closes, False)
        for node in instance.customers.tolist():
            clock.CumulVar(manager.NodeToIndex(node)).SetRange(
                int(opens[node]), int(min(closes[node], longest))
            )
    if instance.maximises:
        weight = int(distance.max()) * 10
        for node in instance.customers.tolist():
            model.AddDisjunction([manager.NodeToIndex(node)], int(instance.prize[node]) * weight)
    how = pywrapcp.DefaultRoutingSearchParameters()
    how.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    how.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    how.time_limit.FromMilliseconds(int(1000 * seconds * WALL_FACTOR))
    # Its own limit is by the clock on the wall: on a busy machine it would get less CPU time than we do.
    model.AddSearchMonitor(model.solver().CustomLimit(lambda: time.process_time() >= seconds))
    answer = model.SolveWithParameters(how)
    routes: Solution = []
    for vehicle in range(fleet if answer else 0):
        here, route = answer.Value(model.NextVar(model.Start(vehicle))), []
        while not model.IsEnd(here):
            route.append(manager.IndexToNode(here))
            here = answer.Value(model.NextVar(here))
        routes.append(route)
    return [route for route in routes if route]


def _vroom(instance: Instance, seconds: float) -> Solution:
    import vroom  # type: ignore[import-not-found,unused-ignore]

    matrix = _whole(instance, instance.distance)
    opens, closes = _whole(instance, instance.opens), _whole(instance, instance.closes, False)
    service = _whole(instance, instance.service)
    most = int(np.iinfo(np.uint32).max // 2)
    problem = vroom.Input()
    problem.set_durations_matrix(profile="car", matrix_input=matrix.astype(np.uint32))
    shift = int(
        min(_whole(instance, np.array([instance.limit, instance.closes[instance.end]]), False).min(), most)
    )
    for number in range(instance.vehicles):
        problem.add_vehicle(
            vroom.Vehicle(
                number, start=instance.start, end=instance.end, profile="car",
                capacity=[instance.capacity or FOREVER], time_window=[0, shift],
            )
        )  # fmt: skip
    highest = max(float(instance.prize.max()), 1.0)
    for node in instance.customers.tolist():
        window = vroom.TimeWindow(int(min(opens[node], most)), int(min(closes[node], most)))
        problem.add_job(
            vroom.Job(
                node, location=node, default_service=int(service[node]), delivery=[int(instance.demand[node])],
                priority=int(100 * instance.prize[node] / highest), time_windows=[window],
            )
        )  # fmt: skip
    left = max(0.05, seconds - time.process_time())
    answer = problem.solve(exploration_level=5, nb_threads=1, timeout=_delta(left))
    table = answer.routes
    jobs = table[table.type == "job"]
    return [group.id.astype(int).tolist() for _, group in jobs.groupby("vehicle_id")]


def _delta(seconds: float) -> Any:
    from datetime import timedelta

    return timedelta(seconds=seconds)
