"""Taking back what was done to a plan: how its rows stood before each of the last changes, kept beside the progress.

One small file for each plan in the instance folder. Losing it loses nothing but the way back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import background_jobs
from casework.errors import Refused, mark
from db.models import RouteInspector, RoutePlan, RouteStop
from settings import Settings

MOST_STEPS: Final = 20
_STOP: Final = (
    "inspector_id", "day", "position", "lock", "is_must", "windows", "service_s", "due_at", "state", "note", "unserved",
    "reached_from_id", "walk_s",
)  # fmt: skip
_PERSON: Final = ("shift_start_s", "shift_end_s", "skills", "patches", "max_distance_m", "absent_from")
_PLAN: Final = ("balance", "own_patch", "mode", "outcome")
_DATES: Final = {
    "day": date.fromisoformat,
    "due_at": datetime.fromisoformat,
    "absent_from": datetime.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps that can be taken back, the last one last: what was done, the revision after it, the rows before it."""

    steps: list[dict[str, Any]] = field(default_factory=list)


def rows_of(session: Session, plan: RoutePlan) -> dict[str, Any]:
    """How a plan stands, as JSON."""
    return {
        "plan": _values([plan], _PLAN)[0][1:],
        "stops": _values(session.scalars(select(RouteStop).where(RouteStop.plan_id == plan.id)), _STOP),
        "people": _values(
            session.scalars(select(RouteInspector).where(RouteInspector.plan_id == plan.id)), _PERSON
        ),
    }


def remember(settings: Settings, plan_id: int, revision: int, act: str, before: dict[str, Any]) -> None:
    """Keep how a plan stood before an act that made it ``revision``."""
    steps = [*_steps(settings, plan_id), {"act": act, "revision": revision, "before": before}]
    _write(settings, plan_id, steps[-MOST_STEPS:])


def keep_for_solving(settings: Settings, plan_id: int, before: dict[str, Any]) -> None:
    """Keep how a plan stands when it begins to be worked out: its settings are others from then on."""
    background_jobs.write_state(_solving_file(settings, plan_id), Steps([{"before": before}]))


def kept_for_solving(settings: Settings, plan_id: int) -> dict[str, Any] | None:
    """What was kept by the one before."""
    found = background_jobs.read_state(_solving_file(settings, plan_id), Steps)
    return found.steps[-1]["before"] if found else None


def can_undo(settings: Settings, plan: RoutePlan) -> str | None:
    """What the last act was, when it can be taken back: nothing else may have changed the plan since."""
    steps = _steps(settings, plan.id)
    return steps[-1]["act"] if steps and steps[-1]["revision"] == plan.revision else None


def put_back(settings: Settings, session: Session, plan: RoutePlan, seen: int) -> None:
    """Give the rows their values from before the last act; what was seen since stays. Raises Refused without one."""
    steps = _steps(settings, plan.id)
    if not steps or steps[-1]["revision"] != seen:
        raise Refused(mark("There is nothing to take back"), field="act")
    before = steps[-1]["before"]
    for name, value in zip(_PLAN, before["plan"], strict=True):
        setattr(plan, name, value)
    _set(
        session.scalars(select(RouteInspector).where(RouteInspector.plan_id == plan.id)),
        _PERSON,
        before["people"],
    )
    rows = session.scalars(select(RouteStop).where(RouteStop.plan_id == plan.id)).all()
    _set([row for row in rows if not _is_walked(row)], _STOP, before["stops"])
    known = {line[0] for line in before["stops"]}
    for row in rows:
        if row.id not in known:
            row.state, row.unserved, row.inspector_id, row.day, row.position = (
                "skipped",
                None,
                None,
                None,
                None,
            )
            row.arrive_at = row.start_at = row.leave_at = None
            row.lock = ""
    session.flush()


def _is_walked(row: RouteStop) -> bool:
    """Whether whoever walks the round came there, or skipped it on the way."""
    return (
        row.arrived_at is not None
        or row.done_at is not None
        or (row.state == "skipped" and row.inspector_id is not None)
    )


def settings_back(plan: RoutePlan, before: dict[str, Any]) -> None:
    """Give a plan the settings that it had before it was worked out: that was cancelled."""
    for name, value in zip(_PLAN, before["plan"], strict=True):
        if name != "outcome":
            setattr(plan, name, value)


def forget_last(settings: Settings, plan_id: int, revision: int) -> None:
    """The last step was taken back and made the plan ``revision``: the one before it is next."""
    steps = _steps(settings, plan_id)[:-1]
    if steps:
        steps[-1]["revision"] = revision
    _write(settings, plan_id, steps)


def _values(rows: Iterable[Any], names: Iterable[str]) -> list[list[Any]]:
    return [[row.id, *(_plain(getattr(row, name)) for name in names)] for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _set(rows: Iterable[Any], names: tuple[str, ...], before: list[list[Any]]) -> None:
    values = {line[0]: line[1:] for line in before}
    for row in rows:
        for name, value in zip(names, values.get(row.id, ()), strict=False):
            read = _DATES.get(name)
            setattr(row, name, read(value) if read and value else value)


def _steps(settings: Settings, plan_id: int) -> list[dict[str, Any]]:
    found = background_jobs.read_state(_file(settings, plan_id), Steps)
    return list(found.steps) if found else []


def _write(settings: Settings, plan_id: int, steps: list[dict[str, Any]]) -> None:
    background_jobs.write_state(_file(settings, plan_id), Steps(steps))


def _solving_file(settings: Settings, plan_id: int) -> Path:
    return settings.instance / "routes" / f"plan-{plan_id}.solving.json"


def _file(settings: Settings, plan_id: int) -> Path:
    return settings.instance / "routes" / f"plan-{plan_id}.before.json"
