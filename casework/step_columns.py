"""When each finding went through which step, column by column, read from the history and kept in memory.

History is only ever added to: a process fetches the rows that came since, and works the columns out anew.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Float, cast, extract, func, literal, select
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
    acts = (*_BY_ACT, "approve_extension")
    wanted = (
        select(
            HistoryEntry.finding_id, HistoryEntry.act,
            func.coalesce(HistoryEntry.to_status, literal("")), func.coalesce(HistoryEntry.from_status, literal("")),
            cast(extract("epoch", HistoryEntry.at), Float), HistoryEntry.payload["granted"].as_boolean(),
        )
        .where(HistoryEntry.id > after, HistoryEntry.id <= newest)
        .where(HistoryEntry.act.in_(acts) | HistoryEntry.to_status.in_(tuple(_BY_STATUS)))
        .order_by(HistoryEntry.finding_id, HistoryEntry.seq)
    )  # fmt: skip
    finding: list[int] = []
    kind: list[int] = []
    at: list[float] = []
    cursor = session.connection().execute(wanted).cursor
    while cursor is not None and (rows := cursor.fetchmany(_CHUNK)):
        _read(rows, finding, kind, at)
    return _Events(
        newest, np.array(finding, dtype=np.int64), np.array(kind, dtype=np.int16), np.array(at, dtype=float)
    )


def _read(rows: Sequence[Any], finding: list[int], kind: list[int], at: list[float]) -> None:
    known: dict[tuple[str, str, str], int] = {}
    for finding_id, act, to_status, from_status, moment, granted in rows:
        key = (act, to_status, from_status)
        bits = known.get(key)
        if bits is None:
            turned = to_status != from_status
            bits = known[key] = _BY_ACT.get(act, 0) | (_BY_STATUS.get(to_status, 0) if turned else 0)
        if act == "approve_extension":
            bits = EXTENSION if granted else 0
        if bits:
            finding.append(finding_id)
            kind.append(bits)
            at.append(moment)


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
