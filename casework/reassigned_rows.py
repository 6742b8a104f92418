"""Writing what a re-assignment came to: assignments, findings and history, each kind of row in one go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casework import bureau_tasks, counters
from casework.assignment import LevelAnswer, Placement, assignment_rows, finding_columns
from casework.history import append_many, step
from casework.referral import Referral
from db.models import Area, Assignment, Bureau, Finding

# Few enough variables for any SQLite.
_IDS: Final = 900


@dataclass(frozen=True, slots=True)
class Reassigned:
    """How many open findings got another patch or bureau, and how many of them another bureau.

    ``revision`` is the last value of the counter ``findings`` that was given to what was written, None for nothing.
    """

    moved: int = 0
    bureaus: int = 0
    revision: int | None = None

    def __add__(self, other: "Reassigned") -> "Reassigned":
        """Both together."""
        return Reassigned(
            self.moved + other.moved, self.bureaus + other.bureaus, other.revision or self.revision
        )


@dataclass(frozen=True, slots=True)
class Why:
    """What is written beside every change: when, by whom, why."""

    at: datetime
    user_id: int | None
    reason: str


def write_what_differs(
    session: Session,
    batch: Sequence[Any],
    placements: Sequence[Placement],
    referrals: Sequence[Referral],
    why: Why,
) -> Reassigned:
    """Bring findings and their assignments to these answers, each kind of row in one go."""
    before = _current_answers(session, [row.id for row in batch])
    writing = _Writing(why)
    for row, placement, referral in zip(batch, placements, referrals, strict=True):
        writing.take(row, placement, referral, before.get(row.id, {}))
    return writing.write(session)


class _Writing:
    """The rows that a batch needs, collected to be written together."""

    def __init__(self, why: Why) -> None:
        self.why = why
        self.closed: dict[int, list[int]] = {}
        self.opened: list[dict[str, Any]] = []
        self.findings: list[dict[str, Any]] = []
        self.moved: list[tuple[Any, dict[str, Any]]] = []

    def take(
        self, row: Any, placement: Placement, referral: Referral, before: dict[int, tuple[Any, ...]]
    ) -> None:
        """Note what differs for one finding."""
        columns = finding_columns(placement, referral)
        after = _comparable(placement, referral)
        stale = {level for level in before.keys() | after.keys() if before.get(level) != after.get(level)}
        if not stale and all(getattr(row, name) == value for name, value in columns.items()):
            return
        for level in stale & before.keys():
            self.closed.setdefault(level, []).append(row.id)
        rows = assignment_rows(
            placement, row.id, referral, self.why.at, user_id=self.why.user_id, reason=self.why.reason
        )
        self.opened += [one for one in rows if one["level_id"] in stale]
        self.findings.append({"id": row.id, **columns})
        if columns["area_id"] != row.area_id or columns["bureau_id"] != row.bureau_id:
            self.moved.append((row, columns))

    def write(self, session: Session) -> Reassigned:
        """Write everything; returns what moved."""
        if not self.findings:
            return Reassigned()
        for level_id, ids in self.closed.items():
            for part in parts(ids):
                _close(session, level_id, part, self.why.at)
        if self.opened:
            session.execute(insert(Assignment).execution_options(render_nulls=True), self.opened)
        revision = counters.advance(session, "findings")
        session.execute(update(Finding), [{**one, "revision": revision} for one in self.findings])
        self._write_history(session)
        bureau_tasks.follow(
            session,
            [row.id for row, columns in self.moved if columns["bureau_id"] != row.bureau_id],
            self.why.at,
            self.why.user_id,
        )
        bureaus = sum(columns["bureau_id"] != row.bureau_id for row, columns in self.moved)
        return Reassigned(len(self.moved), bureaus, revision)

    def _write_history(self, session: Session) -> None:
        areas = _codes(session, Area, (one for row, c in self.moved for one in (row.area_id, c["area_id"])))
        bureaus = _codes(
            session, Bureau, (one for row, c in self.moved for one in (row.bureau_id, c["bureau_id"]))
        )
        steps = {
            row.id: [
                step(
                    "reassign", self.why.at, user_id=self.why.user_id, note=self.why.reason or None,
                    payload={
                        "area": [areas.get(row.area_id), areas.get(columns["area_id"])],
                        "bureau": [bureaus.get(row.bureau_id), bureaus.get(columns["bureau_id"])],
                    },
                )
            ]
            for row, columns in self.moved
        }  # fmt: skip
        append_many(session, steps)


def _close(session: Session, level_id: int, finding_ids: Sequence[int], at: datetime) -> None:
    session.execute(
        update(Assignment)
        .where(
            Assignment.finding_id.in_(finding_ids),
            Assignment.level_id == level_id,
            Assignment.valid_to.is_(None),
        )
        .values(valid_to=at)
        .execution_options(synchronize_session=False)
    )


def _codes(
    session: Session, model: type[Area] | type[Bureau], ids: Iterator[int | None]
) -> dict[int | None, str]:
    wanted = sorted({one for one in ids if one is not None})
    found: dict[int | None, str] = {}
    for part in parts(wanted):
        rows = session.execute(select(model.id, model.code).where(model.id.in_(part)))
        found.update((row.id, row.code) for row in rows)
    return found


def _current_answers(session: Session, ids: Sequence[int]) -> dict[int, dict[int, tuple[Any, ...]]]:
    answers: dict[int, dict[int, tuple[Any, ...]]] = {}
    for part in parts(ids):
        rows = session.execute(
            select(
                Assignment.finding_id, Assignment.level_id, Assignment.area_id, Assignment.kind,
                Assignment.near_border, Assignment.bureau_id, Assignment.rule_id, Assignment.pinned,
                Assignment.candidates,
            ).where(Assignment.finding_id.in_(part), Assignment.valid_to.is_(None))
        )  # fmt: skip
        for row in rows:
            candidates = frozenset(int(area) for area, _metres in row.candidates or ())
            answers.setdefault(row.finding_id, {})[row.level_id] = (*row[2:8], candidates)
    return answers


def _comparable(placement: Placement, referral: Referral) -> dict[int, tuple[Any, ...]]:
    def one(answer: LevelAnswer) -> tuple[Any, ...]:
        refers = answer is placement.patch
        return (
            answer.area_id, answer.kind, answer.near_border,
            referral.bureau_id if refers else None, referral.rule_id if refers else None, False,
            frozenset(area for area, _metres in answer.candidates),
        )  # fmt: skip

    return {answer.level_id: one(answer) for answer in placement.answers}


def parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Ids in parts that fit into one statement."""
    for first in range(0, len(ids), _IDS):
        yield ids[first : first + _IDS]
