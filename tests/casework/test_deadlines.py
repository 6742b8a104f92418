"""When a case is due: counted from the report, then the dispatch; extensions, pauses, imports; always as derived."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.clock_bulk import Case, reckon_many
from casework.clock_reckoning import Event, Reckoned, course, reckon
from casework.deadlines import due_at
from casework.time_limits import WARN_SHARE, Limit, Limits, TimeRules
from casework.warnings_ahead import NO_WARNING, warn_seconds
from casework.working_time import WorkCalendar

CALENDAR = WorkCalendar("Asia/Shanghai")
DAY, HOURS = 1, 2  # categories
RULES = TimeRules(
    Limits({DAY: None, HOURS: None}, {DAY: (2, "working_day"), HOURS: (8, "working_hour")}, {}), CALENDAR
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def worked_out(
    *steps: tuple[str, str, str | None], category: int = HOURS, before: datetime | None = None
) -> Reckoned:
    events = [Event(local(at), act, to, is_granted=act == "approve_extension") for at, act, to in steps]
    return reckon(course(events, events[0].at, by_staff=True), category, before, RULES)


REPORT = ("09-01 09:00", "report", "reported")
FILE = ("09-01 09:30", "file", "filed")
DISPATCH = ("09-01 10:00", "dispatch", "dispatched")
ACCEPT = ("09-01 11:00", "accept", "accepted")


def test_without_a_limit_nothing_is_due() -> None:
    assert due_at(local("09-01 10:00"), None, None, CALENDAR) is None


def test_until_somebody_gets_it_the_report_counts_then_the_dispatch() -> None:
    assert worked_out(REPORT).due_at == local("09-02 09:00")
    assert worked_out(REPORT, FILE).due_at == local("09-02 09:00")
    assert worked_out(REPORT, FILE, DISPATCH).due_at == local("09-02 10:00")


def test_what_begins_the_limit_anew_and_what_does_not() -> None:
    at_work = (REPORT, FILE, DISPATCH, ACCEPT)
    handed_on = (*at_work, ("09-01 15:00", "hand_on", "dispatched"))
    assert worked_out(*handed_on).due_at == local("09-02 10:00")
    again = (*at_work, ("09-01 15:00", "handle", "handled"), ("09-01 16:00", "rework", "dispatched"))
    assert worked_out(*again, before=None).due_at == local("09-02 10:00")
    returned = (*at_work, ("09-01 15:00", "return", "returned"))
    assert worked_out(*returned).due_at == local("09-02 10:00")
    assert worked_out(*returned, ("09-03 09:00", "dispatch", "dispatched")).due_at == local("09-04 09:00")
    closed = (*at_work, ("09-01 15:00", "handle", "handled"), ("09-01 16:00", "close", "closed"))
    assert worked_out(*closed, ("09-07 09:00", "reopen", "reopened")).due_at == local("09-08 09:00")


def test_each_extension_adds_the_limit_once_more_but_not_to_a_later_dispatch() -> None:
    granted = (REPORT, FILE, DISPATCH, ACCEPT, ("09-01 17:00", "approve_extension", "accepted"))
    assert worked_out(*granted).due_at == local("09-03 10:00")
    twice = (*granted, ("09-02 17:00", "approve_extension", "accepted"))
    assert worked_out(*twice).due_at == local("09-04 10:00")
    anew = (*twice, ("09-03 09:00", "return", "returned"), ("09-07 09:00", "dispatch", "dispatched"))
    assert worked_out(*anew).due_at == local("09-08 09:00")


def test_a_suspension_stops_the_clock_in_the_limits_own_unit() -> None:
    stopped = (REPORT, FILE, DISPATCH, ACCEPT, ("09-01 15:00", "suspend", "suspended"))
    found = worked_out(*stopped)
    assert (found.due_at, found.paused_at, found.step_due_at) == (
        local("09-02 10:00"),
        local("09-01 15:00"),
        None,
    )
    # 10-12 and 14-15 are used: 5 of 8 working hours are left, from Friday 16:00 to Monday 11:00
    resumed = worked_out(*stopped, ("09-04 16:00", "resume", "accepted"))
    assert (resumed.due_at, resumed.paused_at) == (local("09-07 11:00"), None)
    assert resumed.step_due_at == resumed.due_at


def test_what_ran_out_before_a_suspension_stays_overdue() -> None:
    late = (
        REPORT,
        FILE,
        DISPATCH,
        ACCEPT,
        ("09-02 15:00", "suspend", "suspended"),
        ("09-07 09:00", "resume", "accepted"),
    )
    assert worked_out(*late).due_at == local("09-02 10:00")


def test_once_handled_the_deadline_stays() -> None:
    handled = (REPORT, FILE, DISPATCH, ACCEPT, ("09-01 17:00", "handle", "handled"))
    had = local("09-05 12:00")
    found = worked_out(*handled, before=had)
    assert (found.due_at, found.step_due_at) == (
        had,
        local("09-02 17:00"),
    )  # the check: the usual working day


def test_each_step_has_its_own_deadline() -> None:
    assert worked_out(REPORT).step_due_at == local("09-01 10:00")  # to be filed
    assert worked_out(REPORT, FILE).step_due_at == local("09-01 10:30")  # to be dispatched
    assert worked_out(REPORT, FILE, DISPATCH).step_due_at == local("09-01 16:00")  # to be accepted
    by_citizen = course(
        [Event(local("09-01 09:00"), "report", "reported")], local("09-01 09:00"), by_staff=False
    )
    assert (by_citizen.step, reckon(by_citizen, HOURS, None, RULES).step_due_at) == (
        "confirm",
        local("09-01 11:00"),
    )


def test_a_sources_own_deadline_stays_until_a_dispatch_here() -> None:
    theirs, had = Event(local("09-01 09:00"), "import", "accepted", gave_deadline=True), local("09-20 12:00")
    assert reckon(course([theirs], theirs.at, by_staff=False), HOURS, had, RULES).due_at == had
    ours = [
        theirs,
        Event(local("09-03 09:00"), "return", "returned"),
        Event(local("09-03 10:00"), "dispatch", "dispatched"),
    ]
    assert reckon(course(ours, theirs.at, by_staff=False), HOURS, had, RULES).due_at == local("09-04 10:00")
    later = [theirs, Event(local("09-02 09:00"), "import", "accepted", gave_deadline=False)]
    assert reckon(course(later, theirs.at, by_staff=False), HOURS, had, RULES).due_at == local("09-02 09:00")


def test_merged_while_suspended_the_clock_stands_on() -> None:
    steps = (
        REPORT, FILE, DISPATCH, ACCEPT, ("09-01 15:00", "suspend", "suspended"), ("09-02 09:00", "merge", "duplicate"),
        ("09-03 09:00", "unmerge", "suspended"), ("09-04 16:00", "resume", "accepted"),
    )  # fmt: skip
    assert worked_out(*steps).due_at == local("09-07 11:00")


ACTS = st.lists(
    st.sampled_from(
        [
            ("confirm", "reported"), ("file", "filed"), ("dispatch", "dispatched"), ("accept", "accepted"),
            ("approve_extension", "accepted"), ("suspend", "suspended"), ("resume", "accepted"), ("handle", "handled"),
            ("rework", "dispatched"), ("return", "returned"), ("verify", "verified"), ("close", "closed"),
            ("reopen", "reopened"), ("hand_on", "dispatched"), ("merge", "duplicate"),
        ]
    ),
    max_size=9,
)  # fmt: skip
HISTORIES = st.lists(
    st.tuples(ACTS, st.integers(0, 40_000), st.sampled_from((DAY, HOURS, 3)), st.booleans()), max_size=8
)


@given(HISTORIES, st.booleans())
def test_many_at_once_are_as_one_by_one(
    histories: list[tuple[list[tuple[str, str]], int, int, bool]], anew: bool
) -> None:
    cases = []
    for acts, minute, category, by_staff in histories:
        at = local("08-20 09:00").timestamp() + minute * 60
        events = [
            Event(datetime.fromtimestamp(at + 7000 * n, UTC), act, to, is_granted=act == "approve_extension")
            for n, (act, to) in enumerate(acts, start=1)
        ]
        is_ = course(events, datetime.fromtimestamp(at, UTC), by_staff=by_staff)
        cases.append(Case(is_, category, local("12-01 09:00")))
    alone = [reckon(one.course, one.category_id, one.due_before, RULES, anew=anew) for one in cases]
    assert reckon_many(cases, RULES, anew=anew) == alone


def test_the_warning_begins_with_a_share_of_the_limit_and_never_later_than_an_hour_before() -> None:
    assert Limit(8, "working_hour").warn_s == 2 * 3600
    assert Limit(2, "hour").warn_s == 3600
    assert Limit(1, "hour").warn_s == 1800
    assert Limit(2, "working_day", 0.5).warn_s == 8 * 3600
    # a quarter of two working days before Monday 10:00 is Friday 16:00
    assert RULES.warn_at(DAY, local("09-07 10:00")) == local("09-04 16:00")
    assert RULES.warn_at(3, local("09-07 10:00")) is None
    assert WARN_SHARE == 0.25


def test_warnings_of_all_at_once() -> None:
    due = [local("09-07 10:00"), local("09-02 15:00"), local("09-02 15:00")]
    seconds = np.array([int(one.timestamp()) for one in due] + [NO_WARNING])
    begins = warn_seconds(np.array([DAY, HOURS, 3, DAY], dtype=np.int32), seconds, RULES)
    told = [local("09-04 16:00"), local("09-02 11:00"), local("09-02 11:00")]
    assert begins.tolist() == [int(one.timestamp()) for one in told] + [NO_WARNING]


@pytest.mark.parametrize(
    ("step", "expected"),
    [("handle", (2, "working_day")), ("accept", (1, "hour")), ("check", None), ("file", (3, "hour"))],
)
def test_a_limit_is_the_nearest_ones_upwards(step: str, expected: tuple[int, str] | None) -> None:
    limits = Limits(
        {1: None, 2: 1, 3: 2}, {1: (2, "working_day")},
        {
            (2, "accept"): (1, "hour", None), (1, "accept"): (9, "hour", None), (1, "check"): (0, "hour", None),
            (None, "file"): (3, "hour", 0.5),
        },
    )  # fmt: skip
    found = limits.of(3, step)
    assert (None if found is None else (found.value, found.unit)) == expected
