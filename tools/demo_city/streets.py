"""The schematic street network of the demo city: a warped grid with named main streets, a river and a railway."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

StreetClass = Literal["a", "b", "c"]
Name = tuple[str, str]
TOUCH_KM = 0.004

# Positions along the grid's two axes. Streets of class a run through, b are named, c are lanes.
ACROSS = (
    *(
        -6.4,
        -5.0,
        -3.9,
        -3.05,
        -2.35,
        -1.8,
        -1.36,
        -1.0,
        -0.68,
        -0.36,
        0.28,
        0.52,
        0.76,
        1.0,
        1.24,
        1.48,
        1.74,
    ),
    *(2.0, 2.28, 2.6, 3.0, 3.5, 4.2, 5.1, 6.2, 7.6, 9.2, 11.0, 13.0),
)
MAIN_ACROSS: dict[float, Name] = {
    -3.9: ("海湖大道", "Haihu Avenue"),
    -1.0: ("门源路", "Menyuan Road"),
    0.28: ("祁连路", "Qilian Road"),
    1.0: ("东关大街", "Dongguan Avenue"),
    1.74: ("夏都大道", "Xiadu Avenue"),
    2.6: ("昆仑东路", "Kunlun East Road"),
    5.1: ("南山路", "Nanshan Road"),
}
NAMED_ACROSS: dict[float, Name] = {
    -2.35: ("小峡路", "Xiaoxia Road"),
    -1.8: ("育才路", "Yucai Road"),
    -0.36: ("滨河路", "Binhe Road"),
    0.52: ("互助路", "Huzhu Road"),
    1.24: ("清真巷", "Qingzhen Lane"),
    1.48: ("为民巷", "Weimin Lane"),
    2.0: ("康南路", "Kangnan Road"),
    2.28: ("学院路", "Xueyuan Road"),
    3.0: ("八一路", "Bayi Road"),
    3.5: ("博雅路", "Boya Road"),
    6.2: ("凤凰山路", "Fenghuangshan Road"),
    7.6: ("东川路", "Dongchuan Road"),
}
MAIN_DOWN: dict[int, Name] = {
    9: ("共和路", "Gonghe Road"),
    14: ("建国路", "Jianguo Road"),
    19: ("湟中路", "Huangzhong Road"),
    25: ("民和路", "Minhe Road"),
    30: ("金桥路", "Jinqiao Road"),
    35: ("泉景路", "Quanjing Road"),
}
NAMED_DOWN: dict[int, Name] = {
    7: ("花园北街", "Huayuan North Street"),
    8: ("北小街", "Beixiao Street"),
    10: ("德令哈路", "Delingha Road"),
    13: ("大众街", "Dazhong Street"),
    16: ("杨家巷", "Yangjia Lane"),
    18: ("凤凰园路", "Fenghuangyuan Road"),
    22: ("康乐路", "Kangle Road"),
    24: ("富民路", "Fumin Road"),
    28: ("中庄路", "Zhongzhuang Road"),
    31: ("曹家寨路", "Caojiazhai Road"),
    33: ("开元路", "Kaiyuan Road"),
}
# Lanes that are short: name, positions along the grid's axis that stays, from, to.
SHULIN_LANE: tuple[Name, float, float, float] = (("树林巷", "Shulin Lane"), 0.76, 2.5, 3.0)
TEMPLE_LANE: tuple[Name, float, float, float] = (("寺巷", "Temple Lane"), 2.25, 0.76, 1.48)


@dataclass(frozen=True)
class Street:
    """One line of the grid in kilometres of the frame, whole or clipped to the district."""

    line: BaseGeometry
    cls: StreetClass
    name: Name | None


@dataclass(frozen=True)
class Edge:
    """A piece of street (or of the district's border, class x) between two crossings, in kilometres."""

    line: LineString
    cls: Literal["a", "b", "c", "x"]
    name: Name | None


def warp(u: float, v: float) -> tuple[float, float]:
    """Place the grid's (u, v) in the frame: the valley's bend, its slope and some irregularity."""
    bend_x = 0.05 * math.sin(2.1 * u + 1.3 * v + 0.5) + 0.035 * math.sin(4.7 * u - 2.9 * v + 1.2)
    bend_y = 0.05 * math.sin(1.7 * u - 2.2 * v + 2.1) + 0.035 * math.sin(3.9 * v + 4.4 * u + 0.3)
    bend_x += 0.02 * math.sin(9 * u + 7 * v)
    bend_y += 0.02 * math.sin(8 * v - 9 * u)
    # Far from the centre the streets are fewer and less straight.
    more = 1 + 0.5 * max(0.0, abs(v) - 2.5)
    return u - 0.24 * v + bend_x * more, 2.5 + 0.32 * u + 0.02 * u * u + v * 0.97 + bend_y * more


def _down_positions() -> list[float]:
    positions, u = [], -3.0
    while u < 16:
        positions.append(u)
        u += 0.5 if u < 0 else 0.25 if u < 4.2 else 0.33 if u < 6.2 else 0.5 if u < 8.4 else 0.72
    return positions


def _streets_across() -> list[Street]:
    streets = []
    for row, v in enumerate(ACROSS):
        main = v in MAIN_ACROSS
        # East of the centre every second lane ends.
        end = 381 if main or not row % 2 else 229
        line = LineString([warp(-3 + k * 0.05, v) for k in range(end)])
        cls: StreetClass = "a" if main else "b" if v in NAMED_ACROSS or v == SHULIN_LANE[1] else "c"
        streets.append(Street(line, cls, MAIN_ACROSS.get(v) or NAMED_ACROSS.get(v)))
    return streets


def _streets_down() -> list[Street]:
    streets = []
    for column, u in enumerate(_down_positions()):
        main, named = column in MAIN_DOWN, column in NAMED_DOWN or u == TEMPLE_LANE[1]
        low, high = (-6.4, 13.0) if main else (-1.8 if column % 2 else -3.9, 3.5 if column % 3 else 7.6)
        line = LineString([warp(u, float(v)) for v in np.arange(low, high + 0.01, 0.05)])
        cls: StreetClass = "a" if main else "b" if named else "c"
        streets.append(Street(line, cls, MAIN_DOWN.get(column) or NAMED_DOWN.get(column)))
    return streets


def all_streets() -> list[Street]:
    """Return every line of the street grid, unclipped."""
    return _streets_across() + _streets_down()


def short_lanes() -> list[Street]:
    """Return the named parts of lanes of the grid that have no name as a whole."""
    name, v, start, end = SHULIN_LANE
    shulin = LineString([warp(u, v) for u in np.arange(start, end + 0.01, 0.05).tolist()])
    temple_name, u, start, end = TEMPLE_LANE
    temple = LineString([warp(u, v) for v in np.arange(start, end + 0.01, 0.05).tolist()])
    return [Street(shulin, "b", name), Street(temple, "b", temple_name)]


def river() -> LineString:
    """Return the schematic course of the Huangshui through the whole frame."""
    return LineString([warp(u, -0.03 + 0.05 * math.sin(u * 1.6)) for u in np.arange(-3, 16, 0.05).tolist()])


def railway() -> LineString:
    """Return the schematic railway, just south of the river."""
    return LineString([warp(u, 0.17 + 0.02 * math.sin(u * 1.1)) for u in np.arange(-3, 16, 0.05).tolist()])


def street_edges(streets: list[Street], district: Polygon, seed: int) -> list[Edge]:
    """Clip the grid to the district, split it at crossings and leave some lanes out.

    Lanes (class c) are left out at random, and nothing below class a bridges the river. The district's own
    border is returned as edges of class x, so that the edges can be polygonised.
    """
    inside = [Street(s.line.intersection(district), s.cls, s.name) for s in streets]
    inside = [s for s in inside if not s.line.is_empty]
    noded: BaseGeometry = shapely.union_all([s.line for s in inside] + [district.exterior])
    # A short lane lies on a line of the grid: it gives a name, it must not be noded with it.
    inside += short_lanes()
    tree, rng, water = STRtree([s.line for s in inside]), np.random.default_rng(seed), river()
    edges = []
    for piece in shapely.get_parts(noded):
        edge = _classified(piece, inside, tree, district)
        left_out = edge.cls == "c" and rng.random() < 0.17
        bridge = edge.cls in ("b", "c") and edge.line.crosses(water)
        if not left_out and not bridge:
            edges.append(edge)
    return edges


def _classified(piece: LineString, streets: list[Street], tree: STRtree, district: Polygon) -> Edge:
    middle: Point = piece.interpolate(0.5, normalized=True)
    near = [streets[i] for i in tree.query(middle, predicate="dwithin", distance=TOUCH_KM)]
    best = min(near, key=lambda s: (s.cls, s.name is None, s.line.distance(middle)), default=None)
    if best is not None and best.cls == "a":
        return Edge(piece, "a", best.name)
    if best is None or district.exterior.distance(middle) < TOUCH_KM:
        return Edge(piece, "x", None)
    return Edge(piece, best.cls, best.name)
