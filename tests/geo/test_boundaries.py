"""Whatever stands in the list of areas: an answer, or a refusal with its reason, never an accident."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geo import border_edits
from geo.boundaries import CheckedCoverage, EditRefused, check, difference_of, gap_into, overlap_to, repair

W, S = 101.70, 36.50
Area = BaseGeometry | None


@st.composite
def rings(draw: st.DrawFn) -> shapely.Polygon:
    """Scribbles of a metre up to 10 km, on the grid or off it."""
    size = draw(st.sampled_from([1e-5, 1e-3, 0.1]))
    spot = st.tuples(st.floats(0, 1), st.floats(0, 1))
    points = np.array(draw(st.lists(spot, min_size=3, max_size=12))) * size + [W, S]
    return shapely.Polygon(np.round(points, draw(st.sampled_from([7, 12]))))


strange: st.SearchStrategy[Area] = st.sampled_from([
    None,
    shapely.Polygon(),
    shapely.MultiPolygon(),
    shapely.Point(W, S),
    shapely.LineString([(W, S), (W + 0.1, S + 0.1)]),
    shapely.GeometryCollection([shapely.box(W, S, W + 0.1, S + 0.1), shapely.Point(W, S)]),
    shapely.Polygon([(W, S, 5), (W + 0.1, S, 5), (W, S + 0.1, 5)]),
    shapely.Polygon([(W, S), (np.inf, S), (W, S + 0.1)]),
    shapely.box(-180, -90, 180, 90),
    shapely.box(W, S, W + 1e-9, S + 1e-9),
    shapely.box(W, S, W + 0.1, S + 0.1),
    shapely.box(W, S, W + 0.1, S + 0.1),
])  # fmt: skip
anything: st.SearchStrategy[Area] = st.one_of(
    rings(),
    rings().map(lambda ring: ring.convex_hull),
    st.lists(rings(), min_size=2, max_size=3).map(shapely.MultiPolygon),
    strange,
)


@settings(max_examples=40)
@given(st.lists(anything, min_size=1, max_size=6), st.lists(anything, max_size=2), st.data())
def test_whatever_the_areas_are_there_is_an_answer(
    areas: list[Area], parents: list[Area], data: st.DataObject
) -> None:
    parent_of = [data.draw(st.integers(-1, len(parents) - 1)) for _ in areas]
    checked = CheckedCoverage.of(areas, parents=parents, parent_of=parent_of)
    other = data.draw(anything)
    after = checked.changed({0: other})
    assert str(list(after.problems)) == str(check([other, *areas[1:]], parents=parents, parent_of=parent_of))
    mended = repair(areas, parents=parents, parent_of=parent_of)
    assert len(mended.polygons) == len(areas)
    assert len(difference_of(areas, mended.polygons)) == len(mended.differences)


@settings(max_examples=40)
@given(st.lists(anything, min_size=1, max_size=5), anything, st.integers(-1, 5))
def test_an_edit_is_made_soundly_or_refused(areas: list[Area], drawn: Area, position: int) -> None:
    shape = drawn if drawn is not None else shapely.Polygon()
    line = shapely.LineString([(W - 1, S + 1e-6), (W + 1, S + 2e-6)])
    vertex = next(
        (shapely.get_coordinates(area)[0] for area in areas if area is not None and not area.is_empty), (W, S)
    )
    edits: list[Callable[[], Any]] = [
        partial(border_edits.split, areas, position, line),
        partial(border_edits.split, areas, position, shape),
        partial(border_edits.merge, areas, [position, 0, 1]),
        partial(border_edits.cut, areas, position, shape, as_area=True),
        partial(border_edits.trace, areas, shape, parent=areas[0]),
        partial(border_edits.move_vertex, areas, vertex, (W + 1e-5, S)),
        partial(border_edits.delete_vertex, areas, vertex),
        partial(gap_into, areas, shape, position),
        partial(overlap_to, areas, shape, position),
    ]
    for edit in edits:
        try:
            done = edit()
        except EditRefused:
            continue
        made = list(done.values()) if isinstance(done, dict) else [*done.changed.values(), *done.new]
        for area in made:
            assert area.is_valid
            assert not area.is_empty


def test_a_vertex_that_is_no_place_is_refused() -> None:
    with pytest.raises(EditRefused):
        border_edits.move_vertex([shapely.box(W, S, W + 1, S + 1)], (W, S), (np.nan, S))
