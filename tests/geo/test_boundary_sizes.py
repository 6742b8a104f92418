import numpy as np
import pytest
import shapely

from geo.boundary_sizes import ground_m2, way_m
from geo.crs import area_m2, length_m


@pytest.mark.parametrize("lat", [-60.0, -5.0, 0.0, 36.5, 53.0])
@pytest.mark.parametrize("size", [0.0001, 0.01, 0.2])
def test_sizes_are_those_of_the_ellipsoid(lat: float, size: float) -> None:
    around = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    disc = shapely.Polygon(np.c_[101.7 + size * np.cos(around), lat + size * np.sin(around)])
    assert ground_m2(disc) == pytest.approx(area_m2(disc), rel=2e-5)
    assert way_m(disc) == pytest.approx(length_m(disc), rel=1e-5)


def test_holes_are_taken_out_and_parts_added() -> None:
    around = shapely.Polygon(
        shapely.box(101, 36, 101.3, 36.3).exterior, [shapely.box(101.1, 36.1, 101.2, 36.2).exterior]
    )
    inner, far = shapely.box(101.1, 36.1, 101.2, 36.2), shapely.box(102, 36, 102.1, 36.1)
    assert ground_m2(around) + ground_m2(inner) == pytest.approx(ground_m2(shapely.box(101, 36, 101.3, 36.3)))
    assert ground_m2(shapely.MultiPolygon([around, far])) == ground_m2(around) + ground_m2(far)
    assert way_m(shapely.MultiPolygon([around, far])) == pytest.approx(way_m(around) + way_m(far))
    assert ground_m2(shapely.Point(1, 1)) == ground_m2(shapely.Polygon()) == way_m(shapely.Point(1, 1)) == 0


def test_a_thin_wedge_along_a_long_edge_has_its_size() -> None:
    """As geodesics its edges would enclose hundreds of square metres more."""
    wedge = shapely.Polygon([(101.70, 36.50), (101.80, 36.50), (101.75, 36.5000001)])
    assert ground_m2(wedge) == pytest.approx(0.5 * 8959 * 0.01110, rel=0.01)
