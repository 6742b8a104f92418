"""Places that somebody drew, or brought in a file, as stops: where, how long, when open, and what they need."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from casework import fields
from casework.coverage import Coverage, patch_coverage
from casework.errors import Refused, mark
from casework.route_asked import DAY_S, whole, windows_of, words
from casework.route_picking import SERVICE_S, Picked

MOST_PRIORITY: Final = 9
USUAL_PRIORITY: Final = 1


def pick_places(session: Session, places: object) -> list[Picked]:
    """Places as stops: a list of {name, lon, lat}; also service_s, windows, priority, must and skills, where known.

    A place that says how long it takes keeps that, whatever is usual for its kind; the same place twice is one stop.
    Raises Refused naming the first bad one.
    """
    if not isinstance(places, list):
        raise Refused(mark("places must be a list of {name, lon, lat}"), field="places")
    coverage = patch_coverage(session)
    found = (_place(coverage, place, number) for number, place in enumerate(places, 1))
    return list({(one.name, one.lon, one.lat): one for one in found}.values())


def _place(coverage: Coverage | None, place: object, number: int) -> Picked:
    if not isinstance(place, Mapping):
        raise Refused(mark("Place %(number)s must be {name, lon, lat}"), {"number": number}, field="places")
    lon, lat = fields.location(place.get("lon"), place.get("lat"))
    own_s = None if place.get("service_s") is None else whole(place["service_s"], "service_s", 0, DAY_S)
    return Picked(
        "place", fields.text(place.get("name"), "name", limit=fields.MAX_LINE), lon, lat,
        area_id=_patch_at(coverage, lon, lat), service_s=SERVICE_S["place"] if own_s is None else own_s,
        own_service_s=own_s,
        is_must=place.get("must") is True, priority=_priority(place.get("priority")),
        windows=tuple((start, end) for start, end in windows_of(_list(place, "windows"))),
        skills=tuple(words(_list(place, "skills"), "skills")),
    )  # fmt: skip


def _priority(value: Any) -> int:
    return USUAL_PRIORITY if value is None else whole(value, "priority", 0, MOST_PRIORITY)


def _list(place: Mapping[str, Any], name: str) -> Any:
    value = place.get(name)
    return [] if value is None else value


def _patch_at(coverage: Coverage | None, lon: float, lat: float) -> int | None:
    if coverage is None:
        return None
    position = coverage.index.locate_one(lon, lat)
    return coverage.areas[position].id if position >= 0 else None
