"""The demo city's fixed part: city, areas, people, bureaus, rules, accounts and the schematic map, from `data/`."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import insert
from sqlalchemy.orm import Session

from casework.areas import NewArea, ensure_level, publish
from casework.founding import CATEGORIES, require_no_city, seed_categories
from casework.passwords import DEMO_PASSWORD, hashed
from db.models import (
    Area,
    AreaPerson,
    Backdrop,
    Bureau,
    Category,
    City,
    Level,
    Person,
    RoutingRule,
    User,
    UserArea,
)
from settings import ROOT

FOLDER = ROOT / "data" / "demo"
TIMEZONE = "Asia/Shanghai"
LEVELS = (("district", "区县", "District"), ("street", "街道", "Sub-district"), ("patch", "片区", "Patch"))
SAMPLE_NOTE = "示例数据 sample data"


@dataclass(frozen=True, slots=True)
class Seeds:
    """Ids of what the seeds put into the database, by code or username."""

    categories: dict[str, int]
    areas: dict[str, int]
    bureaus: dict[str, int]
    users: dict[str, int]
    patches: dict[str, BaseGeometry]
    parents: dict[str, str | None]


def seed_json(name: str) -> Any:
    """Read one of the demo's files."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def plant(session: Session, as_of: date, since: datetime, near_m: float) -> Seeds:
    """Put everything but findings into an empty database, valid from `since` (aware), in the caller's transaction.

    Raises Conflict when the installation holds a city already.
    """
    require_no_city(session)
    features = seed_json("areas.geojson")["features"]
    district = next(f for f in features if f["properties"]["level"] == "district")
    session.add(
        City(
            name_zh=district["properties"]["name_zh"],
            name_en="Chengdong",
            extent=shape(district["geometry"]),
            timezone=TIMEZONE,
            is_demo=True,
            sample_as_of=as_of,
        )
    )
    seed_categories(session, json.loads(CATEGORIES.read_text(encoding="utf-8")))
    categories = {row.code: row.id for row in session.query(Category.code, Category.id)}
    areas = _areas(session, features, since, near_m)
    bureaus = _bureaus(session)
    _rules(session, categories, areas, bureaus)
    users = _people(session, areas, bureaus, since)
    _backdrop(session)
    patches = {
        f["properties"]["code"]: shape(f["geometry"]) for f in features if f["properties"]["level"] == "patch"
    }
    parents = {f["properties"]["code"]: f["properties"]["parent"] for f in features}
    return Seeds(categories, areas, bureaus, users, patches, parents)


def _areas(
    session: Session, features: list[dict[str, Any]], since: datetime, near_m: float
) -> dict[str, int]:
    ids: dict[str, int] = {}
    above: Level | None = None
    for code, zh, en in LEVELS:
        level = ensure_level(session, code, zh, en, parent_id=above.id if above else None)
        new = [_area(f, ids) for f in features if f["properties"]["level"] == code]
        publish(session, level, new, since, near_m=near_m, note=SAMPLE_NOTE)
        ids |= {
            row.code: row.id for row in session.query(Area.code, Area.id).filter(Area.level_id == level.id)
        }
        above = level
    return ids


def _area(feature: dict[str, Any], ids: dict[str, int]) -> NewArea:
    is_ = feature["properties"]
    return NewArea(
        code=is_["code"],
        name_zh=is_["name_zh"],
        name_en=is_["name_en"],
        geometry=shape(feature["geometry"]),
        parent_area_id=ids[is_["parent"]] if is_["parent"] else None,
        drawn=is_["drawn"],
    )


def _bureaus(session: Session) -> dict[str, int]:
    rows = seed_json("bureaus.json")
    session.execute(insert(Bureau), [{**row, "name_zh": row["zh"], "name_en": row["en"]} for row in rows])
    return {row.code: row.id for row in session.query(Bureau.code, Bureau.id)}


def _rules(
    session: Session, categories: dict[str, int], areas: dict[str, int], bureaus: dict[str, int]
) -> None:
    session.execute(
        insert(RoutingRule),
        [
            {
                "code": rule["code"],
                "category_id": categories[rule["category"]] if rule["category"] else None,
                "area_id": areas[rule["area"]] if rule["area"] else None,
                "bureau_id": bureaus[rule["bureau"]],
                "note": rule["note"],
            }
            for rule in seed_json("rules.json")
        ],
    )


def _people(
    session: Session, areas: dict[str, int], bureaus: dict[str, int], since: datetime
) -> dict[str, int]:
    """Insert people, their duties and their accounts; returns the accounts' ids by username."""
    seed = seed_json("people.json")
    persons: dict[str, int] = {}
    for one in seed["people"]:
        person = Person(
            name_zh=one["zh"],
            name_en=one["en"],
            title_zh=one["title_zh"],
            title_en=one["title_en"],
            bureau_id=bureaus[one["bureau"]] if one["bureau"] else None,
        )
        session.add(person)
        session.flush()
        persons[one["code"]] = person.id
    session.execute(
        insert(AreaPerson),
        [
            {
                "area_id": areas[d["area"]],
                "person_id": persons[d["person"]],
                "duty": d["duty"],
                "valid_from": since,
            }
            for d in seed["duties"]
        ],
    )
    return _accounts(session, seed["users"], persons, areas, bureaus, since)


def _accounts(
    session: Session,
    rows: list[dict[str, Any]],
    persons: dict[str, int],
    areas: dict[str, int],
    bureaus: dict[str, int],
    since: datetime,
) -> dict[str, int]:
    # One password for all, so one hash for all: it is printed anyway, and 25 hashes take a second.
    password_hash = hashed(DEMO_PASSWORD)
    ids: dict[str, int] = {}
    for one in rows:
        user = User(
            username=one["username"],
            person_id=persons[one["person"]],
            password_hash=password_hash,
            role=one["role"],
            bureau_id=bureaus[one["bureau"]] if one["bureau"] else None,
            is_demo=True,
            created_at=since,
        )
        session.add(user)
        session.flush()
        ids[one["username"]] = user.id
        session.add_all([UserArea(user_id=user.id, area_id=areas[code]) for code in one["areas"]])
    return ids


def _backdrop(session: Session) -> None:
    session.execute(
        insert(Backdrop),
        [
            {
                "kind": f["properties"]["kind"],
                "cls": f["properties"]["cls"] or "",
                "name_zh": f["properties"]["name_zh"] or "",
                "name_en": f["properties"]["name_en"] or "",
                "geometry": shapely.geometry.shape(f["geometry"]),
                "details": {k: f["properties"][k] for k in ("code",) if k in f["properties"]},
            }
            for f in seed_json("backdrop.geojson")["features"]
        ],
    )
