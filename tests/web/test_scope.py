"""Whose cases somebody sees over HTTP: every address that shows or changes one, signed in or with a key."""

from dataclasses import dataclass

import pytest
from sqlalchemy import update

from casework.findings import report
from casework.office import Office
from casework.policy import SYSTEM
from db.models import City, Photo
from tests.factories.city import two_patches
from tests.factories.everyday import after_photo
from tests.web.pages import WholeSite

JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Two:
    """A site with a finding of the bureau CG and one of HW, each with a photo (ids)."""

    site: WholeSite
    ours: int
    theirs: int
    photos: dict[int, int]


@pytest.fixture
def two(sqlite_office: Office) -> Two:
    two_patches(sqlite_office)
    ours, theirs = (
        report(
            sqlite_office,
            SYSTEM,
            {"category": category, "lon": 101.2, "lat": 36.5},
            photos=[after_photo(shade)],
        ).finding_id
        for category, shade in (("0105", 64), ("0102", 80))
    )
    with sqlite_office.database.read() as session:
        photos = {photo.finding_id: photo.id for photo in session.query(Photo)}
    return Two(WholeSite(sqlite_office), ours, theirs, photos)


PAGES = (
    "/findings/{id}", "/findings/{id}/acts", "/findings/{id}/acts/accept", "/map/case/{id}", "/photos/{photo}",
    "/photos/{photo}/original", "/photos/{photo}/thumb",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_anothers_case_is_not_there(two: Two, page: str) -> None:
    browser = two.site.signed_in("handler")
    for finding, status in ((two.ours, 200), (two.theirs, 404)):
        address = page.format(id=finding, photo=two.photos[finding])
        assert browser.get(address).status_code == status, address


@pytest.mark.parametrize(
    ("act", "note"), [("accept", ""), ("return", "no"), ("handle", ""), ("accept", "x" * 3000)]
)
def test_acting_on_anothers_case_tells_nothing_about_it(two: Two, act: str, note: str) -> None:
    browser = two.site.signed_in("handler")
    data = {"csrf_token": browser.csrf_token("/desk"), "note": note, "revision": "0"}
    for finding in (two.theirs, 999):
        answer = browser.client.post(
            f"/findings/{finding}/acts/{act}", data=data, headers={**browser.headers, **JSON}
        )
        told = answer.get_json()["detail"].replace(str(finding), "N")
        expected = (404, "There is no finding N") if len(note) < 3000 else (422, told)
        assert (answer.status_code, told) == expected


def test_several_at_once_leave_anothers_alone(two: Two) -> None:
    browser = two.site.signed_in("handler")
    answer = browser.client.post(
        "/desk/acts",
        data={"csrf_token": browser.csrf_token("/desk"), "act": "accept", "finding": [str(two.theirs)]},
        headers=browser.headers,
    )
    assert answer.status_code == 409
    assert f"There is no finding {two.theirs}" in answer.get_data(as_text=True)


def test_lists_and_the_map_hold_only_the_own(two: Two) -> None:
    browser = two.site.signed_in("handler")
    listed = browser.get("/findings").get_data(as_text=True)
    assert f"/findings/{two.ours}" in listed
    assert f"/findings/{two.theirs}" not in listed
    view = browser.get("/map/view?bbox=101,36,102,37&zoom=16").get_json()
    assert (view["total"], [row["id"] for row in view["rows"]]) == (1, [two.ours])
    assert sum(view["facets"]["status"].values()) == 1
    assert [code for code, _n in view["facets"]["bureau"]] == ["CG"]


def test_a_handler_s_key_reaches_the_bureau_s_only(two: Two) -> None:
    client, key = two.site.app.test_client(), two.site.bearer("handler")
    listed = client.get("/api/v1/findings", headers=key).get_json()
    assert [one["id"] for one in listed["features"]] == [str(two.ours)]
    assert client.get(f"/api/v1/findings/{two.ours}", headers=key).status_code == 200
    assert client.get(f"/api/v1/findings/{two.theirs}", headers=key).status_code == 404
    whole = client.get("/api/v1/findings", headers=two.site.bearer("leader")).get_json()
    assert len(whole["features"]) == 2


def test_on_a_public_map_the_rest_is_what_everybody_sees(two: Two) -> None:
    with two.site.office.database.write() as session:
        session.execute(update(City).values(is_demo=True))
    browser = two.site.signed_in("handler")
    assert browser.get("/map/view?bbox=101,36,102,37&zoom=16").get_json()["total"] == 2
    theirs = browser.get(f"/map/case/{two.theirs}").get_json()
    assert (theirs["restricted"], theirs["history"]) == (True, [])
    assert browser.get(f"/findings/{two.theirs}").status_code == 200
    assert browser.get(f"/findings/{two.theirs}/acts").status_code == 404
