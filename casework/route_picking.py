"""What a round should see: open findings, overdue ones first; patches that nobody visited for weeks; any places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.clock import day_bounds
from casework.coverage import Coverage, patch_coverage
from casework.errors import Refused, mark
from casework.filters import Filters, parse
from casework.map_names import Names, read_names
from casework.map_rows import ids_of, page, urgency
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from casework.scope import EVERYTHING, patches_below
from casework.selection import Selection, find
from casework.status import DISPLAY_KEYS, display_key
from casework.street_networks import facts_in, network_of_id
from casework.time_limits import time_rules
from db.models import Finding, RouteStop, User, UserArea

MOST_STOPS: Final = 600
"""Stops that one plan takes; more are no plan that people could follow."""

SERVICE_S: Final[Mapping[str, int]] = {"finding": 8 * 60, "patch": 15 * 60, "place": 10 * 60}
"""What a stop takes on site unless somebody says otherwise, in seconds."""

PRIORITY: Final[Mapping[str, int]] = {
    "over": 4,
    "due": 3,
    "check": 2,
    "prog": 1,
    "new": 1,
    "susp": 0,
    "done": 0,
}
USUAL_KEYS: Final = ("over", "due", "check", "prog", "new")
_FAR_FROM_STREETS_M: Final = 100.0
_FAR_PAST: Final = 10_000  # days since a patch that nobody ever visited was seen


@dataclass(frozen=True, slots=True)
class Picked:
    """A stop before it is put into a plan; see ``db.models.RouteStop``."""

    kind: str
    name: str
    lon: float
    lat: float
    finding_id: int | None = None
    area_id: int | None = None
    priority: int = 1
    is_must: bool = False
    due_at: datetime | None = None
    service_s: int = 0
    own_service_s: int | None = None  # what this very stop is known to take
    windows: tuple[tuple[int, int], ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody who could go: an account that may walk rounds, their patches (ids) and where they usually begin."""

    user_id: int
    name_zh: str
    name_en: str
    patches: tuple[int, ...]
    start: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a plan could take: counts, points ``[lon, lat, display key, finding id]``, and who could go.

    ``unseen`` are patches by days since anybody was there: (area id, code, [zh, en], days or None for never).
    """

    findings: int
    overdue: int
    points: list[list[Any]]
    unseen: list[tuple[int, str, list[str], int | None]]
    walkers: list[Walker]


def candidates(office: Office, actor: Actor, query: Mapping[str, str], day: date) -> Candidates:
    """What these filters would give a plan of this day. Raises Refused naming what cannot be understood, Forbidden."""
    require(actor, Act.PLAN_ROUTES)
    now = office.now()
    with office.database.read() as session:
        filters = parse(session, query, usual=USUAL_KEYS)
        selection, names = find(office, session, filters, now, EVERYTHING), read_names(session)
        rows = _most_urgent(session, selection, now)
        columns, keys = selection.columns, selection.display.keys
        return Candidates(
            findings=len(selection),
            overdue=int((keys[selection.rows] == DISPLAY_KEYS.index("over")).sum()),
            points=[
                [float(columns.lon[r]), float(columns.lat[r]), DISPLAY_KEYS[keys[r]], int(columns.id[r])]
                for r in rows.tolist()
            ],
            unseen=unseen_patches(session, names, day),
            walkers=walkers(session, names),
        )


def pick_findings(office: Office, session: Session, filters: Filters, limit: int) -> list[Picked]:
    """Open findings as stops, most urgent first; overdue ones must be seen."""
    selection = find(office, session, filters, office.now(), EVERYTHING)
    rows = _most_urgent(session, selection, office.now())[:limit]
    return findings_as_stops(session, ids_of(selection.columns, rows), office.now())


def findings_as_stops(session: Session, ids: Sequence[int], now: datetime) -> list[Picked]:
    """These findings as stops, in this order. Raises Refused for one that is not there."""
    rows = {row.id: row for row in session.scalars(select(Finding).where(Finding.id.in_(ids)))}
    categories, rules = read_names(session).categories, time_rules(session)
    picked = []
    for finding_id in ids:
        row = rows.get(finding_id)
        if row is None:
            raise Refused(mark("There is no finding %(id)s"), {"id": finding_id}, field="finding")
        key = display_key(row.status, row.due_at, now, rules.warn_at(row.category_id, row.due_at))
        picked.append(
            Picked(
                kind="finding", name=(row.subject or categories[row.category_id].zh)[:200], lon=row.lon, lat=row.lat,
                finding_id=row.id, area_id=row.area_id, priority=PRIORITY[key], is_must=key == "over",
                due_at=row.due_at, service_s=SERVICE_S["finding"],
            )
        )  # fmt: skip
    return picked


def pick_patches(session: Session, ids: Sequence[int]) -> list[Picked]:
    """Patches to be visited: the stop is a place inside each, on a street of it where there is one."""
    coverage = patch_coverage(session)
    areas = coverage.by_id() if coverage else {}
    missing = next((area_id for area_id in ids if area_id not in areas), None)
    if missing is not None:
        raise Refused(mark("There is no patch %(id)s"), {"id": missing}, field="patches")
    wanted = [areas[area_id] for area_id in ids]
    places = _on_streets(session, [area.geometry for area in wanted])
    return [
        Picked("patch", area.name_zh, lon, lat, area_id=area.id, service_s=SERVICE_S["patch"])
        for area, (lon, lat) in zip(wanted, places, strict=True)
    ]


def _on_streets(session: Session, shapes: Sequence[BaseGeometry]) -> list[tuple[float, float]]:
    """A place in each patch; the nearest one on a street where the middle is far from any and the street runs there."""
    middles = shapely.get_coordinates(shapely.point_on_surface(np.asarray(shapes, dtype=object)))
    facts = facts_in(session)
    network = network_of_id(session, facts.id) if facts and len(shapes) else None
    if network is None:
        return [(x, y) for x, y in middles.tolist()]
    near = network.snap(middles[:, 0], middles[:, 1], "foot")
    found = []
    for shape, (x, y), street, walk_m in zip(
        shapes, middles.tolist(), zip(near.lon.tolist(), near.lat.tolist(), strict=True), near.walk_m.tolist(),
        strict=True,
    ):  # fmt: skip
        is_there = _FAR_FROM_STREETS_M < walk_m < np.inf and shape.covers(shapely.Point(*street))
        found.append((round(street[0], 7), round(street[1], 7)) if is_there else (x, y))
    return found


def unseen_patches(session: Session, names: Names, day: date) -> list[tuple[int, str, list[str], int | None]]:
    """Patches with the days since somebody was there (a stop done, or a finding reported), longest ago first."""
    level = names.patch_level
    if level is None:
        return []
    timezone = the_city(session).timezone
    seen = last_visits(session)
    end = day_bounds(day, day, timezone)[0]
    lines = []
    for area in level.areas:
        when = seen.get(area.id)
        days = None if when is None else max(0, (end - when) // timedelta(days=1))
        lines.append((area.id, area.code, [area.name_zh, area.name_en], days))
    return sorted(lines, key=lambda line: (-(_FAR_PAST if line[3] is None else line[3]), line[1]))


def last_visits(session: Session) -> dict[int, datetime]:
    """When somebody was last in each patch: the later of the last stop done and the last finding found there."""
    done = select(RouteStop.area_id, func.max(RouteStop.done_at)).where(RouteStop.done_at.is_not(None))
    found = select(Finding.area_id, func.max(Finding.reported_at)).where(Finding.source == "web")
    latest: dict[int, datetime] = {}
    for wanted, area in ((done, RouteStop.area_id), (found, Finding.area_id)):
        for area_id, when in session.execute(wanted.group_by(area)):
            if area_id is not None and when is not None:
                latest[area_id] = max(when, latest.get(area_id, when))
    return latest


def walkers(session: Session, names: Names) -> list[Walker]:
    """Accounts that can be sent out, with the patches below the areas that they work in."""
    level = names.patch_level
    users = session.scalars(
        select(User)
        .where(User.is_active, User.role.in_(("inspector", "supervisor")))
        .order_by(User.role, User.id)
    ).all()
    areas: dict[int, set[int]] = {}
    for user_id, area_id in session.execute(select(UserArea.user_id, UserArea.area_id)):
        areas.setdefault(user_id, set()).add(area_id)
    middle = the_city(session).extent.representative_point()
    found = []
    for user in users:
        below = patches_below(session, frozenset(areas.get(user.id, ())))
        mine = tuple(area.id for area in level.areas if area.id in below) if level else ()
        start = _start(level, mine) or (middle.x, middle.y)
        zh, en = (user.person.name_zh, user.person.name_en) if user.person else (user.username, user.username)
        found.append(Walker(user.id, zh, en, mine, start))
    return found


def _most_urgent(session: Session, selection: Selection, now: datetime) -> NDArray[np.intp]:
    rows = selection.rows
    order = urgency(selection, rows, now, the_city(session).timezone)
    return page(selection, rows, order, MOST_STOPS).rows


def _start(level: Coverage | None, patches: Sequence[int]) -> tuple[float, float] | None:
    """A place in the middle of somebody's patches."""
    if level is None or not patches:
        return None
    shapes = [area.geometry for area in level.areas if area.id in set(patches)]
    centres = shapely.get_coordinates(shapely.centroid(np.asarray(shapes, dtype=object)))
    middle = shapely.Point(*centres.mean(axis=0))
    nearest = min(shapes, key=middle.distance)
    place = middle if nearest.covers(middle) else nearest.representative_point()
    return place.x, place.y
