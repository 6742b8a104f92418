"""The demo's ties and notices: a problem that came back, two reports of one thing, and what people were told lately."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select, update

from casework import notices, recurrence
from casework.demo_findings import Desk
from casework.demo_plans import Plan
from casework.demo_streets import Spot
from casework.demo_time import in_city
from casework.office import Office
from db.models import Finding, HistoryEntry, Notice

TOLD_FOR = timedelta(hours=40)
READ_BEFORE = timedelta(hours=14)  # what came before the demo's last afternoon has been read
CAME_BACK = 3
REPORTED_TWICE = 3
TWO_METRES = 0.00002  # degrees
_OPEN = ("reported", "filed", "dispatched", "accepted")
_WEEKS = timedelta(days=40)


def share_places(plans: Sequence[Plan], spots: Sequence[Spot]) -> list[Spot]:
    """Let some findings lie where another of their category was closed before, and some beside one just reported."""
    shared = list(spots)
    taken: set[int] = set()
    for kind, most in (("back", CAME_BACK), ("twice", REPORTED_TWICE)):
        made = 0
        for later, plan in enumerate(plans):
            if made == most:
                break
            if later in taken or plan.status not in _OPEN:
                continue
            earlier = _partner(plans, later, kind, taken)
            if earlier is not None:
                at = shared[earlier]
                shared[later] = replace(at, lon=round(at.lon + TWO_METRES, 7))
                taken |= {earlier, later}
                made += 1
    return shared


def tell_lately(office: Office, desk: Desk, as_of: date) -> None:
    """Tie what came back, and tell of the last day and a half as if it had been told then."""
    session, end = desk.register.session, in_city(datetime.combine(as_of, time()))
    open_ones = session.execute(
        select(Finding.id, Finding.reported_at).where(Finding.status.in_(_OPEN)).order_by(Finding.id)
    ).all()
    for one in open_ones:
        recurrence.link(session, office, one.id, one.reported_at)
    steps = session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.at > end - TOLD_FOR, HistoryEntry.at < end + timedelta(days=1))
        .order_by(HistoryEntry.at, HistoryEntry.id)
    ).all()
    for step in steps:
        notices.settled(session, step.finding_id, step.act, step.at)
        notices.tell(session, step.finding_id, step.act, step.at, by=step.user_id, occasion=str(step.seq))
    before = end - READ_BEFORE
    session.execute(update(Notice).where(Notice.at < before).values(read_at=before))


def _partner(plans: Sequence[Plan], later: int, kind: str, taken: set[int]) -> int | None:
    """An earlier plan of the same category: closed some weeks before, or reported shortly before and still open."""
    plan = plans[later]
    for earlier in range(later - 1, -1, -1):
        other = plans[earlier]
        apart = plan.reported - other.reported
        if earlier in taken or other.category != plan.category:
            continue
        if kind == "back" and other.status == "closed" and timedelta(days=8) < apart < _WEEKS:
            return earlier
        if kind == "twice" and other.status in _OPEN and timedelta() < apart < timedelta(days=2):
            return earlier
    return None
