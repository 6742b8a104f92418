"""Assignments: to which area of each level a finding belongs, and which bureau must put it right."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, BigKey

KINDS = ("inside", "border", "overlap", "outside")


class Assignment(Base):
    """One answer to "whose is it" for one level. Rows are added; an old one only gets its ``valid_to``.

    ``candidates`` lists [area id, metres] where there was a choice. The bureau and the rule stand in the row of
    the patch level.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint("kind IN (" + ", ".join(f"'{k}'" for k in KINDS) + ")", name="kind"),
        Index(
            "uq_assignments_current", "finding_id", "level_id", unique=True,
            sqlite_where=text("valid_to IS NULL"), postgresql_where=text("valid_to IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[BigKey]
    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"))
    level_id: Mapped[int] = mapped_column(ForeignKey("levels.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    area_version_id: Mapped[int | None] = mapped_column(ForeignKey("area_versions.id"))
    coverage_version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    near_border: Mapped[bool] = mapped_column(default=False)
    nearest_area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    nearest_m: Mapped[float | None]
    candidates: Mapped[list[list[float]] | None] = mapped_column(JSON(none_as_null=True))
    pinned: Mapped[bool] = mapped_column(default=False)
    bureau_id: Mapped[int | None] = mapped_column(ForeignKey("bureaus.id"))
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("routing_rules.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(500), default="")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
