"""Which places a change of the map can concern: none is forgotten, hardly any is named in vain."""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely
import shapely.ops
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from casework.changed_ground import ChangedGround
from casework.coverage import Coverage, CoveredArea, redrawn
from geo.assignment import AreaIndex

NEAR_M = 5.0
WEST, EAST = shapely.box(101.0, 36.0, 101.5, 37.0), shapely.box(101.5, 36.0, 102.0, 37.0)


def level(*shapes: BaseGeometry, level_id: int = 1, rank: int = 0) -> Coverage:
    """A level of areas 1, 2, …, with these shapes."""
    areas = tuple(
        CoveredArea(i, i, f"P{i:02d}", rank, f"片{i}", f"P{i}", None, False, shape)
        for i, shape in enumerate(shapes, start=1)
    )
    index = AreaIndex.build(list(shapes), rank=[rank] * len(shapes))
    return Coverage(level_id, "patch", "片区", "Patch", 0, None, 1, areas, index)


def ground(before: Coverage, after: Coverage, near_m: float = NEAR_M) -> ChangedGround:
    found = ChangedGround.of([before], [after], near_m)
    assert found is not None
    return found


def _with(before: Coverage, **shapes: BaseGeometry) -> Coverage:
    changed = [replace(before.areas[int(key[1:]) - 1], geometry=shape) for key, shape in shapes.items()]
    return redrawn(before, changed)


def test_a_moved_border_concerns_what_changed_hands_and_what_is_near() -> None:
    before = level(WEST, EAST)
    border = shapely.LineString([(101.5, 36.0), (101.5, 36.4), (101.51, 36.5), (101.5, 36.6), (101.5, 37.0)])
    parts = shapely.get_parts(shapely.ops.split(shapely.box(101, 36, 102, 37), border))
    west, east = sorted(parts, key=lambda part: float(part.centroid.x))
    after = _with(before, p1=west, p2=east)
    found = ground(before, after)
    lon = np.array([101.505, 101.5, 101.49996, 101.45, 101.9, 101.505])
    lat = np.array([36.5, 36.45, 36.5, 36.5, 36.5, 36.9])
    assert found.holds(lon, lat).tolist() == [True, True, True, False, False, False]


def test_bands_hold_every_place_that_may_be_concerned() -> None:
    before = level(WEST, EAST)
    after = _with(before, p1=shapely.box(101.0, 36.0, 101.4, 37.0), p2=shapely.box(101.4, 36.0, 102.0, 37.0))
    found = ground(before, after)
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(101.3, 101.6, 5000), rng.uniform(36.0, 37.0, 5000)
    in_bands = np.zeros(5000, dtype=bool)
    for band in found.bands():
        in_bands |= (lat >= band.south) & (lat <= band.north) & (lon >= band.west) & (lon <= band.east)
    assert (in_bands >= found.holds(lon, lat)).all()
    assert found.holds(lon, lat).sum() < 5000 * 0.45


def test_what_stays_the_same_concerns_nobody() -> None:
    before = level(WEST, EAST)
    found = ground(before, redrawn(before, [replace(before.areas[0], name_zh="新名", version_id=9)]))
    assert found.is_empty
    assert list(found.bands()) == []
    assert not found.holds(np.array([101.2]), np.array([36.5])).any()


def test_an_area_that_ends_or_ranks_anew_concerns_all_of_it() -> None:
    before = level(WEST, EAST)
    inside, other = (np.array([101.2]), np.array([36.5])), (np.array([101.8]), np.array([36.5]))
    for after in (redrawn(before, [], {1}), redrawn(before, [replace(before.areas[0], rank=3)])):
        found = ground(before, after)
        assert found.holds(*inside).all()
        assert not found.holds(*other).any()


def test_a_level_that_comes_into_use_concerns_everything() -> None:
    streets, patches = level(WEST), level(WEST, level_id=2)
    assert ChangedGround.of([streets], [streets, patches], NEAR_M) is None
    assert ChangedGround.of([streets, patches], [streets], NEAR_M) is None


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 5.0, 300.0]))
def test_no_place_is_forgotten(seed: int, near_m: float) -> None:
    """Whatever is redrawn: a place that is not held gets the same answer from both maps."""
    rng = np.random.default_rng(seed)
    before, after = _random_pair(rng)
    found = ground(before, after, near_m)
    lon, lat = rng.uniform(101.0, 101.2, 400), rng.uniform(36.0, 36.2, 400)
    at = rng.choice(len(VERTICES), 100)
    lon[:100], lat[:100] = VERTICES[at].T + rng.normal(0, 2e-5, (2, 100))
    elsewhere = ~found.holds(lon, lat)
    was, now = (one.index.describe(lon, lat, near_m) for one in (before, after))
    for field in ("position", "kind", "near_border"):
        assert (getattr(was, field)[elsewhere] == getattr(now, field)[elsewhere]).all()


STEPS = np.linspace(0, 0.2, 5)
VERTICES = np.array([(101 + x, 36 + y) for x in STEPS for y in STEPS])


def _random_pair(rng: np.random.Generator) -> tuple[Coverage, Coverage]:
    """Squares of a city, and the same with some corners moved: shared ones move in all."""
    moved = {tuple(v): tuple(np.round(v + rng.normal(0, 4e-3, 2), 7)) for v in VERTICES[rng.choice(25, 3)]}

    def cells(move: dict[Any, Any]) -> list[BaseGeometry]:
        def corner(i: int, j: int) -> Any:
            here = (101 + STEPS[i], 36 + STEPS[j])
            return move.get(here, here)

        return [
            shapely.Polygon([corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)])
            for i in range(4)
            for j in range(4)
        ]

    before = level(*cells({}))
    shapes = cells(moved)
    changed = [
        replace(area, geometry=shape)
        for area, shape in zip(before.areas, shapes, strict=True)
        if shape.is_valid and not shapely.equals(shape, area.geometry)
    ]
    return before, redrawn(before, changed)
