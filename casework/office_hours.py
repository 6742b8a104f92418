"""The hours of an office: spans of minutes on a working day, as typed, as said and as stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

MINUTES_A_DAY: Final = 1440
USUAL_WEEKDAYS: Final = frozenset(range(5))
USUAL_SPANS: Final = ((480, 720), (840, 1080))  # GB/T 30428 counts on 08-12 and 14-18

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a working day from ``valid_from`` on: minutes after midnight, sorted, not touching.

    ``own`` are hours of single weekdays (0 is Monday); ``weekdays`` are those usually worked.
    """

    valid_from: date = date.min
    spans: Spans = USUAL_SPANS
    own: Mapping[int, Spans] = field(default_factory=dict)
    weekdays: frozenset[int] = USUAL_WEEKDAYS

    def of(self, weekday: int) -> Spans:
        """The spans of one weekday, were it worked."""
        return self.own.get(weekday, self.spans)


def parse_spans(text: str) -> Spans:
    """Hours such as ``08:00-12:00, 14:00-18:00`` as minutes after midnight. Raises ValueError naming what is wrong."""
    found: list[tuple[int, int]] = []
    for part in text.replace("\uff0c", ",").replace("\u2013", "-").replace("\uff1a", ":").split(","):
        if not part.strip():
            continue
        opens, _, closes = part.partition("-")
        found.append((_minute(opens), _minute(closes)))
    found.sort()
    for at, (begins, ends) in enumerate(found):
        if ends <= begins or (at and begins <= found[at - 1][1]):
            raise ValueError(text)
    return tuple(found)


def _minute(text: str) -> int:
    hour, _colon, minute = text.strip().partition(":")
    if not (hour.isascii() and hour.isdigit() and len(hour) <= 2 and len(minute) in (0, 2)):
        raise ValueError(text)
    if minute and not (minute.isascii() and minute.isdigit()):
        raise ValueError(text)
    found = int(hour) * 60 + int(minute or 0)
    if found > MINUTES_A_DAY or int(minute or 0) > 59:
        raise ValueError(text)
    return found


def said_spans(spans: Spans) -> str:
    """Spans as people write them: 08:00-12:00, 14:00-18:00."""
    return ", ".join(
        f"{opens // 60:02d}:{opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}" for opens, closes in spans
    )


def stored_spans(hours: Hours) -> str:
    """Spans as the table ``working_hours`` keeps them."""
    parts = [_stored(hours.spans)]
    parts += [f"{weekday}:{_stored(spans)}" for weekday, spans in sorted(hours.own.items())]
    return ";".join(parts)


def _stored(spans: Spans) -> str:
    return ",".join(f"{opens}-{closes}" for opens, closes in spans)


def read_hours(valid_from: date, minutes: str, weekdays: str) -> Hours:
    """A row of ``working_hours`` as hours."""
    usual, *others = minutes.split(";")
    own = {int(one[0]): _read(one[2:]) for one in others if one}
    return Hours(valid_from, _read(usual), own, frozenset(int(one) for one in weekdays))


def _read(text: str) -> Spans:
    pairs = (part.split("-") for part in text.split(",") if part)
    return tuple((int(opens), int(closes)) for opens, closes in pairs)
