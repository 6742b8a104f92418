"""Public instances for the search that plans rounds."""

import time

import numpy as np

from benchmarks._routing_instances import Instance
from benchmarks._routing_solution import Solution
from geo.route_kernels import FAR
from geo.route_problem import Problem, RouteFacts, StopFacts
from geo.route_search import Effort, search

UNROUNDED_TICKS = 10_000  # to a unit of length where distances are not rounded
RESERVE = 0.02  # of the time, for the last step under way and for verifying


def solved(instance: Instance, seconds: float, began: float = 0.0, seed: int = 0) -> Solution:
    """The best solution found until this process has used `seconds` since `began`."""
    problem = _problem(instance)
    left = seconds * (1 - RESERVE) - (time.process_time() - began)
    effort = Effort(max(left, 0.01), seed=seed, wall_factor=1e9)
    nodes = instance.customers
    routes = search(problem, effort)
    return [[int(nodes[stop]) for stop in route] for route in routes if route]


def _problem(instance: Instance) -> Problem:
    """The instance for the same search that plans rounds; distances are rounded up to ticks."""
    scale = UNROUNDED_TICKS if instance.decimals < 0 else 10**instance.decimals

    def ticks(value: float) -> int:
        return FAR if not np.isfinite(value) else int(np.floor(value * scale + 1e-6))

    distance = np.ceil(instance.distance * scale - 1e-6).astype(np.int64)
    stops = [
        StopFacts(
            place=int(node),
            service=int(np.ceil(instance.service[node] * scale - 1e-6)),
            windows=((int(np.ceil(instance.opens[node] * scale - 1e-6)), ticks(instance.closes[node])),),
            prize=int(instance.prize[node]) if instance.maximises else 1,
            load=int(instance.demand[node]),
        )
        for node in instance.customers.tolist()
    ]
    begin, end = (
        ticks(instance.opens[instance.start]),
        min(ticks(instance.closes[instance.end]), ticks(instance.limit)),
    )
    route = RouteFacts(instance.start, instance.end, (begin, end), capacity=instance.capacity or FAR)
    return Problem(
        stops,
        [route] * instance.vehicles,
        distance,
        distance,
        distance,
        np.zeros((1, len(stops)), dtype=np.int64),
    )
