"""How good route plans are on public instances: `python -m benchmarks.routing FILE… --seconds S`.

Spends S CPU seconds on each file, parsing and seeding included, verifies the solution from the file alone and prints
file, cost, gap and seconds. `--out` writes `Route #1: 3 7 …` lines and `Cost`; numbers as in VRPLIB: the start is 0
and not written, customer k is node k + 1 of the file. With `--peers` OR-Tools and pyvroom get the same CPU time.
Without files: small instances of our own, made by chance.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks._routing_instances import BadInstance, Instance, euclid, read_instance
from benchmarks._routing_peers import PIP, apart, missing, peers
from benchmarks._routing_solution import best_in, cost_of, shown, written
from geo import route_compiled


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when a file cannot be read."""
    options = _options(argv)
    if not route_compiled.is_compiled():
        route_compiled.HAS_NUMBA = False  # compiling would take longer than most limits
        print(
            "Not compiled yet, so plain Python searches: .venv/bin/python -m geo.route_compiled",
            file=sys.stderr,
        )
    cases: list[tuple[Path, Instance | None]] = [(path, None) for path in options.files]
    cases = cases or [(Path(one.name), one) for one in _own()]
    print(f"{'file':28}{'solver':12}{'cost':>14}{'gap %':>9}{'CPU s':>8}")
    failed = 0
    for number, (path, given) in enumerate(cases):
        began = (
            0.0 if number == 0 and given is None else time.process_time()
        )  # the start of Python counts for the first file
        try:
            instance = given or read_instance(path)
        except (BadInstance, OSError) as fault:
            print(fault, file=sys.stderr)
            failed = 1
            continue
        _measure(instance, path, options, began)
    return failed


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="TSPLIB, VRPLIB, Solomon, OPLIB, Chao"
    )
    parser.add_argument(
        "--seconds", type=float, default=2.0, metavar="S", help="CPU seconds a file (default 2)"
    )
    parser.add_argument(
        "--best", type=float, metavar="COST", help="best known cost (else from a .sol beside the file)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the solution goes (of the last file)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--peers", action="store_true", help="OR-Tools and pyvroom too, where they are installed"
    )
    return parser.parse_args(argv)


def _measure(instance: Instance, path: Path, options: argparse.Namespace, began: float) -> None:
    """Solve, verify and print; `began`: CPU seconds of this process that belong to files before."""
    from benchmarks._routing_ours import solved  # not before it is settled whether numba is used

    solution = solved(instance, options.seconds, began, options.seed)
    cost = cost_of(instance, solution)
    best = options.best if options.best is not None else best_in(path)
    _print(path.name, "Baopian", instance, cost, best, time.process_time() - began)
    if options.out is not None:
        options.out.write_text(written(instance, solution, cost), encoding="utf-8")
    if not options.peers and options.files:
        return
    if missing():
        print(f"  without {' and '.join(missing())}: {PIP}")
    for name, solve in peers().items():
        found, seconds = apart(solve, instance, options.seconds)
        try:
            _print(path.name, name, instance, cost_of(instance, found), best, seconds)
        except ValueError as fault:
            print(f"{path.name:28}{name:12}{'none':>14}{'':9}{seconds:8.2f}  {fault}")


def _print(
    file: str, solver: str, instance: Instance, cost: float, best: float | None, seconds: float
) -> None:
    gap = "" if not best else f"{100 * (best - cost if instance.maximises else cost - best) / best:.2f}"
    print(f"{file:28}{solver:12}{shown(instance, cost):>14}{gap:>9}{seconds:8.2f}", flush=True)


def _own() -> list[Instance]:
    """Small instances of each kind, always the same."""
    rng = np.random.default_rng(20260902)
    found = []
    for stops, kind in ((10, "tsp"), (300, "tsp"), (100, "vrptw"), (100, "orienteering")):
        distance = euclid(rng.uniform(0, 1000, (stops + 1, 2)))
        one = Instance(f"own-{kind}-{stops}", kind, np.floor(distance + 0.5), 0, 0, 1)
        if kind == "vrptw":
            opens = np.concatenate([[0], rng.integers(0, 3000, stops)]).astype(float)
            one.vehicles, one.capacity = 25, 200
            one.demand = np.concatenate([[0], rng.integers(5, 30, stops)])
            one.opens, one.closes = opens, np.where(np.arange(stops + 1) == 0, 6000, opens + 900)
            one.service = np.where(np.arange(stops + 1) == 0, 0.0, 10.0)
        if kind == "orienteering":
            one.vehicles, one.limit = 3, 2500.0
            one.prize = np.concatenate([[0], rng.integers(1, 30, stops)]).astype(float)
        found.append(one)
    return found


if __name__ == "__main__":
    sys.exit(main())
