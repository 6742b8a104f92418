"""The deadlines of many cases at once: what has no pause is reckoned in whole columns, the rest one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from casework.clock_reckoning import Course, Reckoned, reckon
from casework.time_limits import Limit, TimeRules
from casework.working_time import UNITS, NoWorkingTime


@dataclass(frozen=True, slots=True)
class Case:
    """A case to reckon: its course, category and the deadline that it has."""

    course: Course
    category_id: int
    due_before: datetime | None


def reckon_many(cases: Sequence[Case], rules: TimeRules, *, anew: bool = False) -> list[Reckoned]:
    """As ``casework.clock_reckoning.reckon`` for each, in the same order."""
    due, step = _Column(rules), _Column(rules)
    alone: dict[int, Reckoned] = {}
    for at, case in enumerate(cases):
        is_ = case.course
        if is_.pauses:
            alone[at] = reckon(is_, case.category_id, case.due_before, rules, anew=anew)
            continue
        limit = rules.limits.of(case.category_id, "handle")
        if not is_.is_sources and (anew or not is_.keeps_due) and limit is not None:
            due.put(at, is_.start, limit.total_s * (1 + is_.granted), limit)
        own = rules.limits.of(case.category_id, is_.step) if is_.step not in (None, "handle") else None
        if own is not None:
            step.put(at, is_.step_start, own.total_s, own)
    dues, steps = due.worked_out(), step.worked_out()

    def one(at: int, case: Case) -> Reckoned:
        if at in alone:
            return alone[at]
        is_ = case.course
        keeps = is_.is_sources or (is_.keeps_due and not anew)
        by = case.due_before if keeps else dues.get(at)
        return Reckoned(by, by if is_.step == "handle" else steps.get(at), None)

    return [one(at, case) for at, case in enumerate(cases)]


class _Column:
    """Starts and lengths by unit, worked out together."""

    def __init__(self, rules: TimeRules) -> None:
        self._calendar = rules.calendar
        self._asked: dict[str, tuple[list[int], list[float], list[float]]] = {u: ([], [], []) for u in UNITS}

    def put(self, at: int, start: datetime, total_s: float, limit: Limit) -> None:
        places, starts, lengths = self._asked[limit.unit]
        places.append(at)
        starts.append(float(int(start.timestamp())))
        lengths.append(total_s)

    def worked_out(self) -> dict[int, datetime]:
        found: dict[int, datetime] = {}
        for unit, (places, starts, lengths) in self._asked.items():
            try:
                ends = self._calendar.add_many(np.array(starts), np.array(lengths, dtype=np.float64), unit)
            except NoWorkingTime:
                continue
            for at, end in zip(places, ends.tolist(), strict=True):
                if end == end and end < _LAST:  # not NaN
                    found[at] = datetime.fromtimestamp(round(end), UTC)
        return found


_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
