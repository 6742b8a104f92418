"""The shell of the drawing page: an empty map with Leaflet-Geoman; areas, findings and words come by fetch."""

from typing import Final

import folium.plugins

from layers import style
from layers.problem_map import Bounds, Start, bare_map, fitted
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
    whole = fitted(bounds, DESKTOP_PX)
    # A double click ends a line that is being drawn.
    drawn = bare_map(MAP_ID, start, whole, zooms_out=ZOOMS_OUT, max_zoom=MAX_ZOOM, doubleClickZoom=False)
    folium.plugins.GeoMan(position="topleft").add_to(drawn)  # type: ignore[no-untyped-call]
    return split(drawn, address, after=_AFTER)
