"""What an OSRM or a Valhalla server is asked, and what its answers mean; nothing in them is trusted.

OSRM: the table and route services of its HTTP API, version 1. Valhalla: sources_to_targets and route.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KINDS: Final = ("osrm", "valhalla")
MOST_IN_A_TABLE: Final = 50
"""Sources and targets of one request: public servers take 100 places in all, and 2,500 pairs."""
_PROFILES: Final[Mapping[str, Mapping[str, str]]] = {
    "osrm": {"foot": "foot", "bike": "bike", "car": "driving"},
    "valhalla": {"foot": "pedestrian", "bike": "bicycle", "car": "auto"},
}
_LONGEST: Final = 1e8  # seconds or metres: more is no answer
_MOST_POSITIONS: Final = 200_000


class BadAnswer(ValueError):
    """An answer that is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: its path behind the server's address, and a JSON body where it is sent by POST."""

    path: str
    body: bytes | None = None


def table_ask(kind: str, mode: str, sources: Floats, targets: Floats) -> Ask:
    """Ask for times and lengths from each source to each target ([n, 2] lon, lat)."""
    profile = _PROFILES[kind][mode]
    if kind == "valhalla":
        body = {"sources": _locations(sources), "targets": _locations(targets), "costing": profile}
        return Ask("/sources_to_targets", json.dumps(body).encode())
    n = len(sources)
    query = {
        "annotations": "duration,distance", "sources": ";".join(map(str, range(n))),
        "destinations": ";".join(map(str, range(n, n + len(targets)))),
    }  # fmt: skip
    places = _places(np.vstack([sources, targets]))
    return Ask(f"/table/v1/{profile}/{places}?{urlencode(query, safe=',;')}")


def table_answer(kind: str, content: bytes, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Seconds and metres [from, to], inf where there is no way. Raises `BadAnswer`."""
    found = _object(content)
    if kind == "valhalla":
        rows = found.get("sources_to_targets")
        seconds, metres = (
            _grid(rows, shape, key, scale) for key, scale in (("time", 1.0), ("distance", 1000.0))
        )
    else:
        _demand_ok(found)
        seconds, metres = (_grid(found.get(key), shape, None, 1.0) for key in ("durations", "distances"))
    metres[~np.isfinite(seconds)] = np.inf
    return seconds, metres


def legs_ask(kind: str, mode: str, places: Floats) -> Ask:
    """Ask for the ways along places ([n, 2] lon, lat) in order."""
    profile = _PROFILES[kind][mode]
    if kind == "valhalla":
        body = {"locations": _locations(places), "costing": profile, "directions_type": "none"}
        return Ask("/route", json.dumps(body).encode())
    query = {"overview": "false", "steps": "true", "geometries": "geojson"}
    return Ask(f"/route/v1/{profile}/{_places(places)}?{urlencode(query)}")


def legs_answer(kind: str, content: bytes, count: int) -> list[Floats]:
    """The way of each leg as [n, 2] lon, lat. Raises `BadAnswer`."""
    found = _object(content)
    if kind == "valhalla":
        legs = _list(_member(found, "trip").get("legs"))
        ways = [_polyline(_member(leg, None).get("shape")) for leg in legs]
    else:
        _demand_ok(found)
        routes = _list(found.get("routes"))
        legs = _list(_member(routes[0] if routes else None, None).get("legs"))
        ways = [_steps(leg) for leg in legs]
    if len(ways) != count:
        raise BadAnswer(f"{len(ways)} legs instead of {count}")
    return ways


def _locations(places: Floats) -> list[dict[str, float]]:
    return [{"lon": round(lon, 6), "lat": round(lat, 6)} for lon, lat in places.tolist()]


def _places(places: Floats) -> str:
    return ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in places.tolist())


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("not JSON") from error
    if not isinstance(found, dict):
        raise BadAnswer("not an object")
    return found


def _demand_ok(found: Mapping[str, Any]) -> None:
    if found.get("code") != "Ok":
        raise BadAnswer(f"code {str(found.get('code'))[:40]}")


def _member(value: Any, key: str | None) -> dict[str, Any]:
    inner = value if key is None else value.get(key)
    if not isinstance(inner, dict):
        raise BadAnswer("no object where one should be")
    return inner


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadAnswer("no list where one should be")
    return value


def _grid(rows: Any, shape: tuple[int, int], key: str | None, scale: float) -> Floats:
    grid = np.full(shape, np.inf)
    lines = _list(rows)
    if len(lines) != shape[0]:
        raise BadAnswer(f"{len(lines)} rows instead of {shape[0]}")
    for i, line in enumerate(lines):
        cells = _list(line)
        if len(cells) != shape[1]:
            raise BadAnswer(f"{len(cells)} columns instead of {shape[1]}")
        for j, cell in enumerate(cells):
            value = cell if key is None else _member(cell, None).get(key)
            if value is not None:
                grid[i, j] = _number(value) * scale
    return grid


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadAnswer("a time or length that is no number")
    if not 0 <= value <= _LONGEST:  # NaN and infinity too
        raise BadAnswer(f"{str(value)[:30]} is no time or length")
    return float(value)


def _steps(leg: Any) -> Floats:
    positions: list[Any] = []
    for step in _list(_member(leg, None).get("steps")):
        positions += _list(_member(_member(step, None), "geometry").get("coordinates"))
    return _positions(positions)


def _positions(found: Sequence[Any]) -> Floats:
    if not 1 <= len(found) <= _MOST_POSITIONS:
        raise BadAnswer(f"a way of {len(found)} positions")
    try:
        way = np.array(found, dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadAnswer("a way of something else than numbers") from error
    if way.ndim != 2 or way.shape[1] < 2 or not (np.abs(way[:, :2]) <= (180.0, 90.0)).all():
        raise BadAnswer("a way that lies nowhere on Earth")
    return np.asarray(way[:, :2])


def _polyline(text: Any) -> Floats:
    """A way in Valhalla's encoding: differences in millionths of a degree, five bits a character, lat before lon."""
    if not isinstance(text, str) or len(text) > 20 * _MOST_POSITIONS:
        raise BadAnswer("no way")
    values, value, shift = [], 0, 0
    for character in text:
        bits = ord(character) - 63
        if not 0 <= bits < 64 or shift > 40:
            raise BadAnswer("a way in another encoding")
        value |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            values.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or len(values) % 2:
        raise BadAnswer("a way that is cut off")
    lat_lon = np.cumsum(np.array(values, dtype=np.float64).reshape(-1, 2), axis=0) / 1e6
    return _positions(lat_lon[:, ::-1].tolist())
