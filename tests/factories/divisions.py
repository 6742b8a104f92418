"""Divisions that changed: the two patches of ``city.two_patches``, published again with other borders on later days."""

from dataclasses import replace
from datetime import datetime, timedelta

import shapely
from shapely.geometry.base import BaseGeometry

from casework import areas
from casework.clock import Clock
from casework.office import Office
from db.models import Area, Level
from tests.factories.city import EAST, NOW, WEST

DAY = timedelta(days=1)
WIDE, SLIM = shapely.box(101.0, 36.0, 101.6, 37.0), shapely.box(101.6, 36.0, 102.0, 37.0)
NORTH, SOUTH = shapely.box(101.6, 36.5, 102.0, 37.0), shapely.box(101.6, 36.0, 102.0, 36.5)


def at(office: Office, moment: datetime) -> Office:
    """The same office at another moment."""
    return replace(office, clock=Clock(moment))


def redraw(
    office: Office,
    days: int,
    shapes: dict[str, BaseGeometry],
    *,
    note: str = "",
    ended: tuple[str, ...] = (),
    user_id: int | None = None,
    names: dict[str, str] | None = None,
) -> int:
    """Publish patches so many days after NOW; returns the publication's id. Names are those of the two patches."""
    known = {"A": ("西片", "West"), "B": ("东片", "East"), "C": ("南片", "South")}
    with office.database.write() as session:
        level = session.query(Level).filter_by(code="patch").one()
        parent = session.query(Area).filter_by(code="D").one().id
        new = [
            areas.NewArea(code, (names or {}).get(code, known[code][0]), known[code][1], shape, parent)
            for code, shape in shapes.items()
        ]
        done = areas.publish(
            session,
            level,
            new,
            NOW + days * DAY,
            near_m=5,
            note=note,
            ended=ended,
            user_id=user_id,
            kind="draft",
        )
        assert done.id is not None
        return done.id


def three_maps(office: Office, user_id: int | None = None) -> list[int]:
    """After ``two_patches`` (publication 2): A grows on day 10, B becomes two on day 20. Returns the two new ids."""
    return [
        redraw(office, 10, {"A": WIDE, "B": SLIM}, note="A grows", user_id=user_id),
        redraw(office, 20, {"B": NORTH, "C": SOUTH}, note="B becomes two"),
    ]


__all__ = ["DAY", "EAST", "NORTH", "SLIM", "SOUTH", "WEST", "WIDE", "at", "redraw", "three_maps"]
