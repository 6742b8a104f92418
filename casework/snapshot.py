"""A copy of all findings in memory, column by column, for questions that touch every one of them.

A process keeps one copy per database. Every use reads the counter ``findings`` and fetches the rows that changed
since, so that what another process wrote is there too. Arrays are never changed in place: readers keep theirs.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Integer, Select, case, cast, extract, func, select
from sqlalchemy.orm import Session

from casework import counters
from db.models import STATUSES, Assignment, Finding
from db.session import Database
from geo.clusters import mercator

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_TIME: Final = np.iinfo(np.int64).max
EPOCH: Final = date(1970, 1, 1).toordinal()
# What ``marks`` adds up.
CONFIRMED: Final = 1
FAILED: Final = 2
SETTLED: Final = 4
_CHUNK = 50_000
_STATUS_CODE: Final = {status: code for code, status in enumerate(STATUSES)}


@dataclass(frozen=True, slots=True)
class Columns:
    """All findings sorted by id. Moments are seconds since 1970 in UTC (NO_TIME for none), days local days since 1970.

    ``status`` is the position in ``STATUSES``; ``category``, ``bureau``, ``area``, ``reporter`` are ids (0 for
    none); ``lon``, ``lat`` in degrees (WGS 84), ``x``, ``y`` in Mercator units of 0 to 1. ``marks`` adds up CONFIRMED,
    FAILED (dissuasion) and SETTLED (on the spot).
    """

    id: Ints
    lon: Floats
    lat: Floats
    x: Floats
    y: Floats
    status: NDArray[np.int8]
    category: NDArray[np.int32]
    bureau: NDArray[np.int32]
    area: NDArray[np.int32]
    reporter: NDArray[np.int32]
    reported_at: Ints
    due_at: Ints
    step_due_at: Ints
    closed_at: Ints
    day: NDArray[np.int32]
    triage: NDArray[np.bool_]
    near_border: NDArray[np.bool_]
    marks: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.id)

    def positions(self, ids: Any) -> Ints:
        """Where these ids stand; ids that are not there are left out."""
        wanted = np.asarray(list(ids), dtype=np.int64)
        at = np.searchsorted(self.id, wanted)
        inside = at < len(self.id)
        at, wanted = at[inside], wanted[inside]
        found: Ints = at[self.id[at] == wanted]
        return found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The findings as they were at one value of the counter ``findings``."""

    revision: int
    timezone: str
    columns: Columns
    of_level: dict[int, NDArray[np.int32]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns)


class _Keeper:
    """One database's snapshot and the lock of whoever brings it up to date."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.snapshot: Snapshot | None = None


_keepers: WeakKeyDictionary[Database, _Keeper] = WeakKeyDictionary()
_keepers_lock = threading.Lock()


def snapshot(database: Database, session: Session, timezone: str) -> Snapshot:
    """The findings as they are now; ``session`` is a reading one of ``database``."""
    keeper = _keeper(database)
    revision = counters.current(session, "findings")
    kept = keeper.snapshot
    if kept is not None and kept.revision == revision and kept.timezone == timezone:
        return kept
    with keeper.lock:
        kept = keeper.snapshot
        if kept is None or kept.revision > revision or kept.timezone != timezone:
            kept = Snapshot(revision, timezone, _fetched(session, timezone))
        elif kept.revision < revision:
            kept = _brought_up_to_date(session, kept, revision)
        keeper.snapshot = kept
        return kept


def areas_of_level(database: Database, session: Session, known: Snapshot, level_id: int) -> NDArray[np.int32]:
    """The area id (0 for none) of every finding in one level, by the current assignments."""
    ready = known.of_level.get(level_id)
    if ready is not None:
        return ready
    with _keeper(database).lock:
        if level_id not in known.of_level:
            column = np.zeros(len(known), dtype=np.int32)
            _fill(column, known.columns, session, _assigned(level_id))
            known.of_level[level_id] = column
        return known.of_level[level_id]


def local_days(seconds: Ints, timezone: str) -> NDArray[np.int32]:
    """The local calendar day (days since 1970) of moments in seconds since 1970, UTC."""
    if len(seconds) == 0:
        return np.zeros(0, dtype=np.int32)
    first, last = int(seconds.min()) // 86400 - 2, int(seconds.max()) // 86400 + 3
    starts = day_starts(first, last, timezone)
    return (first + np.searchsorted(starts, seconds, side="right") - 1).astype(np.int32)


def day_starts(first: int, last: int, timezone: str) -> Ints:
    """When the local days first to last (days since 1970) begin, in seconds since 1970, UTC."""
    zone = ZoneInfo(timezone)
    midnight = datetime.combine(date.fromordinal(EPOCH + first), time())
    return np.asarray(
        [
            int((midnight + timedelta(days=day)).replace(tzinfo=zone).timestamp())
            for day in range(last - first + 1)
        ],
        dtype=np.int64,
    )


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - EPOCH


def _keeper(database: Database) -> _Keeper:
    with _keepers_lock:
        return _keepers.setdefault(database, _Keeper())


def _brought_up_to_date(session: Session, kept: Snapshot, revision: int) -> Snapshot:
    changed = _fetched(session, kept.timezone, after=kept.revision)
    columns = _merged(kept.columns, changed)
    of_level = {}
    for level_id, known in kept.of_level.items():
        column = np.zeros(len(columns), dtype=np.int32)
        column[np.searchsorted(columns.id, kept.columns.id)] = known
        column[columns.positions(changed.id)] = 0
        newer = (
            _assigned(level_id)
            .join(Finding, Finding.id == Assignment.finding_id)
            .where(Finding.revision > kept.revision)
        )
        _fill(column, columns, session, newer)
        of_level[level_id] = column
    return Snapshot(revision, kept.timezone, columns, of_level)


def _merged(old: Columns, changed: Columns) -> Columns:
    """The old rows with the changed ones in their places and the new ones added."""
    stays = ~np.isin(old.id, changed.id, assume_unique=True)
    order = np.argsort(np.concatenate([old.id[stays], changed.id]), kind="stable")
    return Columns(
        **{
            one.name: np.concatenate([getattr(old, one.name)[stays], getattr(changed, one.name)])[order]
            for one in fields(Columns)
        }
    )


def _assigned(level_id: int) -> Select[int, int | None]:
    return select(Assignment.finding_id, Assignment.area_id).where(
        Assignment.level_id == level_id, Assignment.valid_to.is_(None), Assignment.area_id.is_not(None)
    )


def _fill(
    column: NDArray[np.int32], columns: Columns, session: Session, rows: Select[int, int | None]
) -> None:
    for part in _chunks(session, rows):
        ids, areas = (np.asarray(values, dtype=np.int64) for values in zip(*part, strict=True))
        at = np.minimum(np.searchsorted(columns.id, ids), max(len(columns) - 1, 0))
        known = columns.id[at] == ids if len(columns) else np.zeros(len(ids), dtype=bool)
        column[at[known]] = areas[known]


def _chunks(session: Session, wanted: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
    """Rows as the driver gives them: a million rows take half the time without objects around them."""
    cursor = session.connection().execute(wanted).cursor
    while cursor is not None and (rows := cursor.fetchmany(_CHUNK)):
        yield rows


def _seconds(column: Any) -> Any:
    return cast(extract("epoch", column), BigInteger)


def _fetched(session: Session, timezone: str, after: int | None = None) -> Columns:
    wanted = select(
        Finding.id, Finding.lon, Finding.lat, Finding.status, Finding.category_id,
        func.coalesce(Finding.bureau_id, 0), func.coalesce(Finding.area_id, 0), func.coalesce(Finding.reporter_id, 0),
        _seconds(Finding.reported_at),
        func.coalesce(_seconds(Finding.due_at), NO_TIME), func.coalesce(_seconds(Finding.step_due_at), NO_TIME),
        func.coalesce(_seconds(Finding.closed_at), NO_TIME),
        cast(Finding.triage, Integer), cast(Finding.near_border, Integer),
        case((Finding.confirmed_at.is_not(None), CONFIRMED), else_=0)
        + case((Finding.dissuasion == "failed", FAILED), (Finding.dissuasion == "settled", SETTLED), else_=0),
    ).order_by(Finding.id)  # fmt: skip
    if after is not None:
        wanted = wanted.where(Finding.revision > after)
    parts = [_part(rows) for rows in _chunks(session, wanted)]
    raw = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else _part([])
    (
        ids,
        lon,
        lat,
        status,
        category,
        bureau,
        area,
        reporter,
        reported,
        due,
        step_due,
        closed,
        triage,
        near,
        marks,
    ) = raw
    x, y = mercator(lon, lat)
    return Columns(
        id=ids, lon=lon, lat=lat, x=x, y=y, status=status, category=category, bureau=bureau, area=area,
        reporter=reporter,
        reported_at=reported, due_at=due, step_due_at=step_due, closed_at=closed, day=local_days(reported, timezone),
        triage=triage, near_border=near, marks=marks,
    )  # fmt: skip


_TYPES: Final = (
    np.int64, np.float64, np.float64, np.int8, np.int32, np.int32, np.int32, np.int32, np.int64, np.int64,
    np.int64, np.int64, np.bool_, np.bool_, np.int8,
)  # fmt: skip
_STATUS_AT: Final = 3


def _part(rows: Any) -> list[NDArray[Any]]:
    columns = list(zip(*rows, strict=True)) or [()] * len(_TYPES)
    columns[_STATUS_AT] = tuple(map(_STATUS_CODE.__getitem__, columns[_STATUS_AT]))
    return [np.array(values, dtype=kind) for values, kind in zip(columns, _TYPES, strict=True)]
