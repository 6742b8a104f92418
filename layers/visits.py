"""The shell of the map that looks back: patches by the days since anybody was there, and rounds as they were walked."""

from typing import Final

from layers.problem_map import Bounds, bare_map, fitted
from layers.shell import Address, Shell, split

MAP_ID: Final = "visits"  # folium names the element map_visits
STEPS_DAYS: Final = (7, 14, 28)
"""Upper ends of the first three steps in days; the fourth is open, the fifth is never."""
NEVER: Final = len(STEPS_DAYS) + 1
# What the map has on a 1440 x 900 screen beside the tables.
DESKTOP_PX: Final = (820, 560)


def step(days: int | None) -> int:
    """The shade of a patch that was seen so many days ago: 0 lately, NEVER for None."""
    if days is None:
        return NEVER
    return sum(days > upper for upper in STEPS_DAYS)


def shell(bounds: Bounds, address: Address) -> Shell:
    """The shell for a city within ``bounds`` (west, south, east, north in degrees). Raises ForeignLink."""
    start = fitted(bounds, DESKTOP_PX)
    # The page scrolls over this map; its buttons and two fingers zoom.
    drawn = bare_map(MAP_ID, start, start, scrollWheelZoom=False)
    return split(drawn, address)
