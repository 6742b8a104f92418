from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geo.boundaries import (
    MOVED_SHARE,
    CheckedCoverage,
    EditRefused,
    Refusal,
    check,
    gap_into,
    overlap_to,
    repair,
    repair_checked,
)
from geo.boundary_invalid import usable
from geo.boundary_sizes import ground_m2
from tests.factories.coverages import Town, disturbed, sound_towns
from tests.factories.wiggly import moved

W, S, D = 101.70, 36.50, 0.01


def polygon(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon(np.round([(W + x * D, S + y * D) for x, y in points], 7))


WEST = polygon((0, 0), (1, 0), (1, 0.5), (1, 1), (0, 1))
EAST = polygon((1, 0), (2, 0), (2, 1), (1, 1), (1, 0.5))
NORTH = polygon((0, 1), (1, 1), (2, 1), (2, 2), (0, 2))


def on_grid(area: BaseGeometry) -> bool:
    coordinates = shapely.get_coordinates(area)
    return bool((np.round(coordinates, 7) == coordinates).all())


def applied(areas: Sequence[BaseGeometry], changed: Mapping[int, BaseGeometry]) -> list[BaseGeometry]:
    return [changed.get(at, area) for at, area in enumerate(areas)]


@st.composite
def faulty_towns(draw: st.DrawFn) -> Town:
    town = draw(sound_towns(most=9))
    for position in draw(st.sets(st.integers(0, len(town.areas) - 1), min_size=1, max_size=3)):
        area = town.areas[position]
        if area is not None:
            town.areas[position] = draw(disturbed(area))
    if draw(st.booleans()):
        return Town(town.areas, [], [-1] * len(town.areas))
    return town


@settings(max_examples=60)
@given(faulty_towns())
def test_a_repair_moves_little_leaves_no_more_problems_and_is_not_repeated(town: Town) -> None:
    before = check(town.areas, parents=town.parents, parent_of=town.parent_of)
    done = repair(town.areas, parents=town.parents, parent_of=town.parent_of)
    assert len(done.unrepaired) <= len(before)
    assert done.unrepaired == check(done.polygons, parents=town.parents, parent_of=town.parent_of)
    for one in done.differences:
        own = ground_m2(usable(town.areas[one.position]))
        assert one.added_m2 + one.removed_m2 <= MOVED_SHARE * own + 1e-3
    for old, new in zip(town.areas, done.polygons, strict=True):
        assert new is old or (new is not None and new.is_valid and on_grid(new))
    again = repair(done.polygons, parents=town.parents, parent_of=town.parent_of)
    assert again.differences == []
    assert all(shapely.equals_exact(one, two) for one, two in zip(done.polygons, again.polygons, strict=True))


def test_a_small_gap_goes_to_the_area_with_the_longest_border_to_it() -> None:
    pushed = moved(EAST, 4, 900, 0)
    done = repair([WEST, pushed, NORTH])
    assert done.unrepaired == []
    (gain,) = done.differences
    assert gain.removed.is_empty
    assert gain.added_m2 == pytest.approx(check([WEST, pushed, NORTH])[0].area_m2)
    assert check(done.polygons) == []


def test_a_small_overlap_is_taken_from_one_of_the_two() -> None:
    done = repair([WEST, moved(EAST, 4, -900, 0), NORTH])
    assert done.unrepaired == []
    assert [one.added_m2 for one in done.differences] == [0.0]
    assert check(done.polygons) == []


def test_what_is_larger_than_half_a_percent_stays_and_is_said() -> None:
    areas = [WEST, moved(EAST, 4, 9000, 0), NORTH]
    done = repair(areas)
    assert done.differences == []
    assert done.polygons == areas
    assert [one.kind.value for one in done.unrepaired] == ["gap"]


def test_a_missing_vertex_is_added_without_moving_anything() -> None:
    plain = polygon((0, 1), (2, 1), (2, 2), (0, 2))
    done = repair([WEST, EAST, plain])
    assert done.differences == []
    assert done.unrepaired == []
    assert shapely.get_num_coordinates(done.polygons[2]) == shapely.get_num_coordinates(plain) + 1


@pytest.mark.parametrize("shift", [(0, 1), (0, 30), (30, 0), (-25, 25)])
def test_vertices_that_nearly_are_one_become_one(shift: tuple[int, int]) -> None:
    done = repair([WEST, moved(EAST, 4, *shift), NORTH])
    assert done.unrepaired == []
    assert check(done.polygons) == []


def test_an_open_crack_is_closed() -> None:
    done = repair([WEST, moved(EAST, 0, 30, 0), NORTH])
    assert done.unrepaired == []


def test_an_invalid_area_is_made_valid() -> None:
    spiked = shapely.Polygon([*list(WEST.exterior.coords)[:-1], (W - 1e-4, S + D), (W, S + D)])
    assert not spiked.is_valid
    done = repair([spiked, EAST, NORTH])
    assert done.unrepaired == []
    assert all(area is not None and area.is_valid for area in done.polygons)


def test_a_small_spill_is_taken_away_and_the_next_parents_area_gets_it() -> None:
    parents = [WEST, EAST]
    done = repair([moved(WEST, 2, 900, 0), moved(EAST, 4, 900, 0)], parents=parents, parent_of=[0, 1])
    assert done.unrepaired == []
    assert [shapely.equals(one, two) for one, two in zip(done.polygons, parents, strict=True)] == [True, True]


def test_only_the_problems_named_are_mended() -> None:
    areas = [moved(WEST, 0, -900, 0), moved(EAST, 4, 900, 0), moved(NORTH, 4, 0, 0)]
    areas[2] = moved(NORTH, 1, 0, 700)
    problems = check(areas)
    assert len(problems) >= 2
    done = repair(areas, problems=problems[:1])
    left = {(one.kind, one.positions) for one in done.unrepaired}
    assert (problems[0].kind, problems[0].positions) not in left
    assert (problems[1].kind, problems[1].positions) in left


@pytest.mark.parametrize("to", [0, 1])
def test_a_gap_is_given_to_whom_one_says_and_neighbours_get_its_vertices(to: int) -> None:
    plain_north = polygon((0, 1), (1, 1), (2, 1), (2, 2), (0, 2))
    notched = shapely.Polygon([*list(EAST.exterior.coords)[:3], (W + 1.5 * D, S + D), (W + D, S + 0.5 * D)])
    areas = [WEST, notched, plain_north]
    gap = next(one for one in check(areas) if one.kind.value == "gap")
    changed = gap_into(areas, gap.place, to)
    assert 2 in changed, "the north gets the vertex at which the gap ends"
    assert check(applied(areas, changed)) == []
    assert changed[to].area == pytest.approx(areas[to].area + gap.place.area)


@pytest.mark.parametrize("to", [0, 1])
def test_an_overlap_is_given_to_whom_one_says(to: int) -> None:
    areas = [WEST, moved(EAST, 4, -20_000, 300), NORTH]
    overlap = check(areas)[0]
    changed = overlap_to(areas, overlap.place, to)
    assert check(applied(areas, changed)) == []
    assert changed[1 - to].area == pytest.approx(areas[1 - to].area - overlap.place.area)


def test_what_cannot_be_given_is_refused() -> None:
    with pytest.raises(EditRefused) as refused:
        gap_into([WEST], EAST, 3)
    assert refused.value.kind == Refusal.NO_SUCH_AREA
    with pytest.raises(EditRefused) as refused:
        gap_into([WEST], shapely.Polygon(), 0)
    assert refused.value.kind == Refusal.NOTHING_THERE
    with pytest.raises(EditRefused) as refused:
        overlap_to([WEST, WEST], WEST, 0)
    assert (refused.value.kind, refused.value.data) == (Refusal.NOTHING_LEFT, {"position": 1})


def test_a_repair_leaves_what_it_was_given_as_it_was() -> None:
    areas = [WEST, moved(EAST, 4, 900, 0), NORTH]
    copies = [shapely.from_wkb(area.wkb) for area in areas]
    repair(areas)
    assert areas == copies
    assert CheckedCoverage.of(areas).polygons == areas


def test_a_checked_coverage_is_repaired_as_its_areas_are() -> None:
    areas = [WEST, moved(EAST, 4, 900, 0), NORTH]
    done = repair_checked(CheckedCoverage.of(areas))
    assert done.polygons == repair(areas).polygons
    assert done.unrepaired == []
