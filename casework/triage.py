"""Findings whose place is not certain: what the choices are, and a person's decision.

A decision pins the assignment: re-assignment leaves it alone until it is released.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casework import bureau_tasks, counters, fields, policy
from casework.assignment import assignment_rows, finding_columns, place
from casework.coverage import Coverage, CoveredArea, coverages
from casework.errors import Conflict, NotFound, Refused, mark
from casework.history import append, step
from casework.office import Office
from casework.policy import Act, Actor
from casework.reassignment import close_assignments, code_of
from casework.referral import RoutingTable
from casework.status import FINAL_STATUSES
from db.models import Area, Assignment, Bureau, Finding


@dataclass(frozen=True, slots=True)
class Settled:
    """What a decision came to: the area (None: no area) and the bureau by their ids."""

    area_id: int | None
    bureau_id: int | None
    still_waiting: bool


def settle(
    office: Office,
    actor: Actor,
    finding_id: int,
    level_code: str,
    area_code: str | None,
    reason: str,
    *,
    revision: int | None = None,
) -> Settled:
    """Decide to which area of a level a finding belongs (None: to none), and pin it.

    Levels in which this one nests follow the area's parents. The bureau is found anew. Raises Conflict when the
    finding's ``revision`` is no longer the one that the person saw, Refused and NotFound for what does not exist.
    """
    policy.require(actor, Act.SETTLE)
    why = fields.text(reason, "reason", limit=500, required=True)
    with office.database.write() as session:
        finding = _open_finding(session, finding_id, revision)
        levels = coverages(session, lock=True)
        decided = _decisions(levels, level_code, area_code)
        return _decide(session, finding, levels, decided, actor, why, office)


def release(office: Office, actor: Actor, finding_id: int, reason: str) -> Settled:
    """Take a decision back: the finding is located again and follows the boundaries from now on."""
    policy.require(actor, Act.SETTLE)
    why = fields.text(reason, "reason", limit=500, required=True)
    with office.database.write() as session:
        finding = _open_finding(session, finding_id, None)
        levels = coverages(session, lock=True)
        placement = place(levels, finding.lon, finding.lat, office.settings.near_m)
        referral = RoutingTable.load(session).refer(finding.category_id, placement.area_ids)
        at = office.now()
        close_assignments(session, finding_id, at)
        rows = assignment_rows(placement, finding_id, referral, at, user_id=actor.user_id, reason=why)
        session.execute(insert(Assignment), rows)
        columns = finding_columns(placement, referral)
        changed = [code_of(session, Bureau, one) for one in (finding.bureau_id, columns["bureau_id"])]
        _finish(
            session,
            finding,
            {**columns, "pinned": False},
            step(
                "release",
                at,
                user_id=actor.user_id,
                note=why,
                payload={"bureau": changed} if changed[0] != changed[1] else {},
            ),
        )
        bureau_tasks.follow(session, [finding_id], at, actor.user_id)
        return Settled(columns["area_id"], columns["bureau_id"], columns["triage"])


def _open_finding(session: Session, finding_id: int, revision: int | None) -> Finding:
    finding = session.scalars(select(Finding).where(Finding.id == finding_id).with_for_update()).first()
    if finding is None:
        raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
    if finding.status in FINAL_STATUSES:
        raise Refused(
            mark("This finding is closed: it keeps the area that it was closed under"), field="finding"
        )
    if revision is not None and finding.revision != revision:
        raise Conflict(mark("Somebody changed this finding in between: look at it again and decide anew"))
    return finding


def _decisions(
    levels: list[Coverage], level_code: str, area_code: str | None
) -> dict[int, CoveredArea | None]:
    """The area decided for each level id: the level itself, then the parents of its area, level by level."""
    by_level = {level.level_id: level for level in levels}
    level = next((one for one in levels if one.level_code == level_code), None)
    if level is None:
        raise Refused(mark("level: there is no level %(code)s"), {"code": level_code}, field="level")
    if area_code is None:
        return {level.level_id: None}
    area = next((one for one in level.areas if one.code == area_code), None)
    if area is None:
        raise Refused(
            mark("area: there is no area %(code)s in %(level)s"),
            {"code": area_code, "level": level_code},
            field="area",
        )
    decided: dict[int, CoveredArea | None] = {}
    here: Coverage | None = level
    while here is not None and area is not None and here.level_id not in decided:
        decided[here.level_id] = area
        here = by_level.get(here.parent_level_id or 0)
        area = here.by_id().get(area.parent_id or 0) if here else None
    return decided


def _current(session: Session, finding_id: int) -> dict[int, Assignment]:
    rows: Iterable[Assignment] = session.scalars(
        select(Assignment).where(Assignment.finding_id == finding_id, Assignment.valid_to.is_(None))
    )
    return {row.level_id: row for row in rows}


def _decide(
    session: Session,
    finding: Finding,
    levels: list[Coverage],
    decided: dict[int, CoveredArea | None],
    actor: Actor,
    why: str,
    office: Office,
) -> Settled:
    before, at = _current(session, finding.id), office.now()
    area_of = {level_id: row.area_id for level_id, row in before.items()}
    area_of.update({level_id: area.id if area else None for level_id, area in decided.items()})
    referral = RoutingTable.load(session).refer(finding.category_id, [a for a in area_of.values() if a])
    patch = levels[-1]
    moves_bureau = referral.bureau_id != finding.bureau_id
    waiting = any(
        level_id not in decided and not row.pinned and (row.near_border or row.kind != "inside")
        for level_id, row in before.items()
    )
    rows = []
    for level in levels:
        old = before.get(level.level_id)
        is_patch = level is patch
        if level.level_id not in decided and not (is_patch and moves_bureau):
            continue
        if old is not None:
            old.valid_to = at
        rows.append(
            {
                **_measured(old),
                "finding_id": finding.id,
                "level_id": level.level_id,
                "area_id": area_of.get(level.level_id),
                "area_version_id": _version_of(level, area_of.get(level.level_id)),
                "coverage_version": level.version,
                "pinned": level.level_id in decided or bool(old and old.pinned),
                "bureau_id": referral.bureau_id if is_patch else None,
                "rule_id": referral.rule_id if is_patch else None,
                "user_id": actor.user_id,
                "reason": why,
                "valid_from": at,
            }
        )
    session.flush()  # the old rows end before the new ones are the current ones
    session.execute(insert(Assignment), rows)
    area_id = area_of.get(patch.level_id)
    payload = {
        "levels": {
            level.level_code: _code(decided[level.level_id]) for level in levels if level.level_id in decided
        },
        "area": [code_of(session, Area, finding.area_id), code_of(session, Area, area_id)],
        "bureau": [code_of(session, Bureau, finding.bureau_id), code_of(session, Bureau, referral.bureau_id)],
    }
    columns = {"area_id": area_id, "bureau_id": referral.bureau_id, "pinned": True, "triage": waiting}
    _finish(session, finding, columns, step("settle", at, user_id=actor.user_id, note=why, payload=payload))
    if moves_bureau:
        bureau_tasks.follow(session, [finding.id], at, actor.user_id)
    return Settled(area_id, referral.bureau_id, waiting)


def _measured(old: Assignment | None) -> dict[str, object]:
    """What was measured about the place stays beside what a person decided."""
    if old is None:
        return {
            "kind": "outside",
            "near_border": False,
            "nearest_area_id": None,
            "nearest_m": None,
            "candidates": None,
        }
    names = ("kind", "near_border", "nearest_area_id", "nearest_m", "candidates")
    return {name: getattr(old, name) for name in names}


def _version_of(level: Coverage, area_id: int | None) -> int | None:
    area = level.by_id().get(area_id or 0)
    return area.version_id if area else None


def _code(area: CoveredArea | None) -> str | None:
    return area.code if area else None


def _finish(
    session: Session, finding: Finding, columns: Mapping[str, object], entry: dict[str, object]
) -> None:
    revision = counters.advance(session, "findings")
    session.execute(update(Finding).where(Finding.id == finding.id).values(**columns, revision=revision))
    append(session, finding.id, entry)
