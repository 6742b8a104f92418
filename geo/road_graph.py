"""What one mode may use of a road network: a directed graph.

Every piece of street gives an arc for each direction in which the mode may go. On foot and by bicycle the graph's
states are the junctions. A car's states are the arcs that it came by, so that a turn can be forbidden
(`geo.road_turns`).
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from geo.road_turns import turn_edges

if TYPE_CHECKING:
    from geo.roads import RoadNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class ModeGraph:
    """The arcs of a mode and the graph of states.

    Arc i runs along (`along[i]`) or against segment `segment[i]`, from node `tail[i]` to `head[i]`, in `seconds[i]`.
    The graph's edges lead from state `edge_tail` to `edge_head` by `edge_arc`; `arc_head` is the state after each arc
    when nothing is known of what came before it, `states` their number. `main` marks states from which everything
    else that is `main` can be reached, there and back.
    """

    def __init__(self, network: "RoadNetwork", mode: str) -> None:
        self.network, self.mode = network, mode
        seconds = network.seconds[mode]
        along, against = np.flatnonzero(np.isfinite(seconds[0])), np.flatnonzero(np.isfinite(seconds[1]))
        self.segment: Ints = np.concatenate([along, against])
        self.along = np.repeat([True, False], [len(along), len(against)])
        self.tail: Ints = np.concatenate([network.start[along], network.end[against]])
        self.head: Ints = np.concatenate([network.end[along], network.start[against]])
        self.seconds: Floats = np.concatenate([seconds[0][along], seconds[1][against]])
        self._connect()

    def _connect(self) -> None:
        closed = np.isin(self.head, self.network.closed[self.mode])
        if self.mode == "car":
            self.edge_tail, self.edge_head, self.edge_arc, self.states = turn_edges(self, closed)
            self.arc_head: Ints = np.arange(len(self.head))
        else:
            open_ = np.flatnonzero(~np.isin(self.tail, self.network.closed[self.mode]))
            self.edge_tail, self.edge_head, self.edge_arc = self.tail[open_], self.head[open_], open_
            self.arc_head, self.states = self.head, len(self.network.node_lon)
        links = sparse.csr_matrix(
            (np.ones(len(self.edge_tail)), (self.edge_tail, self.edge_head)), shape=(self.states, self.states)
        )
        _, part = csgraph.connected_components(links, directed=True, connection="strong")
        self.main = part == np.bincount(part).argmax() if self.states else np.zeros(0, dtype=bool)

    @cached_property
    def usable(self) -> Ints:
        """Segments on which the mode can arrive from the main part of the network and leave again into it."""
        count = len(self.network.start)
        arrive, leave = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        arrive[self.segment[self.edge_arc[self.main[self.edge_tail]]]] = True
        leave[self.segment[self.main[self.arc_head]]] = True
        return np.flatnonzero(arrive & leave)

    @cached_property
    def scale(self) -> float:
        """What a degree of longitude is, in degrees of latitude, in the middle of the network."""
        _, south, _, north = self.network.bounds
        return float(np.cos(np.radians((south + north) / 2)))

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """The usable segments as lines, x scaled so that distances are alike in all directions."""
        network, usable = self.network, self.usable
        counts = network.offset[usable + 1] - network.offset[usable]
        index = np.repeat(np.arange(len(usable)), counts)
        first = np.repeat(network.offset[usable] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        taken = first + np.arange(len(index))
        xy = np.column_stack([network.lon[taken] * self.scale, network.lat[taken]])
        return np.asarray(shapely.linestrings(xy, indices=index), dtype=object)

    @cached_property
    def tree(self) -> Any:
        """The lines in a tree."""
        return shapely.STRtree(self.lines)

    @cached_property
    def arcs_of_segment(self) -> dict[tuple[int, bool], int]:
        """The arc of (segment, along)."""
        pairs = zip(self.segment.tolist(), self.along.tolist(), strict=True)
        return {pair: arc for arc, pair in enumerate(pairs)}

    @cached_property
    def edges_of_arc(self) -> tuple[Ints, Ints]:
        """(order, first): edges `order[first[arc]:first[arc + 1]]` use the arc."""
        order = np.argsort(self.edge_arc, kind="stable")
        counts = np.bincount(self.edge_arc, minlength=len(self.tail))
        return order, np.concatenate([[0], np.cumsum(counts)])
