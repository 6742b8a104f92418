"""Symbols of a map: nothing is lost, what is near is drawn together, panning regroups nothing."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.clusters import Clusters, cluster, degrees, mercator, radius_px, reach_px

STATUSES = 7
Floats = NDArray[np.float64]


def at_pixels(px: list[tuple[float, float]], zoom: float) -> tuple[Floats, Floats]:
    """Mercator places that lie at these pixels from a corner in Xining."""
    x0, y0 = mercator(101.8, 36.6)
    scale = 256 * 2.0**zoom
    corner = np.floor(np.array([x0, y0]) * scale / 1000) * 1000
    places = (np.asarray(px, dtype=float).reshape(-1, 2) + corner) / scale
    return places[:, 0], places[:, 1]


def drawn(px: list[tuple[float, float]], zoom: float = 14.0, **options: Any) -> Clusters:
    """What is drawn for points at these pixels, all of the same status."""
    x, y = at_pixels(px, zoom)
    return cluster(x, y, np.zeros(len(x), dtype=np.int8), zoom, statuses=STATUSES, **options)


def crowd(n: int, seed: int = 3) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Points as a city has them: some places full, others nearly empty."""
    random = np.random.default_rng(seed)
    centre = random.uniform([101.75, 36.57], [101.9, 36.65], (20, 2))
    place = centre[random.integers(0, 20, n)] + random.normal(size=(n, 2)) * 0.006
    x, y = mercator(place[:, 0], place[:, 1])
    return x, y, random.integers(0, STATUSES, n)


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_degrees_undo_mercator(lon: float, lat: float) -> None:
    back = degrees(*mercator(lon, lat))
    assert [float(value) for value in back] == pytest.approx([lon, lat], abs=1e-9)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=60),
    st.sampled_from([11.0, 14.25, 15.5, 17.0]),
)
def test_every_point_is_drawn_once(px: list[tuple[int, int]], zoom: float) -> None:
    found = drawn([(float(x), float(y)) for x, y in px], zoom)
    assert len(found.singles) + int(found.n.sum()) == len(px)
    assert len(set(found.singles.tolist())) == len(found.singles)
    assert (found.by_status.sum(axis=1) == found.n).all()
    assert (found.n >= 2).all()


def test_no_points_no_symbols() -> None:
    found = drawn([])
    assert len(found.singles) == len(found.n) == 0


def test_four_near_ones_are_drawn_together_and_three_are_not() -> None:
    assert drawn([(100, 100), (118, 100), (100, 118), (118, 118)]).n.tolist() == [4]
    apart = drawn([(100, 100), (120, 100), (110, 120)])
    assert apart.singles.tolist() == [0, 1, 2]


def test_two_that_would_touch_make_a_two() -> None:
    assert drawn([(100, 100), (110, 100)]).n.tolist() == [2]
    assert len(drawn([(100, 100), (116, 100)]).n) == 0


def test_one_that_would_touch_a_donut_joins_it() -> None:
    four = [(100.0, 100.0), (104.0, 100.0), (100.0, 104.0), (104.0, 104.0)]
    beside = radius_px(4) + 5
    assert drawn([*four, (102 + float(beside), 102)], reach=16.0).n.tolist() == [5]


@pytest.mark.parametrize(
    ("zoom", "reach"), [(14, 40), (15.25, 40), (15.5, 26), (16.25, 26), (16.5, 2), (18, 2)]
)
def test_the_reach_shrinks_as_one_comes_near(zoom: float, reach: float) -> None:
    assert reach_px(zoom) == reach


def test_near_streets_only_what_coincides_is_drawn_together() -> None:
    found = drawn([(100, 100), (100, 100), (110, 100), (112, 108)], zoom=17)
    assert found.n.tolist() == [2]
    assert found.singles.tolist() == [2, 3]


def test_the_selected_one_never_joins() -> None:
    found = drawn([(100, 100)] * 5, keep=2)
    assert found.singles.tolist() == [2]
    assert found.n.tolist() == [4]


def test_bounds_hold_the_members_and_the_centre() -> None:
    x, y, status = crowd(500)
    found = cluster(x, y, status, 13.0, statuses=STATUSES)
    west, north, east, south = found.bounds.T
    assert ((west <= found.x) & (found.x <= east) & (north <= found.y) & (found.y <= south)).all()
    assert west.min() >= x.min()
    assert south.max() <= y.max()


def test_donuts_keep_their_distance() -> None:
    x, y, status = crowd(3000)
    found = cluster(x, y, status, 13.0, statuses=STATUSES)
    big = found.n >= 4
    scale = 256 * 2.0**13
    px, py = found.x[big] * scale, found.y[big] * scale
    away = np.hypot(px[:, None] - px, py[:, None] - py) + np.eye(len(px)) * 1e9
    assert away.min() > 30  # joined neighbours may move a centre a little


def test_panning_regroups_nothing() -> None:
    x, y, status = crowd(4000)
    zoom, margin = 14.0, 200.0
    scale = 256 * 2.0**zoom

    def symbols(west: float, east: float) -> set[tuple[int, int, int]]:
        near = (x * scale >= west - margin) & (x * scale <= east + margin)
        found = cluster(x[near], y[near], status[near], zoom, statuses=STATUSES)
        px, py = found.x * scale, found.y * scale
        seen = (px >= west) & (px <= east)
        return set(
            zip(
                px[seen].round().astype(int),
                py[seen].round().astype(int),
                found.n[seen].tolist(),
                strict=True,
            )
        )

    middle = float(np.median(x) * scale)
    whole = symbols(middle - 400, middle + 400)
    assert len(whole) > 20
    for shift in (37, 111, 260):
        panned = symbols(middle - 400 + shift, middle + 400 + shift)
        inside = {one for one in whole if one[0] > middle - 400 + shift}
        assert inside <= panned
