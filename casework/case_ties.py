"""Ties between findings that an act makes or undoes: a duplicate of another, a child of a parent."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import bureau_tasks
from casework.case_standing import current_link, ties_of
from casework.errors import Conflict, Refused, mark
from casework.photo_uploads import km_between
from casework.status import FINAL_STATUSES
from db.models import Bureau, BureauTask, Finding, FindingLink


def other_finding(session: Session, finding: Finding, number: str) -> Finding:
    """The open finding with this case number, which is not ``finding`` itself. Raises Refused naming ``other``."""
    if not number:
        raise Refused(mark("Choose the other finding, or give its number"), field="other")
    found = session.scalars(select(Finding).where(Finding.number == number).with_for_update()).first()
    if found is None:
        raise Refused(
            mark("There is no finding with the number %(number)s"), {"number": number}, field="other"
        )
    if found.id == finding.id:
        raise Refused(mark("That is this finding itself: choose another"), field="other")
    if found.status in FINAL_STATUSES:
        raise Refused(
            mark("%(number)s is closed: choose one that is open"), {"number": found.number}, field="other"
        )
    return found


def tie(
    session: Session, kind: str, finding: Finding, other: Finding, reason: str, at: datetime, by: int | None
) -> None:
    """Put a tie on record, with how far apart the two lie (m)."""
    session.add(
        FindingLink(
            kind=kind, finding_id=finding.id, other_id=other.id, reason=reason, created_at=at, created_by=by,
            status_before=finding.status,
            distance_m=round(1000 * km_between(finding.lon, finding.lat, other.lon, other.lat), 1),
        )
    )  # fmt: skip
    session.flush()


def untie(session: Session, kind: str, finding: Finding, at: datetime, by: int | None) -> Finding | None:
    """End the tie of this kind; returns the other finding (None: the tie was made before ties were kept)."""
    link = current_link(session, finding.id, kind)
    if link is None:
        return None
    link.ended_at, link.ended_by = at, by
    session.flush()
    return session.get_one(Finding, link.other_id)


def check_parent(session: Session, parent: Finding) -> None:
    """A parent belongs to no parent itself: there is one level. Raises Refused."""
    if ties_of(session, parent.id).parent_id is not None:
        raise Refused(
            mark("%(number)s belongs to a parent itself: choose that one"), {"number": parent.number},
            field="other",
        )  # fmt: skip


def put_aside(session: Session, finding_id: int, at: datetime) -> list[list[Any]]:
    """End a case's parts while it is merged; returns them as the history keeps them, to be brought back."""
    rows = session.execute(
        select(BureauTask, Bureau.code)
        .join(Bureau, Bureau.id == BureauTask.bureau_id)
        .where(BureauTask.finding_id == finding_id, BureauTask.ended_at.is_(None))
        .order_by(BureauTask.id)
    ).all()
    kept = [
        [row.code, row.BureauTask.role, row.BureauTask.status, row.BureauTask.is_punishment] for row in rows
    ]
    bureau_tasks.end_all(session, finding_id, at)
    return kept


def bring_back(
    session: Session, finding: Finding, kept: list[list[Any]], at: datetime, by: int | None
) -> None:
    """Begin the parts again that merging ended; the leading one is the finding's bureau's as it is now."""
    for code, role, status, is_punishment in kept:
        bureau_id = session.scalar(select(Bureau.id).where(Bureau.code == code))
        if role == "lead":
            bureau_id = finding.bureau_id
        if bureau_id is None:
            continue
        if any(task.bureau_id == bureau_id for task in bureau_tasks.open_tasks(session, finding.id)):
            continue
        task = bureau_tasks.begin(
            session, finding.id, bureau_id, role, at, by, status=status, is_punishment=is_punishment
        )
        task.accepted_at = at if status in {"accepted", "handled"} else None
        task.handled_at = at if status == "handled" else None
        session.flush()


def not_merged_away(other: Finding) -> None:
    """The finding that stays must itself be no duplicate. Raises Conflict."""
    if other.status == "duplicate":
        raise Conflict(mark("%(number)s is merged into another itself"), {"number": other.number})
