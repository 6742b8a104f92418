"""Plans of rounds: made from what was picked, kept with their revision, listed, sent out, discarded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import fields
from casework.clock import day_of
from casework.errors import Conflict, NotFound, Refused, mark
from casework.filters import parse
from casework.map_names import read_names
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from casework.route_asked import (
    breaks,
    day_from,
    days_of,
    ids,
    one_of,
    place,
    positive,
    share,
    whole,
    windows_of,
    words,
)
from casework.route_choices import as_chosen
from casework.route_picking import (
    MOST_STOPS,
    USUAL_KEYS,
    Picked,
    Walker,
    findings_as_stops,
    pick_findings,
    pick_patches,
    walkers,
)
from casework.route_places import pick_places
from casework.street_networks import facts_in
from db.models import RouteEvent, RouteInspector, RoutePlan, RouteStop
from geo.roads import MODES

MOST_INSPECTORS: Final = 30
MOST_DAYS: Final = 7
OWN_PATCH: Final = ("no", "preferred", "only")
USUAL_SHIFT_S: Final = (8 * 3600 + 1800, 17 * 3600 + 1800)
USUAL_BREAK: Final = {"earliest_s": 11 * 3600 + 1800, "latest_s": 13 * 3600 + 1800, "duration_s": 3600}
USUAL_SOLVE_S: Final = 10
LONGEST_SOLVE_S: Final = 300


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan in the list."""

    id: int
    title: str
    day: date
    days: int
    mode: str
    status: str
    stops: int
    served: int
    done: int
    inspectors: int
    created_at: datetime
    sent_at: datetime | None


def list_plans(office: Office, actor: Actor) -> list[PlanLine]:
    """All plans that were not thrown away, latest day first."""
    require(actor, Act.VIEW_ROUTES)
    with office.database.read() as session:
        counts: dict[int, tuple[int, int, int]] = {
            row[0]: (row[1], row[2], row[3])
            for row in session.execute(
                select(
                    RouteStop.plan_id,
                    func.count(),
                    func.count(RouteStop.inspector_id),
                    func.count(RouteStop.done_at),
                ).group_by(RouteStop.plan_id)
            )
        }
        crew = select(RouteInspector.plan_id, func.count()).group_by(RouteInspector.plan_id)
        people: dict[int, int] = {row[0]: row[1] for row in session.execute(crew)}
        plans = session.scalars(
            select(RoutePlan)
            .where(RoutePlan.status != "discarded")
            .order_by(RoutePlan.day.desc(), RoutePlan.id.desc())
        )
        return [
            PlanLine(
                p.id, p.title, p.day, p.days, p.mode, p.status, *counts.get(p.id, (0, 0, 0)), people.get(p.id, 0),
                p.created_at, p.sent_at,
            )
            for p in plans
        ]  # fmt: skip


def new_plan(office: Office, actor: Actor, asked: Mapping[str, Any]) -> int:
    """Put a plan with its stops and people on record; nothing is solved yet. Returns its id.

    ``asked``: day, days, mode, title, seconds, balance, own_patch, ``inspectors`` [{user_id, shift [s, s], breaks,
    start [lon, lat], end [lon, lat] or null, skills, max_distance_m, days}], and what to see: ``filters`` (the map's),
    ``limit``, ``findings`` [id], ``patches`` [area id], ``places`` [{name, lon, lat}]; ``must`` and ``service_s`` as in
    ``casework.route_choices``. Raises Refused naming the field, Forbidden.
    """
    require(actor, Act.PLAN_ROUTES)
    now = office.now()
    with office.database.write() as session:
        timezone = the_city(session).timezone
        day = day_from(asked.get("day"), day_of(now, timezone))
        days = whole(asked.get("days", 1), "days", 1, MOST_DAYS)
        picked = as_chosen(_picked(office, session, asked), asked)
        people = _inspectors(session, asked.get("inspectors"), day, days)
        network = facts_in(session)
        plan = RoutePlan(
            title=fields.text(asked.get("title"), "title", limit=fields.MAX_LINE), day=day, days=days,
            mode=one_of(asked.get("mode", "foot"), "mode", MODES), status="new", created_by=actor.user_id,
            created_at=now, updated_at=now, sent_at=None,
            solve_s=whole(asked.get("seconds", USUAL_SOLVE_S), "seconds", 1, LONGEST_SOLVE_S),
            balance=share(asked.get("balance", 0.5), "balance"),
            own_patch=one_of(asked.get("own_patch", "preferred"), "own_patch", OWN_PATCH),
            network_id=network.id if network else None, picked=_remembered(asked), outcome={},
        )  # fmt: skip
        session.add(plan)
        session.flush()
        for line, person in enumerate(people):
            session.add(RouteInspector(plan_id=plan.id, line=line, **person))
        for stop in picked:
            session.add(as_row(plan.id, stop))
        note_event(session, plan.id, now, actor, "made", stops=len(picked), inspectors=len(people))
        session.flush()
        return plan.id


def as_row(plan_id: int, stop: Picked) -> RouteStop:
    """A picked stop as a row of a plan, not served yet."""
    return RouteStop(
        plan_id=plan_id, kind=stop.kind, finding_id=stop.finding_id, area_id=stop.area_id, name=stop.name,
        lon=stop.lon, lat=stop.lat, service_s=stop.service_s,
        windows=[list(pair) for pair in stop.windows], skills=list(stop.skills), priority=stop.priority,
        is_must=stop.is_must, due_at=stop.due_at, inspector_id=None, day=None, position=None, arrive_at=None,
        start_at=None, leave_at=None, lock="", unserved=None, state="planned", arrived_at=None, arrived_m=None,
        done_at=None, note="",
    )  # fmt: skip


def discard(office: Office, actor: Actor, plan_id: int) -> None:
    """Throw a plan away; it stays on record but is listed nowhere."""
    require(actor, Act.PLAN_ROUTES)
    with office.database.write() as session:
        plan = plan_of(session, plan_id)
        plan.status, plan.updated_at = "discarded", office.now()
        note_event(session, plan_id, office.now(), actor, "discarded")


def send(office: Office, actor: Actor, plan_id: int) -> None:
    """Give a plan to those who walk it: it stands on their phones from then on. Refused where nobody has a stop."""
    require(actor, Act.PLAN_ROUTES)
    with office.database.write() as session:
        plan = plan_of(session, plan_id)
        served = select(func.count()).where(RouteStop.plan_id == plan_id, RouteStop.inspector_id.is_not(None))
        if plan.status not in ("ready", "sent") or not session.scalar(served):
            raise Refused(mark("There is nothing to send yet: nobody has a stop"))
        plan.status, plan.sent_at, plan.updated_at = "sent", office.now(), office.now()
        note_event(session, plan_id, office.now(), actor, "sent")


def plan_of(session: Session, plan_id: int) -> RoutePlan:
    """The plan with this id; raises NotFound."""
    plan = session.get(RoutePlan, plan_id)
    if plan is None or plan.status == "discarded":
        raise NotFound(mark("There is no plan %(id)s"), {"id": plan_id})
    return plan


def changed_plan(session: Session, plan_id: int, revision: object, at: datetime) -> RoutePlan:
    """The plan for a change that was made on a revision of it; raises Conflict when somebody was quicker."""
    plan = plan_of(session, plan_id)
    if revision != plan.revision:
        raise Conflict(
            mark("Somebody changed this plan meanwhile: look at it again"), {"revision": plan.revision}
        )
    plan.revision, plan.updated_at = plan.revision + 1, at
    return plan


def note_event(
    session: Session,
    plan_id: int,
    at: datetime,
    actor: Actor,
    act: str,
    stop_id: int | None = None,
    **details: Any,
) -> None:
    """Append to what was done to a plan."""
    session.add(
        RouteEvent(plan_id=plan_id, stop_id=stop_id, at=at, user_id=actor.user_id, act=act, details=details)
    )


def at_second(day: date, seconds: float, timezone: str) -> datetime:
    """The moment so many seconds after a day's midnight, by the clock of the city."""
    wall = datetime.combine(day, time()) + timedelta(seconds=round(seconds))
    return wall.replace(tzinfo=ZoneInfo(timezone))


def second_of(moment: datetime, day: date, timezone: str) -> int:
    """Seconds from a day's midnight to a moment, by the clock of the city."""
    wall = moment.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    return round((wall - datetime.combine(day, time())).total_seconds())


def _picked(office: Office, session: Session, asked: Mapping[str, Any]) -> list[Picked]:
    limit = whole(asked.get("limit", 60), "limit", 0, MOST_STOPS)
    query = asked.get("filters")
    picked: list[Picked] = []
    if isinstance(query, Mapping) and limit:
        texts = {str(name): str(value) for name, value in query.items()}
        picked += pick_findings(office, session, parse(session, texts, usual=USUAL_KEYS), limit)
    known = {stop.finding_id for stop in picked}
    picked += findings_as_stops(
        session, [i for i in ids(asked.get("findings", []), "findings") if i not in known], office.now()
    )
    picked += pick_patches(session, ids(asked.get("patches", []), "patches"))
    picked += pick_places(session, asked.get("places", []))
    if not picked:
        raise Refused(mark("Choose what is to be seen: nothing fits so far"), field="filters")
    if len(picked) > MOST_STOPS:
        raise Refused(
            mark("%(count)s stops are too many for one plan: at most %(most)s"),
            {"count": len(picked), "most": MOST_STOPS},
            field="limit",
        )
    return picked


def _inspectors(session: Session, asked: object, day: date, days: int) -> list[dict[str, Any]]:
    if not isinstance(asked, list) or not asked:
        raise Refused(mark("Choose at least one person who goes"), field="inspectors")
    if len(asked) > MOST_INSPECTORS:
        raise Refused(
            mark("At most %(most)s people in one plan"), {"most": MOST_INSPECTORS}, field="inspectors"
        )
    known = {walker.user_id: walker for walker in walkers(session, read_names(session))}
    people, seen = [], set()
    for one in asked:
        if not isinstance(one, Mapping) or type(one.get("user_id")) is not int or one["user_id"] not in known:
            raise Refused(mark("There is no such person who could go"), field="inspectors")
        walker = known[one["user_id"]]
        if walker.user_id in seen:
            raise Refused(mark("%(name)s is chosen twice"), {"name": walker.name_zh}, field="inspectors")
        seen.add(walker.user_id)
        people.append(_inspector(walker, one, day, days))
    return people


def _inspector(walker: Walker, one: Mapping[str, Any], day: date, days: int) -> dict[str, Any]:
    shift = windows_of([one.get("shift") or list(USUAL_SHIFT_S)], "shift")[0]
    start = place(one.get("start"), "start") or walker.start
    end = place(one.get("end"), "end") if one.get("end") is not None else (None if "end" in one else start)
    limit = one.get("max_distance_m")
    return {
        "user_id": walker.user_id, "name_zh": walker.name_zh, "name_en": walker.name_en,
        "start_lon": start[0], "start_lat": start[1], "end_lon": end[0] if end else None,
        "end_lat": end[1] if end else None, "shift_start_s": shift[0], "shift_end_s": shift[1],
        "breaks": breaks(one.get("breaks", [USUAL_BREAK]), shift), "skills": words(one.get("skills", []), "skills"),
        "patches": list(walker.patches),
        "days": days_of(one.get("days"), day, days),
        "max_distance_m": None if limit is None else positive(limit, "max_distance_m"), "absent_from": None,
    }  # fmt: skip


def _remembered(asked: Mapping[str, Any]) -> dict[str, Any]:
    query = asked.get("filters")
    texts = (
        {str(name): str(value)[:200] for name, value in query.items()} if isinstance(query, Mapping) else {}
    )
    return {"filters": dict(list(texts.items())[:20])}
