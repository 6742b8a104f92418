import numpy as np
import pytest
import shapely

from geo.border_shapes import covered_by, has_vertex, steps_of, vertices_of, with_rings, with_vertices
from geo.boundary_grid import Edges, edges_of, to_steps
from geo.boundary_refusals import EditRefused, Refusal

AREA = shapely.box(101.7, 36.5, 101.8, 36.6)
AROUND = shapely.Polygon(AREA.exterior, [shapely.box(101.72, 36.52, 101.74, 36.54).exterior])


def test_a_vertex_is_put_where_an_edge_passes_and_nowhere_else() -> None:
    points = to_steps(
        np.array([[101.75, 36.5], [101.73, 36.52], [101.75, 36.55], [101.7, 36.5], [150.0, 36.5]])
    )
    after = with_vertices(AROUND, points)
    assert shapely.get_num_coordinates(after) == shapely.get_num_coordinates(AROUND) + 2
    assert after.equals(AROUND)
    assert with_vertices(AREA, points[4:]) is AREA


def test_several_vertices_in_one_edge_stand_in_its_direction() -> None:
    points = to_steps(np.array([[101.75, 36.5], [101.72, 36.5], [101.78, 36.5]]))
    assert with_vertices(AREA, points).is_valid
    assert with_vertices(AREA, points).equals(AREA)


def test_all_parts_and_holes_are_changed() -> None:
    both = shapely.MultiPolygon([AROUND, shapely.box(102, 36, 102.1, 36.1)])
    shifted = with_rings(both, lambda ring: ring + 10)
    assert shapely.get_coordinates(shifted) == pytest.approx(shapely.get_coordinates(both) + 1e-6, abs=1e-9)


def test_a_ring_keeps_three_vertices() -> None:
    with pytest.raises(EditRefused) as refused:
        with_rings(AREA, lambda ring: ring[:2])
    assert refused.value.kind == Refusal.TOO_FEW_VERTICES


def test_a_vertex_is_known_by_its_number_on_the_grid() -> None:
    assert has_vertex(AROUND, steps_of((101.72 + 1e-9, 36.52)))
    assert not has_vertex(AROUND, steps_of((101.7200001, 36.52)))
    assert not has_vertex(None, steps_of((101.72, 36.52)))
    assert len(vertices_of([AREA, AREA])) == 4


def test_ground_that_is_covered_twice_counts_once() -> None:
    twice = Edges.joined([edges_of([AREA]), edges_of([AREA])])
    assert covered_by(twice).equals(AREA)
    assert covered_by(edges_of([AROUND])).equals(AROUND)
    assert covered_by(edges_of([])).is_empty
