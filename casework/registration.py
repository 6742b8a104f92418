"""Putting findings on record in bulk: the one way in for reports, imports and the demo city."""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework import counters, played_parts
from casework.assignment import Placement, assignment_rows, finding_columns, place_all
from casework.case_standing import STAFF
from casework.clock import day_of
from casework.clock_bulk import Case, reckon_many
from casework.clock_reckoning import Reckoned, course
from casework.coverage import Coverage, coverages
from casework.deadlines import event_of
from casework.history import chain
from casework.referral import Referral, RoutingTable
from casework.replay import replay
from casework.time_limits import TimeRules, time_rules
from db.models import Assignment, Finding, HistoryEntry, User


@dataclass(slots=True)
class Entry:
    """A finding to put on record: checked values, moments aware, lon/lat in WGS 84 on the 1e-7 degree grid.

    ``steps`` come from ``casework.history.step`` in order of time; the first one is the report. Deadlines are worked
    out from them; ``due_at`` counts only where an import's source gave it.
    """

    category_id: int
    lon: float
    lat: float
    reported_at: datetime
    steps: list[dict[str, Any]]
    status: str = "reported"
    subject: str = ""
    place: str = ""
    description: str = ""
    found_at: datetime | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None
    reporter_id: int | None = None
    source: str = "web"
    external_id: str | None = None
    client_key: str | None = None
    bureau_id: int | None = None


@dataclass(slots=True)
class Register:
    """Everything that putting many findings on record needs, read once inside the write transaction."""

    session: Session
    timezone: str
    near_m: float
    levels: list[Coverage] = field(init=False)
    routing: RoutingTable = field(init=False)
    rules: TimeRules = field(init=False)
    _staff: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        """Read the areas (kept from being republished until the transaction ends) and the rules."""
        self.levels = coverages(self.session, lock=True)
        self.routing = RoutingTable.load(self.session)
        self.rules = time_rules(self.session, self.timezone)
        self._staff = frozenset(self.session.scalars(select(User.id).where(User.role.in_(STAFF))))

    def add(self, entries: Sequence[Entry]) -> list[tuple[int, Placement]]:
        """Insert findings with their assignments and history; returns (id, placement) in the same order."""
        if not entries:
            return []
        placements = place_all(
            self.levels, [entry.lon for entry in entries], [entry.lat for entry in entries], self.near_m
        )
        referrals = [
            Referral(entry.bureau_id, None)
            if entry.bureau_id
            else self.routing.refer(entry.category_id, placement.area_ids)
            for entry, placement in zip(entries, placements, strict=True)
        ]
        revision = counters.advance(self.session, "findings")
        known = [replay(entry.steps) for entry in entries]
        rows = [
            {
                **_columns(entry),
                "due_at": clock.due_at,
                "step_due_at": clock.step_due_at,
                "paused_at": clock.paused_at,
                **played_parts.columns_of(played),
                **finding_columns(placement, referral),
                "number": number,
                "revision": revision,
            }
            for entry, clock, placement, referral, played, number in zip(
                entries,
                self.clocks(entries),
                placements,
                referrals,
                known,
                self._numbers(entries),
                strict=True,
            )
        ]
        # render_nulls: else the ORM sends rows in groups of equal keys, here one by one, and takes twice the time
        new = insert(Finding).returning(Finding.id, sort_by_parameter_order=True)
        ids = list(self.session.scalars(new.execution_options(render_nulls=True), rows))
        assigned: list[dict[str, Any]] = []
        steps: list[dict[str, Any]] = []
        played_parts.record(self.session, ids, [row["bureau_id"] for row in rows], known)
        for finding_id, entry, placement, referral in zip(ids, entries, placements, referrals, strict=True):
            located = assignment_rows(
                placement, finding_id, referral, entry.reported_at, user_id=entry.reporter_id
            )
            assigned += [{**row, "pinned": True} for row in located] if entry.bureau_id else located
            steps += chain(finding_id, entry.steps)
        if assigned:
            self.session.execute(insert(Assignment).execution_options(render_nulls=True), assigned)
        self.session.execute(insert(HistoryEntry).execution_options(render_nulls=True), steps)
        return list(zip(ids, placements, strict=True))

    def clocks(self, entries: Sequence[Entry]) -> list[Reckoned]:
        """The deadlines of each, worked out from its steps."""
        cases = []
        for entry in entries:
            events = [
                event_of(one["at"], one["act"], one["to_status"], one["payload"]) for one in entry.steps
            ]
            by_staff = entry.reporter_id in self._staff
            is_ = course(events, entry.reported_at, by_staff=by_staff)
            cases.append(Case(is_, entry.category_id, entry.due_at))
        return reckon_many(cases, self.rules, anew=True)

    def _numbers(self, entries: Sequence[Entry]) -> list[str]:
        """Case numbers, counted within the year of the report on the city's calendar."""
        years = [day_of(entry.reported_at, self.timezone).year for entry in entries]
        following = {
            year: counters.advance(self.session, f"number:{year}", count) - count + 1
            for year, count in sorted(Tally(years).items())
        }
        numbers = []
        for year in years:
            numbers.append(f"{year}-{following[year]:04d}")
            following[year] += 1
        return numbers


def _columns(entry: Entry) -> dict[str, Any]:
    return {
        "category_id": entry.category_id,
        "lon": entry.lon,
        "lat": entry.lat,
        "reported_at": entry.reported_at,
        "status": entry.status,
        "subject": entry.subject,
        "place": entry.place,
        "description": entry.description,
        "found_at": entry.found_at,
        "closed_at": entry.closed_at,
        "reporter_id": entry.reporter_id,
        "source": entry.source,
        "external_id": entry.external_id,
        "client_key": entry.client_key,
        "pinned": entry.bureau_id is not None,
    }
