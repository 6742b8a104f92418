"""The history of a finding: rows are only ever added, and each carries the hash of the one before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, BigKey


class HistoryEntry(Base):
    """One step: what was done, by whom, when, with what note.

    The note may hold personal data, so the hash covers only its salted digest: the note and its salt can be
    deleted without breaking the chain.
    """

    __tablename__ = "history"
    __table_args__ = (UniqueConstraint("finding_id", "seq"),)

    id: Mapped[BigKey]
    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"))
    seq: Mapped[int]
    act: Mapped[str] = mapped_column(String(32))
    from_status: Mapped[str | None] = mapped_column(String(16))
    to_status: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str | None] = mapped_column(Text)
    note_salt: Mapped[str | None] = mapped_column(String(32))
    note_digest: Mapped[str | None] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
