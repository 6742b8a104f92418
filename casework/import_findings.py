"""Importing findings from a file: every row is taken or refused with its reason, all in one transaction."""

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from casework.errors import Refused, mark
from casework.fields import text
from casework.finding_rows import Columns, Draft, RowReader, settle_columns
from casework.import_ledger import Ledger, Outcome
from casework.import_notes import Note
from casework.office import Office, the_city
from casework.rejects import Rejects
from casework.times import Order
from casework.value_maps import CategoryWords, read_value_map, status_word
from geo.point_rows import PointRow, open_points

_CHUNK: Final = 5_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FindingImport:
    """What to import: a file and which columns hold what. ``source`` and the id together name a finding."""

    path: Path
    x: str | None = None
    y: str | None = None
    id: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Path] = field(default_factory=dict)
    source: str = "import"
    dates: Order | None = None
    datum: str | None = None
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    rejects: Path | None = None


@dataclass(slots=True)
class FindingReport:
    """What an import did, or would do: every row of the file is in exactly one of ``outcomes`` or ``rejected``."""

    total: int
    columns: Columns
    notes: list[Note]
    committed: bool
    outcomes: Tally[Outcome] = field(default_factory=Tally)
    reasons: Tally[str] = field(default_factory=Tally)
    said: Tally[str] = field(default_factory=Tally)
    statuses: Tally[str] = field(default_factory=Tally)
    places: Tally[str] = field(default_factory=Tally)

    @property
    def rejected(self) -> int:
        """How many rows were refused."""
        return self.reasons.total()

    @property
    def kept(self) -> int:
        """How many rows are new, updated or unchanged."""
        return self.outcomes.total()


class NothingKept(Refused):
    """No row of the file can be taken; ``report`` has the reasons."""

    def __init__(self, report: FindingReport) -> None:
        """Say so with the most common reason."""
        first = report.reasons.most_common(1)
        if first:
            message = mark("None of the %(count)s rows can be taken. Most often: %(reason)s")
            super().__init__(message, {"count": report.total, "reason": first[0][0]})
        else:
            super().__init__(mark("The file has no rows: only the names of its columns"))
        self.report = report


def import_findings(
    office: Office, wanted: FindingImport, *, commit: bool = False, progress: Progress | None = None
) -> FindingReport:
    """Read, check, locate and put findings on record; without ``commit`` everything but the writing is done.

    Raises UnreadableFile, Refused for a wrong column or value file, NothingKept when no row can be taken.
    """
    source = text(wanted.source, "source", limit=32, required=True)
    rows = open_points(
        wanted.path, wanted.x, wanted.y, wanted.crs, wanted.datum, wanted.encoding, wanted.layer
    )
    columns = settle_columns(rows.names, wanted.id, wanted.map)
    notes = [Note(None, p.message, p.params) for p in rows.problems]
    report = FindingReport(rows.total, columns, notes, commit)
    with (
        Rejects(wanted.rejects, rows.names, rows.encoding) as rejects,
        _session(office, write=commit) as session,
    ):
        now = office.now()
        timezone = the_city(session).timezone
        reader = _reader(session, wanted, rows.names, columns, timezone, now)
        ledger = Ledger(
            session, source, wanted.path.name, timezone, office.settings.near_m, now, writes=commit
        )
        seen: dict[str, int] = {}
        done = 0
        for chunk in rows.chunks(_CHUNK):
            drafts = _taken(chunk, reader, seen, rejects, report)
            for outcome, kind in ledger.record(drafts):
                report.outcomes[outcome] += 1
                report.places[kind] += 1
            report.statuses.update(draft.status for draft in drafts)
            done += len(chunk)
            if progress:
                progress(done, rows.total)
        report.said = rows.remarks + reader.said + ledger.said
        if report.kept == 0:
            rejects.finish()
            raise NothingKept(report)
        rejects.finish()
    return report


@contextmanager
def _session(office: Office, *, write: bool) -> Iterator[Session]:
    with office.database.write() if write else office.database.read() as session:
        yield session


def _reader(
    session: Session, wanted: FindingImport, names: list[str], columns: Columns, timezone: str, now: datetime
) -> RowReader:
    return RowReader(
        names=names,
        columns=columns,
        category=read_value_map(wanted.values.get("category"), "category", CategoryWords(session)),
        status=read_value_map(wanted.values.get("status"), "status", status_word),
        zone=ZoneInfo(timezone),
        now=now,
        dates=wanted.dates,
    )


def _taken(
    chunk: list[PointRow], reader: RowReader, seen: dict[str, int], rejects: Rejects, report: FindingReport
) -> list[Draft]:
    """The rows of a chunk that can be taken; the others go to the rejects with their reason."""
    drafts = []
    for row in chunk:
        try:
            if row.refused is not None:
                raise Refused(row.refused.message, row.refused.params, field=row.refused.field)
            draft = reader.draft(row.values, row.lon, row.lat)
            first = seen.setdefault(draft.external_id, row.number)
            if first != row.number:
                raise Refused(
                    mark("the id %(id)s stands in row %(row)s already"),
                    {"id": draft.external_id, "row": first},
                )
        except Refused as fault:
            rejects.add(row.values, str(fault))
            report.reasons[_kind_of(fault)] += 1
            continue
        drafts.append(draft)
    return drafts


def _kind_of(fault: Refused) -> str:
    """Reasons are counted by what they say; only an unmapped value is worth a line of its own."""
    if fault.params.get("value") is not None and fault.field in ("category", "status"):
        return str(fault)
    return fault.message % {name: value if name == "field" else "…" for name, value in fault.params.items()}
