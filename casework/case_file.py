"""The whole file of one finding: the case, how each level was decided, whether its history is whole, a small map."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import case_view
from casework.coverage import coverages
from casework.history import first_broken
from casework.map_names import Named, Names, former_areas, read_names
from casework.office import Office
from casework.policy import Actor
from casework.surroundings import Box, Surroundings, surroundings
from db.models import Assignment, HistoryEntry, Level

HALF_WIDTH_M: Final = 190.0


@dataclass(frozen=True, slots=True)
class LevelDecision:
    """Where one level puts the finding, and why. ``others`` are [area, metres] that were candidates too."""

    level_code: str
    level_zh: str
    level_en: str
    area: Named | None
    kind: str
    near_border: bool
    nearest: Named | None
    nearest_m: float | None
    others: list[tuple[Named, float]]
    pinned: bool
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything that the page of one finding shows. ``broken_at`` is the first step that does not fit (staff only)."""

    case: dict[str, Any]
    decisions: list[LevelDecision]
    around: Surroundings
    patch_id: int | None
    steps_kept: int
    broken_at: int | None
    now: datetime


def case_file(office: Office, actor: Actor, finding_id: int, aspect: float = 4 / 3) -> CaseFile:
    """The file of a finding. Raises NotSignedIn, Forbidden or NotFound.

    Who may only see the map gets no persons, history or reasons, as ``case_view.case`` says. ``aspect`` is the
    small map's width by its height.
    """
    case = case_view.case(office, actor, finding_id)
    full = not case["restricted"]
    with office.database.read() as session:
        entries = (
            session.scalars(
                select(HistoryEntry).where(HistoryEntry.finding_id == finding_id).order_by(HistoryEntry.seq)
            ).all()
            if full
            else []
        )
        levels = coverages(session)
        patch = levels[-1] if levels else None
        decisions = _decisions(session, finding_id, read_names(session), reasons=full)
        half_m = _half_width_m(decisions)
        box = Box.around(case["lon"], case["lat"], half_m, half_m / aspect)
        code = case["patch"]["code"] if case["patch"] else None
        return CaseFile(
            case=case,
            decisions=decisions,
            around=surroundings(office, session, box, patch),
            patch_id=next((area.id for area in (patch.areas if patch else ()) if area.code == code), None),
            steps_kept=len(entries),
            broken_at=first_broken(entries),
            now=office.now(),
        )


def _half_width_m(decisions: list[LevelDecision]) -> float:
    """How far the small map reaches: around a place outside every patch the nearest one must still be on it."""
    first = decisions[0] if decisions else None
    away_m = (first.nearest_m or 0.0) if first and first.area is None else 0.0
    return max(HALF_WIDTH_M, away_m * 1.7)


def _decisions(session: Session, finding_id: int, names: Names, *, reasons: bool) -> list[LevelDecision]:
    rows = session.execute(
        select(Assignment, Level.code, Level.name_zh, Level.name_en)
        .join(Level, Assignment.level_id == Level.id)
        .where(Assignment.finding_id == finding_id, Assignment.valid_to.is_(None))
        .order_by(Level.position.desc())
    ).all()
    mentioned = {row.Assignment.area_id for row in rows} | {row.Assignment.nearest_area_id for row in rows}
    mentioned |= {int(pair[0]) for row in rows for pair in row.Assignment.candidates or ()}
    known = names.areas | former_areas(session, mentioned - {None} - names.areas.keys())
    return [
        LevelDecision(
            level_code=row.code, level_zh=row.name_zh, level_en=row.name_en,
            area=known.get(one.area_id or 0), kind=one.kind, near_border=one.near_border,
            nearest=known.get(one.nearest_area_id or 0), nearest_m=one.nearest_m,
            others=[
                (known[int(area)], metres)
                for area, metres in one.candidates or ()
                if int(area) != one.area_id and int(area) in known
            ],
            pinned=one.pinned, reason=one.reason if reasons else "", since=one.valid_from,
        )
        for row in rows
        if (one := row.Assignment) is not None
    ]  # fmt: skip
