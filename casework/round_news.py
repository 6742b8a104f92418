"""What a supervisor changed in a round since the one who walks it last looked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.policy import Actor
from casework.route_plans import note_event
from db.models import RouteEvent, RouteInspector, RoutePlan, RouteStop, User

SEEN: Final = "seen"
OWN_ACTS: Final = frozenset({SEEN, "arrived", "done", "skipped", "undone"})
LEAST_S: Final = 300
"""Times that move by less are not worth a word."""


def news_of(
    session: Session, actor: Actor, plan: RoutePlan, person: RouteInspector, stops: Sequence[RouteStop]
) -> dict[str, Any] | None:
    """None before the first look, and while everything is as it was then; else what came, went or moved in time.

    ``added`` are ids of stops, ``gone`` {id, name, to: [zh, en] or None}, ``moved`` {id, by_s}; ``by`` is who did it
    last ([zh, en]) and ``at`` when.
    """
    seen = last_seen(session, plan.id, person.id)
    if seen is None or seen.details.get("revision") == plan.revision:
        return None
    before: dict[str, float | None] = seen.details.get("stops", {})
    now = _picture(stops)
    added = [int(stop) for stop in now if stop not in before]
    gone = [_gone(session, person, int(stop)) for stop in before if stop not in now]
    moved = [
        {"id": int(stop), "by_s": round(at - was)}
        for stop, at in now.items()
        if at is not None and (was := before.get(stop)) is not None and abs(at - was) >= LEAST_S
    ]
    gone = [one for one in gone if one is not None]
    if not (added or gone or moved):
        return None
    by, at = _who(session, plan.id, seen.id)
    return {"added": added, "gone": gone, "moved": moved, "by": by, "at": at.isoformat() if at else None}


def last_seen(session: Session, plan_id: int, inspector_id: int) -> RouteEvent | None:
    """The last time that the one who walks it said to have seen the round."""
    events = session.scalars(
        select(RouteEvent)
        .where(RouteEvent.plan_id == plan_id, RouteEvent.act == SEEN)
        .order_by(RouteEvent.id.desc())
    )
    return next((one for one in events if one.details.get("inspector") == inspector_id), None)


def note_seen(
    session: Session,
    actor: Actor,
    plan: RoutePlan,
    person: RouteInspector,
    stops: Sequence[RouteStop],
    at: datetime,
) -> None:
    """Remember the round as it stands now as seen; once for each revision of the plan."""
    seen = last_seen(session, plan.id, person.id)
    if seen is not None and seen.details.get("revision") == plan.revision:
        return
    note_event(
        session, plan.id, at, actor, SEEN, inspector=person.id, revision=plan.revision, stops=_picture(stops)
    )


def _picture(stops: Sequence[RouteStop]) -> dict[str, float | None]:
    """Each stop of the round with when it is planned for, in seconds since 1970."""
    return {str(one.id): one.arrive_at.timestamp() if one.arrive_at else None for one in stops}


def _gone(session: Session, person: RouteInspector, stop_id: int) -> dict[str, Any] | None:
    row = session.get(RouteStop, stop_id)
    if row is None:
        return None
    other = session.get(RouteInspector, row.inspector_id) if row.inspector_id else None
    is_theirs = other is not None and other.id != person.id
    return {
        "id": row.id,
        "name": row.name,
        "to": [other.name_zh, other.name_en] if other and is_theirs else None,
    }


def _who(session: Session, plan_id: int, after: int) -> tuple[list[str] | None, datetime | None]:
    last = session.scalars(
        select(RouteEvent)
        .where(RouteEvent.plan_id == plan_id, RouteEvent.id > after, RouteEvent.act.not_in(OWN_ACTS))
        .order_by(RouteEvent.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return None, None
    user = session.get(User, last.user_id) if last.user_id else None
    if user is None:
        return None, last.at
    zh, en = (user.person.name_zh, user.person.name_en) if user.person else (user.username, user.username)
    return [zh, en], last.at
