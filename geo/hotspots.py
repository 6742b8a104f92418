"""Hot spots: where more findings lie together than chance would bring (Getis-Ord Gi*)."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage, special
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST: Final = 30  # with fewer points the normal distribution says nothing about counts
MIN_TOGETHER: Final = 3  # two points in an empty corner are no hot spot, whatever the formula says
SIZES_M: Final = (100, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000)
MAX_CELLS: Final = 40_000
SURE: Final = (0.05, 0.01)  # level 1, level 2
_METRES_A_DEGREE: Final = 111_195.0
_QUEEN: Final = np.ones((3, 3))


@dataclass(frozen=True, slots=True)
class HotCell:
    """A field of the grid that is hot: its box in degrees (WGS 84), its points, and those of it and its neighbours.

    ``expected`` is how many ``around`` would have if all fields had the same; ``level`` 1: false in at most 5 of 100
    fields so marked, 2: in at most 1 of 100. ``is_peak``: no hot field within two fields of it has a higher score.
    """

    west: float
    south: float
    east: float
    north: float
    count: int
    around: int
    expected: float
    z: float
    level: int
    is_peak: bool


@dataclass(frozen=True, slots=True)
class Hotspots:
    """The hot fields of an area. ``enough`` is whether there were points enough to say anything."""

    cell_m: float
    points: int
    fields: int
    enough: bool
    cells: list[HotCell]


def cell_size_m(area_m2: float, points: int) -> float:
    """The side of a field, in round numbers: with its eight neighbours it has the ground of about two points.

    Never so small that the area has more than 40,000 fields.
    """
    wanted = float(np.sqrt(2 * area_m2 / max(points, 1))) / 3
    least = float(np.sqrt(area_m2 / MAX_CELLS))
    for size in SIZES_M:
        if size >= max(wanted, least):
            return float(size)
    return max(float(SIZES_M[-1]), least)


def hot_spots(
    lon: Floats,
    lat: Floats,
    outline: BaseGeometry,
    cell_m: float | None = None,
    known: tuple[Floats, Floats] | None = None,
) -> Hotspots:
    """The hot fields of a square grid laid over ``outline`` (polygon, WGS 84), for points in degrees (WGS 84).

    Fields whose middle lies in the outline count, and with them those that have a point. With ``known`` (lon, lat of
    all points ever) only fields that one of those is in or beside: woods where nobody ever looks are no measure for
    streets. Lengths are local metres (equirectangular around the outline's middle: right to some parts in ten
    thousand within a city).
    """
    west, south, east, north = outline.bounds
    scale = np.array([_METRES_A_DEGREE * np.cos(np.radians((south + north) / 2)), _METRES_A_DEGREE])
    area_m2 = float(outline.area * scale[0] * scale[1])
    size = cell_m or cell_size_m(area_m2, len(lon))
    columns = max(1, int(np.ceil((east - west) * scale[0] / size)))
    rows = max(1, int(np.ceil((north - south) * scale[1] / size)))

    def counted(lon: Floats, lat: Floats) -> Ints:
        x = np.floor((np.asarray(lon) - west) * scale[0] / size).astype(np.int64)
        y = np.floor((np.asarray(lat) - south) * scale[1] / size).astype(np.int64)
        inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
        flat = np.bincount(y[inside] * columns + x[inside], minlength=rows * columns)
        return flat.reshape(rows, columns).astype(np.int64)

    counts = counted(lon, lat)
    middle_x = west + (np.arange(columns) + 0.5) * size / scale[0]
    middle_y = south + (np.arange(rows) + 0.5) * size / scale[1]
    shapely.prepare(outline)
    ground: NDArray[np.bool_] = np.asarray(shapely.contains_xy(outline, *np.meshgrid(middle_x, middle_y)))
    if known is not None:
        ground = ground & ndimage.binary_dilation(counted(*known) > 0, structure=_QUEEN)
    ground = ground | (counts > 0)
    points, fields = int(counts.sum()), int(ground.sum())
    if points < LEAST:
        return Hotspots(size, points, fields, False, [])
    z, around, neighbours = gi_star(counts, ground)
    level = _levels(z, ground & (around >= MIN_TOGETHER) & (counts > 0), ground)
    peaks = _peaks(z, level > 0)
    mean = points / fields
    cells = [
        HotCell(
            west + i * size / scale[0], south + j * size / scale[1],
            west + (i + 1) * size / scale[0], south + (j + 1) * size / scale[1],
            int(counts[j, i]), int(around[j, i]), float(mean * neighbours[j, i]), float(z[j, i]), int(level[j, i]),
            bool(peaks[j, i]),
        )
        for j, i in zip(*np.nonzero(level), strict=True)
    ]  # fmt: skip
    return Hotspots(size, points, fields, True, cells)


def gi_star(counts: NDArray[Any], ground: NDArray[np.bool_]) -> tuple[Floats, Ints, Ints]:
    """Gi* of each field, how many points it and its eight neighbours have, and how many of those fields count.

    With w 1 for the field itself and its neighbours that count, n fields, their mean X and standard deviation S:
    Gi* = (sum w x - X sum w) / (S sqrt((n sum w^2 - (sum w)^2) / (n - 1))), where S^2 = sum x^2 / n - X^2.
    Ord & Getis, "Local spatial autocorrelation statistics", Geographical Analysis 27 (1995), formula 14. A z-score;
    0 where all fields have the same.
    """
    x = np.where(ground, counts, 0).astype(np.float64)
    n = int(ground.sum())
    around = ndimage.convolve(x, _QUEEN, mode="constant")
    weights = ndimage.convolve(ground.astype(np.float64), _QUEEN, mode="constant")
    mean = x.sum() / max(n, 1)
    spread = np.sqrt(max((x**2).sum() / max(n, 1) - mean**2, 0.0))
    below = spread * np.sqrt(np.maximum(n * weights - weights**2, 0.0) / max(n - 1, 1))
    z = np.divide(around - mean * weights, below, out=np.zeros_like(x), where=below > 1e-12)
    return np.where(ground, z, 0.0), np.rint(around).astype(np.int64), np.rint(weights).astype(np.int64)


def _peaks(z: Floats, hot: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The hot fields that are the highest of those around them; of equal ones only the first."""
    order = np.arange(z.size, dtype=np.float64).reshape(z.shape)
    ranked = np.where(hot, z - order * 1e-9, -np.inf)
    found: NDArray[np.bool_] = hot & (
        ranked >= ndimage.maximum_filter(ranked, size=5, mode="constant", cval=-np.inf)
    )
    return found


def _levels(z: Floats, may: NDArray[np.bool_], ground: NDArray[np.bool_]) -> NDArray[np.int8]:
    """0, 1 or 2 for each field. Many fields are tested at once, so the share of false ones is held, not each test.

    Benjamini & Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995).
    """
    # The upper tail. scipy.stats says the same, and every process would load it for a second.
    p = special.ndtr(-z)
    tested = np.sort(p[ground])
    level = np.zeros(z.shape, dtype=np.int8)
    for one, share in enumerate(SURE, start=1):
        passed = np.flatnonzero(tested <= share * np.arange(1, len(tested) + 1) / len(tested))
        if len(passed):
            level[may & (p <= tested[passed[-1]])] = one
    return level
