"""Papers that the office sends: their templates, and what was made from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, BigKey, Key, Word

PAPER_KINDS = ("rectification_notice", "referral_letter", "supervision_order", "weekly_list")
_KIND = "kind IN (" + ", ".join(f"'{k}'" for k in PAPER_KINDS) + ")"


class PaperTemplate(Base):
    """A template as the office uploaded it. The newest one of a kind and language counts; none: ours."""

    __tablename__ = "paper_templates"
    __table_args__ = (CheckConstraint(_KIND, name="kind"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(32))
    lang: Mapped[str] = mapped_column(String(8))
    file_name: Mapped[Word]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]


class Paper(Base):
    """A paper that was made: its number (counted by kind and year), for which finding, and the file itself."""

    __tablename__ = "papers"
    __table_args__ = (CheckConstraint(_KIND, name="kind"), UniqueConstraint("kind", "number"))

    id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(String(32))
    number: Mapped[str] = mapped_column(String(64))
    lang: Mapped[str] = mapped_column(String(8))
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("findings.id"), index=True)
    bureau_id: Mapped[int | None] = mapped_column(ForeignKey("bureaus.id"))
    template_id: Mapped[int | None] = mapped_column(ForeignKey("paper_templates.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class PhotoCopy(Base):
    """A copy of a photo with faces or plates made unrecognisable by hand; the original stays for who may see it.

    ``regions`` are rectangles in parts of the picture's width and height: [left, top, width, height], 0 to 1.
    """

    __tablename__ = "photo_copies"

    id: Mapped[BigKey]
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id"), index=True)
    regions: Mapped[list[list[float]]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]
