"""Which points of a map are drawn singly and which together, at one zoom.

Points are grouped in world pixels, never relative to the view, so that panning does not regroup them: first into
small fixed cells, then pair by pair, nearest first, as long as the centres are closer than ``reach``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TILE_PX = 256
TOUCH_PX = 15.0
COINCIDE_PX = 2.0
SMALLEST = 4  # a group of fewer findings is drawn singly
_CELLS_PER_REACH = 4
_STEPS = (0.35, 0.5, 0.7, 1.0)
_ROUNDS = 12
_DENSE = 4_000_000


@dataclass(frozen=True, slots=True)
class Clusters:
    """Indices of the points drawn singly, and the groups.

    ``x``, ``y`` [k] are the groups' centres and ``bounds`` [k, 4] their members' west, north, east and south, in
    Mercator units of 0 to 1 (y down). ``n`` [k] counts the members, ``by_status`` [k, statuses] by status.
    """

    singles: Ints
    x: Floats
    y: Floats
    n: Ints
    by_status: Ints
    bounds: Floats


def mercator(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Web Mercator from degrees (WGS 84): x east and y south, both from 0 to 1."""
    phi = np.radians(np.clip(np.asarray(lat, dtype=float), -85.05112878, 85.05112878))
    x = np.asarray(lon, dtype=float) / 360 + 0.5
    return x, 0.5 - np.log(np.tan(np.pi / 4 + phi / 2)) / (2 * np.pi)


def degrees(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Longitude and latitude (WGS 84) of Web Mercator x, y; the inverse of ``mercator``."""
    lat = np.degrees(2 * np.arctan(np.exp(np.pi * (1 - 2 * np.asarray(y, dtype=float))))) - 90
    return (np.asarray(x, dtype=float) - 0.5) * 360, lat


def reach_px(zoom: float) -> float:
    """Within how many pixels findings are drawn together at a zoom."""
    if zoom >= 16.5:
        return COINCIDE_PX
    return 26.0 if zoom >= 15.5 else 40.0


def radius_px(n: ArrayLike) -> Floats:
    """Radius of the donut of ``n`` findings."""
    count = np.asarray(n, dtype=float)
    return np.where(count < SMALLEST, 11.5, np.minimum(25.0, 12 + 2.1 * np.sqrt(count)))


def cluster(
    x: Floats, y: Floats, status: NDArray[np.integer], zoom: float, *,
    statuses: int, reach: float | None = None, keep: int = -1,
) -> Clusters:  # fmt: skip
    """Group points at a zoom. Points far away change nothing; among equally near ones their order decides.

    ``x``, ``y`` are Mercator units (0 to 1), ``status`` small numbers below ``statuses``, ``keep`` the index of a
    point that stays single whatever is near. ``reach`` in pixels replaces the zoom's own.
    """
    reach = reach_px(zoom) if reach is None else reach
    scale = TILE_PX * 2.0**zoom
    if keep >= 0:
        x, y, status = (np.delete(values, keep) for values in (x, y, status))
    px, py = x * scale, y * scale
    label = _grouped(px, py, reach)
    if reach > TOUCH_PX:
        label = _small_groups_apart(px, py, label)
    n = np.bincount(label, minlength=1).astype(np.int64)
    singles = np.flatnonzero(n[label] == 1)
    if keep >= 0:
        singles = np.append(singles + (singles >= keep), keep)
    return _described(x, y, status, statuses, label, n, singles)


def _described(
    x: Floats, y: Floats, status: NDArray[np.integer], statuses: int, label: Ints, n: Ints, singles: Ints
) -> Clusters:
    groups = np.flatnonzero(n > 1)
    k = len(n)
    total = np.maximum(n, 1)
    centre_x, centre_y = (np.bincount(label, v, minlength=k)[groups] / total[groups] for v in (x, y))
    by_status = np.bincount(label * statuses + status, minlength=k * statuses).reshape(k, statuses)[groups]
    bounds = np.empty((4, k))
    for side, (values, extreme, start) in enumerate(
        [(x, np.minimum, np.inf), (y, np.minimum, np.inf), (x, np.maximum, -np.inf), (y, np.maximum, -np.inf)]
    ):
        bounds[side] = start
        extreme.at(bounds[side], label, values)
    return Clusters(singles, centre_x, centre_y, n[groups], by_status, bounds.T[groups])


def _grouped(px: Floats, py: Floats, reach: float) -> Ints:
    """Each point's group: cells first, then cells that are near each other."""
    size = reach / _CELLS_PER_REACH
    cell = _cells(px, py, size)
    n = np.bincount(cell).astype(float)
    cx, cy = np.bincount(cell, px) / n, np.bincount(cell, py) / n
    group = _agglomerated(cx, cy, n, reach)
    label: Ints = group[cell]
    return label


def _cells(px: Floats, py: Floats, size: float) -> Ints:
    """Number the cells that hold points, row by row."""
    if len(px) == 0:
        return np.zeros(0, dtype=np.int64)
    col, row = np.floor(px / size).astype(np.int64), np.floor(py / size).astype(np.int64)
    col -= col.min()
    row -= row.min()
    width = int(col.max()) + 1
    key = row * width + col
    span = width * (int(row.max()) + 1)
    if span > _DENSE:
        return np.asarray(np.unique(key, return_inverse=True)[1], dtype=np.int64)
    return _renumbered(key)


def _agglomerated(x: Floats, y: Floats, weight: Floats, reach: float) -> Ints:
    """Merge mutual nearest neighbours until no two centres are within ``reach``; the group of each item."""
    group: Ints = np.arange(len(x))
    for step in _STEPS:
        for _ in range(_ROUNDS):
            into = _mutual(x, y, reach * step)
            if into is None:
                break
            merged = np.asarray(np.bincount(into, weight), dtype=np.float64)
            x, y = np.bincount(into, x * weight) / merged, np.bincount(into, y * weight) / merged
            weight, group = merged, into[group]
    return group


def _mutual(x: Floats, y: Floats, reach: float) -> Ints | None:
    """New numbers that join each two items that are each other's nearest within ``reach``; None without any."""
    a, b, distance = _pairs(x, y, reach)
    if len(a) == 0:
        return None
    one, other, away = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([distance, distance])
    least = np.full(len(x), np.inf)
    np.minimum.at(least, one, away)
    best = away == least[one]
    nearest = np.full(len(x), len(x))
    np.minimum.at(nearest, one[best], other[best])
    found = np.flatnonzero(nearest < len(x))
    paired = found[nearest[nearest[found]] == found]
    keeper = np.arange(len(x))
    keeper[paired] = np.minimum(paired, nearest[paired])
    return _renumbered(keeper)


def _renumbered(label: Ints) -> Ints:
    """The same groups with numbers from 0 without holes."""
    used = np.zeros(int(label.max(initial=0)) + 1, dtype=bool)
    used[label] = True
    numbers: Ints = np.cumsum(used) - 1
    return numbers[label]


def _pairs(x: Floats, y: Floats, reach: float) -> tuple[Ints, Ints, Floats]:
    """All pairs of items closer than ``reach``: indices and distances."""
    if len(x) < 2:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    col, row = np.floor(x / reach).astype(np.int64), np.floor(y / reach).astype(np.int64)
    col -= col.min() - 1
    width = int(col.max()) + 2
    key = (row - row.min()) * width + col
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    at = np.arange(len(x))
    same_row = at + 1, np.searchsorted(ordered, ordered + 1, side="right")
    next_row = (
        np.searchsorted(ordered, ordered + width - 1),
        np.searchsorted(ordered, ordered + width + 1, side="right"),
    )
    found = []
    for first, last in (same_row, next_row):
        count = np.maximum(last - first, 0)
        i = np.repeat(at, count)
        j = np.arange(len(i)) + np.repeat(first - (np.cumsum(count) - count), count)
        a, b = order[i], order[j]
        distance = np.hypot(x[a] - x[b], y[a] - y[b])
        near = distance < reach
        found.append((a[near], b[near], distance[near]))
    return (
        np.concatenate([part[0] for part in found]),
        np.concatenate([part[1] for part in found]),
        np.concatenate([part[2] for part in found]),
    )


def _small_groups_apart(px: Floats, py: Floats, label: Ints) -> Ints:
    """Take small groups apart again, but for points that would touch each other or a donut."""
    n = np.bincount(label, minlength=1)
    solo = np.flatnonzero(n[label] < SMALLEST)
    if len(solo) == 0:
        return label
    big = np.flatnonzero(n >= SMALLEST)
    big_x, big_y = (np.bincount(label, v)[big] / n[big] for v in (px, py))
    touching = _agglomerated(px[solo], py[solo], np.ones(len(solo)), TOUCH_PX)
    fresh = len(n) + touching
    alone = np.flatnonzero(np.bincount(touching)[touching] == 1)
    joins = _covered(px[solo[alone]], py[solo[alone]], big_x, big_y, radius_px(n[big]) + 7)
    fresh[alone[joins >= 0]] = big[joins[joins >= 0]]
    result = label.copy()
    result[solo] = fresh
    return _renumbered(result)


def _covered(x: Floats, y: Floats, big_x: Floats, big_y: Floats, radius: Floats) -> Ints:
    """For each point the nearest donut that would touch it, -1 for none."""
    nearest = np.full(len(x), -1)
    if len(x) == 0 or len(big_x) == 0:
        return nearest
    a, b, distance = _pairs(np.concatenate([x, big_x]), np.concatenate([y, big_y]), float(radius.max()))
    point, donut = np.minimum(a, b), np.maximum(a, b) - len(x)
    valid = (point < len(x)) & (donut >= 0)
    point, donut, distance = point[valid], donut[valid], distance[valid]
    close = distance < radius[donut]
    point, donut, distance = point[close], donut[close], distance[close]
    order = np.lexsort((donut, distance, point))
    first = np.unique(point[order], return_index=True)[1]
    nearest[point[order][first]] = donut[order][first]
    return nearest
