"""What the problem map shows: counts under the filters, symbols in view, and the list beside them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from casework import policy, reads
from casework.clock import day_of
from casework.coverage import patch_coverage
from casework.errors import Refused, mark
from casework.filters import NAMES, Filters, parse
from casework.map_names import Named, Names, former_areas, read_names
from casework.map_rows import MAX_ROWS, described, ids_of, page, urgency
from casework.office import Office, the_city
from casework.policy import SYSTEM, Act, Actor
from casework.scope import EVERYTHING, scope_of
from casework.selection import KEY_AT, Selection, find
from casework.snapshot import Ints, areas_of_level, day_number
from casework.status import DISPLAY_KEYS
from geo import clusters
from geo.clusters import Clusters

ASKED: Final = (*NAMES, "finding")
MAX_SYMBOLS: Final = 500
MAX_DAYS: Final = 20 * 366
MIN_DAYS: Final = 60
DEFAULT_ROWS: Final = 60
_WHOLE: Final = (
    20_000  # so many findings are grouped all at once: what lies outside the view then never matters
)
_REACHES: Final = (clusters.COINCIDE_PX, 26.0, 40.0, 60.0, 90.0, 140.0)
_MARGIN: Final = 4  # reaches around the view that are grouped with it
_EDGE_PX: Final = 30
_MAX_ZOOM: Final = 22.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The view: west, south, east, north in degrees (WGS 84) and Leaflet's zoom."""

    west: float
    south: float
    east: float
    north: float
    zoom: float

    @classmethod
    def parse(cls, bbox: str, zoom: str) -> "Frame":
        """Read ``bbox=w,s,e,n`` and ``zoom``. Raises Refused naming the field."""
        sides = [_number(part) for part in bbox.split(",")] if len(bbox) < 200 else []
        if len(sides) != 4 or not all(map(math.isfinite, sides)):
            raise Refused(mark("bbox must be west,south,east,north in degrees"), field="bbox")
        west, south, east, north = sides
        if not (west < east and south < north):
            raise Refused(
                mark("bbox must be west,south,east,north: west below east, south below north"), field="bbox"
            )
        level = _number(zoom)
        if not 0 <= level <= _MAX_ZOOM:
            raise Refused(mark("zoom must be a number from 0 to 22"), field="zoom")
        return cls(max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0), level)

    def box(self, margin_px: float = 0) -> tuple[float, float, float, float]:
        """West, north, east, south in Mercator units, grown by some pixels."""
        (west, east), (south, north) = clusters.mercator([self.west, self.east], [self.south, self.north])
        grow = margin_px / (clusters.TILE_PX * 2.0**self.zoom)
        return float(west) - grow, float(north) - grow, float(east) + grow, float(south) + grow


def answer(
    office: Office, actor: Actor, query: Mapping[str, str], frame: Frame | None = None
) -> dict[str, Any]:
    """The answer to ``/map/view`` for a query; ``frame`` replaces the query's ``bbox`` and ``zoom``.

    Raises NotSignedIn or Forbidden, and Refused naming the field that cannot be taken.
    """
    with office.database.read() as session:
        return view(
            office,
            actor,
            session,
            parse(session, query),
            frame or Frame.parse(query.get("bbox", ""), query.get("zoom", "")),
            selected=_whole(query.get("finding", ""), "finding"),
            rows=_default(_whole(query.get("rows", ""), "rows"), DEFAULT_ROWS),
            after=query.get("after", ""),
        )


def opening(office: Office, actor: Actor, query: Mapping[str, str], frame: Frame) -> dict[str, Any]:
    """The answer that the page starts with: an address with a filter that is none any more still opens."""
    try:
        return answer(office, actor, {name: query[name] for name in ASKED if name in query}, frame)
    except Refused:
        return answer(office, actor, {}, frame)


def warm(office: Office) -> None:
    """Read what the first answer needs, so that nobody waits for it: with a million findings that is seconds.

    Raises NotFound before ``baopian init``.
    """
    west, south, east, north = bounds(office)
    answer(office, SYSTEM, {}, Frame(west, south, east, north, 12.0))


def bounds(office: Office) -> tuple[float, float, float, float]:
    """West, south, east, north of the city in degrees (WGS 84)."""
    with office.database.read() as session:
        west, south, east, north = the_city(session).extent.bounds
    return west, south, east, north


def patch_level(office: Office) -> str | None:
    """The code of the finest level in use."""
    with office.database.read() as session:
        found = patch_coverage(session)
    return found.level_code if found else None


def view(
    office: Office, actor: Actor, session: Session, filters: Filters, frame: Frame, *,
    selected: int | None = None, rows: int = DEFAULT_ROWS, after: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The answer to ``/map/view``. ``rows`` says how many lines of the list, ``after`` where they go on.

    Raises NotSignedIn or Forbidden, and Refused for a wrong cursor.
    """
    now, city = office.now(), the_city(session)
    public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
    policy.require(actor, Act.VIEW_MAP, public_map=public)
    # A public map shows everybody the same points; otherwise each sees the own ones.
    scope = EVERYTHING if public else scope_of(session, actor)
    selection = find(office, session, filters, now, scope)
    names = read_names(session)
    inside = _inside(selection, selection.rows, frame.box())
    order = urgency(selection, inside, now, city.timezone)
    lines = page(selection, inside, order, min(max(rows, 0), MAX_ROWS), after)
    points, groups = _symbols(selection, frame, selected, names)
    return {
        "now": now.astimezone(ZoneInfo(city.timezone)).isoformat(timespec="seconds"),
        "revision": selection.display.snapshot.revision,
        "total": len(selection),
        "in_view": len(inside),
        "points": points,
        "clusters": groups,
        **_counts(office, session, selection, names, now, city.timezone),
        "rows": reads.marked(
            session, actor,
            described(
                session, ids_of(selection.columns, lines.rows), names, now, city.timezone,
                persons=policy.shows_persons(actor, is_demo=city.is_demo),
            ),
            now,
        ),
        "next": lines.following,
    }  # fmt: skip


def _whole(text: str, field: str) -> int | None:
    if not text.strip():
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refused(mark("%(field)s must be a whole number"), {"field": field}, field=field)
    return int(text)


def _default(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _inside(
    selection: Selection, rows: NDArray[np.intp], box: tuple[float, float, float, float]
) -> NDArray[np.intp]:
    columns = selection.columns
    west, north, east, south = box
    x, y = columns.x[rows], columns.y[rows]
    return rows[(x >= west) & (x <= east) & (y >= north) & (y <= south)]


def _symbols(
    selection: Selection, frame: Frame, selected: int | None, names: Names
) -> tuple[list[list[Any]], list[list[Any]]]:
    """Points and donuts: those of the zoom, or wider groups where there would be too many."""
    first = clusters.reach_px(frame.zoom)
    for reach in (one for one in _REACHES if one >= first):
        rows, drawn = _grouped(selection, frame, selected, reach)
        singles = _inside(selection, rows[drawn.singles], frame.box())
        west, north, east, south = frame.box(_EDGE_PX)
        seen = (drawn.x >= west) & (drawn.x <= east) & (drawn.y >= north) & (drawn.y <= south)
        if len(singles) + int(seen.sum()) <= MAX_SYMBOLS:
            break
    return _points(selection, singles[:MAX_SYMBOLS], names), _donuts(
        drawn, np.flatnonzero(seen)[:MAX_SYMBOLS]
    )


def _grouped(
    selection: Selection, frame: Frame, selected: int | None, reach: float
) -> tuple[NDArray[np.intp], Clusters]:
    columns, rows = selection.columns, selection.rows
    if len(rows) > _WHOLE:
        rows = _inside(selection, rows, frame.box(_MARGIN * reach))
    keep = np.flatnonzero(columns.id[rows] == (-1 if selected is None else selected))
    drawn = clusters.cluster(
        columns.x[rows], columns.y[rows], selection.display.keys[rows], frame.zoom,
        statuses=len(DISPLAY_KEYS), reach=reach, keep=int(keep[0]) if len(keep) else -1,
    )  # fmt: skip
    return rows, drawn


def _points(selection: Selection, rows: NDArray[np.intp], names: Names) -> list[list[Any]]:
    columns = selection.columns
    fields = zip(
        columns.id[rows].tolist(), columns.lon[rows].round(6).tolist(), columns.lat[rows].round(6).tolist(),
        selection.display.keys[rows].tolist(), columns.category[rows].tolist(), strict=True,
    )  # fmt: skip
    return [
        [finding_id, lon, lat, DISPLAY_KEYS[key], *names.categories[category].pair]
        for finding_id, lon, lat, key, category in fields
    ]


def _donuts(drawn: Clusters, seen: NDArray[np.intp]) -> list[list[Any]]:
    lon, lat = clusters.degrees(drawn.x[seen], drawn.y[seen])
    west, north = clusters.degrees(drawn.bounds[seen, 0], drawn.bounds[seen, 1])
    east, south = clusters.degrees(drawn.bounds[seen, 2], drawn.bounds[seen, 3])
    places = np.stack([lon, lat, west, south, east, north], axis=1).round(5).tolist()
    return [
        [
            *place[:2],
            n,
            {key: count for key, count in zip(DISPLAY_KEYS, mix, strict=True) if count},
            *place[2:],
        ]
        for place, n, mix in zip(places, drawn.n[seen].tolist(), drawn.by_status[seen].tolist(), strict=True)
    ]


def _counts(
    office: Office, session: Session, selection: Selection, names: Names, now: datetime, timezone: str
) -> dict[str, Any]:
    areas = _coded(selection.by_patch, names.areas, session)
    for level in names.levels[:-1]:
        column = areas_of_level(office.database, session, selection.display.snapshot, level.level_id)
        areas += _coded(selection.by_area(column), names.areas, session)
    return {
        "facets": {
            "status": dict(zip(DISPLAY_KEYS, selection.by_key.tolist(), strict=True)),
            "category": _with_parents(selection.by_category, names.categories),
            "bureau": _coded(selection.by_bureau, names.bureaus),
            "area": areas,
        },
        "shade": _shade(selection, names, session),
        "days": _days(selection, now, timezone),
    }


def _coded(counts: Ints, named: Mapping[int, Named], session: Session | None = None) -> list[list[Any]]:
    present = [(int(one), int(counts[one])) for one in np.flatnonzero(counts) if one]
    gone = [one for one, _ in present if one not in named]
    known = dict(named) | former_areas(session, gone) if session is not None and gone else named
    return [[known[one].code, n] for one, n in present if one in known]


def _with_parents(counts: Ints, named: Mapping[int, Named]) -> list[list[Any]]:
    """Counts by code; a parent has its children's too, as it would show them."""
    total: dict[int, int] = {}
    for one in np.flatnonzero(counts).tolist():
        line: int | None = one
        while line is not None and line in named:
            total[line] = total.get(line, 0) + int(counts[one])
            line = named[line].parent_id
    return [[named[one].code, n] for one, n in sorted(total.items())]


def _shade(selection: Selection, names: Names, session: Session) -> dict[str, list[int]]:
    is_open, is_over = selection.shade
    over = dict(_coded(is_over, names.areas, session))
    return {code: [n, over.get(code, 0)] for code, n in _coded(is_open, names.areas, session)}


def _days(selection: Selection, now: datetime, timezone: str) -> dict[str, Any]:
    """Reports a day: since the first open finding or the first that is shown, at least 60 days, at most 20 years.

    They end today; where everything is older (an imported past), on the day of the last report.
    """
    columns, keys = selection.columns, selection.display.keys
    today = day_number(day_of(now, timezone))
    newest = int(columns.day.max(initial=-(2**31)))
    last = newest if len(columns) and newest < today - MIN_DAYS else today
    open_since = int(columns.day[keys != KEY_AT["done"]].min(initial=last))
    days = selection.days
    shown_since = int(days.min(initial=open_since))
    first = max(min(open_since, shown_since, last - MIN_DAYS + 1), last - MAX_DAYS + 1)
    shown = days[(days >= first) & (days <= last)] - first
    start = day_of(now, timezone) - timedelta(days=today - first)
    return {"first": start.isoformat(), "counts": np.bincount(shown, minlength=last - first + 1).tolist()}
