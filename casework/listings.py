"""Short lists for programs: categories, bureaus and areas."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from casework.coverage import coverages
from casework.map_names import Pair, leaders
from casework.office import Office
from db.models import Bureau, Category


@dataclass(frozen=True, slots=True)
class CategoryEntry:
    """A category in use. The limit is its own (None: its parent's)."""

    code: str
    parent: str | None
    name_zh: str
    name_en: str
    limit_value: int | None
    limit_unit: str | None


@dataclass(frozen=True, slots=True)
class BureauEntry:
    """A bureau in use."""

    code: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str


@dataclass(frozen=True, slots=True)
class AreaEntry:
    """An area in force; ``leader`` holds the Chinese and the English name of who leads it now."""

    code: str
    level: str
    name_zh: str
    name_en: str
    parent: str | None
    drawn: bool
    leader: Pair | None


def categories(office: Office) -> list[CategoryEntry]:
    """The categories in use, sorted by code."""
    parent = aliased(Category)
    with office.database.read() as session:
        rows = session.execute(
            select(
                Category.code, parent.code, Category.name_zh, Category.name_en, Category.limit_value,
                Category.limit_unit,
            )
            .join(parent, Category.parent_id == parent.id, isouter=True)
            .where(Category.retired_at.is_(None))
            .order_by(Category.code)
        ).all()  # fmt: skip
    return [CategoryEntry(*row) for row in rows]


def bureaus(office: Office) -> list[BureauEntry]:
    """The bureaus in use, sorted by code."""
    with office.database.read() as session:
        rows = session.execute(
            select(Bureau.code, Bureau.name_zh, Bureau.name_en, Bureau.short_zh, Bureau.short_en)
            .where(Bureau.retired_at.is_(None))
            .order_by(Bureau.code)
        ).all()
    return [BureauEntry(*row) for row in rows]


def areas(office: Office) -> list[AreaEntry]:
    """The areas in force, coarsest level first, each level sorted by code."""
    with office.database.read() as session:
        levels = coverages(session)
        led = leaders(session, None, office.now())
    codes = {area.id: area.code for level in levels for area in level.areas}
    return [
        AreaEntry(
            code=area.code, level=level.level_code, name_zh=area.name_zh, name_en=area.name_en,
            parent=codes.get(area.parent_id) if area.parent_id else None, drawn=area.drawn,
            leader=led.get(area.id),
        )
        for level in levels
        for area in level.areas
    ]  # fmt: skip
