"""From street edges to blocks that tile the district exactly, on the stored grid of 1e-7 degrees."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from tools.demo_city.frame import GRID_DEG, Floats, one_polygon

MIN_BLOCK_KM2 = 0.004
KM2_PER_DEG2 = 111.2 * 111.32 * 0.803
"""Square kilometres in a square degree at 36.6 degrees north, good enough to compare sizes."""


@dataclass(frozen=True)
class Tiling:
    """Blocks of the district and its neighbours' polygons, noded together: equal numbers at shared vertices."""

    blocks: list[Polygon]
    neighbours: dict[str, Polygon]


def tile(edges: list[LineString], districts: dict[str, Polygon], code: str) -> Tiling:
    """Polygonise street edges (lon/lat) together with every district's border.

    `districts` maps codes to lon/lat polygons that form a coverage; `code` is the one that is divided.
    """
    borders = [LineString(p.exterior) for c, p in districts.items() if c != code]
    noded = shapely.union_all(shapely.get_parts(shapely.union_all(edges + borders)), grid_size=GRID_DEG)
    faces = [
        shapely.transform(f, lambda a: np.round(a, 7))
        for f in shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    ]
    points = [f.representative_point() for f in faces]
    blocks = [f for f, p in zip(faces, points, strict=True) if districts[code].contains(p)]
    neighbours = {}
    for other, polygon in districts.items():
        parts = [f for f, p in zip(faces, points, strict=True) if polygon.contains(p)]
        if other != code:
            neighbours[other] = one_polygon(shapely.coverage_union_all(parts))
    return Tiling(_without_crumbs(blocks), neighbours)


def _without_crumbs(blocks: list[Polygon]) -> list[Polygon]:
    """Join every block that is too small or too thin to the neighbour that it shares most border with."""
    left = sorted(blocks, key=lambda b: (b.area, b.bounds))
    done: list[Polygon] = []
    while left:
        block = left.pop(0)
        if not _is_crumb(block):
            done.append(block)
            continue
        pool = left + done
        near = STRtree(pool).query(block, predicate="intersects")
        best = max(near.tolist(), key=lambda i: shared_border(block, pool[i]))
        joined = one_polygon(shapely.coverage_union_all([block, pool[best]]))
        if best < len(left):
            left[best] = joined
        else:
            done[best - len(left)] = joined
    return done


def _is_crumb(block: Polygon) -> bool:
    return bool(block.area * KM2_PER_DEG2 < MIN_BLOCK_KM2 or shapely.minimum_clearance(block) < 1e-6)


def shared_border(one: Polygon, other: Polygon) -> float:
    """Return the length of the border that two polygons of one coverage share, in degrees."""
    return float(shapely.length(shapely.intersection(one.boundary, other.boundary)))


def merge_vertices(coords: Floats, polygons: NDArray[np.object_]) -> list[BaseGeometry]:
    """Return the polygons with rounded `coords`, vertices within a decimetre of each other made one, in all alike."""
    points = np.unique(coords, axis=0)
    pairs = cKDTree(points).query_pairs(1e-6)
    kept = {tuple(points[b]): tuple(points[a]) for a, b in sorted(pairs)}
    moved = np.array([kept.get(tuple(c), tuple(c)) for c in coords])
    return [shapely.remove_repeated_points(g) for g in shapely.set_coordinates(polygons.copy(), moved)]
