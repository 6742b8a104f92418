"""What two divisions of the same land differ in: which ground went from whom to whom, and where the line ran."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import area_m2

LEAST_M2: Final = 1.0
# A corner that was put into an edge lies beside it by up to a step of the grid that corners stand on. That is no
# other line, and ground on average thinner than a few steps has not changed hands.
GRID_DEG: Final = 1e-7
THINNEST_DEG: Final = 3e-7
_MANY: Final = 50_000  # corners: snapping so many to the grid would take seconds

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Ground(Generic[Key]):
    """Ground (WGS 84) that was one area's and is another's; None on a side: nobody's."""

    before: Key | None
    after: Key | None
    geometry: BaseGeometry
    area_m2: float


@dataclass(frozen=True, slots=True)
class Exchange(Generic[Key]):
    """All ground that changed hands, largest first, and the lines (WGS 84) that were given up and that are new.

    ``changed`` are the areas whose shape is another one, or that are on one side only.
    """

    ground: list[Ground[Key]]
    old_lines: BaseGeometry
    new_lines: BaseGeometry
    changed: frozenset[Key]

    def gained_m2(self, key: Key) -> float:
        """What an area got, in square metres."""
        return sum(one.area_m2 for one in self.ground if one.after == key)

    def lost_m2(self, key: Key) -> float:
        """What an area gave up, in square metres."""
        return sum(one.area_m2 for one in self.ground if one.before == key)


def exchange(before: Mapping[Key, BaseGeometry], after: Mapping[Key, BaseGeometry]) -> Exchange[Key]:
    """Compare two divisions given as (multi)polygons in lon/lat by key. Shapes that are equal cost next to nothing.

    Pieces below ``LEAST_M2`` and hairs along an unchanged line are left out. Where areas of one division overlap, a
    piece of ground may be in several answers.
    """
    changed = frozenset(
        key for key in before.keys() | after.keys() if _differs(before.get(key), after.get(key))
    )
    ground: list[Ground[Key]] = []
    were, are = _Side(before), _Side(after)
    for key in changed:
        if key in before:
            lost = _minus(before[key], after.get(key))
            ground += are.split(lost, given_by=key)
        if key in after:
            won = _minus(after[key], before.get(key))
            ground += _pieces(None, key, were.uncovered(won))
    old = _lines([before[key] for key in changed if key in before])
    new = _lines([after[key] for key in changed if key in after])
    return Exchange(
        sorted(ground, key=lambda one: -one.area_m2),
        _without(old, new),
        _without(new, old),
        changed,
    )


class _Side(Generic[Key]):
    """One division with a tree over it."""

    def __init__(self, areas: Mapping[Key, BaseGeometry]) -> None:
        self._keys = list(areas)
        self._shapes = np.array([_sound(areas[key]) for key in self._keys], dtype=object)
        self._tree = shapely.STRtree(self._shapes)

    def split(self, lost: BaseGeometry, given_by: Key) -> list[Ground[Key]]:
        """Whose this ground is in this division, and what of it is nobody's."""
        if lost.is_empty:
            return []
        found: list[Ground[Key]] = []
        for at in sorted(self._tree.query(lost, predicate="intersects").tolist()):
            if self._keys[at] != given_by:
                found += _pieces(given_by, self._keys[at], shapely.intersection(lost, self._shapes[at]))
        return found + _pieces(given_by, None, self.uncovered(lost))

    def uncovered(self, ground: BaseGeometry) -> BaseGeometry:
        """What of this ground is nobody's in this division."""
        if ground.is_empty or not len(self._shapes):
            return ground
        near = self._tree.query(ground, predicate="intersects")
        return shapely.difference(ground, shapely.union_all(self._shapes[near]))


def _differs(before: BaseGeometry | None, after: BaseGeometry | None) -> bool:
    if before is None or after is None:
        return True
    return not (shapely.equals_exact(before, after) or shapely.equals(before, after))


def _sound(shape: BaseGeometry) -> BaseGeometry:
    return shape if shape.is_valid else shapely.make_valid(shape)


def _minus(shape: BaseGeometry, other: BaseGeometry | None) -> BaseGeometry:
    return _sound(shape) if other is None else shapely.difference(_sound(shape), _sound(other))


def _pieces(before: Key | None, after: Key | None, ground: BaseGeometry) -> list[Ground[Key]]:
    """The polygons in a piece of ground as one answer, unless there is next to nothing."""
    polygons = [
        part
        for part in shapely.get_parts(ground)
        if part.geom_type == "Polygon"
        and 2 * part.area > part.length * THINNEST_DEG
        and area_m2(part) >= LEAST_M2
    ]
    if not polygons:
        return []
    whole = polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
    return [Ground(before, after, whole, area_m2(whole))]


def _without(line: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """A line without what it shares with another; corners up to half a step of the grid beside it count as on it."""
    few = shapely.get_num_coordinates(line) + shapely.get_num_coordinates(other) < _MANY
    return shapely.difference(line, other, grid_size=GRID_DEG if few else None)


def _lines(shapes: list[BaseGeometry]) -> BaseGeometry:
    return (
        shapely.union_all([shapely.boundary(shape) for shape in shapes]) if shapes else shapely.LineString()
    )
