"""What a desk remembers for its user: saved filters, and which findings were seen."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Key, Word


class SavedView(Base):
    """Filters under a name, as the query of an address."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[Word]
    query: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime]


class FindingRead(Base):
    """A finding as a user last saw it: unread again when its ``revision`` has moved on."""

    __tablename__ = "finding_reads"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    seen_revision: Mapped[int]
    seen_at: Mapped[datetime]
