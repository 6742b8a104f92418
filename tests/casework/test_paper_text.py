"""Texts, moments and spans on papers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from casework import paper_text
from casework.paper_text import plain

ZONE = ZoneInfo("Asia/Shanghai")
LATE_ON_NEW_YEARS_EVE = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)


def test_what_xml_cannot_hold_is_left_out_and_lines_stay() -> None:
    assert plain("a\x00b\x0bc\x1bd\ud800e\ufffef") == "abcdef"
    assert plain("one\r\ntwo\rthree\tfour") == "one\ntwo\nthree four"
    assert plain(None) == ""
    assert len(plain("长" * 30_000)) == paper_text.MAX_TEXT


def test_what_is_written_from_right_to_left_does_not_turn_the_paper() -> None:
    assert plain("متجر") == "\u2068متجر\u2069"
    assert plain("abc\u202egpj.exe") == "abcgpj.exe"


def test_days_and_moments_are_the_citys() -> None:
    assert paper_text.moment(LATE_ON_NEW_YEARS_EVE, ZONE, "zh") == "2027年1月1日 00:05"
    assert paper_text.moment(LATE_ON_NEW_YEARS_EVE, ZONE, "en") == "1 January 2027, 00:05"
    assert paper_text.day(None, ZONE, "en") == ""
    assert paper_text.short_moment(LATE_ON_NEW_YEARS_EVE, ZONE) == "2027-01-01 00:05"


def test_spans_and_lengths() -> None:
    assert paper_text.late(timedelta(days=2, hours=5), "zh") == "2 天"
    assert paper_text.late(timedelta(days=1), "en") == "1 day"
    assert paper_text.late(timedelta(hours=5, minutes=20), "en") == "5 h 20 min"
    assert paper_text.late(timedelta(minutes=7), "zh") == "7 分"
    assert paper_text.limit(1, "working_day", "en") == "1 working day"
    assert paper_text.limit(None, "hour", "zh") == ""
    assert paper_text.metres(2000, "zh") == "2 公里"
    assert paper_text.pick(["", "Bureau"], "zh") == "Bureau"
