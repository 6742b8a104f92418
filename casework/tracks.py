"""Recorded positions of those who agreed to it: kept for some days, shown to few, deleted for good."""

import math
from bisect import bisect, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from casework import fields
from casework.clock import day_bounds, day_of
from casework.errors import Forbidden, Refused, mark
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from casework.round_moments import age_of
from casework.rounds import walks_of
from db.models import TrackConsent, TrackPoint, User
from geo.roads import straight_line_matrix

MOST_POINTS: Final = 500
"""Positions in one batch."""
MOST_A_DAY: Final = 6_000
LEAST_GAP_S: Final = 5.0
"""Positions that follow sooner are left out, so that a batch that comes twice adds nothing."""
LEAST_WAY_M: Final = 5.0
STILL_S: Final = 60.0
"""Somebody who stands still leaves one position in this time."""
FASTEST_M_S: Final = 60.0
FURTHEST_M: Final = 150_000.0
"""From further away than this from the stops of the round no position can be right."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where somebody was (degrees, WGS 84); ``accuracy_m`` as the phone said."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a person is told about their own positions: ``agreed_at`` None while nothing is recorded."""

    agreed_at: datetime | None
    days: int
    points: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many positions of a batch were kept, and how many were left out as too close, too old or impossible."""

    kept: int
    left_out: int


def keeping(office: Office, actor: Actor) -> Keeping:
    """Whether this person's positions are recorded, for how many days, and what is there now."""
    require(actor, Act.WALK_ROUND)
    with office.database.read() as session:
        count, oldest = session.execute(
            select(func.count(), func.min(TrackPoint.at)).where(
                TrackPoint.user_id == actor.user_id, TrackPoint.at >= oldest_kept(office)
            )
        ).one()
        consent = _consent(session, actor.user_id)
        return Keeping(consent.given_at if consent else None, office.settings.track_days, count, oldest)


def agree(office: Office, actor: Actor) -> None:
    """Let positions on one's own rounds be recorded from now on."""
    require(actor, Act.WALK_ROUND)
    _require_user(actor)
    with office.database.write() as session:
        if _consent(session, actor.user_id) is None:
            session.add(TrackConsent(user_id=actor.user_id, given_at=office.now(), withdrawn_at=None))


def withdraw(office: Office, actor: Actor) -> None:
    """End that at once. What is there stays until it is deleted or its days are over. Always possible."""
    _require_user(actor)
    with office.database.write() as session:
        _withdraw(session, actor.user_id, office.now())


def delete_own(office: Office, actor: Actor) -> int:
    """Delete every position of one's own; returns how many. Always possible, whatever the role is now."""
    _require_user(actor)
    with office.database.write() as session:
        return _delete(session, TrackPoint.user_id == actor.user_id)


def record(office: Office, actor: Actor, asked: Mapping[str, Any]) -> Recorded:
    """Keep a batch of positions: ``points`` [{at, lon, lat, accuracy_m}] and ``sent_at``, by the phone's clock.

    What is too close to another one, from before the consent, impossibly far or fast, or not of today's round is left
    out silently; what cannot be read at all is refused. Old positions of everybody are deleted in the same step.
    Raises Refused, Forbidden (without consent, without a round).
    """
    require(actor, Act.WALK_ROUND)
    points = asked.get("points")
    if not isinstance(points, list) or not 1 <= len(points) <= MOST_POINTS:
        raise Refused(
            mark("points must be a list of 1 to %(most)s positions"), {"most": MOST_POINTS}, field="points"
        )
    now = office.now()
    read = sorted((_point(one, asked.get("sent_at"), now) for one in points), key=lambda one: one.at)
    with office.database.write() as session:
        _delete(session, TrackPoint.at < oldest_kept(office))
        consent = _consent(session, actor.user_id)
        if consent is None:
            raise Forbidden(mark("Your positions are not recorded: you did not agree to it, or took it back"))
        timezone = the_city(session).timezone
        today = day_of(now, timezone)
        walks = walks_of(session, actor.user_id, today)
        if not walks:
            raise Forbidden(mark("Positions are recorded on a round only, and you have none today"))
        begin, end = day_bounds(today, today, timezone)
        allowed = [one for one in read if max(begin, consent.given_at) <= one.at <= min(end, now)]
        stop = walks[0].stops[0]
        kept = _thinned(_there(session, actor.user_id, begin, end), allowed, (stop.lon, stop.lat))
        for one in kept:
            session.add(
                TrackPoint(
                    plan_id=walks[0].plan.id, user_id=actor.user_id, at=one.at, lon=one.lon, lat=one.lat,
                    accuracy_m=one.accuracy_m,
                )
            )  # fmt: skip
        return Recorded(len(kept), len(read) - len(kept))


def walked(office: Office, actor: Actor, plan_id: int, user_id: int) -> list[Point]:
    """Where somebody walked in a plan, in order of time; for who sees plans, and for oneself. Raises Forbidden."""
    if not (actor.user_id is not None and actor.user_id == user_id):
        require(actor, Act.VIEW_ROUTES)
    with office.database.read() as session:
        return [
            Point(row.at, row.lon, row.lat, row.accuracy_m)
            for row in session.scalars(
                select(TrackPoint)
                .where(
                    TrackPoint.plan_id == plan_id, TrackPoint.user_id == user_id,
                    TrackPoint.at >= oldest_kept(office),
                )
                .order_by(TrackPoint.at)
            )
        ]  # fmt: skip


def forget_old(office: Office) -> int:
    """Delete the positions whose days are over, and all of accounts that are closed. Returns how many were deleted.

    Nothing is written when there are none, so that this may be asked often.
    """
    old = TrackPoint.at < oldest_kept(office)
    closed = TrackPoint.user_id.in_(select(User.id).where(User.is_active.is_(False)))
    with office.database.read() as session:
        if session.scalar(select(TrackPoint.id).where(old | closed).limit(1)) is None:
            return 0
    with office.database.write() as session:
        for user_id in session.scalars(select(TrackPoint.user_id).where(closed).distinct()).all():
            _withdraw(session, user_id, office.now())
        return _delete(session, old | closed)


def forget_person(office: Office, actor: Actor, user_id: int) -> int:
    """Delete all positions of somebody who asked an administrator for it."""
    require(actor, Act.MANAGE_PEOPLE)
    with office.database.write() as session:
        return _delete(session, TrackPoint.user_id == user_id)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose positions are kept: names, whether they agree now, how many and from when."""

    user_id: int
    name_zh: str
    name_en: str
    agrees: bool
    points: int
    oldest_at: datetime | None


def holders(office: Office, actor: Actor) -> list[Holder]:
    """Everybody who agreed once or of whom something is kept, for the administrator. Positions are not shown."""
    require(actor, Act.MANAGE_PEOPLE)
    with office.database.read() as session:
        counted = {
            row[0]: (row[1], row[2])
            for row in session.execute(
                select(TrackPoint.user_id, func.count(), func.min(TrackPoint.at)).group_by(TrackPoint.user_id)
            )
        }
        agreeing = set(
            session.scalars(select(TrackConsent.user_id).where(TrackConsent.withdrawn_at.is_(None)))
        )
        users = session.scalars(
            select(User).where(User.id.in_([*counted, *agreeing])).order_by(User.username)
        ).all()
        return [
            Holder(
                user.id, user.person.name_zh if user.person else user.username,
                user.person.name_en if user.person else user.username, user.id in agreeing,
                *counted.get(user.id, (0, None)),
            )
            for user in users
        ]  # fmt: skip


def oldest_kept(office: Office) -> datetime:
    """Positions from before this moment are not shown to anybody and are deleted."""
    return office.now() - timedelta(days=office.settings.track_days)


def _require_user(actor: Actor) -> None:
    if actor.user_id is None:
        require(actor, Act.WALK_ROUND)
        raise Forbidden(mark("Only a signed-in person has positions of their own"))


def _consent(session: Session, user_id: int | None) -> TrackConsent | None:
    return session.scalars(
        select(TrackConsent)
        .where(TrackConsent.user_id == user_id, TrackConsent.withdrawn_at.is_(None))
        .order_by(TrackConsent.id.desc())
        .limit(1)
    ).first()


def _withdraw(session: Session, user_id: int | None, at: datetime) -> None:
    for consent in session.scalars(
        select(TrackConsent).where(TrackConsent.user_id == user_id, TrackConsent.withdrawn_at.is_(None))
    ):
        consent.withdrawn_at = at


def _delete(session: Session, condition: Any) -> int:
    return int(session.execute(delete(TrackPoint).where(condition)).rowcount)  # type: ignore[attr-defined]


def _point(one: object, sent_at: object, now: datetime) -> Point:
    if not isinstance(one, Mapping):
        raise Refused(
            mark("points must be a list of 1 to %(most)s positions"), {"most": MOST_POINTS}, field="points"
        )
    lon, lat = fields.location(one.get("lon"), one.get("lat"))
    accuracy = one.get("accuracy_m")
    metres = None if accuracy is None else min(abs(fields.number(accuracy, "accuracy_m")), 1e6)
    return Point(now - age_of(one.get("at"), sent_at), lon, lat, metres)


def _there(session: Session, user_id: int | None, begin: datetime, end: datetime) -> list[Point]:
    rows = session.scalars(
        select(TrackPoint)
        .where(TrackPoint.user_id == user_id, TrackPoint.at >= begin, TrackPoint.at < end)
        .order_by(TrackPoint.at)
    )
    return [Point(row.at, row.lon, row.lat, row.accuracy_m) for row in rows]


def _thinned(there: Sequence[Point], new: Sequence[Point], round_at: tuple[float, float]) -> list[Point]:
    """The new positions that say something more; ``there`` and ``new`` are in order of time."""
    kept: list[Point] = []
    moments = [one.at.timestamp() for one in there]
    last = there[-1] if there else None
    for one in new:
        if len(there) + len(kept) >= MOST_A_DAY:
            break
        at = one.at.timestamp()
        after = bisect(moments, at)
        if any(abs(at - other) < LEAST_GAP_S for other in moments[max(0, after - 1) : after + 1]):
            continue
        if _away_m(one, round_at) > FURTHEST_M or not _is_plausible(last, one):
            continue
        kept.append(one)
        insort(moments, at)
        last = one
    return kept


def _is_plausible(last: Point | None, one: Point) -> bool:
    """Whether a position may follow another one: far enough on, or long enough after, and not faster than a car."""
    if last is None or one.at < last.at:
        return True
    seconds = (one.at - last.at).total_seconds()
    away_m = _away_m(one, (last.lon, last.lat))
    if away_m < LEAST_WAY_M and seconds < STILL_S:
        return False
    slack_m = (one.accuracy_m or 0.0) + (last.accuracy_m or 0.0)
    return math.isfinite(away_m) and away_m - slack_m <= FASTEST_M_S * seconds


def _away_m(one: Point, place: tuple[float, float]) -> float:
    return float(straight_line_matrix([one.lon, place[0]], [one.lat, place[1]], "foot").distance_m[0, 1])
