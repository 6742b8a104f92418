"""Photos of findings. The bytes stand in the photo folder under their SHA-256."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, BigKey, Word

PHOTO_KINDS = ("before", "during", "after", "near", "far")


class Photo(Base):
    """One picture: what it shows (kind), its bytes' digest, where and when it was taken (WGS 84).

    ``history_seq`` is the step of the finding's history that brought it.
    """

    __tablename__ = "photos"
    __table_args__ = (
        CheckConstraint("kind IN (" + ", ".join(f"'{k}'" for k in PHOTO_KINDS) + ")", name="kind"),
    )

    id: Mapped[BigKey]
    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    caption_zh: Mapped[Word] = mapped_column(default="")
    caption_en: Mapped[Word] = mapped_column(default="")
    history_seq: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
