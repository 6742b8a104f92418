"""Ground that changed hands: from whom to whom, how much, and where the line ran."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import area_m2
from geo.ground_exchange import exchange

WEST, EAST = shapely.box(101.0, 36.0, 101.5, 37.0), shapely.box(101.5, 36.0, 102.0, 37.0)
WIDER, NARROWER = shapely.box(101.0, 36.0, 101.6, 37.0), shapely.box(101.6, 36.0, 102.0, 37.0)
BETWEEN = shapely.box(101.5, 36.0, 101.6, 37.0)


def _moves(found: object) -> list[tuple[object, object]]:
    return sorted(((one.before, one.after) for one in found.ground), key=str)  # type: ignore[attr-defined]


def test_a_moved_border_gives_one_piece_of_ground() -> None:
    found = exchange({"A": WEST, "B": EAST}, {"A": WIDER, "B": NARROWER})
    [piece] = found.ground
    assert (piece.before, piece.after) == ("B", "A")
    assert shapely.equals(piece.geometry, BETWEEN)
    assert piece.area_m2 == pytest.approx(area_m2(BETWEEN))
    assert found.gained_m2("A") == found.lost_m2("B") == piece.area_m2
    assert found.lost_m2("A") == found.gained_m2("B") == 0
    assert found.old_lines.covered_by(shapely.box(101.49, 36, 101.51, 37))
    assert found.new_lines.covered_by(shapely.box(101.59, 36, 101.61, 37))
    assert found.old_lines.length == pytest.approx(1)
    assert found.new_lines.length == pytest.approx(1)
    assert found.changed == {"A", "B"}


def test_nothing_changed_is_nothing_whatever_the_winding() -> None:
    found = exchange({"A": WEST, "B": EAST}, {"A": shapely.reverse(WEST), "B": EAST})
    assert (found.ground, found.changed) == ([], frozenset())
    assert found.old_lines.is_empty
    assert found.new_lines.is_empty


def test_split_merged_new_and_given_up() -> None:
    whole = shapely.box(101.0, 36.0, 102.0, 37.0)
    assert _moves(exchange({"W": whole}, {"W": WEST, "N": EAST})) == [("W", "N")]
    assert _moves(exchange({"A": WEST, "B": EAST}, {"A": whole})) == [("B", "A")]
    assert _moves(exchange({}, {"A": WEST})) == [(None, "A")]
    assert _moves(exchange({"A": WEST}, {})) == [("A", None)]
    assert _moves(exchange({"A": WEST, "B": EAST}, {"A": WEST, "B": NARROWER})) == [("B", None)]


def test_slivers_of_arithmetic_are_left_out() -> None:
    hair = shapely.box(101.0, 36.0, 101.5 + 1e-9, 37.0)
    assert exchange({"A": WEST, "B": EAST}, {"A": hair, "B": EAST}).ground == []


def test_a_corner_put_into_an_edge_beside_it_by_a_step_of_the_grid_is_no_other_line() -> None:
    low, high, between = (
        (101.5, 36),
        (101.5000003, 37),
        (101.5000001, 36.3),
    )  # the edge runs at 101.50000009 there
    west, east = [(101, 37), (101, 36), low], [(102, 36), (102, 37), high]
    before = {"A": shapely.Polygon([*west, high]), "B": shapely.Polygon([*east, low])}
    after = {"A": shapely.Polygon([*west, between, high]), "B": shapely.Polygon([*east, between, low])}
    found = exchange(before, after)
    assert found.changed == {"A", "B"}
    assert found.ground == []
    assert found.old_lines.is_empty
    assert found.new_lines.is_empty


def test_a_broken_shape_of_the_past_is_no_error() -> None:
    bowtie = shapely.Polygon([(101, 36), (101.5, 37), (101.5, 36), (101, 37)])
    found = exchange({"A": bowtie}, {"A": WEST})
    assert {(one.before, one.after) for one in found.ground} == {(None, "A")}


@given(st.lists(st.floats(101.05, 101.95), min_size=2, max_size=4), st.floats(101.02, 101.98))
def test_what_is_lost_is_gained(cuts: list[float], other: float) -> None:
    def strips(at: list[float]) -> dict[int, shapely.Polygon]:
        edges = [101.0, *sorted(set(np.round(at, 7).tolist())), 102.0]
        return {i: shapely.box(w, 36, e, 37) for i, (w, e) in enumerate(pairwise(edges))}

    before, after = strips(cuts), strips([*cuts[1:], other])
    found = exchange(before, after)
    for key in before.keys() | after.keys():
        was = area_m2(before[key]) if key in before else 0.0
        is_ = area_m2(after[key]) if key in after else 0.0
        assert is_ - was == pytest.approx(found.gained_m2(key) - found.lost_m2(key), rel=1e-4, abs=20)
