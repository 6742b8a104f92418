"""Where two maps can answer differently whose a place is: the ground that changed hands, and what lies beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from casework.coverage import Coverage

_DEPTH: Final = 6  # 64 x 64 cells over everything that changed
_LEAST_DEG: Final = 1e-6
_M_A_DEG: Final = 110_000.0  # fewer than there are anywhere, so that a distance never comes out short


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float


class ChangedGround:
    """The ground that changed hands between two maps, widened by the distance at which a border is near.

    It is kept as cells of a grid that hold all of it and little more: whether a place can be concerned is one look-up.
    """

    def __init__(self, pieces: Sequence[BaseGeometry], near_m: float) -> None:
        """Take the ground (WGS 84) and the distance in metres; ``of`` finds the ground."""
        self._pieces = (
            shapely.union_all(np.asarray(pieces, dtype=object)) if len(pieces) else shapely.Polygon()
        )
        self._reach = 0.0 if self._pieces.is_empty else _degrees(near_m, self._pieces.bounds)

    @classmethod
    def of(
        cls, before: Sequence[Coverage], after: Sequence[Coverage], near_m: float
    ) -> "ChangedGround | None":
        """What differs between two maps (levels coarsest first); None where it may be anything.

        That is so when a level comes into use or goes out of it: then every place has another finest level.
        """
        if [level.level_id for level in before] != [level.level_id for level in after]:
            return None
        pieces = [
            piece
            for old, new in zip(before, after, strict=True)
            if old is not new
            for piece in _differences(old, new)
        ]
        return cls(pieces, near_m)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed hands."""
        return bool(self._pieces.is_empty)

    @cached_property
    def box(self) -> Box:
        """The box around all of it."""
        west, south, east, north = self._pieces.bounds
        return Box(west - self._reach, south - self._reach, east + self._reach, north + self._reach)

    @cached_property
    def _cells(self) -> NDArray[np.bool_]:
        """Which cells (row from south, column from west) hold some of it."""
        shapely.prepare(self._pieces)
        row = col = np.zeros(1, dtype=np.int64)
        for depth in range(1, _DEPTH + 1):
            row, col = _halved(row, col)
            near = shapely.dwithin(self._pieces, self._squares(row, col, depth), self._reach)
            row, col = row[near], col[near]
        cells = np.zeros((1 << _DEPTH, 1 << _DEPTH), dtype=bool)
        cells[row, col] = True
        return cells

    def _squares(self, row: NDArray[np.int64], col: NDArray[np.int64], depth: int) -> Any:
        box, size = self.box, 1 << depth
        width, height = (box.east - box.west) / size, (box.north - box.south) / size
        west, south = box.west + col * width, box.south + row * height
        return shapely.box(west, south, west + width, south + height)

    def holds(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which places (degrees, WGS 84) can be concerned; one that is not said to be is certainly not."""
        if self.is_empty:
            return np.zeros(len(lon), dtype=bool)
        box, size = self.box, 1 << _DEPTH
        inside = (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
        where = np.flatnonzero(inside)
        # Rounding may put a place into the next cell: both are looked at.
        x = (lon[where] - box.west) * (size / (box.east - box.west))
        y = (lat[where] - box.south) * (size / (box.north - box.south))
        found = np.zeros(len(where), dtype=bool)
        for dx in (-1e-6, 1e-6):
            for dy in (-1e-6, 1e-6):
                col, row = (np.clip(np.floor(v), 0, size - 1).astype(np.int64) for v in (x + dx, y + dy))
                found |= self._cells[row, col]
        inside[where] = found
        return inside

    def bands(self) -> Iterable[Box]:
        """Boxes from south to north that together hold all of it: one for each row of cells."""
        if self.is_empty:
            return
        box, size = self.box, 1 << _DEPTH
        width, height = (box.east - box.west) / size, (box.north - box.south) / size
        for row in np.flatnonzero(self._cells.any(axis=1)).tolist():
            cols = np.flatnonzero(self._cells[row])
            yield Box(
                west=box.west + (int(cols[0]) - 1e-6) * width,
                south=box.south + (row - 1e-6) * height,
                east=box.west + (int(cols[-1]) + 1 + 1e-6) * width,
                north=box.south + (row + 1 + 1e-6) * height,
            )


def _differences(old: Coverage, new: Coverage) -> list[BaseGeometry]:
    """The ground of one level that changed hands: symmetric differences, and areas that came, went or rank anew."""
    was, now = old.by_id(), new.by_id()
    pieces = [was[one].geometry for one in was.keys() - now.keys()]
    pieces += [now[one].geometry for one in now.keys() - was.keys()]
    redrawn = []
    for one in was.keys() & now.keys():
        if was[one].rank != now[one].rank:
            pieces += [was[one].geometry, now[one].geometry]
        elif was[one].geometry is not now[one].geometry:
            redrawn.append((was[one].geometry, now[one].geometry))
    if redrawn:
        firsts, seconds = (np.asarray(side, dtype=object) for side in zip(*redrawn, strict=True))
        ground = shapely.symmetric_difference(firsts, seconds)
        pieces += [one for one in ground.tolist() if not one.is_empty]
    return pieces


def _degrees(metres: float, bounds: tuple[float, float, float, float]) -> float:
    """A distance in degrees that is nowhere shorter than ``metres``."""
    widest = max(abs(bounds[1]), abs(bounds[3]))
    return max(metres / (_M_A_DEG * max(float(np.cos(np.radians(min(widest, 89.0)))), 0.01)), _LEAST_DEG)


def _halved(row: NDArray[np.int64], col: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The four quarters of each cell."""
    rows = np.concatenate([2 * row, 2 * row, 2 * row + 1, 2 * row + 1])
    cols = np.concatenate([2 * col, 2 * col + 1, 2 * col, 2 * col + 1])
    return rows, cols
