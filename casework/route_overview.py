"""The list of plans: how far each is, who goes, how long it is, a small picture; and what a new one begins with."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select, true
from sqlalchemy.orm import Session

from casework.clock import day_of
from casework.errors import Refused, mark
from casework.map_names import read_names
from casework.office import Office, the_city
from casework.policy import Act, Actor, may, require
from casework.route_picking import walkers
from casework.street_networks import NetworkFacts, facts_in
from db.models import RouteInspector, RoutePlan, RouteStop, User

STAGES: Final = ("new", "solving", "failed", "ready", "sent", "under_way", "done", "discarded")
PERIODS: Final = ("", "today", "week", "coming", "past")
PAGE: Final = 40
_AFTER_SENDING: Final = ("sent", "under_way", "done")
_NOON: Final = 12  # from then on somebody who plans thinks of tomorrow

Pair = tuple[str, str]
Round = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan in the list. ``rounds`` are the places of its stops in order, a list for each round; (lon, lat) WGS 84.

    ``stage`` is its status as people see it: what was sent is under way or done by its stops and its days.
    """

    id: int
    title: str
    day: date
    last_day: date
    mode: str
    stage: str
    stops: int
    served: int
    done: int
    skipped: int
    people: list[Pair]
    distance_m: int | None
    made_by: Pair | None
    created_at: datetime
    sent_at: datetime | None
    rounds: list[Round]


@dataclass(frozen=True, slots=True)
class PlanList:
    """Plans as asked for, by when they are: today's, those to come, those gone. ``any`` whether there is any at all."""

    today: date
    groups: list[tuple[str, list[PlanCard]]]
    count: int
    pages: int
    page: int
    any: bool


@dataclass(frozen=True, slots=True)
class Crew:
    """Somebody who could go, with their patches' codes and the place where they usually begin (lon, lat)."""

    user_id: int
    zh: str
    en: str
    role: str
    patches: list[str]
    start: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the form of a new plan begins with; ``now_s`` seconds since midnight in the city.

    ``network`` None: rounds can only follow straight lines.
    """

    day: date
    today: date
    now_s: int
    crew: list[Crew]
    network: NetworkFacts | None
    may_import_streets: bool


def plan_list(office: Office, actor: Actor, query: Mapping[str, str]) -> PlanList:
    """Plans by ``period`` (PERIODS), ``stage`` (STAGES) and ``page``; without a stage those not thrown away.

    Raises Refused naming the field, Forbidden.
    """
    require(actor, Act.VIEW_ROUTES)
    stage, period = query.get("stage", ""), query.get("period", "")
    _known(stage, "stage", ("", *STAGES))
    _known(period, "period", PERIODS)
    with office.database.read() as session:
        today = day_of(office.now(), the_city(session).timezone)
        found = _cards(session, _of_stage(stage), today)
        found = [one for one in found if _is_in(one, period, today) and stage in ("", one.stage)]
        page = _page(query.get("page", "1"), len(found))
        shown = found[(page - 1) * PAGE : page * PAGE]
        _draw(session, shown)
        anything = session.scalar(select(func.count()).select_from(RoutePlan)) or 0
    return PlanList(
        today, _grouped(shown, today), len(found), max(1, math.ceil(len(found) / PAGE)), page, bool(anything)
    )


def beginning(office: Office, actor: Actor) -> Beginning:
    """What a new plan begins with: today until noon, else tomorrow, and who could go. Raises Forbidden."""
    require(actor, Act.PLAN_ROUTES)
    now = office.now()
    with office.database.read() as session:
        timezone = the_city(session).timezone
        today = day_of(now, timezone)
        names = read_names(session)
        roles: dict[int, str] = {row.id: row.role for row in session.execute(select(User.id, User.role))}
        codes = {area.id: area.code for area in names.patch_level.areas} if names.patch_level else {}
        crew = [
            Crew(
                one.user_id, one.name_zh, one.name_en, roles[one.user_id],
                [codes[area] for area in one.patches], one.start,
            )
            for one in walkers(session, names)
        ]  # fmt: skip
        network = facts_in(session)
    clock = now.astimezone(ZoneInfo(timezone))
    now_s = clock.hour * 3600 + clock.minute * 60 + clock.second
    day = today + timedelta(days=clock.hour >= _NOON)
    return Beginning(day, today, now_s, crew, network, may(actor, Act.MANAGE_SETTINGS))


def stage_of(plan: RoutePlan, open_stops: int, begun: int, today: date) -> str:
    """A plan's status as people see it. ``open_stops`` wait in a round, ``begun`` were arrived at, done or skipped."""
    if plan.status != "sent":
        return plan.status
    last = plan.day + timedelta(days=plan.days - 1)
    if today > last or (begun and not open_stops):
        return "done"
    return "under_way" if begun and today >= plan.day else "sent"


def _known(value: str, field: str, known: Sequence[str]) -> None:
    if value not in known:
        raise Refused(
            mark("%(field)s must be one of %(known)s"),
            {"field": field, "known": ", ".join(filter(None, known))},
            field=field,
        )


def _of_stage(stage: str) -> ColumnElement[bool]:
    if not stage:
        return RoutePlan.status != "discarded"
    return RoutePlan.status == ("sent" if stage in _AFTER_SENDING else stage)


def _is_in(card: PlanCard, period: str, today: date) -> bool:
    monday = today - timedelta(days=today.weekday())
    return {
        "": True,
        "today": card.day <= today <= card.last_day,
        "week": card.day <= monday + timedelta(days=6) and card.last_day >= monday,
        "coming": card.day > today,
        "past": card.last_day < today,
    }[period]


def _page(text: str, count: int) -> int:
    """The page that was asked for, the last one when it lies behind it."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
    return min(max(number, 1), max(1, math.ceil(count / PAGE)))


def _cards(session: Session, wanted: ColumnElement[bool], today: date) -> list[PlanCard]:
    """Plans with their counts: today's first, then those to come, nearest first, then those gone, latest first."""
    counts = _counts(session)
    people: dict[int, list[Pair]] = defaultdict(list)
    for row in session.execute(
        select(RouteInspector.plan_id, RouteInspector.name_zh, RouteInspector.name_en).order_by(
            RouteInspector.line
        )
    ):
        people[row.plan_id].append((row.name_zh, row.name_en))
    makers = {one.id: _name(one) for one in session.scalars(select(User))}
    cards = []
    for plan in session.scalars(select(RoutePlan).where(wanted)):
        stops, served, done, skipped, begun, waiting = counts.get(plan.id, (0,) * 6)
        cards.append(
            PlanCard(
                plan.id, plan.title, plan.day, plan.day + timedelta(days=plan.days - 1), plan.mode,
                stage_of(plan, waiting, begun, today), stops, served, done, skipped, people[plan.id],
                plan.outcome.get("distance_m"), makers.get(plan.created_by or 0), plan.created_at, plan.sent_at, [],
            )
        )  # fmt: skip
    return sorted(cards, key=lambda card: (_when(card, today), _nearness(card, today), -card.id))


def _counts(session: Session) -> dict[int, tuple[int, ...]]:
    """By plan: stops, in a round, done, skipped, begun, waiting in a round."""
    in_round = RouteStop.inspector_id.is_not(None)

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    rows = session.execute(
        select(
            RouteStop.plan_id, number(true()), number(in_round), number(RouteStop.state == "done"),
            number(RouteStop.state == "skipped"), number(RouteStop.state != "planned"),
            number(in_round & RouteStop.state.in_(("planned", "arrived"))),
        ).group_by(RouteStop.plan_id)
    )  # fmt: skip
    return {row[0]: tuple(int(value) for value in row[1:]) for row in rows}


def _name(user: User) -> Pair:
    return (user.person.name_zh, user.person.name_en) if user.person else (user.username, user.username)


def _when(card: PlanCard, today: date) -> int:
    return 0 if card.day <= today <= card.last_day else 1 if card.day > today else 2


def _nearness(card: PlanCard, today: date) -> int:
    return (card.day - today).days if card.day > today else (today - card.day).days


def _grouped(cards: Sequence[PlanCard], today: date) -> list[tuple[str, list[PlanCard]]]:
    groups = [
        (name, [card for card in cards if _when(card, today) == number])
        for number, name in enumerate(("today", "coming", "past"))
    ]
    return [(name, found) for name, found in groups if found]


def _draw(session: Session, cards: Sequence[PlanCard]) -> None:
    """The rounds of these plans, as the places of their stops in order."""
    by_plan = {card.id: card for card in cards}
    rounds: dict[tuple[int, int, date], Round] = defaultdict(list)
    rows = session.execute(
        select(RouteStop.plan_id, RouteStop.inspector_id, RouteStop.day, RouteStop.lon, RouteStop.lat)
        .where(RouteStop.plan_id.in_(by_plan), RouteStop.inspector_id.is_not(None))
        .order_by(RouteStop.inspector_id, RouteStop.day, RouteStop.position)
    )
    for row in rows:
        rounds[row.plan_id, row.inspector_id, row.day].append((row.lon, row.lat))
    for (plan_id, _person, _day), places in rounds.items():
        by_plan[plan_id].rounds.append(places)
