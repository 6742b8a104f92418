"""Checking the boundaries of a city, whole and after a change, beside what one would use otherwise.

`python -m benchmarks.boundaries --areas 300 --vertices 500`: a made-up city of wiggly areas in nine districts, with one
fault of each kind planted. Ours finds and measures all of them; next to it, on the same areas in the same run, what
shapely's `coverage_is_valid` and `coverage_invalid_edges` say, and a pairwise `geopandas.overlay` with the holes of the
union. Times are CPU time, all on one thread. Each runs in a process of its own, so that its memory can be told: the
most that it needed beyond the areas. Then, at `--findings` (a million), what a preview and a publication take.
"""

import argparse
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.boundaries import CheckedCoverage, repair
from geo.crs import area_m2
from tests.factories.wiggly import districts, moved, on_grid, wiggly

DISTRICTS = 9
ROUNDS = 5
SMALL = ["--areas", "100", "--vertices", "120", "--findings", "0"]  # benchmarks.redraw has its own small run


@dataclass(frozen=True)
class City:
    """Areas with their districts, and the same with faults."""

    areas: list[BaseGeometry]
    parents: list[BaseGeometry]
    parent_of: list[int]
    faulty: list[BaseGeometry]
    planted: list[str]


@dataclass(frozen=True)
class Run:
    """What one way of checking took and found."""

    name: str
    seconds: float
    memory_mb: float
    found: str


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 when a planted fault was not found or a clean city was called faulty."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--areas", type=int, default=300)
    parser.add_argument("--vertices", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--findings", type=int, default=1_000_000, help="for the preview; 0: no preview")
    parser.add_argument(
        "--folder", help="where the findings are kept for the next run: a million take minutes"
    )
    small = arguments is not None and not arguments
    asked = parser.parse_args(SMALL if small else arguments)
    city = made(asked.areas, asked.vertices, asked.seed)
    vertices = int(shapely.get_num_coordinates(city.areas).sum())
    print(f"{len(city.areas)} areas, {vertices} vertices; planted: {', '.join(city.planted)}")
    runs = [measured(name, way, city) for name, way in WAYS.items()]
    whole = next(run.seconds for run in runs if run.name == OURS)
    print(f"{'':44}{'ms':>8}{'of ours':>9}{'MB':>7}  found")
    for run in runs:
        print(
            f"{run.name:44}{run.seconds * 1e3:8.0f}{run.seconds / whole:9.2f}{run.memory_mb:7.0f}  {run.found}"
        )
    failed = _preview(asked) if asked.findings else 0
    clean = [run.found for run in runs if run.name == CLEAN]
    ours = next(run.found for run in runs if run.name == OURS)
    missed = [word for word in city.planted if word not in ours]
    return 1 if failed or missed or clean != ["nothing"] else 0


def _preview(asked: argparse.Namespace) -> int:
    """What a redrawn border costs at so many findings: preview and publishing, as `benchmarks.redraw` measures them."""
    from benchmarks import redraw

    print(f"\npreview and publishing at {asked.findings} findings (benchmarks.redraw)", flush=True)
    sizes = {"--findings": asked.findings, "--areas": asked.areas, "--vertices": asked.vertices}
    words = [word for name, size in sizes.items() for word in (name, str(size))]
    return redraw.main([*words, "--folder", asked.folder] if asked.folder else words)


def made(areas: int, vertices: int, seed: int = 0) -> City:
    """A city, and the same with a gap, an overlap, a sliver, a spill, a T-junction and a vertex one step off."""
    clean: list[BaseGeometry] = list(wiggly(areas, vertices, seed=seed))
    parents, parent_of = districts(clean, DISTRICTS)
    faulty = list(clean)
    inner = [at for at, area in enumerate(clean) if _is_inner(area, clean)]
    gap, overlap, sliver, step, joint = (inner[len(inner) * k // 6] for k in range(1, 6))
    faulty[gap] = _pushed(clean[gap], -40)
    faulty[overlap] = _pushed(clean[overlap], 40)
    faulty[sliver] = _pushed(clean[sliver], 0.3)
    faulty[step] = moved(clean[step], 7, 1, 1)
    faulty[joint] = _without_a_straight_vertex(clean[joint])
    rim = next(at for at, area in enumerate(clean) if area.bounds[0] <= on_grid(np.zeros(2))[0])
    faulty[rim] = shapely.transform(clean[rim], lambda xy: np.where(xy == xy.min(axis=0), xy - [2e-4, 0], xy))
    planted = ["gap", "overlap", "sliver", "t_junction", "spill"]
    return City(clean, parents, parent_of, faulty, planted)


def measured(name: str, way: Callable[[City], tuple[float, str]], city: City) -> Run:
    """Run one way of checking in a process of its own."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe()
    child = fork.Process(target=_child, args=(there, way, city))
    child.start()
    there.close()
    seconds, found, memory_mb = here.recv()
    child.join()
    return Run(name, seconds, memory_mb, found)


def _child(there: Any, way: Callable[[City], tuple[float, str]], city: City) -> None:
    before = _resident_mb()
    seconds, found = way(city)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    there.send((seconds, found, max(0.0, peak - before)))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _whole(city: City) -> tuple[float, str]:
    seconds, checked = _timed(
        lambda: CheckedCoverage.of(city.faulty, parents=city.parents, parent_of=city.parent_of)
    )
    return seconds, _told(checked)


def _clean(city: City) -> tuple[float, str]:
    seconds, checked = _timed(
        lambda: CheckedCoverage.of(city.areas, parents=city.parents, parent_of=city.parent_of)
    )
    return seconds, _told(checked)


def _changed(city: City) -> tuple[float, str]:
    return _one_change(CheckedCoverage.of(city.areas, parents=city.parents, parent_of=city.parent_of), city)


def _changed_alone(city: City) -> tuple[float, str]:
    return _one_change(CheckedCoverage.of(city.areas), city)


def _one_change(checked: CheckedCoverage, city: City) -> tuple[float, str]:
    """A border dragged by some forty metres, in one area only: the first time, then others as one goes on drawing."""
    inner = [at for at, area in enumerate(city.areas) if _is_inner(area, city.areas)][: ROUNDS * 2]
    took = []
    for at in inner:
        seconds, after = _timed(partial(checked.changed, {at: _pushed(city.areas[at], 40)}), 1)
        took.append(seconds)
    return statistics.median(took), _told(after)


def _mended(city: City) -> tuple[float, str]:
    seconds, found = _timed(
        lambda: repair(city.faulty, parents=city.parents, parent_of=city.parent_of), rounds=1
    )
    moved_m2 = sum(one.added_m2 + one.removed_m2 for one in found.differences)
    return (
        seconds,
        f"{len(found.differences)} areas mended by {moved_m2:.0f} m², {len(found.unrepaired)} left",
    )


def _coverage_is_valid(city: City) -> tuple[float, str]:
    seconds, valid = _timed(lambda: shapely.coverage_is_valid(city.faulty))
    return seconds, "valid" if valid else "not valid; where, what and how large is not told"


def _invalid_edges(city: City) -> tuple[float, str]:
    seconds, edges = _timed(lambda: shapely.coverage_invalid_edges(city.faulty))
    return seconds, f"edges of {sum(not edge.is_empty for edge in edges)} areas, without kind or size"


def _overlay(city: City) -> tuple[float, str]:
    """Overlaps pair by pair, gaps as the holes of the union, spills by a second overlay."""

    def work() -> tuple[int, int, int]:
        frame = geopandas.GeoDataFrame({"a": range(len(city.faulty))}, geometry=city.faulty, crs=4326)
        other = frame.rename(columns={"a": "b"})
        pairs = geopandas.overlay(frame, other, how="intersection", keep_geom_type=True)
        pairs = pairs[pairs["a"] < pairs["b"]]
        holes = [ring for part in shapely.get_parts(frame.union_all()) for ring in part.interiors]
        above = geopandas.GeoDataFrame(geometry=city.parents, crs=4326)
        beyond = geopandas.overlay(frame, above, how="difference", keep_geom_type=True)
        return len(pairs), len(holes), len(beyond)

    seconds, (overlaps, gaps, spills) = _timed(work, rounds=1)
    return seconds, f"{overlaps} overlap, {gaps} gap, {spills} spill (with what is arithmetic only)"


def _coverage_clean(city: City) -> tuple[float, str]:
    seconds, cleaned = _timed(lambda: _cleaned(city.faulty), rounds=1)
    pairs = zip(city.faulty, cleaned, strict=True)
    moved_m2 = sum(area_m2(shapely.symmetric_difference(old, new)) for old, new in pairs)
    return seconds, f"areas moved by {moved_m2:.0f} m², parents and sizes not regarded"


def _cleaned(areas: list[BaseGeometry]) -> list[BaseGeometry]:
    clean = shapely.coverage_clean  # type: ignore[attr-defined]  # shapely 2.2 has it, its types not yet
    return list(clean(areas, gap_width=1e-3))


def _timed(work: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    """The median of some rounds in seconds, and what the last one gave."""
    took = []
    for _ in range(rounds):
        start = time.process_time()
        found = work()
        took.append(time.process_time() - start)
    return statistics.median(took), found


def _told(checked: CheckedCoverage) -> str:
    counts: dict[str, int] = {}
    for problem in checked.problems:
        counts[problem.kind.value] = counts.get(problem.kind.value, 0) + 1
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing"


def _is_inner(area: BaseGeometry, areas: Sequence[BaseGeometry]) -> bool:
    west, south, east, north = shapely.total_bounds(np.array(areas, dtype=object))
    bounds = area.bounds
    return bool(bounds[0] > west and bounds[1] > south and bounds[2] < east and bounds[3] < north)


def _pushed(area: BaseGeometry, metres: float) -> BaseGeometry:
    """An area with five of its vertices moved outwards (or inwards)."""
    points = shapely.get_coordinates(area)[:-1]
    centre = points.mean(axis=0)
    away = points[10:15] - centre
    reach = np.hypot(*(away * [90_000, 111_000]).T)[:, None]
    points[10:15] = centre + away * (1 + metres / reach)
    return shapely.Polygon(np.round(points, 7))


def _without_a_straight_vertex(area: BaseGeometry) -> BaseGeometry:
    """An area that lacks the vertex of its border whose going changes it least."""
    points = shapely.get_coordinates(area)[:-1]
    lost = [abs(shapely.Polygon(points[[k - 1, k, (k + 1) % len(points)]]).area) for k in range(len(points))]
    return shapely.Polygon(np.delete(points, int(np.argmin(lost)), axis=0))


CLEAN = "check, nothing wrong"
OURS = "check, with faults"
WAYS: dict[str, Callable[[City], tuple[float, str]]] = {
    CLEAN: _clean,
    OURS: _whole,
    "changed: one area of it, districts": _changed,
    "changed: one area of it, no districts": _changed_alone,
    "shapely.coverage_is_valid": _coverage_is_valid,
    "shapely.coverage_invalid_edges": _invalid_edges,
    "geopandas.overlay, union_all": _overlay,
    "repair": _mended,
    "shapely.coverage_clean": _coverage_clean,
}

if __name__ == "__main__":
    raise SystemExit(main())
