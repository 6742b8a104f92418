"""Findings: what was found where, and how it stands."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, BigKey, Word

STATUSES = (
    "reported", "filed", "dispatched", "accepted", "handled", "verified", "closed",
    "declined", "returned", "suspended", "cancelled", "duplicate", "reopened",
)  # fmt: skip


class Finding(Base):
    """One problem at one place (WGS 84 on the 1e-7 degree grid).

    ``area_id``, ``bureau_id``, ``assignment``, ``near_border`` and ``pinned`` repeat the current assignment of the
    patch level, ``triage`` that somebody should look at the location. ``client_key`` is what the reporter's browser
    made up for this one report, so that a double tap files once. ``revision`` is the value of the counter
    ``findings`` when the row last changed: a process that holds a copy asks for what is newer.

    ``due_at`` (put right by then) and ``step_due_at`` (the present step's own limit) are worked out from the history
    by ``casework.deadlines`` whenever a step changes them; ``paused_at`` says since when the clock stands
    (suspension). ``dissuasion`` is how talking to the offender went: "settled", "failed", or nobody tried.
    """

    __tablename__ = "findings"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("status IN (" + ", ".join(f"'{s}'" for s in STATUSES) + ")", name="status"),
        # an index, not a constraint: SQLite can add one to a table that is in use
        Index("uq_findings_client_key", "client_key", unique=True),
        Index("ix_findings_triage", "triage"),
        # A redrawn border asks for the findings beside it: this index answers without the rows.
        Index("ix_findings_place", "lat", "lon"),
        Index(
            "ix_findings_pinned",
            "id",
            sqlite_where=text("pinned IS 1"),
            postgresql_where=text("pinned IS true"),
        ),
    )

    id: Mapped[BigKey]
    number: Mapped[str] = mapped_column(String(32), unique=True)
    source: Mapped[str] = mapped_column(String(32), default="web")
    external_id: Mapped[str | None] = mapped_column(String(200))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    status: Mapped[str] = mapped_column(String(16))
    subject: Mapped[Word] = mapped_column(default="")
    place: Mapped[Word] = mapped_column(default="")
    description: Mapped[str] = mapped_column(Text, default="")
    lon: Mapped[float]
    lat: Mapped[float]
    found_at: Mapped[datetime | None]
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    bureau_id: Mapped[int | None] = mapped_column(ForeignKey("bureaus.id"))
    assignment: Mapped[str] = mapped_column(String(16), default="outside")
    near_border: Mapped[bool] = mapped_column(default=False)
    pinned: Mapped[bool] = mapped_column(default=False)
    triage: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0, index=True)
    client_key: Mapped[str | None] = mapped_column(String(64))
    step_due_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    dissuasion: Mapped[str | None] = mapped_column(String(16))
    extensions: Mapped[int] = mapped_column(default=0, server_default="0")
    reworks: Mapped[int] = mapped_column(default=0, server_default="0")
