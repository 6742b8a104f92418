"""What was walked while a plan was being solved: the rounds that were found keep to it."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import route_problem
from casework.errors import Refused
from db.models import RoutePlan, RouteStop
from geo import routing
from geo.route_types import Plan, Route, Visit


def as_walked(
    session: Session, plan: RoutePlan, solved: route_problem.Loaded, found: Plan
) -> tuple[route_problem.Loaded, Plan]:
    """The problem as it stands now, and what was found for it as far as it can still be walked.

    A stop that was done since ``solved`` was read, or where somebody stands now, stays theirs and comes first in their
    round; one that was skipped is in no round. The others keep the order that was found, with times anew; what no
    longer fits is left out with its reason. Holds the stops until the caller's transaction ends, so that nothing is
    walked in between. Raises Refused when what is agreed does not fit any more.
    """
    rows = session.scalars(select(RouteStop).where(RouteStop.plan_id == plan.id).with_for_update()).all()
    if not _overtaken({str(row.id): row for row in rows}, solved, found):
        return solved, found
    now = route_problem.load(session, plan)
    held = {stop for stop, row in now.stops.items() if row.state in ("done", "arrived") and row.inspector_id}
    routes = []
    for key in now.request.rounds:
        theirs = [stop for stop in now.current.get(key, ()) if stop in held]
        first = sorted(theirs, key=lambda stop: now.stops[stop].state != "done")
        ahead = [
            stop
            for route in found.routes
            if route.key == key
            for stop in route.stops
            if stop in now.stops and stop not in held
        ]
        routes.append(Route(*key, visits=tuple(Visit(stop, 0.0, 0.0, 0.0) for stop in [*first, *ahead])))
    try:
        return now, routing.retimed(Plan(now.request, tuple(routes)), now.request)
    except routing.BadRouteInput as error:
        raise Refused(error.problem, error.params, field=error.field) from error


def _overtaken(rows: dict[str, RouteStop], solved: route_problem.Loaded, found: Plan) -> bool:
    """Whether a stop was done, skipped or taken back meanwhile, or somebody stands where another one is sent."""
    before = {stop: (row.state == "done", row.done_at) for stop, row in solved.stops.items()}
    now = {stop: (row.state == "done", row.done_at) for stop, row in rows.items() if row.state != "skipped"}
    if before != now:
        return True
    sent: dict[str, tuple[int, date]] = {
        stop: (int(route.inspector), solved.day + timedelta(days=route.day))
        for route in found.routes
        for stop in route.stops
    }
    return any(
        row.state == "arrived" and sent.get(stop) != (row.inspector_id, row.day) for stop, row in rows.items()
    )
