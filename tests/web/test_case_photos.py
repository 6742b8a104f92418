"""Photos of a case over HTTP: the covered copy is what everybody gets, wherever they ask."""

from io import BytesIO
from typing import cast

import pytest
from PIL import Image

from casework import keys, photo_copies
from casework.findings import report
from casework.office import Office
from casework.photo_uploads import Upload, check
from casework.policy import SYSTEM
from tests.factories.city import two_patches
from tests.factories.photos import encoded, exif, picture
from tests.web.pages import WholeSite, whole_site

HALF = "[[0, 0, 0.5, 0.5]]"


@pytest.fixture
def site(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    contents = [
        ("before", encoded(picture(640, 480), exif=exif(taken="2026:09:01 08:30:00", lon=101.3, lat=36.5))),
        ("after", encoded(picture(480, 360))),
    ]
    photos = [Upload(kind, check(content)) for kind, content in contents]
    report(sqlite_office, SYSTEM, {"category": "0102", "lon": 101.2, "lat": 36.5}, photos=photos)
    return whole_site(sqlite_office)


def is_covered(content: bytes) -> bool:
    """Whether the top left, all of one colour in the photo, is a mosaic."""
    image = Image.open(BytesIO(content)).convert("L")
    part = image.crop((image.width // 20, image.height // 20, image.width * 2 // 5, image.height * 2 // 5))
    low, high = cast("tuple[int, int]", part.getextrema())
    return high - low > 12


def test_a_photo_is_covered_and_every_address_gives_the_copy(site: WholeSite) -> None:
    browser = site.signed_in("supervisor")
    page = browser.get("/findings/1/photos").text
    assert "Cover faces or plates" in page
    assert "taken 9 km away" in page or "taken 8,9" in page
    assert "no position" in page
    old = browser.get("/photos/1")
    assert not is_covered(old.data)
    answer = browser.client.post(
        "/photos/1/cover", data={"regions": HALF, "csrf_token": browser.csrf_token("/photos/1/cover")},
        headers=browser.headers, follow_redirects=True,
    )  # fmt: skip
    assert "everybody sees the copy" in answer.text
    for path in ("/photos/1", "/photos/1/thumb", f"/photos/1?v={old.headers['ETag'][1:9]}"):
        got = browser.get(path, headers={"If-None-Match": old.headers["ETag"]})
        assert got.status_code == 200, path
        assert is_covered(got.data), path
    assert not is_covered(browser.get("/photos/1/uncovered").data)
    assert not is_covered(browser.get("/photos/1/original").data)


def test_those_who_may_not_see_originals_get_the_copy_or_nothing(site: WholeSite) -> None:
    photo_copies.make(site.office, SYSTEM, 1, [[0, 0, 0.5, 0.5]])
    key = {"Authorization": "Bearer " + keys.add_key(site.office, SYSTEM, "k", "handler", bureau="HW")}
    answer = site.app.test_client().get("/api/v1/photos/1", headers=key, buffered=True)
    assert answer.status_code == 200
    assert is_covered(answer.data)
    supervisors = {"Authorization": "Bearer " + keys.add_key(site.office, SYSTEM, "s", "supervisor")}
    assert not is_covered(
        site.app.test_client().get("/api/v1/photos/1", headers=supervisors, buffered=True).data
    )
    browser = site.signed_in("handler")  # of another bureau
    assert browser.get("/photos/1").status_code == 404
    for path in ("/photos/1/original", "/photos/1/uncovered", "/photos/1/cover"):
        assert browser.get(path).status_code in {403, 404}
    assert site.client().get("/photos/1/uncovered").status_code == 401


def test_bad_rectangles_are_told_on_the_page(site: WholeSite) -> None:
    browser = site.signed_in("administrator")
    token = browser.csrf_token("/photos/1/cover")
    for regions in ("", "[]", "{", '"x"', "[[0,0,0,0]]", "[" * 5000, "[[NaN,0,1,1]]", "[[1e999,0,1,1]]"):
        answer = browser.client.post(
            "/photos/1/cover", data={"regions": regions, "csrf_token": token}, headers=browser.headers
        )
        assert answer.status_code == 422, regions[:20]
        assert "rectangle" in answer.text
    assert browser.get("/photos/99/cover").status_code == 404
    assert browser.get(f"/photos/{10**30}/cover").status_code == 404


def test_the_case_compares_before_and_after(site: WholeSite) -> None:
    page = site.signed_in("supervisor").get("/findings/1").text
    assert 'type="range"' in page
    assert "taken before the case was reported" not in page
    assert page.count("data-compare") == 1
    assert site.client().get("/findings/1/photos").status_code == 401
