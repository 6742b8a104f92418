"""The way of a round on paper: at its place, with its direction, numbers apart."""

import math

import pytest

from casework.surroundings import Box
from web.round_map import way

BOX = Box.around(101.8, 36.6, 1000, 1000)
SIZE = (400, 400)


def at(x_m: float, y_m: float) -> tuple[float, float]:
    """A place so many metres east and north of the middle."""
    half_lon, half_lat = (BOX.east - BOX.west) / 2, (BOX.north - BOX.south) / 2
    return 101.8 + x_m / 1000 * half_lon, 36.6 + y_m / 1000 * half_lat


def test_places_lie_where_they_are_on_the_ground() -> None:
    made = way(BOX, SIZE, [], [at(500, 500)], at(0, 0), at(-1000, 0))
    assert made.start == pytest.approx((200, 200), abs=0.2)
    assert made.end == pytest.approx((0, 200), abs=0.2)
    assert (made.marks[0].x, made.marks[0].y) == pytest.approx((300, 100), abs=0.2)
    assert not made.marks[0].is_moved


def test_arrows_point_the_way_one_walks() -> None:
    for target, turn in (((900, 0), 0), ((0, 900), -90), ((-900, 0), 180), ((0, -900), 90)):
        arrows = way(BOX, SIZE, [[at(0, 0), at(*target)]], [], at(0, 0), None).arrows
        assert len(arrows) == 2
        assert all(math.isclose(one[2] % 360, turn % 360, abs_tol=0.2) for one in arrows)


def test_short_legs_share_an_arrow() -> None:
    legs = [[at(10 * k, 0), at(10 * k + 10, 0)] for k in range(60)]
    assert 1 <= len(way(BOX, SIZE, legs, [], at(0, 0), None).arrows) <= 3


def test_numbers_at_one_place_do_not_lie_on_each_other_or_outside() -> None:
    for where in ((0, 0), (990, 990)):
        marks = way(BOX, SIZE, [], [at(*where)] * 20, at(0, 0), None).marks
        assert [one.number for one in marks] == list(range(1, 21))
        spots = [(one.x, one.y) for one in marks]
        assert min(math.dist(a, b) for i, a in enumerate(spots) for b in spots[:i]) >= 22
        assert all(0 < x < 400 and 0 < y < 400 for x, y in spots)
        assert sum(one.is_moved for one in marks) >= 19


def test_a_leg_without_a_way_is_left_out() -> None:
    assert way(BOX, SIZE, [[], [at(0, 0)]], [], at(0, 0), None).lines == []
