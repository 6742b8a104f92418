"""Tree or grid, and how fine a grid: by what each costs for the areas at hand and the points to be answered.

The constants are nanoseconds on one core of a server of 2025 (`python -m benchmarks.assignment` measures anew);
only their ratios matter. A grid is taken, or a finer one in its place, as soon as the points that the present
way has answered and is about to answer would have repaid its build. So nobody pays more than about twice what
the best choice would have cost, had all points been known beforehand.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.area_shapes import Frame

CELLS = (256, 512, 1024, 2048, 4096, 8192)
MAX_BYTES = 1 << 30
"""No grid is chosen whose tables would take more; vertices and polygons come on top."""

_TREE_POINT, _TREE_CANDIDATE = 350.0, 420.0
_BUILD_EDGE, _BUILD_ENTRY, _BUILD_CELL = 65.0, 45.0, 13.0
_POINT, _POINT_ENTRY, _POINT_BOUNDARY = 17.0, 20.0, 60.0
_SLOW = 90.0
_COMPILED_POINT, _COMPILED_ENTRY, _COMPILED_BOUNDARY = 5.5, 12.0, 30.0


@dataclass(frozen=True)
class Costs:
    """What answering costs with some areas: `edges` in all, `reach` the length of their borders measured in the
    width and height of their common box, `stacked` the boxes over an average place.
    """

    edges: int
    reach: float
    stacked: float

    @classmethod
    def of(cls, polygons: NDArray[np.object_]) -> "Costs":
        """The costs of polygons (at least one)."""
        bounds = np.asarray(shapely.bounds(polygons)).reshape(-1, 4)
        low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
        width, height = np.maximum(high - low, 1e-300)
        with np.errstate(over="ignore", invalid="ignore"):
            length = float(np.sum(shapely.length(polygons)))
            boxes = np.sum((bounds[:, 2] - bounds[:, 0]) / width * ((bounds[:, 3] - bounds[:, 1]) / height))
        return cls(
            int(shapely.get_num_coordinates(polygons).sum()),
            length * 1.27 / float(np.sqrt(width) * np.sqrt(height)),
            float(boxes),
        )

    def tree_ns(self) -> float:
        """Nanoseconds a point by the tree."""
        return _TREE_POINT + _TREE_CANDIDATE * self.stacked

    def point_ns(self, cells: int, compiled: bool = False) -> float:
        """Nanoseconds a point by a grid of `cells` a side, by numba's or numpy's loops."""
        entries, boundary = self._boundary(cells)
        share = min(1.0, boundary / cells**2)
        among = share * entries / max(boundary, 1.0)
        if compiled:
            return _COMPILED_POINT + _COMPILED_BOUNDARY * share + _COMPILED_ENTRY * among
        return _POINT + _POINT_BOUNDARY * share + _POINT_ENTRY * among

    def build_ns(self, cells: int) -> float:
        """Nanoseconds for the whole grid."""
        return _BUILD_EDGE * self.edges + _BUILD_ENTRY * self._boundary(cells)[0] + _BUILD_CELL * cells**2

    def table_bytes(self, cells: int) -> float:
        """About the bytes of the grid's tables."""
        entries, boundary = self._boundary(cells)
        return 4.0 * cells**2 + 4 * entries + 26 * boundary

    def _boundary(self, cells: int) -> tuple[float, float]:
        """(edges entered into cells, boundary cells)."""
        passed = self.reach * cells
        return self.edges + passed, min(passed / 2, float(cells) ** 2)


def chosen(costs: Costs, bounds: NDArray[np.float64], now: int, points: int, compiled: bool = False) -> int:
    """How many cells a side a grid for these points has (0: the tree), `now` being what there is.

    `points` are those that the present way has answered and those that come.
    """
    present = costs.point_ns(now, compiled) if now else costs.tree_ns()
    best, gain = now, 0.0
    for cells in CELLS:
        if cells <= now or costs.table_bytes(cells) > MAX_BYTES or Frame.around(bounds, cells) is None:
            continue
        saved = points * (present - costs.point_ns(cells, compiled)) - costs.build_ns(cells)
        if saved > gain:
            best, gain = cells, saved
    return _not_slow(costs, bounds, best) if best != now else now


def _not_slow(costs: Costs, bounds: NDArray[np.float64], cells: int) -> int:
    """These cells, or finer ones where points would be slow in them: of many areas most of a build is the edges, so
    that finer cells cost little more and serve whatever is asked later.
    """
    for finer in CELLS:
        if finer <= cells or costs.point_ns(cells) <= _SLOW:
            continue
        if costs.table_bytes(finer) > MAX_BYTES or Frame.around(bounds, finer) is None:
            break
        cells = finer
    return cells
