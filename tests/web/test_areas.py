"""The pages of the areas."""

import pytest

from casework.findings import report
from casework.office import Office
from db.models import AreaVersion, Level
from tests.factories.city import INSPECTOR, two_patches
from tests.web.pages import WholeSite


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return WholeSite(sqlite_office)


@pytest.mark.parametrize(("language", "name"), [("zh", "西片"), ("en", "West")])
def test_the_tree_links_every_area_and_the_map_too(whole: WholeSite, language: str, name: str) -> None:
    page = whole.signed_in("inspector", language).get("/areas").get_data(as_text=True)
    assert name in page
    assert page.count('href="/areas/A?level=patch"') >= 2  # in the tree and on the map
    assert 'href="/areas/D?level=district"' in page


def test_an_area_links_its_findings(whole: WholeSite) -> None:
    one = report(whole.office, INSPECTOR, {"category": "0105", "lon": 101.2, "lat": 36.5}).finding_id
    page = whole.signed_in("leader").get("/areas/A").get_data(as_text=True)
    assert 'href="/findings?area=A"' in page
    assert 'href="/?area=A"' in page
    assert f'href="/findings/{one}"' in page
    assert "Nobody leads this area" in page
    assert 'href="/areas/B?level=patch"' in page


def test_an_area_says_when_its_cases_are_anothers(whole: WholeSite) -> None:
    one = report(whole.office, INSPECTOR, {"category": "0102", "lon": 101.2, "lat": 36.5}).finding_id
    page = whole.signed_in("handler").get("/areas/A").get_data(as_text=True)
    assert "None of the open ones here is yours to see." in page
    assert f'href="/findings/{one}"' not in page


def test_an_unknown_area_is_not_found(whole: WholeSite) -> None:
    browser = whole.signed_in()
    for path in ("/areas/Z", "/areas/A?level=district", "/areas/%00", "/areas/" + "x" * 3000):
        assert browser.get(path).status_code == 404, path


def test_before_any_area_the_page_says_how_they_come(whole: WholeSite) -> None:
    with whole.office.database.write() as session:
        session.query(AreaVersion).update({"valid_to": whole.office.now()})
        for level in session.query(Level):
            level.coverage_version += 1
    page = whole.signed_in().get("/areas").get_data(as_text=True)
    assert "No areas yet" in page
