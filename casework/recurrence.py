"""The same problem at the same place, come back after it was closed: found and tied when it is reported or filed."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import notices
from casework.office import Office
from casework.photo_uploads import km_between
from db.models import Finding, FindingLink

_METRES_A_DEGREE: Final = 111_195.0


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie of recurrence as one of its two findings sees it; ``is_earlier``: the other one was before."""

    finding_id: int
    is_earlier: bool
    distance_m: float | None


def link(session: Session, office: Office, finding_id: int, at: datetime) -> int | None:
    """Tie a finding to the last closed one of its category at its place; returns that one's id, None without one.

    Inside the caller's write transaction. A finding that is tied stays so: asked again, nothing changes.
    """
    finding = session.execute(
        select(Finding.lon, Finding.lat, Finding.category_id, Finding.reported_at).where(
            Finding.id == finding_id
        )
    ).one()
    if _is_tied(session, finding_id):
        return None
    reach_m = office.settings.recurrence_m
    high = reach_m / _METRES_A_DEGREE
    wide = high / max(math.cos(math.radians(finding.lat)), 0.01)
    rows = session.execute(
        select(Finding.id, Finding.lon, Finding.lat)
        .where(Finding.lat.between(finding.lat - high, finding.lat + high))
        .where(Finding.lon.between(finding.lon - wide, finding.lon + wide))
        .where(
            Finding.category_id == finding.category_id, Finding.status == "closed", Finding.id != finding_id
        )
        .where(Finding.closed_at <= finding.reported_at)
        .where(Finding.closed_at >= finding.reported_at - timedelta(days=office.settings.recurrence_days))
        .order_by(Finding.closed_at.desc(), Finding.id.desc())
    )
    for row in rows:
        away_m = 1000 * km_between(finding.lon, finding.lat, row.lon, row.lat)
        if away_m <= reach_m:
            session.add(
                FindingLink(
                    kind="recurrence", finding_id=finding_id, other_id=row.id, distance_m=round(away_m, 1),
                    created_at=at,
                )
            )  # fmt: skip
            session.flush()
            notices.tell(session, finding_id, "recurrence", at, occasion=str(row.id))
            return int(row.id)
    return None


def ties_of(session: Session, finding_id: int) -> list[Tie]:
    """All earlier and later ones of a finding, also those tied to those: the whole chain, without it."""
    known, waiting = {finding_id: None}, [finding_id]
    found: list[Tie] = []
    while waiting and len(known) < 100:
        rows = session.execute(
            select(FindingLink.finding_id, FindingLink.other_id, FindingLink.distance_m).where(
                FindingLink.kind == "recurrence",
                FindingLink.ended_at.is_(None),
                FindingLink.finding_id.in_(waiting) | FindingLink.other_id.in_(waiting),
            )
        ).all()
        waiting = []
        for row in rows:
            for other, is_earlier in ((row.other_id, True), (row.finding_id, False)):
                if other not in known:
                    known[other] = None
                    waiting.append(other)
                    near = row.distance_m if finding_id in (row.finding_id, row.other_id) else None
                    found.append(Tie(other, is_earlier, near))
    return found


def _is_tied(session: Session, finding_id: int) -> bool:
    wanted = select(FindingLink.id).where(
        FindingLink.kind == "recurrence", FindingLink.finding_id == finding_id
    )
    return session.scalars(wanted.limit(1)).first() is not None
