"""The demo city's fixed part: city, areas, people, bureaus, rules, accounts and the schematic map, from `data/`."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from casework.areas import LevelChange, NewArea, ensure_level, publish_many
from casework.demo_past import as_it_was, moment_of, published_at
from casework.founding import CATEGORIES, require_no_city, seed_categories
from casework.passwords import DEMO_PASSWORD, hashed
from db.models import (
    Area,
    AreaContact,
    AreaPerson,
    Backdrop,
    Bureau,
    Category,
    City,
    Level,
    Person,
    Publication,
    RoutingRule,
    User,
    UserArea,
)
from settings import ROOT

FOLDER = ROOT / "data" / "demo"
TIMEZONE = "Asia/Shanghai"
LEVELS = (("district", "区县", "District"), ("street", "街道", "Sub-district"), ("patch", "片区", "Patch"))
PUBLISHER = "supervisor"  # of all sample maps


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
    areas = _areas(session, features, as_of, near_m)
    bureaus = _bureaus(session)
    _rules(session, categories, areas, bureaus)
    users = _people(session, areas, bureaus, as_of, since)
    _contacts(session, areas, as_of)
    session.execute(update(Publication).values(user_id=users[PUBLISHER]))
    _backdrop(session)
    patches = {
        f["properties"]["code"]: shape(f["geometry"]) for f in features if f["properties"]["level"] == "patch"
    }
    parents = {f["properties"]["code"]: f["properties"]["parent"] for f in features}
    return Seeds(categories, areas, bureaus, users, patches, parents)


def _areas(session: Session, features: list[dict[str, Any]], as_of: date, near_m: float) -> dict[str, int]:
    """Publish the maps of `past.json` one after the other; the last one is today's. Returns ids by code."""
    levels: dict[str, Level] = {}
    above: Level | None = None
    for code, zh, en in LEVELS:
        above = levels[code] = ensure_level(session, code, zh, en, parent_id=above.id if above else None)
    today = [_area(f) for f in features if f["properties"]["level"] == "patch"]
    coarse = [
        LevelChange(levels[code], [_area(f) for f in features if f["properties"]["level"] == code])
        for code, _zh, _en in LEVELS[:-1]
    ]
    for publication in seed_json("past.json")["publications"]:
        patches = LevelChange(levels["patch"], _patches_then(today, publication))
        publish_many(
            session, [*coarse, patches], published_at(as_of, publication["day"], TIMEZONE), near_m=near_m,
            note=publication["note"], kind=publication["kind"],
        )  # fmt: skip
    return {row.code: row.id for row in session.query(Area.code, Area.id)}


def _patches_then(today: list[NewArea], differs: dict[str, Any]) -> list[NewArea]:
    known = {one.code: one for one in today}
    then = as_it_was({one.code: (one.name_zh, one.name_en, one.geometry) for one in today}, differs)
    return [
        replace(known[code], name_zh=zh, name_en=en, geometry=shape_)
        for code, (zh, en, shape_) in then.items()
    ]


def _area(feature: dict[str, Any]) -> NewArea:
    is_ = feature["properties"]
    return NewArea(
        code=is_["code"],
        name_zh=is_["name_zh"],
        name_en=is_["name_en"],
        geometry=shape(feature["geometry"]),
        parent_code=is_["parent"] or None,
        drawn=is_["drawn"],
    )


def _contacts(session: Session, areas: dict[str, int], as_of: date) -> None:
    session.execute(
        insert(AreaContact),
        [
            {
                "area_id": areas[one["area"]], "kind": one["kind"], "name": one["name"], "phone": one["phone"],
                "note": one["note"], **_span(one, as_of),
            }
            for one in seed_json("contacts.json")
        ],
    )  # fmt: skip


def _span(one: dict[str, Any], as_of: date) -> dict[str, datetime | None]:
    """From when to when a duty or a contact counts: days from the one that the demo is loaded for."""
    first = one.get("from", seed_json("past.json")["publications"][0]["day"])
    return {
        "valid_from": moment_of(as_of, first, TIMEZONE),
        "valid_to": moment_of(as_of, one["to"], TIMEZONE) if "to" in one else None,
    }


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
    session: Session, areas: dict[str, int], bureaus: dict[str, int], as_of: date, since: datetime
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
                **_span(d, as_of),
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
