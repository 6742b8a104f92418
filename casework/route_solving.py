"""Solving a plan while its page goes on: a process of its own plans, tells the best so far, can be stopped.

The state is one small file for each plan in the instance folder, so that every process of the server sees it. The
result is written in one transaction, and only when the plan is still the one that was solved.
"""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from casework import background_jobs, route_problem, route_undo
from casework.errors import Conflict, Refused, mark
from casework.office import Office
from casework.policy import Act, Actor, require
from casework.route_asked import one_of, share, whole
from casework.route_meanwhile import as_walked
from casework.route_plans import LONGEST_SOLVE_S, OWN_PATCH, changed_plan, note_event, plan_of
from casework.street_networks import facts_in
from db.models import RoutePlan
from geo.roads import MODES
from geo.route_types import Plan
from settings import Settings

MEMORY_BYTES: Final = 6 * 1024**3
_SLACK_S: Final = 120  # reading streets, finding ways between all stops, writing
_TELL_S: Final = 0.4


@dataclass(frozen=True, slots=True)
class SolveState:
    """How far a plan is. ``stage``: solving, done, stopped, failed; ``best`` what the best plan so far serves."""

    stage: str
    seconds: float = 0.0
    elapsed_s: float = 0.0
    process: int = 0
    began_at: float = 0.0
    best: dict[str, Any] | None = None
    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)


def start(office: Office, actor: Actor, plan_id: int, asked: Mapping[str, Any]) -> int:
    """Begin to solve a plan on the streets now in use; gives its revision from then on.

    ``asked`` may name seconds, balance, own_patch, mode, and must name the revision seen.
    ``from_current`` begins with the rounds as they stand. Raises Refused naming the field, Conflict when it is being
    solved or was changed meanwhile, Forbidden, NotFound.
    """
    require(actor, Act.PLAN_ROUTES)
    now = office.now()
    with office.database.write() as session:
        plan = plan_of(session, plan_id)
        require_idle(office, plan)
        plan = changed_plan(session, plan_id, asked.get("revision"), now)
        route_undo.keep_for_solving(office.settings, plan_id, route_undo.rows_of(session, plan))
        _set(plan, asked)
        network = facts_in(session)
        plan.network_id = network.id if network else None
        plan.status = "solving"
        note_event(session, plan_id, now, actor, "solving", seconds=plan.solve_s, balance=plan.balance)
        seconds, revision = plan.solve_s, plan.revision
    _stop_file(office.settings, plan_id).unlink(missing_ok=True)
    again = bool(asked.get("from_current"))
    _write(
        office.settings, plan_id, SolveState("solving", seconds, process=os.getpid(), began_at=time.time())
    )
    process = background_jobs.start(
        office.settings, "casework.route_solving", [str(plan_id), str(revision), str(int(again))],
        passed=("BAOPIAN_HIDE_NUMBA", "HOME"),
    )  # fmt: skip
    _write(
        office.settings, plan_id, SolveState("solving", seconds, process=process.pid, began_at=time.time())
    )
    return revision


def progress(office: Office, actor: Actor, plan_id: int) -> SolveState:
    """How far a plan is. One whose process is gone without an end is marked as failed."""
    require(actor, Act.VIEW_ROUTES)
    with office.database.read() as session:
        status = plan_of(session, plan_id).status
    found = _read(office.settings, plan_id)
    if status != "solving":
        return found if found and found.stage != "solving" else SolveState("done")
    if found is not None and found.stage == "solving" and background_jobs.lives(found.process):
        return found
    with office.database.write() as session:
        plan = plan_of(session, plan_id)
        if plan.status == "solving":
            plan.status = "failed"
    return SolveState("failed")


def stop(office: Office, actor: Actor, plan_id: int, *, keep: bool) -> None:
    """End the solving: ``keep`` takes the best plan so far, else everything stays as it was before."""
    require(actor, Act.PLAN_ROUTES)
    with office.database.read() as session:
        if plan_of(session, plan_id).status != "solving":
            return
    request = _stop_file(office.settings, plan_id)
    request.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # a restored plan has no folder yet
    request.write_text("take" if keep else "cancel", encoding="utf-8")


def require_idle(office: Office, plan: RoutePlan) -> None:
    """Raise Conflict while a plan is being solved."""
    if plan.status != "solving":
        return
    found = _read(office.settings, plan.id)
    if found is not None and found.stage == "solving" and background_jobs.lives(found.process):
        raise Conflict(mark("This plan is being worked out at the moment: wait, or stop it"))


def run(settings: Settings, plan_id: int, revision: int, again: bool) -> None:
    """What the process of its own does."""
    office = Office.open(settings)
    began = time.time()
    try:
        with office.database.read() as session:
            plan = plan_of(session, plan_id)
            seconds = float(plan.solve_s)
            background_jobs.bound(MEMORY_BYTES, int(2 * seconds) + _SLACK_S, nice=5)
            problem = route_problem.load(session, plan)
        told = _Teller(settings, plan_id, seconds, began, problem)
        told("solving", None)
        found = route_problem.solve(problem, seconds, again=again, better=told.better, cancel=told.is_stopped)
        with office.database.write() as session:
            before = route_undo.kept_for_solving(settings, plan_id) or route_undo.rows_of(
                session, plan_of(session, plan_id)
            )
            stage = _finish(office, session, plan_id, revision, problem, found, told.said())
            plan = plan_of(session, plan_id)
            if stage == "stopped" and plan.revision == revision:
                route_undo.settings_back(plan, before)
        if stage == "done":
            route_undo.remember(settings, plan_id, revision + 1, "solve", before)
        told(stage, None)
    except Refused as refused:
        _fail(office, plan_id, revision)
        _write(settings, plan_id, SolveState("failed", message=refused.message, params=refused.params))
    except MemoryError:
        _fail(office, plan_id, revision)
        _write(settings, plan_id, SolveState("failed"))
    finally:
        office.database.close()


def _finish(
    office: Office,
    session: Session,
    plan_id: int,
    revision: int,
    problem: route_problem.Loaded,
    found: Plan,
    said: str,
) -> str:
    plan = plan_of(session, plan_id)
    if plan.revision != revision or plan.status != "solving":
        return "stopped"
    plan.status = "ready" if plan.sent_at is None else "sent"
    if said == "cancel":
        if not plan.outcome:
            plan.status = "new"
        return "stopped"
    problem, found = as_walked(session, plan, problem, found)
    route_problem.store(session, plan, problem, found)
    plan.revision, plan.updated_at = plan.revision + 1, office.now()
    note_event(session, plan_id, office.now(), Actor(), "solved", served=len(found.served))
    return "done"


class _Teller:
    """Tells the page how far it is, now and then, and looks whether somebody wants it to stop."""

    def __init__(
        self, settings: Settings, plan_id: int, seconds: float, began: float, problem: route_problem.Loaded
    ) -> None:
        self._settings, self._plan_id, self._seconds, self._began = settings, plan_id, seconds, began
        self._problem = problem
        self._last = 0.0
        self._best: dict[str, Any] | None = None
        self._stop = _stop_file(settings, plan_id)

    def __call__(self, stage: str, best: dict[str, Any] | None) -> None:
        self._best = best or self._best
        state = SolveState(
            stage, self._seconds, round(time.time() - self._began, 1), os.getpid(), self._began, self._best
        )
        _write(self._settings, self._plan_id, state)

    def better(self, plan: Plan) -> None:
        """The solver found a better plan."""
        if time.monotonic() - self._last >= _TELL_S:
            self._last = time.monotonic()
            self("solving", route_problem.summary(self._problem, plan))

    def is_stopped(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stop.exists()

    def said(self) -> str:
        """What was asked: take, cancel or nothing."""
        try:
            return self._stop.read_text(encoding="utf-8")
        except OSError:
            return ""


def _set(plan: RoutePlan, asked: Mapping[str, Any]) -> None:
    if "seconds" in asked:
        plan.solve_s = whole(asked["seconds"], "seconds", 1, LONGEST_SOLVE_S)
    if "balance" in asked:
        plan.balance = share(asked["balance"], "balance")
    if "own_patch" in asked:
        plan.own_patch = one_of(asked["own_patch"], "own_patch", OWN_PATCH)
    if "mode" in asked:
        plan.mode = one_of(asked["mode"], "mode", MODES)


def _fail(office: Office, plan_id: int, revision: int) -> None:
    with office.database.write() as session:
        plan = plan_of(session, plan_id)
        if plan.revision == revision and plan.status == "solving":
            plan.status = "failed"


def _stop_file(settings: Settings, plan_id: int) -> Path:
    return settings.instance / "routes" / f"plan-{plan_id}.stop"


def _state_file(settings: Settings, plan_id: int) -> Path:
    return settings.instance / "routes" / f"plan-{plan_id}.json"


def _read(settings: Settings, plan_id: int) -> SolveState | None:
    return background_jobs.read_state(_state_file(settings, plan_id), SolveState)


def _write(settings: Settings, plan_id: int, now: SolveState) -> None:
    background_jobs.write_state(_state_file(settings, plan_id), now)


def main(arguments: list[str]) -> None:
    """`python -m casework.route_solving PLAN REVISION FROM_CURRENT`."""
    plan_id, revision, again = map(int, arguments)
    run(Settings.from_environment(), plan_id, revision, bool(again))


if __name__ == "__main__":
    main(sys.argv[1:])
