"""Small static maps as SVG: paths in pixels that a template draws (``templates/_minimap.html``)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from casework.surroundings import Box, Feature, Surroundings
from web import i18n

_LARGER: Final = 0.25  # so much wider are names where the map is shown smaller than it is drawn (phones)
_STEEP: Final = math.radians(58)
_ROUND: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Shape:
    """One path: ``cls`` says how it looks, ``title`` and ``href`` make it a link where they are set."""

    d: str
    cls: str
    title: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a place in pixels, turned by ``turn`` degrees; ``letters`` stand upright below each other."""

    x: float
    y: float
    text: str
    cls: str
    turn: float = 0
    letters: tuple[tuple[float, float, str], ...] = ()
    below: str = ""


@dataclass(slots=True)
class Sketch:
    """A picture of ``width`` x ``height`` pixels, its layers from below, and a scale bar (pixels, metres)."""

    width: int
    height: int
    areas: list[Shape] = field(default_factory=list)
    ground: list[Shape] = field(default_factory=list)
    lines: list[Shape] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    point: tuple[float, float] | None = None
    bar_px: float = 0
    bar_m: int = 0


def sketch(
    around: Surroundings,
    width: int,
    *,
    look: Mapping[int, str] | None = None,
    point: tuple[float, float] | None = None,
    href: Callable[[Feature], str] | None = None,
    below: Callable[[Feature], str] | None = None,
    streets: bool = True,
) -> Sketch:
    """Draw what lies around a place, ``width`` pixels wide.

    ``look`` gives the class of an area by its id, ``point`` (lon, lat) gets the mark, ``href`` makes areas links,
    ``below`` adds a second line to an area's name.
    """
    view = _View(around.box, width)
    made = Sketch(width, view.height, point=view.at(*point) if point else None)
    looks = look or {}
    for one in around.areas:
        cls = looks.get(one.area_id or 0, "")
        made.areas.append(Shape(view.path(one.geometry), cls, _name(one), href(one) if href else ""))
    made.bar_px, made.bar_m = _bar(around.box.width_m, width)
    taken = [(made.width - 12 - made.bar_px, made.height - 32.0, float(made.width), float(made.height))]
    if made.point:
        x, y = made.point
        taken.append((x - 14, y - 14, x + 14, y + 14))
    _name_areas(made, view, around.areas, looks, taken, below)
    for one in around.backdrop:
        layer = made.ground if one.kind in {"hill", "green"} else made.lines
        if one.kind == "street" and not streets and one.cls == "c":
            continue
        layer.append(Shape(view.path(one.geometry), f"{one.kind} {one.cls}".strip()))
    if streets:
        _name_streets(made, view, around.backdrop, taken)
    return made


class _View:
    """From degrees to pixels, on the ground's own scale."""

    def __init__(self, box: Box, width: int) -> None:
        self.box = box
        self.kx = width / (box.east - box.west)
        self.ky = self.kx / max(math.cos(math.radians((box.south + box.north) / 2)), 0.01)
        self.width, self.height = width, round((box.north - box.south) * self.ky)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return round((lon - self.box.west) * self.kx, 1), round((self.box.north - lat) * self.ky, 1)

    def points(self, line: BaseGeometry) -> Any:
        degrees = shapely.get_coordinates(line)
        return np.column_stack(
            [(degrees[:, 0] - self.box.west) * self.kx, (self.box.north - degrees[:, 1]) * self.ky]
        )

    def path(self, shape: BaseGeometry) -> str:
        """The ``d`` of a path; vertices closer than half a pixel to the line are left out."""
        slim = shapely.simplify(shape, 0.5 / self.kx, preserve_topology=False)
        parts = []
        for part in shapely.get_parts(slim):
            if part.geom_type == "Polygon":
                parts += [
                    self._line(ring) + "Z" for ring in (part.exterior, *part.interiors) if not ring.is_empty
                ]
            elif part.geom_type in {"LineString", "LinearRing"} and not part.is_empty:
                parts.append(self._line(part))
        return "".join(parts)

    def _line(self, line: BaseGeometry) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in self.points(line).tolist())


def _name(one: Feature) -> str:
    return (one.zh or one.en) if i18n.lang() == "zh" else (one.en or one.zh)


def _text_width(text: str, size: float) -> float:
    return sum(size if ord(letter) > 0x2E7F else size * 0.56 for letter in text)


def _free(taken: list[tuple[float, float, float, float]], box: tuple[float, float, float, float]) -> bool:
    return all(
        box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]
        for other in taken
    )


def _name_areas(
    made: Sketch, view: _View, areas: list[Feature], looks: Mapping[int, str],
    taken: list[tuple[float, float, float, float]], below: Callable[[Feature], str] | None,
) -> None:  # fmt: skip
    frame = shapely.box(view.box.west, view.box.south, view.box.east, view.box.north)
    order = sorted(areas, key=lambda one: (not looks.get(one.area_id or 0), one.code))
    for one in order:
        seen = shapely.intersection(shapely.make_valid(one.geometry), frame)
        if seen.is_empty or seen.area == 0:
            continue
        text, more = _name(one), below(one) if below else ""
        half_w, half_h = _text_width(text, 12.5) / 2 + 3, 16 if more else 9
        special = "mark" in looks.get(one.area_id or 0, "") or "pick" in looks.get(one.area_id or 0, "")
        for x, y in _spots(view, seen, made.point):
            box = (x - half_w, y - half_h, x + half_w, y + half_h)
            edge = 2 + half_w * _LARGER
            inside = (
                box[0] >= edge and box[1] >= 2 and box[2] <= made.width - edge and box[3] <= made.height - 2
            )
            fits = special or (seen.area * view.kx * view.ky) > half_w * half_h * 4.5
            if inside and fits and _free(taken, box):
                taken.append(box)
                cls = "area mark" if special else "area"
                made.labels.append(Label(round(x, 1), round(y, 1), text, cls, below=more))
                break


def _spots(view: _View, seen: BaseGeometry, point: tuple[float, float] | None) -> list[tuple[float, float]]:
    """Where a name may stand in what is visible of an area, best first."""
    largest = max(shapely.get_parts(seen), key=lambda part: part.area)
    line = shapely.maximum_inscribed_circle(largest, tolerance=max(largest.length / 200, 1e-7))
    best = view.points(line)[0].tolist()
    found = [(best[0], best[1])]
    for up in (-26, 26, -40, 40):
        lon = best[0] / view.kx + view.box.west
        lat = view.box.north - (best[1] + up) / view.ky
        if shapely.intersects_xy(largest, lon, lat):
            found.append((best[0], best[1] + up))
    return found


def _name_streets(
    made: Sketch, view: _View, backdrop: list[Feature], taken: list[tuple[float, float, float, float]]
) -> None:
    named = set()
    frame = (view.box.west, view.box.south, view.box.east, view.box.north)
    for one in sorted(backdrop, key=lambda one: (one.cls, -one.geometry.length)):
        text = _name(one)
        if one.kind not in {"street", "river"} or not text or text in named:
            continue
        label = _along(view, shapely.clip_by_rect(one.geometry, *frame), text, taken, one.kind)
        if label is not None:
            named.add(text)
            made.labels.append(label)


def _along(
    view: _View, line: BaseGeometry, text: str, taken: list[tuple[float, float, float, float]], kind: str
) -> Label | None:
    """A name on a straight piece of a line that is long enough and free."""
    long = _text_width(text, 12) + 8
    for part in shapely.get_parts(line):
        pixels = shapely.LineString(view.points(part)) if len(part.coords) > 1 else None
        if pixels is None or pixels.length < long:
            continue
        for share in (0.5, 0.3, 0.7):
            middle = pixels.length * share
            start, end = (pixels.interpolate(middle + side * long / 2) for side in (-1, 1))
            chord = math.hypot(end.x - start.x, end.y - start.y)
            if chord < long * 0.9:
                continue
            label, box = _turned(start, end, text, long, kind)
            inside = box[0] > 0 and box[1] > 0 and box[2] < view.width and box[3] < view.height
            if inside and _free(taken, box):
                taken.append(box)
                return label
    return None


def _turned(
    start: Any, end: Any, text: str, long: float, kind: str
) -> tuple[Label, tuple[float, float, float, float]]:
    x, y = (start.x + end.x) / 2, (start.y + end.y) / 2
    if end.x < start.x:
        start, end = end, start
    angle = math.atan2(end.y - start.y, end.x - start.x)
    across, down = long / 2 * abs(math.cos(angle)) + 6, long / 2 * abs(math.sin(angle)) + 6
    box = (x - across, y - down, x + across, y + down)
    if abs(angle) > _STEEP and ord(text[0]) > 0x2E7F:
        if angle < 0:
            start, end = end, start
        n = len(text)
        letters = tuple(
            (
                round(start.x + (end.x - start.x) * (i + 0.5) / n, 1),
                round(start.y + (end.y - start.y) * (i + 0.5) / n, 1),
                letter,
            )
            for i, letter in enumerate(text)
        )
        return Label(round(x, 1), round(y, 1), text, kind, letters=letters), box
    return Label(round(x, 1), round(y, 1), text, kind, turn=round(math.degrees(angle), 1)), box


def _bar(width_m: float, width: int) -> tuple[float, int]:
    """A round length for the scale bar of at most a quarter of the picture: (pixels, metres)."""
    most = width_m / 4
    power = 10 ** max(math.floor(math.log10(max(most, 1))), 0)
    metres = max(step * power for step in _ROUND if step * power <= max(most, 1))
    return round(metres / width_m * width, 1), int(metres)
