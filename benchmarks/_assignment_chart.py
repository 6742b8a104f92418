"""The chart of docs/assignment.md: who joins how fast, and what a fresh index costs. Plain SVG, light ground."""

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from benchmarks._assignment_peers import PEERS

if TYPE_CHECKING:
    from benchmarks.assignment import Figures

# The colours of the pages' light theme (web/static/css/tokens.css).
_INK, _INK_3, _LINE, _OURS, _PEER, _LIMIT = "#191c20", "#646a72", "#e4e4de", "#0a6663", "#84898f", "#d55e00"
_WIDTH, _ROW, _LEFT, _RIGHT = 920, 24, 300, 60
_DASHES = {"ours": "", "ours-numpy": "7 3", "shapely-areas": "2 3", "shapely-points": "9 3 2 3"}

Json = dict[str, Any]


def chart(figures: "Figures") -> str:
    """Bars for the city with the most of both (5000_200 where there is one), then lines for fresh indexes."""
    city = _shown_city(list(figures.joins))
    bars, height = _bars(figures.joins[city], f"Million points per CPU second, {_spoken(city)} (logarithmic)")
    lines, more = _lines(
        figures.fresh.get(city, {}), f"CPU seconds of build and first join, {_spoken(city)}", height
    )
    height += more
    font = "-apple-system, Segoe UI, Roboto, Noto Sans, Helvetica Neue, Arial, sans-serif"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' font-family="{font}" role="img" aria-label="{escape(_spoken_chart(figures, city))}">'
    )
    ground = f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, ground, *bars, *lines, "</svg>", ""])


def _shown_city(cities: Sequence[str]) -> str:
    return "5000_200" if "5000_200" in cities else cities[0]


def _spoken(city: str) -> str:
    areas, vertices = city.split("_")
    return f"{int(areas):,} areas of {int(vertices):,} vertices"


def _spoken_chart(figures: "Figures", city: str) -> str:
    said = [f"{PEERS[name].label} {_rate(one):.2g}" for name, one in _ranked(figures.joins[city])]
    return f"Million points per CPU second, {_spoken(city)}: {'; '.join(said)}"


def _rate(one: Json) -> float:
    return float(one["points"]) / float(one["join_s"]) / 1e6


def _ranked(found: dict[str, Json]) -> list[tuple[str, Json]]:
    return sorted(found.items(), key=lambda pair: -_rate(pair[1]))


def _bars(found: dict[str, Json], title: str) -> tuple[list[str], int]:
    top, ranked = 56, _ranked(found)
    low, high = 0.01, 10 ** math.ceil(math.log10(max(_rate(one) for _, one in ranked)))
    bottom = top + _ROW * len(ranked)
    drawn = [_text(24, 30, title, size=16, weight=600)]
    for exponent in range(-2, round(math.log10(high)) + 1):
        x = _at(10**exponent, low, high)
        drawn += [
            _line(x, top - 4, x, bottom),
            _text(x, bottom + 16, f"{10.0**exponent:g}", anchor="middle", fill=_INK_3),
        ]
    for i, (name, one) in enumerate(ranked):
        y, end = top + i * _ROW, _at(max(_rate(one), low), low, high)
        colour = _OURS if name.startswith("ours") else _LIMIT if name == "limit" else _PEER
        weight, width = 600 if name.startswith("ours") else 400, max(end - _LEFT, 2)
        drawn += [
            _text(_LEFT - 10, y + 16, PEERS[name].label, anchor="end", weight=weight),
            f'<rect x="{_LEFT}" y="{y + 4}" width="{width:.1f}" height="{_ROW - 8}" rx="2" fill="{colour}"/>',
            _text(end + 6, y + 16, _figure(_rate(one)), weight=weight),
        ]
    return drawn, bottom + 40


def _lines(peers: dict[str, dict[int, Json]], title: str, above: int) -> tuple[list[str], int]:
    found = {
        name: {n: float(one["ready_s"] + one["first_s"]) for n, one in by.items()}
        for name, by in peers.items()
    }
    found = {name: by for name, by in found.items() if len(by) > 1}
    if not found:
        return [], 0
    top, bottom, right = above + 50, above + 330, 660
    sizes = sorted({n for by in found.values() for n in by})
    values = [value for by in found.values() for value in by.values()]
    low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))

    def across(points: float) -> float:
        return 80 + (right - 80) * math.log(points / sizes[0]) / math.log(sizes[-1] / sizes[0])

    def up(value: float) -> float:
        return bottom - (bottom - top) * math.log(value / low) / math.log(high / low)

    drawn = [_text(24, above + 24, title + " (both axes logarithmic)", size=16, weight=600)]
    for exponent in range(round(math.log10(low)), round(math.log10(high)) + 1):
        y = up(10**exponent)
        drawn += [
            _line(80, y, right, y),
            _text(72, y + 4, f"{10.0**exponent:g} s", anchor="end", fill=_INK_3),
        ]
    for points in sizes:
        label = f"{points // 1_000_000}M" if points >= 1_000_000 else f"{points / 1000:g}k"
        drawn.append(_text(across(points), bottom + 18, label, anchor="middle", fill=_INK_3))
    drawn.append(
        _text((80 + right) / 2, bottom + 38, "points of the first join", anchor="middle", fill=_INK_3)
    )
    ends = _apart([(up(by[max(by)]), name) for name, by in found.items()])
    for name, by in found.items():
        places = [(across(n), up(value)) for n, value in sorted(by.items())]
        colour = _OURS if name.startswith("ours") else _PEER
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        drawn.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"'
            f' stroke-dasharray="{_DASHES.get(name, "")}"/>'
        )
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        x, y = places[-1]
        label = PEERS[name].label.replace("Baopian AreaIndex", "AreaIndex")
        drawn += [
            f'<path d="M{x + 5:.1f} {y:.1f} L{right + 8} {ends[name]:.1f}" stroke="{colour}" opacity=".5"/>',
            _text(right + 12, ends[name] + 4, label, fill=_OURS if colour == _OURS else _INK),
        ]
    return drawn, bottom + 60 - above


def _apart(ends: list[tuple[float, str]], least: float = 18) -> dict[str, float]:
    """Heights of labels at the ends of lines, moved so that none covers another."""
    placed: dict[str, float] = {}
    before = -math.inf
    for y, name in sorted(ends):
        before = max(y, before + least)
        placed[name] = before
    return placed


def _at(value: float, low: float, high: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log(value / low) / math.log(high / low)


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{_LINE}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 13,
    anchor: str = "start",
    weight: int = 400,
    fill: str = _INK,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}"'
        f' fill="{fill}">{escape(text)}</text>'
    )
