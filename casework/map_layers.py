"""What lies under the findings: areas with their leaders, the schematic backdrop, and what can be chosen."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import policy
from casework.coverage import Coverage, CoveredArea, coverages
from casework.map_names import Names, Pair, leaders, read_names
from casework.office import Office, the_city
from casework.policy import Act, Actor
from db.models import Backdrop
from db.session import Database
from geo.crs import area_m2

SIMPLIFY_DEGREES: Final = 2e-5  # about 2 m
DECIMALS: Final = 6
_LIST_OF: Final = {
    "street": "streets", "river": "rivers", "rail": "rails", "green": "greens", "hill": "hills", "place": "places",
    "neighbour": "neighbours",
}  # fmt: skip
_drawn: WeakKeyDictionary[Database, dict[object, list[dict[str, Any]]]] = WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Layer:
    """An answer that seldom changes: ``version`` names it, ``make`` builds it when nobody has it yet."""

    version: str
    make: Callable[[], dict[str, Any]]


@contextmanager
def areas(office: Office, actor: Actor) -> Iterator[Layer]:
    """``/map/areas.json``: all levels, each simplified as a whole, so that neighbours still fit."""
    with _map_session(office, actor) as (session, persons):
        levels = coverages(session)
        led = leaders(session, None, office.now()) if persons else {}
        known = [(one.level_id, one.version, one.name_zh, one.name_en, one.position) for one in levels]
        version = _digest(known, sorted(led.items()))
        yield Layer(version, lambda: _areas(office.database, levels, led, version))


@contextmanager
def backdrop(office: Office, actor: Actor) -> Iterator[Layer]:
    """``/map/backdrop.json``: the schematic map. It is replaced as a whole, never edited."""
    with _map_session(office, actor) as (session, _):
        count, last = session.execute(select(func.count(), func.max(Backdrop.id))).one()
        extent = the_city(session).extent
        yield Layer(_digest(count, last, extent.wkb), lambda: _backdrop(session, extent))


@contextmanager
def options(office: Office, actor: Actor) -> Iterator[Layer]:
    """``/map/options.json``: categories and bureaus to choose from."""
    with _map_session(office, actor) as (session, _):
        made = _options(read_names(session))
        yield Layer(_digest(made), lambda: made)


@contextmanager
def _map_session(office: Office, actor: Actor) -> Iterator[tuple[Session, bool]]:
    """A reading session for who may see the map, and whether leaders are shown to them."""
    with office.database.read() as session:
        city = the_city(session)
        public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
        policy.require(actor, Act.VIEW_MAP, public_map=public)
        yield session, policy.shows_persons(actor, is_demo=city.is_demo)


def _digest(*facts: object) -> str:
    return sha256(repr(facts).encode()).hexdigest()[:20]


def _areas(database: Database, levels: list[Coverage], led: dict[int, Pair], version: str) -> dict[str, Any]:
    code_of = {area.id: area.code for level in levels for area in level.areas}
    return {
        "version": version,
        "levels": [
            {
                "code": level.level_code,
                "zh": level.name_zh,
                "en": level.name_en,
                "position": level.position,
                "count": len(level.areas),
            }
            for level in levels
        ],
        "patch_level": levels[-1].level_code if levels else None,
        "areas": [described(one, code_of, led) for level in levels for one in _level(database, level)],
    }


def _backdrop(session: Session, extent: BaseGeometry) -> dict[str, Any]:
    made: dict[str, Any] = {name: [] for name in _LIST_OF.values()}
    for row in session.scalars(select(Backdrop).order_by(Backdrop.id)):
        if row.kind in _LIST_OF:
            made[_LIST_OF[row.kind]].append(_backdrop_item(row))
    made["outline"] = polygons(shapely.simplify(extent, SIMPLIFY_DEGREES, preserve_topology=True))
    return made


def _options(names: Names) -> dict[str, Any]:
    return {
        "categories": [
            {**one.coded, "parent": names.categories[one.parent_id].code if one.parent_id else None}
            for one in names.categories.values()
        ],
        "bureaus": [
            {**one.coded, "short_zh": one.short[0], "short_en": one.short[1]}
            for one in names.bureaus.values()
        ],
    }


def _level(database: Database, level: Coverage) -> list[dict[str, Any]]:
    """A level's areas ready to draw, kept until the level is published again."""
    key = (level.level_id, level.version)
    with _lock:
        kept = _drawn.setdefault(database, {})
        if key not in kept:
            for old in [one for one in kept if isinstance(one, tuple) and one[0] == level.level_id]:
                del kept[old]
            kept[key] = drawn(level.level_code, level.areas)
        return kept[key]


def drawn(level_code: str, areas: Sequence[CoveredArea]) -> list[dict[str, Any]]:
    """Areas of one level as the map draws them, simplified as a whole; ``id`` and ``parent_id`` are still ids."""
    shapes = np.array([area.geometry for area in areas], dtype=object)
    simple = _simplified(shapes)
    points = shapely.get_coordinates(shapely.point_on_surface(simple)).round(DECIMALS).tolist()
    labels = [_label_point(shape, point) for shape, point in zip(simple, points, strict=True)]
    return [
        {
            "id": area.id, "code": area.code, "level": level_code, "zh": area.name_zh, "en": area.name_en,
            "parent_id": area.parent_id, "drawn": area.drawn, "at": at, "km2": round(area_m2(area.geometry) / 1e6, 3),
            "g": polygons(shape),
        }
        for area, shape, at in zip(areas, simple, labels, strict=True)
    ]  # fmt: skip


def _simplified(shapes: Any) -> Any:
    """Shapes with fewer vertices: shared borders stay shared; where areas overlap each goes by itself."""
    if bool(shapely.coverage_is_valid(shapes)):
        return shapely.coverage_simplify(shapes, SIMPLIFY_DEGREES)
    return shapely.simplify(shapes, SIMPLIFY_DEGREES / 4, preserve_topology=True)


def _label_point(shape: BaseGeometry, otherwise: list[float]) -> list[float]:
    """The middle of the widest place; a thin area takes any point inside."""
    part = max(shapely.get_parts(shape), key=lambda one: one.area)
    if part.geom_type != "Polygon" or part.is_empty:
        return otherwise
    line = shapely.maximum_inscribed_circle(part, tolerance=max(part.length / 200, 1e-6))
    middle = shapely.centroid(part)
    # In a long area many places are as wide: the one in the middle looks right.
    roomy = part.contains(middle) and part.exterior.distance(middle) > 0.85 * line.length
    x, y = middle.coords[0] if roomy else line.coords[0]
    return [round(x, DECIMALS), round(y, DECIMALS)]


def described(one: dict[str, Any], code_of: dict[int, str], led: dict[int, Pair]) -> dict[str, Any]:
    """A drawn area as pages get it: the parent by its code, and who leads it."""
    rest = {name: value for name, value in one.items() if name not in {"id", "parent_id"}}
    return {**rest, "parent": code_of.get(one["parent_id"]), "leader": led.get(one["id"])}


def _backdrop_item(row: Backdrop) -> dict[str, Any]:
    item: dict[str, Any] = {"zh": row.name_zh, "en": row.name_en}
    if row.cls:
        item["cls"] = row.cls
    shape = row.geometry
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        item["g"] = polygons(shape)
    elif shape.geom_type == "LineString":
        item["line"] = _ring(shape)
    elif shape.geom_type == "MultiLineString":
        item["line"] = [_ring(part) for part in shapely.get_parts(shape)]
    if row.kind in {"place", "neighbour"} and (row.name_zh or row.name_en):
        at = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
        item["at"] = _ring(at)[0]
    return item


def polygons(shape: BaseGeometry) -> list[list[list[list[float]]]]:
    """The coordinates of a MultiPolygon: polygons of rings of [lon, lat]."""
    return [
        [_ring(ring) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon"
    ]


def _ring(line: BaseGeometry) -> list[list[float]]:
    points: list[list[float]] = shapely.get_coordinates(line).round(DECIMALS).tolist()
    return points
