"""Drawings out (DXF R12, which every CAD program reads): areas as closed lines on a layer, their texts in them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

HOLES = "-holes"
"""Rings that are cut out of an area stand on the layer of its name with this ending."""
_TEXT_SHARE = 0.04  # height of the texts by the width of a middling area
_LAYER_LENGTH = 31


def write_dxf(path: Path, data: gpd.GeoDataFrame) -> None:
    """Write areas by their columns `level` (the drawing's layer), `code` and `name_zh`."""
    boxes = data.geometry.bounds
    height = max(float((boxes.maxx - boxes.minx).median() or 1.0), 1e-6) * _TEXT_SHARE
    names = [str(name) for name in data.columns]
    with path.open("w", encoding="ascii", newline="\r\n") as file:
        for code, value in _document(data, names, height):
            file.write(f"{code}\n{value}\n")


def _document(data: gpd.GeoDataFrame, names: list[str], height: float) -> Iterator[tuple[int, Any]]:
    yield from ((0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1009"), (0, "ENDSEC"))
    yield from ((0, "SECTION"), (2, "ENTITIES"))
    for row in data.itertuples(index=False, name=None):
        values = dict(zip(names, row, strict=True))
        layer = _escaped(str(values.get("level") or "areas"))[:_LAYER_LENGTH]
        texts = [str(values.get("code") or ""), str(values.get("name_zh") or values.get("name") or "")]
        yield from _area(
            values[str(data.active_geometry_name)], layer, [text for text in texts if text], height
        )
    yield from ((0, "ENDSEC"), (0, "EOF"))


def _area(
    shape: BaseGeometry | None, layer: str, texts: list[str], height: float
) -> Iterator[tuple[int, Any]]:
    for part in shapely.get_parts(shape) if shape is not None else ():
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        yield from _ring(part.exterior, layer)
        for hole in part.interiors:
            yield from _ring(hole, layer + HOLES)
        circle = shapely.maximum_inscribed_circle(part, tolerance=part.length / 400)
        (x, y), tall = circle.coords[0], min(height, circle.length / 2)  # both texts begin within the area
        for i, text in enumerate(texts):
            yield from ((0, "TEXT"), (8, layer), (10, x), (20, y - i * tall * 1.5), (40, tall))
            yield (1, _escaped(text))


def _ring(ring: BaseGeometry, layer: str) -> Iterator[tuple[int, Any]]:
    yield from ((0, "POLYLINE"), (8, layer), (66, 1), (70, 1))
    for x, y in shapely.get_coordinates(ring)[:-1].tolist():
        yield from ((0, "VERTEX"), (8, layer), (10, repr(x)), (20, repr(y)))
    yield from ((0, "SEQEND"), (8, layer))


def _escaped(text: str) -> str:
    r"""A text in plain ASCII: other characters as \U+XXXX, line ends and control characters as spaces."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    units = plain.encode("utf-16-be")
    letters = [units[i : i + 2] for i in range(0, len(units), 2)]
    return "".join(
        chr(unit[1]) if unit[0] == 0 and unit[1] < 0x80 else f"\\U+{unit.hex().upper()}" for unit in letters
    )
