"""What a case page says of its ties: what came back here, and what may be the same thing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy, recurrence
from casework.duplicates import Candidate, candidates
from casework.errors import NotFound, mark
from casework.map_names import Names, read_names
from casework.map_rows import described
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.scope import scope_of, sees_case
from casework.status import FINAL_STATUSES
from db.models import Finding


@dataclass(frozen=True, slots=True)
class Again:
    """A finding of the same category at the same place, before or after: the map's row with ``distance_m``."""

    row: dict[str, Any]
    is_earlier: bool


@dataclass(frozen=True, slots=True)
class TieView:
    """``again`` in order of time; ``candidates`` only while the finding is open."""

    finding_id: int
    number: str
    revision: int
    again: list[Again]
    candidates: list[Candidate]
    may_judge: bool
    now: datetime

    @property
    def times(self) -> int:
        """How many times the problem stood here, this one counted."""
        return len(self.again) + 1


def tie_view(office: Office, actor: Actor, finding_id: int) -> TieView:
    """The ties of a finding, as far as the one who asks sees the others. Raises NotFound."""
    now = office.now()
    with office.database.read() as session:
        finding = session.get(Finding, finding_id)
        if finding is None or not sees_case(session, actor, finding):
            raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
        names, timezone = read_names(session), the_city(session).timezone
        found: list[Candidate] = []
        if finding.status not in FINAL_STATUSES:
            here = (finding.lon, finding.lat)
            found = candidates(
                office, session, here, finding.category_id, finding.reported_at, names, timezone,
                but=finding_id, scope=scope_of(session, actor),
            )  # fmt: skip
        return TieView(
            finding_id, finding.number, finding.revision, _again(session, actor, finding, names, now, timezone), found,
            policy.may(actor, Act.JUDGE_TIES), now,
        )  # fmt: skip


def _again(
    session: Session, actor: Actor, finding: Finding, names: Names, now: datetime, timezone: str
) -> list[Again]:
    ties = {one.finding_id: one for one in recurrence.ties_of(session, finding.id)}
    if not ties:
        return []
    scope = scope_of(session, actor)
    others = session.scalars(select(Finding).where(Finding.id.in_(list(ties))))
    seen = sorted((one for one in others if scope.sees(one)), key=lambda one: (one.reported_at, one.id))
    rows = {
        row["id"]: row
        for row in described(session, [one.id for one in seen], names, now, timezone, persons=True)
    }  # fmt: skip
    return [
        Again(
            {**rows[one.id], "distance_m": ties[one.id].distance_m},
            (one.reported_at, one.id) < (finding.reported_at, finding.id),
        )
        for one in seen
        if one.id in rows
    ]
