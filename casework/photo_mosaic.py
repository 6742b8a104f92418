"""Faces and plates made unrecognisable in a picture: a coarse mosaic from which nothing can be worked out again.

A fine mosaic of letters can be undone by trying all plates. Here a region keeps at most ``CELLS`` squares on its longer
side, their colours in ``STEP`` steps and moved at random, so that different plates give the same squares.
"""

import secrets
from collections.abc import Sequence
from typing import Final

from PIL import Image

CELLS: Final = 5
STEP: Final = 48
MOST: Final = 40
"""How many regions a photo may have; a job of them fits the worker's line."""
MARGIN: Final = 0.04  # so much larger on each side than drawn: hair and edges tell too


def hide(picture: Image.Image, regions: Sequence[Sequence[float]]) -> None:
    """Cover regions of an RGB picture in place; each is [left, top, width, height] in parts of its sides, 0 to 1."""
    for left, top, width, height in regions:
        box = (
            max(0, int((left - width * MARGIN) * picture.width)),
            max(0, int((top - height * MARGIN) * picture.height)),
            min(picture.width, int((left + width * (1 + MARGIN)) * picture.width) + 1),
            min(picture.height, int((top + height * (1 + MARGIN)) * picture.height) + 1),
        )
        if box[2] > box[0] and box[3] > box[1]:
            _cover(picture, box)


def _cover(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    wide, high = box[2] - box[0], box[3] - box[1]
    longer = max(wide, high)
    cells = (max(1, round(CELLS * wide / longer)), max(1, round(CELLS * high / longer)))
    small = picture.crop(box).resize(cells, Image.Resampling.BOX)
    for x in range(cells[0]):
        for y in range(cells[1]):
            seen = small.getpixel((x, y))
            if isinstance(seen, tuple):
                by = (
                    secrets.randbelow(STEP) - STEP // 2
                )  # one for all three, so that it stays a colour of the picture
                small.putpixel((x, y), tuple(_coarse(int(value), by) for value in seen[:3]))
    picture.paste(small.resize((wide, high), Image.Resampling.NEAREST), box[:2])


def _coarse(value: int, by: int) -> int:
    return max(0, min(255, value // STEP * STEP + STEP // 2 + by))
