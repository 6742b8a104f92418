"""Whether the loops of route planning are compiled on this machine; `python -m geo.route_compiled` does it, once.

numba keeps what it compiled beside the sources and compiles again when the file of a function changes. It does not
notice when a function that is called from there does, in another file: so all of it goes when any of them changes.
"""

import contextlib
import hashlib
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCES = (
    "route_kernels", "route_tour", "route_lin_kernighan", "route_pool", "route_recreate", "route_polish", "route_ruin",
    "route_board",
)  # fmt: skip
STAMP = FOLDER / "__pycache__" / "route-kernels.stamp"
HAS_NUMBA = not os.environ.get("BAOPIAN_HIDE_NUMBA") and find_spec("numba") is not None


def forget_stale() -> None:
    """Throw away what was compiled from other sources."""
    if _is_current():
        return
    with contextlib.suppress(OSError):  # a folder that cannot be written to has numba's files somewhere else
        STAMP.parent.mkdir(exist_ok=True)
        for name in SOURCES:
            for old in STAMP.parent.glob(f"{name}.*.nb[ci]"):
                old.unlink(missing_ok=True)
        STAMP.write_text(_digest(), encoding="ascii")


def is_compiled() -> bool:
    """Whether the search starts without compiling first (half a minute of CPU)."""
    if not HAS_NUMBA or os.environ.get("NUMBA_CACHE_DIR") or not os.access(FOLDER, os.W_OK):
        return True  # nothing to compile, or kept where this cannot see
    return _is_current() and any(STAMP.parent.glob("route_ruin.steps-*.nbi"))


def _is_current() -> bool:
    with contextlib.suppress(OSError):
        return STAMP.read_text(encoding="ascii") == _digest()
    return False


def _digest() -> str:
    found = hashlib.sha256()
    for name in SOURCES:
        found.update((FOLDER / f"{name}.py").read_bytes())
    return found.hexdigest()


def compile_all() -> None:
    """Plan a few small days of each kind, so that every loop is compiled and kept."""
    import numpy as np

    from geo.routing import Inspector, Stop, insert, plan_routes, remove

    people = [Inspector(name, start=(0.0, 0.0), end=(0.0, 0.0), max_distance_m=2e4) for name in ("a", "b")]
    places = np.random.default_rng(1).uniform(0, 3000, 24)
    matrix = np.abs(places[:, None] - places[None, :])
    for count, service_s in ((20, 600.0), (20, 7200.0)):
        stops = [Stop(str(k), service_s=service_s) for k in range(count)]
        plan = plan_routes(stops, people, matrix, distance_m=matrix, steps=20)
        first = next(iter(plan.served))
        insert(remove(plan, first), first)
    from geo.route_kernels import FAR
    from geo.route_problem import Problem, RouteFacts, StopFacts
    from geo.route_search import Effort, search

    ways = matrix.astype(np.int64)
    trip = [StopFacts(place) for place in range(1, 24)]
    free = np.zeros((1, len(trip)), dtype=np.int64)
    search(Problem(trip, [RouteFacts(0, 0, (0, FAR))], ways, ways, ways, free), Effort(steps=20))


if __name__ == "__main__":
    if HAS_NUMBA and not is_compiled():
        compile_all()
        sys.stdout.write(f"Route planning compiled in {time.process_time():.0f} s\n")
