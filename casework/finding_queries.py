"""Findings asked for by programs and pages: how many wait, and one page of those that fit a question."""

from sqlalchemy import func, select

from casework.office import Office
from casework.status import FINAL_STATUSES
from db.models import Finding


def waiting_in_triage(office: Office) -> int:
    """How many findings wait for somebody to look at their location."""
    with office.database.read() as session:
        return (
            session.scalar(
                select(func.count()).where(
                    Finding.triage, Finding.pinned.is_(False), Finding.status.not_in(FINAL_STATUSES)
                )
            )
            or 0
        )
