"""Features in another coordinate system, for files that go out, and how such a file says which one it is."""

from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.crs import DATUMS, UnknownCrs, convert, in_china, parse_crs

_NAMES: Final = {"gcj02": "GCJ-02", "bd09": "BD-09"}
# No register has a code for these: a system of their own, named, keeps other programs from taking them for WGS 84.
_WKT: Final = (
    'GEOGCRS["{name}",DATUM["{name} (shifted, China)",ELLIPSOID["WGS 84",6378137,298.257223563]],CS[ellipsoidal,2],'
    'AXIS["longitude",east],AXIS["latitude",north],ANGLEUNIT["degree",0.0174532925199433]]'
)


def projected(frame: gpd.GeoDataFrame, target: str) -> gpd.GeoDataFrame:
    """Features (WGS 84) in a system: `EPSG:n`, or the datums wgs84, gcj02, bd09. Raises `UnknownCrs`."""
    if target.lower() in ("wgs84", "epsg:4326"):
        return frame
    crs = system(target)
    places = shapely.transform(
        np.asarray(frame.geometry, dtype=object),
        lambda xy: np.column_stack(convert(xy[:, 0], xy[:, 1], "wgs84", target)),
    )
    if not np.isfinite(shapely.get_coordinates(places)).all():
        raise UnknownCrs(f"{target} does not reach as far as these places")
    return frame.set_geometry(gpd.GeoSeries(places, index=frame.index, crs=crs))


def system(target: str) -> pyproj.CRS:
    """The pyproj system of `EPSG:n` or of a datum. Raises `UnknownCrs`."""
    name = target.lower()
    if name in _NAMES:
        return pyproj.CRS.from_wkt(_WKT.format(name=_NAMES[name]))
    return parse_crs("EPSG:4326" if name == "wgs84" else target)


def shifted_datum(crs: str) -> str | None:
    """gcj02 or bd09 where a file's system is one of ours for them, or just its name; else None."""
    plain = crs.strip().lower().replace("-", "").replace(" ", "")
    if plain in DATUMS:
        return plain if plain != "wgs84" else None
    if "GCJ" not in crs and "BD" not in crs:
        return None
    try:
        name = parse_crs(crs).name.removeprefix("GCS_").replace("_", "-")
    except UnknownCrs:
        return None
    return next((datum for datum, known in _NAMES.items() if name == known), None)


def title(crs: pyproj.CRS | None) -> str:
    """What a GeoJSON file says of its system: a URN for an EPSG code, else the name; empty for WGS 84."""
    if crs is None:
        return ""
    code = crs.to_epsg(min_confidence=70)
    if code == 4326:
        return ""
    return f"urn:ogc:def:crs:EPSG::{code}" if code else crs.name


def gauss_krueger(lon: float) -> tuple[int, int]:
    """EPSG codes of the CGCS2000 3-degree Gauss-Krüger system around a longitude: without and with the zone's number.

    Zones (GB/T 17278): central meridian 3° · n, n from 25 to 45. Raises ValueError outside China.
    """
    zone = round(lon / 3)
    if not 25 <= zone <= 45:
        raise ValueError(f"no 3-degree zone of CGCS2000 at longitude {lon:.1f}")
    return 4534 + zone - 25, 4513 + zone - 25


def offered(lon: float, lat: float) -> list[str]:
    """The systems that a city at this place may want its data in, the usual one first."""
    utm = f"EPSG:{(32601 if lat >= 0 else 32701) + int((lon + 180) // 6)}"
    if not bool(in_china(lon, lat)) or not 73.5 <= lon <= 136.5:
        return ["wgs84", utm]
    plain, zoned = gauss_krueger(lon)
    return ["wgs84", "EPSG:4490", f"EPSG:{plain}", f"EPSG:{zoned}", "gcj02", "bd09", utm]
