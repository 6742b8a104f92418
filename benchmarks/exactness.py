"""Is every answer of `AreaIndex` that of `shapely.covers`? On ten million points, of which a million are hard.

`python -m benchmarks.exactness` asks the tree and grids of every size, by every kernel there is, about areas of
several kinds, and compares `locate`, `matches` and `classify` with GEOS. It ends with status 1 at the first
difference. `--points 1000000` is quicker, `--seed` makes other areas.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks._hard_areas import KINDS, hard_points, ordinary_points
from geo import area_compiled, area_kernels_numpy
from geo.area_choice import CELLS
from geo.area_compiled import Kernels
from geo.assignment import AreaIndex, Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_HARD = 0.15
_BATCH = 500_000
_UNPREPARED = 50  # every so manieth pair is asked of GEOS in its slow, other way too


@dataclass(frozen=True)
class Truth:
    """What GEOS says: pairs (point, area) that are covered, and whether in the interior."""

    point: Ints
    area: Ints
    interior: NDArray[np.bool_]

    @classmethod
    def of(cls, areas: NDArray[np.object_], xy: Floats) -> "Truth":
        """Ask `shapely.covers` and `shapely.contains` about every pair whose boxes meet."""
        finite = np.flatnonzero(np.isfinite(xy).all(axis=1))
        points = np.asarray(shapely.points(xy[finite]), dtype=object)
        local, area = shapely.STRtree(areas).query(points)
        order = np.argsort(area, kind="stable")
        local, area = local[order], area[order]
        covered = shapely.covers(areas[area], points[local])
        some = slice(None, None, _UNPREPARED)
        fresh = np.asarray(shapely.from_wkb(shapely.to_wkb(areas)), dtype=object)
        assert (shapely.covers(fresh[area[some]], points[local[some]]) == covered[some]).all(), (
            "GEOS and GEOS"
        )
        local, area = local[covered], area[covered]
        interior = shapely.contains(areas[area], points[local])
        order = np.lexsort((area, local))
        return cls(finite[local[order]], area[order], interior[order])

    def winners(self, count: int, rank: Ints) -> Ints:
        """The area of lowest rank, then position, of each point."""
        order = np.lexsort((self.area, rank[self.area], self.point))
        first = order[np.flatnonzero(np.diff(self.point[order], prepend=-1))]
        winner = np.full(count, -1, dtype=np.int64)
        winner[self.point[first]] = self.area[first]
        return winner

    def kinds(self, xy: Floats) -> NDArray[np.object_]:
        """The kind of each point by its definition."""
        inner = np.bincount(self.point[self.interior], minlength=len(xy))
        edged = np.bincount(self.point[~self.interior], minlength=len(xy))
        nowhere = ~np.isfinite(xy).all(axis=1) | (xy == 0).all(axis=1)
        conditions = [nowhere, inner > 1, edged > 0, inner == 1]
        kinds = [Kind.NO_LOCATION, Kind.OVERLAP, Kind.BORDER, Kind.INSIDE]
        return np.asarray(np.select(conditions, kinds, Kind.OUTSIDE), dtype=object)


class Differs(Exception):
    """An answer that is not GEOS's."""


def main(argv: Sequence[str] | None = None) -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exactness", description=__doc__)
    parser.add_argument("--points", type=int, default=10_000_000, help="how many in all (default 10000000)")
    parser.add_argument(
        "--areas", type=int, default=60, help="how many there are of each sort of area (default 60)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS), help="sorts of areas")
    options = parser.parse_args(argv)
    try:
        compare(options.points, options.areas, options.seed, options.kinds)
    except Differs as difference:
        sys.exit(f"DIFFERENT: {difference}")


def compare(points: int, size: int, seed: int, kinds: Sequence[str] = tuple(KINDS)) -> None:
    """Ask every index about every kind of areas. Raises `Differs`."""
    rng = np.random.default_rng(seed)
    total = hard = 0
    each = points // len(kinds)
    for name in kinds:
        started, done = time.perf_counter(), 0
        while done < each:
            batch = min(_BATCH, each - done)
            areas = KINDS[name](rng, size)
            difficult = hard_points(rng, areas, int(batch * _HARD))
            xy = np.vstack([difficult, ordinary_points(rng, areas, max(batch - len(difficult), 0))])
            _compared(name, areas, xy, rng)
            done, total, hard = done + len(xy), total + len(xy), hard + len(difficult)
        print(
            f"{name:8} {done:>12,} points, all the same, {time.perf_counter() - started:6.1f} s", flush=True
        )
    print(f"{total:,} points, of them {hard:,} hard: every answer is that of shapely.covers")


def _compared(name: str, areas: NDArray[np.object_], xy: Floats, rng: np.random.Generator) -> None:
    rank = rng.integers(-2, 3, len(areas))
    truth = Truth.of(areas, xy)
    winners, kinds = truth.winners(len(xy), rank), truth.kinds(xy)
    order = rng.permutation(len(xy))
    x, y = xy[order].T
    for label, index in indexes(areas, rank):
        _same(f"{name}, {label}: locate", index.locate(x, y), winners[order], xy[order])
        position, kind = index.classify(x, y)
        placed = kinds[order] != Kind.NO_LOCATION
        _same(f"{name}, {label}: position", position[placed], winners[order][placed], xy[order][placed])
        _same(f"{name}, {label}: kind", kind, kinds[order], xy[order])
        point, area = index.matches(x, y)
        found = np.lexsort((area, order[point]))
        if not (np.array_equal(order[point][found], truth.point) and np.array_equal(area[found], truth.area)):
            raise Differs(f"{name}, {label}: matches")


def indexes(
    areas: NDArray[np.object_], rank: Ints, cells: Sequence[int] = CELLS[::2]
) -> Iterator[tuple[str, AreaIndex]]:
    """(name, index) of every way there is to answer."""
    ways: dict[str, Kernels] = {"numpy": area_kernels_numpy}
    if (compiled := area_compiled.start()) is not area_kernels_numpy:
        ways["numba"] = compiled
    index = AreaIndex.build(areas, rank)
    index.settle(0)
    yield "tree", index
    for size in cells:
        index = AreaIndex.build(areas, rank)
        for name, way in ways.items():
            if index.settle(size, way):
                yield f"{size} cells, {name}", index


def _same(what: str, found: NDArray[Any], expected: NDArray[Any], xy: Floats) -> None:
    wrong = np.flatnonzero(found != expected)
    if len(wrong):
        i = wrong[0]
        raise Differs(f"{what}: {len(wrong)} wrong, {xy[i].tolist()!r}: {found[i]}, not {expected[i]}")


if __name__ == "__main__":
    main()
