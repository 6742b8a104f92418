"""What an import writes: new findings, changes to known ones, nothing where the source says the same again."""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casework import bureau_tasks, counters
from casework.assignment import Placement, assignment_rows, finding_columns, place_all
from casework.deadlines import refresh
from casework.errors import mark
from casework.finding_rows import Draft
from casework.history import append, step
from casework.reassignment import close_assignments
from casework.registration import Entry, Register
from casework.status import FINAL_STATUSES
from db.models import Assignment, Category, Finding, HistoryEntry

Outcome = Literal["new", "updated", "unchanged"]
ACT = "import"
# Fields of a finding that its source decides; the texts among them are personal enough to stay out of the chain.
_PLAIN = ("category_id", "status", "lon", "lat", "found_at", "reported_at", "closed_at", "due_at")
_TEXTS = ("subject", "place", "description")


@dataclass(slots=True)
class Ledger:
    """One import at work, inside the caller's transaction. Without ``writes`` it only says what it would do."""

    session: Session
    source: str
    file_name: str
    timezone: str
    near_m: float
    now: datetime
    writes: bool
    said: Tally[str] = field(default_factory=Tally)
    _register: Register = field(init=False)
    _categories: dict[str, int] = field(init=False)
    _codes: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        """Read areas, rules and categories once."""
        self._register = Register(self.session, self.timezone, self.near_m)
        rows = self.session.execute(select(Category.code, Category.id))
        self._categories = {row.code: row.id for row in rows}
        self._codes = {identity: code for code, identity in self._categories.items()}

    def record(self, drafts: Sequence[Draft]) -> list[tuple[Outcome, str]]:
        """Put drafts on record, each with a different id; for each what happened and how it lies in its patch."""
        if not drafts:
            return []
        known = self._known(drafts)
        placements = self._placed(drafts, {draft.external_id for draft in drafts} - known.keys())
        revision: int | None = None
        outcomes: list[tuple[Outcome, str]] = []
        for draft in drafts:
            placement = placements[draft.external_id]
            row = known.get(draft.external_id)
            if row is None:
                outcome: Outcome = "new"
            elif row.payload.get("seal") == draft.seal():
                outcome = "unchanged"
            else:
                outcome = "updated"
                if self.writes:
                    revision = revision or counters.advance(self.session, "findings")
                    self._update(row, draft, placement, revision)
            outcomes.append((outcome, _lies(placement)))
        return outcomes

    def _placed(self, drafts: Sequence[Draft], fresh: set[str]) -> dict[str, Placement]:
        """Where each draft lies, by its id; what is fresh is put on record by the way."""
        placed: dict[str, Placement] = {}
        if self.writes:
            new = [draft for draft in drafts if draft.external_id in fresh]
            recorded = self._register.add([self._entry(draft) for draft in new])
            placed = {draft.external_id: where for draft, (_, where) in zip(new, recorded, strict=True)}
        rest = [draft for draft in drafts if draft.external_id not in placed]
        lon, lat = [draft.lon for draft in rest], [draft.lat for draft in rest]
        where = place_all(self._register.levels, lon, lat, self.near_m)
        return placed | {draft.external_id: one for draft, one in zip(rest, where, strict=True)}

    def _known(self, drafts: Sequence[Draft]) -> dict[str, Any]:
        """What is on record under these ids, with the last word of the source."""
        found: dict[str, Any] = {}
        ids = [draft.external_id for draft in drafts]
        for first in range(0, len(ids), 900):  # SQLite takes a limited number of values
            rows = self.session.execute(
                select(
                    Finding.id, Finding.external_id, Finding.pinned, Finding.area_id, Finding.bureau_id,
                    *(getattr(Finding, name) for name in (*_PLAIN, *_TEXTS)), HistoryEntry.payload,
                )
                .join(HistoryEntry, HistoryEntry.finding_id == Finding.id)
                .where(
                    Finding.source == self.source, Finding.external_id.in_(ids[first : first + 900]),
                    HistoryEntry.act == ACT,
                )
                .order_by(HistoryEntry.seq)
            )  # fmt: skip
            found.update((row.external_id, row) for row in rows)
        return found

    def _entry(self, draft: Draft) -> Entry:
        category_id = self._categories[draft.category]
        reported = draft.reported_at or self.now
        return Entry(
            category_id=category_id, lon=draft.lon, lat=draft.lat, reported_at=reported, status=draft.status,
            subject=draft.subject, place=draft.place, description=draft.description,
            found_at=draft.found_at or reported, closed_at=self._closed(draft, None),
            due_at=draft.due_at,
            source=self.source, external_id=draft.external_id,
            steps=[step(ACT, self.now, to_status=draft.status, payload=self._payload(draft))],
        )  # fmt: skip

    def _closed(self, draft: Draft, before: datetime | None) -> datetime | None:
        """When a finished case was closed: where its source has no time at all, when we first heard of it."""
        return draft.closed_at or before or self.now if draft.status in FINAL_STATUSES else None

    def _payload(self, draft: Draft) -> dict[str, Any]:
        return {
            "source": self.source, "id": draft.external_id, "file": self.file_name, "seal": draft.seal(),
            "deadline": "source" if _has_own_deadline(draft) else "limit",
        }  # fmt: skip

    def _update(self, row: Any, draft: Draft, placement: Placement, revision: int) -> None:
        category_id = self._categories[draft.category]
        reported = draft.reported_at or row.reported_at
        new: dict[str, Any] = {
            "category_id": category_id, "status": draft.status, "lon": draft.lon, "lat": draft.lat,
            "found_at": draft.found_at or reported, "reported_at": reported,
            "closed_at": self._closed(draft, row.closed_at),
            "due_at": draft.due_at if _has_own_deadline(draft) else row.due_at,
            "subject": draft.subject, "place": draft.place, "description": draft.description,
        }  # fmt: skip
        changed = {name for name, value in new.items() if getattr(row, name) != value}
        if changed & {"lon", "lat", "category_id"}:
            new |= self._relocated(row, draft, placement, category_id)
        if changed:
            self.session.execute(update(Finding).where(Finding.id == row.id).values(**new, revision=revision))
        turned = row.status != draft.status
        append(
            self.session,
            row.id,
            step(
                ACT, self.now, from_status=row.status if turned else None, to_status=draft.status if turned else None,
                payload=self._payload(draft) | {"changed": self._changes(row, new, changed)},
            ),
        )  # fmt: skip
        if turned or changed & {"lon", "lat", "category_id"}:
            bureau_tasks.follow(self.session, [row.id], self.now)
        refresh(self.session, row.id, self.now)

    def _relocated(self, row: Any, draft: Draft, placement: Placement, category_id: int) -> dict[str, Any]:
        """Assign again what moved or changed its category; what a person pinned stays where it is."""
        if row.pinned:
            self.said[mark("settled by a person: moved by its source, but stays in its patch")] += 1
            return {}
        referral = self._register.routing.refer(category_id, placement.area_ids)
        close_assignments(self.session, row.id, self.now)
        rows = assignment_rows(placement, row.id, referral, self.now, reason=f"import {self.file_name}"[:500])
        if rows:
            self.session.execute(insert(Assignment), rows)
        return finding_columns(placement, referral)

    def _changes(self, row: Any, new: dict[str, Any], changed: set[str]) -> dict[str, Any]:
        plain: dict[str, Any] = {
            name.removesuffix("_id"): [self._shown(name, getattr(row, name)), self._shown(name, new[name])]
            for name in _PLAIN
            if name in changed
        }
        texts = [name for name in _TEXTS if name in changed]
        return plain | ({"texts": texts} if texts else {})

    def _shown(self, name: str, value: Any) -> Any:
        if name == "category_id":
            return self._codes.get(value)
        return value.isoformat() if isinstance(value, datetime) else value


def _has_own_deadline(draft: Draft) -> bool:
    """Whether the source says when it is due; an open case without that gets its category's limit."""
    return draft.due_at is not None or draft.status in FINAL_STATUSES


def _lies(placement: Placement) -> str:
    patch = placement.patch
    if patch is None:
        return "outside"
    return "near_border" if patch.near_border and patch.kind == "inside" else patch.kind
