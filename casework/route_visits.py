"""When somebody was last in each patch: a stop of a round done there, or a finding reported from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.clock import day_bounds, day_of
from casework.map_names import leaders, read_names
from casework.office import Office, the_city
from casework.policy import Actor
from casework.route_lookback import Period, only_own, read_period
from casework.route_picking import last_visits
from casework.scope import patches_below
from db.models import RouteStop

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PatchVisit:
    """A patch: days since anybody was there (None: never), when that was, and stops made there in the period."""

    area_id: int
    code: str
    name: Pair
    leader: Pair | None
    days: int | None
    last_at: datetime | None
    visits: int


def patch_visits(office: Office, actor: Actor, query: Mapping[str, str]) -> list[PatchVisit]:
    """The patches of the city, longest unseen first; who sees only their own rounds gets their own patches.

    Raises Refused naming the field, Forbidden.
    """
    own = only_own(actor)
    now = office.now()
    with office.database.read() as session:
        timezone = the_city(session).timezone
        today = day_of(now, timezone)
        period = read_period(query, today, actor if own else None)
        names = read_names(session)
        mine = patches_below(session, actor.area_ids) if own else None
        led, last, made = leaders(session, None, now), last_visits(session), _made(session, period, timezone)
        found = []
        for area in names.patch_level.areas if names.patch_level else ():
            if mine is not None and area.id not in mine:
                continue
            at = last.get(area.id)
            days = None if at is None else max(0, (today - day_of(at, timezone)).days)
            found.append(
                PatchVisit(
                    area.id, area.code, (area.name_zh, area.name_en), _pair(led.get(area.id)), days, at,
                    made.get(area.id, 0),
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.days is not None, -(one.days or 0), one.code))


def _pair(found: list[str] | None) -> Pair | None:
    return (found[0], found[1]) if found else None


def _made(session: Session, period: Period, timezone: str) -> dict[int, int]:
    """Stops done by patch in the period."""
    start, end = day_bounds(period.first, period.last, timezone)
    rows = session.execute(
        select(RouteStop.area_id, func.count())
        .where(RouteStop.done_at >= start, RouteStop.done_at < end, RouteStop.area_id.is_not(None))
        .where(RouteStop.state == "done")
        .group_by(RouteStop.area_id)
    )
    return {area_id: count for area_id, count in rows if area_id is not None}
