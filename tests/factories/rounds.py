"""A round of today that was sent to an inspector: three findings, a place, a patch, in a known order."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from casework import round_acts, rounds
from casework.clock import Clock, day_of
from casework.findings import report
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.route_changes import change
from casework.route_plans import new_plan, send
from casework.route_problem import load, store
from casework.route_view import plan_data
from db.models import Area, RouteEvent, RoutePlan, RouteStop
from geo.route_schedule import timed_route
from geo.route_types import Plan
from tests.factories.everyday import Everyday, everyday

START = (101.2, 36.5)
PLACES = ((101.201, 36.501), (101.203, 36.502), (101.205, 36.499))
BAZAAR = {"name": "早市", "lon": 101.206, "lat": 36.502}
ZONE = "Asia/Shanghai"


@dataclass
class Walking:
    """An office in which ``who`` has a round today; the clock can be moved on."""

    world: Everyday
    office: Office
    plan_id: int
    stops: list[int] = field(default_factory=list)

    @property
    def who(self) -> Actor:
        """The inspector."""
        return self.world.inspector

    @property
    def day(self) -> date:
        """The city's day."""
        return day_of(self.office.now(), ZONE)

    def round(self, **more: Any) -> dict[str, Any]:
        """The round as the inspector sees it."""
        found: dict[str, Any] = rounds.my_round(self.office, self.who, **more)["round"]
        return found

    def stop(self, stop: int) -> dict[str, Any]:
        """One stop of it."""
        return next(one for one in self.round()["stops"] if one["id"] == stop)

    def act(self, stop: int, name: str, who: Actor | None = None, **asked: Any) -> round_acts.Taken:
        """Do something at a stop, at its own place unless ``lon`` says otherwise."""
        return round_acts.act(self.office, who or self.who, stop, name, asked)

    def there(self, stop: int) -> dict[str, Any]:
        """The place of a stop as a phone gives it."""
        row = self.row(stop)
        return {"lon": row.lon, "lat": row.lat, "accuracy_m": 8}

    def row(self, stop: int) -> RouteStop:
        """A stop's row."""
        with self.office.database.read() as session:
            return session.get_one(RouteStop, stop)

    def events(self, act: str) -> list[RouteEvent]:
        """What was noted of one kind."""
        with self.office.database.read() as session:
            return session.query(RouteEvent).filter_by(plan_id=self.plan_id, act=act).order_by("id").all()

    def report(self, lon: float, lat: float, **more: Any) -> int:
        """The inspector reports something now."""
        form = {"category": "0105", "lon": lon, "lat": lat, **more}
        return report(self.office, self.who, form).finding_id

    def later(self, **span: float) -> datetime:
        """Move the clock on."""
        self.office = Office(
            self.office.database, self.office.settings, Clock(self.office.now() + timedelta(**span))
        )
        return self.office.now()

    def change(self, *changes: dict[str, Any]) -> dict[str, Any]:
        """What a supervisor does to the plan."""
        revision = plan_data(self.office, SYSTEM, self.plan_id)["plan"]["revision"]
        asked = {"revision": revision, "changes": list(changes)}
        return change(self.office, self.world.supervisor, self.plan_id, asked)


def walking(office: Office, **more: Any) -> Walking:
    """The plan of today, in the order of `PLACES`, then the place, then patch A; sent. ``more`` goes to the plan."""
    world = everyday(office)
    today = day_of(office.now(), ZONE)
    findings = [world.report(*place, subject=f"shop {k}") for k, place in enumerate(PLACES, 1)]
    with office.database.read() as session:
        patch = session.query(Area).filter_by(code="A").one().id
    asked = {
        "day": today.isoformat(), "findings": findings, "places": [BAZAAR], "patches": [patch],
        "inspectors": [{"user_id": world.inspector.user_id, "start": list(START), "breaks": []}], "title": "north",
        **more,
    }  # fmt: skip
    plan_id = new_plan(office, SYSTEM, asked)
    with office.database.write() as session:
        plan = session.get_one(RoutePlan, plan_id)
        problem = load(session, plan)
        inspector = problem.request.inspectors[0]
        order = sorted(problem.stops, key=lambda one: (problem.stops[one].kind == "patch", int(one)))
        store(
            session,
            plan,
            problem,
            Plan(problem.request, (timed_route(problem.request, inspector, 0, order),)),
        )
        plan.status = "ready"
    send(office, SYSTEM, plan_id)
    return Walking(world, office, plan_id, [int(stop) for stop in order])
