"""Putting on record what a finding's own history says: parts of bureaus, extensions, the columns beside the status."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework import bureau_tasks
from casework.replay import Part, Replayed
from db.models import Bureau, Extension


def columns_of(known: Replayed) -> dict[str, Any]:
    """The finding's columns that its steps decide."""
    return {
        "confirmed_at": known.confirmed_at, "dissuasion": known.dissuasion, "extensions": known.extensions,
        "reworks": known.reworks,
    }  # fmt: skip


def record(
    session: Session, ids: Sequence[int], bureau_ids: Sequence[int | None], known: Sequence[Replayed]
) -> None:
    """Insert the parts and extensions of new findings; a part without a bureau is of the finding's own."""
    if not any(one.parts or one.requests for one in known):
        return
    codes: dict[str | None, int] = {
        row.code: row.id for row in session.execute(select(Bureau.code, Bureau.id))
    }
    parts: list[dict[str, Any]] = []
    asked: list[dict[str, Any]] = []
    for finding_id, own, one in zip(ids, bureau_ids, known, strict=True):
        for part in one.parts:
            of = own if part.bureau is None or part is one.lead else codes.get(part.bureau)
            if of is not None:
                parts.append(_row(finding_id, of, part))
        asked += [{"finding_id": finding_id, **_columns(request)} for request in one.requests]
    bureau_tasks.insert_many(session, parts)
    if asked:
        session.execute(insert(Extension).execution_options(render_nulls=True), asked)


def _row(finding_id: int, bureau_id: int, part: Part) -> dict[str, Any]:
    return {
        "finding_id": finding_id, "bureau_id": bureau_id, "role": part.role, "status": part.status,
        "is_punishment": part.is_punishment, "begun_at": part.begun_at, "begun_by": part.begun_by,
        "accepted_at": part.accepted_at, "handled_at": part.handled_at, "ended_at": part.ended_at,
    }  # fmt: skip


def _columns(request: Any) -> dict[str, Any]:
    names = (
        "reason", "asked_by", "asked_at", "status", "first_by", "first_at", "second_by", "second_at", "ended_by",
        "ended_at",
    )  # fmt: skip
    return {name: getattr(request, name) for name in names}
