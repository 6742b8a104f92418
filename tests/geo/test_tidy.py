from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.problems import UnreadableFile
from geo.raw_layer import RawLayer
from geo.tidy import crs_name, crs_text, repaired, settled, tidy


def tidied(*geometries: Any, crs: Any = None, datum: str | None = None, **raw: Any) -> tuple[Any, list[Any]]:
    layer = RawLayer(geometries=list(geometries), crs_by_format=True, **raw)
    result, _ = tidy(layer, crs, datum)
    return result, [(problem.feature, problem.code) for problem in layer.problems]


def test_a_bow_tie_is_repaired_and_its_change_told() -> None:
    tie = shapely.Polygon([(101.80, 36.60), (101.81, 36.61), (101.81, 36.60), (101.80, 36.61)])
    (fixed,), problems = tidied(tie)
    assert fixed.is_valid
    assert fixed.geom_type == "MultiPolygon"
    assert problems == [(1, "repaired")]


def test_a_sliver_thinner_than_the_grid_collapses() -> None:
    sliver = shapely.Polygon([(101.8, 36.6), (101.81, 36.6), (101.805, 36.60000000001)])
    (fixed,), problems = tidied(sliver)
    assert fixed is None
    assert problems == [(1, "collapsed")]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=4, max_size=12, unique=True))
def test_repair_gives_a_valid_polygon_on_the_grid_or_nothing(corners: list[tuple[int, int]]) -> None:
    fixed = repaired(shapely.Polygon([(101.8 + x * 1e-4, 36.6 + y * 1e-4) for x, y in corners]))
    assert fixed.is_valid
    assert fixed.is_empty or fixed.geom_type in ("Polygon", "MultiPolygon")
    xy = shapely.get_coordinates(fixed)
    assert (xy == np.round(xy, 7)).all()


def test_neighbours_still_share_their_vertices() -> None:
    line = [(101.80000001, 36.6), (101.80000003, 36.605), (101.8, 36.61)]
    west = shapely.Polygon([(101.79, 36.6), *line, (101.79, 36.61)])
    east = shapely.Polygon([(101.81, 36.6), (101.80000002, 36.6), *line[1:], (101.81, 36.61)])
    (a, b), _ = tidied(west, east)
    assert shapely.intersection(a, b).area == 0
    assert set(a.exterior.coords) & set(b.exterior.coords) == {(101.8, 36.6), (101.8, 36.605), (101.8, 36.61)}


def test_measures_and_heights_are_dropped() -> None:
    (flat,), problems = tidied(shapely.from_wkt("POLYGON ZM ((0 0 1 2, 1 0 1 2, 1 1 1 2, 0 0 1 2))"))
    assert not flat.has_z
    assert not flat.has_m
    assert problems == []


def test_one_wrong_row_does_not_swap_the_others() -> None:
    x, y = np.array([3.0, 2.0, 1.0]), np.array([100.0, 48.0, 47.0])
    assert settled(x, y, None, None, None, True) == ("EPSG:4326", False, [])


@pytest.mark.parametrize(
    ("x", "y", "crs", "datum", "swapped"),
    [
        (36.6, 101.8, None, None, True),
        (37.7, -122.4, None, None, True),
        (101.8, 36.6, None, None, False),
        (43.8, 87.6, None, "gcj02", True),
        (87.6, 43.8, None, "gcj02", False),
        (4_052_000, 500_000, "EPSG:4543", None, True),
        (500_000, 4_052_000, "EPSG:4543", None, False),
        (0, 0, None, None, False),
    ],
)
def test_swapped_axes_are_seen_by_where_the_place_can_be(
    x: float, y: float, crs: Any, datum: str, swapped: bool
) -> None:
    assert settled(np.array([x]), np.array([y]), crs, None, datum, True)[1] is swapped


@pytest.mark.parametrize(
    ("x", "first"), [(34_482_000, "EPSG:4522"), (17_482_000, "EPSG:4495"), (500_000, None)]
)
def test_zones_are_told_by_the_first_digits(x: float, first: str | None) -> None:
    with pytest.raises(UnreadableFile) as caught:
        settled(np.array([float(x)]), np.array([4.05e6]), None, None, None, True)
    assert caught.value.code == "which_crs"
    assert (caught.value.choices[:1] or (None,))[0] == first


def test_names_of_systems() -> None:
    assert crs_text(4490) == crs_text(" 4490 ") == "EPSG:4490"
    assert crs_text(None) is crs_text(" ") is None
    assert crs_name("EPSG:4543") == "EPSG:4543"
