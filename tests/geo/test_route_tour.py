"""Round trips: every place once, the gain as it is told, short."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.route_kernels import Ints
from geo.route_lin_kernighan import descend, kicks
from geo.route_problem import nearest
from geo.route_tour import Tour, nearest_first, new_tour


def costs(count: int, seed: int) -> Ints:
    points = np.random.default_rng(seed).uniform(0, 1000, (count, 2))
    found: Ints = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)).round().astype(np.int64)
    return found


def length(cost: Ints, tour: Tour) -> int:
    along = tour.at[: tour.size[0]]
    return int(cost[along, np.roll(along, -1)].sum())


@settings(deadline=None, max_examples=40)
@given(st.integers(3, 80), st.integers(0, 100_000))
def test_every_place_is_passed_once_and_the_gain_is_true(count: int, seed: int) -> None:
    cost = costs(count, seed)
    near = nearest(cost, list(range(count)), 8)
    tour = new_tour(count, seed)
    nearest_first(tour, cost, near, np.arange(count))
    before = length(cost, tour)
    gain = descend(tour, cost, near, True) + kicks(tour, cost, near, 30)
    assert sorted(tour.at.tolist()) == list(range(count))
    assert [tour.position[place] for place in tour.at] == list(range(count))
    assert length(cost, tour) == before - gain


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 100_000))
def test_small_trips_are_the_shortest(seed: int) -> None:
    cost = costs(8, seed)
    tour = new_tour(8, 1)
    near = nearest(cost, list(range(8)), 7)
    nearest_first(tour, cost, near, np.arange(8))
    descend(tour, cost, near, True)
    kicks(tour, cost, near, 200)
    every = (
        sum(cost[a, b] for a, b in zip((0, *p), (*p, 0), strict=True)) for p in permutations(range(1, 8))
    )
    assert length(cost, tour) == min(every)


def test_places_that_are_left_out_are_not_passed() -> None:
    cost = costs(30, 4)
    members = np.arange(0, 30, 2)
    tour = new_tour(30, 1)
    near = nearest(cost, list(range(30)), 8)
    nearest_first(tour, cost, near, members)
    descend(tour, cost, near, True)
    kicks(tour, cost, near, 50)
    assert sorted(tour.at[: tour.size[0]].tolist()) == members.tolist()


def test_a_grid_is_walked_without_a_detour() -> None:
    points = np.array([(x, y) for x in range(20) for y in range(20)]) * 10
    cost = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)).round().astype(np.int64)
    tour = new_tour(400, 1)
    near = nearest(cost, list(range(400)), 10)
    nearest_first(tour, cost, near, np.arange(400))
    descend(tour, cost, near, True)
    kicks(tour, cost, near, 3000)
    assert length(cost, tour) == pytest.approx(4000, rel=0.01)
