"""Small cities for tests: two patches with one shared border, a category, two bureaus."""

from dataclasses import dataclass
from datetime import UTC, datetime

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from casework import areas
from casework.office import Office
from casework.policy import Actor
from db.models import Area, Bureau, Category, City, Level, RoutingRule

NOW = datetime(2026, 9, 2, 2, 24, tzinfo=UTC)  # 10:24 in Xining
INSPECTOR = Actor(role="inspector")

WEST = shapely.box(101.0, 36.0, 101.5, 37.0)
EAST = shapely.box(101.5, 36.0, 102.0, 37.0)


@dataclass(frozen=True)
class TwoPatches:
    """What ``two_patches`` made: ids by code."""

    district: Level
    patch: Level
    categories: dict[str, int]
    bureaus: dict[str, int]


def two_patches(office: Office) -> TwoPatches:
    """A district of two patches, west (code A) and east (B), that share the border 101.5 E."""
    with office.database.write() as session:
        session.add(
            City(
                name_zh="西宁",
                name_en="Xining",
                extent=shapely.box(101, 36, 102, 37),
                timezone="Asia/Shanghai",
            )
        )
        categories = {code: category(session, code, parent) for code, parent in CATEGORIES}
        bureaus = {code: bureau(session, code) for code in ("CG", "HW")}
        session.add(RoutingRule(code="R-01", bureau_id=bureaus["CG"]))
        session.add(RoutingRule(code="R-02", category_id=categories["0102"], bureau_id=bureaus["HW"]))
        district = areas.ensure_level(session, "district", "区", "District")
        area = areas.NewArea("D", "城东区", "Chengdong", shapely.box(101, 36, 102, 37))
        areas.publish(session, district, [area], office.now(), near_m=5)
        patch = areas.ensure_level(session, "patch", "片区", "Patch", parent_id=district.id)
        publish_patches(session, office, patch, WEST, EAST)
    return TwoPatches(district, patch, categories, bureaus)


CATEGORIES = (("01", None), ("0102", "01"), ("0105", "01"))


def category(session: Session, code: str, parent: str | None) -> int:
    """A category; the parent's limit is two working days."""
    above = session.query(Category).filter_by(code=parent).one().id if parent else None
    made = Category(
        code=code, parent_id=above, name_zh=f"类{code}", name_en=f"Class {code}",
        limit_value=None if parent else 2, limit_unit=None if parent else "working_day",
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def bureau(session: Session, code: str) -> int:
    """A bureau named after its code."""
    made = Bureau(code=code, name_zh=f"{code}局", name_en=f"Bureau {code}", short_zh=code, short_en=code)
    session.add(made)
    session.flush()
    return made.id


def publish_patches(
    session: Session, office: Office, level: Level, west: BaseGeometry, east: BaseGeometry
) -> areas.Publication:
    """Publish the two patches with these shapes."""
    parent = session.query(Area).filter_by(code="D").one().id
    new = [areas.NewArea("A", "西片", "West", west, parent), areas.NewArea("B", "东片", "East", east, parent)]
    return areas.publish(session, session.merge(level), new, office.now(), near_m=office.settings.near_m)
