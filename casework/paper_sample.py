"""Pictures for the sample case: drawn here, so that a preview shows where pictures will stand."""

import io
from functools import cache
from typing import Any, Final

from PIL import Image, ImageDraw

from casework.paper_facts import MAP_MM, PHOTO_MM
from casework.paper_fields import WEEKLY
from casework.paper_worker import picture

_SIZE: Final = (800, 600)


def sample_pictures(kind: str) -> tuple[dict[str, dict[str, Any]], list[bytes]]:
    """The pictures of the sample case by field, and their bytes."""
    if kind == WEEKLY:
        return {}, []
    names = {
        "map": picture(0, MAP_MM), "photo_before": picture(1, PHOTO_MM), "photo_after": picture(2, PHOTO_MM),
        "photos.image": picture(1, PHOTO_MM),
    }  # fmt: skip
    return names, list(_drawn())


@cache
def _drawn() -> tuple[bytes, ...]:
    return _place(), _street(goods=True), _street(goods=False)


def _place() -> bytes:
    image = Image.new("RGB", _SIZE, "#f1f0ec")
    pen = ImageDraw.Draw(image)
    for line in ([(0, 200), (800, 320)], [(420, 0), (360, 600)]):
        pen.line(line, fill="#ffffff", width=34)
    pen.ellipse((370, 230, 430, 290), fill="#a8321d")
    return _png(image)


def _street(*, goods: bool) -> bytes:
    image = Image.new("RGB", _SIZE, "#cfd8dd")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 120, 800, 420), fill="#b3a796")
    pen.rectangle((0, 420, 800, 600), fill="#8d8f92")
    pen.rectangle((250, 220, 550, 420), fill="#5c6670")
    if goods:
        for left in (180, 300, 420, 540):
            pen.rectangle((left, 380, left + 80, 470), fill="#a86b3c")
    return _png(image)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(32).save(out, "PNG")
    return out.getvalue()
