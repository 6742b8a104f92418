"""All findings under the list's filters, in its order: for files and papers, where the list has pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.filters import Filters
from casework.findings_list import asked_for
from casework.map_names import Names
from casework.map_rows import described, ids_of, page
from casework.office import Office
from casework.policy import Actor
from db.models import Finding

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class FindingsSheet:
    """The first ``rows`` of ``total`` findings, as ``map_rows.described`` has them, with their description."""

    rows: list[dict[str, Any]]
    total: int
    overdue: int
    filters: Filters
    names: Names
    timezone: str
    now: datetime


def findings_sheet(office: Office, actor: Actor, query: Mapping[str, str], most: int) -> FindingsSheet:
    """At most ``most`` findings under a list's query. Raises NotSignedIn, Forbidden, Refused as the list does."""
    now = office.now()
    with office.database.read() as session:
        asked = asked_for(office, session, actor, query, now)
        selection, names, timezone = asked.selection, asked.names, asked.city.timezone
        ids = ids_of(selection.columns, page(selection, selection.rows, asked.order, most).rows)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(ids), _BATCH):
            some = ids[start : start + _BATCH]
            texts = _descriptions(session, some)
            rows += [
                {**row, "description": texts.get(row["id"], "")}
                for row in described(session, some, names, now, timezone, persons=asked.persons)
            ]
        return FindingsSheet(rows, len(selection), asked.overdue, asked.filters, names, timezone, now)


def _descriptions(session: Session, ids: list[int]) -> dict[int, str]:
    rows = session.execute(select(Finding.id, Finding.description).where(Finding.id.in_(ids)))
    return {row.id: row.description for row in rows}
