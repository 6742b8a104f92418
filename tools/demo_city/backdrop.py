"""What the schematic map shows besides areas: streets, river, railway, parks, hills, places, neighbouring districts."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon, mapping
from shapely.geometry.base import BaseGeometry

from tools.demo_city.frame import Frame
from tools.demo_city.patches import density
from tools.demo_city.streets import Edge, Name, railway, river

Feature = dict[str, Any]

PLACES: tuple[tuple[Name, tuple[float, float]], ...] = (
    (("西宁站", "Xining Station"), (101.8124, 36.6203)),
    (("东关清真大寺", "Dongguan Mosque"), (101.7953, 36.6154)),
)
# Districts that have no border here are only named, at the place (lon, lat) where their ground begins.
NAMED_NEIGHBOURS: tuple[tuple[Name, tuple[float, float]], ...] = (
    (("互助县", "Huzhu"), (101.87, 36.648)),
    (("平安区", "Ping'an"), (101.925, 36.58)),
)
NEIGHBOUR_LABELS = {
    "630103": (101.768, 36.592),
    "630105": (101.776, 36.648),
    "630106": (101.845, 36.515),
}


@dataclass(frozen=True)
class Ground:
    """The drawn ground in kilometres of the frame."""

    district: Polygon
    edges: list[Edge]
    blocks: list[Polygon]


def backdrop(
    ground: Ground, frame: Frame, neighbours: list[tuple[str, Name, Polygon]], seed: int
) -> list[Feature]:
    """Return the backdrop as GeoJSON features with `kind`, `cls`, `name_zh`, `name_en`; lines in drawing order."""
    features = _streets(ground, frame)
    around = ground.district.buffer(3)
    for kind, line, name in (
        ("river", river(), ("湟水河", "Huangshui River")),
        ("rail", railway(), ("兰青铁路", "Lanzhou–Qinghai Railway")),
    ):
        features += [
            _feature(kind, frame.degrees(part.simplify(0.002), 6), name)
            for part in _lines(line.intersection(around))
        ]
    features += [_feature("green", frame.degrees(g, 6), None) for g in _greens(ground, seed)]
    features += [_feature("hill", frame.degrees(g, 6), None) for g in _hills(ground)]
    features += [_feature("place", Point(at), name) for name, at in PLACES]
    features += [f for code, name, polygon in neighbours for f in _neighbour(code, name, polygon)]
    features += [_feature("neighbour", Point(at), name) for name, at in NAMED_NEIGHBOURS]
    return features


def _feature(kind: str, geometry: BaseGeometry, name: Name | None, cls: str | None = None) -> Feature:
    zh, en = name or (None, None)
    properties = {"kind": kind, "cls": cls, "name_zh": zh, "name_en": en}
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": json.loads(json.dumps(mapping(geometry))),
    }


def _neighbour(code: str, name: Name, polygon: Polygon) -> list[Feature]:
    """The district's ground, and its name apart: it should be read beside Chengdong, not in the district's middle."""
    ground = _feature("neighbour", polygon, None)
    ground["properties"]["code"] = code
    middle = polygon.representative_point()
    at = NEIGHBOUR_LABELS.get(code) or (round(middle.x, 5), round(middle.y, 5))
    return [ground, _feature("neighbour", Point(at), name)]


def _lines(geometry: BaseGeometry) -> list[LineString]:
    return [g for g in shapely.get_parts(geometry) if isinstance(g, LineString) and g.length > 0.02]


def _streets(ground: Ground, frame: Frame) -> list[Feature]:
    features = []
    for cls in ("c", "b", "a"):
        of_class = [e for e in ground.edges if e.cls == cls]
        for name in (None, *sorted({e.name for e in of_class if e.name})):
            merged = shapely.line_merge(MultiLineString([e.line for e in of_class if e.name == name]))
            for line in sorted(_lines(merged), key=lambda g: (-g.length, g.coords[0])):
                features.append(_feature("street", frame.degrees(line.simplify(0.002), 6), name, cls))
    return features


def _greens(ground: Ground, seed: int) -> list[Polygon]:
    """A few small blocks as parks, kept away from the street that the demo's story happens in."""
    rng, found = np.random.default_rng(seed), []
    for block in sorted(ground.blocks, key=lambda b: b.bounds):
        middle = block.representative_point()
        if block.area < 0.09 and rng.random() < 0.09 and middle.distance(Point(2.3, 4.1)) > 0.35:
            found += [g for g in shapely.get_parts(block.buffer(-0.012).buffer(0.006)) if not g.is_empty]
    return [g.simplify(0.001) for g in found]


def _hills(ground: Ground) -> list[Polygon]:
    wild = [
        b
        for b in ground.blocks
        if b.area > 0.5 and b.centroid.y > 8.5 and density(b.centroid.x, b.centroid.y) < 0.5
    ]
    joined = shapely.union_all(wild).buffer(-0.12).buffer(0.1).simplify(0.02)
    return [g for g in shapely.get_parts(joined) if not g.is_empty]
