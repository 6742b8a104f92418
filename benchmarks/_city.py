"""A made-up city for the benchmarks: areas with winding, shared borders, and points where people are."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi

Floats = NDArray[np.float64]

WEST, SOUTH, EAST, NORTH = 101.55, 36.45, 102.05, 36.85
_GRID_DEG = 1e-7
_ISLANDS, _OVERLAPS = 0.05, 0.02


def city_areas(areas: int, vertices: int, seed: int = 1) -> NDArray[np.object_]:
    """`areas` polygons of about `vertices` vertices: a coverage, then 5 % islands in holes and 2 % overlaps."""
    rng = np.random.default_rng(seed)
    islands = int(areas * _ISLANDS)
    polygons = _coverage(areas - islands, vertices, rng)
    polygons = _with_islands(polygons, islands, vertices, rng)
    for i in rng.choice(areas, int(areas * _OVERLAPS), replace=False):
        wider = shapely.transform(polygons[i], _scaled(polygons[i].centroid, 1.08))
        if wider.is_valid:
            polygons[i] = wider
    return polygons


def city_points(points: int, seed: int = 2) -> tuple[Floats, Floats]:
    """Longitudes and latitudes: four fifths around forty centres, the rest anywhere, a little of it outside."""
    rng = np.random.default_rng(seed)
    width, height = EAST - WEST, NORTH - SOUTH
    centres = rng.uniform(
        [WEST + 0.1 * width, SOUTH + 0.1 * height], [EAST - 0.1 * width, NORTH - 0.1 * height], (40, 2)
    )
    spread = rng.uniform(0.01, 0.06, 40)
    which = rng.integers(0, 40, points)
    lon = centres[which, 0] + rng.normal(size=points) * spread[which] * width
    lat = centres[which, 1] + rng.normal(size=points) * spread[which] * height
    anywhere = rng.random(points) < 0.2
    count = int(anywhere.sum())
    lon[anywhere] = rng.uniform(WEST - 0.02 * width, EAST + 0.02 * width, count)
    lat[anywhere] = rng.uniform(SOUTH - 0.02 * height, NORTH + 0.02 * height, count)
    return _snapped(lon), _snapped(lat)


def _coverage(n: int, vertices: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Cells of a Voronoi diagram whose borders wind; neighbours share every vertex."""
    seeds = rng.uniform([WEST, SOUTH], [EAST, NORTH], (n, 2))
    for _ in range(2):  # once or twice smoothed: patches are of like size
        diagram = _bounded(seeds)
        corners = [diagram.vertices[diagram.regions[diagram.point_region[i]]] for i in range(n)]
        seeds = np.array([ring.mean(axis=0) for ring in corners])
    diagram = _bounded(seeds)
    straight: set[tuple[int, int]] = set()
    while True:
        lines: dict[tuple[int, int], Floats] = {}
        rings = [
            _ring(diagram, diagram.regions[diagram.point_region[i]], vertices // 6, lines, straight)
            for i in range(n)
        ]
        polygons = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
        bad = np.flatnonzero(~shapely.is_valid(polygons))
        if len(bad) == 0:
            return polygons
        for i in bad:
            region = diagram.regions[diagram.point_region[i]]
            straight |= {_key(a, b) for a, b in zip(region, region[1:] + region[:1], strict=True)}


def _bounded(seeds: Floats) -> Voronoi:
    """The diagram of seeds mirrored at the four sides: the cells of the seeds fill the box exactly."""
    mirrored = [seeds]
    for axis, edge in ((0, WEST), (0, EAST), (1, SOUTH), (1, NORTH)):
        twin = seeds.copy()
        twin[:, axis] = 2 * edge - twin[:, axis]
        mirrored.append(twin)
    return Voronoi(np.vstack(mirrored))


def _key(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _ring(
    diagram: Voronoi,
    region: list[int],
    inner: int,
    lines: dict[tuple[int, int], Floats],
    straight: set[tuple[int, int]],
) -> Floats:
    parts = []
    for a, b in zip(region, region[1:] + region[:1], strict=True):
        key = _key(a, b)
        if key not in lines:
            start, end = diagram.vertices[list(key)]
            lines[key] = _winding(start, end, inner, key, 0.0 if key in straight else 0.05)
        line = lines[key] if key == (a, b) else lines[key][::-1]
        parts.append(line[:-1])
    return np.vstack(parts)


def _winding(start: Floats, end: Floats, inner: int, key: tuple[int, int], amplitude: float) -> Floats:
    """A polyline from start to end that winds about the straight one, the same for both neighbours."""
    rng = np.random.default_rng(key)
    t = np.linspace(0, 1, inner + 2)
    waves = rng.normal(size=(5, 1)) * np.sin(
        np.outer(np.arange(1, 6) * 2, np.pi * t) + rng.uniform(0, 6, (5, 1))
    )
    offset = amplitude * waves.sum(axis=0) * 4 * t * (1 - t) / 2 + rng.normal(
        size=len(t)
    ) * amplitude * 0.2 / max(inner, 1)
    offset[[0, -1]] = 0
    along = end - start
    return _snapped(start + np.outer(t, along) + np.outer(offset, [-along[1], along[0]]))


def _with_islands(
    polygons: NDArray[np.object_], islands: int, vertices: int, rng: np.random.Generator
) -> NDArray[np.object_]:
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    found: list[shapely.Polygon] = []
    for i in rng.permutation(len(polygons)):
        if len(found) == islands:
            break
        centre, radius = polygons[i].centroid, 0.2 * np.sqrt(polygons[i].area)
        wave = radius * (1 + 0.2 * np.sin(angles * 5 + rng.uniform(0, 6)))
        ring = _snapped(np.column_stack([centre.x + wave * np.cos(angles), centre.y + wave * np.sin(angles)]))
        island = shapely.Polygon(ring)
        if polygons[i].contains_properly(island):
            polygons[i] = shapely.Polygon(polygons[i].exterior, [ring])
            found.append(island)
    extra = np.empty(len(found), dtype=object)
    extra[:] = found
    return np.concatenate([polygons, extra])


def _scaled(centre: shapely.Point, factor: float):  # type: ignore[no-untyped-def]
    middle = np.array([centre.x, centre.y])
    return lambda xy: _snapped(middle + (xy - middle) * factor)


def _snapped(values: Floats) -> Floats:
    return np.asarray(np.round(values / _GRID_DEG) * _GRID_DEG)
