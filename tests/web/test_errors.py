"""From exceptions to HTTP: problem+json for programs, pages for people."""

import logging

import pytest

from casework import errors
from casework.errors import CaseworkError, Refused, TooManyAttempts
from tests.web.sites import Site, raising
from web import bodies
from web.errors import PROBLEM, TITLES, status_of

EXPECTED = {
    errors.Refused: 422,
    errors.Refusals: 422,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.TooManyAttempts: 429,
    bodies.BadBody: 400,
    bodies.TooLarge: 413,
    bodies.WrongMediaType: 415,
}


def every_kind(kind: type[CaseworkError] = CaseworkError) -> list[type[CaseworkError]]:
    return [kind, *(found for below in kind.__subclasses__() for found in every_kind(below))]


@pytest.mark.parametrize("kind", [kind for kind in every_kind() if kind is not CaseworkError])
def test_every_refusal_has_its_status_and_a_title(kind: type[CaseworkError]) -> None:
    error = kind.__new__(kind)  # whatever its own __init__ asks for: the kind alone decides
    assert status_of(error) == next(EXPECTED[above] for above in kind.__mro__ if above in EXPECTED)
    assert status_of(error) in TITLES


def show(site: Site, error: CaseworkError, path: str = "/api/fail") -> None:
    def fail() -> str:
        raise error

    site.app.add_url_rule(path, path, fail)


def test_a_problem_names_type_title_status_detail_and_field(site: Site) -> None:
    show(site, Refused("%(field)s is missing", {"field": "lon"}, field="lon"))
    answer = site.client().get("/api/fail")
    assert answer.status_code == 422
    assert answer.mimetype == PROBLEM
    assert answer.json == {
        "type": "about:blank",
        "title": "Something in it cannot be taken",
        "status": 422,
        "detail": "lon is missing",
        "field": "lon",
    }


def test_several_faults_are_all_listed(site: Site) -> None:
    faults = [Refused("a is missing", field="a"), Refused("b is missing", field="b")]
    show(site, errors.Refusals(faults))
    body = site.client().get("/api/fail").json
    assert body is not None
    assert body["errors"] == [
        {"field": "a", "detail": "a is missing"},
        {"field": "b", "detail": "b is missing"},
    ]


def test_too_many_attempts_say_when_to_come_back(site: Site) -> None:
    show(site, TooManyAttempts("wait %(seconds)s s", {"seconds": 8}))
    answer = site.client().get("/api/fail")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "8")


def test_people_get_a_page_in_their_language_and_the_text_of_a_value_stays_text(site: Site) -> None:
    show(site, Refused("%(v)s is wrong", {"v": "<img src=x onerror=1>{{ 7*7 }}"}, field="v"), "/page")
    answer = site.client().get("/page")
    page = answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    assert "&lt;img src=x onerror=1&gt;{{ 7*7 }} is wrong" in page
    assert "Something in it cannot be taken" in page


@pytest.mark.parametrize(
    ("headers", "is_json"),
    [
        ({"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, False),
        ({"Accept": "*/*"}, False),
        ({"Accept": "application/json"}, True),
        ({"Accept": "*/*", "Sec-Fetch-Mode": "cors"}, True),
        ({"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}, False),
    ],
)
def test_scripts_get_json_where_people_get_pages(site: Site, headers: dict[str, str], is_json: bool) -> None:
    answer = site.client().get("/nowhere", headers=headers)
    assert answer.status_code == 404
    assert (answer.mimetype == PROBLEM) is is_json


def test_the_map_s_data_is_answered_with_json(site: Site) -> None:
    assert site.client().get("/map/nothing.json").mimetype == PROBLEM


def test_a_wrong_method_says_which_are_right(site: Site) -> None:
    answer = site.client().client.delete("/api/v1/findings/1")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.mimetype == PROBLEM


def test_a_request_that_is_too_large_is_refused(site: Site) -> None:
    site.app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = site.client().client.post("/sign-in", data={"username": "x" * 2000})
    assert answer.status_code == 413


@pytest.mark.parametrize(("path", "kind"), [("/breaks", "text/html"), ("/api/breaks", PROBLEM)])
def test_a_fault_of_ours_is_logged_and_never_shown(
    site: Site, caplog: pytest.LogCaptureFixture, path: str, kind: str
) -> None:
    raising(site.app, path)
    site.app.testing = False
    with caplog.at_level(logging.ERROR):
        answer = site.client().get(path)
    shown = answer.get_data(as_text=True)
    assert (answer.status_code, answer.mimetype) == (500, kind)
    assert "secret detail" not in shown
    assert "Traceback" not in shown
    assert "secret detail" in caplog.text
    reference = next(word for word in caplog.messages if word.startswith("reference ")).split()[1].strip(":")
    assert reference in shown
    assert "Content-Security-Policy" in answer.headers


def test_a_page_for_staff_shows_the_sign_in_form_instead_and_comes_back(site: Site) -> None:
    answer = site.client().get("/me?x=1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert 'name="next" value="/me?x=1"' in page


@pytest.mark.parametrize(
    "path",
    ["/static/%00.css", "/%00", "/%FF", "/language/%00", "/about?lang=%00", "/sign-in?next=%00%FF",
     "/static/" + "a" * 5000, "/about?_external=1&_anchor=x", "/api/v1/findings/%00"],
)  # fmt: skip
def test_no_address_breaks_the_server(site: Site, path: str) -> None:
    site.app.testing = False
    assert site.client().get(path).status_code in {200, 401, 404}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer"}, {"Authorization": "x" * 9000}, {"Authorization": "Bearer \xff"},
        {"Accept-Language": "zh;q=abc,,,;"}, {"Accept": ";;;,q=1"}, {"Cookie": "lang=\x01; baopian_session=;;=;"},
        {"X-CSRFToken": "\xff" * 100},
    ],
)  # fmt: skip
def test_no_header_breaks_the_server(site: Site, headers: dict[str, str]) -> None:
    site.app.testing = False
    assert site.app.test_client().get("/api/v1/findings", headers=headers).status_code == 401
    assert site.app.test_client().post("/sign-in", headers=headers).status_code == 400
    assert site.app.test_client().get("/about", headers=headers).status_code == 200
