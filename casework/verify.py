"""Is everything that is kept whole: database, history chains, assignments, counters, photos."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from casework import counters
from casework.backup import Progress
from casework.history import first_broken
from casework.office import Office
from casework.photos import photo_path
from db.models import Assignment, Finding, HistoryEntry, Level, Photo

_CHUNK: Final = 1024 * 1024
_BATCH: Final = 5_000
MOST_FAULTS: Final = 200


@dataclass(slots=True)
class Check:
    """One kind of thing that was looked at: how many, and the faults in words (the first of them)."""

    what: str
    looked_at: int = 0
    faults: list[str] = field(default_factory=list)
    broken: int = 0

    def fault(self, words: str) -> None:
        """Count a fault; the first ones are kept in words."""
        self.broken += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(words)


def verify(office: Office, progress: Progress | None = None) -> list[Check]:
    """Look at everything that is kept. Nothing is changed; what is broken is told by case number."""
    tell = progress or (lambda done, total: None)
    with office.database.read() as session:
        return [
            _database(session),
            _chains(session, tell),
            _assignments(session),
            _counters(session),
            _photos(office, session, tell),
        ]


def _database(session: Session) -> Check:
    check = Check("database")
    if session.get_bind().dialect.name != "sqlite":
        check.looked_at = 1  # PostgreSQL checks its pages and references itself
        session.execute(text("SELECT 1"))
        return check
    for line in session.execute(text("PRAGMA integrity_check")).scalars():
        check.looked_at += 1
        if line != "ok":
            check.fault(str(line))
    for row in session.execute(text("PRAGMA foreign_key_check")):
        check.fault(f"table {row[0]}, row {row[1]}: what it names in {row[2]} is not there")
    return check


def _numbers(session: Session, ids: list[int]) -> dict[int, str]:
    rows = session.execute(select(Finding.id, Finding.number).where(Finding.id.in_(ids)))
    return {row.id: row.number for row in rows}


def _chains(session: Session, tell: Progress) -> Check:
    check = Check("history chains")
    total = session.scalar(select(func.count()).select_from(Finding)) or 0
    broken: dict[int, int] = {}
    seen = 0
    for finding_id, entries in groupby(_history(session), key=lambda entry: entry.finding_id):
        seen += 1
        seq = first_broken(list(entries))
        if seq is not None:
            broken[finding_id] = seq
        if seen % _BATCH == 0:
            tell(seen, total)
    check.looked_at = seen
    numbers = _numbers(session, list(broken)[:MOST_FAULTS])
    for finding_id, seq in broken.items():
        check.fault(f"{numbers.get(finding_id, finding_id)}: the history does not fit from step {seq} on")
    for number in session.scalars(
        select(Finding.number).where(
            ~select(HistoryEntry.id).where(HistoryEntry.finding_id == Finding.id).exists()
        )
    ):
        check.fault(f"{number}: has no history")
    return check


def _history(session: Session) -> Iterator[HistoryEntry]:
    wanted = select(HistoryEntry).order_by(HistoryEntry.finding_id, HistoryEntry.seq)
    for part in session.scalars(wanted.execution_options(yield_per=_BATCH)).partitions():
        yield from part
        session.expunge_all()


def _assignments(session: Session) -> Check:
    """A finding repeats the current assignment of the patch level: the two must agree."""
    check = Check("assignments")
    check.looked_at = (
        session.scalar(select(func.count()).select_from(Assignment).where(Assignment.valid_to.is_(None))) or 0
    )
    finest = select(func.max(Level.position)).where(Level.coverage_version > 0).scalar_subquery()
    rows = session.execute(
        select(Finding.number)
        .join(Assignment, (Assignment.finding_id == Finding.id) & Assignment.valid_to.is_(None))
        .join(Level, Level.id == Assignment.level_id)
        .where(Level.position == finest)
        .where(
            (func.coalesce(Finding.area_id, 0) != func.coalesce(Assignment.area_id, 0))
            | (func.coalesce(Finding.bureau_id, 0) != func.coalesce(Assignment.bureau_id, 0))
        )
    )
    for row in rows:
        check.fault(f"{row.number}: its patch or bureau is another than its current assignment's")
    return check


def _counters(session: Session) -> Check:
    check = Check("counters", looked_at=1)
    highest = session.scalar(select(func.max(Finding.revision))) or 0
    if highest > counters.current(session, "findings"):
        check.fault(
            f"the counter of changes stands at {counters.current(session, 'findings')}, below {highest}"
        )
    return check


def _photos(office: Office, session: Session, tell: Progress) -> Check:
    check = Check("photos")
    rows = session.execute(
        select(
            Photo.sha256, func.min(Photo.size_bytes).label("size"), func.min(Finding.number).label("number")
        )
        .join(Finding, Photo.finding_id == Finding.id)
        .group_by(Photo.sha256)
    ).all()
    for done, row in enumerate(rows, start=1):
        check.looked_at += 1
        path = photo_path(office, row.sha256)
        if not path.is_file():
            check.fault(f"{row.number}: the file of a photo is missing ({row.sha256})")
            continue
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        if digest.hexdigest() != row.sha256 or path.stat().st_size != row.size:
            check.fault(f"{row.number}: a photo has changed ({row.sha256})")
        tell(done, len(rows))
    return check
