"""Who is asking, CSRF tokens, headers on every answer, and redirects that stay here."""

import re

import pytest
from sqlalchemy import update

from db.models import City
from tests.web.sites import Browser, Site
from web.security import COOKIE, local_path, tile_host

PAGES = [
    "/about",
    "/sign-in",
    "/nowhere",
    "/api/v1/findings",
    "/api/openapi.json",
    "/healthz",
    "/static/css/tokens.css",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_protecting_headers(site: Site, path: str) -> None:
    headers = site.client().get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'self' 'nonce-[\w-]{22}'", policy["script-src"])
    assert policy["style-src"] == policy["script-src"]
    assert policy["img-src"] == "'self' data: blob:"
    for name in ("base-uri", "frame-ancestors", "object-src"):
        assert policy[name] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == policy["font-src"] == "'self'"
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("geolocation=(self)")


def test_each_answer_has_a_nonce_of_its_own(site: Site) -> None:
    browser = site.client()
    assert len({browser.get("/about").headers["Content-Security-Policy"] for _ in range(3)}) == 3


def test_pages_bring_no_inline_script_or_style(site: Site) -> None:
    for path in ("/about", "/sign-in", "/nowhere"):
        page = site.client().get(path).get_data(as_text=True)
        assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>\s*\S", page)
        assert not re.search(r"<style|\son\w+=|\sstyle=", page)


def test_the_tile_server_that_is_set_up_may_give_pictures_and_nothing_else(site: Site) -> None:
    url = "https://t{s}.tiles.example/{z}/{x}/{y}.png"
    with site.office.database.write() as session:
        session.execute(update(City).values(basemap_kind="xyz", basemap_url=url))
    policy = site.client().get("/about").headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://*.tiles.example;" in policy
    assert policy.count("tiles.example") == 1


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://tile.example/{z}/{x}/{y}.png", "https://tile.example"),
        ("http://10.0.0.5:8080/tiles/{z}", "http://10.0.0.5:8080"),
        ("https://{s}.tile.example/{z}", "https://*.tile.example"),
        ("/tiles/{z}/{x}/{y}.png", "'self'"),
        ("https://a.example; script-src *", "'self'"),
        ("https://*/{z}", "'self'"),
        ("https://a.{s}.example/{z}", "'self'"),
        ("javascript://x/{z}", "'self'"),
    ],
)
def test_a_tile_address_becomes_one_source_of_the_policy(url: str, source: str) -> None:
    assert tile_host(url) == source


@pytest.mark.parametrize("wanted", ["/", "/findings?status=over&q=%3Cb%3E", "/about#shapes"])
def test_paths_of_ours_are_gone_on_to(wanted: str) -> None:
    assert local_path(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        None, "", "about", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example",
        "https://evil.example", "javascript:alert(1)", "\\\\evil.example", "/a\\b", " /x", "/" + "a" * 3000,
        "http:evil.example", "/x\r\nSet-Cookie: a=b",
    ],
)  # fmt: skip
def test_addresses_that_could_lead_elsewhere_are_not(wanted: str | None) -> None:
    assert local_path(wanted, "/home") == "/home"


def test_a_form_without_its_token_is_refused(site: Site) -> None:
    site.user("li", "inspector")
    answer = site.client().client.post("/sign-in", data={"username": "li", "password": "correct horse 9"})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers or COOKIE not in answer.headers["Set-Cookie"]


def test_another_browser_s_token_is_refused(site: Site) -> None:
    site.user("li", "inspector")
    stolen = site.client().csrf_token()
    answer = site.client().client.post(
        "/sign-in", data={"username": "li", "password": "correct horse 9", "csrf_token": stolen}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/sign-out", "/me/password", "/me/sessions"])
def test_signed_in_forms_need_the_token(site: Site, path: str) -> None:
    browser = site.signed_in()
    assert browser.client.post(path).status_code == 400
    assert browser.get("/me").status_code == 200


FINDING = {"category": "0102", "lon": 101.2, "lat": 36.5, "description": "x"}


def test_a_session_reports_through_the_api_only_with_the_token(site: Site) -> None:
    browser = site.signed_in()
    refused = browser.client.post("/api/v1/findings", json=FINDING)
    assert refused.status_code == 400
    assert refused.json is not None
    assert refused.json["field"] == "csrf_token"
    token = browser.csrf_token("/me")
    taken = browser.client.post("/api/v1/findings", json=FINDING, headers={"X-CSRFToken": token})
    assert taken.status_code == 201


def test_a_key_needs_no_token_and_no_cookie_helps_a_wrong_key(site: Site) -> None:
    browser = site.signed_in()
    assert browser.client.post("/api/v1/findings", json=FINDING, headers=site.bearer()).status_code == 201
    wrong = {"Authorization": "Bearer bp_wrong"}
    for answer in (
        browser.client.post("/api/v1/findings", json=FINDING, headers=wrong),
        browser.client.get("/api/v1/findings", headers=wrong),
        browser.client.get("/api/v1/findings", headers={"Authorization": "Basic eDp5"}),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_opens_no_page(site: Site) -> None:
    assert site.client().get("/me", headers=site.bearer("administrator")).status_code == 401


def test_a_session_ends_after_hours_without_use(site: Site) -> None:
    browser = site.signed_in()
    for _ in range(4):
        site.later(hours=11)
        assert browser.get("/me").status_code == 200
    site.later(hours=12, seconds=1)
    assert browser.get("/me").status_code == 401


def test_a_session_ends_after_days_however_much_it_is_used(site: Site) -> None:
    browser = site.signed_in()
    for _ in range(16):
        site.later(hours=10)
        assert browser.get("/me").status_code == 200
    site.later(hours=10)
    assert browser.get("/me").status_code == 401


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(site: Site) -> None:
    site.user("li", "inspector")
    answer = site.client().sign_in("li")
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def forged(site: Site, token: str) -> Browser:
    browser = site.client()
    browser.client.set_cookie(COOKIE, token)
    return browser


@pytest.mark.parametrize("token", ["x", "null\u00e9", "a" * 3000, "' OR 1=1 --"])
def test_a_forged_cookie_is_nobody(site: Site, token: str) -> None:
    assert forged(site, token).get("/me").status_code == 401
    assert forged(site, token).get("/about").status_code == 200


@pytest.mark.parametrize(
    ("referer", "status"),
    [("https://localhost/sign-in", 303), ("https://evil.example/", 400), (None, 400)],
)
def test_over_tls_a_form_must_come_from_our_own_page(site: Site, referer: str | None, status: int) -> None:
    site.user("li", "inspector")
    browser = site.client()
    page = browser.client.get("/sign-in", base_url="https://localhost").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = browser.client.post(
        "/sign-in",
        base_url="https://localhost",
        data={"username": "li", "password": "correct horse 9", "csrf_token": token},
        headers={"Referer": referer} if referer else {},
    )
    assert answer.status_code == status
