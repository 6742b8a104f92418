"""The areas as people look at them: the tree, who answers for each, and how each stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from casework import policy
from casework.coverage import Coverage, CoveredArea
from casework.duties import DUTIES
from casework.errors import NotFound, mark
from casework.filters import Filters
from casework.map_names import Names, Pair, read_names
from casework.map_rows import described, ids_of, page, urgency
from casework.natural_order import natural
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.responsibility_people import Held, by_area, held_duties
from casework.scope import scope_of
from casework.selection import Selection, find
from casework.snapshot import areas_of_level
from casework.status import DISPLAY_KEYS, OPEN_KEYS
from casework.surroundings import Box, Surroundings, surroundings
from geo.crs import area_m2

URGENT: Final = 8
EVERYTHING: Final = Filters(shown=frozenset(DISPLAY_KEYS))


@dataclass(slots=True)
class AreaCard:
    """One area: names, who answers for it now by duty, findings by display key, and the areas below it."""

    code: str
    level: str
    name_zh: str
    name_en: str
    parent_id: int | None
    area_id: int
    drawn: bool
    km2: float
    people: dict[str, list[Held]]
    counts: dict[str, int]
    below: list["AreaCard"] = field(default_factory=list)

    @property
    def open(self) -> int:
        """Findings that are not done."""
        return sum(self.counts[key] for key in OPEN_KEYS)

    @property
    def over(self) -> int:
        """Overdue findings."""
        return self.counts["over"]


@dataclass(frozen=True, slots=True)
class LevelTree:
    """A level whose areas lie in no coarser one, with everything that nests in it."""

    level_zh: str
    level_en: str
    areas: list[AreaCard]


@dataclass(frozen=True, slots=True)
class AreasPage:
    """All trees, what an office would want to mend, and the patches with what lies around them (None: no areas)."""

    trees: list[LevelTree]
    levels: list[dict[str, object]]
    patch_level: str
    shows_people: bool
    without_leader: list[AreaCard]
    cards: list[AreaCard]
    around: Surroundings | None


@dataclass(frozen=True, slots=True)
class AreaPage:
    """One area: what lies around it, neighbours, line of parents, open findings by bureau and category.

    ``around`` shows the areas of ``drawn_level``: its own level, or the next finer one where it has no neighbours.
    ``urgent`` are the first rows of the map's list.
    """

    card: AreaCard
    level: Pair
    around: Surroundings
    drawn_level: str
    neighbours: list[tuple[CoveredArea, str]]
    line: list[AreaCard]
    by_bureau: list[tuple[str, Pair, int]]
    by_category: list[tuple[str, Pair, int]]
    urgent: list[dict[str, Any]]
    now: datetime
    shows_people: bool


def areas_page(office: Office, actor: Actor) -> AreasPage:
    """Everything that the page of all areas shows. Raises NotSignedIn or Forbidden."""
    with office.database.read() as session:
        is_demo = _allowed(office, actor, session)
        names, people = read_names(session), policy.shows_persons(actor, is_demo=is_demo)
        cards = cards_of(office, session, names, with_people=people)
        patch = names.patch_level
        leaderless = (
            [
                card
                for card in cards.values()
                if patch and card.level == patch.level_code and not card.people["leader"]
            ]
            if people
            else []
        )
        return AreasPage(
            trees=trees_of(names, cards),
            levels=[
                {
                    "code": level.level_code,
                    "zh": level.name_zh,
                    "en": level.name_en,
                    "count": len(level.areas),
                }
                for level in names.levels
            ],
            patch_level=patch.level_code if patch else "",
            shows_people=people,
            without_leader=leaderless,
            cards=[cards[area.id] for area in patch.areas] if patch else [],
            around=surroundings(office, session, Box.of([a.geometry for a in patch.areas], 1.0, 0.05), patch)
            if patch
            else None,
        )


def area_page(office: Office, actor: Actor, code: str, level_code: str = "") -> AreaPage:
    """Everything that the page of one area shows; the finest level goes first where two levels use one code.

    Raises NotFound for a code that no area has, NotSignedIn or Forbidden.
    """
    with office.database.read() as session:
        is_demo = _allowed(office, actor, session)
        names, people = read_names(session), policy.shows_persons(actor, is_demo=is_demo)
        level, area = _named(names, code, level_code)
        cards = cards_of(office, session, names, with_people=people)
        selection = find(office, session, Filters())
        rows = _rows_in(office, session, selection, names, level, area)
        city, now = the_city(session), office.now()
        neighbours = _neighbours(level, area)
        finer = [one for one in names.levels if one.parent_level_id == level.level_id]
        drawn = finer[0] if finer and not neighbours else level
        seen = listed(office, actor, session, selection, rows)
        first = page(selection, seen, urgency(selection, seen, now, city.timezone), URGENT)
        columns = selection.columns
        return AreaPage(
            card=cards[area.id],
            level=[level.name_zh, level.name_en],
            around=surroundings(
                office, session, Box.of([area.geometry], 16 / 10, 0.45 if neighbours else 0.08), drawn
            ),
            drawn_level=drawn.level_code,
            neighbours=neighbours,
            line=_line(cards, area),
            by_bureau=_tally(columns.bureau[rows], {i: (b.code, b.pair) for i, b in names.bureaus.items()}),
            by_category=_tally(
                columns.category[rows], {i: (c.code, c.pair) for i, c in names.categories.items()}
            ),
            urgent=described(session, ids_of(columns, first.rows), names, now, city.timezone, persons=people),
            now=now,
            shows_people=people,
        )


def _allowed(office: Office, actor: Actor, session: Session) -> bool:
    city = the_city(session)
    public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
    policy.require(actor, Act.VIEW_MAP, public_map=public)
    return city.is_demo


def _named(names: Names, code: str, level_code: str) -> tuple[Coverage, CoveredArea]:
    for level in reversed(names.levels):
        if level_code and level.level_code != level_code:
            continue
        for area in level.areas:
            if area.code == code:
                return level, area
    raise NotFound(mark("There is no area with the code %(code)s"), {"code": code})


def cards_of(office: Office, session: Session, names: Names, *, with_people: bool) -> dict[int, AreaCard]:
    """Every area in force by its id, coarsest level first, each level in the order that people count in."""
    people = by_area(held_duties(session, office.now(), states={"now"})) if with_people else {}
    selection = find(office, session, EVERYTHING)
    cards = {}
    for level in names.levels:
        counts = _by_key(office, session, selection, names, level)
        for area in sorted(level.areas, key=lambda one: natural(one.code)):
            cards[area.id] = AreaCard(
                code=area.code, level=level.level_code, name_zh=area.name_zh, name_en=area.name_en,
                parent_id=area.parent_id, area_id=area.id, drawn=area.drawn,
                km2=round(area_m2(area.geometry) / 1e6, 2),
                people=people.get(area.id, {duty: [] for duty in DUTIES}),
                counts=dict(zip(DISPLAY_KEYS, counts.get(area.id, [0] * len(DISPLAY_KEYS)), strict=True)),
            )  # fmt: skip
    for card in cards.values():
        above = cards.get(card.parent_id or 0)
        if above is not None:
            above.below.append(card)
    return cards


def _by_key(
    office: Office, session: Session, selection: Selection, names: Names, level: Coverage
) -> Mapping[int, list[int]]:
    """Findings of each area of a level by display key."""
    areas = area_column(office, session, selection, names, level)
    size, width = int(areas.max(initial=0)) + 1, len(DISPLAY_KEYS)
    table = np.bincount(areas.astype(np.int64) * width + selection.display.keys, minlength=size * width)
    return dict(enumerate(table.reshape(size, width).tolist()))


def area_column(
    office: Office, session: Session, selection: Selection, names: Names, level: Coverage
) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """The area id (0 for none) of every finding in one level."""
    if level is names.patch_level:
        return selection.columns.area
    return areas_of_level(office.database, session, selection.display.snapshot, level.level_id)


def _rows_in(
    office: Office, session: Session, selection: Selection, names: Names, level: Coverage, area: CoveredArea
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    areas = area_column(office, session, selection, names, level)
    inside: np.ndarray[tuple[int], np.dtype[np.intp]] = selection.rows[areas[selection.rows] == area.id]
    return inside


def listed(
    office: Office, actor: Actor, session: Session, selection: Selection, rows: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Which of these findings the page may list: numbers are everybody's, titles only who may see the case's."""
    public = policy.map_is_public(office.settings.public_map, is_demo=the_city(session).is_demo)
    if public:
        return rows
    return rows[scope_of(session, actor).mask(selection.columns)[rows]]


def _tally(
    ids: np.ndarray[tuple[int], np.dtype[np.int32]], named: Mapping[int, tuple[str, Pair]]
) -> list[tuple[str, Pair, int]]:
    values, counts = np.unique(ids, return_counts=True)
    found = [(*named.get(int(one), ("", ["", ""])), int(n)) for one, n in zip(values, counts, strict=True)]
    return sorted(found, key=lambda line: (-line[2], line[0]))


def trees_of(names: Names, cards: Mapping[int, AreaCard]) -> list[LevelTree]:
    """The levels whose areas lie in no coarser one, each with everything that nests in it."""
    return [
        LevelTree(level.name_zh, level.name_en, roots)
        for level in names.levels
        if (
            roots := [
                one for one in cards.values() if one.level == level.level_code and one.parent_id not in cards
            ]
        )
    ]


def _line(cards: Mapping[int, AreaCard], area: CoveredArea) -> list[AreaCard]:
    """The area's parents, coarsest first."""
    line: list[AreaCard] = []
    above = cards.get(area.parent_id or 0)
    while above is not None and above not in line:
        line.append(above)
        above = cards.get(above.parent_id or 0)
    return line[::-1]


def _neighbours(level: Coverage, area: CoveredArea) -> list[tuple[CoveredArea, str]]:
    """Areas of the same level that touch this one, with their codes."""
    return [
        (other, other.code)
        for other in sorted(level.areas, key=lambda one: natural(one.code))
        if other.id != area.id and other.geometry.intersects(area.geometry)
    ]
