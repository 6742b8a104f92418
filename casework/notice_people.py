"""Who must know of a case: the accounts around it, group by group."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.coverage import coverages
from casework.notice_kinds import (
    HANDLERS,
    INSPECTORS,
    LEAD,
    LEADERS,
    LEAVERS,
    NEWCOMERS,
    OWN_REPORTER,
    REPORTERS,
    SUPERVISORS,
)
from db.models import AreaPerson, Assignment, BureauTask, Finding, FindingLink, User, UserArea


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who is to know, and the finding that the notice is about: a joined report's own for its reporter."""

    user_id: int
    finding_id: int


class Circle:
    """The people around one finding at one moment, read inside the caller's transaction."""

    def __init__(self, session: Session, finding_id: int, at: datetime) -> None:
        self.session, self.finding_id, self.at = session, finding_id, at
        self.case = session.execute(
            select(Finding.bureau_id, Finding.area_id, Finding.reporter_id).where(Finding.id == finding_id)
        ).one()

    def of(self, group: str) -> list[Told]:
        """The active accounts of a group, by id; whose joined report it is may stand in several rows."""
        if group in {REPORTERS, OWN_REPORTER}:
            return [
                one for one in self._reporters() if group == REPORTERS or one.finding_id == self.finding_id
            ]
        return [Told(user_id, self.finding_id) for user_id in sorted(self._ids(group))]

    def bureaus(self) -> frozenset[int]:
        """The bureaus that have to do with it: those with an open part, or the one that it is assigned to."""
        found = self._parts(BureauTask.ended_at.is_(None))
        return found or frozenset([self.case.bureau_id] if self.case.bureau_id else [])

    def _ids(self, group: str) -> set[int]:
        if group == HANDLERS:
            return self._handlers(self.bureaus())
        if group == LEAD:
            return self._handlers([self.case.bureau_id] if self.case.bureau_id else [])
        if group == NEWCOMERS:
            return self._handlers(self._newcomers())
        if group == LEAVERS:
            return self._handlers(self._parts(BureauTask.ended_at == self.at) - self._open())
        if group == SUPERVISORS:
            return self._with_role("supervisor") or self._with_role("administrator")
        if group == LEADERS:
            return self._leaders()
        if group == INSPECTORS:
            return self._inspectors()
        raise ValueError(group)

    def _newcomers(self) -> frozenset[int]:
        """The bureaus whose part began now; those with a part at all where none did (a part taken up again)."""
        return self._parts(BureauTask.ended_at.is_(None), BureauTask.begun_at == self.at) or self.bureaus()

    def _open(self) -> frozenset[int]:
        return self._parts(BureauTask.ended_at.is_(None))

    def _parts(self, *conditions: object) -> frozenset[int]:
        wanted = select(BureauTask.bureau_id).where(BureauTask.finding_id == self.finding_id, *conditions)  # type: ignore[arg-type]
        return frozenset(self.session.scalars(wanted))

    def _handlers(self, bureau_ids: Iterable[int]) -> set[int]:
        ids = list(bureau_ids)
        if not ids:
            return set()
        return set(
            self.session.scalars(
                select(User.id).where(User.role == "handler", User.is_active, User.bureau_id.in_(ids))
            )
        )

    def _with_role(self, role: str) -> set[int]:
        return set(self.session.scalars(select(User.id).where(User.role == role, User.is_active)))

    def _areas(self) -> list[int]:
        """The areas that it lies in, finest first, with those above them."""
        assigned = set(
            self.session.scalars(
                select(Assignment.area_id).where(
                    Assignment.finding_id == self.finding_id,
                    Assignment.valid_to.is_(None),
                    Assignment.area_id.is_not(None),
                )
            )
        )
        levels = coverages(self.session)
        parents = {area.id: area.parent_id for level in levels for area in level.areas}
        found: list[int] = []
        for level in reversed(levels):
            ids = {area.id for area in level.areas}
            found += sorted(one for one in assigned & ids if one is not None and one not in found)
            assigned |= {parents[one] for one in assigned & ids if one is not None}
        return found

    def _leaders(self) -> set[int]:
        """Accounts of who leads the patch; else of the area above; else all of the role; else the supervisors."""
        for area_id in self._areas():
            led = set(
                self.session.scalars(
                    select(User.id)
                    .join(AreaPerson, AreaPerson.person_id == User.person_id)
                    .where(AreaPerson.area_id == area_id, AreaPerson.duty == "leader", User.is_active)
                    .where(AreaPerson.valid_from <= self.at)
                    .where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > self.at))
                )
            )
            if led:
                return led
        return self._with_role("leader") or self._ids(SUPERVISORS)

    def _inspectors(self) -> set[int]:
        return set(
            self.session.scalars(
                select(User.id)
                .join(UserArea, UserArea.user_id == User.id)
                .where(User.role == "inspector", User.is_active, UserArea.area_id.in_(self._areas()))
            )
        )

    def _reporters(self) -> list[Told]:
        """Who reported it, and who reported what was joined with it: each about the own report."""
        joined = select(FindingLink.finding_id).where(
            FindingLink.other_id == self.finding_id,
            FindingLink.kind == "duplicate",
            FindingLink.ended_at.is_(None),
        )
        rows = self.session.execute(
            select(Finding.reporter_id, Finding.id)
            .join(User, User.id == Finding.reporter_id)
            .where(User.is_active, (Finding.id == self.finding_id) | Finding.id.in_(joined))
            .order_by((Finding.id != self.finding_id), Finding.id)
        )
        return [Told(row.reporter_id, row.id) for row in rows]
