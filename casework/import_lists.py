"""Importing an own city's short lists from CSV: bureaus, categories, routing rules; the same code updates."""

from collections import Counter as Tally
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import Refused, mark
from casework.fields import MAX_LINE, text
from casework.import_notes import Note
from casework.office import Office, the_city
from casework.reassignment import reassign
from casework.value_maps import CategoryWords
from db.models import Area, Bureau, Category, Level, RoutingRule
from geo.readers_csv import read_table

Kind = Literal["bureaus", "categories", "rules"]
Row = Mapping[str, str]
_ANY: Final = ("", "*")
_UNITS: Final = ("hour", "working_hour", "working_day", "calendar_day")
COLUMNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "bureaus": ("code", "name", "name_en", "short", "short_en"),
    "categories": ("code", "parent", "name", "name_en", "limit_value", "limit_unit"),
    "rules": ("code", "category", "area", "bureau", "note"),
}
_ALIASES: Final = {"name_zh": "name", "zh": "name", "en": "name_en", "short_zh": "short"}


@dataclass(slots=True)
class ListReport:
    """What an import of a list did, or would do; ``moved`` counts open findings that go to another bureau."""

    kind: Kind
    total: int
    committed: bool
    outcomes: Tally[str] = field(default_factory=Tally)
    notes: list[Note] = field(default_factory=list)
    moved: int = 0


def import_list(office: Office, kind: Kind, path: Path, *, commit: bool = False) -> ListReport:
    """Read a CSV with the columns ``COLUMNS[kind]``; without ``commit`` all is done and then undone.

    Raises UnreadableFile, or Refused when a column is missing or no row can be taken.
    """
    rows = _rows(path, kind)
    report = ListReport(kind, len(rows), commit)
    with office.database.write() as session:
        the_city(session)
        put = _WRITERS[kind]
        for number, row in enumerate(rows, start=1):
            try:
                report.outcomes[put(session, row)] += 1
            except Refused as fault:
                report.notes.append(Note(number, fault.message, fault.params, left_out=True))
        if not report.outcomes:
            first = report.notes[0].text if report.notes else "-"
            raise Refused(
                mark("None of the %(count)s rows can be taken. Most often: %(reason)s"),
                {"count": len(rows), "reason": first},
            )
        if kind != "bureaus" and report.outcomes["new"] + report.outcomes["changed"]:
            report.moved = reassign(
                session, office.now(), near_m=office.settings.near_m, reason=f"import {path.name}"[:500]
            )
        if not commit:
            session.rollback()
    return report


def _rows(path: Path, kind: Kind) -> list[Row]:
    from geo.readers_raw import checked_file

    table = read_table(checked_file(path))
    names = [_ALIASES.get(name.strip().lower(), name.strip().lower()) for name in table.names]
    required = {"bureaus": ("code", "name"), "categories": ("code", "name"), "rules": ("bureau",)}[kind]
    for name in required:
        if name not in names:
            raise Refused(
                mark("The column %(column)s is missing. Wanted: %(columns)s"),
                {"column": name, "columns": ", ".join(COLUMNS[kind])},
                field=name,
            )
    return [{name: value.strip() for name, value in zip(names, row, strict=True)} for row in table.rows]


def _bureau(session: Session, row: Row) -> str:
    name = text(row["name"], "name", limit=MAX_LINE, required=True)
    english = text(row.get("name_en"), "name_en", limit=MAX_LINE) or name
    return _put(session, Bureau, _code(row), {
        "name_zh": name, "name_en": english,
        "short_zh": text(row.get("short"), "short", limit=MAX_LINE) or name,
        "short_en": text(row.get("short_en"), "short_en", limit=MAX_LINE) or english,
    })  # fmt: skip


def _category(session: Session, row: Row) -> str:
    code = _code(row)
    name = text(row["name"], "name", limit=MAX_LINE, required=True)
    parent = row.get("parent") or None
    parent_id = session.scalar(select(Category.id).where(Category.code == parent)) if parent else None
    if parent and (parent_id is None or parent == code):
        raise Refused(
            mark("parent: there is no category %(code)s above this row"), {"code": parent}, field="parent"
        )
    value, unit = row.get("limit_value") or None, row.get("limit_unit") or None
    if (value is None) != (unit is None) or (unit is not None and unit not in _UNITS):
        raise Refused(
            mark("limit_unit must be one of %(units)s and stand beside limit_value"),
            {"units": ", ".join(_UNITS)},
            field="limit_unit",
        )
    if value is not None and not (value.isascii() and value.isdigit() and 0 < int(value) <= 10_000):
        raise Refused(mark("limit_value must be a whole number from 1 to 10000"), field="limit_value")
    return _put(session, Category, code, {
        "parent_id": parent_id, "name_zh": name,
        "name_en": text(row.get("name_en"), "name_en", limit=MAX_LINE) or name,
        "limit_value": int(value) if value else None, "limit_unit": unit,
    })  # fmt: skip


def _rule(session: Session, row: Row) -> str:
    category, area = row.get("category", ""), row.get("area", "")
    bureau_id = session.scalar(
        select(Bureau.id).where(Bureau.code == row["bureau"], Bureau.retired_at.is_(None))
    )
    if bureau_id is None:
        raise Refused(
            mark("There is no bureau with the code %(code)s"), {"code": row["bureau"] or "''"}, field="bureau"
        )
    category_id = None if category in _ANY else _category_id(session, category)
    area_id = None if area in _ANY else _area_id(session, area)
    code = text(row.get("code"), "code", limit=64) or f"{category or '*'}/{area or '*'}"
    other = session.scalars(
        select(RoutingRule.code).where(
            RoutingRule.category_id.is_not_distinct_from(category_id),
            RoutingRule.area_id.is_not_distinct_from(area_id),
            RoutingRule.retired_at.is_(None),
            RoutingRule.code != code,
        )
    ).first()
    if other is not None:
        raise Refused(
            mark("The rule %(code)s already says who receives this category in this area"), {"code": other}
        )
    note = text(row.get("note"), "note", limit=500)
    values = {"category_id": category_id, "area_id": area_id, "bureau_id": bureau_id, "note": note}
    return _put(session, RoutingRule, code, values)


def _put(
    session: Session,
    model: type[Bureau] | type[Category] | type[RoutingRule],
    code: str,
    values: dict[str, Any],
) -> str:
    """Insert or update the row with this code: new, changed or unchanged."""
    row: Any = session.scalars(select(model).where(model.code == code)).first()
    if row is None:
        session.add(model(code=code, **values))
        session.flush()
        return "new"
    if row.retired_at is None and all(getattr(row, name) == value for name, value in values.items()):
        return "unchanged"
    for name, value in (values | {"retired_at": None}).items():
        setattr(row, name, value)
    session.flush()
    return "changed"


def _code(row: Row) -> str:
    return text(row["code"], "code", limit=64, required=True)


def _category_id(session: Session, word: str) -> int:
    code = CategoryWords(session)(word)
    found = session.scalar(select(Category.id).where(Category.code == code)) if code else None
    if found is None:
        raise Refused(mark("There is no category %(code)s"), {"code": word}, field="category")
    return found


def _area_id(session: Session, word: str) -> int:
    """The area with this code; ``level:code`` where several levels have it."""
    level, colon, code = word.partition(":")
    wanted = select(Area.id).join(Level, Area.level_id == Level.id).where(Area.code == word)
    ids = list(session.scalars(wanted))
    if not ids and colon:
        ids = list(
            session.scalars(
                select(Area.id)
                .join(Level, Area.level_id == Level.id)
                .where(Level.code == level, Area.code == code)
            )
        )
    if len(ids) != 1:
        message = (
            mark("Several levels have an area %(code)s: write level:code")
            if ids
            else mark("There is no area with the code %(code)s")
        )
        raise Refused(message, {"code": word}, field="area")
    return ids[0]


_WRITERS: Final[Mapping[Kind, Callable[[Session, Row], str]]] = {
    "bureaus": _bureau,
    "categories": _category,
    "rules": _rule,
}
