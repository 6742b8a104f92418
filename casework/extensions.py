"""Extensions (延期): asked for by the bureau, approved at two levels by two persons; at most two are granted."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.case_standing import waiting_extension
from casework.errors import Conflict, mark
from db.models import Extension, Finding


def ask(session: Session, finding: Finding, reason: str, at: datetime, by: int | None) -> dict[str, Any]:
    """Put a request on record; returns what the history keeps: which one it would be."""
    session.add(Extension(finding_id=finding.id, status="asked", reason=reason, asked_by=by, asked_at=at))
    session.flush()
    return {"extension": finding.extensions + 1}


def approve(session: Session, finding: Finding, at: datetime, by: int | None) -> tuple[bool, dict[str, Any]]:
    """Approve the request that waits, at its next level; says whether it is granted now, and what history keeps."""
    row = _waiting(session, finding.id)
    number = finding.extensions + 1
    if row.status == "asked":
        row.status, row.first_by, row.first_at = "approved_once", by, at
        session.flush()
        return False, {"extension": number, "level": 1}
    row.status, row.second_by, row.second_at, row.ended_at = "approved", by, at, at
    session.flush()
    return True, {"extension": number, "level": 2, "granted": True}


def finish(session: Session, finding: Finding, status: str, at: datetime, by: int | None) -> dict[str, Any]:
    """Refuse or withdraw the request that waits."""
    row = _waiting(session, finding.id)
    row.status, row.ended_at, row.ended_by = status, at, by
    session.flush()
    return {"extension": finding.extensions + 1}


def lapse(session: Session, finding_id: int, at: datetime, by: int | None) -> dict[str, Any]:
    """A request ends when the case leaves the bureau; returns what the history keeps (nothing where none waited)."""
    row = waiting_extension(session, finding_id)
    if row is None:
        return {}
    row.status, row.ended_at, row.ended_by = "withdrawn", at, by
    session.flush()
    return {"extension": "lapsed"}


def _waiting(session: Session, finding_id: int) -> Extension:
    row = waiting_extension(session, finding_id)
    if row is None:
        raise Conflict(mark("No extension waits for approval"))
    return row
