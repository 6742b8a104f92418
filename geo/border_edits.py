"""Editing borders that neighbours share: what one area gets, the others get too, or nothing is done.

Every function takes the areas (WGS 84 on the 1e-7° grid; None: not there) of one level or of several (`levels`, a
number each; `parent_of`: the position of each area's parent in the same list, or -1) and returns an `Edit`. Nothing
passed in is altered. An edit that would break an area, or gaps, overlaps, spills or T-junctions that were not there
before, raise `EditRefused`; what was wrong before may stay wrong.
"""

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.border_edit import Edit, guarded, sane
from geo.border_shapes import Area, Place, has_vertex, steps_of, with_rings
from geo.border_tools import cut, merge, split, trace
from geo.boundary_grid import Ints
from geo.boundary_refusals import EditRefused, Refusal

__all__ = [
    "Edit",
    "EditRefused",
    "Refusal",
    "cut",
    "delete_vertex",
    "insert_vertex",
    "merge",
    "move_vertex",
    "split",
    "trace",
]


def move_vertex(
    areas: Sequence[Area], vertex: Place, to: Place, *,
    levels: Sequence[int] | None = None, parent_of: Sequence[int] | None = None,
) -> Edit:  # fmt: skip
    """Move a vertex in every area that has it."""
    areas, start, end = sane(areas), steps_of(vertex), steps_of(to)

    def moved(ring: Ints) -> Ints:
        return np.where((ring == start).all(axis=1)[:, None], end, ring)

    changed = {at: _with(areas, at, moved) for at in _having(areas, start)}
    return guarded(areas, Edit(changed), levels, parent_of)


def insert_vertex(
    areas: Sequence[Area], edge: tuple[Place, Place], at: Place, *,
    levels: Sequence[int] | None = None, parent_of: Sequence[int] | None = None,
) -> Edit:  # fmt: skip
    """Put a vertex between two that follow each other, in every area that has this edge."""
    areas = sane(areas)
    first, second, new = steps_of(edge[0]), steps_of(edge[1]), steps_of(at)

    def inserted(ring: Ints) -> Ints:
        start, stop = ring, np.roll(ring, -1, axis=0)
        ahead = (start == first).all(axis=1) & (stop == second).all(axis=1)
        back = (start == second).all(axis=1) & (stop == first).all(axis=1)
        return np.insert(ring, np.flatnonzero(ahead | back) + 1, new, axis=0)

    changed = {
        position: new_area
        for position, area in enumerate(areas)
        if has_vertex(area, first) and has_vertex(area, second)
        for new_area in [_with(areas, position, inserted)]
        if not shapely.equals_exact(new_area, area)
    }
    if not changed:
        raise EditRefused(Refusal.NO_SUCH_EDGE)
    return guarded(areas, Edit(changed), levels, parent_of)


def delete_vertex(
    areas: Sequence[Area], vertex: Place, *,
    levels: Sequence[int] | None = None, parent_of: Sequence[int] | None = None,
) -> Edit:  # fmt: skip
    """Take a vertex out of every area that has it."""
    areas, gone = sane(areas), steps_of(vertex)
    changed = {
        at: _with(areas, at, lambda ring: ring[(ring != gone).any(axis=1)]) for at in _having(areas, gone)
    }
    return guarded(areas, Edit(changed), levels, parent_of)


def _having(areas: Sequence[Area], vertex: Ints) -> list[int]:
    found = [position for position, area in enumerate(areas) if has_vertex(area, vertex)]
    if not found:
        lon, lat = (vertex / 1e7).tolist()
        raise EditRefused(Refusal.NO_SUCH_VERTEX, lon=lon, lat=lat)
    return found


def _with(areas: Sequence[Area], position: int, change: Callable[[Ints], Ints]) -> BaseGeometry:
    area = areas[position]
    if area is None:
        raise EditRefused(Refusal.NO_SUCH_AREA, position=position)
    try:
        return with_rings(area, change)
    except EditRefused as refused:
        raise EditRefused(refused.kind, position=position) from refused
