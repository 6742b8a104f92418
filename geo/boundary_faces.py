"""Where borders cross, and the faces between them: snap rounding on the 1e-7° grid.

Every end of an edge and every crossing claims its grid square ("hot pixel"); an edge that passes through a claimed
square gets a vertex in its middle (Hobby, "Practical segment intersection with finite precision output", 1999). What
intersection arithmetic leaves behind falls onto the grid and cancels; a vertex that is really one step off stays.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.boundary_grid import Bools, Edges, Ints, directions, each_once, grouped, to_degrees

Objects = NDArray[np.object_]
_TIE = 1e-3


@dataclass(frozen=True, slots=True)
class Noded:
    """Edges cut wherever they meet: ``source`` is the edge (of ``whole``) that a piece comes from.

    ``touches``: (k, 2), an edge and a vertex in its course which it does not have; ``vertices``: (v, 2) grid steps.
    """

    whole: Edges
    edges: Edges
    source: Ints
    touches: Ints
    vertices: Ints


def noded(edges: Edges) -> Noded:
    """Cut edges at each other's ends and crossings, everything on the grid."""
    ends = edges.ends
    if not len(edges):
        return Noded(
            edges, edges, np.empty(0, np.int64), np.empty((0, 2), np.int64), np.empty((0, 2), np.int64)
        )
    origin = ends.reshape(-1, 2).min(axis=0)
    local = ends - np.tile(origin, 2)
    tree = shapely.STRtree(shapely.linestrings(local.reshape(-1, 2, 2).astype(np.float64)))
    corners = each_once(np.concatenate([local.reshape(-1, 2), _crossings(local, tree)]) + origin) - origin
    edge, vertex = _passes(local, corners, tree)
    stops = np.concatenate([local[edge, :2], local[edge, 2:]], axis=1)
    inner = (corners[vertex] != stops[:, :2]).any(axis=1) & (corners[vertex] != stops[:, 2:]).any(axis=1)
    edge, vertex = edge[inner], vertex[inner]
    pieces, source = _cut(local, edge, corners[vertex])
    return Noded(
        edges, Edges(pieces + np.tile(origin, 2), edges.owner[source]), source,
        np.stack([edge, vertex], axis=1), corners + origin,
    )  # fmt: skip


def _crossings(local: Ints, tree: shapely.STRtree) -> Ints:
    """The grid points nearest to where two edges cross between their ends."""
    one, other = tree.query(tree.geometries)
    pairs = one < other
    one, other = one[pairs], other[pairs]
    p, q, r, s = local[one, :2], local[one, 2:], local[other, :2], local[other, 2:]
    apart = (_side(p, q, r) * _side(p, q, s) < 0) & (_side(r, s, p) * _side(r, s, q) < 0)
    p, q, r, s = p[apart], q[apart], r[apart], s[apart]
    along, across = (q - p).astype(np.float64), (s - r).astype(np.float64)
    share = _cross((r - p).astype(np.float64), across) / _cross(along, across)
    place = p + share[:, None] * along
    nearest = np.floor(place + 0.5).astype(np.int64)
    close = np.flatnonzero((np.abs(place - np.floor(place) - 0.5) < _TIE).any(axis=1))
    for at in close.tolist():  # nearly half way between two grid points: by whole numbers
        nearest[at] = _crossing(*(points[at].tolist() for points in (p, q, r, s)))
    return np.asarray(nearest, dtype=np.int64)


def _crossing(p: list[int], q: list[int], r: list[int], s: list[int]) -> tuple[int, int]:
    along, across, offset = ((b[0] - a[0], b[1] - a[1]) for a, b in ((p, q), (r, s), (p, r)))
    down = along[0] * across[1] - along[1] * across[0]
    up = offset[0] * across[1] - offset[1] * across[0]
    x, y = (start + (2 * up * step + down) // (2 * down) for start, step in zip(p, along, strict=True))
    return x, y


def _side(p: Ints, q: Ints, r: Ints) -> Ints:
    """1 where r lies left of p to q, -1 right, 0 on the line: exact."""
    return np.asarray(np.sign(_cross(q - p, r - p)), dtype=np.int64)


def _cross(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _passes(local: Ints, corners: Ints, tree: shapely.STRtree) -> tuple[Ints, Ints]:
    """Pairs of an edge and a corner through whose grid square it runs."""
    vertex, edge = tree.query(shapely.points(corners.astype(np.float64)))
    through = passes(local[edge, :2], local[edge, 2:], corners[vertex])
    return edge[through], vertex[through]


def passes(start: Ints, stop: Ints, point: Ints) -> Bools:
    """Whether edges run through points' grid squares; only the lower left corner of a square's own belongs to it.

    All (n, 2); the points lie within the boxes around the edges.
    """
    along = stop - start
    offset = 2 * _cross(along, point - start)
    reach = np.abs(along).sum(axis=1)
    return np.asarray(
        (np.abs(offset) < reach) | (offset == along[:, 0] - along[:, 1]) & (np.abs(offset) == reach)
    )


def _cut(local: Ints, edge: Ints, corner: Ints) -> tuple[Ints, Ints]:
    """The pieces of all edges, and which edge each comes from, in the edges' order."""
    count = len(local)
    every = np.arange(count)
    of_edge = np.concatenate([every, edge, every])
    points = np.concatenate([local[:, :2], corner, local[:, 2:]])
    along = (local[:, 2:] - local[:, :2])[of_edge]
    place = ((points - local[of_edge, :2]) * along).sum(axis=1)
    order = np.lexsort((place, of_edge))
    points, of_edge = points[order], of_edge[order]
    same = (of_edge[1:] == of_edge[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    return np.concatenate([points[:-1], points[1:]], axis=1)[same], of_edge[:-1][same]


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces between edges.

    ``shapes``: polygons in grid steps; ``levels[f]``: how often each chain covers face f, where it does at all;
    ``left`` and ``right``: the faces beside each edge group (-1: the outside); ``group``: the group of each edge.
    """

    shapes: Objects
    levels: list[dict[int, int]]
    left: Ints
    right: Ints
    group: Ints

    def borders(self) -> list[Ints]:
        """The edges on each face's border."""
        beside = np.concatenate([self.left[self.group], self.right[self.group]])
        edge = np.tile(np.arange(len(self.group)), 2)
        order = np.argsort(beside, kind="stable")
        ends = np.searchsorted(beside[order], np.arange(len(self.levels) + 1))
        return np.split(edge[order], ends)[1:-1]


def faces_between(edges: Edges, chains: Ints) -> Faces:
    """The faces between noded edges and how often each of the chains (`chains`, one number an edge) covers them."""
    none = np.empty(0, np.int64)
    if not len(edges):
        return Faces(np.empty(0, object), [], none, none, none)
    group, count = grouped(edges.ends)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(count + 1))
    first = order[starts[:-1]]
    lines = edges.ends[first].reshape(-1, 2, 2)
    origin = lines.reshape(-1, 2).min(axis=0)
    shapes = shapely.get_parts(shapely.polygonize(shapely.linestrings((lines - origin).astype(np.float64))))
    shapes = shapely.transform(shapes, lambda xy: xy + origin)
    left, right = _sides(shapes, edges.ends[first])
    _, _, sign = directions(edges.ends)

    def weight(at: int) -> dict[int, int]:
        """What crossing an edge group from its right to its left adds, by chain."""
        total: dict[int, int] = defaultdict(int)
        for edge in order[starts[at] : starts[at + 1]].tolist():
            total[int(chains[edge])] += int(sign[edge])
        return total

    return Faces(shapes, _levels(len(shapes), left, right, weight), left, right, group)


def _sides(shapes: Objects, lines: Ints) -> tuple[Ints, Ints]:
    """The faces left and right of each line (from its smaller end to its larger), -1 for the outside."""
    left, right = np.full(len(lines), -1), np.full(len(lines), -1)
    rings, face = shapely.get_rings(shapely.orient_polygons(shapes), return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(rings):
        return left, right
    points = np.rint(coordinates).astype(np.int64)
    follows = ring[1:] == ring[:-1]
    ends = np.concatenate([points[:-1], points[1:]], axis=1)[follows]
    owner = face[ring[:-1][follows]]
    _, _, sign = directions(ends)
    group, count = grouped(np.concatenate([lines, ends]))
    line_of = np.empty(count, dtype=np.int64)
    line_of[group[: len(lines)]] = np.arange(len(lines))
    at, forward = line_of[group[len(lines) :]], sign > 0
    left[at[forward]] = owner[forward]
    right[at[~forward]] = owner[~forward]
    return left, right


def _levels(
    count: int, left: Ints, right: Ints, weight: Callable[[int], dict[int, int]]
) -> list[dict[int, int]]:
    """How often each chain covers each face: from the outside (0) across one edge after another."""
    beside: dict[int, dict[int, int]] = defaultdict(dict)  # face -> its neighbours -> an edge between the two
    _, one_each = np.unique(np.stack([left, right]), axis=1, return_index=True)
    for at in one_each.tolist():
        one, other = int(left[at]), int(right[at])
        if one != other:
            beside[one][other] = at
            beside[other][one] = at
    found: dict[int, dict[int, int]] = {-1: {}}
    waiting = deque([-1])
    while waiting:
        face = waiting.popleft()
        for neighbour, at in beside[face].items():
            if neighbour in found:
                continue
            turn = 1 if left[at] == neighbour else -1
            level = dict(found[face])
            for chain, step in weight(at).items():
                level[chain] = level.get(chain, 0) + turn * step
            found[neighbour] = {chain: times for chain, times in level.items() if times}
            waiting.append(neighbour)
    return [found.get(face, {}) for face in range(count)]


def left_over_pieces(edges: Edges, chains: Ints) -> Bools:
    """Which noded edges still do not cancel within their chain."""
    group, count = grouped(edges.ends, chains)
    _, _, sign = directions(edges.ends)
    return np.asarray(np.bincount(group, weights=sign, minlength=count)[group] != 0)


def in_degrees(shapes: Objects) -> Objects:
    """Polygons in grid steps as WGS 84."""
    return np.asarray(shapely.transform(shapes, to_degrees), dtype=object)
