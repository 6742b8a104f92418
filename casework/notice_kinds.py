"""Which act is told to whom: one literal table, and the kinds of notices that a person chooses mail for."""

from dataclasses import dataclass
from typing import Final

from casework.errors import mark

AT_ONCE: Final = "now"
DAILY: Final = "daily"
NEVER: Final = "none"
MAILS: Final = (AT_ONCE, DAILY, NEVER)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice: how it is called in the choices, and how it is mailed to who chose nothing."""

    key: str
    word: str
    mail: str


KINDS: Final[tuple[Kind, ...]] = (
    Kind("task", mark("A case for my bureau"), AT_ONCE),
    Kind("request", mark("A request that I decide"), AT_ONCE),
    Kind("urged", mark("Urged by the leader"), AT_ONCE),
    Kind("overdue", mark("Overdue"), AT_ONCE),
    Kind("soon", mark("Due soon"), AT_ONCE),
    Kind("answer", mark("What was decided on my case"), AT_ONCE),
    Kind("part", mark("A joint bureau has done its part"), DAILY),
    Kind("check", mark("A case to verify or check"), DAILY),
    Kind("taken", mark("A case that left my bureau"), DAILY),
    Kind("mine", mark("What becomes of my reports"), DAILY),
    Kind("recurrence", mark("A problem that came back"), DAILY),
)
BY_KIND: Final[dict[str, Kind]] = {kind.key: kind for kind in KINDS}

# Groups of people around a case (casework/notice_people.py finds them).
HANDLERS: Final = "handlers"  # of every bureau with an open part
LEAD: Final = "lead"  # handlers of the bureau that leads
NEWCOMERS: Final = "newcomers"  # handlers of bureaus whose part began with this act
LEAVERS: Final = "leavers"  # handlers of bureaus whose part ended with this act
REPORTERS: Final = "reporters"  # its own, and those of reports that were joined with it
OWN_REPORTER: Final = "own_reporter"
SUPERVISORS: Final = "supervisors"
LEADERS: Final = "leaders"  # of the patch
INSPECTORS: Final = "inspectors"  # of the patch


@dataclass(frozen=True, slots=True)
class Telling:
    """One row: these people get a notice of this kind that says ``words``."""

    kind: str
    whom: str
    words: str


# Of several rows that reach one person the first counts.
TABLE: Final[dict[str, tuple[Telling, ...]]] = {
    "report": (Telling("check", INSPECTORS, mark("Reported in your patch: to be verified")),),
    "confirm": (Telling("mine", REPORTERS, mark("Your report was verified")),),
    "file": (Telling("mine", REPORTERS, mark("Your report became a case")),),
    "decline": (Telling("mine", REPORTERS, mark("Your report was declined")),),
    "settle": (
        Telling("check", INSPECTORS, mark("Settled on the spot: to be checked")),
        Telling("mine", REPORTERS, mark("Your report was settled on the spot")),
    ),
    "dissuasion_failed": (
        Telling("request", SUPERVISORS, mark("Talking did not help: refer it for punishment?")),
    ),
    "refer": (Telling("task", NEWCOMERS, mark("Referred to your bureau for punishment")),),
    "dispatch": (
        Telling("task", NEWCOMERS, mark("Dispatched to your bureau")),
        Telling("taken", LEAVERS, mark("Dispatched to another bureau")),
    ),
    "return": (
        Telling("request", SUPERVISORS, mark("The bureau returned it: dispatch it again")),
        Telling("answer", HANDLERS, mark("Another bureau of the case has given it back")),
    ),
    "hand_on": (
        Telling("task", NEWCOMERS, mark("Handed on to your bureau")),
        Telling("taken", LEAVERS, mark("Handed on to another bureau")),
    ),
    "add_joint": (
        Telling("task", NEWCOMERS, mark("Your bureau takes part in it")),
        Telling("answer", LEAD, mark("Another bureau takes part in it")),
    ),
    "part_done": (Telling("part", LEAD, mark("A joint bureau has done its part")),),
    "handle": (
        Telling("check", INSPECTORS, mark("Put right by the bureau: to be checked")),
        Telling("check", SUPERVISORS, mark("Put right by the bureau: to be checked")),
        Telling("mine", REPORTERS, mark("What you reported is put right, and will be checked")),
    ),
    "rework": (Telling("task", NEWCOMERS, mark("The check failed: it is back with your bureau")),),
    "verify": (Telling("answer", LEAVERS, mark("The check was passed")),),
    "close": (Telling("mine", REPORTERS, mark("What you reported is put right and closed")),),
    "reopen": (
        Telling("mine", REPORTERS, mark("Your report was opened again")),
        Telling("request", SUPERVISORS, mark("Opened again: dispatch it")),
    ),
    "ask_extension": (Telling("request", SUPERVISORS, mark("More time is asked for: the first approval is yours")),),
    "approve_extension": (Telling("answer", HANDLERS, mark("More time is granted")),),
    "refuse_extension": (Telling("answer", HANDLERS, mark("More time is refused")),),
    "suspend": (Telling("answer", HANDLERS, mark("Suspended: the clock stands")),),
    "resume": (Telling("answer", HANDLERS, mark("The clock runs again")),),
    "urge": (
        Telling("urged", HANDLERS, mark("Urged by the leader: put it right now")),
        Telling("urged", SUPERVISORS, mark("The leader urges it")),
    ),
    "cancel": (
        Telling("taken", LEAVERS, mark("Cancelled: nothing more to do")),
        Telling("mine", REPORTERS, mark("Your report was cancelled")),
    ),
    "merge": (
        Telling("mine", OWN_REPORTER, mark("Your report was joined with another one about the same thing")),
        Telling("taken", LEAVERS, mark("Joined with another case: nothing more to do here")),
    ),
    "took_in": (Telling("mine", OWN_REPORTER, mark("Another report about the same thing was joined with yours")),),
    "unmerge": (
        Telling("mine", OWN_REPORTER, mark("Your report stands by itself again")),
        Telling("task", NEWCOMERS, mark("Separated from another case: it is your bureau's again")),
    ),
    # What no person does: casework/reminders.py, casework/recurrence.py
    "soon": (Telling("soon", HANDLERS, mark("Due soon")),),
    "overdue": (
        Telling("overdue", LEADERS, mark("Overdue: the bureau has not put it right in time")),
        Telling("overdue", HANDLERS, mark("Overdue")),
    ),
    "recurrence": (
        Telling("recurrence", LEADERS, mark("The same problem has come back here")),
        Telling("recurrence", SUPERVISORS, mark("The same problem has come back here")),
    ),
}  # fmt: skip
# The first approval of an extension asks for the second one.
SECOND_APPROVAL: Final = Telling(
    "request", LEADERS, mark("More time was approved once: the second approval is yours")
)
# For a report that was joined with another one: what became of that one.
JOINED_WORDS: Final[dict[str, str]] = {
    "handle": mark("The case that yours was joined with is put right, and will be checked"),
    "close": mark("The case that yours was joined with is put right and closed"),
    "reopen": mark("The case that yours was joined with was opened again"),
    "cancel": mark("The case that yours was joined with was cancelled"),
}
# What an act settles for everybody: notices of these kinds about the case need nobody's attention any more.
_WAITING: Final = frozenset({"request", "check", "soon", "overdue", "urged"})
SETTLES: Final[dict[str, frozenset[str]]] = {
    "confirm": frozenset({"check"}), "file": frozenset({"check"}), "decline": frozenset({"check"}),
    "dispatch": frozenset({"request"}), "refer": frozenset({"request"}),
    "approve_extension": frozenset({"request", "soon", "overdue"}), "refuse_extension": frozenset({"request"}),
    "withdraw_extension": frozenset({"request"}),
    "return": frozenset({"soon", "overdue", "urged"}), "suspend": frozenset({"soon", "overdue"}),
    "handle": frozenset({"soon", "overdue", "urged"}),
    "verify": frozenset({"check"}), "rework": frozenset({"check"}),
    "close": _WAITING, "cancel": _WAITING, "merge": _WAITING,
}  # fmt: skip
TESTED: Final = mark("A message to try whether messages arrive")


def words_of(act: str, kind: str, *, is_second: bool = False, is_joined: bool = False) -> str:
    """What a notice says, as an English msgid: by its act and kind."""
    if is_second:
        return SECOND_APPROVAL.words
    if is_joined and act in JOINED_WORDS:
        return JOINED_WORDS[act]
    for row in TABLE.get(act, ()):
        if row.kind == kind:
            return row.words
    return BY_KIND[kind].word if kind in BY_KIND else TESTED


def events_of(act: str) -> frozenset[str]:
    """The kinds of notices that an act can make: what a webhook subscribes to."""
    return frozenset(row.kind for row in TABLE.get(act, ()))
