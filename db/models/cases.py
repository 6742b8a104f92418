"""What a case has beside its finding: the bureaus that work on it, and its ties to other findings."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, BigKey

TASK_ROLES = ("lead", "joint")
TASK_STATUSES = ("dispatched", "accepted", "returned", "handled", "ended")
LINK_KINDS = ("child", "duplicate", "recurrence")


class BureauTask(Base):
    """One bureau's part of a case: the lead's or a joint one's. A new dispatch ends it and begins another."""

    __tablename__ = "bureau_tasks"
    __table_args__ = (
        CheckConstraint("role IN (" + ", ".join(f"'{r}'" for r in TASK_ROLES) + ")", name="role"),
        CheckConstraint("status IN (" + ", ".join(f"'{s}'" for s in TASK_STATUSES) + ")", name="status"),
        Index(
            "uq_bureau_tasks_open", "finding_id", "bureau_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_bureau_tasks_bureau", "bureau_id",
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[BigKey]
    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), index=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureaus.id"))
    role: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16))
    is_punishment: Mapped[bool] = mapped_column(default=False)
    begun_at: Mapped[datetime]
    begun_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    accepted_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class FindingLink(Base):
    """A tie from one finding to another: a child of, a duplicate of, a recurrence of.

    ``finding_id`` is the child, the duplicate or the newer one; ``other_id`` the parent, the one that stays or the
    earlier one. Rows are never deleted: undoing sets ``ended_at``.
    """

    __tablename__ = "finding_links"
    __table_args__ = (
        CheckConstraint("kind IN (" + ", ".join(f"'{k}'" for k in LINK_KINDS) + ")", name="kind"),
        Index(
            "uq_finding_links_current", "finding_id", "kind", unique=True,
            sqlite_where=text("ended_at IS NULL AND kind <> 'recurrence'"),
            postgresql_where=text("ended_at IS NULL AND kind <> 'recurrence'"),
        ),
    )  # fmt: skip

    id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(String(16))
    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), index=True)
    status_before: Mapped[str | None] = mapped_column(String(16))
    distance_m: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class NotADuplicate(Base):
    """Two findings that somebody looked at and called different, so that nobody is asked again."""

    __tablename__ = "not_duplicates"

    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
