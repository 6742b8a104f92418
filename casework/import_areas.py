"""Importing areas of one level from a file: everything is checked first, then published in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import area_features, nesting
from casework.area_features import AreaFields, Candidate
from casework.areas import NewArea, Publication, ensure_level, publish
from casework.coverage import Coverage, coverages
from casework.errors import Refused, mark
from casework.fields import text
from casework.import_notes import Note
from casework.level_names import level_names
from casework.office import Office, the_city
from db.models import Area, Level
from geo.readers import read

_OUTSIDE = mark("%(code)s lies outside the city: left out. Is its datum or coordinate system right?")


@dataclass(frozen=True, slots=True)
class AreaImport:
    """What to import: a file, the code of its level, and the fields that hold code, names and parent's code."""

    path: Path
    level: str
    fields: AreaFields = field(default_factory=AreaFields)
    level_name: str | None = None
    datum: str | None = None
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class AreaReport:
    """What an import did, or would do. ``nests`` is the share in percent of the areas that lie in one area above."""

    features: int
    level: str
    level_is_new: bool
    above: str | None
    nests: bool
    nested: int
    fields: AreaFields
    publication: Publication
    notes: list[Note]
    committed: bool

    @property
    def kept(self) -> int:
        """How many areas of the file are taken."""
        done = self.publication
        return len(done.opened) + len(done.changed) + len(done.unchanged)


def import_areas(office: Office, wanted: AreaImport, *, commit: bool = False) -> AreaReport:
    """Read, check and publish areas; without ``commit`` the same is done and then undone, so numbers agree.

    Raises UnreadableFile, or Refused when nothing in the file can be taken.
    """
    code = _level_code(wanted.level)
    result = read(wanted.path, wanted.crs, wanted.datum, wanted.encoding, wanted.layer)
    notes = area_features.reader_notes(result)
    total = area_features.count_features(result)
    used = area_features.settle_fields(result.features, wanted.fields)
    found = area_features.candidates(result.features, used, notes)
    with office.database.write() as session:
        found = _inside_city(found, the_city(session).extent, notes)
        if not found:
            raise Refused(
                mark("None of the %(count)s features can be taken: %(first)s"),
                {"count": total, "first": notes[0].text if notes else ""},
            )
        report = _publish(office, session, wanted, code, used, found, notes, total, commit)
        if not commit:
            session.rollback()
    return report


def _publish(
    office: Office,
    session: Session,
    wanted: AreaImport,
    code: str,
    used: AreaFields,
    found: list[Candidate],
    notes: list[Note],
    total: int,
    commit: bool,
) -> AreaReport:
    levels = coverages(session)
    level = session.scalars(select(Level).where(Level.code == code)).first()
    above = _level_above(levels, level)
    placed = nesting.place_in(found, above)
    is_new = level is None
    if level is None:
        nests = above is not None and all(one.share >= nesting.NESTED for one in placed)
        zh, en = level_names(code, wanted.level_name)
        level = ensure_level(session, code, zh, en, parent_id=above.level_id if above and nests else None)
    else:
        nests = level.parent_id is not None
        _note_leaving(nests, found, placed, notes)
    _note_overlaps(levels, code, found, notes)
    ranks = {
        row.code: row.rank
        for row in session.execute(select(Area.code, Area.rank).where(Area.level_id == level.id))
    }
    parents = nesting.parents(found, placed, above, by_code=used.parent is not None, notes=notes)
    publication = publish(
        session,
        level,
        [
            NewArea(one.code, one.name_zh, one.name_en, one.geometry, parent, ranks.get(one.code, 0))
            for one, parent in zip(found, parents, strict=True)
        ],
        office.now(),
        near_m=office.settings.near_m,
        note=f"import {wanted.path.name}"[:500],
    )
    return AreaReport(
        features=total, level=code, level_is_new=is_new, above=above.level_code if above else None, nests=nests,
        nested=sum(one.share >= nesting.NESTED for one in placed), fields=used, publication=publication,
        notes=sorted(notes, key=lambda note: (note.feature or 0)), committed=commit,
    )  # fmt: skip


def _level_code(value: str) -> str:
    code = text(value, "level", limit=64, required=True)
    if not code.replace("-", "").replace("_", "").isalnum():
        raise Refused(
            mark("level: %(code)s is no code; write letters, digits, - or _, such as district"), {"code": code},
            field="level",
        )  # fmt: skip
    return code


def _level_above(levels: Sequence[Coverage], level: Level | None) -> Coverage | None:
    """The level that this one may nest in: its parent, else the next coarser one, for a new one the finest."""
    if level is None:
        return levels[-1] if levels else None
    if level.parent_id is not None:
        return next((one for one in levels if one.level_id == level.parent_id), None)
    coarser = [one for one in levels if one.position < level.position]
    return coarser[-1] if coarser else None


def _inside_city(found: list[Candidate], extent: BaseGeometry, notes: list[Note]) -> list[Candidate]:
    """Leave out what lies wholly outside the city; note what reaches out of it."""
    shapely.prepare(extent)
    kept = []
    for one in found:
        if extent.covers(one.geometry):
            kept.append(one)
            continue
        share = shapely.area(shapely.intersection(extent, one.geometry)) / shapely.area(one.geometry)
        if share == 0:
            notes.append(
                Note(one.feature, _OUTSIDE, {"code": one.code}, left_out=True)
            )  # fmt: skip
            continue
        if share < 0.95:
            notes.append(
                Note(one.feature, mark("%(percent)s %% of %(code)s lies outside the city"),
                     {"code": one.code, "percent": f"{100 - 100 * share:.0f}"})
            )  # fmt: skip
        kept.append(one)
    return kept


def _note_leaving(
    nests: bool, found: Sequence[Candidate], placed: Sequence[nesting.Held], notes: list[Note]
) -> None:
    """A level that nests should go on nesting: note each area that leaves its parent."""
    for one, held in zip(found, placed, strict=True):
        if nests and held.share < nesting.NESTED:
            notes.append(
                Note(one.feature, mark("only %(percent)s %% of %(code)s lies in one area of the level above"),
                     {"code": one.code, "percent": f"{100 * held.share:.1f}"})
            )  # fmt: skip


def _note_overlaps(
    levels: Sequence[Coverage], code: str, found: Sequence[Candidate], notes: list[Note]
) -> None:
    named = {one.code for one in found}
    staying = [
        (area.code, area.geometry)
        for level in levels if level.level_code == code
        for area in level.areas if area.code not in named
    ]  # fmt: skip
    shapes = [(one.code, one.geometry) for one in found] + staying
    for first, second, m2 in nesting.overlaps([shape for _, shape in shapes]):
        if first >= len(found):
            continue
        notes.append(
            Note(found[first].feature, mark("%(first)s and %(second)s overlap by %(m2)s m²"),
                 {"first": shapes[first][0], "second": shapes[second][0], "m2": f"{m2:,.0f}"})
        )  # fmt: skip
