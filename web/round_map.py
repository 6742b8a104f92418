"""The numbered way of a round over a small static map: lines, arrows and numbers in the picture's pixels."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from casework.surroundings import Box

Pixel = tuple[float, float]
RADIUS: Final = 11.0
_GAP: Final = 2 * RADIUS + 2
_ARROW_EVERY: Final = 110.0
_LEAST_LEG: Final = 34.0
_RINGS: Final = (0.0, 1.1, 2.1, 3.1, 4.1, 5.1, 6.1, 7.1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stop: its number at (x, y), its place at (at_x, at_y); the two differ where numbers would lie on each other."""

    number: int
    x: float
    y: float
    at_x: float
    at_y: float

    @property
    def is_moved(self) -> bool:
        """Whether a line has to lead from the number to the place."""
        return (self.x, self.y) != (self.at_x, self.at_y)


@dataclass(slots=True)
class Way:
    """What is drawn over the map: paths (``d``), arrows (x, y, turned by degrees), numbers, start and end."""

    width: int
    height: int
    lines: list[str] = field(default_factory=list)
    arrows: list[tuple[float, float, float]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    start: Pixel = (0.0, 0.0)
    end: Pixel | None = None


def way(
    box: Box,
    size: tuple[int, int],
    legs: Iterable[Sequence[Sequence[float]]],
    stops: Sequence[tuple[float, float]],
    start: tuple[float, float],
    end: tuple[float, float] | None,
) -> Way:
    """Draw a round over a picture of ``box`` that has this size in pixels; places are lon, lat (WGS 84)."""

    def at(lon: float, lat: float) -> Pixel:
        return (
            round((lon - box.west) / (box.east - box.west) * size[0], 1),
            round((box.north - lat) / (box.north - box.south) * size[1], 1),
        )

    made = Way(*size, start=at(*start), end=at(*end) if end else None)
    since = _ARROW_EVERY
    for leg in legs:
        pixels = [at(*position) for position in leg]
        if len(pixels) < 2:
            continue
        made.lines.append("M" + "L".join(f"{x} {y}" for x, y in pixels))
        arrows, since = _arrows(pixels, since)
        made.arrows += arrows
    made.marks = _marks(
        [at(*place) for place in stops], [made.start, *([made.end] if made.end else [])], size
    )
    return made


def _arrows(pixels: Sequence[Pixel], since: float) -> tuple[list[tuple[float, float, float]], float]:
    """Arrows along a leg, one in its middle and more on a long one; ``since``: pixels since the last arrow."""
    length = sum(math.dist(a, b) for a, b in pairwise(pixels))
    if length < _LEAST_LEG and since + length < _ARROW_EVERY:
        return [], since + length
    count = max(1, round(length / _ARROW_EVERY))
    places = [length * (k + 0.5) / count for k in range(count)]
    found, passed = [], 0.0
    for a, b in pairwise(pixels):
        step = math.dist(a, b)
        while places and step > 0 and passed + step >= places[0]:
            share = (places.pop(0) - passed) / step
            turn = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
            x, y = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
            found.append((round(x, 1), round(y, 1), round(turn, 1)))
        passed += step
    return found, length / count / 2


def _marks(places: Sequence[Pixel], taken: Sequence[Pixel], size: tuple[int, int]) -> list[Mark]:
    """Numbers at their places, or beside them where another number stands already."""
    used = list(taken)
    marks = []
    for number, place in enumerate(places, 1):
        spot = next(
            (one for one in _spots(place, size) if all(math.dist(one, other) >= _GAP for other in used)),
            place,
        )
        used.append(spot)
        marks.append(Mark(number, *spot, *place))
    return marks


def _spots(place: Pixel, size: tuple[int, int]) -> Iterable[Pixel]:
    for ring in _RINGS:
        turns = max(1, int(2 * math.pi * ring))
        for turn in range(turns):
            angle = 2 * math.pi * turn / turns - math.pi / 4
            x, y = place[0] + ring * _GAP * math.cos(angle), place[1] + ring * _GAP * math.sin(angle)
            if RADIUS < x < size[0] - RADIUS and RADIUS < y < size[1] - RADIUS:
                yield round(x, 1), round(y, 1)
