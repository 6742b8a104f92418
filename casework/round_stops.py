"""The stops of a round as a phone and a sheet show them: what, where, why, and how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.map_names import Named, read_names
from casework.policy import Actor
from casework.route_plans import second_of
from casework.scope import scope_of
from casework.status import display_key
from db.models import Finding, Photo, RouteEvent, RouteStop

FINDING_RESULTS: Final = ("still", "fixed", "not_found")
OTHER_RESULTS: Final = ("nothing", "recorded")
RESULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "finding": FINDING_RESULTS,
    "patch": OTHER_RESULTS,
    "place": OTHER_RESULTS,
}
"""What a look at a stop can come to, by its kind."""

NEAR_M: Final = 75.0
"""Who is no further than this from a place, plus what the position may be wrong by, is there."""
MOST_ROUGH_M: Final = 100.0
"""A position that is less exact than this vouches for no more than one that is."""

_OWN_ACTS: Final = ("arrived", "done", "skipped", "undone")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about the stops of a round, read at once."""

    findings: Mapping[int, Finding]
    photos: Mapping[int, int]
    seen: frozenset[int]
    categories: Mapping[int, Named]
    areas: Mapping[int, Named]
    last: Mapping[int, Mapping[str, Any]]


def facts_of(session: Session, actor: Actor, stops: Sequence[RouteStop]) -> Facts:
    """The findings of these stops, their last photos (of those that the person sees), names, how each stop went."""
    ids = [stop.finding_id for stop in stops if stop.finding_id]
    findings = {row.id: row for row in session.scalars(select(Finding).where(Finding.id.in_(ids)))}
    scope = scope_of(session, actor)
    seen = frozenset(one.id for one in findings.values() if scope.sees(one))
    photos: dict[int, int] = {
        row[0]: row[1]
        for row in session.execute(
            select(Photo.finding_id, func.max(Photo.id))
            .where(Photo.finding_id.in_(seen))
            .group_by(Photo.finding_id)
        )
    }
    names = read_names(session)
    return Facts(findings, photos, seen, names.categories, names.areas, _how_it_went(session, stops))


def _how_it_went(session: Session, stops: Sequence[RouteStop]) -> dict[int, dict[str, Any]]:
    """What the last act at each stop said."""
    wanted = [stop.id for stop in stops]
    rows = session.execute(
        select(RouteEvent.stop_id, RouteEvent.details)
        .where(RouteEvent.stop_id.in_(wanted), RouteEvent.act.in_(_OWN_ACTS))
        .order_by(RouteEvent.id)
    )
    return {row.stop_id: row.details for row in rows if row.stop_id is not None}


def is_near(distance_m: float, accuracy_m: float | None) -> bool:
    """Whether somebody at this distance may be said to be there."""
    return distance_m <= NEAR_M + min(accuracy_m or 0.0, MOST_ROUGH_M)


def stop_json(stop: RouteStop, facts: Facts, day: date, timezone: str, now: datetime) -> dict[str, Any]:
    """One stop; times are seconds from the day's midnight in the city."""

    def second(moment: datetime | None) -> int | None:
        return second_of(moment, day, timezone) if moment is not None else None

    finding = facts.findings.get(stop.finding_id or 0)
    area = facts.areas.get(stop.area_id or 0)
    last = facts.last.get(stop.id, {})
    return {
        "id": stop.id, "kind": stop.kind, "name": stop.name, "lon": stop.lon, "lat": stop.lat,
        "place": finding.place if finding else "", "area": area.coded if area else None,
        "finding": _finding(finding, facts, now) if finding else None,
        "service_s": stop.service_s, "windows": stop.windows, "must": stop.is_must,
        "due_at": stop.due_at.isoformat() if stop.due_at else None,
        "arrive_s": second(stop.arrive_at), "start_s": second(stop.start_at), "leave_s": second(stop.leave_at),
        "state": stop.state, "arrived_s": second(stop.arrived_at), "arrived_m": stop.arrived_m,
        "arrived_far": stop.arrived_m is not None and not is_near(stop.arrived_m, last.get("accuracy_m")),
        "done_s": second(stop.done_at), "note": stop.note, "result": last.get("result", ""),
        "recorded": last.get("findings", []),
    }  # fmt: skip


def _finding(finding: Finding, facts: Facts, now: datetime) -> dict[str, Any]:
    key = display_key(finding.status, finding.due_at, now)
    photo = facts.photos.get(finding.id)
    is_seen = finding.id in facts.seen
    return {
        "id": finding.id, "number": finding.number, "key": key, "subject": finding.subject,
        "category": facts.categories[finding.category_id].pair,
        "due_at": finding.due_at.isoformat() if finding.due_at else None,
        "description": finding.description[:300] if is_seen else "", "photo": photo, "seen": is_seen,
    }  # fmt: skip


def in_walking_order(stops: Sequence[RouteStop]) -> list[RouteStop]:
    """What was done as it was done, then what is open as it is planned; skipped ones where they stood."""
    return sorted(stops, key=lambda one: (one.position if one.position is not None else 10_000, one.id))


def open_stops(stops: Sequence[RouteStop]) -> list[RouteStop]:
    """Those still to be seen, in order."""
    return [one for one in in_walking_order(stops) if one.state in ("planned", "arrived")]
