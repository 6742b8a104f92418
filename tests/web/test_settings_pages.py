"""Every settings page: for administrators only, and what was typed stays when it is refused."""

import html
import io
import json
import re

import pytest
import shapely

from casework import keys, people
from casework.policy import SYSTEM
from tests.web.sites import Browser, Site

PAGES = (
    "/settings", "/settings/people", "/settings/people/new", "/settings/bureaus", "/settings/bureaus/new",
    "/settings/categories", "/settings/categories/new", "/settings/rules", "/settings/rules/new",
    "/settings/levels", "/settings/city", "/settings/streets", "/settings/tracks", "/settings/messages",
    "/settings/keys",
)  # fmt: skip


@pytest.fixture
def admin(site: Site) -> Browser:
    site.app.add_url_rule("/areas/<code>", "areas.show", lambda code: code)
    site.app.add_url_rule("/findings/<int:finding_id>", "findings.show", lambda finding_id: str(finding_id))
    return site.signed_in("administrator")


def text(browser: Browser, path: str) -> str:
    page = browser.get(path)
    assert page.status_code == 200, path
    return page.get_data(as_text=True)


def send(browser: Browser, path: str, at: str, **data: str) -> tuple[int, str, str]:
    """Send a form of the page ``at``: status, page, where it leads."""
    answer = browser.post(path, data, at=at)
    return answer.status_code, answer.get_data(as_text=True), answer.headers.get("Location", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_there_in_both_languages(site: Site, language: str) -> None:
    browser = site.signed_in("administrator", language)
    for path in PAGES:
        assert 'class="set-' in text(browser, path), path


@pytest.mark.parametrize("role", ["leader", "supervisor", "inspector", "handler", "archivist"])
def test_nobody_else_sees_or_changes_anything(site: Site, role: str) -> None:
    browser = site.signed_in(role)
    for path in PAGES:
        assert browser.get(path).status_code == 403, path
    for path in (
        "/settings/rules/new",
        "/settings/levels",
        "/settings/city",
        "/settings/keys",
        "/settings/people/new",
    ):
        assert (
            browser.post(path, {"name": "x", "username": "ab", "role": "leader"}, at="/me").status_code == 403
        )
    assert "/settings" not in text(browser, "/me")


def test_who_is_not_signed_in_signs_in_first(site: Site) -> None:
    assert site.client().get("/settings/rules").status_code == 401


def test_the_menu_leads_here(admin: Browser) -> None:
    assert 'href="/settings"' in text(admin, "/me")


def test_a_form_without_its_token_changes_nothing(admin: Browser, site: Site) -> None:
    answer = admin.client.post("/settings/levels", data={"code": "x", "name_zh": "层"}, headers=admin.headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/settings/people/99",
        "/settings/accounts/99",
        "/settings/bureaus/99",
        "/settings/categories/99",
        "/settings/rules/99",
    ],
)
def test_what_is_not_there_is_not_found(admin: Browser, path: str) -> None:
    assert admin.get(path).status_code == 404


def test_what_was_typed_stays_beside_what_is_wrong(admin: Browser) -> None:
    status, page, _ = send(
        admin, "/settings/bureaus/new", "/settings/bureaus/new", code="CG", name_zh="第二城管局"
    )
    assert status == 422
    assert "第二城管局" in page
    assert "The code CG is taken" in page
    status, page, _ = send(
        admin,
        "/settings/categories/new",
        "/settings/categories/new",
        code="77",
        name_zh="",
        name_en="Only English",
    )
    assert status == 422
    assert "Chinese name is missing" in page
    assert "Only English" in page


def test_a_stale_form_says_what_changed_and_keeps_what_was_typed(admin: Browser, site: Site) -> None:
    before = text(admin, "/settings/bureaus/1")
    seen = before.split('name="seen" value="')[1].split('"')[0].replace("&#34;", '"')
    assert send(admin, "/settings/bureaus/1", "/settings/bureaus/1", name_zh="快一步", seen=seen)[0] == 303
    status, page, _ = send(admin, "/settings/bureaus/1", "/settings/bureaus/1", name_zh="慢一步", seen=seen)
    assert status == 409
    assert "CG局 → 快一步" in page
    assert 'value="慢一步"' in page


def test_a_made_up_password_is_shown_once_and_cached_nowhere(admin: Browser, site: Site) -> None:
    form = {"name_zh": "马建国", "username": "ma", "role": "inspector"}
    answer = admin.post("/settings/people/new", form, at="/settings/people/new")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    password = page.split("data-secret>")[1].split("<")[0]
    assert site.client().sign_in("ma", password).status_code == 303
    assert password not in text(admin, "/settings/people")


def test_person_account_and_duty(admin: Browser, site: Site) -> None:
    person = people.add_person(site.office, SYSTEM, {"name_zh": "马建国", "name_en": "Ma"}).person_id
    at = f"/settings/people/{person}"
    assert send(admin, f"{at}/duties", at, duty="leader", area="patch:A")[0] == 303
    assert "Leader" in text(admin, at)
    status, page, _ = send(admin, f"{at}/duties", at, duty="leader", area="patch:A", day="soon")
    assert status == 422
    assert "2026-09-02" in page
    status, page, _ = send(admin, f"{at}/account", at, username="ma", role="handler")
    assert status == 422
    assert "A handler belongs to a bureau" in page
    status, page, _ = send(
        admin, f"{at}/account", at, username="ma", role="handler", bureau="HW", password="long enough"
    )
    assert status == 303
    user = people.one_person(site.office, SYSTEM, person).accounts[0].id
    assert send(admin, f"/settings/accounts/{user}", at, role="inspector", areas="patch:B")[0] == 303
    assert send(admin, f"/settings/accounts/{user}/password", at)[0] == 200
    assert send(admin, f"/settings/accounts/{user}/password", at, password="short")[0] == 422
    for act in ("close", "reopen"):
        assert send(admin, f"/settings/accounts/{user}/{act}", at)[0] == 303
    for act in ("retire", "restore"):
        assert send(admin, f"{at}/{act}", at)[0] == 303
    assert send(admin, at, at, name_zh="马建军")[0] == 303
    assert "马建军" in text(admin, "/settings/people?q=马建军")


def test_the_last_administrator_stays(admin: Browser, site: Site) -> None:
    account = people.list_people(site.office, SYSTEM)[0].accounts[0].id
    at = f"/settings/accounts/{account}"
    status, page, _ = send(admin, at, at, role="leader")
    assert status == 422
    assert "last administrator" in page
    assert send(admin, f"{at}/close", at)[0] == 303
    assert "last administrator" in text(admin, at)


def test_a_rule_is_saved_only_after_its_preview(admin: Browser, site: Site) -> None:
    at = "/settings/rules/new"
    form = {"category": "0105", "area": "patch:A", "bureau": "HW", "act": "save"}
    status, page, _ = send(admin, at, at, step="save", **form)
    assert status == 200  # shown, not saved
    assert "What this would change" in page
    found = re.search(r'name="previewed" value="([^"]+)"', page)
    assert found
    previewed = html.unescape(found[1])
    others = json.loads(previewed)
    for other in (
        ["save", "0102", *others[2:]],
        [*others[:-1], [["CG", "HW", 3_000]]],
    ):  # other values, other numbers
        status, page, _ = send(admin, at, at, step="save", previewed=json.dumps(other), **form)
        assert status == 200
        assert "It would no longer change what you saw" in page
    assert send(admin, at, at, step="save", previewed=previewed, **form)[0] == 303
    status, page, _ = send(admin, at, at, step="preview", **form)
    assert status == 422
    assert "The rule 0105/A already says" in page
    assert "Open that rule" in page


def test_which_rule_decides(admin: Browser) -> None:
    page = text(admin, "/settings/rules?category=0102&area=patch:A")
    assert "R-02" in page.split("verdict")[1]
    assert admin.get("/settings/rules?category=none").status_code == 422
    assert "No such rule" in text(admin, "/settings/rules?q=zzz")


def test_bureaus_retire_and_come_back(admin: Browser) -> None:
    at = "/settings/bureaus/2"
    status, page, _ = send(admin, f"{at}/retire", at, step="save")
    assert status == 422
    assert "takes over its rules" in page
    status, page, _ = send(admin, f"{at}/retire", at, step="save", bureau="CG")
    assert status == 200
    assert "What this would change" in page
    assert send(admin, f"{at}/retire", at, step="save", bureau="CG", previewed="CG")[0] == 303
    assert "retired" in text(admin, at)
    assert send(admin, f"{at}/restore", at)[0] == 303


def test_categories_change_retire_and_come_back(admin: Browser) -> None:
    at = "/settings/categories/2"
    form = {"name_zh": "暴露垃圾", "parent": "01", "limit_value": "4", "limit_unit": "working_hour"}
    assert send(admin, at, at, **form)[0] == 303
    assert "4 working hours" in text(admin, "/settings/categories?q=垃圾")
    assert (
        send(admin, "/settings/categories/1", "/settings/categories/1", name_zh="x", parent="0102")[0] == 422
    )
    for act in ("retire", "restore"):
        assert send(admin, f"{at}/{act}", at)[0] == 303
    assert send(admin, "/settings/categories/1/retire", at)[0] == 303
    assert "are in use" in text(admin, "/settings/categories/1")


def test_levels(admin: Browser) -> None:
    at = "/settings/levels"
    assert send(admin, at, at, code="cell", name_zh="网格", parent="patch")[0] == 303
    assert send(admin, at, at, code="cell", name_zh="网格")[0] == 422
    assert send(admin, f"{at}/1", at, name_zh="", name_en="kept")[0] == 422
    assert send(admin, f"{at}/3/remove", at)[0] == 303
    assert send(admin, f"{at}/1/remove", at)[0] == 303
    assert "it stays" in text(admin, at)


def test_keys_are_shown_once_and_revoked(admin: Browser, site: Site) -> None:
    at = "/settings/keys"
    assert send(admin, at, at, name="sensors", role="handler")[0] == 422
    status, page, _ = send(admin, at, at, name="sensors", role="inspector")
    key = page.split("data-secret>")[1].split("<")[0]
    assert status == 200
    assert keys.bearer(site.office, key) is not None
    assert key not in text(admin, at)
    assert send(admin, f"{at}/{key[:10]}/revoke", at)[0] == 303
    assert keys.bearer(site.office, key) is None


def test_the_city_and_its_usual_language(admin: Browser, site: Site) -> None:
    at = "/settings/city"
    form = {"name_zh": "西宁市", "timezone": "Asia/Urumqi", "default_lang": "en"}
    assert send(admin, at, at, **{**form, "timezone": "Mars/X"})[0] == 422
    assert send(admin, at, at, **form)[0] == 303
    for asked, expected in (("fr", "en"), ("", "en"), ("zh-CN", "zh-CN")):
        page = site.app.test_client().get(
            "/sign-in", headers={"Accept": "text/html", "Accept-Language": asked}
        )
        assert f'<html lang="{expected}"' in page.get_data(as_text=True)


def test_the_extent_is_looked_at_first(admin: Browser) -> None:
    at = "/settings/city"
    shape = {
        "type": "Feature",
        "properties": {},
        "geometry": shapely.geometry.mapping(shapely.box(101, 36, 101.5, 37)),
    }

    def sent(content: bytes, name: str) -> tuple[int, str]:
        data = {"csrf_token": admin.csrf_token(at), "file": (io.BytesIO(content), name)}
        answer = admin.client.post(f"{at}/extent", data=data, headers=admin.headers)
        return answer.status_code, answer.get_data(as_text=True)

    status, page = sent(json.dumps(shape).encode(), "../../city.geojson")
    assert status == 200
    assert "In the file" in page
    draft = page.split('name="draft" value="')[1].split('"')[0].replace("&#43;", "+")
    assert send(admin, f"{at}/extent", at, draft=draft)[0] == 303
    for content, name in (
        (b"{", "city.geojson"),
        (b"", "x.geojson"),
        (b"MZ\x90", "virus.exe"),
        (b"PK", "a.zip"),
        (b"", ""),
    ):
        assert sent(content, name)[0] == 422, name
    assert send(admin, f"{at}/extent", at, draft="!!")[0] == 422


def test_the_base_map(admin: Browser) -> None:
    at = "/settings/city"
    tiles = {"kind": "xyz", "url": "https://t.example/{z}/{x}/{y}.png", "datum": "gcj02", "max_zoom": "18"}
    for wrong in ({"url": "https://t.example/"}, {"max_zoom": "99"}, {"max_zoom": "-1"}, {"datum": "x"}):
        status, page, _ = send(admin, f"{at}/basemap", at, **{**tiles, **wrong})
        assert status == 422
        assert "t.example" in page
    assert send(admin, f"{at}/basemap", at, **tiles)[0] == 303
    assert "https://t.example" in text(admin, at)
    assert send(admin, f"{at}/basemap", at, kind="none")[0] == 303
