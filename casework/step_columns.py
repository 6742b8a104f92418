"""When each finding went through which step, column by column, read from the history and kept in memory.

History is only ever added to: a process fetches the rows that came since, and works the columns out anew.
"""

import threading
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Float, cast, extract, func, select
from sqlalchemy.orm import Session

from casework.snapshot import Columns
from db.models import HistoryEntry
from db.session import Database

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_CHUNK: Final = 50_000
# What a row of the history may mean here, as bits: one row can be a dispatch and lead to a status.
FILED, DISPATCH, ACCEPT, HANDLED, VERIFIED, CLOSED, REWORK, RETURN, EXTENSION, SUSPENSION, RESTART = (
    1 << n for n in range(11)
)
_BY_ACT: Final = {
    "file": FILED, "dispatch": DISPATCH | RESTART, "refer": DISPATCH | RESTART, "accept": ACCEPT, "rework": REWORK,
    "return": RETURN, "reopen": RESTART,
}  # fmt: skip
_BY_STATUS: Final = {
    "filed": FILED, "handled": HANDLED, "verified": VERIFIED, "closed": CLOSED, "suspended": SUSPENSION,
    "accepted": ACCEPT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepColumns:
    """One value for each finding of a snapshot. Moments in seconds since 1970 (UTC), NaN where it never happened.

    ``filed``, ``dispatched``: the first time; the others: the last time. Counts: how often.
    """

    filed: Floats
    dispatched: Floats
    last_dispatched: Floats
    accepted: Floats
    handled: Floats
    verified: Floats
    reworks: Ints
    returns: Ints
    extensions: Ints
    suspensions: Ints


@dataclass(frozen=True, slots=True)
class _Events:
    """The rows that matter, in order of finding and step."""

    last_id: int
    finding: Ints
    kind: NDArray[np.int16]
    at: Floats


class _Keeper:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.events: _Events | None = None
        self.made: tuple[_Events, Columns, StepColumns] | None = None


_keepers: WeakKeyDictionary[Database, _Keeper] = WeakKeyDictionary()
_keepers_lock = threading.Lock()


def step_columns(database: Database, session: Session, columns: Columns) -> StepColumns:
    """The steps of these findings as they are now; ``session`` is a reading one of ``database``."""
    with _keepers_lock:
        keeper = _keepers.setdefault(database, _Keeper())
    with keeper.lock:
        events = keeper.events = _brought_up_to_date(session, keeper.events)
        if keeper.made is None or keeper.made[0] is not events or keeper.made[1] is not columns:
            keeper.made = (events, columns, _worked_out(events, columns))
        return keeper.made[2]


def _brought_up_to_date(session: Session, kept: _Events | None) -> _Events:
    newest = session.scalar(select(func.max(HistoryEntry.id))) or 0
    if kept is not None and newest < kept.last_id:  # another history: a backup was put back
        kept = None
    if kept is not None and newest == kept.last_id:
        return kept
    found = _fetched(session, kept.last_id if kept else 0, newest)
    if kept is None:
        return found
    finding = np.concatenate([kept.finding, found.finding])
    order = np.argsort(finding, kind="stable")
    return _Events(
        newest, finding[order], np.concatenate([kept.kind, found.kind])[order],
        np.concatenate([kept.at, found.at])[order],
    )  # fmt: skip


def _fetched(session: Session, after: int, newest: int) -> _Events:
    """The rows after one id, in the order of their table, which is that of each finding's steps."""
    new = (HistoryEntry.id > after, HistoryEntry.id <= newest)
    wanted = select(
        HistoryEntry.finding_id, HistoryEntry.act, HistoryEntry.to_status, HistoryEntry.from_status,
        cast(extract("epoch", HistoryEntry.at), Float),
    ).where(*new).order_by(HistoryEntry.id)  # fmt: skip
    finding: list[int] = []
    kind: list[int] = []
    at: list[float] = []
    known: dict[tuple[str, str | None, str | None], int] = {}
    cursor = session.connection().execute(wanted).cursor
    while cursor is not None and (rows := cursor.fetchmany(_CHUNK)):
        for finding_id, act, to_status, from_status, moment in rows:
            key = (act, to_status, from_status)
            bits = known.get(key)
            if bits is None:
                bits = known[key] = _bits(act, to_status or "", from_status or "")
            if bits:
                finding.append(finding_id)
                kind.append(bits)
                at.append(moment)
    granted = session.execute(
        select(HistoryEntry.finding_id, HistoryEntry.at, HistoryEntry.payload).where(
            *new, HistoryEntry.act == "approve_extension"
        )
    )
    for row in granted:
        if (row.payload or {}).get("granted"):
            finding.append(row.finding_id)
            kind.append(EXTENSION)
            at.append(row.at.timestamp())
    order = np.argsort(np.array(finding, dtype=np.int64), kind="stable")
    return _Events(
        newest, np.array(finding, dtype=np.int64)[order], np.array(kind, dtype=np.int16)[order],
        np.floor(np.array(at, dtype=np.float64))[order],
    )  # fmt: skip


def _bits(act: str, to_status: str, from_status: str) -> int:
    """What a step means here; a status counts only where it was another before."""
    turned = to_status != from_status
    return _BY_ACT.get(act, 0) | (_BY_STATUS.get(to_status, 0) if turned else 0)


def _worked_out(events: _Events, columns: Columns) -> StepColumns:
    at = np.minimum(np.searchsorted(columns.id, events.finding), max(len(columns) - 1, 0))
    known = columns.id[at] == events.finding if len(columns) else np.zeros(len(at), dtype=bool)
    rows, kind, moments = at[known], events.kind[known], events.at[known]
    size = len(columns)

    def first(bit: int) -> Floats:
        found = np.full(size, np.nan)
        is_it = np.flatnonzero(kind & bit)[::-1]  # the earliest is written last
        found[rows[is_it]] = moments[is_it]
        return found

    def last(bit: int) -> Floats:
        found = np.full(size, np.nan)
        is_it = np.flatnonzero(kind & bit)
        found[rows[is_it]] = moments[is_it]
        return found

    def count(bit: int) -> Ints:
        return np.bincount(rows[(kind & bit) > 0], minlength=size).astype(np.int64)

    return StepColumns(
        filed=first(FILED), dispatched=first(DISPATCH), last_dispatched=last(DISPATCH), accepted=last(ACCEPT),
        handled=last(HANDLED), verified=last(VERIFIED), reworks=count(REWORK), returns=count(RETURN),
        extensions=count(EXTENSION), suspensions=count(SUSPENSION),
    )  # fmt: skip
