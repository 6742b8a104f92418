"""Pictures that the demo draws itself in place of photos: what was wrong, during and after the rectification."""

from collections.abc import Callable
from functools import cache

from casework import demo_fronts as fronts
from casework import demo_roadsides as roadsides
from casework.demo_canvas import Canvas

STAGES = ("before", "during", "after")

# Which drawing stands for which category; others get the one of their parent or the lane.
PICTURE_OF = {
    "0101": "shed", "0102": "waste", "0103": "waste", "0104": "lane", "0106": "green", "0107": "cars",
    "0108": "waste", "0110": "road", "0113": "wall", "02": "shop", "0201": "poles", "0205": "wall",
    "03": "site", "04": "road", "0501": "vendor", "0504": "shop", "0505": "cars", "0506": "bikes",
    "0507": "waste", "0510": "vendor", "05": "lane",
}  # fmt: skip


def picture_of(category: str) -> str:
    """Return the name of the drawing for a category code."""
    return PICTURE_OF.get(category) or PICTURE_OF.get(category[:2], "lane")


_SCENES: dict[str, Callable[[str, int], Canvas]] = {
    "bikes": roadsides.bikes, "cars": roadsides.cars, "green": roadsides.green, "lane": roadsides.lane,
    "poles": roadsides.poles, "road": roadsides.road, "shed": fronts.shed, "shop": fronts.shop,
    "site": fronts.site, "vendor": roadsides.vendor, "wall": fronts.wall, "waste": fronts.waste,
}  # fmt: skip

NAMES = tuple(sorted(_SCENES))


@cache
def picture(name: str, stage: str, variant: int = 0) -> bytes:
    """Return a drawing as JPEG, 640 x 480. `stage` is before, during or after; variants differ in small things.

    The same arguments give the same bytes. Raises KeyError for an unknown name.
    """
    return _SCENES[name](stage, variant).jpeg(seed=sum(f"{name}{stage}".encode()) * 10 + variant)
