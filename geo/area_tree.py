"""Areas in a tree of their boxes, and what GEOS says of a point and an area: the meaning of everything else."""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.area_tables import BORDER, IN, Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_preparing = threading.Lock()


class AreaTree:
    """Polygons (by precedence) and points: `shapely.covers` and `shapely.contains` for many pairs.

    Nothing is computed before it is asked for; threads may share it.
    """

    def __init__(self, polygons: NDArray[np.object_]) -> None:
        self.polygons = polygons
        self._ready = np.zeros(len(polygons), dtype=bool)

    @cached_property
    def boxes(self) -> shapely.STRtree:
        """The tree of the polygons' boxes."""
        return shapely.STRtree(self.polygons)

    def take_over(self, other: "AreaTree", but: Ints) -> None:
        """What another tree has made ready stays so here, but for some areas that differ."""
        self._ready = other._ready.copy()
        self._ready[but] = False

    def covering(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """Every pair (point, area) where the area covers the point, sorted by point, then area."""
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        local, area = self.boxes.query(shapely.points(x[finite], y[finite]))
        point = finite[local]
        covered = self._asked(shapely.intersects_xy, area, x[point], y[point])
        point, area = point[covered], area[covered]
        order = np.lexsort((area, point))
        return point[order], area[order]

    def interior(self, area: Ints, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Whether each point lies in the interior of its area."""
        return self._asked(shapely.contains_xy, area, x, y)

    def lies(self, area: Ints, x: Floats, y: Floats) -> Status:
        """How each point lies to its area: `OUT`, `IN` or `BORDER`."""
        status = self._asked(shapely.intersects_xy, area, x, y).astype(np.uint8) * np.uint8(BORDER)
        status[self.interior(area, x, y)] = IN
        return status

    def first(self, lon: float, lat: float) -> int:
        """The first area that covers a finite point, -1 when none does."""
        areas = np.sort(self.boxes.query(shapely.Point(lon, lat)))
        self._prepare(areas)
        return next((a for a in areas.tolist() if shapely.intersects_xy(self.polygons[a], lon, lat)), -1)

    def covers(self, area: int, lon: float, lat: float) -> bool:
        """Whether one area covers one point."""
        if not self._ready[area]:
            self._prepare(np.array([area]))
        return bool(shapely.intersects_xy(self.polygons[area], lon, lat))

    def _asked(self, predicate: Callable[..., Any], area: Ints, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """A predicate of pairs, one area after the other: its index stays in the processor's cache."""
        answer = np.zeros(len(area), dtype=bool)
        if len(area) == 0:
            return answer
        order = np.argsort(area, kind="stable")
        ordered = area[order]
        self._prepare(ordered[np.flatnonzero(np.diff(ordered, prepend=-1))])
        answer[order] = predicate(self.polygons[ordered], x[order], y[order])
        return answer

    def _prepare(self, areas: Ints) -> None:
        """Prepare areas and let GEOS build what it looks points up in: left to it, two threads could race."""
        if self._ready[areas].all():
            return
        with _preparing:
            cold = areas[~self._ready[areas]]
            polygons = self.polygons[cold]
            shapely.prepare(polygons)
            bounds = np.asarray(shapely.bounds(polygons)).reshape(-1, 4)
            for _ in range(2):  # the first question is answered without an index, the second builds it
                shapely.intersects_xy(polygons, bounds[:, 0], bounds[:, 1])
            self._ready[cold] = True
