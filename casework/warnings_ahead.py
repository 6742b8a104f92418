"""When the warning before a deadline begins, for all findings at once."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from casework.snapshot import NO_TIME, Ints
from casework.status import DUE_SOON
from casework.time_limits import TimeRules
from casework.working_time import UNITS, NoWorkingTime

NO_WARNING: Final = NO_TIME


def warn_seconds(category: NDArray[np.int32], due_at: Ints, rules: TimeRules) -> Ints:
    """When the warning of each begins, in seconds since 1970; NO_WARNING without a deadline.

    ``category`` are ids, ``due_at`` seconds since 1970 (NO_TIME for none), both of the same length. Where no limit
    says how early to warn, it is ``DUE_SOON``.
    """
    has_due = due_at != NO_TIME
    begins = np.where(has_due, due_at - int(DUE_SOON.total_seconds()), NO_WARNING)
    size = int(category.max(initial=0)) + 1
    unit_of, before_s = np.full(size, -1, dtype=np.int8), np.zeros(size)
    for one in np.unique(category).tolist():
        limit = rules.limits.of(one, "handle")
        if limit is not None:
            unit_of[one], before_s[one] = UNITS.index(limit.unit), limit.warn_s
    for at, unit in enumerate(UNITS):
        rows = np.flatnonzero(has_due & (unit_of[category] == at))
        if not len(rows):
            continue
        try:
            found = rules.calendar.add_many(due_at[rows].astype(np.float64), -before_s[category[rows]], unit)
        except NoWorkingTime:
            continue
        known = np.isfinite(found)
        # to the whole second, as a deadline is
        begins[rows[known]] = np.round(found[known]).astype(np.int64)
    return begins
