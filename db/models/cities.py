"""The city that this installation serves, its schematic map, and named counters."""

from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Key, Word


class City(Base):
    """One row: the city's names, extent (WGS 84), time zone and base map."""

    __tablename__ = "city"

    id: Mapped[Key]
    name_zh: Mapped[Word]
    name_en: Mapped[Word]
    extent: Mapped[BaseGeometry]
    timezone: Mapped[Word] = mapped_column(default="Asia/Shanghai")
    default_lang: Mapped[str] = mapped_column(String(8), default="zh", server_default="zh")
    is_demo: Mapped[bool] = mapped_column(default=False)
    sample_as_of: Mapped[date | None]
    basemap_kind: Mapped[str] = mapped_column(String(16), default="none")
    basemap_name: Mapped[str] = mapped_column(String(200), default="")
    basemap_url: Mapped[str] = mapped_column(String(1000), default="")
    basemap_attribution: Mapped[str] = mapped_column(String(500), default="")
    basemap_datum: Mapped[str] = mapped_column(String(16), default="wgs84")
    basemap_max_zoom: Mapped[int] = mapped_column(default=18)


class Backdrop(Base):
    """A street, river, railway, park, hill, place or neighbour of the schematic map (WGS 84)."""

    __tablename__ = "backdrop"

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(16))
    cls: Mapped[str] = mapped_column(String(16), default="")
    name_zh: Mapped[Word] = mapped_column(default="")
    name_en: Mapped[Word] = mapped_column(default="")
    geometry: Mapped[BaseGeometry]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Counter(Base):
    """A named number that is raised inside the transaction it counts, so that it has no holes in commit order."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
