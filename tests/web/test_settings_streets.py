"""The page of the street network: what is in use, an upload, how far it is, and why it was refused."""

import io
from pathlib import Path

from casework import background_jobs, street_imports
from casework.policy import SYSTEM
from casework.street_imports import ImportState
from casework.street_networks import current_facts, import_network
from tests.casework.test_street_networks import blocks
from tests.web.sites import Browser, Site


def bring(browser: Browser, content: bytes, name: str) -> tuple[int, str]:
    form = {"file": (io.BytesIO(content), name), "csrf_token": browser.csrf_token("/settings/streets")}
    answer = browser.client.post(
        "/settings/streets", data=form, headers=browser.headers, content_type="multipart/form-data"
    )
    return answer.status_code, answer.get_data(as_text=True)


def test_without_a_network_the_page_says_what_that_means(site: Site) -> None:
    page = site.signed_in("administrator").get("/settings/streets").get_data(as_text=True)
    assert "their times are not to be trusted" in page


def test_the_network_in_use_is_shown(site: Site, tmp_path: Path) -> None:
    import_network(site.office, SYSTEM, blocks(tmp_path / "town.osm"), name="<b>town</b>.osm")
    page = site.signed_in("administrator").get("/settings/streets").get_data(as_text=True)
    assert "&lt;b&gt;town&lt;/b&gt;.osm" in page
    assert "<b>town</b>" not in page


def test_an_upload_is_begun(site: Site, tmp_path: Path) -> None:
    status, _ = bring(site.signed_in("administrator"), blocks(tmp_path / "town.osm").read_bytes(), "town.osm")
    assert status == 303
    process = background_jobs._children[-1] if background_jobs._children else None
    if process is not None:
        process.wait(60)
    facts = current_facts(site.office)
    assert facts is not None
    assert facts.name == "town.osm"


def test_what_is_wrong_with_a_file_stands_beside_it(site: Site) -> None:
    status, page = bring(site.signed_in("administrator"), b"x", "map.pdf")
    assert status == 422
    assert "map.pdf is no OpenStreetMap extract" in page


def test_how_far_it_is_and_why_it_was_refused(site: Site, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(background_jobs, "lives", lambda process: True)
    admin = site.signed_in("administrator")
    street_imports._write(site.office.settings, ImportState("reading", "town.osm", 1, 1))
    now = admin.get("/settings/streets/progress").get_json()
    assert now == {"stage": "reading", "running": True, "text": "Reading town.osm: 1 object so far"}
    assert "data-progress" in admin.get("/settings/streets").get_data(as_text=True)
    why = ImportState("refused", "town.osm", message="The file is empty.")
    street_imports._write(site.office.settings, why)
    assert "town.osm was refused: The file is empty." in admin.get("/settings/streets").get_data(as_text=True)


def test_straight_lines_instead(site: Site, tmp_path: Path) -> None:
    import_network(site.office, SYSTEM, blocks(tmp_path / "town.osm"))
    answer = site.signed_in("administrator").post("/settings/streets/none", {}, at="/settings/streets")
    assert answer.status_code == 303
    assert current_facts(site.office) is None


def test_nobody_else_asks_how_far_it_is(site: Site) -> None:
    assert site.signed_in("supervisor").get("/settings/streets/progress").status_code == 403
