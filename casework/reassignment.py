"""Locating open findings again after boundaries or rules changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from casework import counters
from casework.assignment import LevelAnswer, Placement, assignment_rows, finding_columns, place_all
from casework.coverage import Coverage, coverages
from casework.history import append, step
from casework.referral import Referral, RoutingTable
from casework.status import FINAL_STATUSES
from db.models import Area, Assignment, Bureau, Finding

_BATCH = 5_000


def reassign(
    session: Session, at: datetime, *, near_m: float, user_id: int | None = None, reason: str = ""
) -> int:
    """Locate and refer every open finding again, inside the caller's transaction.

    Findings pinned by a person stay as they are, closed ones too. Only what differs is written. Returns how many
    findings got another patch or bureau.
    """
    levels, routing = coverages(session), RoutingTable.load(session)
    moved = 0
    for batch in _open_findings(session):
        moved += _reassign_batch(session, batch, levels, routing, at, near_m, user_id, reason)
    return moved


def _open_findings(session: Session) -> Iterator[Sequence[Any]]:
    last = 0
    while True:
        batch = session.execute(
            select(
                Finding.id, Finding.category_id, Finding.lon, Finding.lat, Finding.area_id, Finding.bureau_id,
                Finding.assignment, Finding.near_border, Finding.triage,
            )
            .where(Finding.id > last, Finding.pinned.is_(False), Finding.status.not_in(FINAL_STATUSES))
            .order_by(Finding.id)
            .limit(_BATCH)
        ).all()  # fmt: skip
        if not batch:
            return
        yield batch
        last = batch[-1].id


def _reassign_batch(
    session: Session,
    batch: Sequence[Any],
    levels: Sequence[Coverage],
    routing: RoutingTable,
    at: datetime,
    near_m: float,
    user_id: int | None,
    reason: str,
) -> int:
    placements = place_all(levels, [row.lon for row in batch], [row.lat for row in batch], near_m)
    before = _current_answers(session, batch)
    moved = 0
    revision: int | None = None
    for row, placement in zip(batch, placements, strict=True):
        referral = routing.refer(row.category_id, placement.area_ids)
        columns = finding_columns(placement, referral)
        same_row = all(getattr(row, name) == value for name, value in columns.items())
        if same_row and before.get(row.id, {}) == _comparable(placement, referral):
            continue
        revision = revision or counters.advance(session, "findings")
        _write(session, row, placement, referral, columns, revision, at, user_id, reason)
        moved += columns["area_id"] != row.area_id or columns["bureau_id"] != row.bureau_id
    return moved


def _write(
    session: Session,
    row: Any,
    placement: Placement,
    referral: Referral,
    columns: dict[str, Any],
    revision: int,
    at: datetime,
    user_id: int | None,
    reason: str,
) -> None:
    close_assignments(session, row.id, at)
    rows = assignment_rows(placement, row.id, referral, at, user_id=user_id, reason=reason)
    if rows:
        session.execute(insert(Assignment), rows)
    session.execute(update(Finding).where(Finding.id == row.id).values(**columns, revision=revision))
    if columns["area_id"] != row.area_id or columns["bureau_id"] != row.bureau_id:
        change = {
            "area": [code_of(session, Area, row.area_id), code_of(session, Area, columns["area_id"])],
            "bureau": [
                code_of(session, Bureau, row.bureau_id),
                code_of(session, Bureau, columns["bureau_id"]),
            ],
        }
        append(session, row.id, step("reassign", at, user_id=user_id, note=reason or None, payload=change))


def close_assignments(session: Session, finding_id: int, at: datetime) -> None:
    """End the current assignments of a finding."""
    session.execute(
        update(Assignment)
        .where(Assignment.finding_id == bindparam("of"), Assignment.valid_to.is_(None))
        .values(valid_to=at)
        .execution_options(synchronize_session=False),
        {"of": finding_id},
    )


def code_of(session: Session, model: type[Area] | type[Bureau], identity: int | None) -> str | None:
    """The code of an area or a bureau, None for none."""
    return session.scalar(select(model.code).where(model.id == identity)) if identity is not None else None


def _current_answers(session: Session, batch: Sequence[Any]) -> dict[int, dict[int, tuple[Any, ...]]]:
    rows = session.execute(
        select(
            Assignment.finding_id, Assignment.level_id, Assignment.area_id, Assignment.kind, Assignment.near_border,
            Assignment.bureau_id, Assignment.rule_id,
        ).where(
            Assignment.finding_id >= batch[0].id, Assignment.finding_id <= batch[-1].id,
            Assignment.valid_to.is_(None),
        )
    )  # fmt: skip
    answers: dict[int, dict[int, tuple[Any, ...]]] = {}
    for row in rows:
        answers.setdefault(row.finding_id, {})[row.level_id] = tuple(row[2:])
    return answers


def _comparable(placement: Placement, referral: Referral) -> dict[int, tuple[Any, ...]]:
    def one(answer: LevelAnswer) -> tuple[Any, ...]:
        refers = answer is placement.patch
        return (
            answer.area_id, answer.kind, answer.near_border,
            referral.bureau_id if refers else None, referral.rule_id if refers else None,
        )  # fmt: skip

    return {answer.level_id: one(answer) for answer in placement.answers}
