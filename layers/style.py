"""The numbers of a map that its shell is built from. Colours and symbols are in the page's own CSS and scripts."""

from typing import Final

ZOOM_SNAP: Final = 0.25
MAX_ZOOM: Final = 19
DEFAULT_ZOOM: Final = 13.0
ZOOMS_OUT: Final = 3  # how many levels one may zoom out from the whole city
TILE_PX: Final = 256
# What covers the map on a 1440 x 900 screen: list 340, margins; header and filter bar 48 each.
DESKTOP_PX: Final = (1440 - 340 - 48, 900 - 96 - 48)
