"""The shell of the problem map: an empty map over the city; areas, findings and words come by fetch."""

import math
from dataclasses import dataclass

import folium

from geo.clusters import degrees, mercator
from layers import style
from layers.shell import Address, Shell, split

Bounds = tuple[float, float, float, float]
MAP_ID = "problem"  # folium names the element map_problem


@dataclass(frozen=True, slots=True)
class Start:
    """Where the map opens: latitude and longitude (WGS 84) of its middle, and Leaflet's zoom."""

    lat: float
    lon: float
    zoom: float


def fitted(bounds: Bounds, size_px: tuple[int, int] = style.DESKTOP_PX) -> Start:
    """The view that shows west, south, east, north (degrees) as large as fits into a size in pixels."""
    west, south, east, north = bounds
    (x0, x1), (y1, y0) = mercator([west, east], [south, north])
    share = max((x1 - x0) / size_px[0], (y1 - y0) / size_px[1]) * style.TILE_PX
    zoom = math.log2(1 / share) if share > 0 else style.DEFAULT_ZOOM
    steps = math.floor(min(max(zoom, 0.0), style.MAX_ZOOM) / style.ZOOM_SNAP)
    return Start(round((south + north) / 2, 6), round((west + east) / 2, 6), steps * style.ZOOM_SNAP)


def around(start: Start, size_px: tuple[int, int] = style.DESKTOP_PX) -> Bounds:
    """West, south, east, north in degrees of what a view shows in a size in pixels."""
    x, y = mercator(start.lon, start.lat)
    per_px = 1 / (style.TILE_PX * 2.0**start.zoom)
    half_x, half_y = size_px[0] / 2 * per_px, size_px[1] / 2 * per_px
    (west, east), (south, north) = degrees([x - half_x, x + half_x], [y + half_y, y - half_y])
    return float(west), float(south), float(east), float(north)


def bare_map(
    map_id: str,
    start: Start,
    whole: Start,
    *,
    zooms_out: int = style.ZOOMS_OUT,
    max_zoom: int = style.MAX_ZOOM,
    **options: bool,
) -> folium.Map:
    """An empty map that opens at ``start`` and goes ``zooms_out`` beyond the view of the whole city."""
    drawn = folium.Map(
        location=(start.lat, start.lon),
        tiles=None,
        prefer_canvas=True,
        # max_zoom and zoom_control are dropped by folium without tiles; these go to Leaflet as they are
        maxZoom=max_zoom,
        minZoom=max(math.floor(whole.zoom) - zooms_out, 0),
        zoomSnap=style.ZOOM_SNAP,
        zoom_control=False,
        attributionControl=False,
    )
    # zoom_start is typed as a whole number; Leaflet takes a part of one
    drawn.options.update({"zoom": start.zoom, **options})
    drawn._id = map_id
    return drawn


def shell(bounds: Bounds, start: Start, address: Address) -> Shell:
    """The problem map's shell for a city within ``bounds`` (west, south, east, north in degrees)."""
    return split(bare_map(MAP_ID, start, fitted(bounds)), address)
