"""Signing in and out, and one's own account."""

import pytest
from sqlalchemy import select, update

from casework import passwords
from casework.policy import SYSTEM
from db.models import City, User, UserSession
from tests.web.sites import PASSWORD, Site


def test_signing_in_leads_on_and_shows_who_one_is(site: Site) -> None:
    site.user("wang.li", "supervisor")
    browser = site.client()
    answer = browser.sign_in("Wang.Li", next="/about?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/about?x=1")
    page = browser.get("/me").get_data(as_text=True)
    assert "wang.li" in page
    assert "Supervisor" in page


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_signing_in_never_leads_to_another_host(site: Site, goal: str) -> None:
    site.user("li", "inspector")
    browser = site.client()
    assert browser.sign_in("li", next=goal).headers["Location"] == "/desk"
    assert browser.get(f"/sign-in?next={goal}").headers["Location"] == "/"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("li", "wrong password"), ("nobody", PASSWORD), ("", ""), ("li", ""), ("li\x00", PASSWORD),
        ("{{ 7*7 }}", "x" * 8), ("<img src=x onerror=alert(1)>", "y" * 8), ("x" * 10_000, "z" * 10_000),
    ],
)  # fmt: skip
def test_a_wrong_name_and_a_wrong_password_read_the_same(site: Site, username: str, password: str) -> None:
    site.user("li", "inspector")
    answer = site.client().sign_in(username, password)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "User name and password do not match" in page
    assert "<img src=x" not in page
    assert "49" not in page.split('name="username"')[1].split(">")[0]


def test_a_closed_account_opens_no_session(site: Site) -> None:
    from casework.accounts import deactivate

    browser = site.signed_in("inspector")
    deactivate(site.office, SYSTEM, "some.inspector")
    assert browser.get("/me").status_code == 401
    assert site.client().sign_in("some.inspector").status_code == 422


def test_guessing_is_slowed_down_and_says_for_how_long(site: Site) -> None:
    site.user("li", "inspector")
    browser = site.client()
    for _ in range(5):
        assert browser.sign_in("li", "wrong password").status_code == 422
    refused = browser.sign_in("li")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "1"
    assert "try again in 1 s" in refused.get_data(as_text=True)
    site.later(seconds=2)
    assert browser.sign_in("li").status_code == 303


def test_signing_in_gives_a_new_token_and_ends_the_old_one(site: Site) -> None:
    browser = site.signed_in("inspector")
    before, form = browser.token, browser.csrf_token("/me")
    again = browser.client.post(
        "/sign-in", data={"username": "some.inspector", "password": PASSWORD, "csrf_token": form}
    )
    assert again.status_code == 303
    assert browser.token != before
    thief = site.client()
    thief.client.set_cookie("baopian_session", before)
    assert thief.get("/me").status_code == 401


def test_a_token_put_into_the_browser_beforehand_is_not_taken_over(site: Site) -> None:
    site.user("li", "inspector")
    browser = site.client()
    browser.client.set_cookie("baopian_session", "planted")
    browser.sign_in("li")
    assert browser.token not in {"", "planted"}


def test_signing_out_ends_the_session_here_and_in_the_database(site: Site) -> None:
    browser = site.signed_in()
    token = browser.token
    answer = browser.post("/sign-out", {}, at="/me")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert browser.token == ""
    kept = site.client()
    kept.client.set_cookie("baopian_session", token)
    assert kept.get("/me").status_code == 401


def test_only_the_token_s_digest_is_stored(site: Site) -> None:
    browser = site.signed_in()
    with site.office.database.read() as session:
        stored = session.scalars(select(UserSession.token_hash)).one()
    assert len(stored) == 64
    assert browser.token not in stored


def change(site: Site, present: str, new: str, again: str | None = None) -> tuple[int, str]:
    browser = site.signed_in("handler")
    answer = browser.post("/me/password", {"present": present, "new": new, "again": again or new}, at="/me")
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("present", "new", "again", "words"),
    [
        ("wrong", "another password", None, "This is not the present password"),
        (PASSWORD, "tiny", None, "The password is too short: 8 characters or more"),
        (PASSWORD, "another password", "an other password", "The two new passwords differ"),
        (PASSWORD, passwords.DEMO_PASSWORD, None, "Everybody knows this password"),
    ],
)
def test_a_new_password_is_refused_with_the_reason(
    site: Site, present: str, new: str, again: str | None, words: str
) -> None:
    status, page = change(site, present, new, again)
    assert status == 422
    assert words in page
    assert new not in page


def test_a_new_password_signs_out_the_others_and_keeps_this_browser(site: Site) -> None:
    browser = site.signed_in("leader")
    other = site.client()
    other.sign_in("some.leader")
    new = "entirely different"
    browser.post("/me/password", {"present": PASSWORD, "new": new, "again": new}, at="/me")
    assert browser.get("/me").status_code == 200
    assert other.get("/me").status_code == 401
    assert site.client().sign_in("some.leader").status_code == 422
    assert site.client().sign_in("some.leader", new).status_code == 303


def test_other_browsers_can_be_signed_out(site: Site) -> None:
    browser = site.signed_in("leader")
    other = site.client()
    other.sign_in("some.leader")
    assert "Sign out the other browsers" in browser.get("/me").get_data(as_text=True)
    browser.post("/me/sessions", {}, at="/me")
    assert browser.get("/me").status_code == 200
    assert other.get("/me").status_code == 401


def make_demo(site: Site) -> None:
    site.user("demo.leader", "leader")
    with site.office.database.write() as session:
        session.execute(update(City).values(is_demo=True))
        session.execute(update(User).values(is_demo=True))


def test_the_demo_s_accounts_are_offered_on_the_demo_only(site: Site) -> None:
    assert passwords.DEMO_PASSWORD not in site.client().get("/sign-in").get_data(as_text=True)
    make_demo(site)
    page = site.client().get("/sign-in").get_data(as_text=True)
    assert passwords.DEMO_PASSWORD in page
    assert 'data-username="demo.leader"' in page


def test_somebody_signed_in_is_not_asked_again(site: Site) -> None:
    assert site.signed_in().get("/sign-in?next=/about").headers["Location"] == "/about"


@pytest.mark.parametrize(("language", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_the_page_speaks_both_languages(site: Site, language: str, tag: str) -> None:
    assert f'<html lang="{tag}"' in site.client(language).get("/sign-in").get_data(as_text=True)
