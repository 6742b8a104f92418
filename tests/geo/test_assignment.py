import pickle
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.assignment import AreaIndex, BadArea, Kind
from geo.crs import GEOD

Town = list[shapely.Polygon]
Places = list[tuple[float, float]]

M = 1 / 111_000  # a metre in degrees of latitude, roughly


def grid(n: int = 3, size: float = 0.01, x: float = 101.7, y: float = 36.5) -> list[shapely.Polygon]:
    return [
        shapely.box(x + i * size, y + j * size, x + (i + 1) * size, y + (j + 1) * size)
        for i in range(n)
        for j in range(n)
    ]


def winner_by_covers(polygons: list[shapely.Polygon], rank: list[int], lon: float, lat: float) -> int:
    covering = [i for i, polygon in enumerate(polygons) if shapely.covers(polygon, shapely.Point(lon, lat))]
    return min(covering, key=lambda i: (rank[i], i), default=-1)


@st.composite
def towns(draw: st.DrawFn) -> list[shapely.Polygon]:
    """Up to six overlapping, touching polygons on a coarse grid, some with holes."""
    corners = st.integers(0, 8)
    polygons = []
    for _ in range(draw(st.integers(1, 6))):
        x, y, w, h = draw(corners), draw(corners), draw(st.integers(1, 5)), draw(st.integers(1, 5))
        polygon: Any = shapely.box(x, y, x + w, y + h)
        if w >= 3 and h >= 3 and draw(st.booleans()):
            polygon = polygon.difference(shapely.box(x + 1, y + 1, x + w - 1, y + h - 1))
        if draw(st.booleans()):
            polygon = shapely.Polygon([*polygon.exterior.coords][::-1], polygon.interiors)
        polygons.append(polygon)
    return polygons


coordinates = st.one_of(
    st.integers(-1, 14).map(float), st.floats(-1, 14), st.sampled_from([np.nan, np.inf, -np.inf, 0.5])
)


@given(towns(), st.lists(st.tuples(coordinates, coordinates), max_size=20), st.data())
def test_locate_is_the_covering_area_of_lowest_rank_then_position(
    town: Town, places: Places, data: st.DataObject
) -> None:
    rank = data.draw(st.lists(st.integers(-2, 2), min_size=len(town), max_size=len(town)))
    index = AreaIndex.build(town, rank)
    lon, lat = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    expected = [
        winner_by_covers(town, rank, x, y) if np.isfinite(x) and np.isfinite(y) else -1 for x, y in places
    ]
    assert index.locate(lon, lat).tolist() == expected
    assert [index.locate_one(x, y) for x, y in places] == expected


@given(towns(), st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=20))
def test_every_point_has_one_kind_and_it_is_the_contracts(town: Town, places: Places) -> None:
    index = AreaIndex.build(town)
    lon, lat = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    position, kind = index.classify(lon, lat)
    for x, y, where, what in zip(lon, lat, position, kind, strict=True):
        if not (np.isfinite(x) and np.isfinite(y)) or (x == 0 and y == 0):
            assert (where, what) == (-1, Kind.NO_LOCATION)
            continue
        place = shapely.Point(x, y)
        inner = sum(shapely.contains(polygon, place) for polygon in town)
        edge = sum(shapely.intersects(polygon.boundary, place) for polygon in town)
        if inner > 1:
            assert what == Kind.OVERLAP
        elif edge:
            assert what == Kind.BORDER
        else:
            assert what == (Kind.INSIDE if inner else Kind.OUTSIDE)
        assert (where >= 0) == (what in (Kind.OVERLAP, Kind.BORDER, Kind.INSIDE))


@given(towns(), st.lists(st.tuples(coordinates, coordinates), max_size=10))
def test_winding_does_not_matter_and_assigning_again_changes_nothing(town: Town, places: Places) -> None:
    lon, lat = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    index = AreaIndex.build(town)
    turned = AreaIndex.build([shapely.reverse(polygon) for polygon in town])
    first = index.locate(lon, lat)
    assert first.tolist() == turned.locate(lon, lat).tolist() == index.locate(lon, lat).tolist()


def test_a_corner_shared_by_three_areas_belongs_to_the_first() -> None:
    a, b, c = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 2, 2)
    index = AreaIndex.build([a, b, c])
    assert index.locate([1], [1]).tolist() == [0]
    assert index.matches([1], [1])[1].tolist() == [0, 1, 2]
    assert AreaIndex.build([a, b, c], rank=[2, 1, 1]).locate([1], [1]).tolist() == [1]


def test_vertices_edges_and_ulps_agree_with_covers() -> None:
    rng = np.random.default_rng(7)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 40))
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * rng.uniform(0.5, 1, (40, 1)) + [101.8, 36.6]
    star, box = shapely.Polygon(ring), shapely.box(101.5, 36.4, 101.9, 36.7)
    middles = (ring + np.roll(ring, 1, axis=0)) / 2
    beside = np.nextafter(middles, np.inf)
    level = np.column_stack([rng.uniform(101, 103, 40), ring[:, 1]])
    xy = np.vstack([ring, middles, beside, level, [[101.9, 36.7], [101.5, 36.5]]])
    index = AreaIndex.build([star, box])
    expected = [winner_by_covers([star, box], [0, 0], x, y) for x, y in xy]
    assert index.locate(xy[:, 0], xy[:, 1]).tolist() == expected


def test_a_hole_is_outside_and_its_edge_is_border() -> None:
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    position, kind = AreaIndex.build([ring]).classify([1.5, 1.0, 0.5], [1.5, 1.5, 0.5])
    assert position.tolist() == [-1, 0, 0]
    assert kind.tolist() == ["outside", "border", "inside"]


def test_zero_zero_is_a_place_for_locate_but_no_location() -> None:
    index = AreaIndex.build([shapely.box(-1, -1, 1, 1)])
    assert index.locate([0.0], [0.0]).tolist() == [0]
    position, kind = index.classify([0.0, 0.0], [0.0, 0.5])
    assert position.tolist() == [-1, 0]
    assert kind.tolist() == [Kind.NO_LOCATION, Kind.INSIDE]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (shapely.Point(1, 1), "a Point, not a polygon"),
        (shapely.Polygon(), "empty"),
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "Self-intersection"),
        (None, "not a shapely geometry"),
    ],
)
def test_what_is_not_an_area_is_refused_by_position(west: shapely.Polygon, bad: Any, why: str) -> None:
    with pytest.raises(BadArea, match=f"area 1: .*{why}") as caught:
        AreaIndex.build([west, bad])
    assert caught.value.position == 1
    assert isinstance(caught.value, ValueError)
    with pytest.raises(BadArea):
        AreaIndex.build([west]).replace(0, bad)


def test_ranks_that_do_not_fit_are_refused(west: shapely.Polygon) -> None:
    with pytest.raises(ValueError, match="one rank for each area"):
        AreaIndex.build([west], rank=[1, 2])
    with pytest.raises(ValueError, match="whole numbers"):
        AreaIndex.build([west], rank=[0.5])


def test_lengths_that_differ_are_refused(west: shapely.Polygon) -> None:
    with pytest.raises(ValueError, match="one length"):
        AreaIndex.build([west]).locate([1, 2], [1])


def test_no_areas_at_all() -> None:
    index = AreaIndex.build([])
    assert index.locate([1.0], [2.0]).tolist() == [-1]
    assert index.locate_one(1, 2) == -1
    answer = index.describe([1.0, np.nan], [2.0, 1.0])
    assert answer.kind.tolist() == [Kind.OUTSIDE, Kind.NO_LOCATION]
    assert answer[0].nearest == -1


def test_no_points_at_all(west: shapely.Polygon) -> None:
    index = AreaIndex.build([west])
    assert len(index.locate([], [])) == len(index.describe([], [])) == 0


def test_replace_gives_a_new_index_and_leaves_the_old(west: shapely.Polygon, east: shapely.Polygon) -> None:
    old = AreaIndex.build([west, east])
    new = old.replace(0, shapely.box(101.79, 36.60, 101.805, 36.61))
    assert old.locate_one(101.803, 36.605) == 1
    assert new.locate_one(101.803, 36.605) == 0
    with pytest.raises(IndexError):
        old.replace(2, west)


def test_heights_are_ignored_and_pickling_keeps_the_answers(west: shapely.Polygon) -> None:
    index = pickle.loads(pickle.dumps(AreaIndex.build([shapely.force_3d(west, 2200.0)])))  # noqa: S301
    assert index.locate_one(101.795, 36.605) == 0


def test_near_border_means_another_area_than_the_winner(west: shapely.Polygon, east: shapely.Polygon) -> None:
    index = AreaIndex.build([west, east])
    lat = 36.605
    inner, shared, outer_edge = 101.80 - 3 * M, 101.80, 101.79
    answers = index.describe([inner, 101.80 - 20 * M, shared, outer_edge], [lat] * 4)
    assert answers.kind.tolist() == ["inside", "inside", "border", "border"]
    assert answers.near_border.tolist() == [True, False, True, False]
    near = answers[0]
    assert near.position == 0
    assert [position for position, _ in near.candidates] == [0, 1]
    assert near.candidates[0][1] == 0.0
    assert near.candidates[1][1] == pytest.approx(GEOD.inv(inner, lat, shared, lat)[2], abs=1e-4)
    assert answers[1].candidates == ()
    assert answers.needs_triage.tolist() == [True, False, True, True]


def test_outside_names_the_nearest_area_however_far(west: shapely.Polygon, east: shapely.Polygon) -> None:
    index = AreaIndex.build([west, east])
    answers = index.describe([101.82, 101.70, 116.4, 101.81 + 2 * M], [36.605, 36.605, 39.9, 36.605])
    assert answers.kind.tolist() == ["outside"] * 4
    assert answers.nearest.tolist() == [1, 0, 1, 1]
    assert answers.near_border.tolist() == [False, False, False, True]
    assert answers[0].nearest_m == pytest.approx(GEOD.inv(101.82, 36.605, 101.81, 36.605)[2], rel=1e-6)
    assert [position for position, _ in answers[0].candidates] == [1]
    assert answers[3].candidates == ((1, answers[3].nearest_m),)


def test_candidates_are_nearest_first_then_by_precedence(west: shapely.Polygon) -> None:
    index = AreaIndex.build([west, west], rank=[1, 0])
    answer = index.describe_one(101.795, 36.605)
    assert (answer.position, answer.kind) == (1, Kind.OVERLAP)
    assert answer.candidates == ((1, 0.0), (0, 0.0))
    assert answer.near_border


def test_nearest_of_covered_and_missing_points(west: shapely.Polygon) -> None:
    position, metres = AreaIndex.build([west]).nearest([101.795, np.nan], [36.605, 36.6])
    assert position.tolist() == [0, -1]
    assert metres[0] == 0
    assert np.isnan(metres[1])


def test_near_lists_covering_areas_at_no_distance(west: shapely.Polygon, east: shapely.Polygon) -> None:
    point, area, metres = AreaIndex.build([west, east]).near([101.80 - 3 * M, 101.795], [36.605] * 2, 10)
    assert point.tolist() == [0, 0, 1]
    assert area.tolist() == [0, 1, 0]
    assert metres[[0, 2]].tolist() == [0, 0]


@pytest.mark.parametrize("metres", [-1, np.nan, np.inf])
def test_metres_must_be_metres(west: shapely.Polygon, metres: float) -> None:
    with pytest.raises(ValueError, match="metres"):
        AreaIndex.build([west]).near([1.0], [1.0], metres)
    with pytest.raises(ValueError, match="metres"):
        AreaIndex.build([west]).describe([1.0], [1.0], near_m=metres)


def test_describe_agrees_with_classify_and_locate() -> None:
    rng = np.random.default_rng(3)
    index = AreaIndex.build(grid(4))
    lon, lat = rng.uniform(101.69, 101.75, 3000), rng.uniform(36.49, 36.55, 3000)
    lon[:500] = np.round(lon[:500], 2)
    position, kind = index.classify(lon, lat)
    answers = index.describe(lon, lat)
    assert (answers.position == position).all()
    assert (answers.kind == kind).all()
    assert (index.locate(lon, lat) == position).all()


def test_several_areas_are_redrawn_at_once(west: shapely.Polygon, east: shapely.Polygon) -> None:
    old = AreaIndex.build([west, east], rank=[1, 0])
    swapped = old.replace_many({0: east, 1: west})
    lon, lat = [101.795, 101.80, 101.805], [36.605] * 3
    assert old.locate(lon, lat).tolist() == [0, 1, 1]
    assert swapped.locate(lon, lat).tolist() == [1, 1, 0]
    assert swapped.polygons[0] is east
    assert old.replace_many({}).locate(lon, lat).tolist() == [0, 1, 1]
    with pytest.raises(IndexError, match="no area at position 7"):
        old.replace_many({0: west, 7: east})
    with pytest.raises(BadArea, match="area 1: empty"):
        old.replace_many({1: shapely.Polygon()})


def test_long_lists_are_described_in_parts_that_fit(
    west: shapely.Polygon, east: shapely.Polygon, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform([101.785, 36.595], [101.815, 36.615], (500, 2)).T
    lon[::50] = np.nan
    index = AreaIndex.build([west, east])
    whole, near, pairs = index.describe(lon, lat, 30.0), index.near(lon, lat, 300.0), index.matches(lon, lat)
    monkeypatch.setattr("geo.assignment._DESCRIBED_AT_ONCE", 64)
    monkeypatch.setattr("geo.area_lookup.CHUNK", 64)
    parts = index.describe(lon, lat, 30.0)
    for name in ("position", "kind", "near_border", "nearest", "candidate_point", "candidate_area"):
        assert getattr(parts, name).tolist() == getattr(whole, name).tolist(), name
    assert parts.candidate_m.tolist() == whole.candidate_m.tolist()
    assert [part.tolist() for part in index.near(lon, lat, 300.0)] == [part.tolist() for part in near]
    assert [part.tolist() for part in index.matches(lon, lat)] == [part.tolist() for part in pairs]
