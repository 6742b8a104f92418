"""Sizes of places in square metres and metres, under edges that are straight in longitude and latitude.

`geo.crs.area_m2` takes edges as geodesics. Between a geodesic of a kilometre and the straight edge that is stored and
drawn lie some square metres, more than a sliver has. Here an area in degrees is multiplied with the ellipsoid's
square metres per square degree at its middle latitude (radii of curvature M and N of WGS 84): within 1e-6 of its size
for an area of 0.3 degrees, and without any such difference for a thin one.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
_A, _E2 = 6_378_137.0, 0.006_694_379_990_141_317


def ground_m2(geometry: BaseGeometry) -> float:
    """The area of polygons (WGS 84) in square metres of the ellipsoid; 0 for anything else."""
    total = 0.0
    for part in shapely.get_parts(shapely.get_parts(geometry)):
        if part.area > 0:
            # Near the origin: far from it an area of square degrees keeps too few digits.
            local = shapely.transform(part, lambda xy: xy - xy[0])
            north, east = _per_degree(np.array([part.centroid.y]))
            total += float(local.area * north[0] * east[0])
    return total


def way_m(geometry: BaseGeometry) -> float:
    """The length of lines, or of polygons' borders, in metres."""
    lines = shapely.boundary(geometry) if geometry.geom_type.endswith("Polygon") else geometry
    coordinates, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    if len(coordinates) < 2:
        return 0.0
    step = np.diff(coordinates, axis=0)[line[1:] == line[:-1]]
    middle = ((coordinates[1:, 1] + coordinates[:-1, 1]) / 2)[line[1:] == line[:-1]]
    north, east = _per_degree(middle)
    return float(np.hypot(step[:, 0] * east, step[:, 1] * north).sum())


def _per_degree(lat: Floats) -> tuple[Floats, Floats]:
    """Metres in a degree of latitude and of longitude."""
    sine = np.sin(np.radians(lat))
    bend = 1 - _E2 * sine**2
    meridian, across = _A * (1 - _E2) / bend**1.5, _A / np.sqrt(bend)
    return np.radians(meridian), np.radians(across * np.cos(np.radians(lat)))
