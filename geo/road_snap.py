"""Where points meet the street: the nearest place from which a mode gets anywhere."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import GEOD
from geo.road_graph import ModeGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Snapped:
    """The nearest usable place of points on streets: `segment` (-1 where none), `fraction` along it (0..1), its
    degrees, and `walk_m` in a straight line to it (inf where none).
    """

    segment: Ints
    fraction: Floats
    lon: Floats
    lat: Floats
    walk_m: Floats


def snap(graph: ModeGraph, lon: Floats, lat: Floats) -> Snapped:
    """The nearest place of each point (degrees, WGS 84) on a usable segment of the mode."""
    n = len(lon)
    segment, fraction = np.full(n, -1, dtype=np.int64), np.zeros(n)
    x, y, walk_m = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.inf)
    good = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if len(good) and len(graph.usable):
        points = np.atleast_1d(np.asarray(shapely.points(lon[good] * graph.scale, lat[good]), dtype=object))
        which, line = graph.tree.query_nearest(points, all_matches=False)
        lines = graph.lines[line]
        at = shapely.line_locate_point(lines, points[which], normalized=True)
        place = shapely.get_coordinates(shapely.line_interpolate_point(lines, at, normalized=True))
        hit = good[which]
        segment[hit], fraction[hit] = graph.usable[line], at
        x[hit], y[hit] = place[:, 0] / graph.scale, place[:, 1]
        walk_m[hit] = GEOD.inv(lon[hit], lat[hit], x[hit], y[hit])[2]
    return Snapped(segment, fraction, x, y, walk_m)
