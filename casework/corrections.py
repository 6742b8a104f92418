"""Correcting a finding: a wrong pin, category or text, with a reason.

Patch and bureau follow; what stood there before stays on record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casework import bureau_tasks, counters, deadlines, fields, policy
from casework.assignment import assignment_rows, finding_columns, place
from casework.case_standing import standing_of
from casework.coverage import coverages
from casework.dispatching import replace_bureau
from casework.errors import Conflict, Forbidden, NotFound, Refused, mark
from casework.findings import category_by_code
from casework.history import append, step
from casework.office import Office
from casework.policy import Act, Actor
from casework.reassignment import close_assignments, code_of
from casework.referral import RoutingTable
from casework.scope import sees_case
from casework.status import FINAL_STATUSES
from db.models import Area, Assignment, Bureau, Category, Finding

TEXTS: Final = {"subject": fields.MAX_LINE, "place": fields.MAX_LINE, "description": fields.MAX_TEXT}
FIELDS: Final = ("category", "lon", "lat", *TEXTS)

CLOSED: Final = mark("This finding is closed: reopen it first")


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction changed: the fields, and the area and bureau before and after (codes)."""

    changed: tuple[str, ...]
    area: tuple[str | None, str | None]
    bureau: tuple[str | None, str | None]
    revision: int


def correct(
    office: Office,
    actor: Actor,
    finding_id: int,
    form: Mapping[str, object],
    reason: str,
    *,
    revision: int | None = None,
) -> Corrected:
    """Correct the fields that ``form`` names (category, lon with lat, subject, place, description).

    A moved pin is located anew and follows the boundaries again; a new category gets its own time limit, counted from
    the report. Raises NotFound, Conflict, Forbidden, and Refused naming the field.
    """
    policy.require(actor, Act.CORRECT)
    why = fields.text(reason, "reason", limit=500, required=True)
    with office.database.write() as session:
        finding = _allowed(session, actor, finding_id, revision)
        new = _new_values(session, finding, form)
        if not new:
            raise Refused(mark("Nothing differs from what is on record"), field="form")
        return _write(session, office, actor, finding, new, why, office.now())


def why_not_correct(actor: Actor, status: str, reporter_id: int | None, area_ids: frozenset[int]) -> str:
    """Why this person may not correct a finding in these areas (ids), as an English msgid; empty when they may."""
    if not policy.may(actor, Act.CORRECT):
        return mark("Your role may not do this")
    if status in FINAL_STATUSES:
        return CLOSED
    theirs = reporter_id is not None and reporter_id == actor.user_id
    if actor.role == "inspector" and not theirs and not actor.area_ids & area_ids:
        return mark("It lies outside your patches")
    return ""


def _allowed(session: Session, actor: Actor, finding_id: int, revision: int | None) -> Finding:
    finding = session.scalars(select(Finding).where(Finding.id == finding_id).with_for_update()).first()
    if finding is None or not sees_case(session, actor, finding):
        raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
    if finding.status in FINAL_STATUSES:
        raise Refused(CLOSED, field="finding")
    why = why_not_correct(actor, finding.status, finding.reporter_id, standing_of(session, finding).area_ids)
    if why:
        raise Forbidden(why)
    if revision is not None and finding.revision != revision:
        raise Conflict(
            mark(
                "Somebody changed this finding in between: look at it again; your correction is still in the form"
            )
        )
    return finding


def _new_values(session: Session, finding: Finding, form: Mapping[str, object]) -> dict[str, Any]:
    """The columns that differ from what is on record."""
    unknown = sorted(set(form) - set(FIELDS))
    if unknown:
        raise Refused(
            mark("There is no field %(field)s to correct"), {"field": unknown[0][:40]}, field=unknown[0][:40]
        )
    wanted: dict[str, Any] = {}
    if "lon" in form or "lat" in form:
        wanted["lon"], wanted["lat"] = fields.location(form.get("lon"), form.get("lat"))
    if "category" in form:
        wanted["category_id"] = category_by_code(session, form["category"]).id
    for name, limit in TEXTS.items():
        if name in form:
            wanted[name] = fields.text(form[name], name, limit=limit)
    return {name: value for name, value in wanted.items() if getattr(finding, name) != value}


def _write(
    session: Session,
    office: Office,
    actor: Actor,
    finding: Finding,
    new: dict[str, Any],
    why: str,
    at: datetime,
) -> Corrected:
    area_before = code_of(session, Area, finding.area_id)
    bureau_before = code_of(session, Bureau, finding.bureau_id)
    former = {name: getattr(finding, name) for name in new if name in TEXTS}
    columns = dict(new)
    if new.keys() & {"lon", "lat", "category_id"}:
        columns |= _assign_again(session, office, actor, finding, new, why, at)
    payload = _payload(session, finding, new)
    revision = counters.advance(session, "findings")
    session.execute(update(Finding).where(Finding.id == finding.id).values(**columns, revision=revision))
    area = (area_before, code_of(session, Area, columns.get("area_id", finding.area_id)))
    bureau = (bureau_before, code_of(session, Bureau, columns.get("bureau_id", finding.bureau_id)))
    if area[0] != area[1]:
        payload["area"] = list(area)
    if bureau[0] != bureau[1]:
        payload["bureau"] = list(bureau)
    # Old words may be personal data, so each stands in a note, which can be deleted without breaking the chain.
    words = [
        step("former_text", at, user_id=actor.user_id, note=text, payload={"field": name})
        for name, text in former.items()
        if text
    ]
    append(session, finding.id, *words, step("correct", at, user_id=actor.user_id, note=why, payload=payload))
    if bureau[0] != bureau[1]:
        bureau_tasks.follow(session, [finding.id], at, actor.user_id)
    deadlines.refresh(session, finding.id, at)
    return Corrected(tuple(_names(new)), area, bureau, revision)


def _assign_again(
    session: Session,
    office: Office,
    actor: Actor,
    finding: Finding,
    new: dict[str, Any],
    why: str,
    at: datetime,
) -> dict[str, Any]:
    """Locate and refer with the new values; a pin set by hand stays when only the category changed."""
    category_id = new.get("category_id", finding.category_id)
    moved = bool(new.keys() & {"lon", "lat"})
    if finding.pinned and not moved:
        return _refer_again(session, finding, category_id, actor, why, at)
    levels = coverages(session, lock=True)
    placement = place(
        levels, new.get("lon", finding.lon), new.get("lat", finding.lat), office.settings.near_m
    )
    referral = RoutingTable.load(session).refer(category_id, placement.area_ids)
    close_assignments(session, finding.id, at)
    rows = assignment_rows(placement, finding.id, referral, at, user_id=actor.user_id, reason=why)
    if rows:
        session.execute(insert(Assignment), rows)
    return {**finding_columns(placement, referral), "pinned": False}


def _refer_again(
    session: Session, finding: Finding, category_id: int, actor: Actor, why: str, at: datetime
) -> dict[str, Any]:
    area_ids = session.scalars(
        select(Assignment.area_id).where(Assignment.finding_id == finding.id, Assignment.valid_to.is_(None))
    ).all()
    referral = RoutingTable.load(session).refer(category_id, [area_id for area_id in area_ids if area_id])
    replace_bureau(session, finding, referral.bureau_id, referral.rule_id, actor, at, why, pinned=True)
    return {"bureau_id": referral.bureau_id}


def _payload(session: Session, finding: Finding, new: dict[str, Any]) -> dict[str, Any]:
    payload: dict[str, Any] = {"fields": _names(new)}
    if "category_id" in new:
        codes = {
            identity: session.get_one(Category, identity).code
            for identity in (finding.category_id, new["category_id"])
        }
        payload["category"] = [codes[finding.category_id], codes[new["category_id"]]]
    if new.keys() & {"lon", "lat"}:
        payload["lon"] = [finding.lon, new.get("lon", finding.lon)]
        payload["lat"] = [finding.lat, new.get("lat", finding.lat)]
    return payload


def _names(new: Mapping[str, Any]) -> list[str]:
    """The fields as the form names them."""
    return ["category" if name == "category_id" else name for name in new]
