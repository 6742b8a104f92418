"""The queue of findings whose place is not certain: what waits, why, who it could go to, and what was decided."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import counters, policy
from casework.filters import Filters
from casework.map_names import Named, read_names
from casework.map_rows import described, ids_of, page, urgency
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.selection import find
from casework.status import FINAL_STATUSES
from casework.triage_facts import KINDS, UNCERTAIN, WAITS, Decision, decisions_in_force, kind_of, named_areas
from db.models import Assignment, Finding, Level
from db.session import Database

PAGE: Final = 30
_OUTSIDE: Final = KINDS.index("outside")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the queue: the map's row, the revision seen, why it waits, and the areas in question."""

    row: dict[str, Any]
    revision: int
    kind: str
    area: Named | None
    others: list[tuple[Named, float]]
    decisions: list[Decision] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue: counts of what waits by kind, how many decisions are in force, the lines."""

    counts: dict[str, int]
    decided: int
    lines: list[Line]
    following: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class _Queue:
    """What waits (ids, sorted, with kinds as positions in KINDS) and what was decided, at one revision."""

    revision: int
    ids: NDArray[np.int64]
    kinds: NDArray[np.int8]
    decided: list[tuple[int, int]]


_queues: WeakKeyDictionary[Database, _Queue] = WeakKeyDictionary()
_counts: WeakKeyDictionary[Database, tuple[int, int]] = WeakKeyDictionary()
_lock = threading.Lock()


def waiting(office: Office, actor: Actor) -> int:
    """How many open findings wait in triage; 0 for who may not see it."""
    if not policy.may(actor, Act.VIEW_TRIAGE):
        return 0
    with office.database.read() as session:
        revision = counters.current(session, "findings")
        kept = _counts.get(office.database)
        if kept is None or kept[0] != revision:
            kept = (revision, session.scalar(select(func.count()).where(*WAITS)) or 0)
            with _lock:
                _counts[office.database] = kept
        return kept[1]


def queue_page(office: Office, actor: Actor, kind: str = "", after: str = "") -> QueuePage:
    """The lines of one kind (all without), most urgent first. Raises NotSignedIn, Forbidden or Refused."""
    policy.require(actor, Act.VIEW_TRIAGE)
    with office.database.read() as session:
        queue, now, city = _queue(office, session), office.now(), the_city(session)
        selection = find(office, session, Filters(), now)
        wanted = queue.ids if kind not in KINDS else queue.ids[queue.kinds == KINDS.index(kind)]
        rows = selection.columns.positions(wanted)
        order = urgency(selection, rows, now, city.timezone)
        lines = page(selection, rows, order, PAGE, after)
        ids = ids_of(selection.columns, lines.rows)
        return QueuePage(
            counts={one: int((queue.kinds == i).sum()) for i, one in enumerate(KINDS)},
            decided=len(queue.decided),
            lines=_lines(session, actor, ids, now, city.timezone),
            following=lines.following,
            now=now,
        )


def decided_page(office: Office, actor: Actor, after: str = "") -> QueuePage:
    """Open findings that a person placed, the last changed first. ``after`` is a page's ``following``."""
    policy.require(actor, Act.VIEW_TRIAGE)
    with office.database.read() as session:
        queue, now, city = _queue(office, session), office.now(), the_city(session)
        below = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else None
        rest = [one for one in queue.decided if below is None or one[1] < below]
        shown = rest[:PAGE]
        return QueuePage(
            counts={one: int((queue.kinds == i).sum()) for i, one in enumerate(KINDS)},
            decided=len(queue.decided),
            lines=_lines(session, actor, [one for one, _ in shown], now, city.timezone),
            following=str(shown[-1][1]) if len(rest) > PAGE else None,
            now=now,
        )


def _queue(office: Office, session: Session) -> _Queue:
    revision = counters.current(session, "findings")
    with _lock:
        kept = _queues.get(office.database)
        if kept is None or kept.revision != revision:
            kept = _queues[office.database] = _read(session, revision)
        return kept


def _read(session: Session, revision: int) -> _Queue:
    ids = np.array(
        session.scalars(select(Finding.id).where(*WAITS).order_by(Finding.id)).all(), dtype=np.int64
    )
    kinds = np.full(len(ids), _OUTSIDE, dtype=np.int8)
    rows = session.execute(
        select(Assignment.finding_id, Assignment.kind)
        .join(Finding, Finding.id == Assignment.finding_id)
        .join(Level, Level.id == Assignment.level_id)
        .where(*WAITS, *UNCERTAIN)
        .order_by(Level.position)
    ).all()
    at = np.searchsorted(ids, np.array([row.finding_id for row in rows], dtype=np.int64))
    kinds[at] = [KINDS.index(kind_of(row.kind)) for row in rows]  # the finest level comes last and counts
    decided = session.execute(
        select(Finding.id, Finding.revision)
        .where(Finding.pinned, Finding.status.not_in(FINAL_STATUSES))
        .order_by(Finding.revision.desc(), Finding.id)
    ).all()
    return _Queue(revision, ids, kinds, [(row.id, row.revision) for row in decided])


def _lines(session: Session, actor: Actor, ids: Sequence[int], now: datetime, timezone: str) -> list[Line]:
    names = read_names(session)
    rows = described(session, ids, names, now, timezone, persons=policy.may(actor, Act.VIEW_CASE))
    revisions = {
        row.id: row.revision
        for row in session.execute(select(Finding.id, Finding.revision).where(Finding.id.in_(ids)))
    }
    uncertain = {
        row.Assignment.finding_id: row.Assignment
        for row in session.execute(
            select(Assignment, Level.position)
            .join(Level, Level.id == Assignment.level_id)
            .where(Assignment.finding_id.in_(ids), *UNCERTAIN)
            .order_by(Level.position)
        )
    }
    known = named_areas(session, names, uncertain.values())
    decisions = decisions_in_force(session, ids, names)
    return [
        _line(row, revisions[row["id"]], uncertain.get(row["id"]), known, decisions.get(row["id"], []))
        for row in rows
    ]


def _line(
    row: dict[str, Any],
    revision: int,
    one: Assignment | None,
    known: Mapping[int, Named],
    decisions: list[Decision],
) -> Line:
    if one is None:
        return Line(row, revision, "outside", None, [], decisions)
    others = [
        (known[int(area)], float(metres))
        for area, metres in one.candidates or ()
        if int(area) != one.area_id and int(area) in known
    ]
    return Line(row, revision, kind_of(one.kind), known.get(one.area_id or 0), others, decisions)
