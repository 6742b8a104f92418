"""People: leaders, members and staff, with or without an account."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Key, Word


class Person(Base):
    """A person that the office names: never more than the work needs."""

    __tablename__ = "people"

    id: Mapped[Key]
    name_zh: Mapped[Word]
    name_en: Mapped[Word]
    title_zh: Mapped[Word] = mapped_column(default="")
    title_en: Mapped[Word] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    bureau_id: Mapped[int | None] = mapped_column(ForeignKey("bureaus.id"))
    retired_at: Mapped[datetime | None]
