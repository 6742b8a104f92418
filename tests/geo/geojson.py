"""GeoJSON objects in a word."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Save = Callable[[str, Any], Path]
"""The fixture `save`: writes a text, bytes or JSON under a name and gives its path."""


def feature(geometry: Json | None, **properties: Any) -> Json:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features: Any, **more: Any) -> Json:
    return {"type": "FeatureCollection", "features": list(features), **more}


def square(x: float = 101.8, y: float = 36.6, size: float = 0.01) -> Json:
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def point(x: float, y: float) -> Json:
    return {"type": "Point", "coordinates": [x, y]}
