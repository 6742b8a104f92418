"""Borders as edges between points of the 1e-7° grid: whole numbers, so that equal means equal.

A polygon is the sum of its directed edges, its inside on their left. In a sound coverage each edge between two
neighbours stands there once in each direction and the two cancel: what is left over is the outline, and whatever
is wrong. That is why a check of a whole city works on a few thousand edges only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STEPS = 10_000_000
"""Grid steps in a degree (`geo.crs.GRID_DEG`)."""
_WEST, _SOUTH = 1_800_000_000, 900_000_000


@dataclass(frozen=True, slots=True)
class Edges:
    """Directed edges: ``ends`` is (n, 4) grid steps x1 y1 x2 y2, ``owner`` the position of the area of each."""

    ends: Ints
    owner: Ints

    def __len__(self) -> int:
        return len(self.owner)

    def take(self, which: Bools | Ints) -> "Edges":
        """Some of them."""
        return Edges(self.ends[which], self.owner[which])

    def reversed(self) -> "Edges":
        """Each in the other direction: the polygon taken away."""
        return Edges(self.ends[:, [2, 3, 0, 1]], self.owner)

    @staticmethod
    def joined(several: Sequence["Edges"]) -> "Edges":
        """One after the other."""
        if not several:
            return NO_EDGES
        return Edges(
            np.concatenate([one.ends for one in several]), np.concatenate([one.owner for one in several])
        )


NO_EDGES = Edges(np.empty((0, 4), np.int64), np.empty(0, np.int64))


def to_steps(degrees: NDArray[np.float64]) -> Ints:
    """Degrees as whole grid steps."""
    return np.rint(degrees * STEPS).astype(np.int64)


def to_degrees(steps: Ints | NDArray[np.float64]) -> NDArray[np.float64]:
    """Grid steps as degrees: the same numbers as `geo.crs.snap` makes."""
    return np.asarray(steps / STEPS, dtype=np.float64)


def keys_of(points: Ints) -> Ints:
    """One number for each point of (n, 2) grid steps."""
    return (points[:, 0] + _WEST) * (1 << 31) + points[:, 1] + _SOUTH


def each_once(points: Ints) -> Ints:
    """The different ones among (n, 2) grid steps, in order."""
    keys = np.unique(keys_of(points))
    x, y = keys >> 31, keys & ((1 << 31) - 1)
    return np.stack([x - _WEST, y - _SOUTH], axis=1)


def edges_of(geometries: Sequence[BaseGeometry | None], owners: Sequence[int] | None = None) -> Edges:
    """The edges of polygons (valid ones, WGS 84), their insides on the left; `owners`: not 0, 1, 2 but these."""
    shapes = shapely.orient_polygons(np.array(geometries, dtype=object))
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    coordinates, of_point = shapely.get_coordinates(rings, return_index=True)
    if len(coordinates) < 2:
        return NO_EDGES
    points = to_steps(coordinates)
    follows = (of_point[1:] == of_point[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    ends = np.concatenate([points[:-1], points[1:]], axis=1)[follows]
    owner = of_part[of_ring[of_point[:-1][follows]]].astype(np.int64)
    if owners is not None:
        owner = np.asarray(owners, dtype=np.int64)[owner]
    return Edges(ends, owner)


def directions(ends: Ints) -> tuple[Ints, Ints, Ints]:
    """Keys of the smaller and of the larger end, and +1 where an edge runs from smaller to larger, else -1."""
    first, second = keys_of(ends[:, :2]), keys_of(ends[:, 2:])
    forward = first < second
    return np.where(forward, first, second), np.where(forward, second, first), np.where(forward, 1, -1)


def left_over(edges: Edges, also: Ints | None = None) -> Bools:
    """Which edges do not cancel: as many run one way as the other (within each value of `also`, if given)."""
    if not len(edges):
        return np.zeros(0, dtype=bool)
    group, count = grouped(edges.ends, also)
    _, _, sign = directions(edges.ends)
    net = np.bincount(group, weights=sign, minlength=count)
    return np.asarray(net[group] != 0)


def grouped(ends: Ints, also: Ints | None = None) -> tuple[Ints, int]:
    """The number of each edge's group, equal for edges between the same two points, and how many groups."""
    low, high, _ = directions(ends)
    columns = (high, low) if also is None else (high, low, also)
    mixed = np.zeros(len(low), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column, factor in zip(columns, _FACTORS, strict=False):
            mixed = (mixed ^ column.astype(np.uint64)) * factor
            mixed ^= mixed >> np.uint64(29)
    order = np.argsort(mixed, kind="stable")
    differs = np.zeros(len(low), dtype=bool)
    for column in columns:
        differs[1:] |= column[order[1:]] != column[order[:-1]]
    if (differs[1:] & (mixed[order[1:]] == mixed[order[:-1]])).any():  # two edges with one hash: sort exactly
        order = np.lexsort(columns)
        differs[:] = False
        for column in columns:
            differs[1:] |= column[order[1:]] != column[order[:-1]]
    group = np.empty(len(low), dtype=np.int64)
    group[order] = np.cumsum(differs)
    return group, int(group[order[-1]]) + 1 if len(order) else 0


_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


def on_earth(geometry: BaseGeometry) -> bool:
    """Whether all coordinates are numbers that a grid key can hold."""
    coordinates = shapely.get_coordinates(geometry)
    return bool(np.isfinite(coordinates).all() and (np.abs(coordinates) <= [180.0, 90.0]).all())
