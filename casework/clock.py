"""What time it is, and which day that is in the city."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Clock:
    """Real time in UTC, or one frozen moment (tests, screenshots)."""

    frozen: datetime | None = None

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self.frozen.astimezone(UTC) if self.frozen else datetime.now(UTC)


def day_of(moment: datetime, timezone: str) -> date:
    """The calendar day of a moment in the city's time zone."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def day_bounds(first: date, last: date, timezone: str) -> tuple[datetime, datetime]:
    """The moments [start, end) in UTC of the city's days first to last, both included."""
    zone = ZoneInfo(timezone)
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    return start.astimezone(UTC), end.astimezone(UTC)
