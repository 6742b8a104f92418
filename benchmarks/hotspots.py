"""How long the hot spots of many findings take, beside a kernel density (scipy) on the same grid and points.

`python -m benchmarks.hotspots --points 100000 1000000`. Both work on the same fields; the scores of ours are
compared with the formula written out field by field before any time is printed.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from scipy.stats import gaussian_kde

from geo.hotspots import gi_star, hot_spots

CITY = shapely.box(101.75, 36.53, 101.89, 36.66)  # 12.5 km by 14.5 km
PEER_MOST = 20_000  # the density of a million points on 18,000 fields would take hours
ROUNDS = 5


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[20_000, 100_000, 1_000_000])
    for count in parser.parse_args(argv).points:
        _measure(count)


def _measure(count: int) -> None:
    lon, lat = _points(count)
    _check()
    ours_s, found = _median(lambda: hot_spots(lon, lat, CITY, known=(lon, lat)))
    peer_n = min(count, PEER_MOST)
    chosen = np.stack([lon[:peer_n], lat[:peer_n]])
    x, y = np.meshgrid(np.linspace(101.75, 101.89, 60), np.linspace(36.53, 36.66, 60))
    peer_s, _density = _once(lambda: gaussian_kde(chosen)(np.stack([x.ravel(), y.ravel()])))
    print(
        f"{count:>9,} points: {ours_s * 1000:8.1f} ms for {found.fields:,} fields of {found.cell_m:.0f} m,"
        f" {len(found.cells):,} hot; kernel density of {peer_n:,} points on 3,600 places {peer_s * 1000:8.1f} ms"
    )


def _points(count: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(630102)
    heaps = rng.integers(0, 40, count)
    middle = rng.uniform([101.76, 36.54], [101.88, 36.65], (40, 2))
    near = middle[heaps] + rng.normal(0, 0.004, (count, 2))
    anywhere = rng.uniform([101.75, 36.53], [101.89, 36.66], (count, 2))
    lon, lat = np.where(rng.random(count)[:, None] < 0.3, near, anywhere).T
    return np.ascontiguousarray(lon), np.ascontiguousarray(lat)


def _check() -> None:
    """The scores against the formula, field by field."""
    counts = np.random.default_rng(1).integers(0, 9, (12, 9))
    ground = np.ones(counts.shape, dtype=bool)
    z, _around, _weights = gi_star(counts, ground)
    n, mean, spread = counts.size, counts.mean(), counts.std()
    for j in range(counts.shape[0]):
        for i in range(counts.shape[1]):
            part = counts[max(j - 1, 0) : j + 2, max(i - 1, 0) : i + 2]
            w = part.size
            expected = (part.sum() - mean * w) / (spread * np.sqrt((n * w - w**2) / (n - 1)))
            if abs(z[j, i] - expected) > 1e-9:
                raise SystemExit(f"the score of field {j}, {i} is {z[j, i]}, not {expected}")


def _median(work: Callable[[], Any]) -> tuple[float, Any]:
    taken = [_once(work) for _round in range(ROUNDS)]
    return sorted(seconds for seconds, _found in taken)[ROUNDS // 2], taken[0][1]


def _once(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
