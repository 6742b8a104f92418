"""How a finding stands, read from the database: what the table of transitions decides by."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.bureau_tasks import as_tasks, open_tasks
from casework.standing import Asked, Standing, Ties
from casework.status import FINAL_STATUSES
from db.models import Area, AreaVersion, Assignment, Extension, Finding, FindingLink, HistoryEntry, User

# Whose own report is a look on site already, and needs no 核实.
STAFF_ROLES: Final = ("administrator", "supervisor", "inspector")
STAFF: Final = STAFF_ROLES
_FORGOTTEN: Final = {
    "reopen": ("handle", "settle", "part_done"), "dispatch": ("settle",), "refer": ("settle",),
}  # fmt: skip


def standing_of(session: Session, finding: Finding) -> Standing:
    """What decides who may act on this finding now."""
    steps = session.execute(
        select(HistoryEntry.act, HistoryEntry.user_id, HistoryEntry.from_status, HistoryEntry.to_status)
        .where(HistoryEntry.finding_id == finding.id)
        .order_by(HistoryEntry.seq)
    ).all()
    return Standing(
        status=finding.status,
        bureau_id=finding.bureau_id,
        area_ids=areas_with_parents(session, finding.id),
        done_by=_done_by(steps),
        reporter_id=finding.reporter_id,
        by_staff=_is_staff(session, finding.reporter_id),
        is_confirmed=finding.confirmed_at is not None,
        dissuasion=finding.dissuasion,
        tasks=as_tasks(open_tasks(session, finding.id)),
        extensions=finding.extensions,
        asked=asked_of(session, finding.id),
        ties=ties_of(session, finding.id),
        before=status_before(finding.status, steps),
    )


def status_before(status: str, steps: Iterable[Any]) -> str:
    """The status that a suspended or merged finding had before, by its history; empty for any other."""
    if status not in {"suspended", "duplicate"}:
        return ""
    before = ""
    for one in steps:
        # what was merged while it was suspended comes back suspended: that is not how it stood before
        if one.to_status == status and one.from_status not in {status, "duplicate"}:
            before = one.from_status or ""
    return before


def _done_by(steps: Sequence[Any]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for one in steps:
        if one.act == "settle" and not one.to_status:
            continue  # a location settled by hand has the same name
        found[one.act] = one.user_id
        for act in _FORGOTTEN.get(one.act, ()):
            found.pop(act, None)
    return found


def _is_staff(session: Session, user_id: int | None) -> bool:
    role = session.scalar(select(User.role).where(User.id == user_id)) if user_id is not None else None
    return role in STAFF


def waiting_extension(session: Session, finding_id: int) -> Extension | None:
    """The extension that waits for approval."""
    return session.scalars(
        select(Extension).where(
            Extension.finding_id == finding_id, Extension.status.in_(("asked", "approved_once"))
        )
    ).first()


def asked_of(session: Session, finding_id: int) -> Asked | None:
    """The extension that waits, as the guards see it."""
    row = waiting_extension(session, finding_id)
    return Asked(row.asked_by, row.status == "approved_once", row.first_by) if row else None


def current_link(session: Session, finding_id: int, kind: str) -> FindingLink | None:
    """The tie of this kind from a finding: to its parent, or to what it was merged into."""
    return session.scalars(
        select(FindingLink).where(
            FindingLink.finding_id == finding_id, FindingLink.kind == kind, FindingLink.ended_at.is_(None)
        )
    ).first()


def ties_of(session: Session, finding_id: int) -> Ties:
    """What hangs on a finding."""
    up = current_link(session, finding_id, "child")
    down = session.execute(
        select(FindingLink.kind, Finding.status, func.count())
        .join(Finding, Finding.id == FindingLink.finding_id)
        .where(FindingLink.other_id == finding_id, FindingLink.ended_at.is_(None))
        .group_by(FindingLink.kind, Finding.status)
    ).all()
    children = [(status, count) for kind, status, count in down if kind == "child"]
    return Ties(
        parent_id=up.other_id if up else None,
        children=sum(count for _status, count in children),
        open_children=sum(count for status, count in children if status not in FINAL_STATUSES),
        duplicates=sum(count for kind, _status, count in down if kind == "duplicate"),
    )


def areas_with_parents(session: Session, finding_id: int) -> frozenset[int]:
    """The areas that a finding is assigned to, at every level, with the areas above them."""
    found: set[int] = {
        area_id
        for area_id in session.scalars(
            select(Assignment.area_id).where(
                Assignment.finding_id == finding_id, Assignment.valid_to.is_(None)
            )
        )
        if area_id is not None
    }
    waiting = found
    while waiting:
        above = session.scalars(
            select(AreaVersion.parent_area_id)
            .join(Area, AreaVersion.area_id == Area.id)
            .where(
                Area.id.in_(waiting), AreaVersion.valid_to.is_(None), AreaVersion.parent_area_id.is_not(None)
            )
        )
        waiting = {area_id for area_id in above if area_id is not None} - found
        found = found | waiting
    return frozenset(found)
