"""Levels of areas: named in two languages, nested, added below the others, removed while empty."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from casework import edits, fields
from casework.errors import NotFound, Refused, mark
from casework.office import Office
from casework.policy import Act, Actor, require
from db.models import Area, AreaDraftLevel, AreaVersion, Assignment, Level

SEEN = ("name_zh", "name_en", "parent_id")


@dataclass(frozen=True, slots=True)
class LevelLine:
    """A level, coarsest first. The patch level is the finest that has areas."""

    id: int
    code: str
    name_zh: str
    name_en: str
    parent: str
    position: int
    areas: int
    is_patch: bool
    is_empty: bool
    seen: str


def list_levels(office: Office, actor: Actor) -> list[LevelLine]:
    """All levels, coarsest first."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        levels = list(session.scalars(select(Level).order_by(Level.position)))
        counts = {
            row[0]: row[1]
            for row in session.execute(
                select(Area.level_id, func.count())
                .join(AreaVersion, AreaVersion.area_id == Area.id)
                .where(AreaVersion.valid_to.is_(None))
                .group_by(Area.level_id)
            )
        }
        used = [level.id for level in levels if counts.get(level.id)]
        codes = {level.id: level.code for level in levels}
        return [
            LevelLine(
                level.id, level.code, level.name_zh, level.name_en, codes.get(level.parent_id or 0, ""),
                level.position, counts.get(level.id, 0), used[-1:] == [level.id],
                not _is_used(session, level.id), edits.seen(level, SEEN),
            )
            for level in levels
        ]  # fmt: skip


def add_level(office: Office, actor: Actor, values: Mapping[str, object]) -> int:
    """Add a level below all others (code, name_zh, name_en, parent); it counts once it has areas."""
    require(actor, Act.MANAGE_SETTINGS)
    code = edits.new_code(values.get("code"))
    zh, en = _names(values)
    with office.database.write() as session:
        if session.scalar(select(exists().where(Level.code == code))):
            raise Refused(mark("The code %(code)s is taken: choose another"), {"code": code}, field="code")
        last = session.scalar(select(func.max(Level.position)))
        level = Level(code=code, name_zh=zh, name_en=en, position=0 if last is None else last + 1)
        level.parent_id = _parent(session, values.get("parent"), level.position)
        session.add(level)
        session.flush()
        return level.id


def change_level(
    office: Office, actor: Actor, level_id: int, values: Mapping[str, object], seen: str = ""
) -> None:
    """Give a level other names or another level that it is nested in. Raises Refused, Conflict, NotFound."""
    require(actor, Act.MANAGE_SETTINGS)
    zh, en = _names(values)
    with office.database.write() as session:
        level = _level(session, level_id)
        edits.require_fresh(seen, level, SEEN)
        level.parent_id = _parent(session, values.get("parent"), level.position)
        level.name_zh, level.name_en = zh, en


def remove_level(office: Office, actor: Actor, level_id: int) -> None:
    """Remove a level that never had areas; raises Refused for any other."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.write() as session:
        level = _level(session, level_id)
        if _is_used(session, level_id):
            raise Refused(mark("Areas, findings, drafts or other levels belong to this level: it stays"))
        session.delete(level)


def _names(values: Mapping[str, object]) -> tuple[str, str]:
    zh = fields.text(values.get("name_zh"), "name_zh", limit=fields.MAX_LINE, required=True)
    return zh, fields.text(values.get("name_en"), "name_en", limit=fields.MAX_LINE) or zh


def _parent(session: Session, code: object, position: int) -> int | None:
    wanted = fields.text(code, "parent", limit=64)
    if not wanted:
        return None
    parent = session.scalars(select(Level).where(Level.code == wanted)).first()
    if parent is None or parent.position >= position:
        raise Refused(mark("A level can only lie in one that is coarser"), field="parent")
    return parent.id


def _level(session: Session, level_id: int) -> Level:
    level = session.get(Level, level_id)
    if level is None:
        raise NotFound(mark("There is no such level"))
    return level


def _is_used(session: Session, level_id: int) -> bool:
    return any(
        session.scalar(select(exists().where(column == level_id)))
        for column in (Area.level_id, Assignment.level_id, AreaDraftLevel.level_id, Level.parent_id)
    )
