"""The report page as a plain form and for scripts."""

import re
from io import BytesIO
from typing import Any

import pytest

from casework.office import Office
from db.models import Finding, Photo
from tests.factories.city import two_patches
from tests.factories.photos import encoded, picture
from tests.web.pages import WholeSite
from tests.web.sites import Browser

GOOD = {
    "category": "0105",
    "lon": "101.2",
    "lat": "36.5",
    "description": "门口堆箱子",
    "place": "",
    "subject": "",
    "found_at": "",
}
JSON = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}


@pytest.fixture
def whole(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    return WholeSite(sqlite_office)


def _photo(name: str = "a.jpg") -> tuple[BytesIO, str]:
    return BytesIO(encoded(picture())), name


def _send(browser: Browser, data: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    return browser.client.post(
        "/report", data={**data, "csrf_token": browser.csrf_token("/report")},
        headers={**browser.headers, **(headers or {})}, content_type="multipart/form-data",
    )  # fmt: skip


def _count(whole: WholeSite) -> int:
    with whole.office.database.read() as session:
        return session.query(Finding).count()


def test_a_plain_form_files_it_and_shows_its_number(whole: WholeSite) -> None:
    browser = whole.signed_in()
    answer = _send(browser, {**GOOD, "photo-before": (BytesIO(b""), ""), "photo-near": _photo()})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/report/done/1"
    page = browser.get("/report/done/1").get_data(as_text=True)
    for words in (
        "2026-0001",
        "West",
        "Bureau CG",
        "2 working days",
        "/report?lon=101.2000000&amp;lat=36.5000000",
    ):
        assert words in page
    with whole.office.database.read() as session:
        assert [photo.kind for photo in session.query(Photo)] == ["near"]


def test_a_script_gets_201_only_when_it_is_filed(whole: WholeSite) -> None:
    browser = whole.signed_in()
    answer = _send(browser, {**GOOD, "client_key": "k1", "photo-after": [_photo(), _photo("b.jpg")]}, JSON)
    assert answer.status_code == 201
    assert answer.json == {"id": 1, "url": "/report/done/1", "warnings": []}
    again = _send(browser, {**GOOD, "client_key": "k1"}, JSON)
    assert (again.status_code, again.json["id"]) == (201, 1)
    assert _count(whole) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"lon": ""}, "lon"), ({"category": ""}, "category"), ({"found_at": "gestern"}, "found_at"),
     ({"found_at": "2027-01-01T10:00"}, "found_at"), ({"place": "x" * 201}, "place"),
     ({"description": "a\x00"}, "description"), ({"lat": "136"}, "lat")],
)  # fmt: skip
def test_errors_stand_beside_their_field_and_nothing_is_lost(
    whole: WholeSite, change: dict[str, str], field: str
) -> None:
    browser = whole.signed_in()
    typed = {**GOOD, "description": "typed <b>with</b> care", **change}
    answer = _send(browser, typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert re.search(rf'id="err-{field}" data-err="{field}" role="alert">', page)
    if field != "description":
        assert "typed &lt;b&gt;with&lt;/b&gt; care" in page
    assert _count(whole) == 0
    refused = _send(browser, typed, JSON)
    assert refused.status_code == 422
    assert field in [one["field"] for one in refused.json["errors"]]


def test_a_file_that_is_no_photo_refuses_the_whole_report(whole: WholeSite) -> None:
    browser = whole.signed_in()
    answer = _send(browser, {**GOOD, "photo-before": (BytesIO(b"<svg onload=alert(1)>"), "x.jpg")})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert re.search(r'data-err="photos" role="alert">', page)
    assert "Choose the photos again" in page
    assert _count(whole) == 0


def test_the_preview_says_patch_bureau_and_border(whole: WholeSite) -> None:
    browser = whole.signed_in()
    plain = browser.get("/reports/preview?lon=101.2&lat=36.5&category=0105", JSON).json
    assert plain is not None
    assert plain["patch"]["code"] == "A"
    assert plain["goes"] == "Goes to Bureau CG (rule R-01), to be put right within 2 working days"
    assert plain["warning"] == ""
    near = browser.get("/reports/preview?lon=101.50003&lat=36.5", JSON).json
    assert near is not None
    assert "West" in near["warning"]
    away = browser.get("/reports/preview?lon=-74&lat=40", JSON).json
    assert away is not None
    assert "km from the city" in away["warning"]
    assert browser.get("/reports/preview?lon=x&lat=1", JSON).status_code == 422


def test_the_page_opens_at_the_place_of_its_address(whole: WholeSite) -> None:
    browser = whole.signed_in()
    page = browser.get("/report?lon=101.25&lat=36.5&category=0102").get_data(as_text=True)
    assert '"at": [101.25, 36.5]' in page
    assert re.search(r'value="0102" selected', page)
    for query in ("lon=abc&lat=1", "lon=1e400&lat=1", "lon=0&lat=0", "lon=<script>&lat=', "):
        assert browser.get(f"/report?{query}").status_code == 200


@pytest.mark.parametrize(
    ("role", "status"),
    [("inspector", 200), ("leader", 200), ("supervisor", 200), ("handler", 403), ("archivist", 403)],
)
def test_who_may_report(whole: WholeSite, role: str, status: int) -> None:
    browser = whole.signed_in(role)
    assert browser.get("/report").status_code == status
    assert ('href="/report"' in browser.get("/findings").get_data(as_text=True)) == (status == 200)


def test_somebody_not_signed_in_signs_in_first(whole: WholeSite) -> None:
    answer = whole.client().get("/report?lon=101.2&lat=36.5")
    assert answer.status_code == 401
    assert "/report?lon=101.2&amp;lat=36.5" in answer.get_data(as_text=True)
