"""A leader's card: what is theirs, who works with them, how it stands, what comes next."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from casework import policy
from casework.areas_view import EVERYTHING, AreaCard, area_column, cards_of, listed
from casework.clock import day_bounds, day_of
from casework.coverage import Coverage, CoveredArea
from casework.desk_figures import Figures, figures
from casework.errors import NotFound, mark
from casework.map_names import Names, Pair, former_areas, read_names
from casework.map_rows import described, ids_of, page, urgency
from casework.office import Office, the_city
from casework.policy import Actor
from casework.responsibility import require_persons
from casework.responsibility_people import Held, held_duties
from casework.selection import KEY_AT, Selection, find
from casework.surroundings import Box, Surroundings, surroundings
from db.models import STATUSES, Bureau, Person

WEEKS: Final = 8
LATELY: Final = timedelta(days=30)
ROWS: Final = 8
_CLOSED: Final = STATUSES.index("closed")
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Theirs:
    """A duty of the person and its area: names and level also where the area is no longer in force (card None)."""

    held: Held
    card: AreaCard | None
    code: str
    name: Pair
    level: Pair


@dataclass(frozen=True, slots=True)
class Week:
    """Findings closed in a week that began on ``first``: in time, and late."""

    first: date
    in_time: int
    late: int


@dataclass(frozen=True, slots=True)
class LeaderCard:
    """A person as a leader. ``led`` are the areas that the numbers are about: those led now, else those with any duty.

    ``phone`` is empty for whom phones are not shown to. ``closed`` and ``in_time`` count the last 30 days. ``team``
    are the others who answer for the same areas. ``urgent`` and ``deadlines`` are rows of the map's list that this
    actor may see.
    """

    person_id: int
    name_zh: str
    name_en: str
    title_zh: str
    title_en: str
    phone: str
    bureau: Pair | None
    retired_at: datetime | None
    now_held: list[Theirs]
    later: list[Theirs]
    past: list[Theirs]
    led: list[Theirs]
    team: list[Held]
    figures: Figures
    weeks: list[Week]
    closed: int
    in_time: int
    urgent: list[dict[str, Any]]
    deadlines: list[dict[str, Any]]
    hidden: int
    around: Surroundings | None
    drawn_level: str
    now: datetime

    @property
    def due(self) -> int:
        """Findings due within four hours."""
        return self.figures.by_status["due"]


def leader_card(office: Office, actor: Actor, person_id: int) -> LeaderCard:
    """Everything that a leader's card shows. Raises NotFound, NotSignedIn or Forbidden.

    To whom only the demo shows persons, somebody without any duty is nobody.
    """
    now = office.now()
    with office.database.read() as session:
        phones = require_persons(office, actor, session)
        person = session.get(Person, person_id)
        duties = held_duties(session, now, person_ids=[person_id])
        if person is None or not (duties or phones):
            raise NotFound(mark("There is no such person"))
        names, timezone = read_names(session), the_city(session).timezone
        cards = cards_of(office, session, names, with_people=True)
        theirs = _theirs(session, names, cards, duties)
        current = [one for one in theirs if one.held.state == "now"]
        led = _about(current)
        whole = find(office, session, EVERYTHING)
        rows = _rows_of(office, session, whole, names, {one.held.area_id for one in led})
        seen = listed(office, actor, session, whole, rows)
        weeks = _weeks(whole, rows, now, timezone)
        closed, in_time = _lately(whole, rows, now)
        bureau = session.get(Bureau, person.bureau_id) if person.bureau_id else None
        persons = policy.shows_persons(actor, is_demo=the_city(session).is_demo)
        level, areas = _drawn(names, led)

        def shown(wanted: Rows) -> list[dict[str, Any]]:
            first = page(whole, wanted, urgency(whole, wanted, now, timezone), ROWS)
            ids = ids_of(whole.columns, first.rows)
            return described(session, ids, names, now, timezone, persons=persons)

        keys = whole.display.keys[seen]
        coming = np.isin(keys, [KEY_AT["due"], KEY_AT["prog"]])
        return LeaderCard(
            person_id=person.id, name_zh=person.name_zh, name_en=person.name_en, title_zh=person.title_zh,
            title_en=person.title_en, phone=person.phone if phones else "",
            bureau=[bureau.name_zh, bureau.name_en] if bureau else None, retired_at=person.retired_at,
            now_held=current, later=[one for one in theirs if one.held.state == "later"],
            past=[one for one in theirs if one.held.state == "past"][::-1], led=led,
            team=_team(cards, led, person.id),
            figures=figures(whole, rows, now, timezone), weeks=weeks, closed=closed, in_time=in_time,
            urgent=shown(seen[keys == KEY_AT["over"]]), deadlines=shown(seen[coming]), hidden=len(rows) - len(seen),
            around=surroundings(office, session, Box.of(areas, 1.0, 0.3), level) if level else None,
            drawn_level=level.level_code if level else "", now=now,
        )  # fmt: skip


def _about(current: list[Theirs]) -> list[Theirs]:
    """What the numbers are about: the areas led now; who leads none, those with another duty."""
    in_force = [one for one in current if one.card is not None]
    return [one for one in in_force if one.held.duty == "leader"] or in_force


def _theirs(session: Session, names: Names, cards: dict[int, AreaCard], duties: list[Held]) -> list[Theirs]:
    levels = {level.level_code: [level.name_zh, level.name_en] for level in names.levels}
    gone = former_areas(session, {one.area_id for one in duties} - cards.keys())
    found = []
    for one in duties:
        card = cards.get(one.area_id)
        if card is not None:
            found.append(Theirs(one, card, card.code, [card.name_zh, card.name_en], levels[card.level]))
        elif one.area_id in gone:
            former = gone[one.area_id]
            found.append(Theirs(one, None, former.code, former.pair, ["", ""]))
    return found


def _rows_of(office: Office, session: Session, whole: Selection, names: Names, area_ids: set[int]) -> Rows:
    """The findings in any of these areas, whatever their levels."""
    inside = np.zeros(len(whole.columns), dtype=bool)
    for level in names.levels:
        wanted = [area.id for area in level.areas if area.id in area_ids]
        if wanted:
            inside |= np.isin(area_column(office, session, whole, names, level), wanted)
    return np.flatnonzero(inside)


def _closed_rows(whole: Selection, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """When the closed ones among these were closed (seconds, UTC), and which of them in time."""
    columns = whole.columns
    closed = rows[columns.status[rows] == _CLOSED]
    at = columns.closed_at[closed]
    return at, np.asarray(at <= columns.due_at[closed])


def _weeks(whole: Selection, rows: Rows, now: datetime, timezone: str) -> list[Week]:
    """The last weeks, Monday to Sunday on the city's calendar, this one last."""
    at, in_time = _closed_rows(whole, rows)
    today = day_of(now, timezone)
    monday = today - timedelta(days=today.weekday())
    found = []
    for back in range(WEEKS - 1, -1, -1):
        first = monday - timedelta(weeks=back)
        start, end = (moment.timestamp() for moment in day_bounds(first, first + timedelta(days=6), timezone))
        inside = (at >= start) & (at < end)
        found.append(Week(first, int((inside & in_time).sum()), int((inside & ~in_time).sum())))
    return found


def _lately(whole: Selection, rows: Rows, now: datetime) -> tuple[int, int]:
    at, in_time = _closed_rows(whole, rows)
    inside = (at > (now - LATELY).timestamp()) & (at <= now.timestamp())
    return int(inside.sum()), int((inside & in_time).sum())


def _team(cards: dict[int, AreaCard], led: list[Theirs], person_id: int) -> list[Held]:
    """The others with a duty in these areas, each once for each duty."""
    held = [
        one
        for theirs in led
        for duty in cards[theirs.held.area_id].people.values()
        for one in duty
        if one.person_id != person_id
    ]
    return sorted(held, key=lambda one: one.duty != "leader")


def _drawn(names: Names, led: list[Theirs]) -> tuple[Coverage | None, list[Any]]:
    """The finest level among the areas, and their shapes: what the small map shows."""
    for level in reversed(names.levels):
        wanted = {one.held.area_id for one in led}
        found: list[CoveredArea] = [area for area in level.areas if area.id in wanted]
        if found:
            return level, [area.geometry for area in found]
    return None, []
