"""Setting the application up: secret, configuration, identities in addresses, words for templates."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request

from casework.office import Office
from tests.web.sites import Site
from web import setup


def test_the_secret_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    first = setup.secret_key(folder)
    assert len(first) == 32
    assert setup.secret_key(folder) == first
    assert stat.S_IMODE((folder / setup.SECRET_FILE).stat().st_mode) == 0o600
    assert [file.name for file in folder.iterdir()] == [setup.SECRET_FILE]


def test_servers_that_start_at_once_share_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(setup.secret_key, [tmp_path] * 40))
    assert len(made) == 1
    assert [file.name for file in tmp_path.iterdir()] == [setup.SECRET_FILE]


def test_cookies_are_kept_from_scripts_and_other_sites(site: Site) -> None:
    config = site.app.config
    assert config["SESSION_COOKIE_HTTPONLY"] is True
    assert config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert config["SESSION_COOKIE_SECURE"] is False
    secure = Site(replace(site.office, settings=replace(site.office.settings, secure_cookies=True)))
    assert secure.app.config["SESSION_COOKIE_SECURE"] is True


def test_the_size_of_requests_is_bounded_by_the_settings(site: Site) -> None:
    assert site.app.config["MAX_CONTENT_LENGTH"] == site.office.settings.max_request_bytes


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_a_proxy_is_believed_only_where_there_is_one(sqlite_office: Office, proxies: int, seen: str) -> None:
    office = replace(sqlite_office, settings=replace(sqlite_office.settings, trusted_proxies=proxies))
    app = Flask(__name__)
    setup.prepare(app, office)
    app.add_url_rule("/who", "who", lambda: request.remote_addr or "")
    answer = app.test_client().get("/who", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.get_data(as_text=True) == seen


@pytest.mark.parametrize("identity", [str(2**63), "9" * 5000, "-1", "1.5", "x", "٣"])
def test_what_no_database_can_look_for_is_not_found(site: Site, identity: str) -> None:
    answer = site.client().get(f"/api/v1/findings/{identity}", headers=site.bearer())
    assert answer.status_code == 404


def test_pages_show_who_is_signed_in_and_what_waits(site: Site) -> None:
    page = site.signed_in("supervisor").get("/about").get_data(as_text=True)
    assert "some.supervisor" in page
    assert "Triage" in page
    assert "Triage" not in site.client().get("/about").get_data(as_text=True)
