"""Coverages for tests and benchmarks: Voronoi cells with wiggly borders, shared vertices equal on the 1e-7° grid."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

WEST, SOUTH, SIZE = 101.70, 36.50, 0.10


def wiggly(
    count: int, vertices: int = 60, *, seed: int = 0, size: float = SIZE, wiggle: float = 0.12
) -> list[shapely.Polygon]:
    """`count` polygons that tile a square of `size` degrees, with about `vertices` vertices each.

    Borders wander up to `wiggle` of their length sideways. Neighbours have all vertices of their border in common.
    """
    dice = np.random.default_rng(seed)
    sites = dice.random((count, 2))
    for _ in range(2):  # towards cells of similar size
        sites = np.array([cell.centroid.coords[0] for cell in _cells(sites)])
    cells = _cells(sites)
    paths: dict[tuple[tuple[float, ...], tuple[float, ...]], Floats] = {}
    steps = max(1, vertices // 6)
    areas = []
    for cell in cells:
        ring = [tuple(point) for point in np.round(cell.exterior.coords[:-1], 9).tolist()]
        points: list[Floats] = []
        for one, other in zip(ring, ring[1:] + ring[:1], strict=True):
            low, high = sorted((one, other))
            if (low, high) not in paths:
                paths[low, high] = _path(np.array(low), np.array(high), steps, wiggle, dice)
            path = paths[low, high]
            points.append(path[:-1] if one == low else path[::-1][:-1])
        areas.append(shapely.Polygon(on_grid(np.concatenate(points), size)))
    return areas


def on_grid(unit: Floats, size: float = SIZE) -> Floats:
    """Coordinates of the unit square as longitude and latitude on the grid."""
    return np.asarray(np.round(unit * size + [WEST, SOUTH], 7))


def moved(area: BaseGeometry, vertex: int, east: float, north: float) -> shapely.Polygon:
    """The area with one vertex of its (first) outer ring shifted by grid steps."""
    exterior, *holes = shapely.get_rings(shapely.get_parts(area)[0])
    points = shapely.get_coordinates(exterior)[:-1].copy()
    points[vertex % len(points)] += np.array([east, north]) * 1e-7
    return shapely.Polygon(np.round(points, 7), holes)


def _cells(sites: Floats) -> list[shapely.Polygon]:
    square = shapely.box(0, 0, 1, 1)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(sites), extend_to=square, ordered=True)
    clipped = shapely.intersection(np.array(cells.geoms, dtype=object), square)
    return [shapely.Polygon(np.clip(shapely.get_coordinates(cell), 0, 1)) for cell in clipped]


def _path(low: Floats, high: Floats, steps: int, wiggle: float, dice: np.random.Generator) -> Floats:
    along = high - low
    outer = any(low[axis] == high[axis] and low[axis] in (0.0, 1.0) for axis in (0, 1))
    place = np.linspace(0, 1, steps + 1)
    if outer:
        return np.asarray(low + place[:, None] * along)
    phases = dice.uniform(0, 2 * np.pi, 3)
    waves = np.sum([np.sin(2 * np.pi * (k + 1) * place + phases[k]) / (k + 1) for k in range(3)], axis=0)
    aside = wiggle / 2 * waves * np.minimum(place, 1 - place)
    path: Floats = low + place[:, None] * along + aside[:, None] * np.array([-along[1], along[0]])
    path[0], path[-1] = low, high
    return path


def districts(areas: Sequence[BaseGeometry], count: int) -> tuple[list[BaseGeometry], list[int]]:
    """Parents that areas are joined into, roughly a square of them, and the parent of each area."""
    side = max(1, round(count**0.5))
    middle = np.array([area.centroid.coords[0] for area in areas])
    low, high = middle.min(axis=0), middle.max(axis=0)
    cells = np.minimum((middle - low) / (high - low + 1e-9) * side, side - 1e-9).astype(int)
    known = sorted({(x, y) for x, y in cells.tolist()})
    parent_of = [known.index((x, y)) for x, y in cells.tolist()]
    members = [
        [area for area, own in zip(areas, parent_of, strict=True) if own == at] for at in range(len(known))
    ]
    return [shapely.coverage_union_all(several) for several in members], parent_of
