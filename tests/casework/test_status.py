"""What people see of a status and a deadline."""

from datetime import timedelta

import pytest

from casework.status import DISPLAY_KEYS, DISPLAY_OF, display_key, is_overdue
from db.models import STATUSES
from tests.factories.city import NOW


def test_every_stored_status_is_shown_as_something() -> None:
    assert set(DISPLAY_OF) == set(STATUSES)
    assert set(DISPLAY_OF.values()) <= set(DISPLAY_KEYS)


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (timedelta(seconds=-1), "over"),
        (timedelta(0), "due"),
        (timedelta(hours=4, seconds=-1), "due"),
        (timedelta(hours=4), "prog"),
    ],
)
def test_work_in_hand_is_split_by_its_deadline(left: timedelta, shown: str) -> None:
    for status in ("filed", "dispatched", "accepted", "returned", "reopened"):
        assert display_key(status, NOW + left, NOW) == shown
        assert is_overdue(status, NOW + left, NOW) == (shown == "over")


def test_what_the_bureau_no_longer_holds_is_never_overdue() -> None:
    long_ago = NOW - timedelta(days=30)
    for status in (
        "reported",
        "handled",
        "verified",
        "suspended",
        "closed",
        "declined",
        "cancelled",
        "duplicate",
    ):
        assert not is_overdue(status, long_ago, NOW)


def test_without_a_deadline_it_is_in_progress() -> None:
    assert display_key("accepted", None, NOW) == "prog"
