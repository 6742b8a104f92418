"""The pages and answers of an import: what the browser gets, and that nothing it sends ends in a 5xx."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app import create_app
from casework import area_import_store
from casework.accounts import create_user
from casework.office import Office
from casework.policy import SYSTEM
from tests.factories.city import two_patches
from tests.factories.hostile import TEXTS
from tests.factories.map_files import gbk_shapefile, two_layers, zipped
from tests.geo.geojson import collection, feature
from tests.web.sites import Browser

PASSWORD = "correct horse 9"
PATCH = {"type": "Polygon", "coordinates": [[[101.1, 36.1], [101.2, 36.1], [101.2, 36.2], [101.1, 36.1]]]}


class Sender:
    """A signed-in browser's scripts: JSON and files with the CSRF token in the header."""

    def __init__(self, office: Office, role: str) -> None:
        create_user(office, SYSTEM, f"some.{role}", role, PASSWORD)
        self.browser = Browser(create_app(office.settings).test_client(), "en")
        assert self.browser.sign_in(f"some.{role}", PASSWORD).status_code == 303
        self.token = self.browser.csrf_token("/me")

    def get(self, path: str) -> TestResponse:
        return self.browser.get(path)

    def post(self, path: str, **what: Any) -> TestResponse:
        headers = {"X-CSRFToken": self.token, "Accept": "application/json", "Accept-Language": "en"}
        return self.browser.client.post(path, headers=headers, **what)


@pytest.fixture
def client(sqlite_office: Office) -> Sender:
    """A supervisor on the real application, two patches behind it."""
    two_patches(sqlite_office)
    return Sender(sqlite_office, "supervisor")


def bring(client: Sender, *files: tuple[bytes, str]) -> Any:
    data = {"files": [(io.BytesIO(content), name) for content, name in files]}
    return client.post("/areas/import", data=data)


def brought(client: Sender, *paths: Path) -> str:
    answer = bring(client, *((path.read_bytes(), path.name) for path in paths))
    assert answer.status_code == 201
    return str(answer.json["url"])


def test_a_shapefile_is_looked_at_and_published(client: Sender, tmp_path: Path) -> None:
    url = brought(client, *gbk_shapefile(tmp_path / "up"))
    assert "包片.shp" in client.get(url).text
    seen = client.post(f"{url}/look", json={}).json
    assert seen is not None
    assert {area["code"]: area["outcome"] for area in seen["areas"]} == {
        "A": "changed",
        "B": "unchanged",
        "N": "new",
    }
    assert seen["counts"]["new"] == 1
    assert seen["questions"]["encoding"]["asked"] is True
    assert seen["questions"]["encoding"]["choices"][0]["sample"].startswith("编号")
    assert seen["questions"]["crs"]["asked"] is False
    assert client.post(f"{url}/effect", json={"seal": seen["seal"]}).json == {
        "findings_moved": 0,
        "bureaus_changed": 0,
    }
    done = client.post(f"{url}/publish", json={"seal": seen["seal"]}).json
    assert done is not None
    assert (done["opened"], done["changed"]) == (1, 1)
    assert client.get(done["url"]).status_code == 200
    assert client.get(url).status_code == 404
    assert "北片" in client.get("/areas?lang=zh").text


def test_a_stale_preview_is_a_conflict(client: Sender, tmp_path: Path) -> None:
    url = brought(client, *gbk_shapefile(tmp_path / "up"))
    assert client.post(f"{url}/publish", json={"seal": "old"}).status_code == 409


def test_layers_are_asked_for_and_problems_have_their_place(client: Sender, tmp_path: Path) -> None:
    url = brought(client, two_layers(tmp_path / "two.gpkg"))
    asked = client.post(f"{url}/look", json={}).json
    assert asked is not None
    assert asked["questions"]["layer"]["asked"] is True
    assert asked["counts"] is None
    seen = client.post(f"{url}/look", json={"layer": "old", "level": "patch", "ended": True}).json
    assert seen is not None
    [gap] = [one for one in seen["problems"]["rows"] if one["kind"] == "gap"]
    assert "km²" in gap["text"]
    assert len(gap["bbox"]) == 4
    assert [area["code"] for area in seen["absent"]] == ["B"]


def test_refusals_say_what_is_wrong(client: Sender) -> None:
    url = bring(client, (zipped(**{"../a.geojson": b"{}"}), "a.zip")).json["url"]
    seen = client.post(f"{url}/look", json={}).json
    assert seen is not None
    assert "../a.geojson" in seen["refused"]["text"]
    assert bring(client).status_code == 422


def test_what_is_too_large_is_refused_unread(client: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(area_import_store, "MAX_BYTES", 100_000)
    refused = bring(client, (bytes(200_000), "a.zip"))
    assert refused.status_code == 422
    assert "files: more than" in refused.json["detail"]
    large = {"CONTENT_LENGTH": str(500_000_000)}
    answer = client.post(
        "/areas/import", data=b"--x", content_type="multipart/form-data; boundary=x", environ_overrides=large
    )
    assert answer.status_code == 413


def test_hostile_names_come_back_as_they_are(client: Sender) -> None:
    values = [{"code": f"c{i:02}", "name": text, text: text} for i, text in enumerate(TEXTS)]
    content = json.dumps(collection(*[feature(PATCH, **one) for one in values])).encode()
    url = bring(client, (content, f"{TEXTS[8]}.geojson")).json["url"]
    page = client.get(url).text
    assert "<img src=x" not in page
    seen = client.post(f"{url}/look", json={"level": "grid"}).json
    assert seen is not None
    assert [area["zh"] for area in seen["areas"]] == [text.strip() for text in TEXTS]
    assert set(TEXTS) <= {column["name"] for column in seen["questions"]["fields"]["columns"]}


@pytest.mark.parametrize("role", ["leader", "inspector"])
def test_others_are_sent_away(sqlite_office: Office, role: str) -> None:
    two_patches(sqlite_office)
    other = Sender(sqlite_office, role)
    assert other.get("/areas/import").status_code == 403
    assert bring(other, (b"{}", "a.geojson")).status_code == 403
    for what in ("look", "effect", "publish", "draft"):
        assert other.post(f"/areas/import/{'x' * 24}/{what}", json={}).status_code == 403
    assert create_app(sqlite_office.settings).test_client().get("/areas/import").status_code == 401


@pytest.mark.parametrize(
    "body", [[], "x", {"level": {}}, {"seal": []}, {"fields": 1}, {"crs": "\0"}, {"level": "a b"}]
)
@pytest.mark.parametrize("what", ["look", "effect", "publish", "draft"])
def test_no_body_ends_in_a_5xx(client: Sender, what: str, body: Any) -> None:
    url = bring(client, (b'{"type": "Point", "coordinates": [101.5, 36.5]}', "a.geojson")).json["url"]
    assert client.post(f"{url}/{what}", json=body).status_code < 500


def test_giving_up_removes_the_file(client: Sender, tmp_path: Path) -> None:
    url = brought(client, two_layers(tmp_path / "two.gpkg"))
    assert url in client.get("/areas/import").text
    assert client.post(f"{url}/discard").json == {"url": "/areas/import"}
    assert client.get(url).status_code == 404
