"""What an import of areas would do, worked out without writing: which areas are new, changed, unchanged, and gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import area_features, nesting
from casework.area_features import AreaFields, Candidate
from casework.areas import NewArea
from casework.coverage import Coverage, CoveredArea, coverages
from casework.errors import Refused, mark
from casework.fields import text
from casework.import_notes import Note
from casework.level_names import level_names
from casework.office import the_city
from casework.photo_uploads import km_outside
from db.models import Area, Level
from geo.boundaries import BoundaryProblem, check
from geo.datum_fit import DatumFit, fits
from geo.readers import ReadResult

_IN_THE_CITY: Final = 0.01  # less of an area than that is no part of the city, but its border's other side
Outcome = Literal["new", "changed", "unchanged"]
_OUTSIDE: Final = mark("%(code)s lies outside the city: left out. Is its datum or coordinate system right?")
_AWAY: Final = mark(
    "None of the %(count)s features can be taken: they lie %(km)s km from the city, around %(place)s. Is their "
    "coordinate system, their datum or the order of their axes another one?"
)
_NONE: Final = mark("None of the %(count)s features can be taken: %(first)s")


@dataclass(frozen=True, slots=True)
class Planned:
    """An area of the file and what would become of it; ``before`` is what is in force under its code."""

    candidate: Candidate
    parent_area_id: int | None
    held: nesting.Held
    rank: int
    outcome: Outcome
    before: CoveredArea | None

    def new_area(self) -> NewArea:
        """The area to publish: schematic as long as its shape is the schematic one."""
        one, before = self.candidate, self.before
        drawn = before is not None and before.drawn and bool(shapely.equals(before.geometry, one.geometry))
        return NewArea(
            one.code, one.name_zh, one.name_en, one.geometry, self.parent_area_id, self.rank, drawn
        )


@dataclass(frozen=True, slots=True)
class AreaPlan:
    """What an import of a file as one level would do.

    ``absent`` are the areas in force that the file does not have: they stay, or ``ended`` they end. ``overlaps`` says
    what ``problems`` says for people who have no map. ``nests`` is whether the level nests in the one above.
    """

    features: int
    level_code: str
    level_id: int | None
    names: tuple[str, str]
    above: Coverage | None
    nests: bool
    fields: AreaFields
    planned: tuple[Planned, ...]
    absent: tuple[CoveredArea, ...]
    ended: bool
    notes: tuple[Note, ...]
    overlaps: tuple[Note, ...]
    references: tuple[BaseGeometry, ...] = field(default=(), repr=False)

    @property
    def nested(self) -> int:
        """How many areas lie in one area of the level above."""
        return sum(one.held.share >= nesting.NESTED for one in self.planned)

    def fits(self) -> list[DatumFit]:
        """How well the areas, their degrees as they are, fit in each datum: into what is in force under their codes,
        else into the areas of the level or of the one above.
        """
        again = [one for one in self.planned if one.before is not None]
        if again:
            return fits(
                [one.candidate.geometry for one in again],
                [one.before.geometry for one in again if one.before],
            )
        return fits([one.candidate.geometry for one in self.planned], self.references)

    def codes(self, outcome: Outcome) -> tuple[str, ...]:
        """The codes of the areas that would be new, changed or unchanged."""
        return tuple(one.candidate.code for one in self.planned if one.outcome == outcome)

    def problems(self) -> list[tuple[BoundaryProblem, tuple[tuple[str, str, str], ...]]]:
        """What would be wrong with the level's borders afterwards, with (code, zh, en) of the areas concerned."""
        staying = () if self.ended else self.absent
        shapes = [one.candidate.geometry for one in self.planned] + [one.geometry for one in staying]
        named = [(one.candidate.code, one.candidate.name_zh, one.candidate.name_en) for one in self.planned]
        named += [(one.code, one.name_zh, one.name_en) for one in staying]
        holders = list(self.above.areas) if self.above and self.nests else []
        position = {area.id: i for i, area in enumerate(holders)}
        parents = [one.parent_area_id for one in self.planned] + [one.parent_id for one in staying]
        parent_of = [position.get(parent or 0, -1) for parent in parents]
        found = check(
            shapes, parents=[one.geometry for one in holders], parent_of=parent_of if holders else None
        )
        return [(one, tuple(named[i] for i in one.positions if i < len(named))) for one in found]


def make_plan(
    session: Session,
    result: ReadResult,
    level: str,
    fields: AreaFields,
    *,
    level_name: str | None = None,
    ended: bool = False,
) -> AreaPlan:
    """Work out what importing a file as one level would do. Raises Refused when nothing of it can be taken."""
    code = level_code(level)
    notes = area_features.reader_notes(result)
    total = area_features.count_features(result)
    used = area_features.settle_fields(result.features, fields)
    found = area_features.candidates(result.features, used, notes)
    found = _inside_city(found, the_city(session).extent, notes)
    if not found:
        raise _nothing(session, result, total, notes)
    levels = coverages(session)
    row = session.scalars(select(Level).where(Level.code == code)).first()
    above = _level_above(levels, row)
    placed = nesting.place_in(found, above)
    if row is None:
        nests = above is not None and all(one.share >= nesting.NESTED for one in placed)
    else:
        nests = row.parent_id is not None
        _note_leaving(nests, found, placed, notes)
    parents = nesting.parents(found, placed, above, by_code=used.parent is not None, notes=notes)
    current = {area.code: area for one in levels if one.level_code == code for area in one.areas}
    ranks = _ranks(session, row)
    planned = tuple(
        _planned(one, parent, held, ranks, current, bilingual=used.name_en is not None)
        for one, parent, held in zip(found, parents, placed, strict=True)
    )
    named = {one.code for one in found}
    absent = tuple(area for area in current.values() if area.code not in named)
    if len(absent) > 0 and ended:
        notes.append(
            Note(None, mark("%(count)s areas in force are not in the file and end"), {"count": len(absent)})
        )
    staying = () if ended else absent
    return AreaPlan(
        features=total, level_code=code, level_id=row.id if row else None,
        names=(row.name_zh, row.name_en) if row else level_names(code, level_name), above=above, nests=nests,
        fields=used, planned=planned, absent=absent, ended=ended, notes=tuple(notes),
        overlaps=tuple(_overlaps(found, staying)), references=_references(session, current, above),
    )  # fmt: skip


def level_code(value: str) -> str:
    """A level's code, checked. Raises Refused."""
    code = text(value, "level", limit=64, required=True)
    if not code.replace("-", "").replace("_", "").isalnum():
        raise Refused(
            mark("level: %(code)s is no code; write letters, digits, - or _, such as district"), {"code": code},
            field="level",
        )  # fmt: skip
    return code


def _planned(
    one: Candidate,
    parent: int | None,
    held: nesting.Held,
    ranks: dict[str, int],
    current: dict[str, CoveredArea],
    *,
    bilingual: bool,
) -> Planned:
    rank, before = ranks.get(one.code, 0), current.get(one.code)
    outcome: Outcome = "new"
    if before is not None:
        if not bilingual and before.name_zh == one.name_zh:
            one = replace(one, name_en=before.name_en)  # a file without English names takes none away
        same = (before.name_zh, before.name_en, before.parent_id) == (one.name_zh, one.name_en, parent)
        outcome = "unchanged" if same and shapely.equals(before.geometry, one.geometry) else "changed"
    return Planned(one, parent, held, rank, outcome, before)


def _ranks(session: Session, level: Level | None) -> dict[str, int]:
    if level is None:
        return {}
    rows = session.execute(select(Area.code, Area.rank).where(Area.level_id == level.id))
    return {row.code: row.rank for row in rows}


def _references(
    session: Session, current: dict[str, CoveredArea], above: Coverage | None
) -> tuple[BaseGeometry, ...]:
    """Shapes whose datum is known: the level's own areas, else those above, else the city."""
    known = list(current.values()) or list(above.areas if above else ())
    return tuple(area.geometry for area in known) or (the_city(session).extent,)


def _nothing(session: Session, result: ReadResult, total: int, notes: Sequence[Note]) -> Refused:
    """Why nothing can be taken: because it lies elsewhere, or for the first reason that was noted."""
    extent = the_city(session).extent
    away = _away(result, extent)
    if away is not None:
        return Refused(_AWAY, {"count": total, **away}, field="crs")
    first = next((note for note in notes if note.left_out), notes[0] if notes else None)
    return Refused(_NONE, {"count": total, "first": first.text if first else ""})


def _away(result: ReadResult, extent: BaseGeometry) -> dict[str, Any] | None:
    west, south, east, north = map(float, result.features.total_bounds)
    if shapely.box(west, south, east, north).intersects(shapely.box(*extent.bounds)):
        return None
    lon, lat = (west + east) / 2, (south + north) / 2
    km = km_outside(extent.bounds, lon, lat)
    return {"km": f"{km:,.0f}", "place": placed_at(lon, lat)}


def placed_at(lon: float, lat: float) -> str:
    """A place in degrees as people write it: 36.6° N, 101.8° E."""
    return f"{abs(lat):.1f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.1f}° {'E' if lon >= 0 else 'W'}"


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
        if share < _IN_THE_CITY:
            notes.append(Note(one.feature, _OUTSIDE, {"code": one.code}, left_out=True))
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


def _overlaps(found: Sequence[Candidate], staying: Iterable[CoveredArea]) -> list[Note]:
    shapes = [(one.code, one.geometry) for one in found] + [(area.code, area.geometry) for area in staying]
    notes = []
    for first, second, m2 in nesting.overlaps([shape for _, shape in shapes]):
        if first < len(found):
            params = {"first": shapes[first][0], "second": shapes[second][0], "m2": f"{m2:,.0f}"}
            notes.append(
                Note(found[first].feature, mark("%(first)s and %(second)s overlap by %(m2)s m²"), params)
            )
    return notes
