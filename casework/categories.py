"""The tree of categories: added to, renamed, moved, given time limits, retired, brought back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import edits, fields
from casework.deadline_updates import recompute
from casework.errors import NotFound, Refused, mark
from casework.office import Office
from casework.policy import Act, Actor, require
from casework.reassignment import reassign
from casework.status import FINAL_STATUSES
from casework.time_limits import keep_former
from db.models import Category, Finding, RoutingRule

UNITS: Final = ("hour", "working_hour", "working_day", "calendar_day")
LONGEST: Final = 10_000
SEEN = ("parent_id", "name_zh", "name_en", "limit_value", "limit_unit", "retired_at")


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """A category in its place in the tree. ``limit`` is what counts, from a parent when ``inherited``.

    ``findings`` counts all on record under it, ``open`` those that are not done.
    """

    id: int
    code: str
    parent: str
    name_zh: str
    name_en: str
    depth: int
    limit_value: int | None
    limit_unit: str | None
    limit: tuple[int, str] | None
    inherited: bool
    open: int
    findings: int
    rules: int
    children: int
    retired_at: datetime | None
    seen: str


def list_categories(office: Office, actor: Actor) -> list[CategoryLine]:
    """The whole tree, parents before their children, retired ones in their places."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        return _lines(session)


def one_category(office: Office, actor: Actor, category_id: int) -> CategoryLine:
    """One category; raises NotFound."""
    found = next((line for line in list_categories(office, actor) if line.id == category_id), None)
    if found is None:
        raise NotFound(mark("There is no such category"))
    return found


def add_category(office: Office, actor: Actor, values: Mapping[str, object]) -> int:
    """Put a category into the tree and return its id.

    ``values``: code, parent (code or empty), name_zh, name_en, limit_value, limit_unit.
    Raises Refused naming the field.
    """
    require(actor, Act.MANAGE_SETTINGS)
    code = edits.new_code(values.get("code"))
    columns = _columns(values)
    with office.database.write() as session:
        if session.scalar(select(Category.id).where(Category.code == code)) is not None:
            raise Refused(mark("The code %(code)s is taken: choose another"), {"code": code}, field="code")
        parent_id = _parent(session, values.get("parent"), None)
        category = Category(code=code, parent_id=parent_id, **columns)
        session.add(category)
        session.flush()
        return category.id


def change_category(
    office: Office, actor: Actor, category_id: int, values: Mapping[str, object], seen: str = ""
) -> int:
    """Rename a category, give it another limit (open cases are due by it too) or another parent.

    A move refers open findings again; returns how many went to another bureau. Raises Refused, Conflict, NotFound.
    """
    require(actor, Act.MANAGE_SETTINGS)
    columns = _columns(values)
    with office.database.write() as session:
        category = _category(session, category_id)
        edits.require_fresh(seen, category, SEEN)
        parent_id = _parent(session, values.get("parent"), category)
        is_moved = parent_id != category.parent_id
        had = (category.limit_value, category.limit_unit)
        for name, value in (columns | {"parent_id": parent_id}).items():
            setattr(category, name, value)
        session.flush()
        if had != (category.limit_value, category.limit_unit):
            keep_former(session, category_id, had, office.now(), actor.user_id)
        if is_moved or had != (category.limit_value, category.limit_unit):
            recompute(session, office.now())
        if not is_moved:
            return 0
        return reassign(
            session, office.now(), near_m=office.settings.near_m, user_id=actor.user_id,
            reason=f"category {category.code} moved",
        )  # fmt: skip


def retire_category(office: Office, actor: Actor, category_id: int, seen: str = "") -> None:
    """Offer a category no more; what is on record under it keeps it. Raises Refused while children are in use."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.write() as session:
        category = _category(session, category_id)
        edits.require_fresh(seen, category, SEEN)
        below = session.scalars(
            select(Category.code).where(Category.parent_id == category_id, Category.retired_at.is_(None))
        ).all()
        if below:
            raise Refused(
                mark("%(count)s categories below it are in use: retire or move them first"),
                {"count": len(below)},
            )
        category.retired_at = office.now()


def restore_category(office: Office, actor: Actor, category_id: int) -> None:
    """Offer a retired category again. Raises Refused while its parent is retired."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.write() as session:
        category = _category(session, category_id)
        above = session.get(Category, category.parent_id) if category.parent_id else None
        if above is not None and above.retired_at is not None:
            raise Refused(mark("Bring back %(code)s above it first"), {"code": above.code})
        category.retired_at = None


def _columns(values: Mapping[str, object]) -> dict[str, Any]:
    zh = fields.text(values.get("name_zh"), "name_zh", limit=fields.MAX_LINE, required=True)
    en = fields.text(values.get("name_en"), "name_en", limit=fields.MAX_LINE) or zh
    value = fields.text(values.get("limit_value"), "limit_value", limit=20)
    unit = fields.text(values.get("limit_unit"), "limit_unit", limit=20)
    if value and not (value.isascii() and value.isdigit() and 0 < int(value) <= LONGEST):
        raise Refused(
            mark("The time limit is a whole number from 1 to %(most)s, or empty"),
            {"most": LONGEST},
            field="limit_value",
        )  # fmt: skip
    if value and unit not in UNITS:
        raise Refused(mark("Choose what the time limit counts in"), field="limit_unit")
    return {
        "name_zh": zh, "name_en": en,
        "limit_value": int(value) if value else None, "limit_unit": unit if value else None,
    }  # fmt: skip


def _parent(session: Session, code: object, child: Category | None) -> int | None:
    wanted = fields.text(code, "parent", limit=64)
    if not wanted:
        return None
    parent = session.scalars(select(Category).where(Category.code == wanted)).first()
    stays = parent is not None and child is not None and parent.id == child.parent_id
    if parent is None or (parent.retired_at is not None and not stays):
        raise Refused(mark("There is no category %(code)s"), {"code": wanted}, field="parent")
    above: Category | None = parent
    while above is not None and child is not None:
        if above.id == child.id:
            raise Refused(
                mark("%(code)s stands below this category itself: choose another parent"),
                {"code": wanted},
                field="parent",
            )
        above = session.get(Category, above.parent_id) if above.parent_id else None
    return parent.id


def _category(session: Session, category_id: int) -> Category:
    category = session.get(Category, category_id)
    if category is None:
        raise NotFound(mark("There is no such category"))
    return category


def _lines(session: Session) -> list[CategoryLine]:
    rows = session.scalars(select(Category).order_by(Category.code)).all()
    by_id = {row.id: row for row in rows}
    below: dict[int | None, list[Category]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    opened = dict(_tally(session, Finding.category_id, Finding.status.not_in(FINAL_STATUSES)))
    found = dict(_tally(session, Finding.category_id))
    rules = dict(_tally(session, RoutingRule.category_id, RoutingRule.retired_at.is_(None)))
    lines: list[CategoryLine] = []

    def descend(parent_id: int | None, depth: int, limit: tuple[int, str] | None) -> None:
        for row in below.get(parent_id, []):
            own = (row.limit_value, row.limit_unit) if row.limit_value and row.limit_unit else None
            counts = own or limit
            lines.append(
                CategoryLine(
                    id=row.id, code=row.code, parent=by_id[parent_id].code if parent_id else "",
                    name_zh=row.name_zh, name_en=row.name_en, depth=depth, limit_value=row.limit_value,
                    limit_unit=row.limit_unit, limit=counts, inherited=own is None and counts is not None,
                    open=opened.get(row.id, 0), findings=found.get(row.id, 0), rules=rules.get(row.id, 0),
                    children=len(below.get(row.id, [])), retired_at=row.retired_at, seen=edits.seen(row, SEEN),
                )
            )  # fmt: skip
            descend(row.id, depth + 1, counts)

    descend(None, 0, None)
    return lines


def _tally(session: Session, column: Any, *where: Any) -> list[tuple[int, int]]:
    rows = session.execute(select(column, func.count()).where(column.is_not(None), *where).group_by(column))
    return [(row[0], row[1]) for row in rows]
