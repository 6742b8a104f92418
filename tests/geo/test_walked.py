"""The walked way: its length is right on a known line, and neither standing still nor a jump makes it longer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.walked import GAP_S, walked

EAST_M = 111_319.49  # a degree of longitude on the equator, WGS 84


def east(metres: list[float]) -> list[float]:
    return [one / EAST_M for one in metres]


def test_a_straight_walk_is_as_long_as_it_is() -> None:
    metres = [float(m) for m in range(0, 1001, 50)]
    found = walked(east(metres), [0.0] * len(metres), [n * 30.0 for n in range(len(metres))])
    assert found.distance_m == pytest.approx(1000, abs=1)
    assert len(found.lines) == 1
    assert found.lines[0].shape == (21, 2)


def test_the_order_of_the_positions_does_not_matter() -> None:
    found = walked(east([100, 0, 50]), [0.0] * 3, [20.0, 0.0, 10.0])
    assert found.distance_m == pytest.approx(100, abs=0.5)


def test_who_stands_still_walks_nowhere() -> None:
    rng = np.random.default_rng(7)
    jitter = east(rng.normal(0, 4, 400).tolist())
    found = walked(jitter, [0.0] * 400, [5.0 * n for n in range(400)], [12.0] * 400)
    assert found.distance_m < 60  # summing every step would give two kilometres
    assert found.gaps == 0


def test_a_gap_ends_a_piece_and_its_way_is_not_counted() -> None:
    at = [0.0, 30.0, 60.0 + GAP_S, 90.0 + GAP_S]
    found = walked(east([0, 100, 5000, 5100]), [0.0] * 4, at)
    assert found.gaps == 1
    assert [len(line) for line in found.lines] == [2, 2]
    assert found.distance_m == pytest.approx(200, abs=1)


def test_a_jump_and_a_rough_position_are_left_out() -> None:
    jump = walked(east([0, 50, 90_000, 100]), [0.0] * 4, [0.0, 30.0, 60.0, 90.0])
    assert jump.distance_m == pytest.approx(100, abs=0.5)
    rough = walked(east([0, 400, 100]), [0.0] * 3, [0.0, 30.0, 60.0], [5.0, 900.0, None])
    assert rough.used == 2
    assert rough.distance_m == pytest.approx(100, abs=0.5)


def test_nothing_recorded_is_no_way() -> None:
    assert walked([], [], []).lines == []
    assert walked([np.nan], [0.0], [0.0]).used == 0
    assert walked([101.8], [36.6], [0.0]).distance_m == 0


@given(st.lists(st.tuples(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01), st.floats(0, 5000)), max_size=40))
def test_it_is_never_longer_than_all_steps_together(fixes: list[tuple[float, float, float]]) -> None:
    fixes = sorted(fixes, key=lambda fix: fix[2])
    lon, lat, at = ([fix[part] for fix in fixes] for part in range(3))
    steps = np.hypot(np.diff(lon), np.diff(lat)).sum() * EAST_M if len(fixes) > 1 else 0.0
    assert walked(lon, lat, at).distance_m <= steps * 1.01 + 1
