"""A small drawing board for the demo's pictures: flat shapes, a little grain, a soft vignette, no text.

Coordinates are those of a 320 x 240 picture. It is drawn half as large again and made smaller, which smooths edges.
"""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 640, 480
_SCALE = 3
_UNITS = (320, 240)
Colour = str
Place = tuple[float, float]


class Canvas:
    """One picture in the making."""

    def __init__(self, ground: Colour) -> None:
        self._image = Image.new("RGB", (_UNITS[0] * _SCALE, _UNITS[1] * _SCALE), ground)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, x: float, y: float, w: float, h: float, colour: Colour, opacity: float = 1.0) -> None:
        """Draw a filled rectangle."""
        self.shape(((x, y), (x + w, y), (x + w, y + h), (x, y + h)), colour, opacity)

    def shape(self, places: Sequence[Place], colour: Colour, opacity: float = 1.0) -> None:
        """Draw a filled polygon."""
        points = [(x * _SCALE, y * _SCALE) for x, y in places]
        if opacity >= 1:
            self._draw.polygon(points, fill=colour)
            return
        mask = Image.new("L", self._image.size)
        ImageDraw.Draw(mask).polygon(points, fill=round(255 * opacity))
        self._image.paste(Image.new("RGB", self._image.size, colour), mask=mask)

    def fade(self, x: float, y: float, w: float, h: float, top: Colour, bottom: Colour) -> None:
        """Draw a rectangle whose colour changes from top to bottom."""
        size = (round(w * _SCALE), round(h * _SCALE))
        mask = Image.linear_gradient("L").resize(size)
        at = (round(x * _SCALE), round(y * _SCALE))
        self._image.paste(
            Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), mask), at
        )

    def line(self, places: Sequence[Place], colour: Colour, width: float = 1.0) -> None:
        """Draw a polyline with round corners."""
        points = [(x * _SCALE, y * _SCALE) for x, y in places]
        self._draw.line(points, fill=colour, width=max(1, round(width * _SCALE)), joint="curve")

    def disc(self, x: float, y: float, r: float, colour: Colour, *, ring: float = 0.0) -> None:
        """Draw a circle, filled or as a ring of the given width."""
        bounds = ((x - r) * _SCALE, (y - r) * _SCALE, (x + r) * _SCALE, (y + r) * _SCALE)
        if ring:
            self._draw.ellipse(bounds, outline=colour, width=max(1, round(ring * _SCALE)))
        else:
            self._draw.ellipse(bounds, fill=colour)

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """Draw a filled ellipse."""
        self._draw.ellipse(
            ((x - rx) * _SCALE, (y - ry) * _SCALE, (x + rx) * _SCALE, (y + ry) * _SCALE), fill=colour
        )

    def crate(self, x: float, y: float, w: float, h: float, colour: Colour) -> None:
        """Draw a box with a lit top and a side in shadow."""
        self.box(x, y, w, h, colour)
        self.shape(((x, y), (x + 7, y - 6), (x + 7 + w, y - 6), (x + w, y)), "#ffffff", 0.25)
        self.shape(((x, y), (x + 7, y - 6), (x + 7 + w, y - 6), (x + w, y)), colour, 0.6)
        self.shape(((x + w, y), (x + w + 7, y - 6), (x + w + 7, y + h - 6), (x + w, y + h)), "#000000", 0.3)
        self.shape(((x + w, y), (x + w + 7, y - 6), (x + w + 7, y + h - 6), (x + w, y + h)), colour, 0.55)
        self.line(((x, y + h * 0.42), (x + w, y + h * 0.42)), "#4a3a26", 0.6)

    def pavement(self, top: float = 164) -> None:
        """Draw flagstones from `top` to the lower edge."""
        self.fade(0, top, 320, 240 - top, "#b9b4aa", "#8c877d")
        for i in range(9):
            self.line(((-40 + i * 50, 240), (40 + i * 32, top)), "#9a958b", 0.8)
        for y in (top + 20, top + 44):
            self.line(((0, y), (320, y)), "#9f9a90", 0.8)

    def jpeg(self, seed: int) -> bytes:
        """Finish the picture: grain, vignette, and JPEG bytes of 640 x 480."""
        small = np.asarray(self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), dtype=np.float64)
        grain = np.random.default_rng(seed).normal(0, 5.0, (HEIGHT, WIDTH, 1))
        y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
        shade = 1 - 0.34 * np.clip((x * x + y * y) / 2 - 0.18, 0, 1)
        finished = np.clip(small * shade[:, :, None] + grain, 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(finished).save(file, "JPEG", quality=82)
        return file.getvalue()
