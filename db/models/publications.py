"""Publications of boundaries: who put which map in force, when and why."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Key

PUBLICATION_KINDS = ("import", "draft", "restore", "program")


class Publication(Base):
    """One change of the map in force; the versions that it opened and ended name it.

    ``restored_id`` is the earlier publication whose map it brought back. ``findings_moved`` counts the open findings
    that got another patch or bureau, ``bureaus_changed`` those among them that got another bureau.
    """

    __tablename__ = "publications"
    __table_args__ = (
        CheckConstraint("kind IN (" + ", ".join(f"'{k}'" for k in PUBLICATION_KINDS) + ")", name="kind"),
    )

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    kind: Mapped[str] = mapped_column(String(16), default="program")
    # No foreign key: the draft names its publication already, and two tables that name each other could not be
    # restored one after the other.
    draft_id: Mapped[int | None]
    restored_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"))
    findings_moved: Mapped[int] = mapped_column(default=0)
    bureaus_changed: Mapped[int] = mapped_column(default=0)
