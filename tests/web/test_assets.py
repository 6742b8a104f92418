"""Static files: addresses that change with the content."""

from pathlib import Path

from tests.web.sites import Site
from web.assets import asset


def test_the_address_changes_with_the_content(site: Site, tmp_path: Path) -> None:
    site.app.static_folder = str(tmp_path)
    file = tmp_path / "a.css"
    with site.app.test_request_context("/"):
        assert asset("a.css") == "/static/a.css"
        file.write_text("a")
        first = asset("a.css")
        file.write_text("bb")
        assert first.startswith("/static/a.css?v=")
        assert asset("a.css") != first


def test_what_has_a_hash_is_kept_and_the_rest_is_asked_for_again(site: Site) -> None:
    browser = site.client()
    kept = browser.get("/static/css/tokens.css?v=123").headers["Cache-Control"]
    assert "immutable" in kept
    assert "max-age=31536000" in kept
    asked = browser.get("/static/css/tokens.css")
    assert asked.headers["Cache-Control"] == "no-cache"
    again = browser.get("/static/css/tokens.css", headers={"If-None-Match": asked.headers["ETag"]})
    assert again.status_code == 304


def test_pages_are_never_kept_for_others(site: Site) -> None:
    headers = site.client().get("/about").headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in headers["Vary"]


def test_nothing_outside_the_folder_is_given_out(site: Site) -> None:
    for path in ("../../settings.py", "..%2f..%2fsettings.py", "css/../../../app.py"):
        assert site.client().get(f"/static/{path}").status_code == 404
