"""Drafts of boundaries: what differs from the map in force, on which map they began, and what people say of them."""

from datetime import datetime

from shapely.geometry.base import BaseGeometry
from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Code, Key, Word

DRAFT_STATUSES = ("open", "published", "discarded")


class AreaDraft(Base):
    """A map that somebody draws. ``revision`` is raised by every change: who saves names the one that was seen.

    ``shared`` opens it to everybody who may comment.
    """

    __tablename__ = "area_drafts"
    __table_args__ = (
        CheckConstraint("status IN (" + ", ".join(f"'{s}'" for s in DRAFT_STATUSES) + ")", name="status"),
    )

    id: Mapped[Key]
    title: Mapped[Word] = mapped_column(default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(16), default="open")
    shared: Mapped[bool] = mapped_column(default=False)
    restores_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"))
    publication_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"))


class AreaDraftLevel(Base):
    """A level that a draft may redraw; ``base_version`` is the level's coverage version that it builds on."""

    __tablename__ = "area_draft_levels"

    draft_id: Mapped[int] = mapped_column(ForeignKey("area_drafts.id"), primary_key=True)
    level_id: Mapped[int] = mapped_column(ForeignKey("levels.id"), primary_key=True)
    base_version: Mapped[int]


class AreaDraftShape(Base):
    """An area as a draft has it: only areas that differ from the map in force have a row.

    ``key`` is "a<area id>", or "n<number>" for an area that there is not yet; ``parent_key`` is written the same way.
    ``base_version_id`` is the version of the area that was in force when it was first changed, so that a later
    publication of the same area by somebody else is seen. Without ``geometry`` the shape is as it is in force.
    """

    __tablename__ = "area_draft_shapes"

    draft_id: Mapped[int] = mapped_column(ForeignKey("area_drafts.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(24), primary_key=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    base_version_id: Mapped[int | None] = mapped_column(ForeignKey("area_versions.id"))
    level_id: Mapped[int] = mapped_column(ForeignKey("levels.id"))
    code: Mapped[Code]
    name_zh: Mapped[Word]
    name_en: Mapped[Word]
    parent_key: Mapped[str | None] = mapped_column(String(24))
    rank: Mapped[int] = mapped_column(default=0)
    geometry: Mapped[BaseGeometry | None]
    removed: Mapped[bool] = mapped_column(default=False)


class AreaDraftComment(Base):
    """What somebody says of a draft, perhaps of one place (WGS 84); ``resolved_at`` when it is dealt with."""

    __tablename__ = "area_draft_comments"

    id: Mapped[Key]
    draft_id: Mapped[int] = mapped_column(ForeignKey("area_drafts.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    resolved_at: Mapped[datetime | None]
