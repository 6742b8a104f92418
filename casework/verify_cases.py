"""Do the findings stand as their histories say: columns, parts of bureaus, extensions and ties, played again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from casework.replay import Replayed, replay
from db.models import Bureau, BureauTask, Extension, Finding, FindingLink, HistoryEntry

_BATCH: Final = 5_000
# The finding's columns that its steps decide.
COLUMNS: Final = ("dissuasion", "extensions", "reworks")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is on record beside the history of one finding: its open parts, and how its extensions stand."""

    parts: tuple[tuple[str, str, str, bool], ...] = ()
    extensions: tuple[str, ...] = ()


def faults(session: Session) -> Iterator[str]:
    """What does not fit, one line a fault, by case number. Rows are streamed in the order of the findings."""
    parts = _Stream(_parts(session))
    asked = _Stream(_extensions(session))
    for finding_id, steps in groupby(_steps(session), key=lambda step: step.finding_id):
        rows = list(steps)
        kept = Kept(
            tuple((row.code, row.role, row.status, row.is_punishment) for row in parts.of(finding_id)),
            tuple(row.status for row in asked.of(finding_id)),
        )
        yield from _faults_of(rows, kept)
    yield from _ties(session)


def _faults_of(rows: Sequence[Row[Any]], kept: Kept) -> Iterator[str]:
    one, played = rows[0], replay(rows)
    number = one.number
    for name in COLUMNS:
        if getattr(one, name) != getattr(played, name):
            yield f"{number}: {name} is {getattr(one, name)}, but its history says {getattr(played, name)}"
    if (one.confirmed_at is None) != (played.confirmed_at is None):
        said = "confirmed" if played.confirmed_at else "not confirmed"
        yield f"{number}: its history says that it was {said}"
    yield from _parts_fault(number, one, played, kept)
    waiting = [status for status in kept.extensions if status in {"asked", "approved_once"}]
    granted = kept.extensions.count("approved")
    expected = [request.status for request in played.requests]
    if sorted(kept.extensions) != sorted(expected) or granted != played.extensions or len(waiting) > 1:
        yield f"{number}: extensions on record are {_said(kept.extensions)}, its history says {_said(expected)}"


def _parts_fault(number: str, one: Row[Any], played: Replayed, kept: Kept) -> Iterator[str]:
    if one.bureau is None and not kept.parts:
        return  # nobody's: boundaries or rules took the bureau away
    leads = [part for part in kept.parts if part[1] == "lead"]
    if len(leads) == 1 and leads[0][0] != one.bureau:
        yield f"{number}: {leads[0][0]} leads, but the finding names {one.bureau}"
    found = [(code if role == "joint" else None, role, *more) for code, role, *more in kept.parts]
    expected = [part.told for part in played.open_parts]
    if sorted(map(str, found)) != sorted(map(str, expected)):
        yield f"{number}: the bureaus' parts on record are not those of its history"


def _said(words: Sequence[str]) -> str:
    return ", ".join(words) or "none"


class _Stream:
    """Rows in the order of findings, taken finding by finding."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._groups = groupby(rows, key=lambda row: row.finding_id)
        self._next: tuple[int, list[Any]] | None = None

    def of(self, finding_id: int) -> list[Any]:
        """The rows of a finding; ids must be asked for in rising order."""
        while self._next is None or self._next[0] < finding_id:
            group = next(self._groups, None)
            if group is None:
                return []
            self._next = (group[0], list(group[1]))
        return self._next[1] if self._next[0] == finding_id else []


def _steps(session: Session) -> Iterator[Row[Any]]:
    wanted = (
        select(
            HistoryEntry.finding_id, HistoryEntry.act, HistoryEntry.at, HistoryEntry.user_id,
            HistoryEntry.from_status, HistoryEntry.to_status, HistoryEntry.payload, Finding.number,
            Finding.dissuasion, Finding.extensions, Finding.reworks, Finding.confirmed_at,
            Bureau.code.label("bureau"),
        )
        .join(Finding, Finding.id == HistoryEntry.finding_id)
        .outerjoin(Bureau, Bureau.id == Finding.bureau_id)
        .order_by(HistoryEntry.finding_id, HistoryEntry.seq)
    )  # fmt: skip
    yield from session.execute(wanted.execution_options(yield_per=_BATCH))


def _parts(session: Session) -> Iterator[Any]:
    wanted = (
        select(
            BureauTask.finding_id, Bureau.code, BureauTask.role, BureauTask.status, BureauTask.is_punishment
        )
        .join(Bureau, Bureau.id == BureauTask.bureau_id)
        .where(BureauTask.ended_at.is_(None))
        .order_by(BureauTask.finding_id, BureauTask.id)
    )
    yield from session.execute(wanted.execution_options(yield_per=_BATCH))


def _extensions(session: Session) -> Iterator[Any]:
    wanted = select(Extension.finding_id, Extension.status).order_by(Extension.finding_id, Extension.id)
    yield from session.execute(wanted.execution_options(yield_per=_BATCH))


def _ties(session: Session) -> Iterator[str]:
    """A tie is there exactly while the last word of the history is that it was made."""
    for kind, made, undone in (("duplicate", "merge", "unmerge"), ("child", "link_child", "unlink_child")):
        said = _said_ties(session, made, undone)
        kept: dict[int, Any] = {
            row.finding_id: row
            for row in session.execute(
                select(FindingLink.finding_id, Finding.number)
                .join(Finding, Finding.id == FindingLink.finding_id)
                .where(FindingLink.kind == kind, FindingLink.ended_at.is_(None))
            )
        }
        for finding_id in sorted(kept.keys() - said.keys()):
            yield f"{kept[finding_id].number}: is tied to another finding ({kind}), but its history does not say so"
        for finding_id in sorted(said.keys() - kept.keys()):
            yield f"{said[finding_id]}: its history ties it to another finding ({kind}), but no tie is on record"


def _said_ties(session: Session, made: str, undone: str) -> Mapping[int, str]:
    last = (
        select(HistoryEntry.finding_id, func.max(HistoryEntry.seq).label("seq"))
        .where(HistoryEntry.act.in_((made, undone)))
        .group_by(HistoryEntry.finding_id)
        .subquery()
    )
    rows = session.execute(
        select(HistoryEntry.finding_id, Finding.number)
        .join(last, (last.c.finding_id == HistoryEntry.finding_id) & (last.c.seq == HistoryEntry.seq))
        .join(Finding, Finding.id == HistoryEntry.finding_id)
        .where(HistoryEntry.act == made)
    )
    return {row.finding_id: row.number for row in rows}
