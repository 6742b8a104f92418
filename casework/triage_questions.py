"""One finding whose place is not certain: the levels in question, the candidates, and which bureau each would bring."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy
from casework.coverage import Coverage, CoveredArea, coverages
from casework.errors import NotFound, mark
from casework.map_names import Named, Names, Pair, leaders, read_names
from casework.map_rows import described
from casework.natural_order import natural
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.referral import RoutingTable
from casework.status import FINAL_STATUSES
from casework.surroundings import Box, Surroundings, surroundings
from casework.triage_facts import Decision, decisions_in_force, kind_of, named_areas
from db.models import Assignment, Finding

_CLOSE_M: Final = 70.0
_WIDE_M: Final = 120.0
_FARTHEST_M: Final = 60_000.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An area that a finding could go to: how far away it is, and which bureau would receive it then."""

    area_id: int
    code: str
    zh: str
    en: str
    distance_m: float
    is_current: bool
    bureau: Pair | None
    leader: Pair | None


@dataclass(frozen=True, slots=True)
class Question:
    """One level in which the place is not certain. ``bureau_if_none`` receives it when it is left without an area.

    ``is_implied``: a finer level that nests in this one is uncertain too, and its answer answers this.
    """

    level_code: str
    level_zh: str
    level_en: str
    kind: str
    area: Named | None
    candidates: list[Candidate]
    bureau_if_none: Pair | None
    is_implied: bool

    @property
    def others(self) -> list[Candidate]:
        """The candidates that it was not given to, nearest first."""
        return [one for one in self.candidates if not one.is_current]


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One finding with all that is uncertain about its place, finest level first, and what lies around it."""

    row: dict[str, Any]
    revision: int
    description: str
    questions: list[Question]
    decisions: list[Decision]
    around: Surroundings
    choices: dict[str, list[CoveredArea]]
    now: datetime


def open_question(office: Office, actor: Actor, finding_id: int, aspect: float = 1.15) -> OpenQuestion:
    """Everything needed to decide about one finding. Raises NotSignedIn, Forbidden or NotFound.

    ``aspect`` is the small map's width by its height. A finding that waits no more has no ``questions``.
    """
    policy.require(actor, Act.VIEW_TRIAGE)
    with office.database.read() as session:
        finding = session.get(Finding, finding_id)
        if finding is None:
            raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
        now, city, levels = office.now(), the_city(session), coverages(session)
        names = read_names(session)
        questions = _questions(session, finding, levels, names, now) if _still_open(finding) else []
        drawn = next((one for one in levels if questions and one.level_code == questions[0].level_code), None)
        half_m = _half_width_m(questions)
        box = Box.around(finding.lon, finding.lat, half_m, half_m / aspect)
        [row] = described(session, [finding_id], names, now, city.timezone, persons=True)
        return OpenQuestion(
            row=row, revision=finding.revision, description=finding.description, questions=questions,
            decisions=decisions_in_force(session, [finding_id], names).get(finding_id, []),
            around=surroundings(office, session, box, drawn or (levels[-1] if levels else None)),
            choices={one.level_code: sorted(one.areas, key=lambda a: natural(a.code)) for one in levels}, now=now,
        )  # fmt: skip


def _still_open(finding: Finding) -> bool:
    return finding.triage and finding.status not in FINAL_STATUSES


def _questions(
    session: Session, finding: Finding, levels: list[Coverage], names: Names, now: datetime
) -> list[Question]:
    current = {
        row.level_id: row
        for row in session.scalars(
            select(Assignment).where(Assignment.finding_id == finding.id, Assignment.valid_to.is_(None))
        )
    }
    area_of = {level_id: row.area_id for level_id, row in current.items()}
    bureaus = _Bureaus(RoutingTable.load(session), finding.category_id, levels, area_of, names)
    known = named_areas(session, names, current.values())
    led = leaders(session, {int(a) for row in current.values() for a, _ in row.candidates or ()}, now)
    found: list[Question] = []
    implied: set[int] = set()
    for level in reversed(levels):
        row = current.get(level.level_id)
        if row is None or row.pinned or not (row.near_border or row.kind != "inside"):
            continue
        in_force = level.by_id()
        candidates = [
            Candidate(
                area_id=int(area), code=known[int(area)].code, zh=known[int(area)].zh,
                en=known[int(area)].en, distance_m=float(metres), is_current=int(area) == row.area_id,
                bureau=bureaus.after(level, in_force[int(area)]), leader=led.get(int(area)),
            )
            for area, metres in row.candidates or ()
            if int(area) in in_force
        ]  # fmt: skip
        found.append(
            Question(
                level.level_code, level.name_zh, level.name_en, kind_of(row.kind), known.get(row.area_id or 0),
                candidates, bureaus.after(level, None), level.level_id in implied,
            )
        )  # fmt: skip
        implied |= _ancestors(level, levels)
    return found


def _ancestors(level: Coverage, levels: list[Coverage]) -> set[int]:
    """The levels that this one nests in."""
    parents = {one.level_id: one.parent_level_id for one in levels}
    found: set[int] = set()
    here = level.parent_level_id
    while here is not None and here not in found:
        found.add(here)
        here = parents.get(here)
    return found


@dataclass(frozen=True, slots=True)
class _Bureaus:
    """Which bureau would receive a finding if one level's area were another."""

    table: RoutingTable
    category_id: int
    levels: list[Coverage]
    area_of: dict[int, int | None]
    names: Names

    def after(self, level: Coverage, area: CoveredArea | None) -> Pair | None:
        """The bureau's short name once ``area`` (None: no area) is the area of ``level``; parents follow."""
        areas = dict(self.area_of)
        areas[level.level_id] = area.id if area else None
        by_level = {one.level_id: one for one in self.levels}
        here = by_level.get(level.parent_level_id or 0)
        while area is not None and here is not None:
            area = here.by_id().get(area.parent_id or 0)
            if area is not None:
                areas[here.level_id] = area.id
                here = by_level.get(here.parent_level_id or 0)
        referral = self.table.refer(self.category_id, [one for one in areas.values() if one])
        bureau = self.names.bureaus.get(referral.bureau_id or 0)
        return list(bureau.short) if bureau else None


def _half_width_m(questions: list[Question]) -> float:
    """How far the small map reaches: near borders are looked at closely, an area far away must still be on it."""
    if not questions:
        return _WIDE_M
    farthest = max((one.distance_m for one in questions[0].candidates), default=0.0)
    least = _CLOSE_M if questions[0].kind in {"border", "near"} else _WIDE_M
    return min(max(least, farthest * 1.7), _FARTHEST_M)
