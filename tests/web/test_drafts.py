"""The pages and addresses of drafts: who gets in, what they answer, in whose language, and never a broken answer."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from werkzeug.test import TestResponse

from app import create_app
from casework import accounts
from casework.office import Office
from casework.policy import SYSTEM
from tests.factories.drafts import HALF, MIDDLE, SOUTH, WEST, drawn_city, within_street
from tests.factories.offices import office_at

PASSWORD = "correct horse 9"
GAP = shapely.Polygon([(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, HALF), (WEST, 36.519)])
STRANGE: list[Any] = [
    None, 3, "x", [], {}, [[]], {"revision": None}, {"revision": "1"}, {"revision": 1e400}, {"revision": 10**40},
    {"revision": 1, "changes": "all"}, {"revision": 1, "changes": [None]}, {"changes": [{"key": "a4"}]},
    {"revision": 1, "note": 3}, {"revision": 1, "problem": [], "fix": {}}, {"revision": 1, "all": True, "x": "\ud800"},
    {"text": {"a": 1}}, {"text": "x", "lon": "a", "lat": []}, {"revision": 1, "mine": 3}, {"keys": [1, 2], "key": {}},
    {"revision": 1, "title": "x" * 5000, "note": "\x00"}, {"on": []}, {"levels": {"a": 1}}, {"shapes": {"a4": 3}},
]  # fmt: skip


class Page:
    """A signed-in browser's JSON requests."""

    def __init__(self, app: Any, name: str = "", language: str = "en") -> None:
        self.client = app.test_client()
        self.headers = {"Accept": "application/json", "Accept-Language": language}
        if name:
            form = {"username": name, "password": PASSWORD, "csrf_token": self.token()}
            assert self.client.post("/sign-in", data=form).status_code == 303
        self.headers["X-CSRFToken"] = self.token("/report" if name else "/sign-in")

    def token(self, path: str = "/sign-in") -> str:
        text = self.client.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found
        return found[1]

    def get(self, path: str, **more: Any) -> TestResponse:
        answer: TestResponse = self.client.get(path, headers={**self.headers, **more})
        return answer

    def send(self, method: str, path: str, body: Any) -> TestResponse:
        answer: TestResponse = self.client.open(
            path, method=method, data=json.dumps(body), content_type="application/json", headers=self.headers
        )
        return answer

    def post(self, path: str, body: Any = None) -> TestResponse:
        return self.send("POST", path, {} if body is None else body)

    def put(self, path: str, body: Any) -> TestResponse:
        return self.send("PUT", path, body)


class Site:
    """The application on the city to draw in."""

    def __init__(self, office: Office) -> None:
        self.office, self.city = office, drawn_city(office)
        for role in ("supervisor", "administrator", "leader", "inspector", "handler", "archivist"):
            bureau = "CG" if role == "handler" else None
            accounts.create_user(office, SYSTEM, f"some.{role}", role, PASSWORD, bureau=bureau)
        self.app = create_app(office.settings)
        self.app.testing = True

    def page(self, role: str = "supervisor", language: str = "en") -> Page:
        return Page(self.app, f"some.{role}" if role else "", language)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with office_at(tmp_path) as office:
        yield Site(office)


def begun(page: Page, *levels: str) -> str:
    answer = page.post("/areas/drafts", {"levels": list(levels or ["patch"]), "title": "Market"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def test_a_draft_is_begun_saved_previewed_and_published(site: Site) -> None:
    page, city = site.page(), site.city
    finding = city.report(101.003, 36.5212)
    draft = begun(page)
    data = page.get(f"{draft}/data").get_json()
    assert data["draft"]["revision"] == 1
    assert len(data["areas"]) == 6
    changes = [city.change(code, shape) for code, shape in within_street().items()]
    saved = page.put(f"{draft}/shapes", {"revision": 1, "changes": changes}).get_json()
    assert (saved["revision"], saved["blocking"]) == (2, 0)
    assert [one["text"] for one in saved["problems"]] == ["Patch P4 has no leader"]
    told = page.post(f"{draft}/preview", {"revision": 2}).get_json()
    assert (told["area_changes"], told["findings"][0]["id"]) == (1, finding)
    done = page.post(f"{draft}/publish", {"revision": 2, "note": "why"})
    assert done.status_code == 200
    assert done.get_json()["findings_moved"] == 1
    assert page.get(done.get_json()["url"], Accept="text/html").status_code == 200
    assert city.patch_of(finding) == "P1"


def test_saving_behind_somebody_is_a_conflict_that_names_them(site: Site) -> None:
    page, other = site.page(), site.page("administrator")
    draft = begun(page)
    assert page.post(f"{draft}/share", {"on": True}).get_json()["revision"] == 2
    change = [site.city.change("P1", within_street()["P1"])]
    assert other.put(f"{draft}/shapes", {"revision": 2, "changes": change}).status_code == 200
    answer = page.put(f"{draft}/shapes", {"revision": 2, "changes": change})
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    body = answer.get_json()
    assert (body["who"], body["revision"]) == (["some.administrator"] * 2, 3)
    assert body["when"].startswith("2026-09-02T10:24:00")


def test_a_gap_is_told_in_the_language_of_the_page_with_ways_to_mend_it(site: Site) -> None:
    for language, text, fix in (
        ("en", "Nobody is responsible between Patch P1 and Patch P2, 9.9 ha", "Give to Patch P1"),
        ("zh", "片P1和片P2之间没有人管，9.9 公顷", "归片P1"),
    ):
        page = site.page(language=language)
        draft = begun(page)
        body = page.post(f"{draft}/check", {"changes": [site.city.change("P1", GAP)]}).get_json()
        gap = next(one for one in body["problems"] if one["kind"] == "gap")
        assert (gap["text"], body["blocking"], gap["known"]) == (text, 1, False)
        assert fix in {one["text"] for one in gap["fixes"]}
        west, south, east, north = gap["bbox"]
        assert west <= gap["at"][0] <= east
        assert south <= gap["at"][1] <= north
        assert gap["geometry"]["type"] == "Polygon"
        site.page().post(f"{draft}/discard", {"revision": 1})


def test_a_proposal_is_accepted_by_saving_it(site: Site) -> None:
    page = site.page()
    draft = begun(page)
    saved = page.put(f"{draft}/shapes", {"revision": 1, "changes": [site.city.change("P1", GAP)]}).get_json()
    gap = saved["problems"][0]
    assert page.post(f"{draft}/publish", {"revision": 2, "note": "x"}).get_json()["blocking"] == 1
    ways = page.post(f"{draft}/fixes", {"revision": 2, "problem": gap["id"], "fix": gap["fixes"][0]["id"]})
    [one] = ways.get_json()["differences"]
    assert re.fullmatch(r"Patch P[12] gains 9\.9 ha", one["text"])
    change = [{"key": one["key"], "geometry": one["after"]}]
    assert page.put(f"{draft}/shapes", {"revision": 2, "changes": change}).get_json()["blocking"] == 0
    assert page.post(f"{draft}/fixes", {"revision": 3, "all": True}).get_json() == {"differences": []}


def test_a_border_that_crosses_itself_is_refused_where_it_does(site: Site) -> None:
    page = site.page()
    draft = begun(page)
    bow = {
        "type": "Polygon",
        "coordinates": [[[101.0, 36.5], [101.02, 36.52], [101.02, 36.5], [101.0, 36.52]]],
    }
    answer = page.put(
        f"{draft}/shapes", {"revision": 1, "changes": [{"key": site.city.key("P1"), "geometry": bow}]}
    )
    body = answer.get_json()
    assert (answer.status_code, body["key"]) == (422, site.city.key("P1"))
    assert body["at"] == pytest.approx([101.01, 36.51])
    assert body["detail"].startswith("Patch P1: the border crosses itself at 101.01")


def test_tools_answer_shapes_or_say_why_not(site: Site) -> None:
    page, city = site.page(), site.city
    draft = begun(page)
    merged = page.post(f"{draft}/tools/merge", {"keys": [city.key("P1"), city.key("P2")]}).get_json()[
        "shapes"
    ]
    assert merged[city.key("P2")] is None
    refused = page.post(f"{draft}/tools/merge", {"keys": [city.key("P1"), city.key("P4")]})
    assert refused.status_code == 422
    assert refused.get_json()["why"] in {"only_a_point", "not_neighbours"}
    assert "Patch P1 and Patch P4" in refused.get_json()["detail"]
    assert page.post(f"{draft}/tools/hammer", {}).status_code == 404


def test_a_map_that_moved_on_is_a_conflict_until_it_is_taken_over(site: Site) -> None:
    page, city = site.page(), site.city
    first, second = begun(page), begun(page)
    for draft, at in ((first, 36.525), (second, 36.523)):
        changes = [city.change(code, shape) for code, shape in within_street(at).items()]
        assert page.put(f"{draft}/shapes", {"revision": 1, "changes": changes}).status_code == 200
    assert page.post(f"{first}/publish", {"revision": 2, "note": "x"}).status_code == 200
    late = page.post(f"{second}/publish", {"revision": 2, "note": "x"})
    assert (late.status_code, late.get_json()["stale"]) == (409, True)
    assert late.get_json()["who"] == ["some.supervisor", "some.supervisor"]
    listed = page.post(f"{second}/rebase", {"revision": 2}).get_json()
    keys = [one["key"] for one in listed["clashes"]]
    assert keys == [city.key("P1"), city.key("P2")]
    assert {"theirs", "mine", "who", "when", "name_zh"} <= set(listed["clashes"][0])
    settled = page.post(f"{second}/rebase", {"revision": listed["revision"], "mine": keys}).get_json()
    assert settled["clashes"] == []
    assert page.post(f"{second}/publish", {"revision": settled["revision"], "note": "x"}).status_code == 200


def test_comments_come_and_are_dealt_with(site: Site) -> None:
    page, leader = site.page(), site.page("leader")
    draft = begun(page)
    assert leader.get(f"{draft}/comments").status_code == 404
    page.post(f"{draft}/share", {"on": True})
    made = leader.post(f"{draft}/comments", {"text": "<b>{{7*7}}</b>", "lon": 101.01, "lat": 36.51})
    assert made.status_code == 201
    [one] = made.get_json()["comments"]
    assert (one["text"], one["place"]) == ("<b>{{7*7}}</b>", [101.01, 36.51])
    done = page.post(f"{draft}/comments/{one['id']}/resolve")
    assert done.get_json()["comments"][0]["resolved_at"] is not None
    again = page.post(f"{draft}/comments/{one['id']}/resolve", {"on": False})
    assert again.get_json()["comments"][0]["resolved_at"] is None


def test_the_list_shows_what_there_is_and_what_to_do_when_there_is_nothing(site: Site) -> None:
    page = site.page()
    empty = page.get("/areas/drafts", Accept="text/html").get_data(as_text=True)
    assert "You have no open draft." in empty
    assert 'name="levels" value="patch" checked' in empty
    form = {
        "levels": ["patch", "street"],
        "title": "<script>x</script>",
        "csrf_token": page.headers["X-CSRFToken"],
    }
    answer = page.client.post("/areas/drafts", data=form, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    shown = page.get("/areas/drafts", Accept="text/html").get_data(as_text=True)
    assert "&lt;script&gt;x&lt;/script&gt;" in shown
    assert "<script>x" not in shown
    assert "Sub-district, Patch" in shown
    looker = site.page("leader").get("/areas/drafts", Accept="text/html").get_data(as_text=True)
    assert "My drafts" not in looker
    assert "Begin a draft" not in looker
    assert site.page("handler").get("/areas/drafts", Accept="text/html").status_code == 403
    assert site.page("").get("/areas/drafts", Accept="text/html").status_code == 401


def test_no_level_ticked_is_refused_with_words(site: Site) -> None:
    page = site.page()
    form = {"title": "x", "csrf_token": page.headers["X-CSRFToken"]}
    answer = page.client.post(
        "/areas/drafts", data=form, headers={"Accept": "text/html", "Accept-Language": "en"}
    )
    assert answer.status_code == 422
    assert "choose at least one level" in answer.get_data(as_text=True)


def test_the_page_of_a_draft_is_for_who_may_see_it(site: Site) -> None:
    page = site.page()
    draft = begun(page)
    assert page.get(draft, Accept="text/html").status_code == 200
    assert site.page("leader").get(draft, Accept="text/html").status_code == 404
    page.post(f"{draft}/share", {"on": True})
    assert site.page("leader").get(draft, Accept="text/html").status_code == 200
    assert site.page("handler").get(draft, Accept="text/html").status_code == 403


def test_going_on_with_a_draft_and_looking_at_one_area(site: Site) -> None:
    page = site.page()
    draft = begun(page)
    answer = page.post("/areas/drafts", {"levels": ["patch"], "continue": 1, "focus": "a4"})
    assert answer.location == f"{draft}?focus=a4"


def test_a_discarded_draft_is_gone_from_the_list(site: Site) -> None:
    page = site.page()
    draft = begun(page)
    assert page.post(f"{draft}/discard", {}).status_code == 422
    assert page.post(f"{draft}/discard", {"revision": 7}).status_code == 409
    assert page.post(f"{draft}/discard", {"revision": 1}).get_json() == {"url": "/areas/drafts"}
    assert "You have no open draft." in page.get("/areas/drafts", Accept="text/html").get_data(as_text=True)


WRITES = (
    "shapes",
    "check",
    "fixes",
    "tools/split",
    "preview",
    "publish",
    "rebase",
    "share",
    "discard",
    "comments",
)


@pytest.mark.parametrize("where", WRITES)
def test_nothing_is_changed_without_the_token_of_a_page(site: Site, where: str) -> None:
    page = site.page()
    draft = begun(page)
    page.headers.pop("X-CSRFToken")
    assert page.send("PUT" if where == "shapes" else "POST", f"{draft}/{where}", {}).status_code == 400
    assert page.get(f"{draft}/data").get_json()["draft"]["revision"] == 1


@pytest.mark.parametrize("where", WRITES)
def test_strange_bodies_are_refused_never_broken(site: Site, where: str) -> None:
    page = site.page()
    draft = begun(page)
    method = "PUT" if where == "shapes" else "POST"
    for body in STRANGE:
        answer = page.send(method, f"{draft}/{where}", body)
        assert answer.status_code < 500, (body, answer.get_data(as_text=True))
    for path in (f"/areas/drafts/{10**30}/{where}", f"/areas/drafts/0/{where}", f"/areas/drafts/99/{where}"):
        answer = page.send(method, path, {"revision": 1, "changes": [], "note": "x", "text": "x"})
        assert answer.status_code == 404, path
    raw = page.client.open(
        f"{draft}/{where}",
        method=method,
        data=b"\xff{",
        content_type="application/json",
        headers=page.headers,
    )
    assert raw.status_code == 400
