"""What can be found: a tree after the event classes of GB/T 30428."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Code, Key, Word


class Category(Base):
    """A class of problems with its time limit (None: its parent's)."""

    __tablename__ = "categories"
    __table_args__ = (
        CheckConstraint(
            "limit_unit IS NULL OR limit_unit IN ('hour', 'working_hour', 'working_day', 'calendar_day')",
            name="limit_unit",
        ),
    )

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    name_zh: Mapped[Word]
    name_en: Mapped[Word]
    limit_value: Mapped[int | None]
    limit_unit: Mapped[str | None] = mapped_column(String(16))
    retired_at: Mapped[datetime | None]
