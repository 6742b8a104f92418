"""The language switch."""

import pytest

from tests.web.sites import Site


def test_the_switch_keeps_the_language_and_comes_back(site: Site) -> None:
    browser = site.client("zh")
    answer = browser.get("/language/en?next=/about%3Fx%3D1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/about?x=1")
    assert '<html lang="en"' in browser.get("/about").get_data(as_text=True)


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example", "%5C%5Cevil.example", ""])
def test_the_switch_never_leads_to_another_host(site: Site, goal: str) -> None:
    assert site.client().get(f"/language/en?next={goal}").headers["Location"] == "/"


def test_other_languages_are_not_there(site: Site) -> None:
    assert site.client().get("/language/tlh").status_code == 404
