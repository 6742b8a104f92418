"""A street network from lines alone: where they cross there is a junction. For schematic maps and surveys."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.road_osm import Streets
from geo.road_tags import MODES, Tags, speeds_kmh

_GRID = 1e-7


def streets_of_lines(lines: Sequence[BaseGeometry], tags: Sequence[Tags]) -> Streets:
    """Streets (degrees, WGS 84) with OpenStreetMap's tags for each line: `highway` at least, `name` perhaps.

    Lines are cut where they cross or touch, on a grid of 1e-7 degrees.
    """
    network = shapely.union_all(
        shapely.set_precision(np.asarray(lines, dtype=object), _GRID), grid_size=_GRID
    )
    crossings = _crossings(shapely.get_parts(network))
    streets = Streets()
    numbers: dict[tuple[float, float], int] = {}
    for way, (line, said) in enumerate(zip(lines, tags, strict=True), 1):
        speeds = {mode: speeds_kmh(said, mode) for mode in MODES}
        # A line may leave and come back to itself: snapped apart, each part is a way of its own.
        for part in shapely.get_parts(_with_crossings(shapely.set_precision(line, _GRID), crossings)):
            _take(streets, way, shapely.get_coordinates(part), said, speeds, numbers)
    return streets


def _crossings(pieces: NDArray[np.object_]) -> BaseGeometry:
    ends = np.concatenate([shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)])
    places = np.unique(shapely.get_coordinates(ends), axis=0)
    return shapely.MultiPoint(places)


def _with_crossings(line: BaseGeometry, crossings: BaseGeometry) -> BaseGeometry:
    """The line with a vertex at each crossing on it."""
    return shapely.snap(shapely.segmentize(line, 1.0), crossings, 2 * _GRID)


def _take(
    streets: Streets,
    way: int,
    places: NDArray[np.float64],
    tags: Tags,
    speeds: dict[str, tuple[float, float]],
    numbers: dict[tuple[float, float], int],
) -> None:
    if len(places) < 2:
        return
    streets.way.append(way)
    streets.length.append(len(places))
    streets.name.append(streets.names.setdefault(tags.get("name", ""), len(streets.names)))
    for x, y in np.round(places, 7).tolist():
        streets.refs.append(numbers.setdefault((x, y), len(numbers) + 1))
        streets.lon.append(x)
        streets.lat.append(y)
    for mode, (along, against) in speeds.items():
        streets.speed[mode][0].append(along)
        streets.speed[mode][1].append(against)
