"""How the demo city was divided before: today's map with changes taken back, published one after the other."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

Named = tuple[str, str, BaseGeometry]
_PUBLISHED: Final = time(18)


def moment_of(as_of: date, day: int, timezone: str, at: time = time()) -> datetime:
    """The moment of a day counted from the one that the demo is loaded for, on the city's clock."""
    return datetime.combine(as_of + timedelta(days=day), at, ZoneInfo(timezone))


def published_at(as_of: date, day: int, timezone: str) -> datetime:
    """When a map of that day was published: after office hours."""
    return moment_of(as_of, day, timezone, _PUBLISHED)


def as_it_was(today: Mapping[str, Named], differs: Mapping[str, Any]) -> dict[str, Named]:
    """The patches (code: Chinese name, English name, shape) of an earlier map, from those of today.

    ``differs`` is an entry of ``past.json``: ``merged`` pairs were one patch under the first code, the border between
    ``straight`` pairs ran straight from one end to the other, ``names`` were others. All corners are corners of today's
    patches, so the earlier map fits as exactly as today's.
    """
    found = dict(today)
    for keeps, gone in differs["merged"]:
        zh, en, shape = found[keeps]
        found[keeps] = (zh, en, shapely.union(shape, found.pop(gone)[2]))
    for one, other in differs["straight"]:
        first, second = _straightened(found[one][2], found[other][2])
        found[one], found[other] = (*found[one][:2], first), (*found[other][:2], second)
    for code, (zh, en) in differs["names"].items():
        found[code] = (zh, en, found[code][2])
    return found


def _straightened(one: BaseGeometry, other: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """Two neighbours with the border between them drawn straight. Raises ValueError where that leaves their ground."""
    shared = shapely.line_merge(shapely.intersection(shapely.boundary(one), shapely.boundary(other)))
    ends = shapely.get_coordinates(shared)[[0, -1]]
    parts: Sequence[BaseGeometry] = list(split(shapely.union(one, other), shapely.LineString(ends)).geoms)
    if len(parts) != 2:
        raise ValueError("the straight border leaves the two patches")
    first, second = parts
    if shapely.intersection(first, one).area < shapely.intersection(second, one).area:
        first, second = second, first
    return first, second
