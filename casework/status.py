"""From stored status and deadline to what people see: one symbol and one word for each finding."""

from datetime import datetime, timedelta
from typing import Final

DISPLAY_KEYS: Final = ("over", "due", "prog", "new", "check", "susp", "done")
OPEN_KEYS: Final = DISPLAY_KEYS[:-1]
DUE_SOON: Final = timedelta(hours=4)  # where no limit says when the warning begins

# Which display key each stored status has; "prog" is split further by the deadline.
DISPLAY_OF: Final[dict[str, str]] = {
    "reported": "new",
    "filed": "prog",
    "dispatched": "prog",
    "accepted": "prog",
    "returned": "prog",
    "reopened": "prog",
    "handled": "check",
    "verified": "check",
    "suspended": "susp",
    "closed": "done",
    "declined": "done",
    "cancelled": "done",
    "duplicate": "done",
}
FINAL_STATUSES: Final = tuple(status for status, shown in DISPLAY_OF.items() if shown == "done")


def display_key(status: str, due_at: datetime | None, now: datetime, warn_at: datetime | None = None) -> str:
    """The display key of a finding at a moment; overdue is derived here and never stored.

    ``warn_at`` is when the warning before the deadline begins (``casework.time_limits.TimeRules.warn_at``).
    """
    shown = DISPLAY_OF[status]
    if shown != "prog" or due_at is None:
        return shown
    if due_at < now:
        return "over"
    return "due" if now > (warn_at or due_at - DUE_SOON) else "prog"


def is_overdue(status: str, due_at: datetime | None, now: datetime) -> bool:
    """Whether the deadline has passed while the bureau still has work to do."""
    return display_key(status, due_at, now) == "over"
