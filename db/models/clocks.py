"""What deadlines are made of: limits by category and step, the city's days off, extensions."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, BigKey, Key, Word

LIMIT_UNITS = ("hour", "working_hour", "working_day", "calendar_day")
LIMIT_STEPS = ("confirm", "file", "dispatch", "accept", "handle", "check", "close")
DAY_KINDS = ("off", "working")
EXTENSION_STATUSES = ("asked", "approved_once", "approved", "refused", "withdrawn")
_UNIT = "limit_unit IN (" + ", ".join(f"'{u}'" for u in LIMIT_UNITS) + ")"


class TimeLimit(Base):
    """How long one step may take: for a category (None: any). The most specific one in force counts.

    The limit of the step ``handle`` stands in ``categories`` as it always did; a row here for ``handle`` and a
    category does not exist. ``warn_share`` is the part of the limit that is left when the warning begins.
    """

    __tablename__ = "time_limits"
    __table_args__ = (
        CheckConstraint("step IN (" + ", ".join(f"'{s}'" for s in LIMIT_STEPS) + ")", name="step"),
        CheckConstraint(_UNIT, name="limit_unit"),
    )

    id: Mapped[Key]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    step: Mapped[str] = mapped_column(String(16))
    limit_value: Mapped[int]
    limit_unit: Mapped[str] = mapped_column(String(16))
    warn_share: Mapped[float | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]


class CalendarDay(Base):
    """A day that is not what its weekday says: off, or worked to make up. The office's word goes before the
    announced calendar. Rows are added; ``retired_at`` ends one.
    """

    __tablename__ = "calendar_days"
    __table_args__ = (
        CheckConstraint("kind IN (" + ", ".join(f"'{k}'" for k in DAY_KINDS) + ")", name="kind"),
    )

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[Word] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]


class WorkingHours(Base):
    """The office's hours on working days from a day on, as minutes after midnight: ``480-720,840-1080``.

    A weekday (0 is Monday) with hours of its own follows after a semicolon: ``480-720,840-1080;5:540-720``.
    ``weekdays`` are those usually worked. A row is ended by ``retired_at``, never changed: of those in force with
    the same ``valid_from`` there is one.
    """

    __tablename__ = "working_hours"

    id: Mapped[Key]
    valid_from: Mapped[date]
    minutes: Mapped[str] = mapped_column(String(200))
    weekdays: Mapped[str] = mapped_column(String(16), default="01234")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]


class Extension(Base):
    """More time for a finding (延期): asked for, approved at two levels or refused. At most two are granted."""

    __tablename__ = "extensions"
    __table_args__ = (
        CheckConstraint("status IN (" + ", ".join(f"'{s}'" for s in EXTENSION_STATUSES) + ")", name="status"),
    )

    id: Mapped[BigKey]
    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    first_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    first_at: Mapped[datetime | None]
    second_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    second_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
