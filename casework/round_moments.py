"""When something happened on a phone: its clock may be wrong, and what it says may arrive hours later."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from casework import fields
from casework.errors import Refused, mark

LONGEST_WAIT: Final = timedelta(days=3)
"""What waited longer on a phone is not believed any more."""


def age_of(at: object, sent_at: object, field: str = "at") -> timedelta:
    """How long ago something happened when it was sent: both moments are by the same clock, right or wrong.

    Raises Refused for what is no time, for a time after the sending and for one before `LONGEST_WAIT`.
    """
    happened, sent = _moment(at, field), _moment(sent_at, "sent_at")
    age = sent - happened
    if age < timedelta(seconds=-5):
        raise Refused(mark("%(field)s lies in the future"), {"field": field}, field=field)
    if age > LONGEST_WAIT:
        raise Refused(
            mark("It waited more than %(days)s days: too long"), {"days": LONGEST_WAIT.days}, field=field
        )
    return max(age, timedelta(0))


def happened_at(asked: Mapping[str, Any], now: datetime) -> datetime:
    """The moment of ``asked['at']`` by our clock, given ``asked['sent_at']``; without them it is now."""
    if asked.get("at") in (None, "") or asked.get("sent_at") in (None, ""):
        return now
    return now - age_of(asked["at"], asked["sent_at"])


def _moment(value: object, field: str) -> datetime:
    wrong = Refused(
        mark("%(field)s must be a time such as 2026-09-02T10:24:00+08:00"), {"field": field}, field=field
    )
    if not isinstance(value, str) or len(value) > 40:
        raise wrong
    try:
        when = datetime.fromisoformat(value)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong from None


def position_of(asked: Mapping[str, Any]) -> tuple[float, float, float | None] | None:
    """(lon, lat, accuracy in metres or None) that a phone gave; None where it gave none. Raises Refused."""
    if asked.get("lon") in (None, "") or asked.get("lat") in (None, ""):
        return None
    lon, lat = fields.location(asked["lon"], asked["lat"])
    accuracy = asked.get("accuracy_m")
    if accuracy in (None, ""):
        return lon, lat, None
    metres = fields.number(accuracy, "accuracy_m")
    if metres < 0:
        raise Refused(mark("%(field)s must be a number"), {"field": "accuracy_m"}, field="accuracy_m")
    return lon, lat, min(metres, 1e6)
