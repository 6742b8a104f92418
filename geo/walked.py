"""The way that somebody walked, from recorded positions: jitter, jumps and gaps taken out before it is measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.edges import metres_per_degree

Floats = NDArray[np.float64]
ROUGH_M: Final = 100.0
"""A position that is known less well says nothing about the way."""
STILL_M: Final = 15.0
"""Nearer than this to the last one it may be the receiver that moved, not the person."""
GAP_S: Final = 600.0
"""After so long without a position nobody knows the way between."""
FASTEST_M_S: Final = 40.0
"""Faster than this nobody goes in a city: the position is wrong."""


@dataclass(frozen=True, slots=True)
class Walked:
    """``lines`` are pieces without a gap, each (n, 2) of lon, lat in WGS 84; ``distance_m`` the length of all pieces.

    ``gaps`` counts the breaks between them, ``used`` the positions that were good enough.
    """

    lines: list[Floats]
    distance_m: float
    gaps: int
    used: int


def walked(
    lon: ArrayLike, lat: ArrayLike, at_s: ArrayLike, accuracy_m: Sequence[float | None] | None = None
) -> Walked:
    """What these positions (degrees, WGS 84; ``at_s`` seconds from any moment, in any order) say of a way.

    A position within its own accuracy (at least STILL_M) of the last one kept is the same place, so that somebody who
    stands still walks nowhere. Lengths are plane, on the ellipsoid's metres per degree at the middle latitude: within
    0.1 % of the geodesic in a city.
    """
    x, y, at = (np.asarray(values, dtype=float) for values in (lon, lat, at_s))
    rough = np.array([0.0 if one is None else one for one in accuracy_m or [None] * len(x)], dtype=float)
    good = np.isfinite(x) & np.isfinite(y) & np.isfinite(at) & (rough <= ROUGH_M)
    order = np.argsort(at[good], kind="stable")
    x, y, at, rough = (values[good][order] for values in (x, y, at, rough))
    across_m, up_m = metres_per_degree(np.array([y.mean() if len(y) else 0.0]))
    pieces, distance_m = _pieces((x * across_m).tolist(), (y * up_m).tolist(), at.tolist(), rough.tolist())
    lines = [np.column_stack([x[piece], y[piece]]) for piece in pieces]
    return Walked(lines, distance_m, max(0, len(lines) - 1), len(x))


def _pieces(
    x: list[float], y: list[float], at: list[float], rough: list[float]
) -> tuple[list[list[int]], float]:
    """Rows of each piece that are kept, and the length of all; x and y in metres."""
    pieces: list[list[int]] = []
    distance_m, last = 0.0, -1  # the position before, kept or not: standing still is no gap
    for row in range(len(x)):
        if not pieces or at[row] - at[last] > GAP_S:
            pieces.append([row])
            last = row
            continue
        before = pieces[-1][-1]
        step_m = math.hypot(x[row] - x[before], y[row] - y[before])
        if step_m > FASTEST_M_S * max(at[row] - at[before], 1.0) + ROUGH_M:
            continue
        last = row
        if step_m >= max(STILL_M, rough[row]):
            pieces[-1].append(row)
            distance_m += step_m
    return pieces, distance_m
