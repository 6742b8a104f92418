"""Places along the demo's schematic streets: where findings lie, and how an inspector would name the place."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, shape
from shapely.geometry.base import BaseGeometry

from casework.demo_seeds import Seeds
from geo.assignment import AreaIndex

STEP_M = 12.0
# Where more is found than elsewhere: lon, lat, reach in metres, how many times more.
HOT_SPOTS = (
    (101.8030, 36.6120, 1900.0, 6.0),  # the old town
    (101.7965, 36.6150, 260.0, 6.0),  # by the mosque
    (101.8124, 36.6195, 260.0, 8.0),  # before the station
    (101.8065, 36.6085, 220.0, 7.0),  # a market
    (101.8180, 36.6070, 220.0, 7.0),  # a hospital
    (101.8320, 36.5985, 300.0, 6.0),  # a college
    (101.8610, 36.5900, 350.0, 5.0),  # a town's centre
)
METRES_PER_DEG_LAT = 111_200.0
METRES_PER_DEG_LON = METRES_PER_DEG_LAT * math.cos(math.radians(36.6))
BESIDE_M = 70.0
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place: WGS 84 on the 1e-7 degree grid, and its name in Chinese."""

    lon: float
    lat: float
    place: str


@dataclass(frozen=True)
class Streets:
    """Points every `STEP_M` metres along all streets, with direction, patch, name and house number.

    `x`, `y` are degrees; `dx`, `dy` a unit vector along the street in metres; `patch` positions in `codes` (-1:
    none); `name` positions in `names` of the street itself or else of the nearest named one; `number` the house
    number there; `beside` says that the point is not on the named street; `weight` sums to 1.
    """

    x: Floats
    y: Floats
    dx: Floats
    dy: Floats
    patch: NDArray[np.int32]
    codes: list[str]
    name: Ints
    names: list[str]
    number: Ints
    beside: NDArray[np.bool_]
    weight: Floats

    def spot(self, i: int, along_m: float, aside_m: float) -> Spot:
        """Return the place `along_m` metres on from point `i` and `aside_m` metres to its right."""
        lon, lat = offset(
            float(self.x[i]), float(self.y[i]), float(self.dx[i]), float(self.dy[i]), along_m, aside_m
        )
        return Spot(lon, lat, self.place(i, left=aside_m < 0))

    def place(self, i: int, *, left: bool) -> str:
        """Return how the place beside point `i` is called: odd house numbers stand on the left."""
        number = int(self.number[i]) * 2 + (1 if left else 2)
        return f"{self.names[self.name[i]]} {number} 号{'附近' if self.beside[i] else ''}"


def offset(x: float, y: float, dx: float, dy: float, along_m: float, aside_m: float) -> tuple[float, float]:
    """Return lon, lat moved along and to the right of a direction (unit vector in metres), on the stored grid."""
    east, north = dx * along_m + dy * aside_m, dy * along_m - dx * aside_m
    return round(x + east / METRES_PER_DEG_LON, 7), round(y + north / METRES_PER_DEG_LAT, 7)


def load_streets(features: list[dict[str, Any]], seeds: Seeds) -> Streets:
    """Sample the streets of the backdrop; where patches are small, so downtown, more is found."""
    lines = [
        (shape(f["geometry"]), f["properties"]["name_zh"])
        for f in features
        if f["properties"]["kind"] == "street"
    ]
    codes = sorted(seeds.patches)
    columns, number = _sampled([line for line, _ in lines])
    x, y, dx, dy, of_line = columns
    names = sorted({name for _, name in lines if name})
    own = np.array([names.index(name) if name else -1 for _, name in lines], dtype=np.int64)[
        of_line.astype(np.int64)
    ]
    patch = AreaIndex.build([seeds.patches[c] for c in codes]).locate(x, y)
    name, number, beside = _named(x, y, own, number)
    areas = np.array([seeds.patches[c].area for c in codes])
    weight = np.where(patch >= 0, areas[np.maximum(patch, 0)] ** -0.8, 0.0)
    weight *= np.where(own >= 0, 1.4, 1.0) * _busy(x, y)
    return Streets(x, y, dx, dy, patch, codes, name, names, number, beside, weight / weight.sum())


def _busy(x: Floats, y: Floats) -> Floats:
    """Return how many times more is found at each point than far outside."""
    busy = np.ones(len(x))
    for lon, lat, reach_m, more in HOT_SPOTS:
        gap = np.hypot((x - lon) * METRES_PER_DEG_LON, (y - lat) * METRES_PER_DEG_LAT)
        busy += more * np.exp(-((gap / reach_m) ** 2) / 2)
    return busy


def _sampled(lines: list[BaseGeometry]) -> tuple[Floats, Ints]:
    """Return columns x, y, dx, dy, line of the points along all lines, and their place along the line in houses."""
    rows: list[tuple[float, ...]] = []
    houses: list[int] = []
    for position, line in enumerate(lines):
        coords = shapely.get_coordinates(line)
        legs = np.hypot(
            np.diff(coords[:, 0]) * METRES_PER_DEG_LON, np.diff(coords[:, 1]) * METRES_PER_DEG_LAT
        )
        start = 0.0
        for (ax, ay), (bx, by), leg in zip(
            coords[:-1].tolist(), coords[1:].tolist(), legs.tolist(), strict=True
        ):
            unit = ((bx - ax) * METRES_PER_DEG_LON / leg, (by - ay) * METRES_PER_DEG_LAT / leg)
            for at in np.arange(STEP_M / 2, leg, STEP_M).tolist():
                t = at / leg
                rows.append((ax + (bx - ax) * t, ay + (by - ay) * t, *unit, position))
                houses.append(int((start + at) / 16))
            start += leg
    return np.array(rows, dtype=np.float64).T, np.array(houses, dtype=np.int64)


def _named(x: Floats, y: Floats, own: Ints, number: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Name every point after its own street or the nearest named one, with that one's house number."""
    named = np.flatnonzero(own >= 0)
    plane = np.asarray(shapely.points(np.column_stack((x * METRES_PER_DEG_LON, y * METRES_PER_DEG_LAT))))
    nearest = named[shapely.STRtree(plane[named]).nearest(plane)]
    at = np.where(own >= 0, np.arange(len(own)), nearest)
    return own[at], number[at], own < 0


def on_street(streets: Streets, where: dict[str, Any]) -> Spot:
    """Find the place that a story case names: see `data/demo/README.md`, "cases.json"."""
    if "lon" in where:
        return Spot(where["lon"], where["lat"], "")
    wanted = np.ones(len(streets.x), dtype=bool)
    if where["street"]:
        wanted &= (streets.name == streets.names.index(where["street"])) & ~streets.beside
    if "number" in where:
        # Odd numbers stand on the left, even ones on the right.
        house, aside_m = (where["number"] - 1) // 2, where["offset_m"] * (-1 if where["number"] % 2 else 1)
        return streets.spot(int(np.flatnonzero(wanted & (streets.number == house))[0]), 0.0, aside_m)
    found = np.flatnonzero(wanted)
    lon, lat = where["near"]
    gap = np.hypot(
        (streets.x[found] - lon) * METRES_PER_DEG_LON, (streets.y[found] - lat) * METRES_PER_DEG_LAT
    )
    return streets.spot(int(found[int(gap.argmin())]), 0.0, where["offset_m"])


def border_spots(seeds: Seeds, streets: Streets, near_m: float) -> list[Spot]:
    """Places for triage: on a shared border, near one, and just outside the district, a few of each."""
    index = AreaIndex.build([seeds.patches[c] for c in streets.codes])
    spots: list[Spot] = []
    for one, other in (
        ("630102003009", "630102004002"),
        ("630102001001", "630102003010"),
        ("630102006007", "630102003011"),
    ):
        border = _shared(seeds.patches[one], seeds.patches[other])
        if border is None:
            continue
        corner = shapely.get_coordinates(border)[len(border.coords) // 2]
        spots.append(_plain(float(corner[0]), float(corner[1]), streets))
        spots += _just_aside(border, near_m * 0.6, streets)
    whole = shapely.coverage_union_all(list(seeds.patches.values()))
    rim = shapely.get_coordinates(whole.boundary)
    west = rim[np.argsort(rim[:, 0] + np.abs(rim[:, 1] - 36.612) * 2)[:3]]
    for lon, lat in west.tolist():
        spot = _plain(round(lon - 22 / METRES_PER_DEG_LON, 7), round(lat, 7), streets)
        if index.locate_one(spot.lon, spot.lat) < 0:
            spots.append(spot)
    return spots


def _shared(one: BaseGeometry, other: BaseGeometry) -> LineString | None:
    parts = shapely.get_parts(shapely.line_merge(shapely.intersection(one.boundary, other.boundary)))
    lines = [p for p in parts if isinstance(p, LineString) and len(p.coords) > 2]
    return max(lines, key=lambda g: g.length, default=None)


def _just_aside(border: LineString, aside_m: float, streets: Streets) -> list[Spot]:
    (ax, ay), (bx, by) = shapely.get_coordinates(border)[:2].tolist()
    leg = math.hypot((bx - ax) * METRES_PER_DEG_LON, (by - ay) * METRES_PER_DEG_LAT)
    unit = ((bx - ax) * METRES_PER_DEG_LON / leg, (by - ay) * METRES_PER_DEG_LAT / leg)
    lon, lat = offset((ax + bx) / 2, (ay + by) / 2, *unit, 0.0, aside_m)
    return [_plain(lon, lat, streets)]


def _plain(lon: float, lat: float, streets: Streets) -> Spot:
    gap = np.hypot((streets.x - lon) * METRES_PER_DEG_LON, (streets.y - lat) * METRES_PER_DEG_LAT)
    i = int(gap.argmin())
    aside = "路口" if gap[i] < BESIDE_M else "附近"
    return Spot(lon, lat, f"{streets.names[streets.name[i]]} {int(streets.number[i]) * 2 + 2} 号{aside}")
