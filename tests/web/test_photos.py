"""Photos over HTTP: sent with reports, shown as copies, saved as they came, and looked at before they are sent."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

import tests.web.sites as sites
from casework import photo_uploads
from casework.photos import photo_path, store_bytes
from db.models import City, Finding, Photo
from tests.factories.photos import laden, photo
from tests.web.sites import Browser, Site
from web import uploads

URL = "/api/v1/findings"
GOOD = {"category": "0102", "lon": "101.2", "lat": "36.5", "description": "垃圾"}


@pytest.fixture
def photo_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(sites, "OURS", (*sites.OURS, "web.photos"))
    return Site(site.office)


def part(content: bytes, name: str = "a.jpg") -> tuple[BytesIO, str]:
    return BytesIO(content), name


def send(site: Site, data: dict[str, Any], **headers: str) -> TestResponse:
    if "Authorization" not in headers:
        headers |= site.bearer()
    return site.app.test_client().post(
        URL,
        data={**GOOD, **data},
        headers={"Accept-Language": "en", **headers},
        content_type="multipart/form-data",
    )


def stored(site: Site) -> tuple[int, int, int]:
    with site.office.database.read() as session:
        rows = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Finding, Photo)]
    files = [path for path in site.office.settings.instance.glob("photos/**/*") if path.is_file()]
    return rows[0], rows[1], len(files)


def put(site: Site, content: bytes, media_type: str = "image/jpeg") -> int:
    """A photo that is on record."""
    answer = send(site, {"photos": part(photo())})
    assert answer.json is not None
    number = int(answer.json["properties"]["photos"][0]["id"])
    with site.office.database.write() as session:
        row = session.get_one(Photo, number)
        row.sha256, row.media_type = store_bytes(site.office, content), media_type
    return number


def test_a_report_with_photos_is_given_back_byte_for_byte(photo_site: Site) -> None:
    contents = [laden(), photo("HEIF"), photo("PNG")]
    data = {
        "photos": [part(content, f"{n}.bin") for n, content in enumerate(contents)],
        "photo_kinds": ["near", "far"],
    }
    key = photo_site.bearer()
    answer = send(photo_site, data, **key)
    assert answer.status_code == 201, answer.text
    body = answer.json
    assert body is not None
    assert [one["kind"] for one in body["properties"]["photos"]] == ["near", "far", "before"]
    types = ["image/jpeg", "image/heic", "image/png"]
    for one, content, media_type in zip(body["properties"]["photos"], contents, types, strict=True):
        original = photo_site.app.test_client().get(f"/api/v1/photos/{one['id']}", headers=key, buffered=True)
        assert original.data == content
        assert original.content_type == media_type
        assert original.headers["Content-Disposition"].startswith("attachment")
    assert stored(photo_site) == (1, 3, 3)


@pytest.mark.parametrize("written", [["near,far"], ['["near", "far"]'], ["near", "far"]])
@pytest.mark.parametrize("name", ["photo_kinds", "kinds", "photo_kinds[]"])
def test_kinds_may_be_written_in_several_ways(photo_site: Site, written: list[str], name: str) -> None:
    body = send(photo_site, {"photos": [part(photo()), part(photo("PNG"))], name: written}).json
    assert body is not None
    assert [one["kind"] for one in body["properties"]["photos"]] == ["near", "far"]


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"photos": [part(photo()), part(b"MZ\0", "tool.jpg"), part(photo("PNG"))]}, "photos", "no. 2 (tool.jpg)"),
        ({"photos": part(b"", "a.jpg")}, "photos", "empty"),
        ({"photos": part(b"<svg onload='x()'/>", "<img src=x>.svg")}, "photos", "SVG"),
        ({"photos": "text"}, "photos", "must be files"),
        ({"picture": part(photo())}, "picture", "parts named photos"),
        ({"photos": part(photo()), "kinds": "sideways"}, "photo_kinds", "sideways"),
        ({"photos": part(photo()), "lon": "x"}, "lon", "number"),
        ({"photos": part(photo()), "client_key": "x" * 300}, "client_key", "200"),
        ({"photos": [part(photo()) for _ in range(11)]}, "photos", "at most 10"),
    ],
    ids=["second", "empty", "svg", "text", "other part", "kind", "field", "key", "too many"],
)  # fmt: skip
def test_one_fault_refuses_the_whole_report(
    photo_site: Site, data: dict[str, Any], field: str, words: str
) -> None:
    fresh = {
        name: [(BytesIO(f.getvalue()), n) for f, n in (v if isinstance(v, list) else [v])]
        if not isinstance(v, str)
        else v
        for name, v in data.items()
    }
    answer = send(photo_site, fresh)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["field"] == field
    assert words in answer.json["detail"]
    assert stored(photo_site) == (0, 0, 0)


def test_the_same_key_again_is_answered_with_the_first_finding(photo_site: Site) -> None:
    key = photo_site.bearer()
    first = send(photo_site, {"photos": part(photo()), "client_key": "tap"}, **key)
    again = send(photo_site, {"photos": part(b"cut"), "client_key": "tap"}, **key)
    headed = send(photo_site, {"photos": part(photo())}, **key, **{"Idempotency-Key": "tap"})
    assert [one.status_code for one in (first, again, headed)] == [201, 200, 200]
    assert first.json is not None
    assert again.json is not None
    assert again.json == headed.json
    assert again.json["id"] == first.json["id"]
    json = photo_site.app.test_client().post(URL, json={**GOOD, "client_key": "tap"}, headers=key)
    assert json.status_code == 200
    assert stored(photo_site) == (1, 1, 1)


def test_a_request_with_photos_may_be_large_for_who_is_known(
    photo_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # what comes after a PNG's end does not matter; the body is made here: the client would leave a file open
    large = photo("PNG") + bytes(17 * 1024 * 1024)
    boundary, body = encode_multipart({**GOOD, "photos": FileStorage(BytesIO(large), "a.png")})
    sent = {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}
    client, headers = photo_site.app.test_client(), {"Accept-Language": "en", **photo_site.bearer()}
    assert client.post(URL, headers=headers, **sent).status_code == 201
    assert client.post(URL, **sent).status_code == 401
    monkeypatch.setattr(uploads, "MAX_REQUEST_BYTES", 1024 * 1024)
    answer = client.post(URL, headers=headers, **sent)
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
    assert "16 MB" in answer.text


def test_copies_are_shown_and_originals_saved(photo_site: Site) -> None:
    content = laden()
    number = put(photo_site, content)
    browser = photo_site.signed_in("leader")
    for path, side in ((f"/photos/{number}", 1600), (f"/photos/{number}/thumb", 400)):
        answer = browser.get(path)
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
        with Image.open(BytesIO(answer.data)) as shown:
            assert max(shown.size) == side
        assert b"Exif" not in answer.data
        assert b"secret" not in answer.data
        safe(answer)
        assert (
            "Content-Disposition" not in answer.headers or "inline" in answer.headers["Content-Disposition"]
        )
    original = browser.get(f"/photos/{number}/original")
    assert original.data == content
    assert original.headers["Content-Disposition"] == f"attachment; filename=photo-{number}.jpg"
    safe(original)


def safe(answer: TestResponse) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "private" in answer.headers["Cache-Control"]


def test_a_copy_is_kept_by_its_browser(photo_site: Site) -> None:
    number = put(photo_site, photo())
    browser = photo_site.signed_in("leader")
    first = browser.get(f"/photos/{number}")
    assert "no-cache" in first.headers["Cache-Control"]
    again = browser.get(f"/photos/{number}", {"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    safe(again)
    version = first.headers["ETag"].strip('"')[:8]
    named = browser.get(f"/photos/{number}?v={version}").headers["Cache-Control"]
    assert {"private", "immutable", "max-age=31536000"} <= set(named.split(", "))


def test_what_is_no_photo_is_never_shown_and_only_saved(photo_site: Site) -> None:
    number = put(photo_site, b"<script>alert(1)</script>", "text/html")
    browser = photo_site.signed_in("leader")
    assert browser.get(f"/photos/{number}").status_code == 404
    saved = browser.get(f"/photos/{number}/original")
    assert saved.content_type == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    safe(saved)


def test_who_sees_what(photo_site: Site) -> None:
    number = put(photo_site, photo())
    paths = (f"/photos/{number}", f"/photos/{number}/thumb", f"/photos/{number}/original")
    anonymous = photo_site.client()
    assert [anonymous.get(path).status_code for path in paths] == [401, 401, 401]
    with photo_site.office.database.write() as session:
        session.query(City).one().is_demo = True
    assert [anonymous.get(path).status_code for path in paths] == [200, 200, 401]
    assert anonymous.get(f"/api/v1/photos/{number}").status_code == 401
    staff = photo_site.signed_in("supervisor")
    assert [staff.get(path).status_code for path in paths] == [200, 200, 200]
    missing = [
        staff.get(f"/photos/{n}{end}").status_code
        for n in (999, 2**63)
        for end in ("", "/thumb", "/original")
    ]
    assert missing == [404] * 6


def test_a_photo_whose_file_is_gone_is_said_to_be_missing(photo_site: Site) -> None:
    number = put(photo_site, photo("WEBP"))
    with photo_site.office.database.read() as session:
        photo_path(photo_site.office, session.get_one(Photo, number).sha256).unlink()
    assert photo_site.signed_in("leader").get(f"/photos/{number}").status_code == 404


def look(browser: Browser, data: dict[str, Any], token: str | None = None) -> TestResponse:
    headers = {
        **browser.headers,
        "Accept": "application/json",
        "X-CSRFToken": token or browser.csrf_token("/me"),
    }
    return browser.client.post(
        "/photos/inspect", data=data, headers=headers, content_type="multipart/form-data"
    )


def test_a_look_before_sending_stores_nothing(photo_site: Site) -> None:
    browser = photo_site.signed_in("inspector")
    near = look(browser, {"photo": part(photo(taken="2026:09:01 08:30:00", lon=101.2, lat=36.5))})
    assert near.json == {
        "ok": True, "media_type": "image/jpeg", "width": 64, "height": 48, "taken_at": "2026-09-01T08:30:00+08:00",
        "lon": 101.2, "lat": 36.5, "warnings": [],
    }  # fmt: skip
    far = look(browser, {"photos": part(photo(lon=-0.1276, lat=51.5072))}).json
    assert far is not None
    assert "another part of the world" in far["warnings"][0]
    assert stored(photo_site) == (0, 0, 0)


def test_a_look_refuses_as_sending_would(photo_site: Site) -> None:
    browser = photo_site.signed_in("inspector")
    for content in (b"", b"MZ", photo()[:200]):
        answer = look(browser, {"photo": part(content, "x.jpg")})
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["field"] == "photos"
        assert "1 (x.jpg)" in answer.json["detail"]
    assert look(browser, {}).status_code == 422
    assert look(browser, {"photo": part(photo())}, token="wrong").status_code == 400
    anonymous = photo_site.client()
    assert look(anonymous, {"photo": part(photo())}, anonymous.csrf_token()).status_code == 401


def test_the_words_are_chinese_too(photo_site: Site) -> None:
    answer = send(photo_site, {"photos": part(b"MZ", "x.jpg")}, **{"Accept-Language": "zh"})
    assert answer.json is not None
    assert answer.json["field"] == "photos"


def test_the_bound_of_a_request_holds_the_photos_it_may_bring() -> None:
    assert uploads.MAX_REQUEST_BYTES > photo_uploads.MAX_PHOTOS * photo_uploads.MAX_BYTES
