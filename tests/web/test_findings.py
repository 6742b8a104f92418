"""The list of findings and the file of one, as pages."""

import dataclasses
import re

import pytest

from casework.findings import report
from casework.office import Office
from db.models import HistoryEntry, Photo
from tests.factories.city import INSPECTOR, two_patches
from tests.web.pages import WholeSite

NASTY = "{{ 7*7 }} <img src=x onerror=alert(1)> </script> 😀"


def _report(office: Office, lon: float = 101.2, **more: object) -> int:
    values = {"category": "0105", "lon": lon, "lat": 36.5, **more}
    return report(office, INSPECTOR, values).finding_id


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return WholeSite(sqlite_office)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_links_rows_filters_and_the_map(whole: WholeSite, language: str) -> None:
    one = _report(whole.office, description="x")
    page = whole.signed_in("supervisor", language).get("/findings?area=A").get_data(as_text=True)
    assert f'href="/findings/{one}"' in page
    assert 'href="/?area=A"' in page
    assert 'value="A" selected' in page.replace("  ", " ")
    assert "status=over,due,prog,new,check,susp,done" in page  # what the chip of closed ones leads to


def test_the_list_says_why_it_is_empty_and_offers_to_drop_filters(whole: WholeSite) -> None:
    _report(whole.office)
    page = whole.signed_in("supervisor").get("/findings?area=B&category=0105").get_data(as_text=True)
    assert "No such finding" in page
    assert 'href="/findings?category=0105"' in page
    assert "1 finding<" in page


def test_an_unknown_filter_is_named_not_a_failure(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    for query in (
        "status=purple",
        "area=none",
        "from=yesterday",
        "sort=colour",
        "after=1",
        "q=" + "x" * 5000,
    ):
        assert browser.get(f"/findings?{query}").status_code == 422, query


def test_who_is_not_signed_in_is_asked_to(whole: WholeSite) -> None:
    one = _report(whole.office)
    for path in ("/findings", f"/findings/{one}", "/areas", "/areas/A", "/triage"):
        assert whole.client().get(path).status_code == 401, path


def test_the_file_shows_everything_to_staff(whole: WholeSite) -> None:
    one = _report(whole.office, description=NASTY)
    page = whole.signed_in("supervisor").get(f"/findings/{one}").get_data(as_text=True)
    assert "{{ 7*7 }} &lt;img src=x onerror=alert(1)&gt; &lt;/script&gt; 😀" in page
    assert "1 step on record, not altered since." in page
    assert "Inside, by its position" in page
    assert "R-01" in page
    assert re.search(r'<svg class="mini', page)


def test_a_history_that_was_changed_is_said_to_be_broken(whole: WholeSite) -> None:
    one = _report(whole.office)
    with whole.office.database.write() as session:
        session.query(HistoryEntry).filter_by(finding_id=one).one().act = "close"
    assert "Step 1 was altered" in whole.signed_in("supervisor").get(f"/findings/{one}").get_data(
        as_text=True
    )


def test_the_public_sees_no_history(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    one = _report(sqlite_office)
    with sqlite_office.database.write() as session:
        session.add(
            Photo(
                finding_id=one, kind="before", media_type="image/jpeg", size_bytes=1, sha256="0" * 64,
                width=1, height=1, created_at=sqlite_office.now(),
            )
        )  # fmt: skip
    settings = dataclasses.replace(sqlite_office.settings, public_map=True)
    site = WholeSite(dataclasses.replace(sqlite_office, settings=settings))
    page = site.client().get(f"/findings/{one}").get_data(as_text=True)
    assert "on record" not in page
    assert "/photos/" not in page
    assert "Sign in to see them" in page


def test_an_unknown_finding_is_a_page_that_says_so(whole: WholeSite) -> None:
    browser = whole.signed_in("supervisor")
    for path in ("/findings/99", "/findings/0", "/findings/9223372036854775808", "/findings/abc"):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "Findings" in answer.get_data(as_text=True)


def test_a_page_has_no_script_or_style_of_its_own(whole: WholeSite) -> None:
    one = _report(whole.office, 101.5)
    browser = whole.signed_in("supervisor")
    for path in ("/findings", f"/findings/{one}", "/areas", "/areas/A", "/triage"):
        page = browser.get(path).get_data(as_text=True)
        assert not re.search(r"<style|\sstyle=|\son\w+=", page), path
        scripts = re.findall(r"<script[^>]*>", page)
        assert all("src=" in tag or "application/json" in tag for tag in scripts), path
