"""What narrows a section of a desk beyond the status: by name, each a mask over rows of the findings in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from casework.case_standing import STAFF
from casework.desk_figures import WEEK, Mask, between
from casework.policy import Actor
from casework.snapshot import CONFIRMED, FAILED, Columns
from db.models import STATUSES, BureauTask, Extension, Finding, HistoryEntry, Photo, User

_MONTH: Final = timedelta(days=30)
_CHUNK: Final = 900
_FILED: Final = STATUSES.index("filed")


@dataclass(frozen=True, slots=True)
class Looked:
    """Some rows of the findings, looked at by somebody at a moment."""

    session: Session
    actor: Actor
    columns: Columns
    rows: NDArray[np.intp]
    now: datetime

    @property
    def ids(self) -> NDArray[np.int64]:
        """Their ids."""
        return self.columns.id[self.rows]

    def among(self, ids: Sequence[int] | frozenset[int]) -> Mask:
        """Which rows have one of these ids."""
        return np.isin(self.ids, np.asarray(sorted(ids), dtype=np.int64))


def _by_staff(looked: Looked) -> Mask:
    staff = looked.session.scalars(select(User.id).where(User.role.in_(STAFF))).all()
    return np.isin(looked.columns.reporter[looked.rows], np.asarray(staff, dtype=np.int64))


def _ready(looked: Looked) -> Mask:
    confirmed = (looked.columns.marks[looked.rows] & CONFIRMED) > 0
    return np.asarray(confirmed | _by_staff(looked))


def _unconfirmed(looked: Looked) -> Mask:
    return ~_ready(looked)


def _failed(looked: Looked) -> Mask:
    failed = (looked.columns.marks[looked.rows] & FAILED) > 0
    return np.asarray(failed & (looked.columns.status[looked.rows] == _FILED))


def _usual(looked: Looked) -> Mask:
    return ~_failed(looked)


def _own(looked: Looked) -> Mask:
    return np.asarray(looked.columns.reporter[looked.rows] == (looked.actor.user_id or -1))


def _extension(*statuses: str) -> Callable[[Looked], Mask]:
    def mask(looked: Looked) -> Mask:
        wanted = select(Extension.finding_id).where(Extension.status.in_(statuses))
        return looked.among(looked.session.scalars(wanted).all())

    return mask


def _joint(*statuses: str) -> Callable[[Looked], Mask]:
    def mask(looked: Looked) -> Mask:
        wanted = select(BureauTask.finding_id).where(
            BureauTask.bureau_id == (looked.actor.bureau_id or -1), BureauTask.ended_at.is_(None),
            BureauTask.role == "joint", BureauTask.status.in_(statuses),
        )  # fmt: skip
        return looked.among(looked.session.scalars(wanted).all())

    return mask


def _step_late(looked: Looked) -> Mask:
    return np.asarray(looked.columns.step_due_at[looked.rows] < looked.now.timestamp())


def _urged(looked: Looked) -> Mask:
    """Urged by a person since the case was dispatched last, and still open."""
    found = last_words(looked.session, looked.ids.tolist(), ("urge",))
    return looked.among([finding_id for finding_id, word in found.items() if word.user_id is not None])


def _failed_checks(looked: Looked) -> list[int]:
    """Dispatched findings whose last check failed: the bureau has to do them again."""
    at_bureau = select(Finding.id).where(Finding.status == "dispatched")
    last = (
        select(HistoryEntry.finding_id, func.max(HistoryEntry.seq).label("seq"))
        .where(
            HistoryEntry.finding_id.in_(at_bureau),
            HistoryEntry.act.in_(("rework", "dispatch", "refer", "hand_on")),
        )
        .group_by(HistoryEntry.finding_id)
        .subquery()
    )
    return list(
        looked.session.scalars(
            select(HistoryEntry.finding_id)
            .join(last, (last.c.finding_id == HistoryEntry.finding_id) & (last.c.seq == HistoryEntry.seq))
            .where(HistoryEntry.act == "rework")
        )
    )


def _without_result(looked: Looked) -> list[int]:
    """Findings closed in the last month that no picture shows put right."""
    picture = exists().where(Photo.finding_id == Finding.id, Photo.kind == "after")
    return list(
        looked.session.scalars(
            select(Finding.id).where(
                Finding.status == "closed", Finding.closed_at > looked.now - _MONTH, ~picture
            )
        )
    )


NARROW: Final[dict[str, Callable[[Looked], Mask]]] = {
    "own": _own,
    "check": lambda looked: looked.among(_failed_checks(looked)),
    "fresh": lambda looked: ~looked.among(_failed_checks(looked)),
    "week": lambda looked: between(
        looked.columns.closed_at[looked.rows], looked.now - WEEK, looked.now
    ),
    "bare": lambda looked: looked.among(_without_result(looked)),
    "unconfirmed": _unconfirmed,
    "ready": _ready,
    "failed": _failed,
    "usual": _usual,
    "asked": _extension("asked"),
    "approved_once": _extension("approved_once"),
    "waiting": _extension("asked", "approved_once"),
    "joint": _joint("dispatched"),
    "part": _joint("accepted"),
    "step_late": _step_late,
    "urged": _urged,
}  # fmt: skip
# What a bureau takes part in without leading: not among the rows of its own.
OF_OTHERS: Final = frozenset({"joint", "part"})


def last_words(session: Session, ids: Sequence[int], acts: Sequence[str]) -> dict[int, Any]:
    """The last step of these acts of each finding: ``at``, ``note``, ``user_id``; by the index, in parts."""
    found: dict[int, Any] = {}
    for first in range(0, len(ids), _CHUNK):
        rows = session.execute(
            select(HistoryEntry.finding_id, HistoryEntry.at, HistoryEntry.note, HistoryEntry.user_id)
            .where(HistoryEntry.finding_id.in_(ids[first : first + _CHUNK]), HistoryEntry.act.in_(acts))
            .order_by(HistoryEntry.seq)
        )
        found.update((row.finding_id, row) for row in rows)
    return found
