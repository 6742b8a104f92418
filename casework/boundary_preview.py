"""What a draft of boundaries would do to the findings if it were published now. Nothing is written.

Publishing asks the same question of the same code (``casework.moves``), so the numbers agree.
"""

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy
from casework.changed_ground import ChangedGround
from casework.coverage import Coverage, CoveredArea
from casework.drafts_map import key_of
from casework.filters import Filters
from casework.map_names import Names, Pair, leaders, read_names
from casework.map_rows import described, urgency
from casework.moves import MapChange, Moves, moves
from casework.office import Office, the_city
from casework.policy import Actor
from casework.reassignment import pinned_to
from casework.referral import RoutingTable
from casework.scope import scope_of
from casework.selection import KEY_AT, Selection, find
from casework.status import DISPLAY_KEYS
from db.models import Finding
from geo.crs import area_m2

LISTED: Final = 500
MOST_POINTS: Final = 20_000
_EVERYTHING: Final = Filters(shown=frozenset(DISPLAY_KEYS))

Rows = NDArray[np.intp]
Flow = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Found:
    """The findings that a change can concern: their positions in the columns in memory, and what becomes of them."""

    rows: Rows
    moves: Moves
    is_open: NDArray[np.bool_]
    is_pinned: NDArray[np.bool_]
    is_released: NDArray[np.bool_]

    @property
    def movers(self) -> Rows:
        """Which of them get another patch or bureau when the change is published."""
        free = self.is_open & ~self.is_pinned
        return np.flatnonzero(free & self.moves.moved)


def preview(office: Office, actor: Actor, session: Session, change: MapChange) -> dict[str, Any]:
    """The answer to ``/areas/drafts/<id>/preview`` for a change of the map; ``session`` is a reading one.

    Counts are of all findings; lists and points hold those that this person sees.
    """
    near_m = office.settings.near_m
    selection = find(office, session, _EVERYTHING)
    found = _found(session, selection, change, near_m)
    movers = found.movers
    names = _Named(office, actor, session, change)
    late = selection.display.keys[found.rows] == KEY_AT["over"]
    columns = selection.columns
    patch_from = columns.area[found.rows].astype(np.int64)
    bureau_from = columns.bureau[found.rows].astype(np.int64)
    area_moves = movers[found.moves.area[movers] != patch_from[movers]]
    bureau_moves = movers[found.moves.bureau[movers] != bureau_from[movers]]
    flows = _flows(change, found, patch_from, movers)
    closed = ~found.is_open & found.moves.elsewhere
    return {
        "moved": len(movers),
        "area_changes": len(area_moves),
        "bureau_changes": len(bureau_moves),
        "no_patch": int((found.moves.area[area_moves] == 0).sum()),
        "pinned_kept": int((found.is_open & found.is_pinned & found.moves.elsewhere).sum()),
        "pinned_released": int((found.is_open & found.is_released).sum()),
        "closed_kept": int(closed.sum()),
        "overdue_among": int(late[movers].sum()),
        "flows": [
            names.flow(level, pair, count, over)
            for level, pairs in flows
            for pair, (count, over) in _largest_first(_tallied(pairs[0], pairs[1], late[pairs[2]]))
        ],
        "bureau_flows": [
            names.bureau_flow(pair, count, over)
            for pair, (count, over) in _largest_first(
                _tallied(bureau_from[bureau_moves], found.moves.bureau[bureau_moves], late[bureau_moves])
            )
        ],
        "leaders": names.balance(patch_from[area_moves], found.moves.area[area_moves]),
        "areas": _sizes(change),
        **_listed(office, actor, session, selection, found, names, movers, patch_from, bureau_from),
    }


def _found(session: Session, selection: Selection, change: MapChange, near_m: float) -> _Found:
    columns = selection.columns
    ground = ChangedGround.of(change.before, change.after, near_m)
    ended = {a.id for level in change.before for a in level.areas}
    ended -= {a.id for level in change.after for a in level.areas}
    released = columns.positions(pinned_to(session, ended)) if ended else np.zeros(0, dtype=np.int64)
    if ground is None:
        rows = np.arange(len(columns))
    else:
        rows = np.union1d(np.flatnonzero(ground.holds(columns.lon, columns.lat)), released)
    is_released = np.isin(rows, released)
    found = moves(
        change,
        RoutingTable.load(session),
        columns.lon[rows],
        columns.lat[rows],
        columns.category[rows].astype(np.int64),
        columns.area[rows].astype(np.int64),
        columns.bureau[rows].astype(np.int64),
        is_released,
    )
    pinned = columns.positions(session.scalars(select(Finding.id).where(Finding.pinned.is_(True))).all())
    return _Found(
        rows=rows,
        moves=found,
        is_open=selection.display.keys[rows] != KEY_AT["done"],
        is_pinned=np.isin(rows, pinned) & ~is_released,
        is_released=is_released,
    )


def _flows(
    change: MapChange, found: _Found, patch_from: NDArray[np.int64], movers: Rows
) -> list[tuple[Coverage, tuple[NDArray[np.int64], NDArray[np.int64], Rows]]]:
    """For each level, finest first, who goes from where to where among those that move."""
    flows = []
    levels = {level.level_id: level for level in (*change.before, *change.after)}
    finest = change.after[-1].level_id if change.after else None
    nothing = np.zeros(len(found.rows), dtype=np.int64)
    for level_id, level in sorted(levels.items(), key=lambda one: -one[1].position):
        before = patch_from if level_id == finest else found.moves.then.get(level_id, nothing)
        after = found.moves.area if level_id == finest else found.moves.now.get(level_id, nothing)
        gone = movers[before[movers] != after[movers]]
        flows.append((level, (before[gone], after[gone], gone)))
    return flows


def _tallied(
    before: NDArray[np.int64], after: NDArray[np.int64], late: NDArray[np.bool_]
) -> dict[Flow, tuple[int, int]]:
    every: Tally[Flow] = Tally(zip(before.tolist(), after.tolist(), strict=True))
    over: Tally[Flow] = Tally(zip(before[late].tolist(), after[late].tolist(), strict=True))
    return {pair: (count, over[pair]) for pair, count in every.items()}


def _largest_first(flows: Mapping[Flow, tuple[int, int]]) -> list[tuple[Flow, tuple[int, int]]]:
    return sorted(flows.items(), key=lambda one: (-one[1][0], one[0]))


class _Named:
    """Names of areas, leaders and bureaus, those of the draft's new areas among them."""

    def __init__(self, office: Office, actor: Actor, session: Session, change: MapChange) -> None:
        self.names: Names = read_names(session)
        self.persons = policy.shows_persons(actor, is_demo=the_city(session).is_demo)
        self.leaders: dict[int, Pair] = leaders(session, None, office.now()) if self.persons else {}
        self.areas: dict[int, CoveredArea] = {
            area.id: area for level in (*change.before, *change.after) for area in level.areas
        }

    def area(self, area_id: int) -> dict[str, Any] | None:
        """An area as JSON, None for none."""
        one = self.areas.get(area_id)
        if one is None:
            return None
        return {
            "key": key_of(one.id), "code": one.code, "zh": one.name_zh, "en": one.name_en,
            "leader": self.leaders.get(one.id),
        }  # fmt: skip

    def bureau(self, bureau_id: int) -> dict[str, Any] | None:
        """A bureau as JSON, None for none."""
        one = self.names.bureaus.get(bureau_id)
        return {**one.coded, "short": list(one.short)} if one else None

    def flow(self, level: Coverage, pair: Flow, count: int, over: int) -> dict[str, Any]:
        """How many go from one area to another."""
        return {
            "level": level.level_code, "from": self.area(pair[0]), "to": self.area(pair[1]), "findings": count,
            "overdue": over,
        }  # fmt: skip

    def bureau_flow(self, pair: Flow, count: int, over: int) -> dict[str, Any]:
        """How many go from one bureau to another."""
        return {
            "from": self.bureau(pair[0]), "to": self.bureau(pair[1]), "findings": count, "overdue": over,
        }  # fmt: skip

    def balance(self, before: NDArray[np.int64], after: NDArray[np.int64]) -> list[dict[str, Any]]:
        """What each leader of a patch gains and loses."""
        gains: Tally[tuple[str, str]] = Tally()
        loses: Tally[tuple[str, str]] = Tally()
        for tally, ids in ((loses, before), (gains, after)):
            values, counts = np.unique(ids, return_counts=True)
            for area_id, count in zip(values.tolist(), counts.tolist(), strict=True):
                if (leader := self.leaders.get(area_id)) is not None:
                    tally[leader[0], leader[1]] += count
        found = [
            {"zh": who[0], "en": who[1], "gains": gains[who], "loses": loses[who]}
            for who in sorted(gains.keys() | loses.keys())
        ]
        return sorted(found, key=lambda one: -abs(int(one["gains"]) - int(one["loses"])))


def _sizes(change: MapChange) -> list[dict[str, Any]]:
    """How large each area that differs is before and after, in km² (null where there is none)."""
    before = {area.id: area for level in change.before for area in level.areas}
    after = {area.id: area for level in change.after for area in level.areas}
    differs = [
        one for one in sorted(before.keys() | after.keys())
        if one not in before or one not in after or before[one].geometry is not after[one].geometry
    ]  # fmt: skip
    return [
        {"key": key_of(one), "before_km2": _km2(before.get(one)), "after_km2": _km2(after.get(one))}
        for one in differs
    ]


def _km2(area: CoveredArea | None) -> float | None:
    return round(area_m2(area.geometry) / 1e6, 4) if area else None


def _listed(
    office: Office,
    actor: Actor,
    session: Session,
    selection: Selection,
    found: _Found,
    names: _Named,
    movers: Rows,
    patch_from: NDArray[np.int64],
    bureau_from: NDArray[np.int64],
) -> dict[str, Any]:
    """The findings that move, most urgent first, and points for the map."""
    columns, timezone, now = selection.columns, the_city(session).timezone, office.now()
    seen = movers[scope_of(session, actor).mask(columns)[found.rows[movers]]]
    order = np.lexsort((columns.id[found.rows[seen]], urgency(selection, found.rows[seen], now, timezone)))
    first = seen[order[:LISTED]]
    rows = described(
        session, columns.id[found.rows[first]].tolist(), names.names, now, timezone, persons=names.persons
    )
    findings = [
        {
            "id": row["id"], "number": row["number"], "key": row["s"], "category": row["category"],
            "subject": row["subject"], "lon": row["lon"], "lat": row["lat"], "place": row["place"],
            "from": names.area(int(patch_from[i])), "to": names.area(int(found.moves.area[i])),
            "bureau_from": names.bureau(int(bureau_from[i])),
            "bureau_to": names.bureau(int(found.moves.bureau[i])), "due": row["due_at"],
        }
        for i, row in zip(first.tolist(), rows, strict=True)
    ]  # fmt: skip
    drawn = seen[order[:MOST_POINTS]]
    at = found.rows[drawn]
    kinds = _kinds(found.moves, drawn, bureau_from)
    points = [
        [lon, lat, kind]
        for lon, lat, kind in zip(columns.lon[at].tolist(), columns.lat[at].tolist(), kinds, strict=True)
    ]
    return {"findings": findings, "more": len(seen) - len(findings), "points": points}


def _kinds(found: Moves, rows: Rows, bureau_from: NDArray[np.int64]) -> list[str]:
    """Each mover's kind of change: ``none`` (leaves every patch), ``bureau`` (another one) or ``patch`` (only that)."""
    gone = found.area[rows] == 0
    bureau = found.bureau[rows] != bureau_from[rows]
    kinds: list[str] = np.where(gone, "none", np.where(bureau, "bureau", "patch")).tolist()
    return kinds


def change_of(before: Sequence[Coverage], after: Sequence[Coverage]) -> MapChange:
    """The change from one map to another, of the levels that are in use in each."""
    return MapChange([one for one in before if one.areas], [one for one in after if one.areas])
