"""Shortest ways between points on a mode's graph: Dijkstra's algorithm from every point, by scipy.

Each point is a vertex from which one leaves and another at which one arrives, so that no way leads through a point
(it would forget which turns are forbidden). Two points of one segment also reach each other along it, which is
looked at apart.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from shapely.ops import substring

from geo.road_graph import ModeGraph
from geo.road_snap import Snapped

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_KEPT: Final = 40_000_000  # predecessors that are kept (160 MB); with more, a path is searched again
_ROWS: Final = 64  # of those searched again, kept at a time
_LEAST_S: Final = 1e-6  # scipy takes an edge of 0 s for none


class Search:
    """The graph with the points as further vertices, and what was found in it.

    `seconds` [n, n] from point to point along streets, inf where there is no way or a point is not in `served`.
    """

    def __init__(self, graph: ModeGraph, snapped: Snapped, served: Ints) -> None:
        self._graph, self._snapped, self._served = graph, snapped, served
        self._count, self._first = len(snapped.segment), graph.states
        self._out = np.full(self._count, -1, dtype=np.int64)
        self._out[served] = self._first + np.arange(len(served))
        self._in = np.where(self._out >= 0, self._out + len(served), -1)
        self._vertices = self._first + 2 * len(served)
        self._edges()
        self._before: NDArray[np.int32] | None = None
        self._again: dict[int, NDArray[np.int32]] = {}
        self.seconds: Floats = np.full((self._count, self._count), np.inf)
        if not len(served):
            return
        keep = len(served) * self._vertices <= _KEPT
        found = csgraph.dijkstra(self._links, indices=self._out[served], return_predecessors=keep)
        times, self._before = found if keep else (found, None)
        self.seconds[np.ix_(served, served)] = times[:, self._in[served]]
        for segment in np.unique(snapped.segment[served]).tolist():
            members = served[snapped.segment[served] == segment]
            if len(members) > 1:
                block = np.ix_(members, members)
                self.seconds[block] = np.minimum(self.seconds[block], self._direct(members))

    def lengths_m(self) -> Floats:
        """[n, n] metres along the streets of the quickest ways; 0 where there is none."""
        metres = np.zeros((self._count, self._count))
        for i in self._served.tolist():
            metres[i] = self._lengths_from(i)
        return metres

    def line(self, i: int, j: int) -> Floats:
        """[n, 2] lon/lat of the quickest way from point i to point j along the streets."""
        network = self._graph.network
        pieces = []
        for arc, start, end in self._pieces(i, j):
            segment = int(self._graph.segment[arc])
            piece = slice(network.offset[segment], network.offset[segment + 1])
            xy = np.column_stack([network.lon[piece], network.lat[piece]])
            if not self._graph.along[arc]:
                xy = xy[::-1]
            pieces.append(xy if (start, end) == (0.0, 1.0) else _cut(xy, start, end, self._graph.scale))
        return np.vstack(pieces)

    def streets(self, i: int, j: int) -> list[tuple[str, float]]:
        """(name, metres) of the streets from i to j, one after another."""
        network, graph = self._graph.network, self._graph
        named: list[tuple[str, float]] = []
        for arc, start, end in self._pieces(i, j):
            segment = graph.segment[arc]
            name = network.names[network.name[segment]]
            metres = float(network.length_m[segment]) * (end - start)
            if named and named[-1][0] == name:
                named[-1] = (name, named[-1][1] + metres)
            else:
                named.append((name, metres))
        return named

    def _edges(self) -> None:
        """The graph's edges and those of the points: from a point onwards, and to it from where its street begins.

        An edge runs along `_arc` between the fractions `_from` and `_to` of it.
        """
        graph = self._graph
        extra = np.array(self._joining(), dtype=np.float64).reshape(-1, 5)
        tail = np.concatenate([graph.edge_tail, extra[:, 0].astype(np.int64)])
        head = np.concatenate([graph.edge_head, extra[:, 1].astype(np.int64)])
        arc = np.concatenate([graph.edge_arc, extra[:, 2].astype(np.int64)])
        begin = np.concatenate([np.zeros(len(graph.edge_arc)), extra[:, 3]])
        end = np.concatenate([np.ones(len(graph.edge_arc)), extra[:, 4]])
        weight = np.maximum(graph.seconds[arc] * (end - begin), _LEAST_S)
        order = np.lexsort((weight, head, tail))
        tail, head = tail[order], head[order]
        # Of several streets between the same two junctions only the quickest is of use.
        best = np.concatenate([[True], (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])])[: len(tail)]
        order, tail, head = order[best], tail[best], head[best]
        self._arc, self._from, self._to, weight = arc[order], begin[order], end[order], weight[order]
        self._metres = graph.network.length_m[graph.segment[self._arc]] * (self._to - self._from)
        n = self._vertices
        first = np.searchsorted(tail, np.arange(n + 1))
        self._links = sparse.csr_matrix((weight, head, first), shape=(n, n))
        self._keys = tail * n + head

    def _joining(self) -> list[tuple[float, ...]]:
        graph, snapped = self._graph, self._snapped
        order, first = graph.edges_of_arc
        rows: list[tuple[float, ...]] = []
        for i in self._served.tolist():
            for arc, at in self._arcs_at(int(snapped.segment[i]), float(snapped.fraction[i])):
                edges = order[first[arc] : first[arc + 1]]
                rows += [(tail, self._in[i], arc, 0.0, at) for tail in graph.edge_tail[edges].tolist()]
                rows.append((self._out[i], graph.arc_head[arc], arc, at, 1.0))
        return rows

    def _arcs_at(self, segment: int, fraction: float) -> list[tuple[int, float]]:
        """(arc, fraction along it) of a place on a segment, for each direction in which the mode may go."""
        arcs = self._graph.arcs_of_segment
        found = [
            (arcs.get((segment, along)), fraction if along else 1.0 - fraction) for along in (True, False)
        ]
        return [(arc, at) for arc, at in found if arc is not None]

    def _direct(self, members: Ints) -> Floats:
        """[m, m] seconds between points of one segment along it; inf against its direction."""
        segment, fraction = int(self._snapped.segment[members[0]]), self._snapped.fraction[members]
        best = np.full((len(members), len(members)), np.inf)
        for along in (True, False):
            arc = self._graph.arcs_of_segment.get((segment, along))
            if arc is not None:
                ahead = (fraction[None, :] - fraction[:, None]) * (1 if along else -1)
                best = np.minimum(best, np.where(ahead >= 0, ahead * self._graph.seconds[arc], np.inf))
        return best

    def _along(self, i: int, j: int) -> tuple[int, float, float] | None:
        """The piece of street between two points of one segment, where that is the quickest way."""
        snapped = self._snapped
        if (
            snapped.segment[i] != snapped.segment[j]
            or self.seconds[i, j] < self._direct(np.array([i, j]))[0, 1]
        ):
            return None
        ends = (self._arcs_at(int(snapped.segment[k]), float(snapped.fraction[k])) for k in (i, j))
        pieces = [(arc, at, to) for (arc, at), (_, to) in zip(*ends, strict=True) if to >= at]
        return pieces[0] if pieces else None

    def _pieces(self, i: int, j: int) -> list[tuple[int, float, float]]:
        """(arc, from, to) of the quickest way, from and to being fractions of the arc."""
        alone = self._along(i, j)
        if alone is not None:
            return [alone]
        return [(int(self._arc[e]), float(self._from[e]), float(self._to[e])) for e in self._chain(i, j)]

    def _predecessors(self, i: int) -> NDArray[np.int32]:
        if self._before is not None:
            return np.asarray(self._before[int(self._out[i]) - self._first])
        if i not in self._again:
            if len(self._again) >= _ROWS:
                self._again.clear()
            found = csgraph.dijkstra(self._links, indices=int(self._out[i]), return_predecessors=True)
            self._again[i] = np.asarray(found[1])
        return self._again[i]

    def _chain(self, i: int, j: int) -> list[int]:
        """The edges from point i to point j."""
        before, at, edges = self._predecessors(i), int(self._in[j]), []
        while at != self._out[i]:
            previous = int(before[at])
            if previous < 0:
                raise ValueError(f"there is no way from point {i} to point {j}")
            edges.append(int(self._edge(np.array([previous]), np.array([at]))[0]))
            at = previous
        return edges[::-1]

    def _edge(self, tail: Ints, head: Ints) -> Ints:
        """The number of the edge between each two vertices that have one."""
        return np.searchsorted(self._keys, tail * self._vertices + head)

    def _lengths_from(self, i: int) -> Floats:
        """Metres from point i to every point: all ways are walked back together, a step at a time."""
        before = self._predecessors(i).astype(np.int64)
        row = np.zeros(self._count)
        targets = self._served[np.isfinite(self.seconds[i, self._served]) & (self._served != i)]
        near = [j for j in targets.tolist() if self._snapped.segment[j] == self._snapped.segment[i]]
        for j in near:
            row[j] = sum(
                (end - start) * self._graph.network.length_m[self._graph.segment[arc]]
                for arc, start, end in self._pieces(i, j)
            )
        targets = np.setdiff1d(targets, near)
        at, metres = self._in[targets].copy(), np.zeros(len(targets))
        going = np.arange(len(targets))
        while len(going):
            previous = before[at[going]]
            metres[going] += self._metres[self._edge(previous, at[going])]
            at[going] = previous
            going = going[previous != self._out[i]]
        row[targets] = metres
        return row


def _cut(xy: Floats, start: float, end: float, scale: float) -> Floats:
    """The part of a line between two fractions of its length, measured like `snap` does."""
    plane = shapely.LineString(xy * (scale, 1.0))
    part = substring(plane, min(start, end), max(start, end), normalized=True)
    cut = shapely.get_coordinates(part) / (scale, 1.0)
    return np.asarray(cut if start <= end else cut[::-1])
