"""The clock in words: working time, wall time, both languages."""

import pytest

from casework.office import Office
from tests.factories.city import two_patches
from tests.web.pages import WholeSite
from web import clock_words

H = 3600


def test_lengths_and_leads_in_both_languages(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    app = WholeSite(sqlite_office).app
    told = [
        ([2 * H, "working_hour"], "2 working hours left", "剩 2 工作时"),
        ([2 * H + 300, "working_hour"], "2 working hours 5 min left", "剩 2 工作时 5 分"),
        ([5 * H + 300, "working_hour"], "5 working hours left", "剩 5 工作时"),
        ([11 * H, "working_day"], "1 working day 3 h left", "剩 1 工作日 3 时"),
        ([-11 * H, "working_day"], "1 working day 3 h late", "超 1 工作日 3 时"),
        ([-48 * H, "working_hour"], "6 working days late", "超 6 工作日"),
        ([59, "working_hour"], "1 working minute left", "剩 1 工作分"),
        ([3 * 24 * H, "calendar_day"], "3 days left", "剩 3 天"),
        ([-2.4 * H, "hour"], "2 h 24 min late", "超 2 时 24 分"),
    ]
    for language, at in (("en", 1), ("zh", 2)):
        with app.test_request_context(headers={"Accept-Language": language}):
            for one in told:
                assert clock_words.left(one[0]) == one[at]
            assert clock_words.notice(()) == ""
            assert "2027" in clock_words.notice((2027,))
            assert clock_words.step_late(None) == ""


@pytest.mark.parametrize(("part", "whole", "shown"), [(3, 4, 75), (9, 4, 100), (0, 4, 0), (3, 0, 0)])
def test_how_much_of_a_limit_is_used(part: int, whole: int, shown: int) -> None:
    assert clock_words.percent([part, "hour"], [whole, "hour"]) == shown
    assert clock_words.percent([part, "hour"], None) == 0
