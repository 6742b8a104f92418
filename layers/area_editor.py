"""The shell of the drawing page: an empty map with Leaflet-Geoman; areas, findings and words come by fetch."""

from typing import Final

import folium
import folium.plugins

from layers import style
from layers.problem_map import Bounds, Start, fitted
from layers.shell import Address, Shell, split

MAP_ID: Final = "editor"  # folium names the element map_editor
# Below this zoom nobody draws borders, but the whole city must be in sight.
ZOOMS_OUT: Final = 2
# Borders are set to the metre: two steps closer than the problem map.
MAX_ZOOM: Final = style.MAX_ZOOM + 2
# What covers the map on a 1440 x 900 screen: versions 280, panel 384; the header.
DESKTOP_PX: Final = (1440 - 280 - 384, 900 - 48)

# Geoman's own toolbar goes: the page has one with words, states and keys of its own.
_AFTER: Final = "window.BP.map.pm.removeControls();"


def shell(bounds: Bounds, start: Start, address: Address) -> Shell:
    """The drawing page's shell for a city within ``bounds`` (west, south, east, north in degrees).

    Raises ForeignLink when Folium or Geoman would name another host.
    """
    drawn = folium.Map(
        location=(start.lat, start.lon),
        tiles=None,
        prefer_canvas=True,
        maxZoom=MAX_ZOOM,
        minZoom=max(int(fitted(bounds, DESKTOP_PX).zoom) - ZOOMS_OUT, 0),
        zoomSnap=style.ZOOM_SNAP,
        zoom_control=False,
        attributionControl=False,
        doubleClickZoom=False,  # a double click ends a line that is being drawn
    )
    drawn.options["zoom"] = start.zoom
    drawn._id = MAP_ID
    folium.plugins.GeoMan(position="topleft").add_to(drawn)  # type: ignore[no-untyped-call]
    return split(drawn, address, after=_AFTER)
