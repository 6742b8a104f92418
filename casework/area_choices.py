"""Areas as forms offer them: every area in force under a key that no other level shares."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.coverage import coverages
from casework.errors import Refused, mark
from casework.natural_order import natural
from casework.office import Office
from db.models import Area, AreaVersion, Level


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """An area in force; ``key`` is ``level:code``."""

    id: int
    key: str
    code: str
    name_zh: str
    name_en: str
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class LevelChoices:
    """The areas of one level."""

    code: str
    name_zh: str
    name_en: str
    areas: tuple[AreaChoice, ...]


def area_choices(office: Office) -> list[LevelChoices]:
    """All areas in force, coarsest level first, each level in the order that people count in."""
    with office.database.read() as session:
        return [
            LevelChoices(level.level_code, level.name_zh, level.name_en, tuple(
                AreaChoice(
                    area.id, f"{level.level_code}:{area.code}", area.code, area.name_zh, area.name_en, area.parent_id
                )
                for area in sorted(level.areas, key=lambda one: natural(one.code))
            ))
            for level in coverages(session)
        ]  # fmt: skip


def area_of(session: Session, key: str, *, field: str = "area") -> int | None:
    """The id of the area in force with this key; None for an empty one. Raises Refused naming ``field``."""
    if not key:
        return None
    level, _, code = key.partition(":")
    found = session.scalar(
        select(Area.id)
        .join(Level, Area.level_id == Level.id)
        .join(AreaVersion, AreaVersion.area_id == Area.id)
        .where(Level.code == level, Area.code == code, AreaVersion.valid_to.is_(None))
    )
    if found is None:
        raise Refused(mark("There is no area with the code %(code)s"), {"code": key[:130]}, field=field)
    return found
