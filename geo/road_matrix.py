"""Points on streets, the times between them, and the way taken: all from one search."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo.road_graph import ModeGraph
from geo.road_search import Search
from geo.road_snap import Snapped, snap
from geo.road_tags import WALK_KMH

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Matrix:
    """Times and lengths between points, [from, to].

    `duration_s` and `distance_m` are inf where there is no way; both include `walk_m`, the walk between a point and
    its street, at walking speed. `is_straight` says that they are as the crow flies: times not to be trusted. `router`
    is set where another server was asked for them: whether it answered, or why it did not.
    """

    lon: Floats
    lat: Floats
    mode: str
    duration_s: Floats
    walk_m: Floats
    graph: ModeGraph | None = field(repr=False)
    snapped: Snapped | None = field(repr=False)
    straight_m: Floats | None = field(default=None, repr=False)
    search: Search | None = field(default=None, repr=False)
    router: str = ""

    @property
    def is_straight(self) -> bool:
        """Whether there was no network: straight lines."""
        return self.graph is None

    @cached_property
    def distance_m(self) -> Floats:
        """Metres along the quickest ways."""
        if self.search is None:
            assert self.straight_m is not None  # noqa: S101
            return self.straight_m
        metres = self.search.lengths_m() + self.walk_m[:, None] + self.walk_m
        metres[~np.isfinite(self.duration_s)] = np.inf
        np.fill_diagonal(metres, self.duration_s.diagonal())
        return metres

    def path(self, i: int, j: int) -> Floats:
        """[n, 2] lon/lat of the quickest way from point i to point j, walks to the kerb included.

        Raises `ValueError` where there is none.
        """
        ends = np.array([[self.lon[i], self.lat[i]], [self.lon[j], self.lat[j]]])
        if not np.isfinite(self.duration_s[i, j]):
            raise ValueError(f"there is no way from point {i} to point {j}")
        if self.search is None:
            return ends
        if i == j:
            return ends
        whole = np.vstack([ends[:1], self.search.line(i, j), ends[1:]])
        new = np.concatenate([[True], (np.diff(whole, axis=0) != 0).any(axis=1)])
        return np.asarray(whole[new])

    def streets(self, i: int, j: int) -> list[tuple[str, float]]:
        """(name, metres) of the streets on the way from i to j, one after another; "" where a street has none."""
        return [] if self.search is None or i == j else self.search.streets(i, j)


@dataclass(frozen=True)
class OutsideMatrix(Matrix):
    """A matrix of another server: `straight_m` are its lengths, `leg` gives its way between two of the points."""

    leg: Callable[[int, int], Floats] | None = field(default=None, repr=False)

    @property
    def is_straight(self) -> bool:
        """Never: these are ways on streets."""
        return False

    def path(self, i: int, j: int) -> Floats:
        """[n, 2] lon/lat of the server's way from point i to point j. Raises `ValueError` where there is none."""
        if self.leg is None or i == j or not np.isfinite(self.duration_s[i, j]):
            return super().path(i, j)
        return self.leg(i, j)


def matrix_of(graph: ModeGraph, lon: Floats, lat: Floats, farthest_m: float) -> Matrix:
    """The matrix of points on a graph; see `RoadNetwork.matrix`."""
    snapped = snap(graph, lon, lat)
    search = Search(graph, snapped, np.flatnonzero(snapped.walk_m <= farthest_m))
    walk_s = np.where(snapped.walk_m <= farthest_m, snapped.walk_m, np.inf) / (WALK_KMH / 3.6)
    duration_s = search.seconds + walk_s[:, None] + walk_s
    np.fill_diagonal(duration_s, np.where(np.isfinite(walk_s), 0.0, np.inf))
    return Matrix(lon, lat, mode=graph.mode, duration_s=duration_s, walk_m=snapped.walk_m,
                  graph=graph, snapped=snapped, search=search)  # fmt: skip
