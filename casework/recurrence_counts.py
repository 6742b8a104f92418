"""How often findings came back, for the lines of lists."""

from collections.abc import Sequence

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from db.models import FindingLink


def recurrence_counts(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """How many ties of recurrence each of these has, to earlier and later ones; those without are left out."""
    if not ids:
        return {}
    tied = (FindingLink.kind == "recurrence", FindingLink.ended_at.is_(None))
    newer = select(FindingLink.finding_id.label("id")).where(*tied, FindingLink.finding_id.in_(ids))
    older = select(FindingLink.other_id.label("id")).where(*tied, FindingLink.other_id.in_(ids))
    both = union_all(newer, older).subquery()
    return {
        row.id: row.n
        for row in session.execute(select(both.c.id, func.count().label("n")).group_by(both.c.id))
    }
