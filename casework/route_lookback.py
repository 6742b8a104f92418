"""Looking back at rounds: planned against walked, stops made, kilometres, times kept; each inspector sees their own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import day_of
from casework.errors import Refused, mark
from casework.office import Office, the_city
from casework.policy import Act, Actor, may, require
from casework.route_plans import second_of
from casework.route_tracks import walked_m, with_consent
from db.models import RouteInspector, RoutePlan, RouteStop, User

USUAL_DAYS: Final = 14
MOST_DAYS: Final = 92
ON_TIME_S: Final = 15 * 60
"""Who comes no later than this after the planned time is on time."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the city from ``first`` to ``last``, both included, and whose rounds (None: everybody's)."""

    first: date
    last: date
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class WalkedRound:
    """What became of one inspector's round of one day. Seconds are from midnight in the city.

    ``missed`` stops were neither made nor skipped when the day was over; on the day itself they are ``waiting``.
    ``planned_s`` and ``walked_s`` run from the first stop's arrival to the last one's end. ``on_time`` of ``timed``
    stops were reached within ON_TIME_S of their planned time, ``late_s`` is the median delay. ``walked_m`` None: no
    positions were recorded.
    """

    plan_id: int
    inspector_id: int
    user_id: int | None
    title: str
    day: date
    name: Pair
    mode: str
    stops: int
    done: int
    skipped: int
    missed: int
    waiting: int
    planned_m: int | None
    walked_m: int | None
    planned_s: tuple[int, int] | None
    walked_s: tuple[int, int] | None
    on_time: int
    timed: int
    late_s: int | None


@dataclass(frozen=True, slots=True)
class DayLine:
    """All rounds of one day together, for the charts. ``compared_m`` is planned of those rounds that have a track."""

    day: date
    stops: int
    done: int
    skipped: int
    missed: int
    waiting: int
    planned_m: int
    compared_m: int
    walked_m: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose rounds one may look at. ``records`` whether they let their positions be recorded now."""

    user_id: int
    name: Pair
    records: bool


@dataclass(frozen=True, slots=True)
class Lookback:
    """Rounds of a period, latest day first; ``all_own`` when the one who asks sees only their own."""

    period: Period
    today: date
    rounds: list[WalkedRound]
    days: list[DayLine]
    people: list[Person]
    all_own: bool


def lookback(office: Office, actor: Actor, query: Mapping[str, str]) -> Lookback:
    """Rounds that were sent out, by ``from``, ``to`` (days) and ``inspector`` (an account's id).

    Raises Refused naming the field, Forbidden.
    """
    own = only_own(actor)
    with office.database.read() as session:
        timezone = the_city(session).timezone
        today = day_of(office.now(), timezone)
        period = read_period(query, today, actor if own else None)
        people = _people(session, actor if own else None)
        rounds = _rounds(office, session, period, today, timezone)
    return Lookback(period, today, rounds, _by_day(rounds), people, own)


def only_own(actor: Actor) -> bool:
    """Whether somebody looks back at their own rounds only. Raises NotSignedIn, or Forbidden for who sees none."""
    if may(actor, Act.VIEW_ROUTES):
        return False
    require(actor, Act.WALK_ROUND)
    return True


def read_period(query: Mapping[str, str], today: date, own: Actor | None) -> Period:
    """The days and the person that a query asks for; ``own`` sees nobody else. Raises Refused naming the field."""
    last = _day(query.get("to", ""), "to") or today
    first = _day(query.get("from", ""), "from") or last - timedelta(days=USUAL_DAYS - 1)
    if last < first:
        raise Refused(mark("to lies before from: give the later day as to"), field="to")
    if (last - first).days >= MOST_DAYS:
        raise Refused(mark("At most %(most)s days at once"), {"most": MOST_DAYS}, field="from")
    if own is not None:
        return Period(first, last, own.user_id or -1)  # a key is nobody who walks
    return Period(first, last, _person(query.get("inspector", "")))


def _day(text: str, field: str) -> date | None:
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            mark("%(field)s must be a date such as 2026-09-02"), {"field": field}, field=field
        ) from None
    if not 2000 <= found.year <= 2200:
        raise Refused(mark("%(field)s must be a date such as 2026-09-02"), {"field": field}, field=field)
    return found


def _person(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Refused(mark("inspector must be a number"), field="inspector")
    return int(text)


def _people(session: Session, own: Actor | None) -> list[Person]:
    """Accounts that were ever sent out, and who walks rounds now."""
    wanted = select(RouteInspector.user_id).join(RoutePlan).where(RoutePlan.status == "sent")
    users = select(User).where(User.id.in_(wanted)).order_by(User.id)
    if own is not None:
        users = select(User).where(User.id == (own.user_id or -1))
    found = session.scalars(users).all()
    recorded = with_consent(session, [one.id for one in found])
    return [Person(one.id, _name(one), one.id in recorded) for one in found]


def _name(user: User) -> Pair:
    return (user.person.name_zh, user.person.name_en) if user.person else (user.username, user.username)


def _rounds(
    office: Office, session: Session, period: Period, today: date, timezone: str
) -> list[WalkedRound]:
    wanted = (
        select(RouteStop, RouteInspector, RoutePlan)
        .join(RouteInspector, RouteStop.inspector_id == RouteInspector.id)
        .join(RoutePlan, RouteStop.plan_id == RoutePlan.id)
        .where(RoutePlan.status == "sent", RouteStop.day.between(period.first, min(period.last, today)))
        .order_by(RouteStop.day.desc(), RoutePlan.id.desc(), RouteInspector.line, RouteStop.position)
    )
    if period.user_id is not None:
        wanted = wanted.where(RouteInspector.user_id == period.user_id)
    groups: dict[tuple[int, int, date], list[Any]] = defaultdict(list)
    for row in session.execute(wanted):
        groups[row.RoutePlan.id, row.RouteInspector.id, row.RouteStop.day].append(row)
    lengths = walked_m(office, session, {plan_id for plan_id, _person, _day in groups}, timezone)
    found = []
    for (plan_id, _inspector_id, day), rows in groups.items():
        person = rows[0].RouteInspector
        stops = [row.RouteStop for row in rows]
        metres = lengths.get((plan_id, person.user_id or 0, day))
        found.append(_round(rows[0].RoutePlan, person, day, stops, metres, today, timezone))
    return found


def _round(
    plan: RoutePlan,
    person: RouteInspector,
    day: date,
    stops: Sequence[RouteStop],
    metres: float | None,
    today: date,
    timezone: str,
) -> WalkedRound:
    done = [stop for stop in stops if stop.state == "done"]
    skipped = sum(stop.state == "skipped" for stop in stops)
    left = len(stops) - len(done) - skipped
    delays = [delay for stop in done if (delay := delay_s(stop)) is not None]
    kept = plan.outcome.get("rounds", {}).get(f"{person.id}/{day.isoformat()}", {})
    return WalkedRound(
        plan.id, person.id, person.user_id, plan.title, day, (person.name_zh, person.name_en), plan.mode,
        stops=len(stops), done=len(done), skipped=skipped, missed=left if day < today else 0,
        waiting=left if day >= today else 0, planned_m=kept.get("distance_m"),
        walked_m=None if metres is None else round(metres),
        planned_s=_span(((s.arrive_at, s.leave_at) for s in stops), day, timezone),
        walked_s=_span(((reached_at(s), s.done_at) for s in done), day, timezone),
        on_time=sum(delay <= ON_TIME_S for delay in delays), timed=len(delays),
        late_s=round(median(delays)) if delays else None,
    )  # fmt: skip


def reached_at(stop: RouteStop) -> datetime | None:
    """When somebody came to a stop that is done: as recorded, else its end less the time that it was to take."""
    if stop.arrived_at is not None or stop.done_at is None:
        return stop.arrived_at
    return stop.done_at - timedelta(seconds=stop.service_s)


def delay_s(stop: RouteStop) -> float | None:
    """How much later than planned a stop was reached in seconds, below 0 for earlier; None where that is not known."""
    reached = reached_at(stop)
    if reached is None or stop.arrive_at is None:
        return None
    return (reached - stop.arrive_at).total_seconds()


def _span(
    times: Iterable[tuple[datetime | None, datetime | None]], day: date, timezone: str
) -> tuple[int, int] | None:
    pairs = [(start, end) for start, end in times if start is not None and end is not None]
    if not pairs:
        return None
    start, end = min(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
    return second_of(start, day, timezone), second_of(end, day, timezone)


def _by_day(rounds: Sequence[WalkedRound]) -> list[DayLine]:
    """The days that had rounds, earliest first."""
    days: dict[date, list[WalkedRound]] = defaultdict(list)
    for one in rounds:
        days[one.day].append(one)
    return [
        DayLine(
            day, stops=sum(one.stops for one in found), done=sum(one.done for one in found),
            skipped=sum(one.skipped for one in found), missed=sum(one.missed for one in found),
            waiting=sum(one.waiting for one in found), planned_m=sum(one.planned_m or 0 for one in found),
            compared_m=sum(one.planned_m or 0 for one in found if one.walked_m is not None),
            walked_m=sum(one.walked_m or 0 for one in found),
        )
        for day, found in sorted(days.items())
    ]  # fmt: skip
