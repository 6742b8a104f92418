import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geo.border_edits import EditRefused, Refusal, cut, merge, split, trace
from geo.boundaries import ProblemKind, check
from tests.factories.wiggly import wiggly

W, S, D = 101.70, 36.50, 0.01
Spot = tuple[float, float]


def at(x: float, y: float) -> Spot:
    return round(W + x * D, 7), round(S + y * D, 7)


def polygon(*points: Spot) -> shapely.Polygon:
    return shapely.Polygon([at(x, y) for x, y in points])


def line(*points: Spot) -> shapely.LineString:
    return shapely.LineString([at(x, y) for x, y in points])


WEST = polygon((0, 0), (1, 0), (1, 1), (0, 1))
EAST = polygon((1, 0), (2, 0), (2, 1), (1, 1))
NORTH = polygon((0, 1), (1, 1), (2, 1), (2, 2), (0, 2))
TOWN: list[BaseGeometry | None] = [WEST, EAST, NORTH]
ALL = polygon((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (0, 2), (0, 1))


def refusal(work: object) -> EditRefused:
    with pytest.raises(EditRefused) as refused:
        work()  # type: ignore[operator]
    return refused.value


@pytest.mark.parametrize("reach", [0.0, 0.4])
def test_a_line_from_border_to_border_or_beyond_splits_an_area(reach: float) -> None:
    edit = split([*TOWN, ALL], 0, line((-reach, 0.3), (1 + reach, 0.4)), levels=[1, 1, 1, 0])
    assert len(edit.new) == 1
    assert edit.changed[0].area > edit.new[0].area
    assert edit.changed[0].area + edit.new[0].area == pytest.approx(WEST.area)
    assert sorted(edit.changed) == [0, 1, 3], "the neighbour and the parent get the line's ends as vertices"
    after = edit.applied([*TOWN, ALL])
    assert check([*after[:3], after[4]], parents=[after[3]], parent_of=[0] * 4) == []
    assert shapely.get_num_coordinates(after[3]) == shapely.get_num_coordinates(ALL) + 1


def test_a_line_beyond_the_area_leaves_others_alone() -> None:
    edit = split(TOWN, 0, line((0.5, -3), (0.5, 3)))
    assert 1 not in edit.changed
    assert edit.changed[2].equals(NORTH)
    assert shapely.get_num_coordinates(edit.changed[2]) == shapely.get_num_coordinates(NORTH) + 1


@pytest.mark.parametrize(
    ("drawn", "crossings"),
    [(line((-1, 0.5), (0.5, 0.5)), 1), (line((0.2, 0.5), (0.5, 0.5)), 0), (line((3, 3), (4, 4)), 0)],
)
def test_a_line_that_does_not_cut_through_is_refused(drawn: shapely.LineString, crossings: int) -> None:
    refused = refusal(lambda: split(TOWN, 0, drawn))
    assert (refused.kind, refused.data) == (Refusal.NOT_CUT_THROUGH, {"crossings": crossings})


def test_a_split_makes_no_slivers() -> None:
    assert refusal(lambda: split(TOWN, 0, line((0.0005, -1), (0.0005, 2)))).kind == Refusal.SLIVER


def test_a_zigzag_makes_several_areas_and_parts_apart_stay_with_the_largest() -> None:
    both = shapely.MultiPolygon([WEST, polygon((5, 5), (5.1, 5), (5.1, 5.1))])
    edit = split([both], 0, line((-1, 0.2), (2, 0.3), (2, 0.7), (-1, 0.8)))
    assert len(edit.new) == 2
    assert shapely.get_num_geometries(edit.changed[0]) == 2


@pytest.mark.parametrize(
    "drawn", [shapely.LineString(), shapely.Point(W, S), shapely.LineString([(0, 0), (np.inf, 1)])]
)
def test_a_split_needs_a_line(drawn: BaseGeometry) -> None:
    assert refusal(lambda: split(TOWN, 0, drawn)).kind == Refusal.BAD_SHAPE


def test_merging_what_was_split_gives_the_area_back() -> None:
    halves = split(TOWN, 0, line((-1, 0.3), (2, 0.4))).applied(TOWN)
    edit = merge(halves, [3, 0])
    assert edit.removed == (0,)
    assert edit.changed[3].equals(WEST)
    assert check(edit.applied(halves)) == []


def test_merged_areas_keep_the_vertices_that_others_share() -> None:
    merged = merge(TOWN, [0, 1]).changed[0]
    assert list(at(1, 1)) in shapely.get_coordinates(merged).tolist(), "the north has it"
    assert check(merge(TOWN, [0, 1]).applied(TOWN)) == []


def test_only_neighbours_are_merged() -> None:
    corner: list[BaseGeometry | None] = [WEST, polygon((1, 1), (2, 1), (2, 2), (1, 2))]
    assert refusal(lambda: merge(corner, [0, 1])).kind == Refusal.ONLY_A_POINT
    apart: list[BaseGeometry | None] = [WEST, polygon((5, 5), (6, 5), (6, 6)), None]
    refused = refusal(lambda: merge(apart, [0, 1]))
    assert (refused.kind, refused.data) == (Refusal.NOT_NEIGHBOURS, {"positions": (0, 1)})
    assert refusal(lambda: merge(TOWN, [0, 0])).kind == Refusal.NOT_NEIGHBOURS
    assert refusal(lambda: merge(apart, [0, 2])).kind == Refusal.NO_SUCH_AREA
    assert refusal(lambda: merge(apart, [0, 7])).kind == Refusal.NO_SUCH_AREA


def test_a_ring_of_areas_is_merged_around_what_it_encloses() -> None:
    inner = polygon((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    around = shapely.Polygon(WEST.exterior, [inner.exterior])
    assert merge([around, inner], [0, 1]).changed[0].equals(WEST)


def test_a_hole_is_cut_and_may_become_an_area() -> None:
    hole = polygon((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    edit = cut(TOWN, 0, hole)
    assert edit.new == ()
    assert [one.detail for one in check(edit.applied(TOWN))] == ["enclosed"]
    filled = cut(TOWN, 0, hole, as_area=True)
    assert filled.new[0].equals(hole)
    assert check(filled.applied(TOWN)) == []


def test_what_is_cut_may_reach_over_the_border() -> None:
    edit = cut(TOWN, 0, polygon((0.5, 0.2), (3, 0.2), (3, 0.6), (0.5, 0.6)), as_area=True)
    assert edit.new[0].equals(polygon((0.5, 0.2), (1, 0.2), (1, 0.6), (0.5, 0.6)))
    assert 1 in edit.changed
    assert check(edit.applied(TOWN)) == []


def test_a_hole_has_to_hit_and_to_leave_something() -> None:
    assert refusal(lambda: cut(TOWN, 0, polygon((5, 5), (6, 5), (6, 6)))).kind == Refusal.NOTHING_THERE
    assert refusal(lambda: cut(TOWN, 0, ALL)).kind == Refusal.NOTHING_LEFT
    assert refusal(lambda: cut(TOWN, 0, shapely.Polygon())).kind == Refusal.BAD_SHAPE
    bow = polygon((0.2, 0.2), (0.4, 0.4), (0.4, 0.2), (0.2, 0.4))
    assert refusal(lambda: cut(TOWN, 0, bow)).kind == Refusal.INVALID


def test_a_roughly_drawn_area_fills_up_to_its_neighbours_and_its_parent() -> None:
    drawn = polygon((0.002, 0.001), (0.998, 0.003), (0.9985, 0.997), (0.001, 0.999))
    edit = trace([None, EAST, NORTH], drawn, parent=ALL)
    assert edit.new[0].equals(WEST)
    after = edit.applied([None, EAST, NORTH])
    assert check(after, parents=[ALL], parent_of=[0] * 4) == []


def test_a_drawn_area_takes_nothing_from_its_neighbours_and_stays_in_its_parent() -> None:
    drawn = polygon((-1, -1), (1.3, -1), (1.3, 1.3), (-1, 1.3))
    edit = trace([None, EAST, NORTH], drawn, parent=ALL)
    assert edit.new[0].equals(WEST)
    assert refusal(lambda: trace(TOWN, drawn, parent=ALL)).kind == Refusal.NOTHING_THERE


def test_a_gap_wider_than_the_tolerance_is_left_and_found() -> None:
    drawn = polygon((0, 0), (0.98, 0), (0.98, 1), (0, 1))
    edit = trace([None, EAST, NORTH], drawn, parent=ALL)
    (gap,) = check(edit.applied([None, EAST, NORTH]), parents=[ALL], parent_of=[0] * 4)
    assert (gap.kind, round(gap.width_m)) == (ProblemKind.GAP, 18)
    wide = trace([None, EAST, NORTH], drawn, parent=ALL, fill_m=25.0)
    assert wide.new[0].equals(WEST)


def test_a_first_area_is_taken_as_drawn() -> None:
    drawn = shapely.Polygon([(W + 1.23456e-8, S), (W + D, S), (W + D, S + D)])
    (new,) = trace([], drawn).new
    assert new.equals(shapely.transform(drawn, lambda xy: np.round(xy, 7)))


@settings(max_examples=40)
@given(st.integers(0, 2000), st.integers(0, 8), st.floats(0.5, 4.0))
def test_tracing_a_missing_cell_leaves_no_sliver_overlap_or_t_junction(
    seed: int, position: int, off_m: float
) -> None:
    town: list[BaseGeometry | None] = list(wiggly(9, 36, seed=seed, size=0.02))
    parent = shapely.coverage_union_all(town)
    missing = town[position]
    assert missing is not None
    town[position] = None
    drawn = missing.simplify(off_m / 111_000)
    if drawn.is_valid and drawn.geom_type == "Polygon":
        edit = trace(town, drawn, parent=parent, fill_m=10.0)
        assert edit.new[0].is_valid
        found = check(edit.applied(town), parents=[parent], parent_of=[0] * 10)
        assert {one.kind for one in found} <= {ProblemKind.GAP}
        assert edit.new[0].area == pytest.approx(missing.area, rel=0.1)
