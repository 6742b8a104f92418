"""Statistics as a page: numbers lead to their cases, the file says the same, bad questions are refused."""

import io

import openpyxl
import pytest

from casework.findings import report
from casework.office import Office
from tests.factories.city import two_patches
from tests.factories.everyday import account
from tests.web.pages import WholeSite
from tests.web.sites import Browser

TEXT = "{{ 7*7 }}<b>x"


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    staff = account(sqlite_office, "inspector", area="A")
    for lon in (101.2, 101.3, 101.7):
        form = {"category": "0105", "lon": lon, "lat": 36.5, "subject": TEXT, "description": "x"}
        report(sqlite_office, staff, form)
    return WholeSite(sqlite_office)


def page(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def test_a_number_leads_to_its_cases(whole: WholeSite) -> None:
    leader = whole.signed_in("leader")
    text = page(leader, "/statistics?period=all&group=patch")
    assert "/statistics/cases?figure=reported&amp;key=A&amp;period=all" in text
    behind = page(leader, "/statistics/cases?figure=reported&key=A&period=all&group=patch")
    assert "2 cases" in behind
    assert "{{ 7*7 }}&lt;b&gt;x" in behind
    assert "<b>x" not in behind
    assert "No case counts here" in page(leader, "/statistics/cases?figure=closed&period=all")


def test_each_page_in_both_languages_and_the_file(whole: WholeSite) -> None:
    for language, role, word in (
        ("zh", "leader", "按期结案率"),
        ("en", "supervisor", "On-time closing rate"),
    ):
        leader = whole.signed_in(role, language)
        for group in ("bureau", "patch", "leader", "category", "period"):
            assert word in page(leader, f"/statistics?group={group}")
        answer = leader.get("/statistics.xlsx?period=all")
        assert answer.headers["Cache-Control"] == "private, no-store"
        # A server sends headers in Latin-1 and fails on anything else, which this client would let through.
        assert "filename*=UTF-8''" in answer.headers["Content-Disposition"] or language == "en"
        assert answer.headers["Content-Disposition"].isascii()
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        assert len(book.sheetnames) == 3
        first = book.worksheets[0]
        assert word in [cell.value for cell in first[1]]
        assert [row[1].value for row in first.iter_rows(min_row=2, max_row=3)] == [3, 3]


def test_an_empty_period_says_so(whole: WholeSite) -> None:
    text = page(whole.signed_in("leader"), "/statistics?period=own&from=2020-01-01&to=2020-01-02")
    assert "Nothing happened in this period" in text
    assert 'id="charts"' not in text


def test_who_is_not_signed_in_sees_none_and_a_bad_question_is_refused(whole: WholeSite) -> None:
    for address in ("/statistics", "/statistics/cases?figure=filed", "/statistics.xlsx"):
        assert whole.client().get(address).status_code == 401
    leader = whole.signed_in("leader")
    for address in (
        "/statistics?period=own", "/statistics?group=x", "/statistics/cases?figure=x",
        "/statistics/cases?figure=filed&key=zz",
        "/statistics.xlsx?size=x", "/statistics?period=own&from=9999-99-99&to=x",
    ):  # fmt: skip
        assert leader.get(address).status_code in {400, 422}, address
    assert "0 cases" in page(leader, "/statistics/cases?figure=closed&page=99999999999")
