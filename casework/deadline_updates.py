"""Working out the deadlines of all open cases anew: after limits, hours or days off changed, or to check them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from casework import counters
from casework.case_standing import STAFF
from casework.clock_bulk import Case, reckon_many
from casework.clock_reckoning import Event, Reckoned, course
from casework.deadlines import event_of
from casework.office import Office
from casework.status import FINAL_STATUSES
from casework.time_limits import TimeRules, time_rules
from db.models import Finding, HistoryEntry, User

CHUNK: Final = 20_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What working out anew came to: how many open cases there are, and those whose deadlines are others.

    ``due`` counts cases whose deadline moves, ``earlier`` those of them that must be done sooner, ``late`` those that
    are overdue by it and were not before, ``step`` those whose present step is due at another time.
    """

    open: int = 0
    due: int = 0
    earlier: int = 0
    late: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class _Open:
    id: int
    due_at: datetime | None
    step_due_at: datetime | None
    paused_at: datetime | None
    case: Case


def recompute(session: Session, now: datetime, tell: Progress | None = None) -> Moved:
    """Write the deadlines of all open cases as history, limits and calendar say now; in the caller's transaction.

    ``tell(done, total)`` is called now and then. Cases that change are given a new revision.
    """
    session.flush()
    moved, changed = _compared(session, time_rules(session), now, tell)
    if changed:
        revision = counters.advance(session, "findings")
        rows = [
            {
                "of": one.id,
                "due": new.due_at,
                "step": new.step_due_at,
                "paused": new.paused_at,
                "rev": revision,
            }
            for one, new in changed
        ]
        for first in range(0, len(rows), CHUNK):
            session.connection().execute(
                update(Finding)
                .where(Finding.id == bindparam("of"))
                .values(
                    due_at=bindparam("due"), step_due_at=bindparam("step"), paused_at=bindparam("paused"),
                    revision=bindparam("rev"),
                ),
                rows[first : first + CHUNK],
            )  # fmt: skip
    return moved


def would_move(session: Session, rules: TimeRules, now: datetime) -> Moved:
    """What ``recompute`` would come to under other limits or another calendar. Nothing is written."""
    return _compared(session, rules, now, None)[0]


def recompute_all(office: Office, tell: Progress | None = None) -> Moved:
    """Bring all open cases' deadlines up to date, in one transaction."""
    with office.database.write() as session:
        return recompute(session, office.now(), tell)


def check_all(office: Office) -> tuple[Moved, list[str]]:
    """How many stored deadlines are not what history, limits and calendar say, and the first of their numbers."""
    with office.database.read() as session:
        moved, changed = _compared(session, time_rules(session), office.now(), None)
        ids = [one.id for one, _ in changed[:10]]
        numbers = session.scalars(select(Finding.number).where(Finding.id.in_(ids)).order_by(Finding.id))
        return moved, list(numbers)


def _compared(
    session: Session, rules: TimeRules, now: datetime, tell: Progress | None
) -> tuple[Moved, list[tuple[_Open, Reckoned]]]:
    found = list(_open_cases(session))
    total = due = earlier = late = step = 0
    changed: list[tuple[_Open, Reckoned]] = []
    for first in range(0, len(found), CHUNK):
        part = found[first : first + CHUNK]
        for one, new in zip(part, reckon_many([one.case for one in part], rules), strict=True):
            if (one.due_at, one.step_due_at, one.paused_at) == (new.due_at, new.step_due_at, new.paused_at):
                continue
            changed.append((one, new))
            if one.due_at != new.due_at:
                due += 1
                earlier += _is_before(new.due_at, one.due_at)
                late += _is_before(new.due_at, now) and not _is_before(one.due_at, now)
            step += one.step_due_at != new.step_due_at
        total += len(part)
        if tell:
            tell(total, len(found))
    return Moved(len(found), due, earlier, late, step), changed


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one < other)


def _open_cases(session: Session) -> Iterator[_Open]:
    is_open = Finding.status.not_in(FINAL_STATUSES)
    events = _events(session, is_open)
    rows = session.execute(
        select(
            Finding.id, Finding.category_id, Finding.reported_at, Finding.due_at, Finding.step_due_at,
            Finding.paused_at, User.role,
        )
        .outerjoin(User, User.id == Finding.reporter_id)
        .where(is_open)
        .order_by(Finding.id)
    )  # fmt: skip
    for row in rows:
        is_ = course(events.get(row.id, ()), row.reported_at, by_staff=row.role in STAFF)
        yield _Open(
            row.id, row.due_at, row.step_due_at, row.paused_at, Case(is_, row.category_id, row.due_at)
        )


def _events(session: Session, is_open: Any) -> dict[int, Sequence[Event]]:
    """The steps of all open cases, by finding, in their order."""
    rows = session.execute(
        select(
            HistoryEntry.finding_id, HistoryEntry.at, HistoryEntry.act, HistoryEntry.to_status, HistoryEntry.payload
        )
        .join(Finding, Finding.id == HistoryEntry.finding_id)
        .where(is_open)
        .order_by(HistoryEntry.finding_id, HistoryEntry.seq)
    )  # fmt: skip
    found: dict[int, list[Event]] = {}
    for row in rows:
        found.setdefault(row.finding_id, []).append(event_of(row.at, row.act, row.to_status, row.payload))
    return dict(found)
