"""What stands on each role's desk: one literal table of sections, each with what belongs there and what may be done."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from casework.errors import mark
from casework.status import DISPLAY_KEYS, OPEN_KEYS

_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A section of a desk: its stored statuses or display keys, and what may be done from there.

    ``acts`` need no more than a click and may be done to several at once; ``forms`` ask for a reason, a photo or a
    choice on a page of their own. ``also`` narrows further, by the names in ``casework.desk_narrow``. ``told`` is the
    act whose last remark and moment stand with each row.
    """

    key: str
    title: str
    empty: str
    stored: frozenset[str] = _NONE
    shown: frozenset[str] = _NONE
    acts: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    also: str = ""
    told: str = ""

    @property
    def query(self) -> str:
        """The filters of the findings list that show all of it; empty where the list has no such filter."""
        if self.also not in {"", "check", "fresh", "usual", "ready"}:
            return ""
        return urlencode({"status": ",".join(sorted(self.stored) + sorted(self.shown))}, safe=",")


_AT_BUREAU: Final = frozenset({"dispatched", "accepted"})
_OPEN_KEYS: Final = frozenset(OPEN_KEYS)

_TO_CONFIRM = Place(
    "confirm", mark("To confirm on site"), mark("Nothing waits to be confirmed"), frozenset({"reported"}),
    acts=("confirm",), forms=("decline", "merge"), also="unconfirmed",
)  # fmt: skip
_TO_FILE = Place(
    "file", mark("To file"), mark("Nothing waits to be filed"), frozenset({"reported"}),
    acts=("file",), forms=("decline", "merge"), also="ready",
)  # fmt: skip
_TO_REFER = Place(
    "refer", mark("Dissuasion failed, to refer"), mark("Nothing waits to be referred"), frozenset({"filed"}),
    forms=("refer", "dispatch"), also="failed", told="dissuasion_failed",
)  # fmt: skip
_BACK = Place(
    "back", mark("Came back from a bureau"), mark("No bureau sent anything back"), frozenset({"returned"}),
    forms=("dispatch", "refer"), told="return",
)  # fmt: skip
_TO_DISPATCH = Place(
    "dispatch", mark("To dispatch"), mark("Nothing waits to be dispatched"), frozenset({"filed", "reopened"}),
    acts=("dispatch",), also="usual",
)  # fmt: skip
_FIRST_APPROVAL = Place(
    "extension", mark("Extensions to approve"), mark("No extension waits for you"), _AT_BUREAU,
    acts=("approve_extension",), forms=("refuse_extension",), also="asked", told="ask_extension",
)  # fmt: skip
_SECOND_APPROVAL = Place(
    "extension", mark("Extensions to approve"), mark("No extension waits for you"), _AT_BUREAU,
    acts=("approve_extension",), forms=("refuse_extension",), also="approved_once", told="ask_extension",
)  # fmt: skip
_TO_CHECK = Place(
    "check", mark("To check"), mark("Nothing waits to be checked"), frozenset({"handled"}),
    acts=("verify",), forms=("rework",),
)  # fmt: skip
_TO_CLOSE = Place(
    "close", mark("To close"), mark("Nothing waits to be closed"), frozenset({"verified"}), acts=("close",)
)
_SUSPENDED = Place(
    "susp", mark("Suspended"), mark("Nothing is suspended"), frozenset({"suspended"}), acts=("resume",),
    told="suspend",
)  # fmt: skip
_STANDING_STILL = Place(
    "susp", mark("Suspended"), mark("Nothing is suspended"), frozenset({"suspended"}), told="suspend"
)
_LATE = Place("late", mark("Overdue"), mark("Nothing is overdue"), shown=frozenset({"over"}))
_LATE_TO_URGE = Place(
    "late", mark("Overdue"), mark("Nothing is overdue"), shown=frozenset({"over"}), acts=("urge",)
)
_STEP_LATE = Place(
    "step", mark("A step takes too long"), mark("Every step is in time"), shown=_OPEN_KEYS - {"over", "susp"},
    also="step_late",
)  # fmt: skip
_SOON = Place("soon", mark("Due soon"), mark("Nothing is due soon"), shown=frozenset({"due"}))
_URGED = Place(
    "urged", mark("Urged by a leader"), mark("Nothing was urged"), shown=_OPEN_KEYS, also="urged", told="urge"
)  # fmt: skip

_ACCEPT = Place(
    "accept", mark("To accept"), mark("Nothing new for your bureau"), frozenset({"dispatched"}),
    acts=("accept",), forms=("return", "hand_on"), also="fresh",
)  # fmt: skip
_AGAIN = Place(
    "again", mark("Came back after the check"), mark("No check failed"), frozenset({"dispatched"}),
    acts=("accept",), also="check", told="rework",
)  # fmt: skip
_IN_HAND = Place(
    "hand", mark("In hand"), mark("Nothing is in hand"), frozenset({"accepted"}),
    forms=("handle", "ask_extension", "return"),
)  # fmt: skip
_JOINT = Place(
    "joint", mark("Parts to accept"), mark("Your bureau is asked to take part in nothing new"), _AT_BUREAU,
    acts=("accept",), forms=("return",), also="joint",
)  # fmt: skip
_PART = Place(
    "part", mark("Parts in hand"), mark("Your bureau takes part in nothing now"), _AT_BUREAU,
    forms=("part_done", "return"), also="part",
)  # fmt: skip
_ASKED = Place(
    "extension", mark("Extensions that we asked for"), mark("No request waits"), _AT_BUREAU,
    forms=("withdraw_extension",), also="waiting", told="ask_extension",
)  # fmt: skip
_HANDED_IN = Place(
    "handed", mark("Handled, waiting for the check"), mark("Nothing waits for the check"), frozenset({"handled"})
)  # fmt: skip
_MINE = Place(
    "mine", mark("What I reported"), mark("You have reported nothing yet"),
    shown=frozenset(DISPLAY_KEYS), also="own",
)  # fmt: skip
_DECLINED = Place(
    "declined", mark("Declined reports of mine"), mark("None of your reports was declined"),
    frozenset({"declined"}), also="own", told="decline",
)  # fmt: skip
_ON_SITE = Place(
    "confirm", mark("To confirm on site"), mark("Nothing waits to be confirmed"), frozenset({"reported"}),
    acts=("confirm",), forms=("settle", "dissuasion_failed"), also="unconfirmed",
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
_CENTRE = (
    _TO_CONFIRM, _TO_FILE, _TO_REFER, _BACK, _TO_DISPATCH, _FIRST_APPROVAL, _TO_CHECK, _TO_CLOSE, _LATE, _STEP_LATE,
    _SUSPENDED,
)  # fmt: skip

DESKS: Final[dict[str, tuple[Place, ...]]] = {
    "administrator": tuple(_SECOND_APPROVAL if place is _FIRST_APPROVAL else place for place in _CENTRE),
    "supervisor": _CENTRE,
    "handler": (
        _AGAIN, _ACCEPT, _JOINT, _URGED, _LATE, _IN_HAND, _PART, _ASKED, _HANDED_IN, _STANDING_STILL, _CLOSED,
    ),
    "inspector": (_ON_SITE, _TO_CHECK, _LATE, _DECLINED, _MINE),
    "leader": (_SECOND_APPROVAL, _LATE_TO_URGE, _SOON, _STEP_LATE, _STANDING_STILL, _WAITING),
    "archivist": (_BARE, _CLOSED),
}  # fmt: skip
