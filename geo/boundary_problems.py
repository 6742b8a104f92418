"""What can be wrong with the boundaries of a level: kinds, places and sizes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.boundary_sizes import ground_m2, way_m

SLIVER_WIDTH_M = 1.0
"""What is thinner than this (twice its area by its perimeter: the width of a long strip) is a sliver."""
NEAR_M = 0.5
"""Vertices of two areas that are nearer than this, and not equal, were meant to be one."""


class ProblemKind(StrEnum):
    """What is wrong; `BoundaryProblem.detail` says more."""

    INVALID = "invalid"
    """An area that is no valid polygon: detail is the reason, see `geo.boundary_invalid`."""
    GAP = "gap"
    """Covered by no area. detail: enclosed (by areas), parent (within the parent, at its border)."""
    OVERLAP = "overlap"
    """Covered by two areas. detail: partial, contained (the second area lies in the first or the reverse)."""
    SLIVER = "sliver"
    """Thinner than `SLIVER_WIDTH_M`. detail: gap, overlap, spill or area (an area, or a part of it)."""
    SPILL = "spill"
    """A part of an area outside its parent. detail: outside (all of it), partial."""
    T_JUNCTION = "t_junction"
    """No common vertex where two areas meet. detail: on_edge (a vertex of the others lies within an edge of the
    first position), near_edge (the same up to `NEAR_M` away), near_vertex (two vertices that nearly are one)."""
    DUPLICATE = "duplicate"
    """Two areas that are the same. detail: equal, nearly."""
    UNCOVERED = "uncovered"
    """A parent without any area in it."""


@dataclass(frozen=True, slots=True)
class BoundaryProblem:
    """One problem.

    ``positions``: the areas concerned (for a gap: those around it), ``parent``: the position of the parent
    concerned, -1 where none. ``place`` is WGS 84; ``lon``, ``lat``: a point of it, for a label (NaN where an
    invalid area has none). ``area_m2`` and ``length_m``: the place's area and perimeter on the ellipsoid
    (`geo.boundary_sizes`); for a T-junction the distance that is amiss.
    """

    kind: ProblemKind
    positions: tuple[int, ...]
    place: BaseGeometry
    lon: float
    lat: float
    area_m2: float = 0.0
    length_m: float = 0.0
    detail: str = ""
    parent: int = -1

    @property
    def width_m(self) -> float:
        """Mean width in metres: twice the area by the perimeter."""
        return mean_width_m(self.area_m2, self.length_m)


def mean_width_m(area: float, perimeter: float) -> float:
    """The width of a long strip with this area (m²) and perimeter (m)."""
    return 2.0 * area / perimeter if perimeter > 0 else 0.0


def areal(
    kind: ProblemKind, positions: tuple[int, ...], place: BaseGeometry, *, detail: str, parent: int = -1
) -> BoundaryProblem:
    """A problem that has an extent; a thin one becomes a sliver of its kind."""
    area, perimeter = ground_m2(place), way_m(place)
    if kind in _THIN and mean_width_m(area, perimeter) < SLIVER_WIDTH_M:
        kind, detail = ProblemKind.SLIVER, kind.value
    label = shapely.point_on_surface(place)
    return BoundaryProblem(kind, positions, place, label.x, label.y, area, perimeter, detail, parent)


def at_point(
    kind: ProblemKind,
    positions: tuple[int, ...],
    point: NDArray[np.float64],
    *,
    detail: str,
    length: float = 0.0,
) -> BoundaryProblem:
    """A problem at one point (lon, lat); `length` in metres."""
    lon, lat = float(point[0]), float(point[1])
    return BoundaryProblem(kind, positions, shapely.Point(lon, lat), lon, lat, 0.0, length, detail)


def in_order(problems: list[BoundaryProblem]) -> list[BoundaryProblem]:
    """The gravest kinds first, then the largest; the same problems always in the same order."""

    def key(problem: BoundaryProblem) -> tuple[Any, ...]:
        where = (round(problem.lon, 7), round(problem.lat, 7))
        return _RANK[problem.kind], -round(problem.area_m2, 3), problem.positions, problem.parent, where

    return sorted(problems, key=key)


_THIN = (ProblemKind.GAP, ProblemKind.OVERLAP, ProblemKind.SPILL)
_RANK = {kind: rank for rank, kind in enumerate((
    ProblemKind.INVALID, ProblemKind.DUPLICATE, ProblemKind.OVERLAP, ProblemKind.GAP, ProblemKind.SPILL,
    ProblemKind.SLIVER, ProblemKind.T_JUNCTION, ProblemKind.UNCOVERED,
))}  # fmt: skip
