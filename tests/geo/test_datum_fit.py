import numpy as np
import pytest
import shapely

from geo.crs import convert
from geo.datum_fit import fits, recommended

KNOWN = [shapely.box(101.7 + i / 50, 36.6, 101.72 + i / 50, 36.63) for i in range(5)]


def shifted(datum: str) -> list[shapely.Polygon]:
    return [
        shapely.transform(shape, lambda xy: np.column_stack(convert(xy[:, 0], xy[:, 1], "wgs84", datum)))
        for shape in KNOWN
    ]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shifted_areas_are_recognised_by_what_they_spill(datum: str) -> None:
    better = recommended(fits(shifted(datum), KNOWN))
    assert better is not None
    assert better.datum == datum
    assert better.spill < 1e-6


def test_true_areas_get_no_advice() -> None:
    assert recommended(fits(KNOWN, KNOWN)) is None
    assert recommended(fits(KNOWN, [shapely.box(0, 0, 1, 1)])) is None
    assert recommended(fits([], KNOWN)) is None
