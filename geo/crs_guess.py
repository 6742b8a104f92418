"""Which coordinate system a file's numbers could be in: the one that puts them where the city is.

A file without a .prj has eastings and northings, or degrees, of a system that nobody wrote down. Of the systems that
Chinese offices use, those that bring most points into the city's bounds are offered. CGCS2000, Xian 80 and Beijing 54
differ by tens to hundreds of metres, which no bounds can tell: the newest is offered first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.crs import UnknownCrs, convert, parse_crs

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

_SAMPLE = 400
_ENOUGH = 0.5
# First codes of the Gauss-Krueger zones in the EPSG register: (3 degrees with the zone's number before the easting,
# 3 degrees without, 6 degrees with, 6 degrees without). Zones of 3 degrees begin with 25 (75 E), of 6 with 13 (75 E).
_FAMILIES = ((4513, 4534, 4491, 4502), (2349, 2370, 2327, 2338), (2401, 2422, 21413, 21453))
_FIRST_3, _FIRST_6, _ZONES_3, _ZONES_6 = 25, 13, 21, 11
_PAD = 0.3


@dataclass(frozen=True, slots=True)
class CrsGuess:
    """A system that could be meant; `share` (0 to 1) of the points lie in the bounds then. `swapped`: y before x."""

    crs: str
    name: str
    share: float
    swapped: bool


def guesses(x: Floats, y: Floats, bounds: Bounds) -> list[CrsGuess]:
    """The systems that bring points into bounds (west, south, east, north in degrees), the best first."""
    known = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    x, y = x[known], y[known]
    step = max(1, len(x) // _SAMPLE)
    x, y = x[::step], y[::step]
    if len(x) == 0:
        return []
    found: list[CrsGuess] = []
    for codes in _candidates(bounds):
        for swapped in (False, True):
            share = _share(x, y, codes[0], bounds, swapped=swapped)
            if share >= _ENOUGH:
                found += [CrsGuess(code, parse_crs(code).name, share, swapped) for code in codes]
    found.sort(key=lambda one: (-round(one.share, 2), one.swapped))
    return found


def _candidates(bounds: Bounds) -> Iterator[list[str]]:
    """Groups of systems that differ too little to tell apart."""
    yield ["EPSG:4326", "EPSG:4490"]
    lon = (bounds[0] + bounds[2]) / 2
    near_3 = [i for i in range(_ZONES_3) if abs(75 + 3 * i - lon) <= 3]
    near_6 = [i for i in range(_ZONES_6) if abs(75 + 6 * i - lon) <= 6]
    for kind, zones in ((0, near_3), (1, near_3), (2, near_6), (3, near_6)):
        zones = sorted(zones, key=lambda i: abs(75 + (3 if kind < 2 else 6) * i - lon))
        for i in zones:
            yield [f"EPSG:{family[kind] + i}" for family in _FAMILIES]
    yield [f"EPSG:{32601 + int((lon + 180) // 6)}"]
    yield ["EPSG:3857"]


def _share(x: Floats, y: Floats, code: str, bounds: Bounds, *, swapped: bool) -> float:
    try:
        lon, lat = convert(y, x, code, "wgs84") if swapped else convert(x, y, code, "wgs84")
    except UnknownCrs:
        return 0.0
    west, south, east, north = bounds
    across, up = _PAD * (east - west), _PAD * (north - south)
    with np.errstate(invalid="ignore"):
        inside = (lon >= west - across) & (lon <= east + across) & (lat >= south - up) & (lat <= north + up)
    return float(np.mean(inside))
