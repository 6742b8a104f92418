"""All findings under the list's filters, in its order: for files and papers, where the list has pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy
from casework.errors import Refused, mark
from casework.filters import Filters, parse
from casework.findings_list import SORTS, order_of
from casework.map_names import Names, read_names
from casework.map_rows import described, ids_of, page
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.scope import scope_of
from casework.selection import find
from casework.status import DISPLAY_KEYS
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
    sort = query.get("sort") or SORTS[0]
    if sort not in SORTS:
        raise Refused(mark("sort must be one of %(known)s"), {"known": ", ".join(SORTS)}, field="sort")
    now = office.now()
    with office.database.read() as session:
        city = the_city(session)
        public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
        policy.require(actor, Act.VIEW_MAP, public_map=public)
        persons = policy.shows_persons(actor, is_demo=city.is_demo)
        filters = parse(session, query)
        selection = find(office, session, filters, now, scope_of(session, actor))
        names = read_names(session)
        order = order_of(office, session, selection, sort, city)
        ids = ids_of(selection.columns, page(selection, selection.rows, order, most).rows)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(ids), _BATCH):
            some = ids[start : start + _BATCH]
            texts = _descriptions(session, some)
            rows += [
                {**row, "description": texts.get(row["id"], "")}
                for row in described(session, some, names, now, city.timezone, persons=persons)
            ]
        over = int((selection.display.keys[selection.rows] == DISPLAY_KEYS.index("over")).sum())
        return FindingsSheet(rows, len(selection), over, filters, names, city.timezone, now)


def _descriptions(session: Session, ids: list[int]) -> dict[int, str]:
    rows = session.execute(select(Finding.id, Finding.description).where(Finding.id.in_(ids)))
    return {row.id: row.description for row in rows}
