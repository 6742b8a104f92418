"""The map's page and answers over HTTP: what they say, to whom, and how they are sent."""

import gzip
import json
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

import tests.web.sites as sites
from casework.findings import report
from casework.office import Office
from db.models import City
from tests.factories.city import INSPECTOR, TwoPatches, two_patches
from tests.factories.crowd import crowd
from tests.web.sites import Site

VIEW = "/map/view?bbox=100,35,103,38&zoom=9"
LAYERS = ("/map/areas.json", "/map/backdrop.json", "/map/options.json")
HOSTILE = [
    "{{ 7*7 }}",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "${7*7}",
    "\U0001f6b2",
]


@pytest.fixture
def city(sqlite_office: Office) -> TwoPatches:
    made = two_patches(sqlite_office)
    crowd(sqlite_office, made, 30)
    return made


@pytest.fixture
def map_site(sqlite_office: Office, city: TwoPatches, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(sites, "OURS", (*sites.OURS, "web.problem_map"))
    monkeypatch.setattr(sites, "FRAME", tuple(one for one in sites.FRAME if one[0] != "problem_map"))
    return Site(sqlite_office)


@pytest.fixture
def demo_site(map_site: Site) -> Site:
    with map_site.office.database.write() as session:
        session.query(City).one().is_demo = True
    return map_site


def inlined(page: TestResponse, name: str) -> Any:
    """The JSON that the page carries under an id."""
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page.text, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_a_closed_map_leads_to_signing_in(map_site: Site) -> None:
    assert map_site.client().get("/").status_code == 401
    for path in (VIEW, "/map/case/1", *LAYERS):
        answer = map_site.client().get(path)
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"


def test_the_demo_is_open_to_everybody(demo_site: Site) -> None:
    for path in ("/", VIEW, "/map/case/1", *LAYERS):
        assert demo_site.client().get(path).status_code == 200


def test_the_page_opens_with_what_its_view_shows(map_site: Site) -> None:
    page = map_site.signed_in("leader").get("/?status=over&at=36.5,101.4,10")
    first, config = inlined(page, "bp-first"), inlined(page, "bp-config")
    assert first["total"] == first["facets"]["status"]["over"] > 0
    assert config["city"]["bounds"] == [[36, 101], [37, 102]]
    assert config["signed_in"]["role"] == "leader"
    assert config["patch_level"] == "patch"
    assert [one["key"] for one in config["basemaps"]] == ["none"]
    assert "center: [36.5, 101.4]" in page.text
    assert '"zoom": 10' in page.text


@pytest.mark.parametrize(
    "query", ["at=x", "at=1,2", "at=nan,1,2", "at=91,0,3", "status=zzz", "finding=999", "from=1", "q=%00"]
)
def test_an_odd_address_still_opens_the_page(demo_site: Site, query: str) -> None:
    assert demo_site.client().get(f"/?{query}").status_code == 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_scripts_carry_the_nonce_and_no_other_host(demo_site: Site, language: str) -> None:
    page = demo_site.client(language).get("/")
    nonce = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])
    assert nonce
    for tag in re.findall(r"<script(?![^>]*(?:application/json|src=\"/))[^>]*>|<style[^>]*>", page.text):
        assert f'nonce="{nonce[1]}"' in tag
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
    assert ('id="bp-texts"' in page.text) == (language == "zh")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_users_text_is_only_ever_text(demo_site: Site, text: str) -> None:
    form = {
        "category": "0105",
        "lon": 101.2,
        "lat": 36.5,
        "subject": text,
        "place": text,
        "description": text,
    }
    made = report(demo_site.office, INSPECTOR, form)
    page = demo_site.client().get("/")
    rows = inlined(page, "bp-first")["rows"]
    assert [row["subject"] for row in rows if row["id"] == made.finding_id] == [text]
    outside = re.sub(r'<script type="application/json".*?</script>', "", page.text, flags=re.DOTALL)
    assert text not in outside
    case = demo_site.client().get(f"/map/case/{made.finding_id}").json
    assert case is not None
    assert case["description"] == text


def test_what_cannot_be_taken_is_named(demo_site: Site) -> None:
    answer = demo_site.client().get(f"{VIEW}&category=nowhere")
    assert answer.status_code == 422
    assert json.loads(answer.data)["field"] == "category"
    assert demo_site.client().get("/map/case/999").status_code == 404
    assert demo_site.client().get("/map/case/" + "9" * 40).status_code == 404


def test_layers_are_sent_once_and_compressed(demo_site: Site) -> None:
    client = demo_site.client()
    plain = client.get("/map/areas.json")
    small = client.get("/map/areas.json", {"Accept-Encoding": "gzip"})
    assert json.loads(plain.data) == json.loads(
        gzip.decompress(small.data) if small.headers.get("Content-Encoding") == "gzip" else small.data
    )
    for path in LAYERS:
        tag = client.get(path).headers["ETag"]
        again = client.get(path, {"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
    view = client.get(VIEW, {"Accept-Encoding": "gzip"})
    assert view.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in view.headers["Vary"]
    assert client.get(VIEW, {"Accept-Encoding": "gzip;q=0"}).headers.get("Content-Encoding") is None
