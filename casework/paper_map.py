"""The map on a paper, drawn here: streets, patches and their borders, a pin, a scale, north. Nothing is fetched."""

import io
import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import shapely
import shapely.ops
from PIL import Image, ImageDraw, ImageFont
from shapely.geometry.base import BaseGeometry

from casework import paper_text
from casework.surroundings import Feature, Surroundings

WIDTH_PX: Final = 1200
ASPECT: Final = 4 / 3
HALF_WIDTH_M: Final = 260.0
_LAND, _OTHER, _OWN, _INK, _PAPER = "#f1f0ec", "#f7f6f3", "#e9e4ef", "#191c20", "#ffffff"
_GROUND: Final = {"hill": "#e3e6da", "green": "#d9e6d3"}
_LINES: Final = {"river": ("#b9d3e2", 16), "rail": ("#8f949a", 4)}
_STREETS: Final = {"a": 26, "b": 18, "c": 11}
_PATCH_LINE, _STREET_EDGE, _STREET, _PIN = "#6d5b8c", "#d3d1ca", "#ffffff", "#a8321d"
_FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc", "/System/Library/Fonts/STHeiti Light.ttc", "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simhei.ttf",
)  # fmt: skip
_CJK: Final = 0x2E7F
_ROUND: Final = (1, 2, 5)

Box4 = tuple[float, float, float, float]


@cache
def chinese_font() -> str:
    """A font of this machine that has Chinese letters; empty where there is none (names are then English)."""
    return next((path for path in _FONTS if Path(path).is_file()), "")


@cache
def _font(size: int) -> Any:
    path = chinese_font()
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


def draw(around: Surroundings, lon: float, lat: float, lang: str, own_area_id: int | None = None) -> bytes:
    """A PNG of what lies around a place (degrees, WGS 84), the own patch tinted."""
    sheet = _Sheet(around, "zh" if lang == "zh" and chinese_font() else "en")
    sheet.ground(own_area_id)
    sheet.lines()
    sheet.borders(own_area_id)
    sheet.pin(lon, lat)
    sheet.furniture()
    sheet.names(own_area_id)
    out = io.BytesIO()
    sheet.image.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()


class _Sheet:
    """A picture in the making; ``taken`` are boxes in pixels that no name may cover."""

    def __init__(self, around: Surroundings, lang: str) -> None:
        box = around.box
        self.around, self.lang = around, lang
        self.west, self.north = box.west, box.north
        self.kx = WIDTH_PX / (box.east - box.west)
        self.ky = self.kx / max(math.cos(math.radians((box.south + box.north) / 2)), 0.01)
        self.size = (WIDTH_PX, round((box.north - box.south) * self.ky))
        self.image = Image.new("RGB", self.size, _OTHER)
        self.pen = ImageDraw.Draw(self.image)
        self.taken: list[Box4] = []

    def _points(self, degrees: Any) -> list[tuple[float, float]]:
        return [((x - self.west) * self.kx, (self.north - y) * self.ky) for x, y in degrees]

    def _fill(self, shape: BaseGeometry, colour: str) -> None:
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon" and not part.is_empty:
                # holes of areas and parks are so rare here that a neighbour painted later fills them
                self.pen.polygon(self._points(part.exterior.coords), fill=colour)

    def _stroke(self, shape: BaseGeometry, colour: str, width: int) -> None:
        for part in shapely.get_parts(shape):
            lines = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            for line in lines:
                if line.geom_type in {"LineString", "LinearRing"} and not line.is_empty:
                    self.pen.line(self._points(line.coords), fill=colour, width=width, joint="curve")

    def ground(self, own: int | None) -> None:
        """Areas, then hills and parks."""
        for area in self.around.areas:
            self._fill(area.geometry, _OWN if area.area_id == own else _LAND)
        for one in self.around.backdrop:
            if one.kind in _GROUND:
                self._fill(one.geometry, _GROUND[one.kind])

    def lines(self) -> None:
        """Rivers, rails, and streets with their edges."""
        for one in self.around.backdrop:
            if one.kind in _LINES:
                self._stroke(one.geometry, *_LINES[one.kind])
        streets = [one for one in self.around.backdrop if one.kind == "street"]
        for cls in ("c", "b", "a"):
            for one in streets:
                if one.cls == cls:
                    self._stroke(one.geometry, _STREET_EDGE, _STREETS[cls] + 5)
        for cls in ("c", "b", "a"):
            for one in streets:
                if one.cls == cls:
                    self._stroke(one.geometry, _STREET, _STREETS[cls])

    def borders(self, own: int | None) -> None:
        """Borders of the patches, dashed; the own one's is whole."""
        for area in self.around.areas:
            line = shapely.boundary(area.geometry)
            if area.area_id == own:
                continue
            for part in shapely.get_parts(line):
                self._dashed(shapely.LineString(self._points(part.coords)))
        for area in self.around.areas:
            if area.area_id == own:
                self._stroke(area.geometry, _PAPER, 10)
                self._stroke(area.geometry, _PATCH_LINE, 5)

    def _dashed(self, line: shapely.LineString) -> None:
        at, dash, gap = 0.0, 16.0, 10.0
        while at < line.length:
            piece = shapely.ops.substring(line, at, min(at + dash, line.length))
            if piece.geom_type == "LineString":
                self.pen.line(list(piece.coords), fill=_PATCH_LINE, width=3)
            at += dash + gap

    def pin(self, lon: float, lat: float) -> None:
        """The place: a pin whose tip is on it."""
        [(x, y)] = self._points([(lon, lat)])
        radius, up = 24, 46
        self.pen.ellipse((x - 9, y - 5, x + 9, y + 5), fill="#8a8d92")
        for grow, colour in ((5, _PAPER), (0, _PIN)):
            r = radius + grow
            self.pen.ellipse((x - r, y - up - r, x + r, y - up + r), fill=colour)
            self.pen.polygon(
                [(x - r * 0.86, y - up + r * 0.5), (x + r * 0.86, y - up + r * 0.5), (x, y + grow)],
                fill=colour,
            )
        self.pen.ellipse((x - 9, y - up - 9, x + 9, y - up + 9), fill=_PAPER)
        self.taken.append((x - 34, y - up - 34, x + 34, y + 12))

    def furniture(self) -> None:
        """Scale at the bottom right, north at the top right."""
        wide, high = self.size
        bar_px, bar_m = _bar(self.around.box.width_m)
        text = paper_text.metres(bar_m, self.lang)
        right, low = wide - 28, high - 26
        words_w = self.pen.textlength(text, font=_font(26))
        left = min(right - bar_px, right - words_w)
        self.pen.rectangle((left - 16, low - 58, wide, high), fill=_PAPER)
        self.pen.line(
            [(right - bar_px, low - 10), (right - bar_px, low), (right, low), (right, low - 10)],
            fill=_INK,
            width=4,
        )
        self.pen.text((right - bar_px / 2, low - 16), text, fill=_INK, font=_font(26), anchor="mb")
        self.taken.append((left - 16, low - 58, wide, high))
        x, y = wide - 52, 62
        self.pen.ellipse((x - 40, y - 46, x + 40, y + 46), fill=_PAPER)
        self.pen.polygon([(x, y - 40), (x - 14, y), (x, y - 8), (x + 14, y)], fill=_INK)
        self.pen.text((x, y + 6), "北" if self.lang == "zh" else "N", fill=_INK, font=_font(30), anchor="mt")
        self.taken.append((x - 44, y - 50, x + 44, y + 50))

    def names(self, own: int | None) -> None:
        """Names of streets along them, then of patches; none covers another."""
        seen: set[str] = set()
        for one in sorted(self.around.backdrop, key=lambda one: (one.cls, -one.geometry.length)):
            text = self._name(one)
            if one.kind in {"street", "river"} and text and text not in seen and self._along(one, text):
                seen.add(text)
        for area in sorted(self.around.areas, key=lambda area: area.area_id != own):
            self._inside(area, self._name(area), is_own=area.area_id == own)

    def _name(self, one: Feature) -> str:
        return paper_text.pick([one.zh, one.en] if chinese_font() else ["", one.en], self.lang)

    def _along(self, one: Feature, text: str) -> bool:
        font = _font(28)
        long = self.pen.textlength(text, font=font)
        for line in self._visible(one.geometry):
            if line.length < long * 1.15:
                continue
            for share in (0.5, 0.3, 0.7):
                start, end = (line.interpolate(line.length * share + side * long / 2) for side in (-1, 1))
                if math.hypot(end.x - start.x, end.y - start.y) > long * 0.92 and self._turned(
                    text, start, end, font
                ):
                    return True
        return False

    def _visible(self, shape: BaseGeometry) -> Iterable[Any]:
        for part in shapely.get_parts(shape):
            if part.geom_type == "LineString" and len(part.coords) > 1:
                line = shapely.clip_by_rect(
                    shapely.LineString(self._points(part.coords)), 8, 8, self.size[0] - 8, self.size[1] - 8
                )
                yield from (
                    piece
                    for piece in shapely.get_parts(line)
                    if piece.geom_type == "LineString" and piece.length
                )

    def _turned(self, text: str, start: Any, end: Any, font: Any) -> bool:
        if end.x < start.x:
            start, end = end, start
        angle = math.degrees(math.atan2(start.y - end.y, end.x - start.x))
        wide = int(self.pen.textlength(text, font=font)) + 12
        word = Image.new("RGBA", (wide, 44), (0, 0, 0, 0))
        ImageDraw.Draw(word).text(
            (wide / 2, 22), text, font=font, fill=_INK, anchor="mm", stroke_width=3, stroke_fill=_PAPER
        )
        word = word.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
        x, y = (start.x + end.x) / 2 - word.width / 2, (start.y + end.y) / 2 - word.height / 2
        if not self._free((x, y, x + word.width, y + word.height)):
            return False
        self.image.paste(word, (round(x), round(y)), word)
        return True

    def _inside(self, area: Feature, text: str, *, is_own: bool) -> None:
        font = _font(32 if is_own else 28)
        frame = shapely.box(0, 0, *self.size)
        degrees = max(
            shapely.get_parts(shapely.make_valid(area.geometry)), key=lambda part: part.area, default=None
        )
        if not text or degrees is None or degrees.geom_type != "Polygon":
            return
        seen = shapely.intersection(
            shapely.make_valid(shapely.Polygon(self._points(degrees.exterior.coords))), frame
        )
        if seen.is_empty or seen.area < 20_000:
            return
        spot = seen.representative_point()
        long = self.pen.textlength(text, font=font)
        for down in (0, 60, -60, 120, -120, 180, -180):
            x, y = spot.x, spot.y + down
            box = (x - long / 2 - 6, y - 22, x + long / 2 + 6, y + 22)
            if seen.contains(shapely.Point(x, y)) and self._free(box):
                self.pen.text(
                    (x, y), text, font=font, fill=_PATCH_LINE, anchor="mm", stroke_width=4, stroke_fill=_PAPER
                )
                return

    def _free(self, box: Box4) -> bool:
        inside = box[0] >= 2 and box[1] >= 2 and box[2] <= self.size[0] - 2 and box[3] <= self.size[1] - 2
        free = inside and all(
            box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]
            for other in self.taken
        )
        if free:
            self.taken.append(box)
        return free


def _bar(width_m: float) -> tuple[float, float]:
    """A round length of at most a quarter of the picture: (pixels, metres)."""
    most = max(width_m / 4, 1e-6)
    power = 10.0 ** math.floor(math.log10(most))
    metres = max(step * power for step in _ROUND if step * power <= most * (1 + 1e-9))
    return metres / width_m * WIDTH_PX, metres
