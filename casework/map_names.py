"""The names that stand beside findings: categories, bureaus, areas and who leads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.coverage import Coverage, coverages
from db.models import Area, AreaPerson, AreaVersion, Bureau, Category, Person

Pair = list[str]


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a code and a name in both languages; ``short`` is a bureau's short name."""

    code: str
    zh: str
    en: str
    parent_id: int | None = None
    short: tuple[str, str] = ("", "")

    @property
    def pair(self) -> Pair:
        """The name in Chinese and in English."""
        return [self.zh, self.en]

    @property
    def coded(self) -> dict[str, str]:
        """Code and names, as JSON has them."""
        return {"code": self.code, "zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Names:
    """All names by id. ``levels`` are those in use, coarsest first; the last one is the patch level."""

    categories: dict[int, Named]
    bureaus: dict[int, Named]
    areas: dict[int, Named]
    levels: list[Coverage]

    @property
    def patch_level(self) -> Coverage | None:
        """The finest level in use."""
        return self.levels[-1] if self.levels else None


def read_names(session: Session) -> Names:
    """The names in force now."""
    categories = session.execute(
        select(Category.id, Category.code, Category.name_zh, Category.name_en, Category.parent_id).order_by(
            Category.code
        )
    )
    bureaus = session.execute(
        select(
            Bureau.id, Bureau.code, Bureau.name_zh, Bureau.name_en, Bureau.short_zh, Bureau.short_en
        ).order_by(Bureau.code)
    )
    levels = coverages(session)
    return Names(
        categories={row.id: Named(row.code, row.name_zh, row.name_en, row.parent_id) for row in categories},
        bureaus={
            row.id: Named(row.code, row.name_zh, row.name_en, short=(row.short_zh, row.short_en))
            for row in bureaus
        },
        areas={
            area.id: Named(area.code, area.name_zh, area.name_en, area.parent_id)
            for level in levels
            for area in level.areas
        },
        levels=levels,
    )


def former_areas(session: Session, ids: Iterable[int]) -> dict[int, Named]:
    """The last names of areas that are no longer in force."""
    rows = session.execute(
        select(Area.id, Area.code, AreaVersion.name_zh, AreaVersion.name_en)
        .join(AreaVersion, AreaVersion.area_id == Area.id)
        .where(Area.id.in_(list(ids)))
        .order_by(AreaVersion.valid_from)
    )
    return {row.id: Named(row.code, row.name_zh, row.name_en) for row in rows}


def leaders(session: Session, area_ids: Iterable[int] | None, now: datetime) -> dict[int, Pair]:
    """Who leads each area now, as [zh, en]; ``area_ids`` None asks for all areas."""
    wanted = (
        select(AreaPerson.area_id, Person.name_zh, Person.name_en)
        .join(Person, AreaPerson.person_id == Person.id)
        .where(AreaPerson.duty == "leader", AreaPerson.valid_from <= now)
        .where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > now))
        .order_by(AreaPerson.valid_from, AreaPerson.id)
    )
    if area_ids is not None:
        wanted = wanted.where(AreaPerson.area_id.in_(list(area_ids)))
    return {row.area_id: [row.name_zh, row.name_en] for row in session.execute(wanted)}
