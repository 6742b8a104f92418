"""Ground given from one area to another, edge by edge, so that nothing but grid points comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.border_shapes import covered_by, with_vertices
from geo.boundary_faces import noded
from geo.boundary_grid import Bools, Edges, edges_of
from geo.boundary_refusals import EditRefused, Refusal

_MARGIN_STEPS = 2


@dataclass(frozen=True, slots=True)
class Move:
    """A place (a valid polygon, WGS 84 on the grid), who gets it (None: nobody), and who loses it."""

    place: BaseGeometry
    to: int | None
    losers: frozenset[int] = frozenset()

    @property
    def parties(self) -> frozenset[int]:
        """Everybody whose area changes."""
        return self.losers | ({self.to} if self.to is not None else frozenset())


def after_moves(shapes: Mapping[int, BaseGeometry], moves: Sequence[Move]) -> dict[int, BaseGeometry]:
    """The areas (valid, on the grid) that are others after some moves; neighbours get the vertices they lack.

    Raises `EditRefused` when nothing is left of an area.
    """
    places = np.array([move.place for move in moves], dtype=object)
    boxes = shapely.STRtree(np.asarray(shapely.box(*shapely.bounds(places).T)))
    near = np.unique(
        boxes.query(shapely.box(*shapely.bounds(np.array(list(shapes.values()), dtype=object)).T))[0]
    )
    positions = [list(shapes)[at] for at in near.tolist()]
    edges = edges_of([shapes[at] for at in positions], positions)
    of_places = edges_of(list(places), [-1 - number for number in range(len(moves))])
    beside = _beside(edges, boxes)
    cut = noded(Edges.joined([edges.take(beside), of_places])).edges
    parties = frozenset().union(*(move.parties for move in moves))
    changed = {at: _after(at, edges.take(~beside), cut, moves) for at in sorted(parties)}
    points = np.unique(cut.take(cut.owner < 0).ends[:, :2], axis=0)
    for at in positions:
        if at not in parties:
            threaded = with_vertices(shapes[at], points)
            if shapely.get_num_coordinates(threaded) != shapely.get_num_coordinates(shapes[at]):
                changed[at] = threaded
    return changed


def _after(position: int, apart: Edges, cut: Edges, moves: Sequence[Move]) -> BaseGeometry:
    pieces = [apart.take(apart.owner == position), cut.take(cut.owner == position)]
    for number, move in enumerate(moves):
        if position in move.parties:
            place = cut.take(cut.owner == -1 - number)
            pieces.append(place if position == move.to else place.reversed())
    shape = covered_by(Edges.joined(pieces))
    if shape.is_empty:
        raise EditRefused(Refusal.NOTHING_LEFT, position=position)
    return shape


def _beside(edges: Edges, boxes: shapely.STRtree) -> Bools:
    """Which edges lie near enough to a place to be cut by it."""
    margin = _MARGIN_STEPS * 1e-7
    x1, y1, x2, y2 = (edges.ends / 1e7).T
    own = shapely.box(
        np.minimum(x1, x2) - margin, np.minimum(y1, y2) - margin,
        np.maximum(x1, x2) + margin, np.maximum(y1, y2) + margin,
    )  # fmt: skip
    beside = np.zeros(len(edges), dtype=bool)
    beside[boxes.query(own)[0]] = True
    return beside
