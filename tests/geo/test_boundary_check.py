from collections import Counter

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geo.boundaries import BoundaryProblem, CheckedCoverage, ProblemKind, check
from geo.boundary_sizes import ground_m2, way_m
from tests.factories.coverages import Town, disturbed, sound_towns
from tests.factories.wiggly import moved, wiggly

W, S, D = 101.70, 36.50, 0.01  # south-west corner of a made-up town, and the size of its square areas
M = 1 / 111_000  # a metre in degrees of latitude, roughly


def square(column: int = 0, row: int = 0, size: float = D) -> shapely.Polygon:
    x, y = W + column * D, S + row * D
    return shapely.Polygon(np.round([(x, y), (x + size, y), (x + size, y + size), (x, y + size)], 7))


def polygon(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon(np.round([(W + x * D, S + y * D) for x, y in points], 7))


def kinds(problems: list[BoundaryProblem]) -> list[tuple[str, str]]:
    return sorted((problem.kind.value, problem.detail) for problem in problems)


def serious(problems: list[BoundaryProblem]) -> list[BoundaryProblem]:
    """Without thin areas, which a random town may have."""
    return [one for one in problems if (one.kind, one.detail) != (ProblemKind.SLIVER, "area")]


@given(sound_towns())
def test_a_sound_coverage_has_no_problem(town: Town) -> None:
    assert serious(check(town.areas, parents=town.parents, parent_of=town.parent_of)) == []
    assert serious(check(town.areas)) == []


@settings(max_examples=50)
@given(sound_towns(), st.data())
def test_checking_what_changed_says_the_same_as_checking_everything(town: Town, data: st.DataObject) -> None:
    nested = data.draw(st.booleans())
    parents, parent_of = (town.parents, town.parent_of) if nested else ([], [-1] * len(town.areas))
    areas, parent_of = list(town.areas), list(parent_of)
    checked = CheckedCoverage.of(areas, parents=parents, parent_of=parent_of)
    for _ in range(data.draw(st.integers(1, 4))):
        positions = data.draw(st.sets(st.integers(0, len(areas) - 1), max_size=3))
        changes: dict[int, BaseGeometry | None] = {}
        for position in positions:
            before = areas[position]
            if before is None or data.draw(st.integers(0, 5)) == 0:
                changes[position] = None
            else:
                changes[position] = data.draw(disturbed(before))
        added = []
        if data.draw(st.integers(0, 3)) == 0:
            added = [(square(data.draw(st.integers(0, 2)), 0), data.draw(st.integers(-1, len(parents) - 1)))]
        for position, after in changes.items():
            areas[position] = after
        areas += [shape for shape, _ in added]
        parent_of += [parent for _, parent in added]
        checked = checked.changed(changes, added)
        assert list(checked.problems) == check(areas, parents=parents, parent_of=parent_of)


@pytest.mark.parametrize("steps", [1, 2, 7, 90, 900])
@pytest.mark.parametrize("way", [-1, 1])
def test_a_vertex_moved_by_however_little_is_found_with_its_right_size(steps: int, way: int) -> None:
    """Westwards out of the eastern area: an overlap; eastwards into it: a gap. One step is a centimetre."""
    west = polygon((0, 0), (1, 0), (1, 0.5), (1, 1), (0, 1))
    east = polygon((1, 0), (2, 0), (2, 1), (1, 1), (1, 0.5))
    pushed = moved(east, 4, way * steps, 0)
    found = check([west, pushed])
    triangle = shapely.Polygon([(W + D, S), (W + D + way * steps * 1e-7, S + D / 2), (W + D, S + D)])
    if way < 0:
        assert len(found) == 1
        assert found[0].detail in ("overlap", "partial")
    else:
        assert "gap" in (found[0].kind.value, found[0].detail)
    assert found[0].positions == (0, 1)
    assert found[0].area_m2 == pytest.approx(ground_m2(triangle), rel=1e-6)
    assert shapely.equals(found[0].place, shapely.transform(triangle, lambda xy: np.round(xy, 7)))
    assert (found[0].kind == ProblemKind.SLIVER) == (found[0].width_m < 1.0)


def test_a_step_along_the_border_is_a_vertex_that_nearly_is_another() -> None:
    west = polygon((0, 0), (1, 0), (1, 0.5), (1, 1), (0, 1))
    east = moved(polygon((1, 0), (2, 0), (2, 1), (1, 1), (1, 0.5)), 4, 0, 1)
    (found,) = check([west, east])
    assert (found.kind, found.detail, found.positions) == (ProblemKind.T_JUNCTION, "near_vertex", (0, 1))
    assert found.length_m == pytest.approx(0.011, abs=0.001)


def test_a_vertex_within_a_neighbours_edge_is_a_t_junction_of_whoever_lacks_it() -> None:
    south = polygon((0, 0), (2, 0), (2, 1), (0, 1))
    found = check([square(0, 1), square(1, 1), south])
    assert [(one.kind, one.detail, one.positions) for one in found] == [
        (ProblemKind.T_JUNCTION, "on_edge", (2, 0, 1))
    ]
    assert (found[0].lon, found[0].lat) == (101.71, 36.51)


def test_the_grid_alone_makes_no_problem_but_the_missing_vertex() -> None:
    """A vertex on a slanting edge cannot lie on it exactly: what that leaves is thinner than the grid."""
    south = polygon((0, 0), (2, 0), (2, 0.37), (0, 1))
    middle = (W + 0.7 * D, round(S + D - 0.7 * D * 0.315, 7))
    north = shapely.Polygon([(W, S + D), middle, south.exterior.coords[2], (W + 2 * D, S + 2 * D)])
    assert kinds(check([south, north])) == [("t_junction", "on_edge")]


def test_a_crack_that_is_open_to_the_outside_is_found_at_its_vertices() -> None:
    west = polygon((0, 0), (1, 0), (1, 1), (0, 1))
    east = moved(polygon((1, 0), (2, 0), (2, 1), (1, 1)), 0, 30, 0)
    found = check([west, east])
    assert kinds(found) == [("t_junction", "near_vertex")]
    assert found[0].length_m == pytest.approx(0.27, abs=0.01)
    assert check([west, moved(east, 0, 3000, 0)]) == [], "thirty metres are a bay, not a crack"


def test_a_gap_in_a_parent_is_found_where_no_area_encloses_it() -> None:
    parent = polygon((0, 0), (2, 0), (2, 1), (0, 1))
    west, narrow = square(0, 0), polygon((1, 0), (1.5, 0), (1.5, 1), (1, 1))
    assert check([west, narrow]) == []
    (gap,) = check([west, narrow], parents=[parent], parent_of=[0, 0])
    assert (gap.kind, gap.detail, gap.positions, gap.parent) == (ProblemKind.GAP, "parent", (1,), 0)
    assert gap.area_m2 == pytest.approx(ground_m2(polygon((1.5, 0), (2, 0), (2, 1), (1.5, 1))), rel=1e-9)


def test_what_leaves_its_parent_is_a_spill_of_each_area_even_into_the_next_parent() -> None:
    parents = [polygon((0, 0), (1, 0), (1, 2), (0, 2)), polygon((1, 0), (2, 0), (2, 2), (1, 2))]
    wide = [polygon((0, 0), (1.2, 0), (1.2, 1), (0, 1)), polygon((0, 1), (1.2, 1), (1.2, 2), (0, 2))]
    rest = polygon((1.2, 0), (2, 0), (2, 2), (1.2, 2), (1.2, 1))
    found = check([*wide, rest], parents=parents, parent_of=[0, 0, 1])
    assert [(one.kind, one.positions, one.parent) for one in found] == [
        (ProblemKind.SPILL, (0,), 0),
        (ProblemKind.SPILL, (1,), 0),
    ]
    whole = check([square(5, 5)], parents=[square(0, 0)], parent_of=[0])
    assert ("spill", "outside") in kinds(whole)


def test_a_hole_is_a_gap_only_where_the_parent_has_none() -> None:
    around = shapely.Polygon(
        square().exterior, [polygon((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)).exterior]
    )
    assert kinds(check([around])) == [("gap", "enclosed")]
    assert check([around], parents=[around], parent_of=[0]) == []
    assert kinds(check([around], parents=[square()], parent_of=[0])) == [("gap", "parent")]


def test_every_pair_of_an_overlap_is_told_and_each_part_by_itself() -> None:
    comb = polygon((0, 0), (3, 0), (3, 1.2), (2, 1.2), (2, 1), (1, 1), (1, 1.2), (0, 1.2))
    found = check([comb, square(0, 1), square(1, 1), square(2, 1)])
    overlaps = [one for one in found if one.kind == ProblemKind.OVERLAP]
    assert [one.positions for one in overlaps] == [(0, 1), (0, 3)]
    assert [one.detail for one in overlaps] == ["partial", "partial"]
    inner = check([square(), polygon((0.2, 0.2), (0.4, 0.2), (0.3, 0.4))])
    assert [(one.kind, one.detail) for one in inner] == [(ProblemKind.OVERLAP, "contained")]


def test_the_same_area_twice_is_a_duplicate_of_the_first() -> None:
    found = check([square(), square(1), square(), square()])
    assert [(one.kind, one.detail, one.positions) for one in found] == [
        (ProblemKind.DUPLICATE, "equal", (0, 2)),
        (ProblemKind.DUPLICATE, "equal", (0, 3)),
    ]
    near = check([square(), moved(square(), 2, 50, 50)])
    assert (near[0].kind, near[0].detail) == (ProblemKind.DUPLICATE, "nearly")


def test_corners_that_touch_and_districts_without_areas() -> None:
    diagonal = [square(0, 0), square(1, 1)]
    assert check(diagonal) == []
    found = check(diagonal, parents=[square(0, 0), square(1, 1), square(4, 4)], parent_of=[0, 1])
    assert [(one.kind, one.parent) for one in found] == [(ProblemKind.UNCOVERED, 2)]


def test_thin_areas_are_slivers() -> None:
    strip = polygon((1, 0), (1.00005, 0), (1.00005, 1), (1, 1))
    found = check([square(), strip])
    assert ("sliver", "area") in kinds(found)
    thin = next(one for one in found if one.detail == "area")
    assert thin.positions == (1,)
    assert thin.width_m == pytest.approx(0.045, abs=0.002)


def test_what_is_missing_invalid_or_no_number_stands_beside_the_rest() -> None:
    bow = polygon((3, 0), (4, 1), (4, 0), (3, 1))
    lost = shapely.Polygon([(W, S), (W, np.inf), (W + D, S)])
    found = check(
        [square(), polygon((0.5, 0), (1.5, 0), (1.5, 1), (0.5, 1)), bow, shapely.Polygon(), lost, None]
    )
    told = Counter(kinds(found))
    assert told["invalid", "self_intersection"] == 1
    assert told["invalid", "missing"] == 1, "an empty polygon is missing, None was never there"
    assert told["invalid", "not_finite"] == 1
    assert told["overlap", "partial"] == 1


def test_each_problem_has_a_point_in_its_place() -> None:
    town = list(wiggly(9, 30))
    town[4] = moved(town[4], 3, 4000, 2500)
    for problem in check(town):
        assert shapely.intersects(problem.place.buffer(1e-9), shapely.Point(problem.lon, problem.lat))


def test_an_answer_does_not_depend_on_the_winding() -> None:
    town = list(wiggly(9, 30, seed=3))
    town[4] = moved(town[4], 3, 400, 250)
    turned = [shapely.Polygon(list(area.exterior.coords)[::-1]) for area in town]
    assert check(turned) == check(town)


def test_without_being_told_an_area_belongs_to_the_parent_that_its_middle_lies_in() -> None:
    parents = [square(), square(1)]
    areas = [
        polygon((1, 0), (2, 0), (2, 1), (1, 1)),
        polygon((0, 0), (1.1, 0), (1.1, 1), (0, 1)),
        square(7, 7),
        None,
    ]
    checked = CheckedCoverage.of(areas, parents=parents)
    assert checked.parent_of == (1, 0, -1, -1)
    assert kinds(list(checked.problems)) == [("overlap", "partial"), ("spill", "partial")]


def test_parents_have_to_be_there() -> None:
    with pytest.raises(ValueError, match="parent_of has 1 entries for 2 areas"):
        check([square(), square(1)], parents=[square()], parent_of=[0])
    with pytest.raises(ValueError, match="not among the 1 parents"):
        check([square()], parents=[square()], parent_of=[1])
    checked = CheckedCoverage.of([square()])
    with pytest.raises(ValueError, match="no area at position 4"):
        checked.changed({4: None})
    with pytest.raises(ValueError, match="no parent at position 0"):
        checked.changed({}, [(square(1), 0)])


def test_who_overlaps_is_told_anew_where_two_areas_change_places() -> None:
    """The ground in question stays the same, whose it is does not."""
    west, north = square(), square(0, 1)
    both = polygon((0.5, 0.2), (2, 0.2), (2, 1), (0.5, 1))
    checked = CheckedCoverage.of([west, north, both])
    swapped = checked.changed({0: north, 1: west})
    assert [one.positions for one in checked.problems if one.kind == ProblemKind.OVERLAP] == [(0, 2)]
    assert [one.positions for one in swapped.problems if one.kind == ProblemKind.OVERLAP] == [(1, 2)]
    assert list(swapped.problems) == check([north, west, both])


def test_a_checked_coverage_is_not_altered_by_a_change() -> None:
    checked = CheckedCoverage.of([square(), square(1)])
    after = checked.changed({0: polygon((0, 0), (1.2, 0), (1.2, 1), (0, 1))})
    assert checked.problems == ()
    assert [one.kind for one in after.problems][:1] == [ProblemKind.OVERLAP]
    assert after.changed({0: square()}).problems == ()


@settings(max_examples=40)
@given(st.integers(0, 500), st.integers(1, 3000), st.integers(0, 359))
def test_a_planted_wedge_is_measured_wherever_it_lies(seed: int, steps: int, angle: int) -> None:
    town = list(wiggly(9, 24, seed=seed))
    inner = [at for at, area in enumerate(town) if area.bounds[0] > W and area.bounds[2] < W + 0.1]
    inner = [at for at in inner if town[at].bounds[1] > S and town[at].bounds[3] < S + 0.1]
    assume(inner)
    east, north = round(steps * np.cos(np.radians(angle))), round(steps * np.sin(np.radians(angle)))
    before = town[inner[0]]
    after = moved(before, 2, east, north)
    assume(after.is_valid)
    gone, come = shapely.difference(before, after), shapely.difference(after, before)
    town[inner[0]] = after
    found = check(town)
    assert found
    step_m2 = 0.008 * (way_m(gone) + way_m(come)) / 2  # thinner than a grid step: told as nearly one vertex
    gaps = sum(one.area_m2 for one in found if "gap" in (one.kind, one.detail))
    overlaps = sum(one.area_m2 for one in found if "overlap" in (one.kind, one.detail))
    assert gaps == pytest.approx(ground_m2(gone), rel=0.01, abs=step_m2)
    assert overlaps == pytest.approx(ground_m2(come), rel=0.01, abs=step_m2)
