"""What changed between two drawings of the same areas, free of arithmetic dust."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.boundary_faces import faces_between, in_degrees, left_over_pieces, noded
from geo.boundary_grid import Edges, edges_of, left_over
from geo.boundary_invalid import usable
from geo.boundary_sizes import ground_m2


@dataclass(frozen=True, slots=True)
class Difference:
    """What an area gains and loses: multipolygons in WGS 84 (possibly empty), and their areas in m²."""

    position: int
    added: BaseGeometry
    removed: BaseGeometry
    added_m2: float
    removed_m2: float

    @property
    def changed(self) -> BaseGeometry:
        """Both together: the symmetric difference."""
        return shapely.union_all([self.added, self.removed])


def difference_of(
    before: Sequence[BaseGeometry | None], after: Sequence[BaseGeometry | None]
) -> list[Difference]:
    """What each area gains and loses from `before` to `after`, position by position; None: not there.

    The shorter list is taken to end in None. Positions that cover the same ground are left out, even when one has
    more vertices on the same line (to within the 1e-7° grid).
    """
    count = max(len(before), len(after))
    pairs = [(_at(before, position), _at(after, position)) for position in range(count)]
    found = (_one(position, old, new) for position, (old, new) in enumerate(pairs) if old is not new)
    return [difference for difference in found if difference is not None]


def _at(polygons: Sequence[BaseGeometry | None], position: int) -> BaseGeometry | None:
    return polygons[position] if position < len(polygons) else None


def _one(position: int, before: BaseGeometry | None, after: BaseGeometry | None) -> Difference | None:
    if before is not None and after is not None and shapely.equals_exact(before, after):
        return None
    edges = Edges.joined([edges_of([usable(after)]), edges_of([usable(before)]).reversed()])
    cut = noded(edges.take(left_over(edges))).edges
    one_chain = np.zeros(len(cut), dtype=np.int64)
    kept = left_over_pieces(cut, one_chain)
    faces = faces_between(cut.take(kept), one_chain[kept])
    levels = np.array([level.get(0, 0) for level in faces.levels], dtype=np.int64)
    added, removed = (_several(faces.shapes[which]) for which in (levels > 0, levels < 0))
    if added.is_empty and removed.is_empty:
        return None
    return Difference(position, added, removed, ground_m2(added), ground_m2(removed))


def _several(shapes: NDArray[np.object_]) -> BaseGeometry:
    return shapely.MultiPolygon(list(in_degrees(shapes)))
