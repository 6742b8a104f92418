"""From a raw layer to clean WGS 84: coordinate system, axis order, datum, grid, validity; all of it reported."""

from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import DATUMS, UnknownCrs, area_m2, convert, parse_crs, snap
from geo.problems import Problem, UnreadableFile, listed, problem
from geo.projections import shifted_datum
from geo.raw_layer import RawLayer

Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]

_CHINA_AREA = (73.0, 3.0, 136.0, 54.0)
_WORLD = (-180.0, -90.0, 180.0, 90.0)
_GRID_DEG = 1e-7


def tidy(
    raw: RawLayer, crs: str | None, datum: str | None, swapped: bool | None = None
) -> tuple[Geometries, str]:
    """The raw layer's geometries in WGS 84 (None where unusable, with a problem), and the system they were in.

    `swapped` says whether y stands before x; None: found out. Polygons come out valid, on the grid, outer rings
    counter-clockwise, in two dimensions. Problems are added to `raw.problems`. Raises `UnreadableFile` where the
    system has to be asked for.
    """
    geometries = np.empty(len(raw.geometries), dtype=object)
    geometries[:] = raw.geometries
    geometries = np.asarray(shapely.force_2d(geometries), dtype=object)
    _drop_missing(raw, geometries)
    _drop_where(raw, geometries, _not_finite(geometries), "not_finite")
    _flatten(raw, geometries)
    xy = shapely.get_coordinates(geometries)
    stated = raw.crs
    if stated and crs is None and (own := shifted_datum(stated)):
        stated, datum = "EPSG:4326", datum or own
    source, swap, notes = settled(xy[:, 0], xy[:, 1], crs, stated, datum, raw.crs_by_format, swapped)
    raw.problems += notes
    lon, lat = to_wgs84(xy[:, 0], xy[:, 1], source, swap, datum)
    geometries = np.asarray(shapely.set_coordinates(geometries, np.column_stack([lon, lat])), dtype=object)
    _drop_out_of_range(raw, geometries)
    geometries = snap(geometries)
    _drop_where(raw, geometries, _without_extent(geometries), "no_extent")
    _repair(raw, geometries)
    return geometries, source


def settled(
    x: Floats,
    y: Floats,
    asked: str | None,
    stated: str | None,
    datum: str | None,
    by_format: bool,
    swapped: bool | None = None,
) -> tuple[str, bool, list[Problem]]:
    """(system, whether its axes are exchanged, problems) of coordinates; (0, 0) and NaN say nothing.

    Raises `UnreadableFile`: unknown system or datum, or numbers that cannot be degrees with nothing said.
    """
    if datum is not None and datum not in DATUMS:
        raise UnreadableFile("unknown_datum", DATUMS, datum=datum)
    known = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    x, y = x[known], y[known]
    source = asked or stated
    notes: list[Problem] = []
    if source is None or (source == "EPSG:4326" and not asked and _metres(x, y)):
        if _metres(x, y):
            raise _which_crs(x, y)
        source = "EPSG:4326"
        notes = [] if by_format or stated else [problem("crs_assumed")]
    if source.lower() in DATUMS:
        source = "EPSG:4326"
    area = _area(source, datum)
    try:
        swap = _swapped(x, y, source, area) if swapped is None else swapped
        convert(0.0, 0.0, source, "wgs84")  # fails here, where it can be told, if there is no way at all
    except UnknownCrs as error:
        raise UnreadableFile("unknown_crs", crs=source[:60]) from error
    return source, swap, notes + ([problem("axes_swapped")] if swap else [])


def to_wgs84(x: Floats, y: Floats, source: str, swap: bool, datum: str | None) -> tuple[Floats, Floats]:
    """Longitude and latitude in WGS 84; NaN where there are none."""
    if swap:
        x, y = y, x
    x, y = convert(x, y, source, "wgs84")
    return convert(x, y, datum or "wgs84", "wgs84")


def out_of_range(lon: float, lat: float) -> tuple[str, dict[str, Any]]:
    """The code and the params of the problem of a place that is not on Earth."""
    swapped = abs(lon) <= 90 < abs(lat) <= 180
    return "looks_swapped" if swapped else "out_of_range", {"lon": _shown(lon), "lat": _shown(lat)}


def _area(source: str, datum: str | None) -> tuple[float, float, float, float]:
    """West, south, east, north of where coordinates of that system can be."""
    try:
        area = parse_crs(source).area_of_use
    except UnknownCrs as error:
        raise UnreadableFile("unknown_crs", crs=source[:60]) from error
    if datum in ("gcj02", "bd09"):
        return _CHINA_AREA
    return (area.west, area.south, area.east, area.north) if area else _WORLD


def _swapped(x: Floats, y: Floats, source: str, area: tuple[float, float, float, float]) -> bool:
    if len(x) == 0 or area[0] > area[2]:
        return False
    as_is, exchanged = (_share_in(*convert(a, b, source, "wgs84"), area) for a, b in ((x, y), (y, x)))
    return exchanged > 0.9 and as_is < 0.1


def _share_in(lon: Floats, lat: Floats, area: tuple[float, float, float, float]) -> float:
    west, south, east, north = area
    with np.errstate(invalid="ignore"):
        return float(np.mean((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)))


def crs_text(crs: str | int | None) -> str | None:
    """A coordinate system as text: 4490 and "4490" are EPSG:4490."""
    text = None if crs is None else str(crs).strip()
    return f"EPSG:{text}" if text and text.isdigit() else text or None


def crs_name(source: str) -> str:
    """A short name of a coordinate system: its EPSG code where it has one, else its own name."""
    crs = parse_crs(source)
    code = crs.to_epsg(min_confidence=20)
    return f"EPSG:{code}" if code else crs.name


def _metres(x: Floats, y: Floats) -> bool:
    """Whether most coordinates are far beyond any degree."""
    return len(x) > 0 and float(np.mean((np.abs(x) > 360) | (np.abs(y) > 360))) > 0.5


def _which_crs(x: Floats, y: Floats) -> UnreadableFile:
    """The question, with the Gauss-Krüger zone where the easting's first digits tell it."""
    east, north = float(np.median(x)), float(np.median(y))
    if north > 13e6 > east > 0:
        east, north = north, east
    zone, choices = int(east // 1e6), []
    if 25 <= zone <= 45 and 0 < north < 6.5e6:
        choices = [f"EPSG:{4513 + zone - 25}", f"EPSG:{2349 + zone - 25}", f"EPSG:{2401 + zone - 25}"]
    elif 13 <= zone <= 23 and 0 < north < 6.5e6:
        choices = [f"EPSG:{4491 + zone - 13}", f"EPSG:{2327 + zone - 13}", f"EPSG:{21413 + zone - 13}"]
    named = [f"{code} ({pyproj.CRS.from_user_input(code).name})" for code in choices]
    hint = "; ".join(named)
    return UnreadableFile("which_crs", choices, x=f"{x[0]:.1f}", y=f"{y[0]:.1f}", hint=hint)


def _drop_missing(raw: RawLayer, geometries: Geometries) -> None:
    missing = np.flatnonzero(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    numbers = [int(i) + 1 for i in missing if int(i) + 1 not in raw.refused]
    geometries[missing] = None
    if numbers:
        raw.refused.update(numbers)
        raw.problems.append(problem("no_geometry", count=len(numbers), numbers=listed(numbers)))


def _drop_where(raw: RawLayer, geometries: Geometries, bad: NDArray[np.bool_], code: str) -> None:
    for i in np.flatnonzero(bad).tolist():
        raw.refuse(i + 1, code, "geometry")
        geometries[i] = None


def _not_finite(geometries: Geometries) -> NDArray[np.bool_]:
    xy, owner = shapely.get_coordinates(geometries, return_index=True)
    bad = np.zeros(len(geometries), dtype=bool)
    bad[owner[~np.isfinite(xy).all(axis=1)]] = True
    return bad


def _without_extent(geometries: Geometries) -> NDArray[np.bool_]:
    lines = np.isin(shapely.get_type_id(geometries), (1, 2, 5))
    return np.asarray(lines & (shapely.length(geometries) == 0))


def _flatten(raw: RawLayer, geometries: Geometries) -> None:
    for i in np.flatnonzero(shapely.get_type_id(geometries) == 7).tolist():
        parts = _leaves(geometries[i])
        areas = [part for part in parts if part.geom_type == "Polygon"]
        kinds = {part.geom_type for part in parts}
        if areas:
            geometries[i] = shapely.MultiPolygon(areas) if len(areas) > 1 else areas[0]
            raw.problems.append(problem("collection_flattened", i + 1, "geometry"))
        elif kinds == {"Point"}:
            geometries[i] = shapely.MultiPoint(parts) if len(parts) > 1 else parts[0]
        else:
            raw.refuse(i + 1, "mixed_collection", "geometry")
            geometries[i] = None


def _leaves(geometry: BaseGeometry) -> list[Any]:
    parts = shapely.get_parts(geometry)
    return [leaf for part in parts for leaf in (_leaves(part) if hasattr(part, "geoms") else [part])]


def _drop_out_of_range(raw: RawLayer, geometries: Geometries) -> None:
    xy, owner = shapely.get_coordinates(geometries, return_index=True)
    good = (np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90)
    for i in np.unique(owner[~good]).tolist():
        code, params = out_of_range(*xy[np.flatnonzero((owner == i) & ~good)[0]].tolist())
        raw.refuse(i + 1, code, "geometry", **params)
        geometries[i] = None
    with np.errstate(invalid="ignore"):
        west, _, east, _ = shapely.bounds(geometries).T
        wide = np.flatnonzero(east - west > 180)
    raw.problems += [problem("half_the_world", int(i) + 1, "geometry") for i in wide]


def _repair(raw: RawLayer, geometries: Geometries) -> None:
    polygons = np.isin(shapely.get_type_id(geometries), (3, 6))
    for i in np.flatnonzero(polygons & ~shapely.is_valid(geometries)).tolist():
        broken = geometries[i]
        reason = shapely.is_valid_reason(broken)
        try:
            fixed = repaired(broken)
        except shapely.errors.GEOSException:  # so many crossings that no memory is left for them
            raw.refuse(i + 1, "unrepairable", "geometry", reason=reason)
            geometries[i] = None
            continue
        if fixed.is_empty:
            raw.refuse(i + 1, "collapsed", "geometry", reason=reason)
            geometries[i] = None
            continue
        geometries[i] = fixed
        before, after = area_m2(broken), area_m2(fixed)
        change = 100 * (after - before) / before if before else 0.0
        raw.problems.append(problem("repaired", i + 1, "geometry", reason=reason, change=f"{change:+.3f}"))
    geometries[polygons] = shapely.orient_polygons(geometries[polygons])


def repaired(polygon: BaseGeometry) -> BaseGeometry:
    """A valid polygon or multipolygon on the grid, as like the broken one as can be; empty when nothing is left."""
    fixed = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
    fixed = _areas(shapely.set_precision(fixed, _GRID_DEG))
    fixed = snap(fixed)
    return (
        fixed
        if fixed.is_valid
        else _areas(shapely.make_valid(fixed, method="structure", keep_collapsed=False))
    )


def _areas(geometry: BaseGeometry) -> BaseGeometry:
    parts = [leaf for leaf in _leaves(geometry) if leaf.geom_type == "Polygon" and not leaf.is_empty]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _shown(value: float) -> str:
    return f"{value:.7g}"
