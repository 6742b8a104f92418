"""From a row of somebody's table to a checked finding: which column is what, and why a row is refused."""

import hashlib
from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from casework.errors import Refused, mark
from casework.fields import MAX_LINE, MAX_TEXT, text
from casework.status import FINAL_STATUSES
from casework.times import Order, read_time
from casework.value_maps import ValueMap

FIELDS: Final = (
    "category", "status", "description", "subject", "place",
    "found_at", "reported_at", "closed_at", "due_at", "updated_at",
)  # fmt: skip
# Column names that speak for themselves, used (and said) where nobody named a column.
_OWN_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "external_id", "unique_key", "case_id", "编号", "案件编号", "案卷编号", "任务号"),
    "category": ("category", "category_code", "类别", "案件类别", "问题类别"),
    "status": ("status", "状态", "案件状态"),
    "description": ("description", "描述", "问题描述"),
    "subject": ("subject", "主体"),
    "place": ("place", "address", "地址", "位置描述", "地点"),
    "found_at": ("found_at", "发现时间"),
    "reported_at": ("reported_at", "created_at", "created_date", "上报时间"),
    "closed_at": ("closed_at", "closed_date", "结案时间"),
    "due_at": ("due_at", "截止时间"),
}
_EARLIEST_CLOCK_AHEAD: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds the id and each field; ``guessed`` names those that nobody named."""

    id: str | None
    of: Mapping[str, str]
    guessed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that can be taken. Texts are trimmed, moments are UTC, lon/lat WGS 84 on the grid."""

    external_id: str
    category: str
    status: str
    subject: str
    place: str
    description: str
    lon: float
    lat: float
    found_at: datetime | None
    reported_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None

    def seal(self) -> str:
        """A digest of everything that the source said: the same again means that nothing changed there."""
        parts = [str(getattr(self, one.name)) for one in fields(self)]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def settle_columns(names: Sequence[str], id_column: str | None, given: Mapping[str, str]) -> Columns:
    """Check the columns that were named, find those whose names speak for themselves. Raises Refused."""
    for option, column in (
        ("--id", id_column),
        *((f"--map {name}=", column) for name, column in given.items()),
    ):
        if column is not None and column not in names:
            raise Refused(
                mark("%(option)s %(column)s: there is no such column. Columns: %(columns)s"),
                {"option": option, "column": column, "columns": ", ".join(names)},
            )
    lower = {name.strip().casefold(): name for name in reversed(names)}
    used = dict(given)
    taken = {*given.values(), id_column}
    guessed: set[str] = set()
    for name, wanted in _OWN_NAMES.items():
        column = next((lower[word] for word in wanted if word in lower and lower[word] not in taken), None)
        if column is None or name in used or (name == "id" and id_column is not None):
            continue
        guessed.add(name)
        if name == "id":
            id_column = column
        else:
            used[name] = column
    if "category" not in used:
        raise Refused(
            mark("No column holds the category: name it with --map category=COLUMN. Columns: %(columns)s"),
            {"columns": ", ".join(names)},
            field="category",
        )
    return Columns(id_column, used, frozenset(guessed))


@dataclass(slots=True)
class RowReader:
    """Turns rows into drafts. ``said`` counts what was filled in or set aside without refusing the row."""

    names: Sequence[str]
    columns: Columns
    category: ValueMap
    status: ValueMap
    zone: ZoneInfo
    now: datetime
    dates: Order | None = None
    said: Tally[str] = field(default_factory=Tally)
    _at: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Find each column's position."""
        position = {name: i for i, name in enumerate(self.names)}
        self._at = {name: position[column] for name, column in self.columns.of.items()}
        if self.columns.id is not None:
            self._at["id"] = position[self.columns.id]

    def draft(self, values: Sequence[str], lon: float, lat: float) -> Draft:
        """The finding that a row describes; raises Refused with the reason."""
        if lon == 0 and lat == 0:
            raise Refused(mark("no location: longitude and latitude are 0,0"))
        external_id = text(self._value(values, "id"), "id", limit=200)
        if self.columns.id is not None and not external_id:
            raise Refused(mark("the id is empty"))
        category = self._coded(values, "category", self.category)
        closed_at = self._past(values, "closed_at")
        status = self._status(values, closed_at)
        found_at, reported_at = self._past(values, "found_at"), self._past(values, "reported_at")
        reported_at = reported_at or found_at
        closed_at = self._closing(values, status, closed_at, reported_at)
        draft = Draft(
            external_id=external_id,
            category=category,
            status=status,
            subject=text(self._value(values, "subject"), "subject", limit=MAX_LINE),
            place=text(self._value(values, "place"), "place", limit=MAX_LINE),
            description=text(self._value(values, "description"), "description", limit=MAX_TEXT),
            lon=lon,
            lat=lat,
            found_at=found_at,
            reported_at=reported_at,
            closed_at=closed_at,
            due_at=read_time(self._value(values, "due_at"), "due_at", self.zone, self.dates),
        )
        if reported_at is None:
            self.said[mark("no time of report: the time of the first import is taken")] += 1
        if not external_id:  # the same row again is the same finding, even where the source has no ids
            return _named(draft)
        return draft

    def _value(self, values: Sequence[str], name: str) -> str:
        at = self._at.get(name)
        return values[at] if at is not None else ""

    def _coded(self, values: Sequence[str], name: str, mapped: Callable[[str], str | None]) -> str:
        value = self._value(values, name).strip()
        code = mapped(value)
        if code is None:
            if not value:
                raise Refused(mark("%(field)s is empty"), {"field": name}, field=name)
            raise Refused(
                mark("%(field)s: nobody said what %(value)s means; map it with --values %(field)s=FILE.csv"),
                {"field": name, "value": f"“{value[:80]}”"},
                field=name,
            )
        return code

    def _status(self, values: Sequence[str], closed_at: datetime | None) -> str:
        if "status" in self._at:
            return self._coded(values, "status", self.status)
        return "closed" if closed_at is not None else "reported"

    def _past(self, values: Sequence[str], name: str) -> datetime | None:
        moment = read_time(self._value(values, name), name, self.zone, self.dates)
        if moment is not None and moment > self.now + _EARLIEST_CLOCK_AHEAD:
            raise Refused(mark("%(field)s lies in the future"), {"field": name}, field=name)
        return moment

    def _closing(
        self, values: Sequence[str], status: str, closed_at: datetime | None, reported_at: datetime | None
    ) -> datetime | None:
        """When a finished case was closed: its own time, else its last update, else its report."""
        if status not in FINAL_STATUSES:
            if closed_at is not None:
                self.said[mark("a closing time of a case that is not closed: set aside")] += 1
            return None
        if closed_at is None:
            closed_at = self._past(values, "updated_at")
            if closed_at is not None:
                self.said[mark("closed without a closing time: its last update is taken")] += 1
            else:
                closed_at = reported_at
                self.said[mark("closed without a closing time: its time of report is taken")] += 1
        if closed_at is not None and reported_at is not None and closed_at < reported_at:
            self.said[mark("closed before it was reported: kept as it stands")] += 1
        return closed_at


def _named(draft: Draft) -> Draft:
    return Draft("#" + draft.seal(), *(getattr(draft, one.name) for one in fields(draft)[1:]))
