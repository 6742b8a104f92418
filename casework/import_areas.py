"""Importing areas of one level from a file: everything is checked first, then published in one transaction."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from casework.area_features import AreaFields
from casework.area_import_plan import AreaPlan, level_code, make_plan
from casework.areas import Publication, ensure_level, publish
from casework.errors import mark
from casework.file_worker import READER
from casework.import_notes import Note
from casework.office import Office, the_city
from db.models import Level
from geo.crs_guess import Bounds
from geo.datum_fit import recommended
from geo.inspection import Answers, Inspection

DATUM_FITS: Final = mark(
    "Taken as %(datum)s, its degrees fit much better: %(share)s %% of the areas lie over borders instead of "
    "%(plain)s %%. Is that their datum?"
)


@dataclass(frozen=True, slots=True)
class AreaImport:
    """What to import: a file, the code of its level, and the fields that hold code, names and parent's code.

    ``ended``: areas in force that the file does not have end; without it they stay.
    """

    path: Path
    level: str
    fields: AreaFields = field(default_factory=AreaFields)
    level_name: str | None = None
    datum: str | None = None
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    ended: bool = False

    @property
    def answers(self) -> Answers:
        """What is said about the file itself."""
        return Answers(self.layer, self.encoding, self.crs, self.datum)


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
    absent: tuple[str, ...] = ()
    ended: bool = False

    @property
    def kept(self) -> int:
        """How many areas of the file are taken."""
        done = self.publication
        return len(done.opened) + len(done.changed) + len(done.unchanged)


def import_areas(office: Office, wanted: AreaImport, *, commit: bool = False) -> AreaReport:
    """Read, check and publish areas; without ``commit`` the same is done and then undone, so numbers agree.

    Raises UnreadableFile, or Refused when nothing in the file can be taken.
    """
    level_code(wanted.level)
    with office.database.read() as session:
        near = city_bounds(session)
    seen = READER.inspect(wanted.path, wanted.answers, near)
    if seen.result is None:
        assert seen.refusal is not None  # noqa: S101 - one of the two is there
        raise seen.refusal
    with office.database.write() as session:
        plan = make_plan(
            session,
            seen.result,
            wanted.level,
            wanted.fields,
            level_name=wanted.level_name,
            ended=wanted.ended,
        )
        notes = [*plan.notes, *plan.overlaps, *datum_notes(plan, seen)]
        done = carry_out(session, office, plan, note=f"import {wanted.path.name}"[:500])
        if not commit:
            session.rollback()
    return AreaReport(
        features=plan.features, level=plan.level_code, level_is_new=plan.level_id is None,
        above=plan.above.level_code if plan.above else None, nests=plan.nests, nested=plan.nested, fields=plan.fields,
        publication=done, notes=sorted(notes, key=lambda note: note.feature or 0), committed=commit,
        absent=tuple(area.code for area in plan.absent), ended=plan.ended,
    )  # fmt: skip


def city_bounds(session: Session) -> Bounds:
    """West, south, east, north of the city in degrees."""
    west, south, east, north = the_city(session).extent.bounds
    return west, south, east, north


def carry_out(
    session: Session, office: Office, plan: AreaPlan, *, note: str, user_id: int | None = None
) -> Publication:
    """Publish a plan inside the caller's write transaction."""
    level = session.get(Level, plan.level_id) if plan.level_id is not None else None
    if level is None:
        parent = plan.above.level_id if plan.above and plan.nests else None
        level = ensure_level(session, plan.level_code, *plan.names, parent_id=parent)
    return publish(
        session, level, [one.new_area() for one in plan.planned], office.now(), near_m=office.settings.near_m,
        user_id=user_id, note=note, kind="import", ended=[area.code for area in plan.absent] if plan.ended else [],
    )  # fmt: skip


def datum_notes(plan: AreaPlan, seen: Inspection) -> list[Note]:
    """Whether another datum would fit better, where nobody named one and the file has degrees."""
    used = seen.used
    if used.datum is not None or seen.result is None or seen.result.crs not in ("EPSG:4326", "EPSG:4490"):
        return []
    found = plan.fits()
    better = recommended(found)
    if better is None:
        return []
    plain = next(fit.spill for fit in found if fit.datum == "wgs84")
    params = {"datum": better.datum, "share": f"{100 * better.spill:.2f}", "plain": f"{100 * plain:.2f}"}
    return [Note(None, DATUM_FITS, params)]
