"""Is everything that is kept whole: database, history chains, assignments, counters, photos."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final, cast

from sqlalchemy import ForeignKey, Row, Select, and_, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from casework import counters, verify_cases, verify_papers
from casework.backup import Progress
from casework.history import SEALED, first_broken
from casework.office import Office
from casework.photos import photo_path
from casework.verify_check import MOST_FAULTS, Check, sha256_of
from db.models import Assignment, Base, Finding, HistoryEntry, Level, Photo

_BATCH: Final = 5_000
_NUMBER: Final = re.compile(r"(\d{4})-(\d+)", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
# What a finding repeats of the current assignment of its patch level, by the columns' names there and here.
_REPEATED: Final = (
    ("area_id", "area_id"), ("bureau_id", "bureau_id"), ("kind", "assignment"), ("near_border", "near_border"),
    ("pinned", "pinned"),
)  # fmt: skip

__all__ = ["MOST_FAULTS", "Check", "verify"]


def verify(office: Office, progress: Progress | None = None) -> list[Check]:
    """Look at everything that is kept. Nothing is changed; what is broken is told by case number.

    Rows are streamed: the memory that it takes does not grow with the city.
    """
    tell = progress or (lambda done, total: None)
    with office.database.read() as session:
        return [
            _database(session),
            _chains(session, tell),
            _cases(session),
            _assignments(session),
            _counters(session),
            _photos(office, session, tell),
            *verify_papers.checks(office, session),
        ]


def _database(session: Session) -> Check:
    """Pages, indexes and references: everything that a row names must be there."""
    check = Check("tables")
    check.looked_at = len(Base.metadata.tables)
    if session.get_bind().dialect.name == "sqlite":
        for line in session.execute(text("PRAGMA integrity_check")).scalars():
            if line != "ok":
                check.fault(str(line))
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            _references(session, check, key)
    return check


def _references(session: Session, check: Check, key: ForeignKey) -> None:
    child, parent = key.parent.table, key.column.table.alias()
    named = parent.c[key.column.name]
    names = list(child.primary_key.columns)
    lost = (
        select(*names)
        .outerjoin_from(child, parent, key.parent == named)
        .where(key.parent.is_not(None), named.is_(None))
    )
    for row in session.execute(lost):
        identity = ", ".join(str(value) for value in row)
        check.fault(
            f"{child.name} {identity}: the {key.parent.name} that it names is not in {key.column.table.name}"
        )


def _chains(session: Session, tell: Progress) -> Check:
    """Each step carries the hash of the one before, and the last status reached is the finding's."""
    check = Check("history chains")
    total = session.scalar(select(func.count()).select_from(Finding)) or 0
    for (number, status), steps in groupby(_steps(session), key=lambda step: (step.number, step.status)):
        check.looked_at += 1
        entries = list(steps)
        seq = first_broken(cast("Sequence[HistoryEntry]", entries))
        reached = [entry.to_status for entry in entries if entry.to_status]
        if seq is not None:
            check.fault(f"{number}: the history does not fit from step {seq} on")
        elif reached[-1:] != [status]:
            check.fault(f"{number}: is {status}, but its history ends with {(reached or ['nothing'])[-1]}")
        if check.looked_at % _BATCH == 0:
            tell(check.looked_at, total)
    bare = ~select(HistoryEntry.id).where(HistoryEntry.finding_id == Finding.id).exists()
    for number in session.scalars(select(Finding.number).where(bare)):
        check.fault(f"{number}: has no history")
    return check


def _cases(session: Session) -> Check:
    """Columns, bureaus' parts, extensions and ties are what the histories say, played again."""
    check = Check("cases against their history")
    check.looked_at = session.scalar(select(func.count()).select_from(Finding)) or 0
    for words in verify_cases.faults(session):
        check.fault(words)
    return check


def _steps(session: Session) -> Iterator[Row[Any]]:
    columns = [getattr(HistoryEntry, name) for name in (*SEALED, "note", "note_salt", "hash")]
    wanted: Select[Any] = (
        select(*columns, Finding.number, Finding.status)
        .join(Finding, Finding.id == HistoryEntry.finding_id)
        .order_by(HistoryEntry.finding_id, HistoryEntry.seq)
    )
    yield from session.execute(wanted.execution_options(yield_per=_BATCH))


def _assignments(session: Session) -> Check:
    """A finding repeats the current assignment of the patch level: the two must agree."""
    check = Check("assignments")
    current = Assignment.valid_to.is_(None)
    check.looked_at = session.scalar(select(func.count()).select_from(Assignment).where(current)) or 0
    finer, own = aliased(Assignment), aliased(Level)
    level_of_finer = aliased(Level)
    has_finer = (
        select(finer.id)
        .join(level_of_finer, level_of_finer.id == finer.level_id)
        .where(
            finer.finding_id == Assignment.finding_id,
            finer.valid_to.is_(None),
            level_of_finer.position > own.position,
        )
        .exists()
    )
    differ = or_(
        *(getattr(Assignment, there).is_distinct_from(getattr(Finding, here)) for there, here in _REPEATED)
    )
    finest = (
        select(Finding.number)
        .join(Assignment, and_(Assignment.finding_id == Finding.id, current))
        .join(own, own.id == Assignment.level_id)
        .where(~has_finer, differ)
        .order_by(Finding.id)
    )
    for number in session.scalars(finest):
        check.fault(f"{number}: its patch or bureau is another than its current assignment's")
    bare = ~select(Assignment.id).where(Assignment.finding_id == Finding.id, current).exists()
    for number in session.scalars(select(Finding.number).where(Finding.area_id.is_not(None), bare)):
        check.fault(f"{number}: has a patch, but no current assignment")
    return check


def _counters(session: Session) -> Check:
    """A counter below what was given out would give the same number or revision twice."""
    check = Check("counters")
    given = {"findings": session.scalar(select(func.max(Finding.revision))) or 0}
    for number in session.scalars(select(Finding.number).execution_options(yield_per=_BATCH)):
        if match := _NUMBER.fullmatch(number):
            name = f"number:{match[1]}"
            given[name] = max(given.get(name, 0), int(match[2]))
        else:
            check.fault(f"{number}: is no case number")
    for name, highest in sorted(given.items()):
        check.looked_at += 1
        stands = counters.current(session, name)
        if stands < highest:
            check.fault(f"the counter {name} stands at {stands}, and {highest} was given out")
    return check


def _photos(office: Office, session: Session, tell: Progress) -> Check:
    """Every photo's bytes against the SHA-256 and the size on record."""
    check = Check("photos")
    total = session.scalar(select(func.count(func.distinct(Photo.sha256)))) or 0
    rows = session.execute(
        select(
            Photo.sha256, func.min(Photo.size_bytes).label("least"), func.max(Photo.size_bytes).label("most"),
            func.min(Finding.number).label("number"),
        )
        .join(Finding, Photo.finding_id == Finding.id)
        .group_by(Photo.sha256)
        .execution_options(yield_per=_BATCH)
    )  # fmt: skip
    for row in rows:
        check.looked_at += 1
        known = _DIGEST.fullmatch(row.sha256)
        path = photo_path(office, row.sha256)
        if not known or not path.is_file():
            check.fault(f"{row.number}: the file of a photo is missing ({row.sha256})")
        elif sha256_of(path) != row.sha256:
            check.fault(f"{row.number}: a photo has changed ({row.sha256})")
        elif not row.least == row.most == path.stat().st_size:
            check.fault(f"{row.number}: a photo's size is another than on record ({row.sha256})")
        tell(check.looked_at, total)
    return check
