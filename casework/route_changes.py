"""Changing a plan by hand or by what the day brings: tried first, shown, then kept; nothing else moves unasked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import fields, route_arranging, route_undo
from casework.clock import day_of
from casework.errors import Refused, mark
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from casework.route_asked import DAY_S, one_of, share, whole, windows_of
from casework.route_picking import MOST_STOPS, Picked, findings_as_stops, pick_patches
from casework.route_places import pick_places
from casework.route_plans import OWN_PATCH, as_row, at_second, changed_plan, note_event, plan_of
from casework.route_problem import Loaded, as_it_stands, load, outcome_json, remedy_of, solve, store
from casework.route_solving import require_idle
from casework.route_view import described
from db.models import LOCKS, RouteInspector, RoutePlan, RouteStop
from geo import routing
from geo.route_types import Plan, Reason

MOST_CHANGES: Final = 50
RESOLVE_S: Final = 3.0
_SHIFT_S: Final = 60

CANNOT: Final[Mapping[Reason, str]] = {
    Reason.NO_SKILL: mark("%(stop)s: whoever goes there needs a skill that is lacking"),
    Reason.OWN_PATCH: mark("%(stop)s lies in somebody else's patch, and only one's own is allowed"),
    Reason.LOCKED: mark("%(stop)s is agreed as it is: unlock it first"),
    Reason.UNREACHABLE: mark("%(stop)s: no street leads there"),
    Reason.OUTSIDE_HOURS: mark("%(stop)s can only be seen at hours that do not fit there"),
    Reason.TOO_FAR: mark("%(stop)s is further than this person may go"),
    Reason.NO_TIME: mark("%(stop)s does not fit there: somebody would come too late or work too long"),
    Reason.NOT_TRIED: mark("%(stop)s could not be placed: work the plan out again"),
}


@dataclass
class Work:
    """One plan while it is changed: its rows, and the rounds made of them."""

    office: Office
    session: Session
    actor: Actor
    plan: RoutePlan
    timezone: str
    now: datetime
    problem: Loaded
    rounds: Plan

    def row(self, value: object) -> RouteStop:
        """The stop that a change names. Raises Refused."""
        row = self.session.get(RouteStop, value) if type(value) is int else None
        if row is None or row.plan_id != self.plan.id:
            raise Refused(mark("There is no such stop in this plan"), field="stop")
        return row

    def person(self, value: object) -> RouteInspector:
        """The person that a change names. Raises Refused."""
        row = self.session.get(RouteInspector, value) if type(value) is int else None
        if row is None or row.plan_id != self.plan.id:
            raise Refused(mark("There is no such person in this plan"), field="inspector")
        return row

    def day(self, number: int) -> date:
        """A day of the plan by its number from 0."""
        return self.plan.day + timedelta(days=number)

    def reload(self) -> None:
        """Rows were changed: the rounds again from what is in force, times anew."""
        store(self.session, self.plan, self.problem, self.rounds)
        self.session.flush()
        self.problem = load(self.session, self.plan)
        self.rounds = as_it_stands(self.problem)


def change(office: Office, actor: Actor, plan_id: int, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Make changes in order, all or none; ``dry_run`` only says what they would do.

    ``asked``: ``revision`` as seen, ``changes`` [{act, …}]. The answer has ``data`` (the plan as `plan_data` gives it)
    and ``difference``. Raises Refused naming what does not fit and why, Conflict, NotFound, Forbidden.
    """
    require(actor, Act.PLAN_ROUTES)
    changes = asked.get("changes")
    if not isinstance(changes, list) or not 1 <= len(changes) <= MOST_CHANGES:
        raise Refused(
            mark("changes must be a list of 1 to %(most)s changes"), {"most": MOST_CHANGES}, field="changes"
        )
    answer: dict[str, Any] = {}
    _ask_ahead(office, plan_id)
    try:
        with office.database.write() as session:
            require_idle(office, plan_of(session, plan_id))
            plan = changed_plan(session, plan_id, asked.get("revision"), office.now())
            problem = load(session, plan)
            work = Work(
                office,
                session,
                actor,
                plan,
                the_city(session).timezone,
                office.now(),
                problem,
                as_it_stands(problem),
            )
            before, rows = work.rounds, route_undo.rows_of(session, plan)
            for one in changes:
                _apply(work, one)
            answer = _kept(work, before)
            if asked.get("dry_run"):
                raise _OnlyTried
    except _OnlyTried:
        return answer
    _remember(office, plan_id, answer["data"]["plan"], str(changes[-1]["act"]), rows)
    return answer


def _remember(office: Office, plan_id: int, plan: dict[str, Any], act: str, before: dict[str, Any]) -> None:
    """Keep the way back; the answer says what can be taken back now."""
    if act == "undo":
        route_undo.forget_last(office.settings, plan_id, plan["revision"])
    else:
        route_undo.remember(office.settings, plan_id, plan["revision"], act, before)
    with office.database.read() as session:
        plan["undo"] = route_undo.can_undo(office.settings, plan_of(session, plan_id))


def _ask_ahead(office: Office, plan_id: int) -> None:
    """Where a routing server is set up: have its answers at hand before others have to wait for us to write."""
    if office.settings.router_url:
        with office.database.read() as session:
            load(session, plan_of(session, plan_id))


class _OnlyTried(Exception):
    """Takes a transaction back that was only to be looked at."""


def _kept(work: Work, before: Plan) -> dict[str, Any]:
    work.plan.status = "sent" if work.plan.sent_at else "ready"
    evenness = work.plan.outcome.get("evenness")
    store(work.session, work.plan, work.problem, work.rounds)
    work.plan.outcome = {**outcome_json(work.problem, work.rounds), "evenness": evenness}
    work.session.flush()
    found = routing.difference(before, work.rounds)
    later, earlier = _retimed(before, work.rounds)
    return {
        "data": described(work.office, work.session, work.actor, work.plan),
        "difference": {
            "served": _numbers(found.added), "unserved": _numbers(found.dropped),
            "handed_over": _numbers(found.handed_over), "reordered": _numbers(found.reordered),
            "moved": _numbers((*found.handed_over, *found.reordered)), "retimed": _numbers(found.retimed),
            "later": later, "earlier": earlier, "travel_s": round(found.travel_s),
            "distance_m": round(found.distance_m),
        },
    }  # fmt: skip


def _retimed(before: Plan, after: Plan) -> tuple[list[int], list[int]]:
    """Stops that are begun later and earlier than before, by more than a minute."""
    begun = {visit.stop: visit.start_s for route in before.routes for visit in route.visits}
    shifts = [
        (int(visit.stop), visit.start_s - begun[visit.stop])
        for route in after.routes
        for visit in route.visits
        if visit.stop in begun
    ]
    return [stop for stop, by in shifts if by > _SHIFT_S], [stop for stop, by in shifts if by < -_SHIFT_S]


def _numbers(stops: Sequence[str]) -> list[int]:
    return [int(stop) for stop in stops]


def _apply(work: Work, one: object) -> None:
    if not isinstance(one, Mapping) or not isinstance(one.get("act"), str) or one["act"] not in _ACTS:
        raise Refused(mark("act must be one of %(known)s"), {"known": ", ".join(_ACTS)}, field="act")
    try:
        _ACTS[one["act"]](work, one)
    except routing.CannotPlace as error:
        row = work.session.get(RouteStop, int(error.stop)) if error.stop.isdigit() else None
        raise Refused(
            CANNOT[error.reason], {"stop": row.name if row else error.stop}, field="stop"
        ) from error
    except routing.BadRouteInput as error:
        raise Refused(error.problem, error.params, field=error.field) from error
    details = {
        key: value for key, value in one.items() if key in ("stop", "inspector", "day", "position", "lock")
    }
    stop = one.get("stop") if type(one.get("stop")) is int and one["act"] != "remove" else None
    note_event(work.session, work.plan.id, work.now, work.actor, str(one["act"]), stop, **details)


def _move(work: Work, one: Mapping[str, Any]) -> None:
    row, person = work.row(one.get("stop")), work.person(one.get("inspector"))
    day = _day_number(work.plan, one)
    position = whole(one.get("position"), "position", 0, MOST_STOPS)
    work.rounds = routing.move(work.rounds, str(row.id), str(person.id), position, day)


def _day_number(plan: RoutePlan, one: Mapping[str, Any]) -> int:
    """A change's ``day`` (2026-09-03) or ``day_number`` as the number of days since the plan's first."""
    if one.get("day") is None:
        return whole(one.get("day_number", 0), "day_number", 0, plan.days - 1)
    try:
        number = (date.fromisoformat(str(one["day"])) - plan.day).days
    except ValueError:
        raise Refused(mark("day must be a date such as 2026-09-03"), field="day") from None
    if not 0 <= number < plan.days:
        raise Refused(mark("day must be one of the plan's days"), field="day")
    return number


def _unserve(work: Work, one: Mapping[str, Any]) -> None:
    work.rounds = routing.remove(work.rounds, str(work.row(one.get("stop")).id))


def _lock(work: Work, one: Mapping[str, Any]) -> None:
    if "stops" in one:
        route_arranging.lock_many(work, one)
        return
    row = work.row(one.get("stop"))
    lock = one_of(one.get("lock"), "lock", LOCKS)
    if lock and str(row.id) not in work.rounds.served:
        raise Refused(
            mark("%(stop)s is in no round: there is nothing to agree"), {"stop": row.name}, field="stop"
        )
    row.lock = lock
    work.reload()


def _must(work: Work, one: Mapping[str, Any]) -> None:
    work.row(one.get("stop")).is_must = one.get("must") is True
    work.reload()


def _windows(work: Work, one: Mapping[str, Any]) -> None:
    work.row(one.get("stop")).windows = windows_of(one.get("windows"))
    work.reload()


def _service(work: Work, one: Mapping[str, Any]) -> None:
    work.row(one.get("stop")).service_s = whole(one.get("service_s"), "service_s", 0, DAY_S)
    work.reload()


def _remove(work: Work, one: Mapping[str, Any]) -> None:
    """Take a stop out of the plan for good; what was seen already stays on record."""
    row = work.row(one.get("stop"))
    if row.done_at is not None:
        raise Refused(mark("%(stop)s was seen already: it stays"), {"stop": row.name}, field="stop")
    if str(row.id) in work.rounds.served:
        row.lock = ""
        work.reload()
        work.rounds = routing.remove(work.rounds, str(row.id))
        work.reload()
    row.state, row.unserved = "skipped", None
    work.reload()


def _skip(work: Work, one: Mapping[str, Any]) -> None:
    row = work.row(one.get("stop"))
    row.note = fields.text(one.get("note"), "note", limit=500)
    _remove(work, one)


def _insert(work: Work, one: Mapping[str, Any]) -> None:
    """A new finding, place or patch: where it costs least, or with everything worked out again around it."""
    picked = _named(work, one)
    count = work.session.query(RouteStop).filter_by(plan_id=work.plan.id).count()
    if count >= MOST_STOPS:
        raise Refused(mark("This plan has %(count)s stops: no more fit"), {"count": count}, field="stop")
    row = as_row(work.plan.id, picked)
    work.session.add(row)
    work.session.flush()
    work.reload()
    how = one_of(one.get("how", "insert"), "how", ("insert", "resolve", "leave"))
    if how == "insert":
        work.rounds = routing.insert(work.rounds, str(row.id))
    elif how == "resolve":
        work.rounds = solve(work.problem, RESOLVE_S, again=True)


def _named(work: Work, one: Mapping[str, Any]) -> Picked:
    if type(one.get("finding")) is int:
        there = work.session.scalars(
            select(RouteStop.id).where(
                RouteStop.plan_id == work.plan.id,
                RouteStop.finding_id == one["finding"],
                RouteStop.state != "skipped",
            )
        ).first()
        if there is not None:
            raise Refused(mark("This finding is a stop of this plan already"), field="finding")
        return findings_as_stops(work.session, [one["finding"]], work.now)[0]
    if type(one.get("area")) is int:
        return pick_patches(work.session, [one["area"]])[0]
    return pick_places(work.session, [one.get("place")])[0]


def _absent(work: Work, one: Mapping[str, Any]) -> None:
    """Somebody cannot go on from a moment of a day: their open stops go to the others."""
    person = work.person(one.get("inspector"))
    from_s = whole(one.get("from_s", 0), "from_s", 0, DAY_S)
    day = max(work.plan.day, day_of(work.now, work.timezone))
    person.absent_from = at_second(day, from_s, work.timezone)
    work.rounds = routing.without_inspector(work.rounds, str(person.id))
    for row in work.session.scalars(select(RouteStop).where(RouteStop.inspector_id == person.id)):
        if row.done_at is None:
            row.lock = ""
    work.reload()


def _remedy(work: Work, one: Mapping[str, Any]) -> None:
    """Do what was offered: then the stop goes into the round that it was said to fit into."""
    row = work.row(one.get("stop"))
    remedy = remedy_of(row.id, row.unserved) if row.unserved else None
    if remedy is None:
        raise Refused(mark("%(stop)s: nothing that is known would help"), {"stop": row.name}, field="stop")
    person = work.person(int(remedy.inspector))
    person.shift_start_s = max(0, round(person.shift_start_s - remedy.earlier_s))
    person.shift_end_s = min(DAY_S, round(person.shift_end_s + remedy.later_s))
    person.skills = sorted({*person.skills, *remedy.skills})
    if remedy.patch:
        person.patches = [*person.patches, int(remedy.patch)]
    if remedy.further_m and person.max_distance_m is not None:
        person.max_distance_m += remedy.further_m
    if remedy.any_time:
        row.windows, row.due_at = [], None
    if remedy.any_inspector:
        row.lock = ""
    if remedy.reached_from:
        row.reached_from_id, row.walk_s = int(remedy.reached_from), round(remedy.walk_s)
    row.is_must = True
    work.reload()
    work.rounds = routing.insert(work.rounds, str(row.id))


def _settings(work: Work, one: Mapping[str, Any]) -> None:
    if "balance" in one:
        work.plan.balance = share(one["balance"], "balance")
    if "own_patch" in one:
        work.plan.own_patch = one_of(one["own_patch"], "own_patch", OWN_PATCH)
    work.reload()


_ACTS: Final[Mapping[str, Callable[[Work, Mapping[str, Any]], None]]] = {
    "move": _move, "unserve": _unserve, "lock": _lock, "must": _must, "window": _windows, "windows": _windows,
    "service": _service,
    "remove": _remove, "skip": _skip, "insert": _insert, "absent": _absent, "remedy": _remedy, "settings": _settings,
    "arrange": route_arranging.arrange, "restore": route_arranging.restore, "present": route_arranging.present,
    "place": route_arranging.place,
    "undo": route_arranging.undo,
}  # fmt: skip
