"""All tables as plain rows: how values are written into a backup and read from it, on either database."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import shapely
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    LargeBinary,
    Table,
    column,
    func,
    insert,
    select,
    table,
)
from sqlalchemy.types import TypeEngine

from db.models import Base
from db.types import Geometry, UtcDateTime

BATCH: Final = 2_000
# Tables whose rows name rows of their own table: those must come first.
_PARENT: Final = {"levels": "parent_id", "categories": "parent_id"}
_TYPES: Final[dict[str, type[TypeEngine[Any]]]] = {
    "moment": UtcDateTime, "day": Date, "shape": Geometry, "json": JSON, "flag": Boolean,
    "bytes": LargeBinary,
}  # fmt: skip
KINDS: Final = frozenset({*_TYPES, "plain"})


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table's columns with the kind of their values: moment, day, shape, json, flag, bytes or plain."""

    name: str
    columns: tuple[tuple[str, str], ...]


def shapes() -> list[TableShape]:
    """All tables of this version, those that others name first."""
    return [
        TableShape(t.name, tuple((c.name, _kind(c)) for c in t.columns)) for t in Base.metadata.sorted_tables
    ]


def rows_of(connection: Connection, shape: TableShape) -> Iterator[list[Any]]:
    """Every row of a table as values for JSON, in the order of its key."""
    source: Table = Base.metadata.tables[shape.name]
    wanted = select(source).order_by(*source.primary_key.columns)
    kinds = [kind for _, kind in shape.columns]
    for row in connection.execution_options(yield_per=BATCH).execute(wanted):
        yield [_written(value, kind) for value, kind in zip(row, kinds, strict=True)]


def insert_rows(connection: Connection, shape: TableShape, rows: Sequence[list[Any]]) -> None:
    """Put rows of a backup into a table exactly as they are: no defaults, keys included."""
    if not rows:
        return
    target = table(shape.name, *(_light(name, kind) for name, kind in shape.columns))
    values = [
        {name: _read(value, kind) for (name, kind), value in zip(shape.columns, row, strict=True)}
        for row in rows
    ]
    connection.execute(insert(target), values)


def parents_first(shape: TableShape, rows: list[list[Any]]) -> list[list[Any]]:
    """Rows of a table that names itself, each after the row that it names."""
    if shape.name not in _PARENT:
        return rows
    names = [name for name, _ in shape.columns]
    own, above = names.index("id"), names.index(_PARENT[shape.name])
    placed: set[Any] = {None}
    ordered: list[list[Any]] = []
    waiting = rows
    while waiting:
        ready = [row for row in waiting if row[above] in placed]
        if not ready:
            return ordered + waiting  # a loop: the database will say so
        placed.update(row[own] for row in ready)
        ordered += ready
        waiting = [row for row in waiting if row[own] not in placed]
    return ordered


def mend_sequences(connection: Connection, names: Sequence[str]) -> None:
    """Let PostgreSQL go on numbering after the highest key that was put in."""
    if connection.dialect.name != "postgresql":
        return
    for name in names:
        source = Base.metadata.tables[name]
        if "id" in source.columns:
            highest = select(func.coalesce(func.max(source.c.id), 1)).scalar_subquery()
            connection.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), highest)))


def _kind(of: Column[Any]) -> str:
    for kind, sort in _TYPES.items():
        if isinstance(of.type, sort):
            return kind
    return "plain"


def _light(name: str, kind: str) -> Any:
    if kind == "json":
        return column(name, JSON(none_as_null=True))  # nothing is NULL, not the JSON word null
    return column(name, _TYPES[kind]()) if kind in _TYPES else column(name)


def _written(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind in ("moment", "day"):
        return value.isoformat()
    if kind == "shape":
        return shapely.to_wkb(value, hex=True)
    if kind == "bytes":
        return base64.b64encode(value).decode("ascii")
    return value


def _read(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "moment":
        return datetime.fromisoformat(value)
    if kind == "day":
        return date.fromisoformat(value)
    if kind == "shape":
        return shapely.from_wkb(value)
    return base64.b64decode(value, validate=True) if kind == "bytes" else value
