"""Coordinate systems: WGS 84 inside, everything else only at the edges.

Longitude comes before latitude (x before y) everywhere, whatever an authority's axis order says.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, overload

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

WGS84 = "EPSG:4326"
DATUMS = ("wgs84", "gcj02", "bd09")
GRID_DEG = 1e-7
"""Stored vertices and points lie on this grid, about 1 cm."""

GEOD = pyproj.Geod(ellps="WGS84")

# The ellipsoid of the published GCJ-02 algorithm (Krasovsky 1940), not that of WGS 84.
_GCJ_A = 6378245.0
_GCJ_EE = 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0
# Every map service tests this rectangle, not the border: there nothing is shifted.
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
_INVERSE_ITERATIONS = 12


class UnknownCrs(ValueError):
    """A coordinate system or datum that nobody knows; the message names it."""


@overload
def convert(x: float, y: float, source: str | int, target: str | int) -> tuple[float, float]: ...
@overload
def convert(x: ArrayLike, y: ArrayLike, source: str | int, target: str | int) -> tuple[Floats, Floats]: ...


def convert(x: Any, y: Any, source: str | int, target: str | int) -> tuple[Any, Any]:
    """Convert coordinates between datums and coordinate systems.

    `source` and `target` are `wgs84`, `gcj02`, `bd09` or an EPSG code (`"EPSG:4543"` or `4543`).
    Numbers give numbers, arrays give float64 arrays of the same shape. NaN and infinity give NaN.
    Outside China GCJ-02 and BD-09 are not shifted. The inverses are iterated to less than 1 mm.
    Raises `UnknownCrs`.
    """
    start, end = _system(source), _system(target)
    xs, ys = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    good = np.isfinite(xs) & np.isfinite(ys)
    px, py = _converted(xs[good], ys[good], start, end)
    out_x, out_y = np.full(xs.shape, np.nan), np.full(ys.shape, np.nan)
    out_x[good], out_y[good] = px, py
    if out_x.ndim == 0:
        return float(out_x), float(out_y)
    return out_x, out_y


def parse_crs(code: str | int) -> pyproj.CRS:
    """The pyproj system behind a code, a WKT text or a name. Raises `UnknownCrs`."""
    try:
        return pyproj.CRS.from_user_input(code)
    except pyproj.exceptions.CRSError as error:
        known = "give wgs84, gcj02, bd09 or EPSG:<number>"
        raise UnknownCrs(f"unknown coordinate system {code!r}: {known}") from error


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether points lie in the rectangle within which GCJ-02 shifts."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    west, south, east, north = _CHINA
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


@overload
def snap(value: BaseGeometry) -> BaseGeometry: ...
@overload
def snap(value: ArrayLike) -> NDArray[Any]: ...


def snap(value: Any) -> Any:
    """Move coordinates onto the 1e-7° grid, so that shared vertices are equal numbers.

    Takes a geometry, an array of geometries, a number or an array of degrees. Every coordinate is rounded
    by itself: the result may touch itself where the input was thinner than the grid.
    """
    if value is None or isinstance(value, BaseGeometry):
        return shapely.transform(value, _rounded)
    values = np.asarray(value)
    if values.dtype == object:
        return shapely.transform(values, _rounded)
    return _rounded(values.astype(np.float64))


def metric_crs(geometry: BaseGeometry) -> pyproj.CRS:
    """A metric system centred on a geometry (WGS 84): equal-area, lengths within 0.01 % for 100 km around."""
    west, south, east, north = geometry.bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    return pyproj.CRS.from_proj4(f"+proj=laea +lat_0={lat:.7f} +lon_0={lon:.7f} +datum=WGS84 +units=m")


def area_m2(geometry: BaseGeometry) -> float:
    """Area on the ellipsoid in square metres (WGS 84 in); holes taken out, the winding does not matter."""
    total = 0.0
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            total += _ring_area_m2(part.exterior) - sum(_ring_area_m2(ring) for ring in part.interiors)
        elif hasattr(part, "geoms"):
            total += area_m2(part)
    return total


def length_m(geometry: BaseGeometry) -> float:
    """Length on the ellipsoid in metres (WGS 84 in): of a line, or of a polygon's rings."""
    lines = geometry.boundary if geometry.geom_type.endswith("Polygon") else geometry
    return float(sum(GEOD.geometry_length(part) for part in shapely.get_parts(lines)))


def _ring_area_m2(ring: BaseGeometry) -> float:
    lon, lat = shapely.get_coordinates(ring).T
    return abs(float(GEOD.polygon_area_perimeter(lon, lat)[0]))


def _rounded(values: Floats) -> Floats:
    return np.round(values, 7)


def _system(code: str | int) -> str:
    """The canonical name: a datum, or what pyproj understands."""
    if isinstance(code, str) and code.strip().lower().replace("-", "").replace(" ", "") in DATUMS:
        return code.strip().lower().replace("-", "").replace(" ", "")
    if isinstance(code, str) and code.strip().isdigit():
        code = int(code)
    return f"EPSG:{code}" if isinstance(code, int) else code


def _converted(x: Floats, y: Floats, source: str, target: str) -> tuple[Floats, Floats]:
    if source == target:
        return x, y
    for shift in _TO_WGS84.get(source, ()):
        x, y = shift(x, y)
    start = WGS84 if source in DATUMS else source
    end = WGS84 if target in DATUMS else target
    if start != end:
        x, y = _transformer(start, end).transform(x, y)
        x, y = np.where(np.isfinite(x), x, np.nan), np.where(np.isfinite(y), y, np.nan)
    for shift in _FROM_WGS84.get(target, ()):
        x, y = shift(x, y)
    return x, y


@lru_cache(maxsize=32)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    try:
        return pyproj.Transformer.from_crs(parse_crs(source), parse_crs(target), always_xy=True)
    except (
        pyproj.exceptions.ProjError
    ) as error:  # an ellipsoid of no such planet, a system without a way here
        raise UnknownCrs(f"no way from coordinate system {source[:60]!r} to {target[:60]!r}") from error


def _gcj_offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees that GCJ-02 adds at a WGS 84 place (the algorithm published as eviltransform)."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _GCJ_EE * np.sin(phi) ** 2
    north = north * 180.0 / ((_GCJ_A * (1.0 - _GCJ_EE)) / (magic * np.sqrt(magic)) * np.pi)
    east = east * 180.0 / (_GCJ_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    return east, north


def _wgs_to_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    east, north = _gcj_offset(lon, lat)
    inside = in_china(lon, lat)
    return np.where(inside, lon + east, lon), np.where(inside, lat + north, lat)


def _bd_offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees that BD-09 adds at a GCJ-02 place."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_PI)
    return radius * np.cos(theta) + 0.0065 - lon, radius * np.sin(theta) + 0.006 - lat


def _gcj_to_bd(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    east, north = _bd_offset(lon, lat)
    inside = in_china(lon, lat)
    return np.where(inside, lon + east, lon), np.where(inside, lat + north, lat)


def _inverse(offset: Shift) -> Shift:
    """Invert `place + offset(place)` by fixed-point iteration: the offset changes by under 1 % of a step."""

    def inverted(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        inside = in_china(lon, lat)
        x, y = lon, lat
        for _ in range(_INVERSE_ITERATIONS):
            east, north = offset(x, y)
            x, y = np.where(inside, lon - east, lon), np.where(inside, lat - north, lat)
        return x, y

    return inverted


_GCJ_TO_WGS, _BD_TO_GCJ = _inverse(_gcj_offset), _inverse(_bd_offset)
_TO_WGS84: dict[str, tuple[Shift, ...]] = {"gcj02": (_GCJ_TO_WGS,), "bd09": (_BD_TO_GCJ, _GCJ_TO_WGS)}
_FROM_WGS84: dict[str, tuple[Shift, ...]] = {"gcj02": (_wgs_to_gcj,), "bd09": (_wgs_to_gcj, _gcj_to_bd)}
