import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.boundary_faces import faces_between, noded
from geo.boundary_grid import Edges, Ints, edges_of

corner = st.tuples(st.integers(0, 30), st.integers(0, 30))
lines = st.lists(st.tuples(corner, corner), min_size=1, max_size=12)


def edges_in_steps(some: list[tuple[tuple[int, int], tuple[int, int]]]) -> Edges:
    ends = np.array([[*one, *other] for one, other in some if one != other], dtype=np.int64).reshape(-1, 4)
    return Edges(ends, np.zeros(len(ends), dtype=np.int64))


def square(x: float, y: float, size: float = 1.0) -> shapely.Polygon:
    return shapely.box(x, y, x + size, y + size)


def covers(shapes: list[shapely.Polygon], chains: list[int]) -> dict[tuple[tuple[int, int], ...], float]:
    """How much ground (square degrees) is covered how often by which chain."""
    edges = noded(edges_of(shapes))
    of_piece: Ints = np.array(chains, dtype=np.int64)[edges.edges.owner]
    faces = faces_between(edges.edges, of_piece)
    found: dict[tuple[tuple[int, int], ...], float] = {}
    for shape, level in zip(faces.shapes, faces.levels, strict=True):
        key = tuple(sorted(level.items()))
        found[key] = round(found.get(key, 0.0) + shape.area / 1e14, 9)
    return found


@given(lines)
def test_pieces_meet_at_their_ends_only(some: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Also on a grid so coarse that every edge passes near others' ends."""
    pieces = noded(edges_in_steps(some)).edges.ends
    drawn = {tuple(sorted(((a, b), (c, d)))) for a, b, c, d in pieces.tolist()}
    shapes = [shapely.LineString(piece) for piece in drawn]
    for at, one in enumerate(shapes):
        for other in shapes[at + 1 :]:
            assert not one.crosses(other)
            assert one.intersection(other).length == 0
            assert shapely.intersects(one.boundary, other) or not one.intersects(other)


def test_what_overlaps_is_covered_twice() -> None:
    assert covers([square(0, 0), square(0.5, 0.5)], [0, 0]) == {((0, 1),): 1.5, ((0, 2),): 0.25}


def test_what_lies_apart_within_another_is_seen_from_there() -> None:
    found = covers([square(0, 0, 9), square(1, 1), square(3, 3, 4), square(4, 4)], [0, 0, 1, 1])
    assert found == {((0, 1),): 81 - 1 - 16, ((0, 2),): 1.0, ((0, 1), (1, 1)): 15.0, ((0, 1), (1, 2)): 1.0}


def test_a_hole_is_not_covered() -> None:
    around = shapely.Polygon(square(0, 0, 3).exterior, [square(1, 1).exterior])
    assert covers([around], [0]) == {((0, 1),): 8.0, (): 1.0}


def test_a_vertex_within_the_grid_square_of_an_edge_is_on_it_and_one_step_away_is_not() -> None:
    slope = edges_in_steps([((0, 0), (30, 10)), ((15, 5), (20, 20))])
    assert noded(slope).touches.shape == (1, 2)
    beside = edges_in_steps([((0, 0), (30, 10)), ((15, 6), (20, 20))])
    assert noded(beside).touches.shape == (0, 2)


def test_nothing_has_no_faces() -> None:
    nothing = edges_in_steps([])
    assert len(noded(nothing).edges) == 0
    assert faces_between(nothing, np.empty(0, np.int64)).levels == []
