"""The grid against GEOS, by every size of cells and every way of computing; `benchmarks.exactness` asks more."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from benchmarks._hard_areas import KINDS, hard_points, nowhere, ordinary_points
from benchmarks.exactness import Truth, compare, indexes
from geo import area_compiled, area_kernels_numpy
from geo.area_compiled import Kernels
from geo.assignment import AreaIndex, Kind

Floats = NDArray[np.float64]

WAYS = ["tree", "grid, numpy", "grid, numba"]


def settled(areas: Sequence[BaseGeometry], rank: list[int] | None, way: str, cells: int = 256) -> AreaIndex:
    index = AreaIndex.build(areas, rank)
    if way == "tree":
        index.settle(0)
        return index
    kernels: Kernels = area_kernels_numpy if way.endswith("numpy") else area_compiled.start()
    if way.endswith("numba") and kernels is area_kernels_numpy:
        pytest.skip("numba is hidden or missing")
    assert index.settle(cells, kernels)
    return index


corner = st.integers(0, 12)
step = st.sampled_from([0.0, 1e-15, 5e-8, 0.25, 1 / 3])


@st.composite
def soups(draw: st.DrawFn) -> list[BaseGeometry]:
    """A few valid polygons with corners on and off a lattice: over each other, touching, with holes, in groups."""
    shapes: list[BaseGeometry] = []
    for _ in range(draw(st.integers(1, 6))):
        places = draw(st.lists(st.tuples(corner, corner, step), min_size=3, max_size=7))
        shape = shapely.make_valid(shapely.Polygon([(x + aside, y - aside) for x, y, aside in places]))
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
        if parts:
            shapes.append(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))
    return [shape for shape in shapes if shape.is_valid] or [shapely.box(0, 0, 1, 1)]


@st.composite
def places_of(draw: st.DrawFn, shapes: list[BaseGeometry]) -> Floats:
    """Vertices, places along edges, the next numbers beside them, and anything."""
    xy = shapely.get_coordinates(shapes)
    found = []
    for _ in range(draw(st.integers(1, 15))):
        a, b = xy[draw(st.integers(0, len(xy) - 1))], xy[draw(st.integers(0, len(xy) - 1))]
        place = a + draw(st.sampled_from([0.0, 0.5, 0.25, 1 / 3, 1.0])) * (b - a)
        toward = draw(st.tuples(*[st.sampled_from([-np.inf, np.inf, None])] * 2))
        found.append([v if t is None else np.nextafter(v, t) for v, t in zip(place, toward, strict=True)])
    found += draw(st.lists(st.tuples(st.floats(-2, 14), st.floats(-2, 14)).map(list), max_size=10))
    return np.array(found, dtype=float)


@pytest.mark.parametrize("way", WAYS)
@given(soups(), st.data())
def test_every_answer_is_that_of_geos(way: str, shapes: list[BaseGeometry], data: st.DataObject) -> None:
    rank = data.draw(st.lists(st.integers(-2, 2), min_size=len(shapes), max_size=len(shapes)))
    xy = data.draw(places_of(shapes))
    index = settled(shapes, rank, way)
    covering = [[i for i, shape in enumerate(shapes) if shapely.covers(shape, shapely.Point(p))] for p in xy]
    winners = [min(areas, key=lambda i: (rank[i], i), default=-1) for areas in covering]
    assert index.locate(*xy.T).tolist() == winners
    assert [index.locate_one(x, y) for x, y in xy.tolist()] == winners
    point, area = index.matches(*xy.T)
    assert list(zip(point.tolist(), area.tolist(), strict=True)) == [
        (p, a) for p, areas in enumerate(covering) for a in areas
    ]
    _, kind = index.classify(*xy.T)
    for place, what in zip(xy, kind, strict=True):
        inner = sum(shapely.contains(shape, shapely.Point(place)) for shape in shapes)
        edge = any(shapely.intersects(shape.boundary, shapely.Point(place)) for shape in shapes)
        nowhere = not place.any()
        expected = (
            Kind.OVERLAP if inner > 1 else Kind.BORDER if edge else Kind.INSIDE if inner else Kind.OUTSIDE
        )
        assert what == (Kind.NO_LOCATION if nowhere else expected)


@pytest.mark.parametrize("way", WAYS)
@given(soups(), soups(), st.data())
def test_redrawing_is_building_anew(
    way: str, shapes: list[BaseGeometry], others: list[BaseGeometry], data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(shapes) - 1), min_size=1, max_size=3, unique=True))
    redrawn = {position: others[i % len(others)] for i, position in enumerate(chosen)}
    after = [redrawn.get(position, shape) for position, shape in enumerate(shapes)]
    xy = np.vstack([data.draw(places_of(shapes)), data.draw(places_of(after))])
    rank = data.draw(st.lists(st.integers(0, 1), min_size=len(shapes), max_size=len(shapes)))
    old = settled(shapes, rank, way)
    before = old.locate(*xy.T).tolist()
    new, fresh = old.replace_many(redrawn), settled(after, rank, way)
    assert new.locate(*xy.T).tolist() == fresh.locate(*xy.T).tolist()
    assert [part.tolist() for part in new.matches(*xy.T)] == [part.tolist() for part in fresh.matches(*xy.T)]
    assert old.locate(*xy.T).tolist() == before


@pytest.mark.parametrize("way", WAYS[1:])
@settings(max_examples=40)
@given(soups(), st.data(), st.sampled_from([0.0, 5.0, 2_000.0, 60_000.0]))
def test_the_grid_describes_what_the_tree_describes(
    way: str, shapes: list[BaseGeometry], data: st.DataObject, near_m: float
) -> None:
    xy = data.draw(places_of(shapes))
    by_tree, by_grid = settled(shapes, None, "tree"), settled(shapes, None, way)
    one, other = (index.describe(xy[:, 0], xy[:, 1], near_m) for index in (by_tree, by_grid))
    for name in ("position", "kind", "near_border", "nearest", "candidate_point", "candidate_area"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert one.candidate_m == pytest.approx(other.candidate_m, abs=1e-6)
    assert one.nearest_m == pytest.approx(other.nearest_m, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("kind", KINDS)
def test_hard_points_of_hard_areas(kind: str) -> None:
    rng = np.random.default_rng(20260902)
    areas = KINDS[kind](rng, 12)
    xy = np.vstack([hard_points(rng, areas, 12_000), ordinary_points(rng, areas, 4_000)])
    rank = rng.integers(-1, 2, len(areas))
    truth = Truth.of(areas, xy)
    for label, index in indexes(areas, rank, cells=(256, 1024)):
        assert np.array_equal(index.locate(*xy.T), truth.winners(len(xy), rank)), label
        assert np.array_equal(index.classify(*xy.T)[1], truth.kinds(xy)), label
        assert np.array_equal(np.stack(index.matches(*xy.T)), np.stack([truth.point, truth.area])), label


def test_the_command_compares_all_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    compare(3_000, 3, seed=4)
    assert "every answer is that of shapely.covers" in capsys.readouterr().out


@pytest.mark.parametrize("way", WAYS)
def test_places_that_are_none_and_ends_of_the_world(way: str) -> None:
    world = [shapely.box(-180, -90, 0, 90), shapely.box(0, -90, 180, 90)]
    index, xy = settled(world, None, way), nowhere()
    expected = [
        next((i for i, box in enumerate(world) if np.isfinite(p).all() and box.covers(shapely.Point(p))), -1)
        for p in xy
    ]
    assert index.locate(*xy.T).tolist() == expected
    assert [index.locate_one(x, y) for x, y in xy.tolist()] == expected


@pytest.fixture(params=WAYS[1:])
def street(request: pytest.FixtureRequest) -> AreaIndex:
    """A hundred houses in a row, in a grid of which nothing is built."""
    houses = [shapely.box(101 + i * 0.001, 36, 101 + (i + 1) * 0.001, 36.001) for i in range(100)]
    return settled(houses, None, request.param, 1024)


def test_blocks_are_built_where_points_fall(street: AreaIndex) -> None:
    assert street.locate([101.0005], [36.0005]).tolist() == [0]
    few = street.nbytes
    street.locate(np.linspace(101, 101.1, 1000), np.full(1000, 36.0005))
    assert street.nbytes > 2 * few


def test_columns_of_a_table_and_arrays_that_must_not_be_written(street: AreaIndex) -> None:
    xy = np.column_stack([np.linspace(100.99, 101.11, 500), np.full(500, 36.0005)])
    xy.setflags(write=False)
    expected = np.where((xy[:, 0] >= 101) & (xy[:, 0] <= 101.1), np.floor((xy[:, 0] - 101) * 1000 - 1e-9), -1)
    assert np.abs(street.locate(xy[:, 0], xy[:, 1]) - expected).max() <= 1
    assert street.locate(xy[::-1, 0], xy[::-1, 1]).tolist() == street.locate(*xy.T.copy()).tolist()[::-1]


def test_threads_that_build_the_same_blocks_get_the_same_answers(street: AreaIndex) -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(100.99, 101.11, 20_000), rng.uniform(35.999, 36.002, 20_000)
    expected = settled(list(street.polygons), None, "tree").locate(lon, lat)
    answers: list[NDArray[np.int32]] = []
    threads = [
        threading.Thread(target=lambda part=part: answers.append(street.locate(lon[part::4], lat[part::4])))
        for part in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, answers)) == [5_000] * 4
    assert np.array_equal(street.locate(lon, lat), expected)
    assert {answer.tobytes() for answer in answers} == {expected[part::4].tobytes() for part in range(4)}


def test_redrawing_again_and_again_keeps_neither_memory_nor_mistakes(street: AreaIndex) -> None:
    lon, lat = np.linspace(101, 101.1, 2000), np.full(2000, 36.0005)
    index, most = street, 0
    index.locate(lon, lat)
    whole = index.nbytes
    for i in range(60):
        index = index.replace(i, shapely.box(101 + i * 0.001, 36, 101.0005 + i * 0.001, 36.001))
        index.locate(lon, lat)
        most = max(most, index.nbytes)
    assert most < 4 * whole
    fresh = settled(list(index.polygons), None, "tree")
    assert index.locate(lon, lat).tolist() == fresh.locate(lon, lat).tolist()


def test_an_area_redrawn_beyond_the_grid_is_found_there(street: AreaIndex) -> None:
    street.locate([101.0005], [36.0005])
    moved = street.replace(3, shapely.box(110, 40, 111, 41))
    assert moved.locate([110.5, 101.0035], [40.5, 36.0005]).tolist() == [3, -1]
    assert street.locate([110.5, 101.0035], [40.5, 36.0005]).tolist() == [-1, 3]


@pytest.mark.parametrize("way", WAYS)
def test_where_rounding_would_decide_geos_does(way: str) -> None:
    """Edges that pass 0,0 closely: beside it numbers are far finer than at the edges' ends, so products round."""
    rng = np.random.default_rng(5)
    ends = rng.uniform([-9, -9], [-3, -3], (12, 2))
    shapes: list[BaseGeometry] = [
        shapely.Polygon([end, -end * rng.uniform(0.5, 2), (20, -20 - i)]) for i, end in enumerate(ends)
    ]
    away = 10.0 ** rng.uniform(-9, 0, 6_000) * rng.choice([-1, 1], 6_000)
    slope = (ends[:, 1] / ends[:, 0])[rng.integers(0, len(ends), 6_000)]
    xy = np.column_stack([away, away * slope])
    xy[::3, 1] = np.nextafter(xy[::3, 1], np.inf)
    xy[1::3, 1] = np.nextafter(xy[1::3, 1], -np.inf)
    truth = Truth.of(np.array(shapes, dtype=object), xy)
    for cells in (256, 1024):
        index = settled(shapes, None, way, cells)
        assert np.array_equal(np.stack(index.matches(*xy.T)), np.stack([truth.point, truth.area]))
        assert np.array_equal(index.locate(*xy.T), truth.winners(len(xy), np.zeros(12, dtype=np.int64)))
