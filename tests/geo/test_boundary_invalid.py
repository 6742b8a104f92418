import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo.boundaries import ProblemKind
from geo.boundary_invalid import MOST_CROSSINGS, REASONS, faults, usable

BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


def test_every_crossing_is_named_not_only_the_first() -> None:
    zigzag = shapely.Polygon([(0, 0), (1, 1), (2, 0), (3, 1), (3, 0), (2, 1), (1, 0), (0, 1)])
    found = faults(4, zigzag)
    assert [one.kind for one in found] == [ProblemKind.INVALID] * 3
    assert {one.detail for one in found} == {"self_intersection"}
    assert [(one.lon, one.lat) for one in found] == [(0.5, 0.5), (1.5, 0.5), (2.5, 0.5)]
    assert {one.positions for one in found} == {(4,)}


@pytest.mark.parametrize(
    ("area", "detail"),
    [
        (shapely.Polygon(), "missing"),
        (None, "missing"),
        (shapely.Polygon([(0, 0), (np.inf, 1), (1, 1)]), "not_finite"),
        (shapely.Polygon([(0, 0), (200, 1), (1, 1)]), "not_finite"),
        (shapely.LineString([(0, 0), (1, 1)]), "not_polygon"),
        (shapely.box(-100, 0, 100, 1), "too_large"),
        (BOW, "self_intersection"),
        (shapely.Polygon([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2), (1, 1)]), "ring_touches_itself"),
        (shapely.Polygon([(0, 0), (1, 0), (1, 1)], [[(5, 5), (6, 5), (6, 6)]]), "hole_outside"),
        (
            shapely.Polygon(
                [(0, 0), (9, 0), (9, 9), (0, 9)],
                [[(1, 1), (8, 1), (8, 8), (1, 8)], [(2, 2), (3, 2), (3, 3), (2, 3)]],
            ),
            "nested_holes",
        ),
        (shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(1, 1, 2, 2)]), "nested_parts"),
    ],
)
def test_what_is_wrong_with_an_area_has_a_short_name(area: BaseGeometry | None, detail: str) -> None:
    found = faults(0, area)
    assert detail in {one.detail for one in found}


def test_two_rings_are_both_told() -> None:
    both = shapely.MultiPolygon([BOW, shapely.transform(BOW, lambda xy: xy + np.array([5, 0]))])
    assert [(one.lon, one.lat) for one in faults(0, both)] == [(0.5, 0.5), (5.5, 0.5)]


def test_a_valid_area_has_no_fault() -> None:
    around = shapely.Polygon(shapely.box(0, 0, 3, 3).exterior, [shapely.box(1, 1, 2, 2).exterior])
    assert faults(0, around) == []
    assert usable(around).equals(around)


def test_a_scribble_names_a_bounded_number_of_places() -> None:
    points = np.random.default_rng(0).random((400, 2))
    found = faults(0, shapely.Polygon(points))
    assert MOST_CROSSINGS <= len(found) <= MOST_CROSSINGS + len(REASONS)


@pytest.mark.parametrize("area", [None, shapely.Polygon(), shapely.Polygon([(0, 0), (np.inf, 1), (1, 1)])])
def test_what_has_no_place_is_usable_as_nothing(area: BaseGeometry | None) -> None:
    assert usable(area).is_empty


def test_what_is_usable_is_valid_and_on_the_grid() -> None:
    fine = usable(shapely.transform(BOW, lambda xy: xy / 3 + 1e-9))
    assert fine.is_valid
    coordinates = shapely.get_coordinates(fine)
    assert (np.round(coordinates, 7) == coordinates).all()
    assert fine.area == pytest.approx(0.5 / 9, rel=1e-5)
