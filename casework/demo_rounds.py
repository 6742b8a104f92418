"""The demo's rounds: one walked today, one for tomorrow that still has to be decided, and those of days gone by.

They are planned by the same solver as everybody's, with few steps and always the same ones, so that they are the same
on every machine and take no time.
"""

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.demo_plans import LOOKED_AT
from casework.demo_seeds import Seeds
from casework.demo_time import in_city, is_working
from casework.demo_walks import walk
from casework.map_names import Names, read_names
from casework.policy import Actor
from casework.route_picking import Picked, Walker, findings_as_stops, pick_patches, walkers
from casework.route_places import pick_places
from casework.route_plans import USUAL_BREAK, USUAL_SHIFT_S, as_row, note_event
from casework.route_problem import load, store
from casework.status import FINAL_STATUSES, display_key
from casework.street_networks import facts_in, network_of_id
from db.models import Finding, RouteInspector, RoutePlan, TrackConsent
from geo import routing
from geo.roads import FARTHEST_M

SEED: Final = 630102
STEPS: Final = 40
WALKED_DAYS: Final = 6
ON_A_ROUND: Final = 7
_URGENCY: Final = ("over", "due", "check", "prog", "new", "susp", "done")
_MORNING_S: Final = 12 * 3600
_MARKET: Final = [[8 * 3600 + 1800, 10 * 3600]]
_NIGHT: Final = [[19 * 3600, 21 * 3600]]


def plant_rounds(session: Session, seeds: Seeds, as_of: date) -> None:
    """Put the plans on record, in the caller's transaction; areas, people, streets and findings must be there."""
    names = read_names(session)
    users = {user_id: name for name, user_id in seeds.users.items()}
    crew = {users[one.user_id]: one for one in walkers(session, names)}
    _Rounds(session, seeds, as_of, names, crew).plant()


class _Rounds:
    """The plans of one demo."""

    def __init__(
        self, session: Session, seeds: Seeds, as_of: date, names: Names, crew: dict[str, Walker]
    ) -> None:
        self._session, self._as_of, self._crew = session, as_of, crew
        self._supervisor = Actor(role="supervisor", user_id=seeds.users["supervisor"], username="supervisor")
        facts = facts_in(session)
        network = network_of_id(session, facts.id) if facts else None
        assert facts is not None  # noqa: S101 - planted just before
        assert network is not None  # noqa: S101
        self._network_id, self._network = facts.id, network
        self._patches = [area.id for area in names.patch_level.areas] if names.patch_level else []
        # A demo is drawn by lot on purpose, and the same lot for the same day.
        self._rng = random.Random(f"{SEED}:rounds:{as_of.isoformat()}")  # noqa: S311

    def plant(self) -> None:
        """All of them, the oldest first."""
        inspectors = [name for name in self._crew if name.startswith("inspector")]
        self._consent(inspectors[:3])
        days = [day for back in range(16, 0, -1) if is_working(_noon(day := self._day(-back)))]
        for number, day in enumerate(days[-WALKED_DAYS:]):
            who = [inspectors[(number + k * 2) % len(inspectors)] for k in range(3)]
            self._walked(day, list(dict.fromkeys(who)))
        self._today(inspectors[:4])
        self._tomorrow(["inspector", *inspectors[-2:]])

    def _consent(self, inspectors: Iterable[str]) -> None:
        at = self._moment(self._day(-30), 9, 5)
        for name in inspectors:
            self._session.add(TrackConsent(user_id=self._crew[name].user_id, given_at=at, withdrawn_at=None))

    def _walked(self, day: date, people: Sequence[str]) -> None:
        made = self._moment(day - timedelta(days=1), 16, 40)
        picked = [stop for name in people for stop in (*self._seen_on(day, name), *self._visits(name, 2))]
        plan = self._plan("片区巡查", day, made, people, picked, sent=made + timedelta(minutes=25))
        walk(self._session, plan, self._rng)

    def _today(self, people: Sequence[str]) -> None:
        made = self._moment(self._day(-1), 16, 50)
        picked = [stop for name in people for stop in (*self._open(name, 8), *self._visits(name, 1))]
        market = self._place("早市占道", people[0], windows=_MARKET, service_s=900, must=True)
        self._plan(
            "今日巡查", self._as_of, made, people, [*picked, *market], sent=made + timedelta(minutes=30)
        )

    def _tomorrow(self, people: Sequence[str]) -> None:
        """More than fits: it shows why a stop is left out and what would help."""
        made = self._moment(self._day(-1), 17, 10)
        picked = [stop for name in people for stop in (*self._open(name, 14), *self._visits(name, 2))]
        odd = [
            *self._place("夜市烧烤油烟", people[0], windows=_NIGHT, service_s=1200),
            *self._place("液化气站检查", people[1], skills=["燃气"], service_s=1800, must=True),
        ]
        day = next(day for on in range(1, 12) if is_working(_noon(day := self._day(on))))
        self._plan("超期问题复查", day, made, people, [*picked, *odd], shift=(USUAL_SHIFT_S[0], _MORNING_S))

    def _plan(
        self,
        title: str,
        day: date,
        made: datetime,
        people: Sequence[str],
        picked: Sequence[Picked],
        *,
        sent: datetime | None = None,
        shift: tuple[int, int] = USUAL_SHIFT_S,
    ) -> RoutePlan:
        plan = RoutePlan(
            title=title, day=day, days=1, mode="foot", status="sent" if sent else "ready",
            created_by=self._supervisor.user_id, created_at=made, updated_at=sent or made, sent_at=sent, revision=3,
            solve_s=10, balance=0.5, own_patch="only" if sent else "preferred", network_id=self._network_id,
            picked={"filters": {}}, outcome={},
        )  # fmt: skip
        self._session.add(plan)
        self._session.flush()
        for line, name in enumerate(people):
            self._session.add(_inspector(plan, line, self._crew[name], shift))
        self._session.add_all([as_row(plan.id, stop) for stop in picked])
        self._session.flush()
        problem = load(self._session, plan)
        store(self._session, plan, problem, routing.solve(problem.request, seconds=60, steps=STEPS))
        self._note(plan, made, sent)
        return plan

    def _note(self, plan: RoutePlan, made: datetime, sent: datetime | None) -> None:
        note_event(self._session, plan.id, made, self._supervisor, "made", stops=plan.outcome["stops"])
        at = made + timedelta(seconds=40)
        note_event(self._session, plan.id, at, Actor(), "solved", served=plan.outcome["served"])
        if sent:
            note_event(self._session, plan.id, sent, self._supervisor, "sent")
        self._session.flush()

    def _open(self, name: str, count: int) -> list[Picked]:
        """The most urgent open findings of somebody's patches."""
        looked_at = in_city(datetime.combine(self._as_of, LOOKED_AT))
        rows = self._findings(name, Finding.status.not_in(FINAL_STATUSES), Finding.reported_at < looked_at)
        rows.sort(key=lambda row: (_URGENCY.index(display_key(row.status, row.due_at, looked_at)), row.id))
        return findings_as_stops(self._session, [row.id for row in rows[:count]], looked_at)

    def _seen_on(self, day: date, name: str) -> list[Picked]:
        """Findings of somebody's patches that were there on a day gone by."""
        morning = in_city(datetime.combine(day, time(8)))
        rows = self._findings(
            name,
            Finding.reported_at < morning,
            Finding.closed_at.is_(None) | (Finding.closed_at > morning),
        )
        chosen = self._rng.sample(rows, min(ON_A_ROUND, len(rows)))
        return findings_as_stops(self._session, sorted(row.id for row in chosen), morning)

    def _findings(self, name: str, *conditions: Any) -> list[Finding]:
        mine = self._crew[name].patches
        wanted = select(Finding).where(Finding.area_id.in_(mine), *conditions).order_by(Finding.id)
        return list(self._session.scalars(wanted))

    def _visits(self, name: str, count: int) -> list[Picked]:
        mine = pick_patches(self._session, sorted(self._crew[name].patches or self._patches))
        walk_m = self._network.snap([one.lon for one in mine], [one.lat for one in mine], "foot").walk_m
        near = [one for one, metres in zip(mine, walk_m.tolist(), strict=True) if metres <= FARTHEST_M]
        return self._rng.sample(near, min(count, len(near)))

    def _place(self, title: str, near: str, **more: Any) -> list[Picked]:
        lon, lat = self._crew[near].start
        place = {"name": title, "lon": round(lon + 0.002, 7), "lat": round(lat + 0.001, 7), **more}
        return pick_places(self._session, [place])

    def _day(self, days: int) -> date:
        return self._as_of + timedelta(days=days)

    def _moment(self, day: date, hour: int, minute: int) -> datetime:
        return in_city(datetime.combine(day, time(hour, minute)))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(11))


def _inspector(plan: RoutePlan, line: int, walker: Walker, shift: tuple[int, int]) -> RouteInspector:
    lon, lat = walker.start
    return RouteInspector(
        plan_id=plan.id, line=line, user_id=walker.user_id, name_zh=walker.name_zh, name_en=walker.name_en,
        start_lon=lon, start_lat=lat, end_lon=lon, end_lat=lat, shift_start_s=shift[0], shift_end_s=shift[1],
        breaks=[dict(USUAL_BREAK)] if shift[1] > USUAL_BREAK["latest_s"] else [], skills=[],
        patches=list(walker.patches), days=[plan.day.isoformat()], max_distance_m=None, absent_from=None,
    )  # fmt: skip
