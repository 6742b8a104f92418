"""Drawings (DXF): closed lines and hatches are areas, the texts in them their names; each drawing layer is a layer."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely
from shapely.geometry.base import BaseGeometry

from geo.problems import UnreadableFile, mark, problem, shown
from geo.raw_layer import RawLayer
from geo.text_encoding import fits, guess_note, guessed, known, samples
from geo.writers_dxf import HOLES

# GDAL would take a drawing's texts for Windows-1252: it hands the bytes through, and we decode them.
pyogrio.set_gdal_config_options({"DXF_ENCODING": "ISO-8859-1"})

_BINARY = b"AutoCAD Binary DXF"
# A line whose ends are this share of its length apart was meant to be closed.
_NEARLY_CLOSED = 1e-3
_UNITS = re.compile(r"(?:\\U\+[0-9A-Fa-f]{4})+")
_GBK = re.compile(r"\\M\+5([0-9A-Fa-f]{4})")
_AREAL = ("Polygon", "MultiPolygon")


def read_dxf(path: Path, layer: str | None = None, encoding: str | None = None) -> RawLayer:
    """The areas of one drawing layer as a raw layer: `layer`, `code`, `name` and all `texts` of each.

    Open lines on that layer are refused one by one. Raises `UnreadableFile`, also to ask for the layer.
    """
    _check_content(path)
    layers, shapes, texts = _entities(path)
    lines = [text.encode("latin-1", errors="replace") for text in (*texts, *layers)]
    plain = all(line.isascii() for line in lines)
    used = known(encoding) if encoding else "utf-8" if plain else guessed(b"\n".join(lines))
    if encoding and not all(fits(line, used) for line in lines):
        raise UnreadableFile("bad_encoding", encoding=shown(encoding))
    texts, layers = ([_plain(_decoded(text, used)) for text in some] for some in (texts, layers))
    closed = [_closed(shape) for shape in shapes]
    chosen = _chosen([one for one, area in zip(layers, closed, strict=True) if area is not None], layer)
    raw = RawLayer(layer=chosen, encoding=used)
    if not encoding and not plain and used != "utf-8":
        raw.problems.append(guess_note(used, lines))
        raw.samples = samples(lines)
    labels = [(shape, text) for shape, text in zip(shapes, texts, strict=True) if text and shape is not None]
    picked = [i for i, name in enumerate(layers) if name == chosen and not texts[i] and shapes[i] is not None]
    cut = [closed[i] for i, name in enumerate(layers) if name == chosen + HOLES and closed[i] is not None]
    areas = [_without(closed[i], cut) for i in picked]
    numbers: dict[tuple[str, str], int] = {}
    for area, shape, said in zip(areas, [shapes[i] for i in picked], _texts_in(areas, labels), strict=True):
        named = (_code(said), _name(said))
        if area is not None and named in numbers and named[0] and named[0] != named[1]:
            at = numbers[named] - 1  # a part of an area that is in several pieces
            raw.geometries[at] = shapely.union_all([raw.geometries[at], area])
            continue
        values = {"layer": chosen, "code": named[0], "name": named[1], "texts": " | ".join(said)}
        number = numbers[named] = raw.add(area, values)
        if area is None:
            raw.refuse(number, "open_line", "geometry", type=shape.geom_type if shape is not None else "-")
        elif shape is not None and shape.geom_type == "LineString" and not shape.is_closed:
            raw.problems.append(problem("ring_closed", number, "geometry"))
    return raw


def _check_content(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4000)
    if head.startswith(_BINARY):
        raise UnreadableFile("binary_dxf")
    lines = [line.strip() for line in head.splitlines()[:60]]
    if b"SECTION" not in lines:
        raise UnreadableFile("wrong_content", ending=".dxf", found="not a drawing")


def _entities(path: Path) -> tuple[list[str], list[BaseGeometry | None], list[str]]:
    """(layers, geometries, texts) of all entities of the drawing's model space; blocks are taken apart."""
    try:
        meta, _, wkb, columns = pyogrio.raw.read(path)
    except (RuntimeError, ValueError, OSError) as error:  # what pyogrio raises descends from these
        raise UnreadableFile("unreadable", detail=shown(error, 200)) from error
    by_name: dict[str, Any] = dict(zip([str(name) for name in meta["fields"]], columns, strict=True))
    count = len(wkb) if wkb is not None else 0
    layers = _strings(by_name.get("Layer"), count)
    texts = _strings(by_name.get("Text"), count)
    paper = by_name.get("PaperSpace", np.zeros(count))
    keep = [i for i in range(count) if paper[i] != 1]
    shapes = [None if wkb[i] is None else shapely.force_2d(shapely.from_wkb(wkb[i])) for i in keep]
    return [layers[i] for i in keep], shapes, [texts[i] for i in keep]


def _strings(values: Any, count: int) -> list[str]:
    return [
        "" if value is None else str(value).strip()
        for value in (values if values is not None else [None] * count)
    ]


def _decoded(text: str, encoding: str) -> str:
    """A text that GDAL handed through byte by byte; one of its own escapes became a letter already."""
    try:
        return text.encode("latin-1").decode(encoding, errors="replace")
    except UnicodeEncodeError:
        return text


def _plain(text: str) -> str:
    r"""A drawing's text without its escapes: \U+XXXX is a UTF-16 unit, \M+5XXXX a character in GBK."""
    text = _GBK.sub(lambda found: bytes.fromhex(found[1]).decode("gb18030", errors="replace"), text)
    text = _UNITS.sub(
        lambda found: bytes.fromhex(found[0].replace("\\U+", "")).decode("utf-16-be", errors="replace"), text
    )
    return text.strip()


def _closed(shape: BaseGeometry | None) -> BaseGeometry | None:
    """The area that a shape encloses, or None."""
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type in _AREAL:
        return shape
    if shape.geom_type != "LineString" or len(shape.coords) < 3:
        return None
    first, last = shapely.Point(shape.coords[0]), shapely.Point(shape.coords[-1])
    if first.distance(last) > _NEARLY_CLOSED * shape.length or len(set(shape.coords)) < 3:
        return None
    return shapely.Polygon(shape.coords)


def _chosen(layers: list[str], layer: str | None) -> str:
    names = sorted({name for name in layers if not name.endswith(HOLES)})
    if not names:
        raise UnreadableFile("nothing", detail=mark("The drawing holds no closed line."))
    if layer is not None and layer not in names:
        raise UnreadableFile("no_such_layer", names, layer=shown(layer), layers=", ".join(names))
    if layer is None and len(names) > 1:
        raise UnreadableFile("which_layer", names, layers=", ".join(names))
    return layer or names[0]


def _without(area: BaseGeometry | None, holes: list[BaseGeometry | None]) -> BaseGeometry | None:
    """An area without the rings that are cut out of it."""
    inside = [hole for hole in holes if area is not None and hole is not None and area.contains(hole)]
    return shapely.difference(area, shapely.union_all(inside)) if inside else area


def _texts_in(areas: list[BaseGeometry | None], labels: list[tuple[BaseGeometry, str]]) -> list[list[str]]:
    """For each area the texts that stand in it; one in several areas belongs to the smallest."""
    found: list[list[str]] = [[] for _ in areas]
    tree = shapely.STRtree(
        [area if area is not None and area.is_valid else shapely.Polygon() for area in areas]
    )
    for place, text in labels:
        holding = tree.query(shapely.centroid(place), predicate="within").tolist()
        if holding:
            smallest = min(holding, key=lambda i: areas[i].area)  # type: ignore[union-attr]
            found[smallest].append(text)
    return found


def _code(texts: list[str]) -> str:
    """The text that looks like a code: plain letters with a digit, or one plain word beside a name."""
    plain = [text for text in texts if text.isascii() and " " not in text]
    numbered = [text for text in plain if any(letter.isdigit() for letter in text)]
    return next(iter(numbered or (plain if len(texts) > 1 else [])), "")


def _name(texts: list[str]) -> str:
    code = _code(texts)
    return next((text for text in texts if text != code), code)
