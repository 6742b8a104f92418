"""Solutions of public instances: written down as VRPLIB does, and verified from the instance alone."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks._routing_instances import Instance, Ints

Solution = list[list[int]]  # nodes of each route, start and end left out
TOLERANCE = 1e-6


def cost_of(instance: Instance, solution: Solution) -> float:
    """Its cost (for orienteering: its prize), computed from the instance. Raises `ValueError` when it breaks a rule."""
    seen: set[int] = set()
    for route in solution:
        for node in route:
            if node in seen or node in (instance.start, instance.end):
                raise ValueError(f"node {node} is visited twice")
            seen.add(node)
    missing = set(instance.customers.tolist()) - seen
    if missing and not instance.maximises:
        raise ValueError(f"{len(missing)} nodes are not visited")
    if len(solution) > instance.vehicles:
        raise ValueError(f"{len(solution)} routes, {instance.vehicles} vehicles")
    length = math.fsum(_checked_length(instance, route) for route in solution)
    return float(instance.prize[sorted(seen)].sum()) if instance.maximises else length


def _checked_length(instance: Instance, route: Sequence[int]) -> float:
    nodes = np.array([instance.start, *route, instance.end])
    load = int(instance.demand[nodes[1:-1]].sum())
    if instance.capacity and load > instance.capacity:
        raise ValueError(f"load {load} of {instance.capacity}")
    time = instance.opens[instance.start]
    for here, there in pairwise(nodes.tolist()):
        time = max(time + instance.service[here] + instance.distance[here, there], instance.opens[there])
        if time > instance.closes[there] + TOLERANCE:
            raise ValueError(f"node {there} is reached at {time}, closed since {instance.closes[there]}")
    length = math.fsum(instance.distance[nodes[:-1], nodes[1:]])
    if length + float(instance.service[nodes[1:-1]].sum()) > instance.limit + TOLERANCE:
        raise ValueError(f"a route is {length} long, {instance.limit} allowed")
    return length


def numbers(instance: Instance) -> Ints:
    """How VRPLIB counts: the start is 0 and not written, the others follow as in the file.

    So customer k is node k + 1 of a TSPLIB or VRPLIB file, `CUST NO.` of Solomon's, and the k-th point after the
    start of Chao's.
    """
    found = np.zeros(len(instance.distance), dtype=np.int64)
    others = np.array([node for node in range(len(found)) if node != instance.start])
    found[others] = np.arange(1, len(found))
    return found


def written(instance: Instance, solution: Solution, cost: float) -> str:
    """The text of a solution file."""
    number = numbers(instance)
    lines = [
        f"Route #{position}: {' '.join(str(number[node]) for node in route)}"
        for position, route in enumerate((route for route in solution if route), start=1)
    ]
    return "\n".join([*lines, f"Cost {shown(instance, cost)}", ""])


def shown(instance: Instance, cost: float) -> str:
    """The cost in the instance's precision."""
    if instance.maximises or instance.decimals == 0:
        return f"{cost:.10g}"
    return f"{cost:.{instance.decimals if instance.decimals > 0 else 4}f}"


def best_in(path: Path) -> float | None:
    """The cost in a solution file beside an instance (.sol or .opsol); None where there is none."""
    for beside in (path.with_suffix(".sol"), path.with_suffix(".opsol")):
        if beside.exists():
            for line in beside.read_text(encoding="utf-8").splitlines():
                words = line.replace(":", " ").split()
                if len(words) == 2 and words[0].lower() in ("cost", "route_score"):
                    return float(words[1])
    return None
