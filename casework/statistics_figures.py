"""The figures of GB/T 30428 as columns: which findings count for each, and at which moment they do.

Pure: columns in, columns out. A figure counts a finding in the period in which its moment lies. Rates are figures
divided by figures; ``docs/statistics.md`` has them in words, with their source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from casework.snapshot import NO_TIME, Columns
from casework.step_columns import Floats, StepColumns
from db.models import STATUSES

Mask = NDArray[np.bool_]
COUNTS: Final = (
    "reported", "filed", "own", "missed", "should_dispatch", "dispatched", "accurate", "returned", "handled",
    "handled_on_time", "reworked", "extended", "suspended", "should_close", "closed_of_due", "on_time", "closed",
)  # fmt: skip
# rate -> (what is counted, of what): GB/T 30428 where its name is Chinese in the docs
RATES: Final[dict[str, tuple[str, str]]] = {
    "closing": ("closed_of_due", "should_close"),
    "on_time": ("on_time", "should_close"),
    "accurate_dispatch": ("accurate", "should_dispatch"),
    "rework": ("reworked", "handled"),
    "found_by_own": ("own", "filed"),
    "missed": ("missed", "filed"),
    "handled_on_time": ("handled_on_time", "handled"),
    "returned": ("returned", "should_dispatch"),
}
STEPS: Final = ("file", "dispatch", "accept", "handle", "check", "close", "whole")
_NEVER_A_CASE: Final = ("declined", "cancelled", "duplicate")


@dataclass(frozen=True, slots=True)
class Figures:
    """For each name of COUNTS which findings count and when (seconds since 1970); ``steps`` lengths' ends by step."""

    masks: Mapping[str, Mask]
    moments: Mapping[str, Floats]
    spans: Mapping[str, tuple[Floats, Floats]]


def figures(columns: Columns, steps: StepColumns, now: float) -> Figures:
    """All figures of these findings as they stand at ``now`` (seconds since 1970)."""
    reported = columns.reported_at.astype(np.float64)
    due, closed_at = _moments(columns.due_at), _moments(columns.closed_at)
    is_closed = columns.status == STATUSES.index("closed")
    is_case = ~_among(columns, _NEVER_A_CASE)
    is_suspended = _among(columns, ("suspended",))
    # what came without that step (from another system) counts from its report
    became = ~np.isnan(steps.filed) | (is_case & ~_among(columns, ("reported",)))
    filed = np.where(np.isnan(steps.filed), reported, steps.filed)
    has_dispatch, has_handled = ~np.isnan(steps.dispatched), ~np.isnan(steps.handled)
    is_own = columns.reporter > 0
    settled = has_handled & ~has_dispatch
    should_dispatch = became & is_case & ~settled
    dispatched = should_dispatch & has_dispatch
    should_close = became & is_case & ~is_suspended & (due <= now)
    closed_of_due = should_close & is_closed
    masks = {
        "reported": np.ones(len(columns), dtype=bool),
        "filed": became,
        "own": became & is_own,
        "missed": became & ~is_own,
        "should_dispatch": should_dispatch,
        "dispatched": dispatched,
        "accurate": dispatched & (steps.reworks == 0),
        "returned": should_dispatch & (steps.returns > 0),
        "handled": has_handled,
        "handled_on_time": has_handled & (steps.handled <= due),
        "reworked": has_handled & (steps.reworks > 0),
        "extended": became & (steps.extensions > 0),
        "suspended": became & (steps.suspensions > 0),
        "should_close": should_close,
        "closed_of_due": closed_of_due,
        "on_time": closed_of_due & (closed_at <= due),
        "closed": is_closed,
    }
    by_due, by_handled = (
        ("should_close", "closed_of_due", "on_time"),
        ("handled", "handled_on_time", "reworked"),
    )
    moments = dict.fromkeys(COUNTS, filed) | {"reported": reported, "closed": closed_at}
    moments |= dict.fromkeys(by_due, due) | dict.fromkeys(by_handled, steps.handled)
    return Figures(masks, moments, _spans(steps, reported, filed, closed_at, became=became))


def _spans(
    steps: StepColumns, reported: Floats, filed: Floats, closed_at: Floats, *, became: Mask
) -> dict[str, tuple[Floats, Floats]]:
    """From when to when each step lasted; the last round of it where there were several."""
    found = {
        "file": (reported, np.where(np.isnan(steps.filed) | ~became, np.nan, filed)),
        "dispatch": (steps.filed, steps.dispatched),
        "accept": (steps.last_dispatched, steps.accepted),
        "handle": (steps.accepted, steps.handled),
        "check": (steps.handled, steps.verified),
        "close": (steps.verified, closed_at),
        "whole": (reported, closed_at),
    }
    return {name: (start, np.where(end >= start, end, np.nan)) for name, (start, end) in found.items()}


def _moments(seconds: NDArray[np.int64]) -> Floats:
    return np.where(seconds == NO_TIME, np.nan, seconds.astype(np.float64))


def _among(columns: Columns, statuses: tuple[str, ...]) -> Mask:
    by_status = np.array([status in statuses for status in STATUSES])
    found: Mask = by_status[columns.status]
    return found


def rate(counts: Mapping[str, int], name: str) -> float | None:
    """A rate from counts; None where there is nothing to divide by."""
    part, whole = RATES[name]
    return counts[part] / counts[whole] if counts[whole] else None
