"""Street networks that routes are planned on, kept in the database so that a backup has them."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Key, Word


class StreetNetwork(Base):
    """A network that was imported; the one without ``retired_at`` is in use. Bounds in WGS 84.

    ``is_schematic`` says that it was generated for the demo: nobody should walk by it.
    """

    __tablename__ = "street_networks"

    id: Mapped[Key]
    name: Mapped[Word]
    imported_at: Mapped[datetime]
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]
    is_schematic: Mapped[bool] = mapped_column(default=False)
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    junctions: Mapped[int]
    segments: Mapped[int]
    length_km: Mapped[float]
    turns: Mapped[int]
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


class StreetNetworkPart(Base):
    """A piece of a network's file, in order of ``position``."""

    __tablename__ = "street_network_parts"

    network_id: Mapped[int] = mapped_column(ForeignKey("street_networks.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
