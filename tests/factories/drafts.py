"""A city to draw in: a district of two sub-districts with two square patches each, its people and some findings."""

from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select, update

from casework import areas, drafts, drafts_publish, drafts_view
from casework.areas import LevelChange, NewArea, Publication
from casework.drafts import Saved
from casework.findings import report
from casework.office import Office
from casework.policy import Actor
from db.models import Area, AreaPerson, City, Finding, Level, Person, RoutingRule, User
from tests.factories.city import CATEGORIES, NOW, bureau, category

WEST, MIDDLE, EAST = 101.00, 101.02, 101.04
SOUTH, HALF, NORTH = 36.50, 36.52, 36.54
SQUARES: dict[str, BaseGeometry] = {
    "P1": shapely.box(WEST, SOUTH, MIDDLE, HALF),
    "P2": shapely.box(WEST, HALF, MIDDLE, NORTH),
    "P3": shapely.box(MIDDLE, SOUTH, EAST, HALF),
    "P4": shapely.box(MIDDLE, HALF, EAST, NORTH),
}
STREETS: dict[str, BaseGeometry] = {
    "S1": shapely.box(WEST, SOUTH, MIDDLE, NORTH),
    "S2": shapely.box(MIDDLE, SOUTH, EAST, NORTH),
}
STREET_OF = {"P1": "S1", "P2": "S1", "P3": "S2", "P4": "S2"}
CITY = shapely.box(WEST, SOUTH, EAST, NORTH)


@dataclass
class DrawnCity:
    """The office, who works in it, and ids by code. The rules send what lies in S2 to bureau HW, the rest to CG."""

    office: Office
    supervisor: Actor
    second: Actor
    leader: Actor
    inspector: Actor
    handler: Actor
    areas: dict[str, int]
    bureaus: dict[str, int] = field(default_factory=dict)

    def key(self, code: str) -> str:
        """An area's key in drafts."""
        return f"a{self.areas[code]}"

    def report(self, lon: float, lat: float) -> int:
        """A new finding."""
        return report(self.office, self.inspector, {"category": "0105", "lon": lon, "lat": lat}).finding_id

    def set(self, finding: int, **values: Any) -> None:
        """Change a finding's row as no use case would."""
        with self.office.database.write() as session:
            session.execute(update(Finding).where(Finding.id == finding).values(**values))

    def finding(self, finding: int) -> Finding:
        """A finding's row."""
        with self.office.database.read() as session:
            return session.get_one(Finding, finding)

    def patch_of(self, finding: int) -> str | None:
        """The code of a finding's patch."""
        with self.office.database.read() as session:
            return session.scalar(
                select(Area.code).join(Finding, Finding.area_id == Area.id).where(Finding.id == finding)
            )

    def draft(self, *levels: str, actor: Actor | None = None, title: str = "Market square") -> int:
        """A draft that redraws these levels (the patches)."""
        return drafts.create(self.office, actor or self.supervisor, list(levels or ["patch"]), title)

    def save(self, draft: int, revision: int, actor: Any = None, /, **shapes: Any) -> Saved:
        """Redraw areas (by code; ``n1`` and so on are new ones); None removes."""
        changes = [self.change(code, shape) for code, shape in shapes.items()]
        return drafts.save_shapes(self.office, actor or self.supervisor, draft, revision, changes)

    def change(self, code: str, shape: BaseGeometry | None) -> dict[str, Any]:
        """One area's change as a page sends it."""
        key = code if code.startswith("n") else self.key(code)
        if shape is None:
            return {"key": key, "removed": True}
        return {"key": key, "geometry": geojson(shape)}

    def publish(self, draft: int, revision: int, actor: Actor | None = None) -> Publication:
        """Put a draft in force."""
        return drafts_publish.publish(
            self.office, actor or self.supervisor, draft, revision, "The market moved"
        )

    def data(self, draft: int, actor: Actor | None = None) -> dict[str, Any]:
        """What the page reads."""
        return drafts_view.draft_data(self.office, actor or self.supervisor, draft)


def geojson(shape: BaseGeometry) -> dict[str, Any]:
    """A geometry as a page sends it: lists, no tuples."""

    def listed(value: Any) -> Any:
        return [listed(one) for one in value] if isinstance(value, tuple | list) else value

    made = mapping(shape)
    return {"type": made["type"], "coordinates": listed(made["coordinates"])}


def moved_border(at: float = 101.025) -> dict[str, BaseGeometry]:
    """P1 and P3 with the border between them, which is also their sub-districts', ending at this longitude."""
    return {
        "P1": shapely.Polygon([(WEST, SOUTH), (at, SOUTH), (MIDDLE, HALF), (WEST, HALF)]),
        "P3": shapely.Polygon([(at, SOUTH), (EAST, SOUTH), (EAST, HALF), (MIDDLE, HALF)]),
    }


def within_street(at: float = 36.525) -> dict[str, BaseGeometry]:
    """P1 and P2, which lie in one sub-district, with the border between them ending at this latitude in the west."""
    return {
        "P1": shapely.Polygon([(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, HALF), (WEST, at)]),
        "P2": shapely.Polygon([(WEST, at), (MIDDLE, HALF), (MIDDLE, NORTH), (WEST, NORTH)]),
    }


def drawn_city(office: Office) -> DrawnCity:
    """The city with three levels, five people, two bureaus and leaders for all patches but P4."""
    with office.database.write() as session:
        session.add(City(name_zh="西宁", name_en="Xining", extent=CITY, timezone="Asia/Shanghai"))
        made = {code: category(session, code, parent) for code, parent in CATEGORIES}
        bureaus = {code: bureau(session, code) for code in ("CG", "HW")}
        session.add(RoutingRule(code="R-01", category_id=made["01"], bureau_id=bureaus["CG"]))
        levels: list[Level] = []
        for code, zh, en in (
            ("district", "区", "District"), ("street", "街道", "Sub-district"), ("patch", "片区", "Patch"),
        ):  # fmt: skip
            levels.append(
                areas.ensure_level(session, code, zh, en, parent_id=levels[-1].id if levels else None)
            )
        areas.publish_many(
            session,
            [
                LevelChange(levels[0], [NewArea("D", "城东区", "Chengdong", CITY)]),
                LevelChange(
                    levels[1],
                    [
                        NewArea(code, f"{code}街道", f"Street {code}", shape, parent_code="D")
                        for code, shape in STREETS.items()
                    ],
                ),
                LevelChange(
                    levels[2],
                    [
                        NewArea(code, f"片{code}", f"Patch {code}", shape, parent_code=STREET_OF[code])
                        for code, shape in SQUARES.items()
                    ],
                ),
            ],
            NOW,
            near_m=office.settings.near_m,
            note="first map",
        )
        ids = {row.code: row.id for row in session.execute(select(Area.code, Area.id))}
        session.add(
            RoutingRule(code="R-02", category_id=made["01"], area_id=ids["S2"], bureau_id=bureaus["HW"])
        )
        people = {}
        for number, code in enumerate(("P1", "P2", "P3"), start=1):
            people[code] = Person(name_zh=f"领导{number}", name_en=f"Leader {number}")
            session.add(people[code])
            session.flush()
            session.add(
                AreaPerson(area_id=ids[code], person_id=people[code].id, duty="leader", valid_from=NOW)
            )

        def actor(name: str, role: str) -> Actor:
            user = User(username=name, password_hash="x", role=role, created_at=NOW)
            session.add(user)
            session.flush()
            return Actor(role=role, user_id=user.id, username=name)

        return DrawnCity(
            office, actor("sup", "supervisor"), actor("second", "supervisor"), actor("lead", "leader"),
            actor("ins", "inspector"), actor("han", "handler"), ids, bureaus,
        )  # fmt: skip
