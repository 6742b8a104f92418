"""Levels, areas, their dated versions, and the people who answer for them."""

from datetime import datetime

from shapely.geometry.base import BaseGeometry
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.models.base import Base, Code, Key, Word
from db.models.people import Person


class Level(Base):
    """A layer of areas (city, district, …, patch). The highest position in use is the patch level.

    ``coverage_version`` is raised by every publication of boundaries of this level.
    """

    __tablename__ = "levels"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name_zh: Mapped[Word]
    name_en: Mapped[Word]
    position: Mapped[int] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("levels.id"))
    coverage_version: Mapped[int] = mapped_column(default=0)


class Area(Base):
    """An area of responsibility: its identity. Names, shape and parent stand in its versions."""

    __tablename__ = "areas"
    __table_args__ = (UniqueConstraint("level_id", "code"),)

    id: Mapped[Key]
    level_id: Mapped[int] = mapped_column(ForeignKey("levels.id"))
    code: Mapped[Code]
    rank: Mapped[int] = mapped_column(default=0)

    level: Mapped[Level] = relationship(lazy="joined")


class AreaVersion(Base):
    """An area as it was from ``valid_from`` until ``valid_to`` (None: still). Geometry in WGS 84.

    ``publication_id`` put it in force, ``ended_by_id`` ended it: with a successor, or the area as a whole.
    """

    __tablename__ = "area_versions"
    __table_args__ = (
        Index(
            "uq_area_versions_current",
            "area_id",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="order"),
    )

    id: Mapped[Key]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    name_zh: Mapped[Word]
    name_en: Mapped[Word]
    parent_area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    geometry: Mapped[BaseGeometry]
    minx: Mapped[float]
    miny: Mapped[float]
    maxx: Mapped[float]
    maxy: Mapped[float]
    drawn: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    publication_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"), index=True)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"), index=True)

    area: Mapped[Area] = relationship(foreign_keys=[area_id])


class AreaPerson(Base):
    """Who answers for an area, as what (leader, member, director), and when."""

    __tablename__ = "area_people"
    __table_args__ = (CheckConstraint("duty IN ('leader', 'member', 'director')", name="duty"),)

    id: Mapped[Key]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    duty: Mapped[str] = mapped_column(String(16))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    given_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    person: Mapped[Person] = relationship(lazy="joined")


class AreaContact(Base):
    """Whom to call about an area: its community's or sub-district's office, or another, and since when."""

    __tablename__ = "area_contacts"
    __table_args__ = (CheckConstraint("kind IN ('community', 'street', 'other')", name="kind"),)

    id: Mapped[Key]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[Word]
    phone: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    given_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
