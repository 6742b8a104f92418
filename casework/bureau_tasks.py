"""The bureaus' parts of a case: the lead's and the joint ones'. Only this module writes ``bureau_tasks``.

``findings.bureau_id`` is always the bureau of the open leading part.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework.standing import Task
from db.models import BureauTask, Finding

# What the leading part says while the finding has this status; with any other status no bureau has the case.
PART_OF: Final[dict[str, str]] = {
    "dispatched": "dispatched",
    "accepted": "accepted",
    "handled": "handled",
    "verified": "handled",
}
_CHUNK: Final = 900


def open_tasks(session: Session, finding_id: int) -> Sequence[BureauTask]:
    """The parts that are not ended, the leading one first."""
    rows = session.scalars(
        select(BureauTask)
        .where(BureauTask.finding_id == finding_id, BureauTask.ended_at.is_(None))
        .order_by(BureauTask.id)
    ).all()
    return sorted(rows, key=lambda row: row.role != "lead")


def as_tasks(rows: Iterable[BureauTask]) -> tuple[Task, ...]:
    """Rows as the table of transitions sees them."""
    return tuple(Task(row.bureau_id, row.role, row.status, row.is_punishment) for row in rows)


def begin(
    session: Session,
    finding_id: int,
    bureau_id: int,
    role: str,
    at: datetime,
    by: int | None,
    *,
    like: BureauTask | None = None,
    is_punishment: bool = False,
    status: str = "dispatched",
) -> BureauTask:
    """Begin a part; ``like`` is one whose progress goes on in it."""
    task = BureauTask(
        finding_id=finding_id, bureau_id=bureau_id, role=role, begun_at=at, begun_by=by,
        status=like.status if like else status, is_punishment=like.is_punishment if like else is_punishment,
        accepted_at=like.accepted_at if like else None, handled_at=like.handled_at if like else None,
    )  # fmt: skip
    session.add(task)
    session.flush()
    return task


def end(session: Session, task: BureauTask, at: datetime, status: str = "ended") -> None:
    """End a part; it stays on record."""
    task.status, task.ended_at = status, at
    session.flush()


def end_all(
    session: Session, finding_id: int, at: datetime, *, lead: str = "ended", joint: str = "ended"
) -> None:
    """End all parts of a case; ``lead`` and ``joint`` are what they say from then on ("": what they said)."""
    for task in open_tasks(session, finding_id):
        words = lead if task.role == "lead" else joint
        end(session, task, at, words or task.status)


def follow(session: Session, finding_ids: Collection[int], at: datetime, by: int | None = None) -> None:
    """Bring the leading parts in line after boundaries, rules, corrections or imports changed findings.

    Another bureau takes the part over as far as it had come; a status that came from outside is taken over too.
    """
    ids = sorted(set(finding_ids))
    for first in range(0, len(ids), _CHUNK):
        part = ids[first : first + _CHUNK]
        leads: dict[int, BureauTask] = {
            row.finding_id: row
            for row in session.scalars(
                select(BureauTask).where(
                    BureauTask.finding_id.in_(part), BureauTask.ended_at.is_(None), BureauTask.role == "lead"
                )
            )
        }
        rows = session.execute(
            select(Finding.id, Finding.status, Finding.bureau_id, Finding.dissuasion).where(
                Finding.id.in_(part)
            )
        )
        for row in rows:
            _follow(session, row, leads.get(row.id), at, by)


def _follow(session: Session, row: Any, lead: BureauTask | None, at: datetime, by: int | None) -> None:
    wanted = lead.status if row.status == "suspended" and lead else PART_OF.get(row.status)
    if wanted is None or row.bureau_id is None:
        end_all(session, row.id, at)
        return
    if lead is None:
        if row.dissuasion != "settled":
            _make_room(session, row.id, row.bureau_id, at)
            begin(session, row.id, row.bureau_id, "lead", at, by, status=wanted)
        return
    if lead.bureau_id != row.bureau_id:
        _make_room(session, row.id, row.bureau_id, at)
        followed = begin(session, row.id, row.bureau_id, "lead", at, by, like=lead)
        end(session, lead, at)
        lead = followed
    lead.status = wanted
    session.flush()


def _make_room(session: Session, finding_id: int, bureau_id: int, at: datetime) -> None:
    """A bureau that takes the lead over takes part no more beside it."""
    for task in open_tasks(session, finding_id):
        if task.role == "joint" and task.bureau_id == bureau_id:
            end(session, task, at)


def lead_by(
    session: Session, finding_id: int, bureau_id: int, at: datetime, by: int | None, *, is_punishment: bool
) -> BureauTask:
    """Let a bureau lead from now on: the part that led ends."""
    for task in open_tasks(session, finding_id):
        if task.role == "lead":
            end(session, task, at)
    _make_room(session, finding_id, bureau_id, at)
    return begin(session, finding_id, bureau_id, "lead", at, by, is_punishment=is_punishment)


def insert_many(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Put parts on record that are known whole: those of reports that come with their history."""
    if rows:
        session.execute(insert(BureauTask).execution_options(render_nulls=True), rows)


def joint_findings(session: Session, bureau_id: int) -> frozenset[int]:
    """The findings that a bureau takes part in without leading."""
    return frozenset(
        session.scalars(
            select(BureauTask.finding_id).where(
                BureauTask.bureau_id == bureau_id, BureauTask.ended_at.is_(None), BureauTask.role == "joint"
            )
        )
    )
