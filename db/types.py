"""Column types that behave the same on SQLite and on PostGIS."""

from datetime import UTC, datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import DateTime, LargeBinary
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in, UTC in the database, aware UTC out (SQLite would hand back naive ones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand back an aware UTC moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _PostGisGeometry(UserDefinedType[Any]):
    """PostGIS' own column type; values pass as hexadecimal EWKB text, which its input function reads."""

    cache_ok = True

    def __init__(self, *_modifiers: object) -> None:
        """Accept what reflection reads from the column (kind and SRID); every column here has the same."""

    def get_col_spec(self, **_: Any) -> str:
        return "geometry(Geometry,4326)"


ischema_names["geometry"] = _PostGisGeometry  # lets migrations recognise the column


class Geometry(TypeDecorator[BaseGeometry]):
    """A shapely geometry in WGS 84 lon/lat: WKB on SQLite, ``geometry`` on PostGIS."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database at hand."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_PostGisGeometry())
        return dialect.type_descriptor(LargeBinary())

    def process_bind_param(self, value: BaseGeometry | None, dialect: Dialect) -> bytes | str | None:
        """Turn a geometry into what the database takes."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return str(shapely.to_wkb(shapely.set_srid(value, 4326), hex=True, include_srid=True))
        return bytes(shapely.to_wkb(value))

    def process_result_value(self, value: bytes | str | None, dialect: Dialect) -> BaseGeometry | None:
        """Turn what the database gives into a geometry."""
        return None if value is None else shapely.from_wkb(value)
