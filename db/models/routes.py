"""Plans of inspection rounds: who goes where on which day, and how it went."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, BigKey, Key, Word

PLAN_STATUSES = ("new", "solving", "ready", "failed", "sent", "discarded")
STOP_KINDS = ("finding", "patch", "place")
STOP_STATES = ("planned", "arrived", "done", "skipped")
LOCKS = ("", "inspector", "order")


class RoutePlan(Base):
    """A plan for ``days`` days from ``day`` on. ``revision`` rises with every change; ``picked`` says how its stops
    were chosen, ``outcome`` what the solver reported. ``network_id`` None: straight lines, times not to be trusted.
    """

    __tablename__ = "route_plans"
    __table_args__ = (
        CheckConstraint(f"status IN {PLAN_STATUSES}", name="status"),
        CheckConstraint("mode IN ('foot', 'bike', 'car')", name="mode"),
        CheckConstraint("own_patch IN ('no', 'preferred', 'only')", name="own_patch"),
    )

    id: Mapped[Key]
    title: Mapped[Word] = mapped_column(default="")
    day: Mapped[date] = mapped_column(index=True)
    days: Mapped[int] = mapped_column(default=1)
    mode: Mapped[str] = mapped_column(String(8), default="foot")
    status: Mapped[str] = mapped_column(String(16), default="new")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    solve_s: Mapped[int] = mapped_column(default=10)
    balance: Mapped[float] = mapped_column(default=0.5)
    own_patch: Mapped[str] = mapped_column(String(16), default="preferred")
    network_id: Mapped[int | None] = mapped_column(ForeignKey("street_networks.id"))
    picked: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class RouteInspector(Base):
    """Somebody who goes out in a plan. Times are seconds from midnight in the city; ``end_lon`` None: ends anywhere.

    ``breaks`` is a list of {earliest_s, latest_s, duration_s}; ``patches`` of area ids; ``absent_from`` says since when
    the person cannot go on.
    """

    __tablename__ = "route_inspectors"

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("route_plans.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    line: Mapped[int]
    name_zh: Mapped[Word]
    name_en: Mapped[Word]
    start_lon: Mapped[float]
    start_lat: Mapped[float]
    end_lon: Mapped[float | None]
    end_lat: Mapped[float | None]
    shift_start_s: Mapped[int]
    shift_end_s: Mapped[int]
    breaks: Mapped[list[Any]] = mapped_column(JSON, default=list)
    skills: Mapped[list[Any]] = mapped_column(JSON, default=list)
    patches: Mapped[list[Any]] = mapped_column(JSON, default=list)
    days: Mapped[list[Any]] = mapped_column(JSON, default=list)
    max_distance_m: Mapped[float | None]
    absent_from: Mapped[datetime | None]


class RouteStop(Base):
    """A place that a plan wants seen. Without ``inspector_id`` it is not served and ``unserved`` says why.

    ``area_id`` is the patch it lies in (or that is to be visited). ``windows`` is a list of [start_s, end_s] from
    midnight. ``arrive_at``, ``start_at``, ``leave_at`` are planned; ``arrived_at`` (at ``arrived_m`` metres from the
    place) and ``done_at`` are what happened. Where no street leads, the last ``walk_s`` (one way) are walked from
    the stop ``reached_from_id``.
    """

    __tablename__ = "route_stops"
    __table_args__ = (
        CheckConstraint(f"kind IN {STOP_KINDS}", name="kind"),
        CheckConstraint(f"state IN {STOP_STATES}", name="state"),
        CheckConstraint(f"lock IN {LOCKS}", name="lock"),
        Index("ix_route_stops_seen", "area_id", "done_at"),
    )

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("route_plans.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("findings.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    name: Mapped[Word] = mapped_column(default="")
    lon: Mapped[float]
    lat: Mapped[float]
    service_s: Mapped[int]
    windows: Mapped[list[Any]] = mapped_column(JSON, default=list)
    skills: Mapped[list[Any]] = mapped_column(JSON, default=list)
    priority: Mapped[int] = mapped_column(default=1)
    is_must: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime | None]
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("route_inspectors.id"), index=True)
    day: Mapped[date | None]
    position: Mapped[int | None]
    arrive_at: Mapped[datetime | None]
    start_at: Mapped[datetime | None]
    leave_at: Mapped[datetime | None]
    lock: Mapped[str] = mapped_column(String(16), default="")
    unserved: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    state: Mapped[str] = mapped_column(String(16), default="planned")
    arrived_at: Mapped[datetime | None]
    arrived_m: Mapped[float | None]
    done_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    reached_from_id: Mapped[int | None] = mapped_column(ForeignKey("route_stops.id"), default=None)
    walk_s: Mapped[int] = mapped_column(default=0, server_default="0")


class RouteEvent(Base):
    """What was done to a plan, append-only: planned, moved, locked, inserted, arrived, skipped, sent and so on."""

    __tablename__ = "route_events"

    id: Mapped[BigKey]
    plan_id: Mapped[int] = mapped_column(ForeignKey("route_plans.id"), index=True)
    stop_id: Mapped[int | None] = mapped_column(ForeignKey("route_stops.id"))
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    act: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class TrackConsent(Base):
    """That a person lets the program record where they walk, and until when; without one nothing is recorded."""

    __tablename__ = "track_consents"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class TrackPoint(Base):
    """Where a person was on a round (WGS 84). Deleted after the days that the settings say, or when they ask."""

    __tablename__ = "track_points"
    __table_args__ = (Index("ix_track_points_walk", "plan_id", "user_id", "at"),)

    id: Mapped[BigKey]
    plan_id: Mapped[int] = mapped_column(ForeignKey("route_plans.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    lon: Mapped[float]
    lat: Mapped[float]
    accuracy_m: Mapped[float | None]
