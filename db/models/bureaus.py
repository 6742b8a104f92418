"""Bureaus, and the rules that say which one receives a finding."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Code, Key, Word


class Bureau(Base):
    """A body that must put findings right (专业部门)."""

    __tablename__ = "bureaus"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name_zh: Mapped[Word]
    name_en: Mapped[Word]
    short_zh: Mapped[Word]
    short_en: Mapped[Word]
    retired_at: Mapped[datetime | None]


class RoutingRule(Base):
    """(category or any) x (area or any) -> bureau. The most specific rule wins; None means any."""

    __tablename__ = "routing_rules"
    __table_args__ = (UniqueConstraint("category_id", "area_id", "retired_at"),)

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureaus.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    retired_at: Mapped[datetime | None]
