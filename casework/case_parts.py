"""What a case has beside its finding, to be shown: bureaus' parts, extensions, the decision, parent and children."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.case_standing import status_before
from casework.map_names import Names, Pair
from casework.map_rows import iso
from casework.status import display_key
from db.models import BureauTask, Category, Extension, Finding, FindingLink, HistoryEntry

People = Mapping[int | None, Pair]


def users_of(session: Session, finding_id: int) -> set[int | None]:
    """Whose names the parts need: who decided on extensions, and who reported what was merged into it."""
    found: set[int | None] = set()
    for row in session.scalars(select(Extension).where(Extension.finding_id == finding_id)):
        found |= {row.asked_by, row.first_by, row.second_by, row.ended_by}
    found |= set(
        session.scalars(
            select(Finding.reporter_id)
            .join(FindingLink, FindingLink.finding_id == Finding.id)
            .where(FindingLink.other_id == finding_id, FindingLink.kind == "duplicate")
        )
    )
    return found | set(session.scalars(select(Finding.reporter_id).where(Finding.id == finding_id)))


def parts(
    session: Session, finding: Finding, entries: Sequence[HistoryEntry], names: Names, people: People, zone: ZoneInfo,
    now: datetime, *, full: bool,
) -> dict[str, Any]:  # fmt: skip
    """Keys of the case's answer. Persons, reasons and decisions only with ``full``."""
    shown = {
        "confirmed_at": iso(finding.confirmed_at, zone),
        "dissuasion": finding.dissuasion,
        "reworks": finding.reworks,
        "parts": _parts(session, finding, names, zone),
        "family": _family(session, finding, people, now, zone, full=full),
        "before": status_before(finding.status, entries) or None,
    }
    if not full:
        return {
            **shown,
            "reporter": None,
            "extensions": [],
            "decision": None,
            "suspended": None,
            "urged_at": None,
        }
    return {
        **shown,
        "reporter": people.get(finding.reporter_id),
        "extensions": _extensions(session, finding.id, people, zone),
        "decision": _decision(entries),
        "suspended": _suspended(finding, entries, people, zone),
        "urged_at": iso(max((one.at for one in entries if one.act == "urge"), default=None), zone),
    }


def _parts(session: Session, finding: Finding, names: Names, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The bureaus' parts that are open, and the last ones of a closed case; the leading one first."""
    rows = session.scalars(
        select(BureauTask).where(BureauTask.finding_id == finding.id).order_by(BureauTask.id)
    ).all()
    current = [row for row in rows if row.ended_at is None]
    if not current and rows and finding.status == "closed":
        current = [row for row in rows if row.ended_at == rows[-1].ended_at and row.status == "handled"]
    return [
        {
            "bureau": names.bureaus[row.bureau_id].coded,
            "role": row.role,
            "status": row.status,
            "punishment": row.is_punishment,
            "begun_at": iso(row.begun_at, zone),
            "accepted_at": iso(row.accepted_at, zone),
            "handled_at": iso(row.handled_at, zone),
        }
        for row in sorted(current, key=lambda row: row.role != "lead")
        if row.bureau_id in names.bureaus
    ]


def _extensions(session: Session, finding_id: int, people: People, zone: ZoneInfo) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Extension).where(Extension.finding_id == finding_id).order_by(Extension.id)
    ).all()
    return [
        {
            "status": row.status,
            "reason": row.reason,
            "asked_at": iso(row.asked_at, zone),
            "asked_by": people.get(row.asked_by),
            "first_by": people.get(row.first_by),
            "second_by": people.get(row.second_by),
            "ended_by": people.get(row.ended_by),
            "ended_at": iso(row.ended_at, zone),
        }
        for row in rows
    ]


def _decision(entries: Sequence[HistoryEntry]) -> dict[str, str] | None:
    found = None
    for one in entries:
        told = (one.payload or {}).get("punishment")
        if isinstance(told, dict):
            found = {"number": str(told.get("number", "")), "kind": str(told.get("kind", ""))}
    return found


def _suspended(
    finding: Finding, entries: Sequence[HistoryEntry], people: People, zone: ZoneInfo
) -> dict[str, Any] | None:
    if finding.status != "suspended":
        return None
    last = next((one for one in reversed(entries) if one.act == "suspend"), None)
    if last is None:
        return None
    return {"since": iso(last.at, zone), "by": people.get(last.user_id), "reason": last.note}


def _tied(
    session: Session, of: ColumnElement[bool], to: InstrumentedAttribute[int]
) -> list[tuple[str, Finding]]:
    """The findings at the other end of the ties of a family, each with the tie's kind."""
    rows = session.execute(
        select(FindingLink.kind, Finding)
        .join(Finding, Finding.id == to)
        .where(of, FindingLink.ended_at.is_(None), FindingLink.kind != "recurrence")
        .order_by(Finding.id)
    )
    return [(kind, one) for kind, one in rows]


def _family(
    session: Session, finding: Finding, people: People, now: datetime, zone: ZoneInfo, *, full: bool
) -> dict[str, Any]:
    """The parent, the children, what it was merged into, and the reports merged into it with their reporters."""
    ups = _tied(session, FindingLink.finding_id == finding.id, FindingLink.other_id)
    downs = _tied(session, FindingLink.other_id == finding.id, FindingLink.finding_id)
    wanted = {one.category_id for _kind, one in (*ups, *downs)}
    categories: dict[int, Pair] = {
        row.id: [row.name_zh, row.name_en]
        for row in session.execute(
            select(Category.id, Category.name_zh, Category.name_en).where(Category.id.in_(wanted))
        )
    }

    def told(one: Finding) -> dict[str, Any]:
        return {
            "id": one.id, "number": one.number, "s": display_key(one.status, one.due_at, now), "status": one.status,
            "category": categories[one.category_id], "subject": one.subject or None, "place": one.place or None,
            "reported_at": iso(one.reported_at, zone),
            "reporter": people.get(one.reporter_id) if full else None, "source": one.source,
        }  # fmt: skip

    return {
        "parent": next((told(one) for kind, one in ups if kind == "child"), None),
        "merged_into": next((told(one) for kind, one in ups if kind == "duplicate"), None),
        "children": [told(one) for kind, one in downs if kind == "child"],
        "merged": [told(one) for kind, one in downs if kind == "duplicate"],
    }
