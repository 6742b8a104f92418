"""Areas and points made to find mistakes of an index: what floating point, shared borders and grids stumble over."""

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from benchmarks._city import city_areas
from geo.area_choice import CELLS
from geo.area_shapes import Frame

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]


def city(rng: np.random.Generator, size: int) -> Objects:
    """A coverage with winding, shared borders, islands in holes and overlaps."""
    return city_areas(4 * size, 60, int(rng.integers(1 << 30)))


def soup(rng: np.random.Generator, size: int) -> Objects:
    """Stars, slivers, specks, rings, groups and one area over everything, anywhere over each other."""
    shapes: list[BaseGeometry] = [shapely.box(101, 36, 102, 37)]
    for _ in range(size):
        at = rng.uniform([101, 36], [102, 37])
        shapes += [
            star(rng, at, 10 ** rng.uniform(-3, -0.5)),
            star(rng, at, 10 ** rng.uniform(-9, -4)),
            sliver(rng, at),
            star(rng, at, 0.1).difference(star(rng, at, 0.05)),
            shapely.union_all([star(rng, at + offset, 0.03) for offset in rng.uniform(-0.2, 0.2, (4, 2))]),
        ]
    return _array([shape for shape in shapes if shape.geom_type.endswith("Polygon") and shape.is_valid])


def lattice(rng: np.random.Generator, size: int) -> Objects:
    """Boxes and triangles with corners on binary fractions, where cells of a grid end too: they touch at corners
    and along edges, lie over each other, and have islands in their holes.
    """
    shapes = []
    for _ in range(6 * size):
        x, y = rng.integers(0, 60, 2)
        w, h = rng.integers(1, 5, 2)
        box = shapely.box(x, y, x + w, y + h)
        if w > 2 and h > 2:
            hole = shapely.box(x + 1, y + 1, x + w - 1, y + h - 1)
            shapes += [box.difference(hole), hole]
        elif rng.random() < 0.3:
            shapes.append(shapely.Polygon([(x, y), (x + w, y), (x, y + h)]))
        else:
            shapes.append(box)
    shapes += [shapely.box(0, 0, 64, 64), shapely.box(-4, -4, 0, 0)]
    return _array([shapely.transform(shape, lambda xy: 96 + xy / 16) for shape in shapes])


def world(rng: np.random.Generator, size: int) -> Objects:
    """Areas up to the poles and the antimeridian, and some around 0,0."""
    shapes = [
        shapely.box(-180, -90, 180, -60),
        shapely.box(-180, 60, -170, 90),
        shapely.box(170, 60, 180, 90),
    ]
    shapes += [shapely.box(x, y, x + 30, y + 20) for x in range(-180, 180, 30) for y in range(-60, 60, 20)]
    for _ in range(size):
        shapes.append(star(rng, rng.uniform([-170, -80], [170, 80]), 10 ** rng.uniform(-3, 0.9)))
    shapes += [star(rng, np.zeros(2), 10 ** rng.uniform(-14, 1)) for _ in range(size // 6)]
    return _array([shape for shape in shapes if shape.is_valid])


def speck(rng: np.random.Generator, size: int) -> Objects:
    """Everything within some metres: near the limit of what a float can tell apart."""
    middle = np.array([101.77123456789, 36.61123456789])
    shapes = [
        star(rng, middle + rng.uniform(-1e-5, 1e-5, 2), 10 ** rng.uniform(-7, -5)) for _ in range(3 * size)
    ]
    return _array([shape for shape in shapes if shape.is_valid])


KINDS: dict[str, Callable[[np.random.Generator, int], Objects]] = {
    "city": city, "soup": soup, "lattice": lattice, "world": world, "speck": speck,
}  # fmt: skip


def star(rng: np.random.Generator, at: Floats, radius: float) -> shapely.Polygon:
    """A jagged ring around a place."""
    count = int(rng.integers(5, 60))
    angles = (np.arange(count) + rng.random(count)) * 2 * np.pi / count
    away = radius * rng.uniform(0.4, 1, len(angles))
    return shapely.Polygon(np.column_stack([at[0] + away * np.cos(angles), at[1] + away * np.sin(angles)]))


def sliver(rng: np.random.Generator, at: Floats) -> shapely.Polygon:
    """A triangle that is next to nothing wide."""
    to = at + rng.uniform(-0.3, 0.3, 2)
    aside = (at + to) / 2 + 10 ** rng.uniform(-14, -6) * rng.choice([-1, 1], 2)
    return shapely.Polygon([at, to, aside])


def ordinary_points(rng: np.random.Generator, areas: Objects, count: int) -> Floats:
    """Places [n, 2] anywhere over the areas and a little beyond, half of them within single areas' boxes."""
    bounds = shapely.bounds(areas)
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    margin = 0.05 * (high - low)
    box = bounds[rng.integers(0, len(bounds), count // 2)]
    return np.vstack([
        rng.uniform(low - margin, high + margin, (count - count // 2, 2)),
        box[:, :2] + rng.random((len(box), 2)) * (box[:, 2:] - box[:, :2]),
    ])  # fmt: skip


def hard_points(rng: np.random.Generator, areas: Objects, count: int) -> Floats:
    """Places [about n, 2] on vertices, on edges and beside them, level with vertices, on lines of every grid, at the
    ends of the world and nowhere.
    """
    start, end = _edges(areas)
    each = count // 12
    pick = rng.integers(0, len(start), (6, each))
    share = rng.random((each, 1))
    along = start[pick[1]] + share * (end[pick[1]] - start[pick[1]])
    low, high = np.minimum(start, end).min(axis=0), np.maximum(start, end).max(axis=0)
    level, upright = rng.uniform(low, high, (2, each, 2))
    level[:, 1], upright[:, 0] = start[pick[2], 1], start[pick[3], 0]
    aside = (high - low) * rng.normal(size=(each, 2)) * 10 ** rng.uniform(-6, -2, (each, 1))
    level[::2, 0] = start[pick[2], 0][::2] + aside[::2, 0]
    upright[::2, 1] = start[pick[3], 1][::2] + aside[::2, 1]
    parts = [
        start[pick[0]], _beside(rng, start[pick[0]]), _beside(rng, _beside(rng, start[pick[5]])),
        (start[pick[2]] + end[pick[2]]) / 2, _beside(rng, (start[pick[3]] + end[pick[3]]) / 2),
        along, _beside(rng, along), level, _beside(rng, level), upright,
        _on_grids(rng, areas, start, 2 * each), nowhere(),
    ]  # fmt: skip
    return np.vstack(parts)


def nowhere() -> Floats:
    """Every pair of numbers that are the end of something."""
    ends = [
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        90.0,
        -90.0,
        180.0,
        -180.0,
        1e308,
        -1e308,
        np.inf,
        -np.inf,
        np.nan,
        1e-300,
    ]
    ends += [
        np.nextafter(180, 181),
        np.nextafter(-180, -181),
        np.nextafter(90, 91),
        np.nextafter(90, 89),
        360.0,
    ]
    return np.array([(x, y) for x in ends for y in ends])


def _on_grids(rng: np.random.Generator, areas: Objects, start: Floats, count: int) -> Floats:
    """Places on the lines between cells and on the rows' reference lines, some of them level with a vertex."""
    bounds, parts = np.asarray(shapely.bounds(areas)), []
    for cells in CELLS:
        frame = Frame.around(bounds, cells)
        if frame is None:
            continue
        each = count // len(CELLS)
        xy = np.column_stack([
            frame.x0 + rng.integers(0, cells, each) / frame.sx,
            frame.y0 + rng.integers(0, 2 * cells, each) / (2 * frame.sy),
        ])  # fmt: skip
        third = each // 3
        xy[:third, 0] = start[rng.integers(0, len(start), third), 0]
        xy[third : 2 * third, 1] = start[rng.integers(0, len(start), third), 1]
        rows = frame.row_y[rng.integers(0, cells, third)]
        xy[2 * third : 3 * third, 1] = rows
        xy[::2] = _beside(rng, xy[::2])
        parts.append(xy)
    return np.vstack(parts) if parts else np.zeros((0, 2))


def _beside(rng: np.random.Generator, xy: Floats) -> Floats:
    """The next number up, down or the same, in each coordinate."""
    toward = rng.choice([-np.inf, 0.0, np.inf], xy.shape)
    return np.where(toward == 0, xy, np.nextafter(xy, toward))


def _edges(areas: Objects) -> tuple[Floats, Floats]:
    rings = shapely.get_rings(shapely.get_parts(areas))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return xy[:-1][same], xy[1:][same]


def _array(shapes: Sequence[BaseGeometry]) -> Objects:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array
