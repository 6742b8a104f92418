"""What a street's OpenStreetMap tags say: who may use it, which way, how fast.

Keys and values as in the OpenStreetMap wiki (highway, access, oneway, maxspeed, barrier). Speeds are what one
averages in a city, crossings and lights included, not what signs allow.
"""

import re
from collections.abc import Mapping
from typing import Final

MODES: Final = ("foot", "bike", "car")
WALK_KMH: Final = 4.8

Tags = Mapping[str, str]

_STEPS_KMH, _PUSH_KMH, _BIKE_KMH = 2.4, 4.5, 15.0
_CAR_KMH: Final[Mapping[str, float]] = {
    "motorway": 90, "motorway_link": 50, "trunk": 60, "trunk_link": 40, "primary": 42, "primary_link": 32,
    "secondary": 36, "secondary_link": 28, "tertiary": 32, "tertiary_link": 26, "unclassified": 27,
    "residential": 22, "living_street": 10, "service": 13, "road": 20, "track": 12,
}  # fmt: skip
_SIGN_TO_AVERAGE = 0.75
_FAST_ROADS = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})
_WALKED = frozenset({"footway", "path", "pedestrian", "steps", "cycleway", "bridleway", "corridor"})
_CYCLED = frozenset({"cycleway"})
_STREETS = frozenset(_CAR_KMH) | _WALKED
_PUSHED = frozenset({"footway", "path", "pedestrian", "bridleway"})
_NO = frozenset({"no", "private", "agricultural", "forestry", "military", "delivery", "emergency"})
_YES = frozenset({"yes", "designated", "permissive", "destination", "customers", "official"})
# From the most general to the most particular: the last one that is set decides.
_ACCESS: Final[Mapping[str, tuple[str, ...]]] = {
    "foot": ("access", "foot"),
    "bike": ("access", "vehicle", "bicycle"),
    "car": ("access", "vehicle", "motor_vehicle", "motorcar"),
}
_CLOSED_TO_CARS = frozenset(
    "bollard block cycle_barrier motorcycle_barrier planter jersey_barrier debris fence wall hedge stile turnstile "
    "kissing_gate full-height_turnstile horse_stile log chain bus_trap sump_buster".split()
)
_CLOSED_TO_BIKES = frozenset(
    "fence wall hedge stile turnstile kissing_gate full-height_turnstile horse_stile".split()
)
_CLOSED_TO_FOOT = frozenset({"fence", "wall", "hedge"})
_CLOSED: Final = {"foot": _CLOSED_TO_FOOT, "bike": _CLOSED_TO_BIKES, "car": _CLOSED_TO_CARS}
_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(mph)?")


def is_street(tags: Tags) -> bool:
    """Whether anybody could travel along this way. Squares drawn as areas are left out: they have no middle line."""
    return tags.get("highway") in _STREETS and tags.get("area") != "yes"


def speeds_kmh(tags: Tags, mode: str) -> tuple[float, float]:
    """(along, against) the way's direction in km/h; 0 where the mode may not go."""
    speed = _speed(tags, mode)
    if speed == 0.0:
        return 0.0, 0.0
    along, against = _directions(tags, mode)
    return (speed if along else 0.0, speed if against else 0.0)


def is_closed(tags: Tags, mode: str) -> bool:
    """Whether a barrier at this point stops the mode."""
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    word = _access(tags, mode)
    if word in _YES:
        return False
    return word in _NO or barrier in _CLOSED[mode]


def _speed(tags: Tags, mode: str) -> float:
    street, word = tags.get("highway", ""), _access(tags, mode)
    if word in _NO:
        return 0.0
    allowed = word in _YES
    if mode == "foot":
        return _foot(tags, street, allowed)
    return _bike(tags, street, allowed) if mode == "bike" else _car(tags, street, allowed)


def _foot(tags: Tags, street: str, allowed: bool) -> float:
    if street in _FAST_ROADS and not allowed and tags.get("sidewalk", "no") in ("no", "none"):
        return 0.0
    return _STEPS_KMH if street == "steps" else WALK_KMH


def _bike(tags: Tags, street: str, allowed: bool) -> float:
    if street == "steps" or (street in _FAST_ROADS and not allowed):
        return 0.0
    if tags.get("bicycle") == "dismount" or (street in _PUSHED and not (allowed and "bicycle" in tags)):
        return _PUSH_KMH
    return _BIKE_KMH


def _car(tags: Tags, street: str, allowed: bool) -> float:
    usual = _CAR_KMH.get(street)
    if usual is None or (street == "track" and not allowed):
        return 0.0
    sign = _maxspeed_kmh(tags.get("maxspeed", ""))
    return usual if sign is None else min(max(sign * _SIGN_TO_AVERAGE, 5.0), usual * 1.4)


def _access(tags: Tags, mode: str) -> str | None:
    found = [tags[key] for key in _ACCESS[mode] if key in tags]
    return found[-1] if found else None


def _directions(tags: Tags, mode: str) -> tuple[bool, bool]:
    if mode == "foot":
        word = tags.get("oneway:foot", "yes" if tags.get("foot:backward") == "no" else "no")
    else:
        word = tags.get("oneway", "")
        if not word and (
            tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
        ):
            word = "yes"
        if mode == "bike":
            word = _bike_oneway(tags, word)
    if word in ("yes", "1", "true"):
        return True, False
    return (False, True) if word in ("-1", "reverse") else (True, True)


def _bike_oneway(tags: Tags, word: str) -> str:
    if "oneway:bicycle" in tags:
        return tags["oneway:bicycle"]
    lanes = (tags.get("cycleway", ""), tags.get("cycleway:left", ""), tags.get("cycleway:right", ""))
    if any(lane.startswith("opposite") for lane in lanes) or tags.get("highway") in _PUSHED:
        return "no"
    return word


def _maxspeed_kmh(text: str) -> float | None:
    found = _NUMBER.match(text)
    if found is None:
        return None
    return float(found[1]) * (1.609344 if found[2] else 1.0)
