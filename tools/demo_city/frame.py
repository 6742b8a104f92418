"""A local frame in kilometres for drawing the demo city: x to the east, y to the south."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

GRID_DEG = 1e-7
"""The grid that every stored vertex stands on, in degrees."""

Floats = NDArray[np.float64]
G = TypeVar("G", bound=BaseGeometry)


def one_polygon(geometry: object) -> Polygon:
    """Return the geometry when it is a single Polygon; raise ValueError for anything else (pieces, nothing)."""
    if not isinstance(geometry, Polygon) or geometry.is_empty:
        raise ValueError(f"one polygon was expected, not {getattr(geometry, 'geom_type', geometry)}")
    return geometry


class Frame:
    """Converts between WGS 84 degrees and the district's own kilometres (UTM 47N, EPSG:32647, y downwards)."""

    def __init__(self, district: Polygon) -> None:
        self._to_metric = pyproj.Transformer.from_crs(4326, 32647, always_xy=True)
        self._to_degrees = pyproj.Transformer.from_crs(32647, 4326, always_xy=True)
        metric = shapely.transform(
            district, lambda a: np.column_stack(self._to_metric.transform(a[:, 0], a[:, 1]))
        )
        self._west, _, _, self._north = metric.bounds

    def local(self, geometry: G) -> G:
        """Return a lon/lat geometry in kilometres of this frame."""
        return self._through(geometry, self._degrees_to_km)

    def degrees(self, geometry: G, decimals: int = 7) -> G:
        """Return a geometry of this frame in lon/lat, rounded to `decimals` (7 = the stored grid)."""
        return self._through(geometry, lambda a: np.round(self._km_to_degrees(a), decimals))

    def _through(self, geometry: G, change: Callable[[Floats], Floats]) -> G:
        return shapely.transform(geometry, change)

    def _degrees_to_km(self, a: Floats) -> Floats:
        x, y = self._to_metric.transform(a[:, 0], a[:, 1])
        return np.column_stack(((x - self._west) / 1000, (self._north - y) / 1000))

    def _km_to_degrees(self, a: Floats) -> Floats:
        lon, lat = self._to_degrees.transform(self._west + a[:, 0] * 1000, self._north - a[:, 1] * 1000)
        return np.column_stack((lon, lat))
