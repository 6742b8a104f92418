"""The queue of findings whose place is not certain: what waits, why, who it could go to, and what was decided."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import counters, policy
from casework.coverage import Coverage, CoveredArea, coverages
from casework.errors import NotFound, mark
from casework.filters import Filters
from casework.map_names import Named, Names, Pair, former_areas, leaders, read_names
from casework.map_rows import described, ids_of, page, urgency
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.referral import RoutingTable
from casework.selection import find
from casework.status import FINAL_STATUSES
from casework.surroundings import Box, Surroundings, surroundings
from db.models import Assignment, Finding, Level, Person, User
from db.session import Database

KINDS: Final = ("border", "near", "overlap", "outside")
PAGE: Final = 30
_CLOSE_M: Final = 70.0
_WIDE_M: Final = 120.0
_FARTHEST_M: Final = 60_000.0
_OUTSIDE: Final = KINDS.index("outside")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An area that a finding could go to: how far away it is, and which bureau would receive it then."""

    area_id: int
    code: str
    zh: str
    en: str
    distance_m: float
    is_current: bool
    bureau: Pair | None
    leader: Pair | None


@dataclass(frozen=True, slots=True)
class Question:
    """One level in which the place is not certain. ``bureau_if_none`` receives it when it is left without an area.

    ``is_implied``: a finer level that nests in this one is uncertain too, and its answer answers this.
    """

    level_code: str
    level_zh: str
    level_en: str
    kind: str
    area: Named | None
    candidates: list[Candidate]
    bureau_if_none: Pair | None
    is_implied: bool

    @property
    def others(self) -> list[Candidate]:
        """The candidates that it was not given to, nearest first."""
        return [one for one in self.candidates if not one.is_current]


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision that is in force: the area (None: none), why, who and when."""

    level_zh: str
    level_en: str
    area: Named | None
    reason: str
    by: Pair | None
    at: datetime


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
class OpenQuestion:
    """One finding with all that is uncertain about its place, finest level first, and what lies around it."""

    row: dict[str, Any]
    revision: int
    description: str
    questions: list[Question]
    decisions: list[Decision]
    around: Surroundings
    choices: dict[str, list[CoveredArea]]
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
_WAITS: Final = (Finding.triage, Finding.status.not_in(FINAL_STATUSES))
_UNCERTAIN: Final = (
    Assignment.valid_to.is_(None), Assignment.pinned.is_(False),
    Assignment.near_border | (Assignment.kind != "inside"),
)  # fmt: skip


def waiting(office: Office, actor: Actor) -> int:
    """How many open findings wait in triage; 0 for who may not see it."""
    if not policy.may(actor, Act.VIEW_TRIAGE):
        return 0
    with office.database.read() as session:
        revision = counters.current(session, "findings")
        kept = _counts.get(office.database)
        if kept is None or kept[0] != revision:
            kept = (revision, session.scalar(select(func.count()).where(*_WAITS)) or 0)
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


def open_question(office: Office, actor: Actor, finding_id: int, aspect: float = 1.15) -> OpenQuestion:
    """Everything needed to decide about one finding. Raises NotSignedIn, Forbidden or NotFound.

    ``aspect`` is the small map's width by its height. A finding that waits no more has no ``questions``.
    """
    policy.require(actor, Act.VIEW_TRIAGE)
    with office.database.read() as session:
        finding = session.get(Finding, finding_id)
        if finding is None:
            raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
        now, city, levels = office.now(), the_city(session), coverages(session)
        names = read_names(session)
        questions = _questions(session, finding, levels, names, now) if _still_open(finding) else []
        drawn = next((one for one in levels if questions and one.level_code == questions[0].level_code), None)
        half_m = _half_width_m(questions)
        box = Box.around(finding.lon, finding.lat, half_m, half_m / aspect)
        [row] = described(session, [finding_id], names, now, city.timezone, persons=True)
        return OpenQuestion(
            row=row, revision=finding.revision, description=finding.description, questions=questions,
            decisions=_decisions(session, [finding_id], names).get(finding_id, []),
            around=surroundings(office, session, box, drawn or (levels[-1] if levels else None)),
            choices={one.level_code: list(one.areas) for one in levels}, now=now,
        )  # fmt: skip


def _still_open(finding: Finding) -> bool:
    return finding.triage and finding.status not in FINAL_STATUSES


def _queue(office: Office, session: Session) -> _Queue:
    revision = counters.current(session, "findings")
    with _lock:
        kept = _queues.get(office.database)
        if kept is None or kept.revision != revision:
            kept = _queues[office.database] = _read(session, revision)
        return kept


def _read(session: Session, revision: int) -> _Queue:
    ids = np.array(
        session.scalars(select(Finding.id).where(*_WAITS).order_by(Finding.id)).all(), dtype=np.int64
    )
    kinds = np.full(len(ids), _OUTSIDE, dtype=np.int8)
    rows = session.execute(
        select(Assignment.finding_id, Assignment.kind)
        .join(Finding, Finding.id == Assignment.finding_id)
        .join(Level, Level.id == Assignment.level_id)
        .where(*_WAITS, *_UNCERTAIN)
        .order_by(Level.position)
    ).all()
    at = np.searchsorted(ids, np.array([row.finding_id for row in rows], dtype=np.int64))
    kinds[at] = [KINDS.index(_kind(row.kind)) for row in rows]  # the finest level comes last and counts
    decided = session.execute(
        select(Finding.id, Finding.revision)
        .where(Finding.pinned, Finding.status.not_in(FINAL_STATUSES))
        .order_by(Finding.revision.desc(), Finding.id)
    ).all()
    return _Queue(revision, ids, kinds, [(row.id, row.revision) for row in decided])


def _kind(kind: str) -> str:
    return "near" if kind == "inside" else kind


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
            .where(Assignment.finding_id.in_(ids), *_UNCERTAIN)
            .order_by(Level.position)
        )
    }
    known = _known(session, names, uncertain.values())
    decisions = _decisions(session, ids, names)
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
    return Line(row, revision, _kind(one.kind), known.get(one.area_id or 0), others, decisions)


def _known(session: Session, names: Names, rows: Iterable[Assignment]) -> dict[int, Named]:
    mentioned = {int(pair[0]) for row in rows for pair in row.candidates or ()} | {
        row.area_id for row in rows if row.area_id
    }
    return names.areas | former_areas(session, mentioned - names.areas.keys())


def _decisions(session: Session, ids: Sequence[int], names: Names) -> dict[int, list[Decision]]:
    """The decisions in force of each finding, finest level first."""
    rows = session.execute(
        select(Assignment, Level.name_zh, Level.name_en, Person.name_zh, Person.name_en, User.username)
        .join(Level, Level.id == Assignment.level_id)
        .join(User, User.id == Assignment.user_id, isouter=True)
        .join(Person, Person.id == User.person_id, isouter=True)
        .where(Assignment.finding_id.in_(ids), Assignment.valid_to.is_(None), Assignment.pinned)
        .order_by(Level.position.desc())
    ).all()
    known = _known(session, names, [row[0] for row in rows])
    found: dict[int, list[Decision]] = {}
    for one, level_zh, level_en, person_zh, person_en, username in rows:
        by = [person_zh or username, person_en or username] if username else None
        made = Decision(level_zh, level_en, known.get(one.area_id or 0), one.reason, by, one.valid_from)
        found.setdefault(one.finding_id, []).append(made)
    return found


def _questions(
    session: Session, finding: Finding, levels: list[Coverage], names: Names, now: datetime
) -> list[Question]:
    current = {
        row.level_id: row
        for row in session.scalars(
            select(Assignment).where(Assignment.finding_id == finding.id, Assignment.valid_to.is_(None))
        )
    }
    area_of = {level_id: row.area_id for level_id, row in current.items()}
    bureaus = _Bureaus(RoutingTable.load(session), finding.category_id, levels, area_of, names)
    known = _known(session, names, current.values())
    led = leaders(session, {int(a) for row in current.values() for a, _ in row.candidates or ()}, now)
    found: list[Question] = []
    implied: set[int] = set()
    for level in reversed(levels):
        row = current.get(level.level_id)
        if row is None or row.pinned or not (row.near_border or row.kind != "inside"):
            continue
        in_force = level.by_id()
        candidates = [
            Candidate(
                area_id=int(area), code=known[int(area)].code, zh=known[int(area)].zh,
                en=known[int(area)].en, distance_m=float(metres), is_current=int(area) == row.area_id,
                bureau=bureaus.after(level, in_force[int(area)]), leader=led.get(int(area)),
            )
            for area, metres in row.candidates or ()
            if int(area) in in_force
        ]  # fmt: skip
        found.append(
            Question(
                level.level_code, level.name_zh, level.name_en, _kind(row.kind), known.get(row.area_id or 0),
                candidates, bureaus.after(level, None), level.level_id in implied,
            )
        )  # fmt: skip
        implied |= _ancestors(level, levels)
    return found


def _ancestors(level: Coverage, levels: list[Coverage]) -> set[int]:
    """The levels that this one nests in."""
    parents = {one.level_id: one.parent_level_id for one in levels}
    found: set[int] = set()
    here = level.parent_level_id
    while here is not None and here not in found:
        found.add(here)
        here = parents.get(here)
    return found


@dataclass(frozen=True, slots=True)
class _Bureaus:
    """Which bureau would receive a finding if one level's area were another."""

    table: RoutingTable
    category_id: int
    levels: list[Coverage]
    area_of: dict[int, int | None]
    names: Names

    def after(self, level: Coverage, area: CoveredArea | None) -> Pair | None:
        """The bureau's short name once ``area`` (None: no area) is the area of ``level``; parents follow."""
        areas = dict(self.area_of)
        areas[level.level_id] = area.id if area else None
        by_level = {one.level_id: one for one in self.levels}
        here = by_level.get(level.parent_level_id or 0)
        while area is not None and here is not None:
            area = here.by_id().get(area.parent_id or 0)
            if area is not None:
                areas[here.level_id] = area.id
                here = by_level.get(here.parent_level_id or 0)
        referral = self.table.refer(self.category_id, [one for one in areas.values() if one])
        bureau = self.names.bureaus.get(referral.bureau_id or 0)
        return list(bureau.short) if bureau else None


def _half_width_m(questions: list[Question]) -> float:
    """How far the small map reaches: near borders are looked at closely, an area far away must still be on it."""
    if not questions:
        return _WIDE_M
    farthest = max((one.distance_m for one in questions[0].candidates), default=0.0)
    least = _CLOSE_M if questions[0].kind in {"border", "near"} else _WIDE_M
    return min(max(least, farthest * 1.7), _FARTHEST_M)
