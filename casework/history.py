"""The history chain: every step of a finding, each bound to the one before by its hash."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.models import HistoryEntry

GENESIS = "0" * 64
_CHUNK = 900  # few enough variables for any SQLite
# What the hash covers, in this order: everything but the note, its salt and the row's own id.
SEALED = (
    "finding_id", "seq", "act", "from_status", "to_status", "at", "user_id", "note_digest", "payload", "prev_hash",
)  # fmt: skip


def note_digest(note: str, salt: str) -> str:
    """The SHA-256 of a salted note: what the chain keeps when the note itself is deleted."""
    return hashlib.sha256(f"{salt}:{note}".encode()).hexdigest()


def entry_hash(row: dict[str, Any]) -> str:
    """The SHA-256 of a step, over everything but the note, its salt and the row's own id."""
    moment: datetime = row["at"]
    sealed = [row[name] for name in SEALED]
    sealed[SEALED.index("at")] = moment.astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(sealed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def step(
    act: str,
    at: datetime,
    *,
    from_status: str | None = None,
    to_status: str | None = None,
    user_id: int | None = None,
    note: str | None = None,
    payload: dict[str, Any] | None = None,
    salt: str | None = None,
) -> dict[str, Any]:
    """One step that is not yet part of a chain. ``salt`` is given only where it must be repeatable (the demo)."""
    used_salt = (salt or secrets.token_hex(16)) if note else None
    return {
        "act": act,
        "from_status": from_status,
        "to_status": to_status,
        "at": at,
        "user_id": user_id,
        "note": note,
        "note_salt": used_salt,
        "note_digest": note_digest(note, used_salt) if note and used_salt else None,
        "payload": payload or {},
    }


def chain(
    finding_id: int, steps: Iterable[dict[str, Any]], *, after: tuple[int, str] = (0, GENESIS)
) -> list[dict[str, Any]]:
    """Bind steps into rows for the table ``history``, following (seq, hash) ``after``."""
    seq, previous = after
    rows = []
    for one in steps:
        seq += 1
        row = {**one, "finding_id": finding_id, "seq": seq, "prev_hash": previous}
        row["hash"] = previous = entry_hash(row)
        rows.append(row)
    return rows


def append(session: Session, finding_id: int, *steps: dict[str, Any]) -> None:
    """Add steps to the end of a finding's chain, inside the caller's transaction."""
    append_many(session, {finding_id: list(steps)})


def append_many(session: Session, steps: Mapping[int, Sequence[dict[str, Any]]]) -> None:
    """Add steps to the ends of several findings' chains (by finding id), inside the caller's transaction."""
    rows: list[dict[str, Any]] = []
    ids = list(steps)
    for first in range(0, len(ids), _CHUNK):
        part = ids[first : first + _CHUNK]
        last = _ends(session, part)
        for finding_id in part:
            rows += chain(finding_id, steps[finding_id], after=last.get(finding_id, (0, GENESIS)))
    if rows:
        session.execute(insert(HistoryEntry).execution_options(render_nulls=True), rows)


def _ends(session: Session, finding_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """(seq, hash) of the last step of each chain."""
    found = session.execute(
        select(HistoryEntry.finding_id, HistoryEntry.seq, HistoryEntry.hash)
        .where(HistoryEntry.finding_id.in_(finding_ids))
        .order_by(HistoryEntry.seq)
    )
    return {row.finding_id: (row.seq, row.hash) for row in found}


def first_broken(entries: Sequence[HistoryEntry]) -> int | None:
    """The ``seq`` of the first entry of one finding that does not fit its chain; None when all is whole."""
    previous = GENESIS
    for position, entry in enumerate(entries, start=1):
        row = {name: getattr(entry, name) for name in SEALED}
        altered_note = (
            entry.note is not None and note_digest(entry.note, entry.note_salt or "") != entry.note_digest
        )
        if (
            entry.seq != position
            or entry.prev_hash != previous
            or entry_hash(row) != entry.hash
            or altered_note
        ):
            return entry.seq
        previous = entry.hash
    return None
