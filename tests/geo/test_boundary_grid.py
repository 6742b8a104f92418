import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.boundary_grid import Edges, each_once, edges_of, grouped, keys_of, left_over, to_degrees, to_steps
from geo.crs import snap
from tests.factories.wiggly import wiggly

lon = st.integers(-1_800_000_000, 1_800_000_000)
lat = st.integers(-900_000_000, 900_000_000)
points = st.lists(st.tuples(lon, lat), min_size=1, max_size=30).map(
    lambda some: np.array(some, dtype=np.int64)
)


@given(points)
def test_a_point_has_one_key_and_no_other_has_it(
    some: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]",
) -> None:
    assert len(set(keys_of(some).tolist())) == len({tuple(point) for point in some.tolist()})
    assert (keys_of(some) >= 0).all()
    assert sorted({tuple(point) for point in some.tolist()}) == [
        tuple(point) for point in each_once(some).tolist()
    ]


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_degrees_come_back_as_the_numbers_that_snapping_makes(x: float, y: float) -> None:
    degrees = np.array([[x, y]])
    assert to_degrees(to_steps(degrees)).tolist() == snap(degrees).tolist()


def test_inside_is_left_whatever_the_winding() -> None:
    area = shapely.box(101.7, 36.5, 101.8, 36.6)
    around = shapely.Polygon(area.exterior, [shapely.box(101.72, 36.52, 101.74, 36.54).exterior])
    turned = shapely.Polygon(list(around.exterior.coords)[::-1], [list(around.interiors[0].coords)[::-1]])
    assert sorted(edges_of([around]).ends.tolist()) == sorted(edges_of([turned]).ends.tolist())


def test_common_borders_cancel_and_the_outline_is_left() -> None:
    areas = list(wiggly(6, 24))
    edges = edges_of(areas)
    left = edges.take(left_over(edges))
    outline = edges_of([shapely.coverage_union_all(areas)])
    assert sorted(left.ends.tolist()) == sorted(outline.ends.tolist())
    assert not left_over(Edges.joined([edges, edges.reversed()])).any()


def test_edges_cancel_only_within_their_group() -> None:
    edges = edges_of([shapely.box(0, 0, 1, 1)])
    both = Edges.joined([edges, edges.reversed()])
    apart = np.array([0] * 4 + [1] * 4)
    assert left_over(both, apart).all()


def test_edges_between_the_same_points_are_one_group_in_either_direction() -> None:
    ends = np.array([[0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 2]])
    group, count = grouped(ends)
    assert count == 2
    assert group[0] == group[1] != group[2]


def test_no_edges_are_no_trouble() -> None:
    nothing = edges_of([shapely.Polygon(), shapely.MultiPolygon()])
    assert len(nothing) == 0
    assert len(left_over(nothing)) == 0
    assert grouped(nothing.ends)[1] == 0
