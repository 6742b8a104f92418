import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.boundaries import difference_of
from geo.boundary_sizes import ground_m2
from tests.factories.coverages import Town, disturbed, sound_towns
from tests.factories.wiggly import wiggly


@given(sound_towns(most=5), st.data())
def test_what_is_added_and_removed_is_what_the_areas_gain_and_lose(town: Town, data: st.DataObject) -> None:
    before = [area for area in town.areas if area is not None]
    drawn = [data.draw(disturbed(area)) for area in before]
    after = [new if new.is_valid else old for old, new in zip(before, drawn, strict=True)]
    found = {one.position: one for one in difference_of(before, after)}
    for position, (old, new) in enumerate(zip(before, after, strict=True)):
        come, gone = new.difference(old), old.difference(new)
        if position not in found:
            assert ground_m2(come) + ground_m2(gone) < 0.02 * (come.length + gone.length) * 111_000 + 1e-3
            continue
        one = found[position]
        dust_m2 = 0.01 * 111_000 * (come.length + gone.length)
        assert one.added_m2 == pytest.approx(ground_m2(come), abs=dust_m2)
        assert one.removed_m2 == pytest.approx(ground_m2(gone), abs=dust_m2)
        assert one.added.is_valid
        assert one.removed.is_valid
        assert not shapely.overlaps(one.added, one.removed)
        assert one.changed.area == pytest.approx(one.added.area + one.removed.area)


def test_areas_that_come_and_go() -> None:
    west, east = wiggly(2, 24)
    come, gone = difference_of([west, None], [None, east])
    assert (come.position, gone.position) == (0, 1)
    assert come.added.is_empty
    assert shapely.equals(come.removed, west)
    assert shapely.equals(gone.added, east)
    assert [one.position for one in difference_of([west], [west, east])] == [1]


def test_the_same_ground_is_no_difference_whatever_the_vertices() -> None:
    area = shapely.box(101.70, 36.50, 101.71, 36.51)
    turned = shapely.Polygon(np.roll(list(area.exterior.coords)[:-1], 2, axis=0)[::-1])
    denser = shapely.Polygon([(101.70, 36.50), (101.703, 36.50), *list(area.exterior.coords)[:-2]])
    assert difference_of([area, area, area], [area, turned, denser]) == []


def test_a_single_grid_step_is_a_difference() -> None:
    area = shapely.box(101.70, 36.50, 101.71, 36.51)
    (one,) = difference_of([area], [shapely.box(101.70, 36.50, 101.7100001, 36.51)])
    assert one.removed_m2 == 0
    assert one.added_m2 == pytest.approx(1110 * 0.00895, rel=0.01)
