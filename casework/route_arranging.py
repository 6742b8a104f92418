"""Changes of a plan that concern all of it: rounds in a given order, stops brought back, the last change taken back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from casework.errors import Refused, mark
from casework.route_asked import ids, one_of, whole
from casework.route_picking import MOST_STOPS
from casework.route_problem import as_it_stands, load
from casework.route_undo import put_back
from db.models import LOCKS, RouteStop
from geo import routing

if TYPE_CHECKING:
    from casework.route_changes import Work

NEW: Final = "new"  # stands for the stop that the change before it put into the plan
MOST_ROUNDS: Final = 210  # 30 people on 7 days


def arrange(work: "Work", one: Mapping[str, Any]) -> None:
    """All rounds at once as ``rounds`` says: [{inspector, day_number, stops [id or "new"]}]; others are not served.

    So a plan that was tried is kept exactly as it was shown. What does not fit there any more gets its reason.
    """
    asked = one.get("rounds")
    if not isinstance(asked, list) or len(asked) > MOST_ROUNDS:
        raise Refused(mark("rounds must be a list of {inspector, day_number, stops}"), field="rounds")
    wanted: dict[int, tuple[int, int, int]] = {}
    for line in asked:
        if not isinstance(line, Mapping):
            raise Refused(mark("rounds must be a list of {inspector, day_number, stops}"), field="rounds")
        person = work.person(line.get("inspector"))
        day = whole(line.get("day_number", 0), "day_number", 0, work.plan.days - 1)
        for position, stop in enumerate(_stops(work, line.get("stops"))):
            wanted[work.row(stop).id] = (person.id, day, position)
    for row in work.problem.stops.values():
        if row.done_at is not None:
            continue
        place = wanted.get(row.id)
        row.inspector_id = place[0] if place else None
        row.day = work.day(place[1]) if place else None
        row.position = place[2] if place else None
        if place is None:
            row.lock = ""
    afresh(work)


def _stops(work: "Work", value: object) -> list[int]:
    if not isinstance(value, list) or len(value) > MOST_STOPS:
        raise Refused(mark("rounds must be a list of {inspector, day_number, stops}"), field="rounds")
    newest = max(row.id for row in work.problem.stops.values())
    return ids([newest if one == NEW else one for one in value], "rounds")


def lock_many(work: "Work", one: Mapping[str, Any]) -> None:
    """Agree on several stops, or none of them, at once: those of ``stops`` that are in a round."""
    lock = one_of(one.get("lock"), "lock", LOCKS)
    for stop in ids(one.get("stops"), "stops"):
        row = work.row(stop)
        if not lock or str(row.id) in work.rounds.served:
            row.lock = lock
    work.reload()


def restore(work: "Work", one: Mapping[str, Any]) -> None:
    """A stop that was taken out comes back: into a round where it costs least, or else with why it does not fit."""
    row = work.row(one.get("stop"))
    if row.state != "skipped":
        raise Refused(mark("%(stop)s is in the plan"), {"stop": row.name}, field="stop")
    _refuse_twice(work, row)
    row.state, row.note = "planned", ""
    work.reload()
    try:
        work.rounds = routing.insert(work.rounds, str(row.id))
    except routing.CannotPlace:
        work.reload()


def _refuse_twice(work: "Work", row: RouteStop) -> None:
    if row.finding_id and any(other.finding_id == row.finding_id for other in work.problem.stops.values()):
        raise Refused(mark("This finding is a stop of this plan already"), field="finding")


def place(work: "Work", one: Mapping[str, Any]) -> None:
    """A stop that is in no round goes where it costs least. Raises what says why it fits nowhere."""
    row = work.row(one.get("stop"))
    if row.state == "skipped" or str(row.id) in work.rounds.served:
        raise Refused(
            mark("%(stop)s is in a round already, or was taken out"), {"stop": row.name}, field="stop"
        )
    work.rounds = routing.insert(work.rounds, str(row.id))


def present(work: "Work", one: Mapping[str, Any]) -> None:
    """Somebody who could not go on is back."""
    work.person(one.get("inspector")).absent_from = None
    work.reload()


def undo(work: "Work", _one: Mapping[str, Any]) -> None:
    """The last change is taken back, as long as nobody changed anything since."""
    put_back(work.office.settings, work.session, work.plan, work.plan.revision - 1)
    afresh(work)


def afresh(work: "Work") -> None:
    """Rows have other rounds now: times and reasons anew."""
    work.session.flush()
    work.problem = load(work.session, work.plan)
    work.rounds = as_it_stands(work.problem)
