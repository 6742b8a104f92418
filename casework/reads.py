"""What somebody has seen: a young finding is new until it was opened, any one is changed when it moved on since."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from casework.notice_inbox import read_of_case
from casework.office import Office
from casework.policy import Actor
from db.models import Finding, FindingRead

NEW_FOR: Final = timedelta(days=3)  # older ones that nobody opened are old news, not new


def marks(session: Session, actor: Actor, ids: Sequence[int], now: datetime) -> dict[int, tuple[str, int]]:
    """For each finding ('new', 'changed' or '', its revision)."""
    seen = _seen(session, actor.user_id, ids)
    found = session.execute(
        select(Finding.id, Finding.revision, Finding.reported_at).where(Finding.id.in_(ids))
    )
    return {
        row.id: (_mark(seen.get(row.id), row.revision, now - row.reported_at), row.revision) for row in found
    }


def marked(session: Session, actor: Actor, rows: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Rows of the map's list with ``mark`` ('new' or 'changed') where the signed-in person has not seen them so."""
    if actor.user_id is None or not rows:
        return rows
    known = marks(session, actor, [row["id"] for row in rows], now)
    return [{**row, "mark": known[row["id"]][0]} if known[row["id"]][0] else row for row in rows]


def see(office: Office, actor: Actor, ids: Sequence[int]) -> None:
    """Note that the signed-in person has seen these findings as they are now; ids that are not there are left out."""
    if actor.user_id is None or not ids:
        return
    for finding_id in ids if len(ids) == 1 else ():  # opened, not ticked off a list
        read_of_case(office, actor, finding_id)
    with office.database.read() as session:
        found = session.execute(select(Finding.id, Finding.revision).where(Finding.id.in_(ids)))
        known = {row.id: row.revision for row in found}
        seen = _seen(session, actor.user_id, ids)
    fresh = {
        finding_id: revision for finding_id, revision in known.items() if seen.get(finding_id) != revision
    }
    if not fresh:
        return  # nothing to write: opening a case again takes no lock
    with office.database.write() as session:
        session.execute(
            delete(FindingRead).where(
                FindingRead.user_id == actor.user_id, FindingRead.finding_id.in_(list(fresh))
            )
        )
        session.execute(
            insert(FindingRead),
            [
                {
                    "user_id": actor.user_id,
                    "finding_id": one,
                    "seen_revision": revision,
                    "seen_at": office.now(),
                }
                for one, revision in fresh.items()
            ],
        )


def _seen(session: Session, user_id: int | None, ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(FindingRead.finding_id, FindingRead.seen_revision).where(
            FindingRead.user_id == user_id, FindingRead.finding_id.in_(ids)
        )
    )
    return {row.finding_id: row.seen_revision for row in rows}


def _mark(seen: int | None, revision: int, age: timedelta) -> str:
    if seen is None:
        return "new" if age < NEW_FOR else ""
    return "changed" if seen < revision else ""
