"""What lies around a place, ready to be drawn small: areas of one level and the schematic map, cut to a box."""

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.coverage import Coverage
from casework.office import Office
from db.models import Backdrop
from db.session import Database

_METRES_PER_DEGREE: Final = 111_320.0
_PAD: Final = 0.06  # cut a little outside the picture, so that no cut edge shows
_ORDER: Final = ("hill", "green", "river", "rail", "street")


@dataclass(frozen=True, slots=True)
class Box:
    """A picture's edges in degrees (WGS 84)."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, lon: float, lat: float, half_width_m: float, half_height_m: float) -> "Box":
        """The box that reaches so many metres to each side of a point."""
        up = half_height_m / _METRES_PER_DEGREE
        across = half_width_m / (_METRES_PER_DEGREE * _shrink(lat))
        return cls(lon - across, lat - up, lon + across, lat + up)

    @classmethod
    def of(cls, shapes: Iterable[BaseGeometry], aspect: float, margin: float = 0.12) -> "Box":
        """The box of this aspect (width by height on the ground) that holds shapes (WGS 84) and a margin."""
        west, south, east, north = shapely.total_bounds(list(shapes)).tolist()
        lon, lat = (west + east) / 2, (south + north) / 2
        half_width_m = (east - west) / 2 * _METRES_PER_DEGREE * _shrink(lat) * (1 + margin)
        half_height_m = (north - south) / 2 * _METRES_PER_DEGREE * (1 + margin)
        half_height_m = max(half_height_m, half_width_m / aspect, 5.0)
        return cls.around(lon, lat, half_height_m * aspect, half_height_m)

    @property
    def width_m(self) -> float:
        """How wide the box is on the ground, in metres."""
        return (self.east - self.west) * _METRES_PER_DEGREE * _shrink((self.south + self.north) / 2)

    def padded(self) -> tuple[float, float, float, float]:
        """The box with a little more on each side, as (west, south, east, north)."""
        across, up = (self.east - self.west) * _PAD, (self.north - self.south) * _PAD
        return self.west - across, self.south - up, self.east + across, self.north + up


@dataclass(frozen=True, slots=True)
class Feature:
    """An area or a piece of the schematic map, cut to the box; ``kind`` is 'area' or the backdrop's kind."""

    kind: str
    cls: str
    zh: str
    en: str
    geometry: BaseGeometry
    area_id: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A box and what lies in it: areas first, then the schematic map from the ground up."""

    box: Box
    areas: list[Feature]
    backdrop: list[Feature]


class _Ground:
    """The schematic map of one database in memory, with a tree over it."""

    def __init__(self, version: object, rows: list[Feature]) -> None:
        self.version = version
        self.rows = rows
        self.tree = shapely.STRtree([row.geometry for row in rows])


_grounds: WeakKeyDictionary[Database, _Ground] = WeakKeyDictionary()
_lock = threading.Lock()


def surroundings(office: Office, session: Session, box: Box, level: Coverage | None) -> Surroundings:
    """What lies in a box: the areas of ``level`` and the schematic map."""
    frame = box.padded()
    around = shapely.box(*frame)
    areas = []
    for area in level.areas if level else ():
        if area.geometry.intersects(around):
            cut = shapely.clip_by_rect(area.geometry, *frame)
            if not cut.is_empty:
                areas.append(Feature("area", "", area.name_zh, area.name_en, cut, area.id, area.code))
    ground = _ground(office.database, session)
    near = [ground.rows[i] for i in sorted(ground.tree.query(around).tolist())]
    backdrop = [
        Feature(row.kind, row.cls, row.zh, row.en, cut)
        for row in sorted(near, key=lambda row: _ORDER.index(row.kind))
        if not (cut := shapely.clip_by_rect(row.geometry, *frame)).is_empty
    ]
    return Surroundings(box, areas, backdrop)


def _ground(database: Database, session: Session) -> _Ground:
    version = tuple(session.execute(select(func.count(), func.max(Backdrop.id))).one())
    with _lock:
        kept = _grounds.get(database)
        if kept is None or kept.version != version:
            rows = session.scalars(
                select(Backdrop).where(Backdrop.kind.in_(_ORDER)).order_by(Backdrop.id)
            ).all()
            kept = _Ground(
                version, [Feature(one.kind, one.cls, one.name_zh, one.name_en, one.geometry) for one in rows]
            )
            _grounds[database] = kept
        return kept


def _shrink(lat: float) -> float:
    return max(math.cos(math.radians(lat)), 0.01)
