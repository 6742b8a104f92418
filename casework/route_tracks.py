"""Recorded positions of rounds, read for looking back: how far somebody walked, and the lines of one round."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from casework.clock import day_bounds, day_of
from casework.office import Office
from casework.tracks import oldest_kept
from db.models import TrackConsent, TrackPoint
from geo.walked import Walked, walked

_MOST_KEPT: Final = 4096
# Lengths by (plan, user), with the number of positions and the last one that they were measured from.
_kept: dict[tuple[int, int], tuple[int, int, dict[date, float]]] = {}
_lock: Final = threading.Lock()


def walked_m(
    office: Office, session: Session, plan_ids: Iterable[int], timezone: str
) -> dict[tuple[int, int, date], float]:
    """Metres walked by plan, user and day of the city; what has no positions is not in it.

    Measured anew only when positions were added or deleted: only the lengths are kept in memory. A day of which some
    positions are too old to be kept counts as not recorded, deleted already or not.
    """
    since = oldest_kept(office)
    wanted = list(plan_ids)
    found: dict[tuple[int, int, date], float] = {}
    counts = session.execute(
        select(TrackPoint.plan_id, TrackPoint.user_id, func.count(), func.max(TrackPoint.id))
        .where(TrackPoint.plan_id.in_(wanted))
        .group_by(TrackPoint.plan_id, TrackPoint.user_id)
    ).all()
    for plan_id, user_id, count, latest in counts:
        for day, metres in _by_day(session, plan_id, user_id, (count, latest), timezone).items():
            if day_bounds(day, day, timezone)[0] >= since:
                found[plan_id, user_id, day] = metres
    return found


def track_of(
    office: Office, session: Session, plan_id: int, user_id: int | None, day: date, timezone: str
) -> Walked | None:
    """What was recorded of one person's round on one day; None where nothing was, or it is too old to be kept."""
    start, end = day_bounds(day, day, timezone)
    if start < oldest_kept(office):
        return None
    rows = session.execute(
        _fixes(plan_id, user_id or 0).where(TrackPoint.at >= start, TrackPoint.at < end)
    ).all()
    return _measured(rows) if rows else None


def with_consent(session: Session, user_ids: Sequence[int]) -> frozenset[int]:
    """Who of these lets their positions be recorded now."""
    wanted = select(TrackConsent.user_id).where(
        TrackConsent.user_id.in_(user_ids), TrackConsent.withdrawn_at.is_(None)
    )
    return frozenset(session.scalars(wanted))


def _by_day(
    session: Session, plan_id: int, user_id: int, state: tuple[int, int], timezone: str
) -> dict[date, float]:
    with _lock:
        kept = _kept.get((plan_id, user_id))
    if kept is not None and kept[:2] == state:
        return kept[2]
    days: dict[date, list[Any]] = defaultdict(list)
    known: dict[int, date] = {}  # by quarter of an hour: no zone's midnight falls inside one
    for fix in session.execute(_fixes(plan_id, user_id)):
        quarter = int(fix.at.timestamp()) // 900
        if quarter not in known:
            known[quarter] = day_of(fix.at, timezone)
        days[known[quarter]].append(fix)
    lengths = {day: _measured(found).distance_m for day, found in days.items()}
    with _lock:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[plan_id, user_id] = (*state, lengths)
    return lengths


def _fixes(plan_id: int, user_id: int) -> Select[datetime, float, float, float | None]:
    return select(TrackPoint.at, TrackPoint.lon, TrackPoint.lat, TrackPoint.accuracy_m).where(
        TrackPoint.plan_id == plan_id, TrackPoint.user_id == user_id
    )


def _measured(fixes: Sequence[Any]) -> Walked:
    return walked(
        [one.lon for one in fixes], [one.lat for one in fixes], [one.at.timestamp() for one in fixes],
        [one.accuracy_m for one in fixes],
    )  # fmt: skip
