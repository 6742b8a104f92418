"""Any number of generated findings more: along the streets, at the hot spots, over the 24 months before the demo's day.

Their history is short: the report and, where one followed, the last step.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from casework.demo_findings import Desk
from casework.demo_plans import limits_of
from casework.demo_streets import METRES_PER_DEG_LAT, METRES_PER_DEG_LON, Streets
from casework.demo_time import CALENDAR, in_city
from casework.history import step
from casework.office import Office
from casework.registration import Entry, Register
from casework.working_time import UNIT_S, UNITS

CHUNK = 20_000
DAYS = 730
SOURCE = "demo"
# Status of what is not closed yet, and the act that led there.
OPEN = (("reported", ""), ("dispatched", "dispatch"), ("handled", "handle"))
_HOURS = np.array([1, 3, 8, 12, 12, 9, 3, 3, 8, 10, 9, 6, 4, 3, 2, 2, 1, 1], dtype=float)


@dataclass(frozen=True)
class Draw:
    """One chunk drawn at once: a street point each, and what else is drawn by numbers."""

    point: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    side: NDArray[np.float64]
    category: NDArray[np.int64]
    minute: NDArray[np.int64]
    open_kind: NDArray[np.int64]
    words: NDArray[np.int64]


def add_generated(
    office: Office,
    desk: Desk,
    as_of: date,
    count: int,
    categories: list[dict[str, Any]],
    tell: Callable[[int, int], None],
) -> None:
    """Add `count` findings, a transaction each `CHUNK`; `tell(done, total)` after each."""
    limits, codes = limits_of(categories), sorted(desk.texts["categories"])
    weight = np.array([desk.texts["categories"][c]["weight"] for c in codes], dtype=float)
    done = 0
    while done < count:
        size = min(CHUNK, count - done)
        rng = np.random.default_rng((as_of.toordinal(), done))
        drawn = _draw(rng, size, desk.streets, weight / weight.sum())
        with _without_collector(), office.database.write() as session:
            register = Register(session, desk.register.timezone, office.settings.near_m)
            register.add(list(_entries(drawn, desk, as_of, codes, limits)))
        done += size
        tell(done, count)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python's cycle collector away from hundreds of thousands of rows that hold no cycles: a third faster."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _draw(rng: np.random.Generator, size: int, streets: Streets, weight: NDArray[np.float64]) -> Draw:
    point = rng.choice(len(streets.x), size, p=streets.weight)
    along, aside = rng.uniform(-6, 6, size), rng.uniform(10, 23, size) * rng.choice((-1.0, 1.0), size)
    dx, dy = streets.dx[point], streets.dy[point]
    # More of them are recent; the last days hold what is still open.
    days = 1 + np.floor(DAYS * rng.beta(1.0, 1.6, size)).astype(np.int64)
    hour = rng.choice(np.arange(6, 24), size, p=_HOURS / _HOURS.sum())
    young = days <= 12
    open_kind = np.where(young & (rng.random(size) < 0.6), rng.choice(len(OPEN), size, p=(0.3, 0.5, 0.2)), -1)
    return Draw(
        point=point,
        lon=np.round(streets.x[point] + (dx * along + dy * aside) / METRES_PER_DEG_LON, 7),
        lat=np.round(streets.y[point] + (dy * along - dx * aside) / METRES_PER_DEG_LAT, 7),
        side=aside,
        category=rng.choice(len(weight), size, p=weight),
        minute=-days * 1440 + hour * 60 + rng.integers(0, 60, size),
        open_kind=open_kind,
        words=rng.integers(0, 1 << 30, size),
    )


def _entries(
    drawn: Draw, desk: Desk, as_of: date, codes: list[str], limits: dict[str, tuple[int, str]]
) -> Iterator[Entry]:
    midnight, streets = datetime.combine(as_of, time()), desk.streets
    texts = [desk.texts["categories"][c] for c in codes]
    limits_s = _limits_s(drawn, as_of, [limits[code] for code in codes])
    columns = zip(
        drawn.point.tolist(), drawn.lon.tolist(), drawn.lat.tolist(), drawn.side.tolist(), drawn.category.tolist(),
        drawn.minute.tolist(), drawn.open_kind.tolist(), drawn.words.tolist(), limits_s.tolist(), strict=True,
    )  # fmt: skip
    for point, lon, lat, side, category, minute, kind, word, limit_s in columns:
        start = midnight + timedelta(minutes=minute)
        at = in_city(start).astimezone(UTC)
        status, act = OPEN[kind] if kind >= 0 else ("closed", "close")
        steps = [step("report", at, to_status="reported")]
        closed = None
        if act:
            # Most are closed in time, one in eight late; never on the demo's day.
            share = 0.15 + (word % 97) / 110 if word % 8 else 1.1 + (word % 13) / 10
            ended = min(
                start + timedelta(seconds=limit_s * share), midnight - timedelta(minutes=5 + word % 50)
            )
            then = in_city(
                max(ended, start + timedelta(minutes=3)).replace(second=0, microsecond=0)
            ).astimezone(UTC)
            steps.append(step(act, then, from_status="reported", to_status=status))
            closed = then if status == "closed" else None
        text = texts[category]
        yield Entry(
            category_id=desk.seeds.categories[codes[category]],
            lon=lon,
            lat=lat,
            reported_at=at,
            found_at=at,
            steps=steps,
            status=status,
            subject=text["subjects"][word % len(text["subjects"])],
            place=streets.place(point, left=side < 0),
            description=text["texts"][word % len(text["texts"])].format(
                n=2 + word % 14, m=2 + word % 3, w=desk.texts["where"][word % len(desk.texts["where"])]
            ),
            closed_at=closed,
            source=SOURCE,
        )


def _limits_s(drawn: Draw, as_of: date, limits: list[tuple[int, str]]) -> NDArray[np.float64]:
    """How long each has until its deadline, in seconds: its limit on the working calendar."""
    starts = in_city(datetime.combine(as_of, time())).timestamp() + drawn.minute.astype(np.float64) * 60
    unit = np.array([UNITS.index(unit) for _, unit in limits])[drawn.category]
    length_s = np.array([value * UNIT_S[unit] for value, unit in limits], dtype=np.float64)[drawn.category]
    found = np.zeros(len(starts))
    for at, name in enumerate(UNITS):
        rows = np.flatnonzero(unit == at)
        found[rows] = CALENDAR.add_many(starts[rows], length_s[rows], name) - starts[rows]
    return found
