"""What an edit of borders does, and the one way in which every edit is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from geo.border_guard import Change, guard, require_valid
from geo.border_shapes import Area
from geo.boundary_grid import on_earth
from geo.boundary_invalid import is_too_large
from geo.boundary_refusals import EditRefused, Refusal


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit does: areas that change (by position), new areas, and positions that end."""

    changed: dict[int, BaseGeometry]
    new: tuple[BaseGeometry, ...] = ()
    removed: tuple[int, ...] = ()

    def applied(self, areas: Sequence[Area]) -> list[Area]:
        """The areas after it: in their positions, removed ones None, new ones at the end."""
        after = [self.changed.get(position, area) for position, area in enumerate(areas)]
        return [None if position in self.removed else area for position, area in enumerate(after)] + list(
            self.new
        )


def guarded(
    areas: Sequence[Area],
    edit: Edit,
    levels: Sequence[int] | None,
    parent_of: Sequence[int] | None,
    *,
    like: int = 0,
    allowed: frozenset[Refusal] = frozenset(),
) -> Edit:
    """The edit, if it leaves nothing worse than it was; new areas have the level and parent of position `like`."""
    levels = [0] * len(areas) if levels is None else list(levels)
    parent_of = [-1] * len(areas) if parent_of is None else list(parent_of)
    if not len(levels) == len(parent_of) == len(areas):
        raise ValueError("levels and parent_of need an entry for each area")
    more = len(edit.new)
    guard(
        Change(
            [*areas, *[None] * more],
            edit.applied(areas),
            [*levels, *[levels[like] if levels else 0] * more],
            [*parent_of, *[parent_of[like] if parent_of else -1] * more],
        ),
        allowed=allowed,
    )
    return edit


def sane(areas: Sequence[Area]) -> list[Area]:
    """The areas, without those that are no polygons on Earth: nothing can be done with them, nor for them."""
    return [area if _is_sane(area) else None for area in areas]


def _is_sane(area: Area) -> bool:
    if area is None or area.is_empty or area.geom_type not in ("Polygon", "MultiPolygon"):
        return False
    return on_earth(area) and not is_too_large(area)


def the_area(areas: Sequence[Area], position: int) -> BaseGeometry:
    """The area at a position, valid. Raises `EditRefused`."""
    area = areas[position] if 0 <= position < len(areas) else None
    if area is None:
        raise EditRefused(Refusal.NO_SUCH_AREA, position=position)
    require_valid(area, position)
    return area
