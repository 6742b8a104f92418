"""What stands on each role's desk: one literal table of sections, each with what belongs there and what may be done."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from casework.errors import mark
from casework.status import DISPLAY_KEYS

_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A section of a desk: its stored statuses or display keys, and what may be done from there.

    ``acts`` need no more than a click and may be done to several at once; ``forms`` ask for a reason or a photo on a
    page of their own. ``also`` narrows further: 'own' reports, those that came back from a 'check' or did not
    ('fresh'), those closed in a 'week', those closed without a picture of the result ('bare').
    """

    key: str
    title: str
    empty: str
    stored: frozenset[str] = _NONE
    shown: frozenset[str] = _NONE
    acts: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    also: str = ""

    @property
    def query(self) -> str:
        """The filters of the findings list that show all of it; empty where the list has no such filter."""
        if self.also not in {"", "check", "fresh"}:
            return ""
        return urlencode({"status": ",".join(sorted(self.stored) + sorted(self.shown))}, safe=",")


_TO_FILE = Place(
    "file", mark("To file"), mark("Nothing waits to be filed"), frozenset({"reported"}),
    acts=("file",), forms=("decline",),
)  # fmt: skip
_BACK = Place(
    "back", mark("Came back from a bureau"), mark("No bureau sent anything back"), frozenset({"returned"}),
    forms=("dispatch",),
)  # fmt: skip
_TO_DISPATCH = Place(
    "dispatch", mark("To dispatch"), mark("Nothing waits to be dispatched"), frozenset({"filed", "reopened"}),
    acts=("dispatch",),
)  # fmt: skip
_TO_CHECK = Place(
    "check", mark("To check"), mark("Nothing waits to be checked"), frozenset({"handled"}),
    acts=("verify",), forms=("rework",),
)  # fmt: skip
_TO_CLOSE = Place(
    "close", mark("To close"), mark("Nothing waits to be closed"), frozenset({"verified"}), acts=("close",)
)
_LATE = Place("late", mark("Overdue"), mark("Nothing is overdue"), shown=frozenset({"over"}))
_SOON = Place("soon", mark("Due soon"), mark("Nothing is due within four hours"), shown=frozenset({"due"}))
_CENTRE = (_TO_FILE, _BACK, _TO_DISPATCH, _TO_CHECK, _TO_CLOSE, _LATE)

_ACCEPT = Place(
    "accept", mark("To accept"), mark("Nothing new for your bureau"), frozenset({"dispatched"}),
    acts=("accept",), forms=("return",), also="fresh",
)  # fmt: skip
_AGAIN = Place(
    "again", mark("Came back after the check"), mark("No check failed"), frozenset({"dispatched"}),
    acts=("accept",), also="check",
)  # fmt: skip
_IN_HAND = Place(
    "hand", mark("In hand"), mark("Nothing is in hand"), frozenset({"accepted"}), forms=("handle",)
)
_HANDED_IN = Place(
    "handed", mark("Handled, waiting for the check"), mark("Nothing waits for the check"), frozenset({"handled"})
)  # fmt: skip
_MINE = Place(
    "mine", mark("What I reported"), mark("You have reported nothing yet"),
    shown=frozenset(DISPLAY_KEYS), also="own",
)  # fmt: skip
_DECLINED = Place(
    "declined", mark("Declined reports of mine"), mark("None of your reports was declined"),
    frozenset({"declined"}), also="own",
)  # fmt: skip
_WAITING = Place(
    "wait", mark("Waiting for the centre"), mark("Nothing waits"),
    frozenset({"reported", "returned", "handled"}),
)  # fmt: skip
_CLOSED = Place(
    "closed", mark("Closed in the last 7 days"), mark("Nothing was closed in the last 7 days"),
    frozenset({"closed"}), also="week",
)  # fmt: skip
_BARE = Place(
    "bare", mark("Closed in 30 days without a photo of the result"), mark("Each has a photo of the result"),
    frozenset({"closed"}), also="bare",
)  # fmt: skip

DESKS: Final[dict[str, tuple[Place, ...]]] = {
    "administrator": _CENTRE,
    "supervisor": _CENTRE,
    "handler": (_AGAIN, _ACCEPT, _LATE, _IN_HAND, _HANDED_IN, _CLOSED),
    "inspector": (_TO_CHECK, _LATE, _DECLINED, _MINE),
    "leader": (_LATE, _SOON, _WAITING),
    "archivist": (_BARE, _CLOSED),
}
