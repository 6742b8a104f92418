"""The shell of a plan's page: an empty map over the city; rounds, stops and words come as the page's own JSON."""

from typing import Final

from layers import style
from layers.problem_map import Bounds, Start, bare_map, fitted
from layers.shell import Address, Shell, split

MAP_ID: Final = "routes"  # folium names the element map_routes
# Two stops on one street corner must come apart.
MAX_ZOOM: Final = style.MAX_ZOOM
ZOOMS_OUT: Final = 2
# What is left for the map on a 1440 x 900 screen: list 336, timeline 268, header 48.
DESKTOP_PX: Final = (1440 - 336, 900 - 48 - 268)


def shell(bounds: Bounds, start: Start, address: Address) -> Shell:
    """The shell of a plan's page for a city within ``bounds`` (west, south, east, north in degrees).

    Raises ForeignLink when Folium would name another host.
    """
    whole = fitted(bounds, DESKTOP_PX)
    drawn = bare_map(MAP_ID, start, whole, zooms_out=ZOOMS_OUT, max_zoom=MAX_ZOOM)
    return split(drawn, address)
