"""What the demo's findings are before they have a place: category, status, when reported, due and closed.

The deadline of what is at work is the limit counted from the dispatch, as it is for every case.
Every moment but a deadline lies before the day that the demo is loaded for. Deadlines are spread over that day, so
that some are due soon whenever it is opened; at `LOOKED_AT` the counts are those of the design's screenshots.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from casework.demo_time import CALENDAR, begun_before, due_after, is_working

LOOKED_AT = time(10, 24)
COUNTS = {"over": 38, "due": 20, "prog": 73, "new": 30, "check": 52, "susp": 9, "done": 195}
# Deadlines on the day itself: from hour, to hour, how many. Those before 10:24 are among `over` by then.
TODAY = ((0.2, 7.5, 3), (8.05, 10.35, 12), (10.45, 12.0, 12), (12.1, 13.9, 4), (14.05, 14.35, 4))
LATER_TODAY = ((14.5, 18.0, 18), (18.1, 23.9, 7))
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A finding without a place. Moments are naive, on the city's clock."""

    category: str
    status: str
    reported: datetime
    due: datetime | None
    closed_late: bool = False
    counts_from: datetime | None = None  # where the limit begins: the dispatch, or that it was reopened


class Planner:
    """Draws plans from one random source. `limits` maps category codes to (value, unit)."""

    def __init__(
        self, rng: random.Random, as_of: date, limits: dict[str, tuple[int, str]], weights: dict[str, float]
    ):
        self._rng = rng
        self._midnight = datetime.combine(as_of, time())
        self._limits = limits
        self._codes = sorted(weights)
        self._weights = [weights[c] for c in self._codes]

    def plans(self, counts: dict[str, int]) -> list[Plan]:
        """Return plans that are shown as `counts` says at `LOOKED_AT`."""
        today = sum(n for *_, n in TODAY[:2]), sum(n for *_, n in TODAY[2:]), sum(n for *_, n in LATER_TODAY)
        plans = [
            *self._over(counts["over"] - today[0]),
            *self._due_today(),
            *self._in_progress(counts["prog"] - today[2] + counts["due"] - today[1]),
            *self._new(counts["new"]),
            *self._to_check(counts["check"]),
            *self._suspended(counts["susp"]),
            *self._done(counts["done"]),
        ]
        return sorted(plans, key=lambda p: (p.reported, p.category, p.status))

    def reported_on(self, days_ago: int) -> datetime:
        """Draw a moment of the day at which inspectors report: most before noon, many in the afternoon."""
        hour = self._rng.choices(range(6, 24), (1, 3, 8, 12, 12, 9, 3, 3, 8, 10, 9, 6, 4, 3, 2, 2, 1, 1))[0]
        return (
            self._midnight - timedelta(days=days_ago) + timedelta(hours=hour, minutes=self._rng.randrange(60))
        )

    def _category(self) -> str:
        return self._rng.choices(self._codes, self._weights)[0]

    def _at_work(self, days_on: int) -> datetime:
        """Draw a moment at work on that day, or on the next working one further away."""
        while not CALENDAR.spans_on((self._midnight + timedelta(days=days_on)).date()):
            days_on += 1 if days_on > 0 else -1
        hour = self._rng.choice((8, 9, 10, 11, 14, 15, 16, 17))
        return self._midnight + timedelta(days=days_on, hours=hour, minutes=self._rng.randrange(1, 60))

    def _begun(self, draw_due: Callable[[], datetime]) -> tuple[str, datetime, datetime]:
        """Draw category, report and deadline that fit together, the report before the demo's day."""
        for _ in range(2000):
            category, due = self._category(), draw_due()
            value, unit = self._limits[category]
            if unit.startswith("working") and not is_working(due):
                continue
            start = begun_before(due, value, unit)
            # Short limits are the most common: without this, most of what is open would be of the last day.
            age = self._midnight - start
            if self._rng.random() < (
                0.85 if age < timedelta(days=1) else 0.6 if age < timedelta(days=2) else 0.0
            ):
                continue
            if (
                start < self._midnight - 20 * MINUTE
                and 6 <= start.hour <= 22
                and due_after(start, value, unit) == due
            ):
                return category, start, due
        raise ValueError("no category has a limit that fits this deadline")

    def _working(self) -> str:
        return self._rng.choices(
            ("filed", "dispatched", "accepted", "returned", "reopened"), (7, 26, 57, 5, 5)
        )[0]

    def _over(self, count: int) -> Iterator[Plan]:
        for _ in range(count):
            days = self._rng.choices((1, 2, 3, 4, 5, 6, 8), (9, 5, 4, 2, 1, 2, 1))[0]
            category, start, due = self._begun(lambda days=days: self._at_work(-days))  # type: ignore[misc]
            status = self._rng.choices(("dispatched", "accepted", "returned", "reopened"), (5, 13, 2, 2))[0]
            yield self._at_bureau(category, status, start, due)

    def _due_today(self) -> Iterator[Plan]:
        for opens, closes, count in (*TODAY, *LATER_TODAY):
            for _ in range(count):
                category, start, due = self._begun(
                    lambda opens=opens, closes=closes: (  # type: ignore[misc]
                        self._midnight + timedelta(minutes=round(self._rng.uniform(opens, closes) * 60))
                    )
                )
                yield self._at_bureau(category, self._working(), start, due)

    def _in_progress(self, count: int) -> Iterator[Plan]:
        for _ in range(count):
            days = self._rng.choices((1, 2, 3, 4, 6, 9, 12), (12, 8, 5, 4, 3, 2, 2))[0]
            category, start, due = self._begun(lambda days=days: self._at_work(days))  # type: ignore[misc]
            yield self._at_bureau(category, self._working(), start, due)

    def _at_bureau(self, category: str, status: str, start: datetime, due: datetime) -> Plan:
        """A plan whose limit begins at `start`: when it was filed, dispatched or reopened."""
        if status == "filed":  # nobody has it yet: the limit counts from the report
            return Plan(category, status, start, due)
        before = timedelta(days=self._rng.randint(1, 4)) if status == "reopened" else timedelta()
        reported = start - before - self._rng.randint(10, 60) * MINUTE
        return Plan(category, status, reported, due, counts_from=start)

    def _new(self, count: int) -> Iterator[Plan]:
        for _ in range(count):
            start, category = (
                self.reported_on(self._rng.choices((1, 2, 3, 4), (4, 3, 2, 1))[0]),
                self._category(),
            )
            yield Plan(category, "reported", start, due_after(start, *self._limits[category]))

    def _to_check(self, count: int) -> Iterator[Plan]:
        for _ in range(count):
            start, category = (
                self.reported_on(self._rng.choices((1, 2, 3, 4, 6, 8), (3, 6, 6, 5, 4, 3))[0]),
                self._category(),
            )
            status = self._rng.choices(("handled", "verified"), (6, 1))[0]
            yield Plan(category, status, start, due_after(start, *self._limits[category]))

    def _suspended(self, count: int) -> Iterator[Plan]:
        for _ in range(count):
            category = self._rng.choice(("0110", "0101", "0113", "0305", "0404", "0116"))
            yield Plan(category, "suspended", self.reported_on(self._rng.randint(8, 55)), None)

    def _done(self, count: int) -> Iterator[Plan]:
        statuses, weights = ("closed", "declined", "cancelled", "duplicate"), (84, 6, 4, 6)
        for _ in range(count):
            days = min(2 + int(self._rng.expovariate(1 / 32)), 130)
            # At weekends fewer inspectors walk.
            if (self._midnight - timedelta(days=days)).weekday() >= 5 and self._rng.random() < 0.4:
                days += 2
            start, category = self.reported_on(days), self._category()
            due = due_after(start, *self._limits[category])
            late = self._rng.random() < 0.13 and due < self._midnight - timedelta(days=2)
            yield Plan(category, self._rng.choices(statuses, weights)[0], start, due, closed_late=late)


def limits_of(categories: list[dict[str, Any]]) -> dict[str, tuple[int, str]]:
    """Return every category's limit from `data/categories.json`, a child's own or its parent's."""
    by_code = {c["code"]: c for c in categories}
    return {
        code: (
            (c["limit_value"], c["limit_unit"])
            if c["limit_value"] is not None
            else (by_code[c["parent"]]["limit_value"], by_code[c["parent"]]["limit_unit"])
        )
        for code, c in by_code.items()
    }
